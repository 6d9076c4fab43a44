//! Spatial dropout: whole channels of an image are dropped. Neighbouring pixels of a feature map are
//! similar, so dropping single ones removes little information.
//!
//! The mask has one number a channel, and comes from a counter, as that of
//! [`Dropout`](crate::layers::Dropout).

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::dropout::{check_rate, draw_mask};
use crate::kernels::{flat, flat_mut, simd::arch};
use crate::layer::{Layer, Mismatch, Mode, Params, Pass, Saved};

/// Sets whole channels of an image to zero at random while training; does nothing in prediction.
///
/// ```text
/// y[i, j, k] = x[i, j, k]·m[k]        m = 0 with probability `rate`, else 1/(1 - rate)
/// dx[i, j, k] = dy[i, j, k]·m[k]
/// ```
///
/// - **Plain twin**: [`reference::dropout2d`](crate::reference::dropout2d()), to read first.
/// - **Input**: (h, w, c).
/// - **Output**: (h, w, c).
/// - **Parameters**: none.
/// - **Errors**: inputs that are not images; a rate outside 0..1, or 1.
/// - **Source**: J. Tompson et al., "Efficient object localization using convolutional networks",
///   CVPR 2015.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::Array;
///
/// let model = Sequential::new([2, 2, 3]).add(Dropout2d::new(0.5))?;
/// let x = Array::ones([1, 2, 2, 3]).into_dyn();
/// assert_eq!(model.predict(&x)?, x);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Dropout2d {
    rate: f32,
}

impl Dropout2d {
    /// Creates a layer with this probability of a channel of zeros, from 0 up to, but not including,
    /// 1. It is checked when the layer is added to a model.
    pub fn new(rate: f32) -> Self {
        Dropout2d { rate }
    }
}

impl Layer for Dropout2d {
    /// Mask `m` of each sample.
    type Cache = Vec<f32>;

    fn name(&self) -> String {
        format!("Dropout2d({})", self.rate)
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        check_rate(self.rate)?;
        match input.len() {
            3 => Ok(input.to_vec()),
            _ => Err(Mismatch::new(
                "images of shape height×width×channels",
                "use `Dropout` for samples of other shapes",
            )),
        }
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> Vec<f32> {
        vec![1.0; max_batch * input[2]]
    }

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        masks: &mut Vec<f32>,
        pass: Pass<'_>,
    ) {
        let Mode::Train(noise) = pass.mode else {
            masks.fill(1.0);
            flat_mut(&mut y).copy_from_slice(flat(&x));
            return;
        };
        arch().dispatch(
            #[inline(always)]
            || {
                for (sample, mask) in masks.chunks_exact_mut(x.shape()[3]).enumerate() {
                    draw_mask(self.rate, noise.sample(sample), mask);
                }
            },
        );
        multiply(x.shape(), flat(&x), masks, flat_mut(&mut y));
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
        multiply(dy.shape(), flat(&dy), saved.cache, flat_mut(&mut dx));
    }
}

/// Computes `to = from·m` at every pixel of images of this shape.
fn multiply(shape: &[usize], from: &[f32], masks: &[f32], to: &mut [f32]) {
    let (image, channels) = (shape[1] * shape[2] * shape[3], shape[3]);
    let images = from.chunks_exact(image).zip(to.chunks_exact_mut(image));
    arch().dispatch(
        #[inline(always)]
        || {
            for ((from, to), mask) in images.zip(masks.chunks_exact(channels)) {
                let pixels = from.chunks_exact(channels).zip(to.chunks_exact_mut(channels));
                for (from, to) in pixels {
                    for ((to, from), m) in to.iter_mut().zip(from).zip(mask) {
                        *to = from * m;
                    }
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Noise;
    use crate::random::Key;
    use ndarray::Array4;

    #[test]
    fn channels_go_as_a_whole_at_the_rate_and_the_expectation_is_kept() {
        let (layer, rate) = (Dropout2d::new(0.3), 0.3f32);
        let shape = [100, 2, 3, 100];
        let (x, mut y) = (Array4::ones(shape).into_dyn(), Array4::zeros(shape).into_dyn());
        let mut masks = layer.new_cache(&shape[1..], shape[0]);
        let params = Params { values: &[], packed: &[] };
        let mode = Mode::Train(Noise::new(Key::new(1), 0));
        layer.forward(params, x.view(), y.view_mut(), &mut masks, mode.into());

        let y = flat(&y);
        for image in y.chunks_exact(600) {
            assert!(image.chunks_exact(100).all(|pixel| pixel == &image[..100]));
            assert!(image.iter().all(|&y| y == 0.0 || y == 1.0 / 0.7));
        }
        assert_ne!(y[..100], y[600..700], "every sample has its own mask");
        // Four standard deviations of 10,000 draws.
        let slack = 4.0 * (rate * (1.0 - rate) / 1e4).sqrt() / (1.0 - rate);
        let mean = y.iter().sum::<f32>() / y.len() as f32;
        assert!((mean - 1.0).abs() < slack, "mean {mean}");
    }
}
