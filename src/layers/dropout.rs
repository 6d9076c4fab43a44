//! Dropout: in training, each number is set to zero with probability `rate`.
//!
//! The scale `1/(1 - rate)` keeps the expectation of `y` at `x` ("inverted" dropout), so that
//! prediction is the identity. The mask comes from a counter (seed, step, layer, sample): the same
//! for any split of the batch over threads.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::kernels::{flat, flat_mut, simd::arch};
use crate::layer::{Layer, Mismatch, Mode, Params, Pass, Saved};
use crate::random::Key;

/// Sets inputs to zero at random while training; does nothing in prediction.
///
/// ```text
/// y = x·m        dx = dy·m        m = 0 with probability `rate`, else 1/(1 - rate)
/// ```
///
/// - **Plain twin**: [`reference::dropout`](crate::reference::dropout()), to read first.
/// - **Input**: any shape.
/// - **Output**: the same shape.
/// - **Parameters**: none.
/// - **Errors**: a rate outside 0..1, or 1.
/// - **Source**: N. Srivastava et al., "Dropout: a simple way to prevent neural networks from
///   overfitting", JMLR 15, 2014.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::Array;
///
/// let model = Sequential::new([8]).add(Dropout::new(0.5))?;
/// let x = Array::ones([1, 8]).into_dyn();
/// assert_eq!(model.predict(&x)?, x);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Dropout {
    rate: f32,
}

impl Dropout {
    /// Creates a layer with this probability of a zero, from 0 up to, but not including, 1. It is
    /// checked when the layer is added to a model.
    pub fn new(rate: f32) -> Self {
        Dropout { rate }
    }
}

impl Layer for Dropout {
    /// Mask `m` of each sample.
    type Cache = Vec<f32>;

    fn name(&self) -> String {
        format!("Dropout({})", self.rate)
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        check_rate(self.rate)?;
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
        pass: Pass<'_>,
    ) {
        let size = x.len() / x.shape()[0].max(1);
        let (x, y) = (flat(&x), flat_mut(&mut y));
        let Mode::Train(noise) = pass.mode else {
            mask.fill(1.0);
            y.copy_from_slice(x);
            return;
        };
        let samples = x.chunks(size).zip(y.chunks_mut(size)).zip(mask.chunks_mut(size));
        for (sample, ((x, y), mask)) in samples.enumerate() {
            self.drop(noise.sample(sample), x, y, mask);
        }
    }

    fn backward(
        &self,
        _params: Params<'_>,
        saved: Saved<'_, Vec<f32>>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        let Some(mut dx) = dx else { return };
        let (dx, dy, mask) = (flat_mut(&mut dx), flat(&dy), saved.cache);
        arch().dispatch(
            #[inline(always)]
            || {
                for ((dx, dy), m) in dx.iter_mut().zip(dy).zip(mask) {
                    *dx = dy * *m;
                }
            },
        );
    }
}

impl Dropout {
    /// Draws the mask of a sample, and computes `y = x·m`.
    fn drop(&self, key: Key, x: &[f32], y: &mut [f32], mask: &mut [f32]) {
        arch().dispatch(
            #[inline(always)]
            || {
                // A single loop for both took twice as long.
                draw_mask(self.rate, key, mask);
                for ((x, y), m) in x.iter().zip(y).zip(mask) {
                    *y = x * *m;
                }
            },
        );
    }
}

/// Refuses a rate outside 0..1, and 1, which would set all values to zero.
pub(super) fn check_rate(rate: f32) -> Result<(), Mismatch> {
    if !(0.0..1.0).contains(&rate) {
        return Err(Mismatch::new(
            format!("a rate from 0 up to, but not including, 1; its own is {rate}"),
            "0.2 to 0.5 is usual",
        ));
    }
    Ok(())
}

/// Draws `m`: 0 with probability `rate`, else `1/(1 - rate)`. The caller dispatches it.
#[inline(always)]
pub(super) fn draw_mask(rate: f32, key: Key, mask: &mut [f32]) {
    let threshold = (rate as f64 * 2f64.powi(32)) as u32;
    let keep = 1.0 / (1.0 - rate);
    for (m, counter) in mask.iter_mut().zip(0..) {
        *m = if key.hash(counter) < threshold { 0.0 } else { keep };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_met_and_the_expectation_kept() {
        for rate in [0.0, 0.2, 0.5, 0.9] {
            let mut mask = vec![f32::NAN; 100_003];
            let (x, mut y) = (vec![2.0; mask.len()], vec![f32::NAN; mask.len()]);
            Dropout::new(rate).drop(Key::new(1), &x, &mut y, &mut mask);
            assert!(y.iter().zip(&mask).all(|(y, m)| *y == 2.0 * m));
            let zeros = mask.iter().filter(|&&m| m == 0.0).count() as f32 / mask.len() as f32;
            let mean = mask.iter().sum::<f32>() / mask.len() as f32;
            // Four standard deviations of 100,003 draws.
            let slack = 4.0 * (rate * (1.0 - rate) / mask.len() as f32).sqrt();
            assert!((zeros - rate).abs() <= slack, "{zeros} zeros at rate {rate}");
            assert!((mean - 1.0).abs() <= slack / (1.0 - rate) + 1e-6, "mean {mean} at {rate}");
        }
    }
}
