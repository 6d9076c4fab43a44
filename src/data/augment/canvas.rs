//! An image while transforms work on it.

use super::Affine;
use super::resample::{Resample, pad};
use crate::kernels::simd::arch;
use crate::shape::checked_len;

/// The longest side of an image.
pub(super) const MAX_SIDE: usize = 32_768;

/// Room to work in, which grows to what the largest image needs and is then used again and again.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    source: Vec<f32>,
    room: Vec<f32>,
}

/// An image of shape (h, w, c) with values in 0..1, on which transforms work.
///
/// A map of the plane that it was given is not carried out at once: it waits for others, and until
/// somebody wants to see the pixels.
#[derive(Debug)]
pub struct Canvas<'a> {
    pixels: &'a mut [f32],
    shape: [usize; 3],
    fill: f32,
    /// The maps that have not been carried out, in one.
    pending: Affine,
    scratch: &'a mut Scratch,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(
        pixels: &'a mut [f32],
        shape: [usize; 3],
        fill: f32,
        scratch: &'a mut Scratch,
    ) -> Self {
        let [h, w, c] = shape;
        let len = checked_len(&shape);
        assert_eq!(Some(pixels.len()), len, "an image of {h}×{w}×{c} has as many values");
        assert!(h.max(w) <= MAX_SIDE, "an image of {h}×{w} is too large to be augmented");
        Canvas { pixels, shape, fill, pending: Affine::IDENTITY, scratch }
    }

    /// Height, width and channels.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// What shows where the image was moved away.
    pub fn fill(&self) -> f32 {
        self.fill
    }

    /// Moves the image. Maps that are given one after the other are composed into one, and the image
    /// is resampled once, with bilinear interpolation: each time would blur it.
    pub fn warp(&mut self, map: Affine) {
        self.pending = self.pending.then(map);
    }

    /// The values, in row-major order (h, w, c), after all that was done so far.
    pub fn pixels(&mut self) -> &mut [f32] {
        self.settle();
        self.pixels
    }

    /// The values, and `len` numbers of room to work in, which hold anything.
    pub fn pixels_and_room(&mut self, len: usize) -> (&mut [f32], &mut [f32]) {
        self.settle();
        (self.pixels, grown(&mut self.scratch.room, len))
    }

    /// Carries out what was put off.
    pub(super) fn settle(&mut self) {
        if self.pending != Affine::IDENTITY {
            self.resample(None);
        }
    }

    /// Room for `len` numbers, while what was put off waits.
    pub(super) fn room(&mut self, len: usize) -> &mut [f32] {
        grown(&mut self.scratch.room, len)
    }

    /// Moves each pixel's source by what the first 2·h·w numbers of the room say: first all `x`, then
    /// all `y`. One resampling does this and the maps that were put off.
    pub(super) fn displace(&mut self) {
        let plane = self.shape[0] * self.shape[1];
        let Scratch { room, .. } = &mut *self.scratch;
        let field = std::mem::take(room);
        self.resample(Some(field[..2 * plane].split_at(plane)));
        self.scratch.room = field;
    }

    fn resample(&mut self, field: Option<(&[f32], &[f32])>) {
        let source = pad(self.pixels, self.shape, self.fill, &mut self.scratch.source);
        let [height, width, _] = self.shape;
        let map = self.pending.of_pixels(height, width);
        let shape = self.shape;
        arch().dispatch(Resample { source, map, field, shape, to: self.pixels });
        self.pending = Affine::IDENTITY;
    }
}

/// The first `len` numbers of a vector that grows to that size.
fn grown(vector: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if vector.len() < len {
        vector.resize(len, 0.0);
    }
    &mut vector[..len]
}
