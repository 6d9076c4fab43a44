//! Layer normalization: each sample is brought to mean 0 and variance 1 by itself, so training and
//! prediction compute the same, in batches of any size.
//!
//! With `r = 1/√(σ² + ε)`, `x̂ = r·(x - μ)` and `g = scale·dy` = ∂L/∂x̂, the chain rule has three ways
//! from x̂ to x: directly, through the mean and through the deviation. `∂μ/∂xᵢ = 1/m` and
//! `∂r/∂xᵢ = -r²·x̂ᵢ/m`, and so
//!
//! ```text
//! dxᵢ = r·gᵢ  -  r·Σⱼ gⱼ/m  -  r·x̂ᵢ·Σⱼ gⱼ·x̂ⱼ/m
//! ```
//!
//! `dx` is `r·g` without its components along 1 and x̂: shifting or scaling all x does not change the
//! output, so the gradient has no component in these directions.
//!
//! The mean is that of the differences from the row's first number, which keeps the precision of small
//! deviations from a large mean. The variance is computed in a second pass.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::init::Init;
use crate::kernels::sums::{dot, sum};
use crate::kernels::{flat, flat_mut, simd::arch};
use crate::layer::{Layer, Mismatch, ParamSpec, Params, Pass, Saved, not_for_padding};

/// Normalizes each sample over its last axis, or its last axes.
///
/// ```text
/// x̂ = (x - μ)/√(σ² + ε)        y = scale·x̂ + shift        μ, σ²: mean and variance of the row
/// dx = (g - mean(g) - x̂·mean(g·x̂))/√(σ² + ε)             g = scale·dy
/// dscale = Σ dy·x̂              dshift = Σ dy
/// ```
///
/// - **Plain twin**: [`reference::layer_norm`](crate::reference::layer_norm()), to read first.
/// - **Input**: any shape of at least as many axes as are normalized.
/// - **Output**: the same shape.
/// - **Parameters**: `scale`, ones, and `shift`, zeros, both of the shape of the normalized axes: 2
///   numbers for each number of a row.
/// - **Errors**: no axes, or more than the samples have; an ε that is not above 0 and finite.
/// - **Source**: J. Ba, J. Kiros, G. Hinton, "Layer normalization", 2016.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let model = Sequential::new([2]).add(LayerNorm::new())?;
/// let y = model.predict(&array![[1001.0, 1003.0]])?;
/// assert!((y[[0, 0]] + 1.0).abs() < 1e-5 && (y[[0, 1]] - 1.0).abs() < 1e-5);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LayerNorm {
    axes: usize,
    epsilon: f32,
}

impl LayerNorm {
    /// Creates a layer that normalizes the last axis, with ε = 1e-5.
    pub fn new() -> Self {
        LayerNorm { axes: 1, epsilon: 1e-5 }
    }

    /// Normalizes this many of the last axes together.
    #[must_use]
    pub fn axes(self, axes: usize) -> Self {
        LayerNorm { axes, ..self }
    }

    /// Sets the `ε` that is added to the variance, so that a row of equal numbers is not divided by 0.
    #[must_use]
    pub fn epsilon(self, epsilon: f32) -> Self {
        LayerNorm { epsilon, ..self }
    }
}

impl Default for LayerNorm {
    fn default() -> Self {
        Self::new()
    }
}

/// Values of the forward pass that the backward pass reads, and a scratch buffer.
#[derive(Debug)]
pub struct LayerNormCache {
    /// Mean of each row, relative to its first number, and `1/√(σ² + ε)`.
    rows: Vec<(f32, f32)>,
    /// x̂ of the current row.
    normal: Vec<f32>,
}

impl Layer for LayerNorm {
    type Cache = LayerNormCache;

    fn name(&self) -> String {
        match self.axes {
            1 => "LayerNorm".to_string(),
            axes => format!("LayerNorm({axes} axes)"),
        }
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        check_epsilon(self.epsilon)?;
        if self.axes == 0 {
            return Err(Mismatch::new("at least one axis to normalize", "`.axes(1)` is the last"));
        }
        if self.axes > input.len() {
            return Err(Mismatch::new(
                format!("samples of at least {} axes, to normalize them", self.axes),
                "lower `.axes(...)`",
            ));
        }
        Ok(input.to_vec())
    }

    fn output_length(
        &self,
        _input: &[usize],
        output: &[usize],
        length: usize,
    ) -> Result<Option<usize>, Mismatch> {
        // The mean over the steps would count padding.
        if self.axes < output.len() { Ok(Some(length)) } else { Err(not_for_padding()) }
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        let row = &input[input.len() - self.axes..];
        vec![
            ParamSpec::new("scale", row, Init::Constant(1.0)),
            ParamSpec::new("shift", row, Init::Zeros),
        ]
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> LayerNormCache {
        let (outer, row) = input.split_at(input.len() - self.axes);
        let rows = max_batch * outer.iter().product::<usize>();
        LayerNormCache { rows: vec![(0.0, 0.0); rows], normal: vec![0.0; row.iter().product()] }
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut LayerNormCache,
        _pass: Pass<'_>,
    ) {
        let (scale, shift) = params.values.split_at(params.values.len() / 2);
        let size = scale.len();
        let rows = flat(&x).chunks_exact(size).zip(flat_mut(&mut y).chunks_exact_mut(size));
        arch().dispatch(
            #[inline(always)]
            || {
                for ((x, y), kept) in rows.zip(&mut cache.rows) {
                    for (y, &value) in y.iter_mut().zip(x) {
                        *y = value - x[0];
                    }
                    let mean = (sum(y) / size as f64) as f32;
                    for y in &mut *y {
                        *y -= mean;
                    }
                    let variance = dot(y, y) / size as f64;
                    let r = (1.0 / (variance + f64::from(self.epsilon)).sqrt()) as f32;
                    for ((y, &scale), &shift) in y.iter_mut().zip(scale).zip(shift) {
                        *y = (*y * r).mul_add(scale, shift);
                    }
                    *kept = (mean, r);
                }
            },
        );
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, LayerNormCache>,
        mut dy: ArrayViewMutD<'_, f32>,
        mut dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        let size = dparams.len() / 2;
        let (scale, (dscale, dshift)) = (&params.values[..size], dparams.split_at_mut(size));
        let LayerNormCache { rows, normal } = saved.cache;
        let mut dx = dx.as_mut().map(|dx| flat_mut(dx).chunks_exact_mut(size));
        let x = flat(&saved.x).chunks_exact(size);
        let samples = x.zip(flat_mut(&mut dy).chunks_exact_mut(size)).zip(rows);
        arch().dispatch(
            #[inline(always)]
            || {
                for ((x, g), &mut (mean, r)) in samples {
                    for (normal, &value) in normal.iter_mut().zip(x) {
                        *normal = (value - x[0] - mean) * r;
                    }
                    let sums = dscale.iter_mut().zip(&mut *dshift);
                    for (((dscale, dshift), &dy), &normal) in sums.zip(&*g).zip(&*normal) {
                        *dscale = dy.mul_add(normal, *dscale);
                        *dshift += dy;
                    }
                    let Some(dx) = dx.as_mut().and_then(Iterator::next) else { continue };
                    for (g, &scale) in g.iter_mut().zip(scale) {
                        *g *= scale;
                    }
                    let along_one = (sum(g) / size as f64) as f32;
                    let along_normal = (dot(g, normal) / size as f64) as f32;
                    for ((dx, &g), &normal) in dx.iter_mut().zip(&*g).zip(&*normal) {
                        *dx = r * (g - along_one - normal * along_normal);
                    }
                }
            },
        );
    }
}

/// Refuses an ε that would not keep the division of equal numbers finite.
pub(super) fn check_epsilon(epsilon: f32) -> Result<(), Mismatch> {
    if !(epsilon > 0.0 && epsilon.is_finite()) {
        return Err(Mismatch::new("a finite epsilon above 0", "1e-5 is usual"));
    }
    Ok(())
}
