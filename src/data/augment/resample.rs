//! Bilinear interpolation: an image as seen through a map.
//!
//! ```text
//! y(p) = Σ x(q)·(1 - |qₓ - sₓ|)·(1 - |q_y - s_y|)   over the four pixels q around s = M·(p + d(p))
//! ```
//!
//! The source has a border of the fill around it, and `s` is kept within one pixel of the image: what
//! comes from outside is then the fill, and no pixel needs to be asked whether it exists.

use std::ops::Range;

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
    fn with_simd<S: Simd>(mut self, _: S) {
        let [height, width, channels] = self.shape;
        let mut sources = Sources { at: [0; STRIP], right: [0.0; STRIP], below: [0.0; STRIP] };
        for y in 0..height {
            for x in (0..width).step_by(STRIP) {
                let n = STRIP.min(width - x);
                self.find(y, x, n, &mut sources);
                let to = (y * width + x) * channels..(y * width + x + n) * channels;
                match channels {
                    1 => self.blend(&sources, 1, to),
                    3 => self.blend(&sources, 3, to),
                    _ => self.blend(&sources, channels, to),
                }
            }
        }
    }
}

impl Resample<'_> {
    /// Blends the four neighbours of each source. Compiled for the usual numbers of channels apart.
    #[inline(always)]
    fn blend(&mut self, sources: &Sources, channels: usize, to: Range<usize>) {
        let stride = (self.shape[1] + 3) * channels;
        let Sources { at, right, below } = sources;
        let to = self.to[to].chunks_exact_mut(channels);
        for (((to, &at), &right), &below) in to.zip(at).zip(right).zip(below) {
            let at = at as usize * channels;
            let from = &self.source[at..at + stride + 2 * channels];
            let lerp = |share: f32, from: f32, to: f32| share.mul_add(to - from, from);
            for (c, to) in to.iter_mut().enumerate() {
                let top = lerp(right, from[c], from[c + channels]);
                let bottom = lerp(right, from[c + stride], from[c + stride + channels]);
                *to = lerp(below, top, bottom);
            }
        }
    }

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
            let px = (x as i32 + i as i32) as f32 + dx[i];
            let py = y as f32 + dy[i];
            let sx = from_border(a.mul_add(px, b.mul_add(py, c)), last_x);
            let sy = from_border(d.mul_add(px, e.mul_add(py, f)), last_y);
            let (column, row) = (sx.floor(), sy.floor());
            sources.at[i] = whole(row) * (width as i32 + 3) + whole(column);
            sources.right[i] = sx - column;
            sources.below[i] = sy - row;
        }
    }
}

/// Counted from the border, at -1, and not beyond it or the one at the other end. NaN is at the first.
#[inline(always)]
fn from_border(x: f32, last: f32) -> f32 {
    let x = if x > -1.0 { x } else { -1.0 };
    1.0 + if x < last { x } else { last }
}

/// A whole number below 2²³ as an integer. A cast would ask about all other numbers, one by one.
#[inline(always)]
fn whole(x: f32) -> i32 {
    const LOW_BITS: f32 = 8_388_608.0;
    ((x + LOW_BITS).to_bits() - LOW_BITS.to_bits()) as i32
}
