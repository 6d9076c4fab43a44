//! Group normalization: [`LayerNorm`](crate::layers::LayerNorm) for images, over all pixels and one
//! group of channels at a time. One group is a layer norm of the image, one group per channel is an
//! instance norm.
//!
//! The backward pass is that of a layer norm, over `m = h·w·c/groups` numbers. As `scale` is the
//! same at all pixels, its two sums over a group, of `scale·dy` and `scale·dy·x̂`, follow from the
//! sums `A = Σ dy` and `B = Σ dy·x̂` over the pixels of each channel. `dshift` and `dscale` are the same
//! sums, so one pass over the pixels serves both.
//!
//! Channels are contiguous: all sums run over the pixels, with every channel in a lane of its own, and
//! values of a group are stored once for each of its channels.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::layer_norm::check_epsilon;
use crate::init::Init;
use crate::kernels::sums::sum_columns;
use crate::kernels::{flat, flat_mut, simd::arch};
use crate::layer::{Layer, Mismatch, ParamSpec, Params, Pass, Saved};

/// Normalizes groups of channels of an image.
///
/// ```text
/// x̂ = (x - μ)/√(σ² + ε)        y = scale·x̂ + shift        μ, σ²: of one image and group
/// dx = (g - mean(g) - x̂·mean(g·x̂))/√(σ² + ε)             g = scale·dy
/// dscale = Σ dy·x̂              dshift = Σ dy              over samples and pixels
/// ```
///
/// - **Plain twin**: [`reference::group_norm`](crate::reference::group_norm()), to read first.
/// - **Input**: (h, w, c).
/// - **Output**: (h, w, c).
/// - **Parameters**: `scale` (c), ones, and `shift` (c), zeros: 2·c numbers.
/// - **Errors**: inputs that are not images; groups that do not divide the channels; an ε that is
///   not above 0 and finite.
/// - **Source**: Y. Wu, K. He, "Group normalization", ECCV 2018.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([8, 8, 3]).add(Conv2d::new(32, 3))?.add(GroupNorm::new(8))?;
/// assert_eq!(model.output_shape(), [6, 6, 32]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GroupNorm {
    groups: usize,
    epsilon: f32,
}

impl GroupNorm {
    /// Creates a layer with the channels in this many groups, and ε = 1e-5.
    pub fn new(groups: usize) -> Self {
        GroupNorm { groups, epsilon: 1e-5 }
    }

    /// Sets the `ε` that is added to the variance, so that a group of equal numbers is not divided by 0.
    #[must_use]
    pub fn epsilon(self, epsilon: f32) -> Self {
        GroupNorm { epsilon, ..self }
    }
}

/// Values of the forward pass that the backward pass reads, and scratch buffers.
#[derive(Debug)]
pub struct GroupNormCache {
    /// For each image and channel: the first number of the group, the mean relative to it, and
    /// `1/√(σ² + ε)`.
    kept: Vec<f32>,
    /// x - μ of the current image.
    centred: Vec<f32>,
    part: Vec<f32>,
    sums: [Vec<f64>; 2],
    factors: [Vec<f32>; 3],
}

impl Layer for GroupNorm {
    type Cache = GroupNormCache;

    fn name(&self) -> String {
        format!("GroupNorm({})", self.groups)
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        check_epsilon(self.epsilon)?;
        let &[_, _, channels] = input else {
            return Err(Mismatch::new(
                "images of shape height×width×channels",
                "use `LayerNorm` for samples of other shapes",
            ));
        };
        if self.groups == 0 || channels % self.groups != 0 {
            return Err(Mismatch::new(
                format!("channels in {} groups of equal size", self.groups),
                "take a number of groups that divides the channels",
            ));
        }
        Ok(input.to_vec())
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        vec![
            ParamSpec::new("scale", &input[2..], Init::Constant(1.0)),
            ParamSpec::new("shift", &input[2..], Init::Zeros),
        ]
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> GroupNormCache {
        let floats = || vec![0.0; input[2]];
        GroupNormCache {
            kept: vec![0.0; max_batch * 3 * input[2]],
            centred: vec![0.0; input.iter().product()],
            part: floats(),
            sums: [vec![0.0; input[2]], vec![0.0; input[2]]],
            factors: [floats(), floats(), floats()],
        }
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut GroupNormCache,
        _pass: Pass<'_>,
    ) {
        let (image, channels) = (x.shape()[1..].iter().product::<usize>(), x.shape()[3]);
        let (size, m) = (channels / self.groups, (image / self.groups) as f64);
        let (scale, shift) = params.values.split_at(channels);
        let GroupNormCache { kept, part, sums: [sums, _], factors: [factor, ..], .. } = cache;
        let images = flat(&x).chunks_exact(image).zip(flat_mut(&mut y).chunks_exact_mut(image));
        arch().dispatch(
            #[inline(always)]
            || {
                for ((x, y), kept) in images.zip(kept.chunks_exact_mut(3 * channels)) {
                    let (first, kept) = kept.split_at_mut(channels);
                    let (mean, r) = kept.split_at_mut(channels);
                    for (k, first) in first.iter_mut().enumerate() {
                        *first = x[k - k % size];
                    }
                    subtract(x, first, y);
                    sum_columns(y, y, part, sums, |y, _| y);
                    for_groups(mean, sums, size, |sum| sum / m);
                    subtract_from(y, mean);
                    sum_columns(y, y, part, sums, |y, _| y * y);
                    let epsilon = f64::from(self.epsilon);
                    for_groups(r, sums, size, |sum| 1.0 / (sum / m + epsilon).sqrt());
                    for ((factor, r), scale) in factor.iter_mut().zip(&*r).zip(scale) {
                        *factor = r * scale;
                    }
                    for y in y.chunks_exact_mut(channels) {
                        for ((y, &factor), &shift) in y.iter_mut().zip(&*factor).zip(shift) {
                            *y = y.mul_add(factor, shift);
                        }
                    }
                }
            },
        );
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, GroupNormCache>,
        dy: ArrayViewMutD<'_, f32>,
        mut dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        let (image, channels) = (dy.shape()[1..].iter().product::<usize>(), dy.shape()[3]);
        let (size, m) = (channels / self.groups, (image / self.groups) as f64);
        let (scale, (dscale, dshift)) =
            (&params.values[..channels], dparams.split_at_mut(channels));
        let GroupNormCache { kept, centred, part, sums: [a, b], factors } = saved.cache;
        let [along_dy, along_one, along_x] = factors;
        let mut dx = dx.as_mut().map(|dx| flat_mut(dx).chunks_exact_mut(image));
        let images = flat(&saved.x).chunks_exact(image).zip(flat(&dy).chunks_exact(image));
        arch().dispatch(
            #[inline(always)]
            || {
                for ((x, dy), kept) in images.zip(kept.chunks_exact(3 * channels)) {
                    let (first, kept) = kept.split_at(channels);
                    let (mean, r) = kept.split_at(channels);
                    subtract(x, first, centred);
                    subtract_from(centred, mean);
                    sum_columns(dy, dy, part, a, |dy, _| dy);
                    sum_columns(dy, centred, part, b, |dy, centred| dy * centred);
                    for k in 0..channels {
                        b[k] *= f64::from(r[k]);
                        dshift[k] += a[k] as f32;
                        dscale[k] += b[k] as f32;
                        a[k] *= f64::from(scale[k]);
                        b[k] *= f64::from(scale[k]);
                    }
                    let Some(dx) = dx.as_mut().and_then(Iterator::next) else { continue };
                    for_groups(along_one, a, size, |sum| sum / m);
                    for_groups(along_x, b, size, |sum| sum / m);
                    for k in 0..channels {
                        along_dy[k] = r[k] * scale[k];
                        along_one[k] *= r[k];
                        along_x[k] *= r[k] * r[k];
                    }
                    let pixels = dx.chunks_exact_mut(channels).zip(dy.chunks_exact(channels));
                    for ((dx, dy), x) in pixels.zip(centred.chunks_exact(channels)) {
                        let factors = along_dy.iter().zip(&*along_one).zip(&*along_x);
                        let numbers = dx.iter_mut().zip(dy).zip(x);
                        for (((dx, dy), x), ((along_dy, along_one), along_x)) in
                            numbers.zip(factors)
                        {
                            *dx = dy * along_dy - along_one - x * along_x;
                        }
                    }
                }
            },
        );
    }
}

/// Computes `to = from - row` at every pixel.
#[inline(always)]
fn subtract(from: &[f32], row: &[f32], to: &mut [f32]) {
    for (to, from) in to.chunks_exact_mut(row.len()).zip(from.chunks_exact(row.len())) {
        for ((to, from), row) in to.iter_mut().zip(from).zip(row) {
            *to = from - row;
        }
    }
}

/// Computes `to -= row` at every pixel.
#[inline(always)]
fn subtract_from(to: &mut [f32], row: &[f32]) {
    for to in to.chunks_exact_mut(row.len()) {
        for (to, row) in to.iter_mut().zip(row) {
            *to -= row;
        }
    }
}

/// Writes `f` of the sum over each group of `size` channels to each of its channels.
#[inline(always)]
fn for_groups(to: &mut [f32], sums: &[f64], size: usize, f: impl Fn(f64) -> f64) {
    for (to, sums) in to.chunks_exact_mut(size).zip(sums.chunks_exact(size)) {
        to.fill(f(sums.iter().sum()) as f32);
    }
}
