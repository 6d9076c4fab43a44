//! Smoothing with a Gaussian, one axis after the other.
//!
//! ```text
//! y(p) = Σ g(i)·g(j)·x(p + (i, j))        g(i) ∝ e^(-i²/2σ²) for |i| ≤ r,  Σ g = 1,  r = ⌊3σ + ½⌋
//! ```

use pulp::{Simd, WithSimd};

use crate::kernels::math::exp;
use crate::kernels::simd::arch;

/// The largest σ, in pixels.
pub(super) const MAX_SIGMA: f32 = 20.0;
const MAX_RADIUS: usize = 60;

/// How many numbers are in registers at once.
const STRIP: usize = 64;

/// A filter.
pub(super) struct Gaussian {
    weights: [f32; 2 * MAX_RADIUS + 1],
    /// How far it reaches.
    pub radius: usize,
}

impl Gaussian {
    /// With a standard deviation of `sigma` pixels, at most [`MAX_SIGMA`].
    pub fn new(sigma: f32) -> Self {
        let radius = ((3.0 * sigma + 0.5) as usize).min(MAX_RADIUS);
        let mut half = [0.0; MAX_RADIUS + 1];
        arch().dispatch(
            #[inline(always)]
            || {
                for (g, i) in half.iter_mut().zip(0..) {
                    let distance = i as f32 / sigma;
                    *g = exp(-0.5 * distance * distance);
                }
            },
        );
        half[0] = 1.0; // where σ is 0 too
        let sum = half[0] + 2.0 * half[1..=radius].iter().sum::<f32>();
        let mut weights = [0.0; 2 * MAX_RADIUS + 1];
        for (i, g) in half[..=radius].iter().enumerate() {
            weights[radius - i] = g / sum;
            weights[radius + i] = g / sum;
        }
        Gaussian { weights, radius }
    }

    /// The length of a row with its margins.
    pub fn pitch(&self, [_, width, channels]: [usize; 3]) -> usize {
        (width + 2 * self.radius) * channels
    }

    /// The length of an image of this shape with a margin of the radius all around.
    pub fn with_margins(&self, shape: [usize; 3]) -> usize {
        (shape[0] + 2 * self.radius) * self.pitch(shape)
    }

    /// How much room [`smooth`](Gaussian::smooth) takes.
    pub fn room(&self, shape: [usize; 3]) -> usize {
        2 * (self.with_margins(shape) + STRIP)
    }

    /// Smooths the image of this shape that is in the first part of the room, with its margins. In the
    /// result, rows still are one pitch apart, and begin with what counts.
    pub fn smooth<'a>(&self, shape: [usize; 3], room: &'a mut [f32]) -> &'a [f32] {
        let (pitch, margin) = (self.pitch(shape), 2 * self.radius * shape[2]);
        let weights = &self.weights[..2 * self.radius + 1];
        let (image, down) = room[..self.room(shape)].split_at_mut(self.with_margins(shape) + STRIP);
        let len = shape[0] * pitch;
        arch().dispatch(Correlate1d { weights, stride: pitch, from: image, len, to: down });
        // At the end of a row, sums run into the next one: nobody reads them.
        let len = len - margin;
        arch().dispatch(Correlate1d { weights, stride: shape[2], from: down, len, to: image });
        image
    }
}

/// `to[i] = Σₖ weights[k]·from[i + k·stride]` for `i < len`, and something up to the next strip's end.
struct Correlate1d<'a> {
    weights: &'a [f32],
    stride: usize,
    from: &'a [f32],
    len: usize,
    to: &'a mut [f32],
}

impl WithSimd for Correlate1d<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (first, to) in (0..self.len).step_by(STRIP).zip(self.to.chunks_exact_mut(STRIP)) {
            let mut sums = [0.0f32; STRIP];
            for (k, &weight) in self.weights.iter().enumerate() {
                let from = &self.from[first + k * self.stride..][..STRIP];
                for (sum, &x) in sums.iter_mut().zip(from) {
                    *sum = weight.mul_add(x, *sum);
                }
            }
            to.copy_from_slice(&sums);
        }
    }
}
