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
        let mut weights = [0.0; 2 * MAX_RADIUS + 1];
        let used = &mut weights[..2 * radius + 1];
        for (i, weight) in used.iter_mut().enumerate() {
            let distance = (i as f32 - radius as f32) / sigma;
            *weight = if i == radius { 1.0 } else { exp(-0.5 * distance * distance) };
        }
        let sum: f32 = used.iter().sum();
        used.iter_mut().for_each(|weight| *weight /= sum);
        Gaussian { weights, radius }
    }

    /// The length of a row with its margins.
    pub fn pitch(&self, [_, width, channels]: [usize; 3]) -> usize {
        (width + 2 * self.radius) * channels
    }

    /// How much room [`smooth`](Gaussian::smooth) takes.
    pub fn room(&self, shape: [usize; 3]) -> usize {
        2 * ((shape[0] + 2 * self.radius) * self.pitch(shape) + STRIP)
    }

    /// Smooths what `lay` writes: row after row of the image with a margin of the radius all around.
    /// In the result, rows still are one pitch apart, and begin with what counts.
    pub fn smooth<'a>(
        &self,
        shape: [usize; 3],
        room: &'a mut [f32],
        mut lay: impl FnMut(usize, &mut [f32]),
    ) -> &'a [f32] {
        let (pitch, rows) = (self.pitch(shape), shape[0] + 2 * self.radius);
        let weights = &self.weights[..2 * self.radius + 1];
        let (plane, across) = room[..self.room(shape)].split_at_mut(rows * pitch + STRIP);
        plane[..rows * pitch].chunks_exact_mut(pitch).enumerate().for_each(|(i, row)| lay(i, row));
        // At the end of a row, sums run into the next one: nobody reads them.
        let len = (rows * pitch).saturating_sub(2 * self.radius * shape[2]);
        arch().dispatch(Correlate { weights, stride: shape[2], from: plane, len, to: across });
        let len = shape[0] * pitch - 2 * self.radius * shape[2];
        arch().dispatch(Correlate { weights, stride: pitch, from: across, len, to: plane });
        plane
    }
}

/// `to[i] = Σₖ weights[k]·from[i + k·stride]` for `i < len`, and something up to the next strip's end.
struct Correlate<'a> {
    weights: &'a [f32],
    stride: usize,
    from: &'a [f32],
    len: usize,
    to: &'a mut [f32],
}

impl WithSimd for Correlate<'_> {
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
