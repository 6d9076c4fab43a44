//! BatchNorm: each channel is shifted and scaled to mean 0 and variance 1 over the batch.
//!
//! With `N` numbers of a channel in the batch, `μ = (1/N)·Σx` and `σ² = (1/N)·Σ(x - μ)²` both depend on
//! every `x`. The derivative through them is
//!
//! ```text
//! ∂x̂ⱼ/∂xᵢ = (δᵢⱼ - 1/N - x̂ᵢ·x̂ⱼ/N)/√(σ² + ε)
//! ```
//!
//! which subtracts from `dy` its mean and its component along `x̂`: the output does not change when all
//! inputs are shifted or scaled together, so the gradient has no component in these directions.
//!
//! The sums run over the whole batch, for any division into shards ([`BatchSums`]), and in 64 bits,
//! where `Σx² - (Σx)²/N` keeps the precision of 32-bit inputs.
//!
//! A ReLU that follows is part of the same passes. They are limited by memory, so one pass less saves
//! time.

mod statistics;

use std::any::Any;

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::Relu;
use super::layer_norm::check_epsilon;
use crate::init::Init;
use crate::kernels::{
    channels::{InputGradient, Normalize, OutputGradient},
    flat, flat_mut,
};
use crate::layer::{BatchSums, Layer, Mismatch, Mode, ParamSpec, Params, Pass, Saved};
pub use statistics::BatchNormCache;

/// Batch normalization over all axes but the last: of features (c), or of images (h, w, c).
///
/// ```text
/// x̂ = (x - μ)/√(σ² + ε)        y = scale·x̂ + shift
///
/// dshift = Σ dy,  dscale = Σ dy·x̂        over the batch
/// dx = scale/√(σ² + ε)·(dy - dshift/N - x̂·dscale/N)
/// ```
///
/// In training, `μ` and `σ²` are those of the batch, with the divisor `N`. Running means follow
/// them, `running ← (1 - momentum)·running + momentum·batch`, with a momentum of 0.1, and
/// `running_variance` follows `σ²·N/(N - 1)`: the conventions of PyTorch. (In Keras, momentum is the
/// share that is kept, 0.99 by default, and `running_variance` follows `σ²` itself.) In prediction the
/// running means replace `μ` and `σ²`, and the layer is a linear function of each number. The output of
/// a batch with a single number a channel is `shift` alone: let the last batch have several samples.
///
/// - **Plain twin**: [`reference::batch_norm`](crate::reference::batch_norm()), to read first.
/// - **Input**: any shape of at least one axis; the last one holds the channels.
/// - **Output**: the same shape.
/// - **Parameters**: `scale` (c), ones; `shift` (c), zeros; and the statistics `running_mean` (c),
///   zeros, and `running_variance` (c), ones: `4·c` numbers, of which half are learned.
/// - **Errors**: samples without an axis; a momentum outside 0..=1; an epsilon that is not positive.
/// - **Source**: S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by
///   reducing internal covariate shift", ICML 2015.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([28, 28, 1])
///     .add(Conv2d::new(8, 3))?
///     .add(BatchNorm::new())?
///     .add(Relu)?;
/// assert_eq!(model.output_shape(), [26, 26, 8]);
/// assert_eq!(model.param_count(), 9 * 8 + 8 + 4 * 8);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BatchNorm {
    momentum: f32,
    epsilon: f32,
    /// `true` if the passes include the ReLU that follows.
    #[serde(skip)]
    relu: bool,
}

impl BatchNorm {
    /// Creates a layer with momentum 0.1 and ε = 1e-5.
    #[allow(clippy::new_without_default)] // layers are made by `new`
    pub fn new() -> Self {
        BatchNorm { momentum: 0.1, epsilon: 1e-5, relu: false }
    }

    /// Sets the share by which the running means move towards each batch, in 0..=1.
    #[must_use]
    pub fn momentum(self, momentum: f32) -> Self {
        BatchNorm { momentum, ..self }
    }

    /// Sets the `ε` that keeps the division finite where a channel is constant.
    #[must_use]
    pub fn epsilon(self, epsilon: f32) -> Self {
        BatchNorm { epsilon, ..self }
    }

    fn inverse_deviation(&self, variance: f64) -> f32 {
        (1.0 / (variance + f64::from(self.epsilon)).sqrt()) as f32
    }
}

impl Layer for BatchNorm {
    type Cache = BatchNormCache;

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        if !(0.0..=1.0).contains(&self.momentum) {
            let wanted = format!("a momentum from 0 to 1; its own is {}", self.momentum);
            return Err(Mismatch::new(wanted, "0.1 is usual: the share that each batch has"));
        }
        check_epsilon(self.epsilon)?;
        if input.is_empty() {
            return Err(Mismatch::new("at least one axis", "give the samples an axis of channels"));
        }
        Ok(input.to_vec())
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        let channels = &input[input.len() - 1..];
        vec![
            ParamSpec::new("scale", channels, Init::Constant(1.0)),
            ParamSpec::new("shift", channels, Init::Zeros),
            ParamSpec::statistic("running_mean", channels, Init::Zeros),
            ParamSpec::statistic("running_variance", channels, Init::Constant(1.0)),
        ]
    }

    fn fuse(&self, next: &dyn Any) -> Option<Self> {
        next.is::<Relu>().then_some(BatchNorm { relu: true, ..*self })
    }

    fn batch_sums(&self) -> Option<&dyn BatchSums<BatchNormCache>> {
        Some(self)
    }

    fn new_cache(&self, input: &[usize], _max_batch: usize) -> BatchNormCache {
        let channels = input[input.len() - 1];
        BatchNormCache::new(channels)
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut BatchNormCache,
        pass: Pass<'_>,
    ) {
        let channels = cache.mean.len();
        let (scale, rest) = params.values.split_at(channels);
        let (shift, statistics) = rest.split_at(channels);
        if pass.mode == Mode::Infer {
            let (mean, variance) = statistics.split_at(channels);
            cache.mean.copy_from_slice(mean);
            for (inverse, &variance) in cache.inverse.iter_mut().zip(variance) {
                *inverse = self.inverse_deviation(f64::from(variance));
            }
            cache.dshift.fill(0.0);
            cache.dscale.fill(0.0);
        }
        let (x, y) = (flat(&x), flat_mut(&mut y));
        Normalize { normal: cache.normal(), scale, shift, lower_bound: self.lower_bound(), x, y }
            .run();
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, BatchNormCache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        let cache = saved.cache;
        let channels = cache.mean.len();
        let x = flat(&saved.x);
        let outputs =
            OutputGradient { y: flat(&saved.y), dy: flat(&dy), lower_bound: self.lower_bound() };
        if !cache.summed {
            cache.sum_gradients(x, outputs);
        }
        cache.summed = false;
        let (dscale, rest) = dparams.split_at_mut(channels);
        for c in 0..channels {
            rest[c] += cache.own[c] as f32;
            dscale[c] += cache.own[channels + c] as f32;
        }
        let Some(mut dx) = dx else { return };
        InputGradient {
            normal: cache.normal(),
            scale: &params.values[..channels],
            dshift: &cache.dshift,
            dscale: &cache.dscale,
            x,
            outputs,
            dx: flat_mut(&mut dx),
        }
        .run();
    }
}

impl BatchNorm {
    /// Lower bound of the outputs; only outputs above it have a gradient.
    fn lower_bound(&self) -> f32 {
        if self.relu { 0.0 } else { f32::NEG_INFINITY }
    }
}
