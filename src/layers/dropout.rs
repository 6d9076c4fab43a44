//! Dropout: in training, each number is set to zero with probability `rate`.
//!
//! With `mᵢ = 0` with probability `rate`, else `1/(1 - rate)`, drawn anew for each sample and step:
//!
//! ```text
//! y = x·m        dx = dy·m
//! ```
//!
//! The scale keeps the expectation of `y` at `x` ("inverted" dropout), so that prediction is the
//! identity. The mask comes from a counter (seed, step, layer, sample): the same for any split of
//! the batch over threads. Each number takes 16 random bits, so the rate is met to 1/65536.

use ndarray::{ArrayViewD, ArrayViewMutD};
use rand::Rng;

use super::{flat, flat_mut};
use crate::layer::{Layer, Misfit, Mode, Params, Saved};

/// Sets inputs to zero at random while training; does nothing in prediction.
///
/// Input and output: any shape. Source: N. Srivastava et al., "Dropout: a simple way to prevent
/// neural networks from overfitting", JMLR 15, 2014.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::Array;
///
/// let model = Sequential::new([8]).add(Dropout::new(0.5))?;
/// let x = Array::ones([1, 8]).into_dyn();
/// assert_eq!(model.predict(x.view())?, x);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    rate: f32,
}

impl Dropout {
    /// With this probability of a zero, in 0..1 (without 1; checked when it joins a model).
    pub fn new(rate: f32) -> Self {
        Dropout { rate }
    }
}

impl Layer for Dropout {
    /// The mask `m` of each sample.
    type Cache = Vec<f32>;

    fn name(&self) -> String {
        format!("Dropout({})", self.rate)
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Misfit> {
        if !(0.0..1.0).contains(&self.rate) {
            return Err(Misfit::new(
                format!("a rate from 0 up to, but not including, 1; its own is {}", self.rate),
                "0.2 to 0.5 is usual",
            ));
        }
        Ok(input.to_vec())
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> Vec<f32> {
        vec![1.0; max_batch * input.iter().product::<usize>()]
    }

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        mask: &mut Vec<f32>,
        mode: Mode,
    ) {
        let size = x.len() / x.shape()[0].max(1);
        let (x, y) = (flat(&x), flat_mut(&mut y));
        let Mode::Train(noise) = mode else {
            mask.fill(1.0);
            y.copy_from_slice(x);
            return;
        };
        for (sample, mask) in mask[..x.len()].chunks_mut(size).enumerate() {
            draw_mask(self.rate, noise.sample(sample).rng(), mask);
        }
        for ((y, x), m) in y.iter_mut().zip(x).zip(mask.iter()) {
            *y = x * m;
        }
    }

    fn backward(
        &self,
        _params: Params<'_>,
        saved: Saved<'_, Vec<f32>>,
        dy: ArrayViewD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        let Some(mut dx) = dx else { return };
        for ((dx, dy), m) in flat_mut(&mut dx).iter_mut().zip(flat(&dy)).zip(saved.cache.iter()) {
            *dx = dy * m;
        }
    }
}

/// Four numbers of the mask from each 64 random bits.
fn draw_mask(rate: f32, mut rng: impl Rng, mask: &mut [f32]) {
    let threshold = (rate * 65536.0).round() as u64;
    let keep = 1.0 / (1.0 - rate);
    for four in mask.chunks_mut(4) {
        let bits = rng.next_u64();
        for (i, m) in four.iter_mut().enumerate() {
            *m = if (bits >> (16 * i)) & 0xffff < threshold { 0.0 } else { keep };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;

    #[test]
    fn the_rate_is_met_and_the_expectation_kept() {
        for rate in [0.0, 0.2, 0.5, 0.9] {
            let mut mask = vec![f32::NAN; 100_003];
            draw_mask(rate, Key::new(1).rng(), &mut mask);
            let zeros = mask.iter().filter(|&&m| m == 0.0).count() as f32 / mask.len() as f32;
            let mean = mask.iter().sum::<f32>() / mask.len() as f32;
            // Four standard deviations of 100,003 draws.
            let slack = 4.0 * (rate * (1.0 - rate) / mask.len() as f32).sqrt();
            assert!((zeros - rate).abs() <= slack, "{zeros} zeros at rate {rate}");
            assert!((mean - 1.0).abs() <= slack / (1.0 - rate) + 1e-6, "mean {mean} at {rate}");
        }
    }
}
