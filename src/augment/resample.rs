//! Bilinear interpolation: an image as seen through a map.
//!
//! ```text
//! y(p) = Σ x(q)·(1 - |qₓ - sₓ|)·(1 - |q_y - s_y|)   over the four pixels q around s = M·(p + d(p))
//! ```
//!
//! The source has a border of the fill around it, and `s` is kept within one pixel of the image: what
//! comes from outside is then the fill, and no pixel needs to be asked whether it exists.

use pulp::{Simd, WithSimd};

/// How many pixels of a row have their sources computed at once, in whole vectors.
const STRIP: usize = 32;

/// Copies an image into `to`, with a border of the fill: a row or column before it and two after it,
/// so that each pixel and those next to the image have a right and a lower neighbour.
pub(super) fn pad<'a>(
    image: &[f32],
    [height, width, channels]: [usize; 3],
    fill: f32,
    to: &'a mut Vec<f32>,
) -> &'a [f32] {
    let stride = (width + 3) * channels;
    to.clear();
    to.resize((height + 3) * stride, fill);
    if !image.is_empty() {
        let rows = to[stride + channels..].chunks_mut(stride);
        for (to, row) in rows.zip(image.chunks_exact(width * channels)) {
            to[..row.len()].copy_from_slice(row);
        }
    }
    to
}

/// Overwrites `to`, an image of this shape, with the `source`, which [`pad`] made, through `map`.
pub(super) struct Resample<'a> {
    pub source: &'a [f32],
    pub map: [[f32; 3]; 2],
    pub field: Option<(&'a [f32], &'a [f32])>,
    pub shape: [usize; 3],
    pub to: &'a mut [f32],
}

/// Where the pixels of a strip come from: the place of the upper left of four neighbours, and the
/// shares of the right and the lower ones.
struct Sources {
    at: [i32; STRIP],
    right: [f32; STRIP],
    below: [f32; STRIP],
}

impl WithSimd for Resample<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let [height, width, channels] = self.shape;
        let stride = (width + 3) * channels;
        let mut sources = Sources { at: [0; STRIP], right: [0.0; STRIP], below: [0.0; STRIP] };
        for y in 0..height {
            for x in (0..width).step_by(STRIP) {
                let first = y * width + x;
                let n = STRIP.min(width - x);
                self.find(y, x, n, &mut sources);
                let to = &mut self.to[first * channels..][..n * channels];
                if channels == 1 {
                    for (i, to) in to.iter_mut().enumerate() {
                        let at = sources.at[i] as usize;
                        let (top, bottom) = (&self.source[at..], &self.source[at + stride..]);
                        let (right, below) = (sources.right[i], sources.below[i]);
                        let top = right.mul_add(top[1] - top[0], top[0]);
                        let bottom = right.mul_add(bottom[1] - bottom[0], bottom[0]);
                        *to = below.mul_add(bottom - top, top);
                    }
                } else {
                    for (i, to) in to.chunks_exact_mut(channels).enumerate() {
                        let at = sources.at[i] as usize * channels;
                        let top = &self.source[at..][..2 * channels];
                        let bottom = &self.source[at + stride..][..2 * channels];
                        let (right, below) = (sources.right[i], sources.below[i]);
                        for (c, to) in to.iter_mut().enumerate() {
                            let top = right.mul_add(top[c + channels] - top[c], top[c]);
                            let bottom = right.mul_add(bottom[c + channels] - bottom[c], bottom[c]);
                            *to = below.mul_add(bottom - top, top);
                        }
                    }
                }
            }
        }
    }
}

impl Resample<'_> {
    /// Where `n` pixels from (y, x) on come from.
    #[inline(always)]
    fn find(&self, y: usize, x: usize, n: usize, sources: &mut Sources) {
        let [height, width, _] = self.shape;
        let (mut dx, mut dy) = ([0.0; STRIP], [0.0; STRIP]);
        if let Some((fx, fy)) = self.field {
            let first = y * width + x;
            dx[..n].copy_from_slice(&fx[first..][..n]);
            dy[..n].copy_from_slice(&fy[first..][..n]);
        }
        let [[a, b, c], [d, e, f]] = self.map;
        let (last_x, last_y) = (width as f32, height as f32);
        for i in 0..STRIP {
            let px = (x + i) as f32 + dx[i];
            let py = y as f32 + dy[i];
            // Counted from the border, which begins at -1.
            let sx = a.mul_add(px, b.mul_add(py, c)).clamp(-1.0, last_x) + 1.0;
            let sy = d.mul_add(px, e.mul_add(py, f)).clamp(-1.0, last_y) + 1.0;
            let (column, row) = (sx as i32, sy as i32);
            sources.at[i] = row * (width as i32 + 3) + column;
            sources.right[i] = sx - column as f32;
            sources.below[i] = sy - row as f32;
        }
    }
}
