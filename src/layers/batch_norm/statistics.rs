//! Sums of batch normalization over the whole batch: the moments in the forward pass, and the means of
//! the gradient in the backward pass.

use ndarray::ArrayViewD;

use super::BatchNorm;
use crate::kernels::{
    channels::{Normal, OutputGradient, add_moments, sum_gradients},
    flat,
};
use crate::layer::{BatchSums, Lengths, Saved};

/// Cache of batch normalization, channel by channel.
#[derive(Debug)]
pub struct BatchNormCache {
    /// Number of values of a channel in the batch.
    n: f64,
    pub(super) mean: Vec<f32>,
    /// 1/√(σ² + ε)
    pub(super) inverse: Vec<f32>,
    /// Σ dy/N and Σ dy·x̂/N over the batch; zeros in prediction, where the moments are constants.
    pub(super) dshift: Vec<f32>,
    pub(super) dscale: Vec<f32>,
    /// Σ dy and Σ dy·x̂ over the current shard; valid where `summed` is `true`.
    pub(super) own: Vec<f64>,
    pub(super) summed: bool,
}

/// Mean and variance of a channel from Σx and Σx².
fn moments(sum: f64, squares: f64, n: f64) -> (f64, f64) {
    let mean = sum / n;
    (mean, (squares / n - mean * mean).max(0.0))
}

impl BatchNormCache {
    pub(super) fn new(channels: usize) -> Self {
        let zeros = || vec![0.0; channels];
        BatchNormCache {
            n: 0.0,
            mean: zeros(),
            inverse: zeros(),
            dshift: zeros(),
            dscale: zeros(),
            own: vec![0.0; 2 * channels],
            summed: false,
        }
    }

    pub(super) fn normal(&self) -> Normal<'_> {
        Normal { mean: &self.mean, inverse: &self.inverse }
    }

    /// Computes `own`: Σdy, then Σdy·x̂, over a shard.
    pub(super) fn sum_gradients(&mut self, x: &[f32], outputs: OutputGradient<'_>) {
        let BatchNormCache { mean, inverse, own, .. } = self;
        let (dshift, dscale) = own.split_at_mut(mean.len());
        sum_gradients(Normal { mean, inverse }, x, outputs, dshift, dscale);
    }
}

impl BatchSums<BatchNormCache> for BatchNorm {
    fn len(&self, input: &[usize]) -> usize {
        2 * input[input.len() - 1] + 1
    }

    /// Adds Σx, then Σx², and the number of values of a channel. Padding, which is zero, is not counted.
    fn add_forward(&self, x: ArrayViewD<'_, f32>, lengths: Lengths<'_>, sums: &mut [f64]) {
        let (samples, steps) = (x.shape()[0], x.shape()[1]);
        let x = flat(&x);
        let channels = sums.len() / 2;
        let step = x.len() / (samples * steps).max(1);
        let counted: usize = (0..samples).map(|sample| lengths.of(sample, steps) * step).sum();
        let (sum, rest) = sums.split_at_mut(channels);
        let (squares, n) = rest.split_at_mut(channels);
        n[0] += (counted / channels) as f64;
        add_moments(x, sum, squares);
    }

    fn take_forward(&self, sums: &[f64], cache: &mut BatchNormCache) {
        let channels = cache.mean.len();
        cache.n = sums[2 * channels];
        for c in 0..channels {
            let (mean, variance) = moments(sums[c], sums[channels + c], cache.n);
            cache.mean[c] = mean as f32;
            cache.inverse[c] = self.inverse_deviation(variance);
        }
    }

    /// Adds Σdy, then Σdy·x̂.
    fn add_backward(
        &self,
        saved: Saved<'_, BatchNormCache>,
        dy: ArrayViewD<'_, f32>,
        sums: &mut [f64],
    ) {
        let cache = saved.cache;
        let outputs =
            OutputGradient { y: flat(&saved.y), dy: flat(&dy), lower_bound: self.lower_bound() };
        cache.sum_gradients(flat(&saved.x), outputs);
        cache.summed = true;
        for (sum, own) in sums.iter_mut().zip(&cache.own) {
            *sum += own;
        }
    }

    fn take_backward(&self, sums: &[f64], cache: &mut BatchNormCache) {
        let channels = cache.mean.len();
        for c in 0..channels {
            cache.dshift[c] = (sums[c] / cache.n) as f32;
            cache.dscale[c] = (sums[channels + c] / cache.n) as f32;
        }
    }

    fn update_statistics(&self, sums: &[f64], params: &mut [f32]) {
        let channels = sums.len() / 2;
        let n = sums[2 * channels];
        let momentum = f64::from(self.momentum);
        let follow = |running: &mut f32, batch: f64| {
            *running = ((1.0 - momentum) * f64::from(*running) + momentum * batch) as f32;
        };
        let (means, variances) = params[2 * channels..].split_at_mut(channels);
        for c in 0..channels {
            let (mean, variance) = moments(sums[c], sums[channels + c], n);
            follow(&mut means[c], mean);
            follow(&mut variances[c], variance * n / (n - 1.0).max(1.0));
        }
    }
}
