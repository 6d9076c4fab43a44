//! The way through all tiles of an image.

use pulp::{Simd, WithSimd};

use crate::kernels::{ALIGN, Span};

/// Sizes of the images that are read and written.
#[derive(Clone, Copy)]
pub(super) struct ImageSizes {
    /// Height and width of the images that are read.
    pub input: [usize; 2],
    /// Height and width of those that are written.
    pub output: [usize; 2],
    pub kernel_width: usize,
    pub channels: usize,
}

/// The way through all tiles of a batch of images.
pub(super) struct TileWalk<'a, P> {
    pub sizes: ImageSizes,
    pub rows: &'a [Span],
    pub cols: &'a [Span],
    /// Whether outputs are visited in ascending order.
    pub in_order: bool,
    pub pass: P,
}

/// What is done with a tile.
pub(super) trait TilePass {
    /// How many floats there are in all images of `x`, and of `y`.
    fn lens(&self) -> (usize, usize);

    /// Whether it overwrites `y`, and may do so twice.
    const WRITES: bool;

    /// `R` pixels × `C` vectors from channel `o` on; or, unless `WHOLE`, the `len` channels that are
    /// left there.
    fn tile<S: Simd, const R: usize, const C: usize, const WHOLE: bool>(
        &mut self,
        simd: S,
        tile: PixelTile,
        o: usize,
        len: usize,
    );
}

/// Neighbouring pixels, and the taps that they share.
#[derive(Clone, Copy)]
pub(super) struct PixelTile {
    /// Where the first pixel's window starts and where its output goes, and the way to the next.
    pub x: usize,
    pub y: usize,
    pub x_step: usize,
    pub y_step: usize,
    /// The taps, and the way in the image from one to the next.
    pub taps: [usize; 2],
    pub x_tap: [usize; 2],
    /// Where the first tap's weights start, and the way from one tap to the next.
    pub w: usize,
    pub w_tap: [usize; 2],
}

impl PixelTile {
    /// How far a window of `width` channels reaches.
    #[inline(always)]
    fn span(&self, width: usize) -> usize {
        let [down, across] = self.taps;
        if down == 0 {
            0
        } else {
            (down - 1) * self.x_tap[0] + (across - 1) * self.x_tap[1] + width
        }
    }

    /// The windows of `R` pixels from channel `o` on. All have one length, so that a single bounds
    /// check serves them all.
    #[inline(always)]
    pub fn windows<'a, const R: usize>(
        &self,
        x: &'a [f32],
        o: usize,
        width: usize,
    ) -> [&'a [f32]; R] {
        let mut windows = [x; R];
        for r in 0..R {
            windows[r] = match self.span(width) {
                0 => &[],
                span => &x[self.x + r * self.x_step + o..][..span],
            };
        }
        windows
    }
}

impl<P: TilePass> WithSimd for TileWalk<'_, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let ImageSizes { input, output, kernel_width, channels: c } = self.sizes;
        let (x_row, y_row, width) = (input[1] * c, output[1] * c, c.next_multiple_of(ALIGN));
        let images = self.pass.lens().1 / (output[0] * y_row);
        for image in 0..images {
            for r in self.rows {
                for j in 0..r.len {
                    let x_top = (image * input[0] + r.in_start + j * r.in_step) * x_row;
                    let y_top = (image * output[0] + r.out_start + j * r.out_step) * y_row;
                    for s in self.cols {
                        let seen = s.taps > 0;
                        let tile = PixelTile {
                            x: x_top + s.in_start * c,
                            y: y_top + s.out_start * c,
                            x_step: s.in_step * c,
                            y_step: s.out_step * c,
                            taps: [if seen { r.taps } else { 0 }, s.taps],
                            x_tap: [r.tap_step * x_row, s.tap_step * c],
                            w: (r.tap_start * kernel_width + s.tap_start) * width,
                            w_tap: [kernel_width * width, width],
                        };
                        self.run(simd, tile, s.len);
                    }
                }
            }
        }
    }
}

impl<P: TilePass> TileWalk<'_, P> {
    /// `count` pixels side by side, as many at a time as leave registers for two vectors each, or for
    /// four where they are few.
    #[inline(always)]
    fn run<S: Simd>(&mut self, simd: S, first: PixelTile, count: usize) {
        let mut i = 0;
        while i < count {
            let (x, y) = (first.x + i * first.x_step, first.y + i * first.y_step);
            let tile = PixelTile { x, y, ..first };
            i += match count - i {
                6.. => self.channels::<S, 6, 2>(simd, tile),
                4.. => self.channels::<S, 4, 2>(simd, tile),
                2.. => self.channels::<S, 2, 4>(simd, tile),
                _ => self.channels::<S, 1, 4>(simd, tile),
            };
        }
    }

    /// All channels of `R` pixels.
    #[inline(always)]
    fn channels<S: Simd, const R: usize, const C: usize>(
        &mut self,
        simd: S,
        tile: PixelTile,
    ) -> usize {
        let (c, lanes) = (self.sizes.channels, S::F32_LANES);
        let whole = c / lanes * lanes;
        let mut o = 0;
        while o < whole {
            if whole - o >= C * lanes {
                self.pass.tile::<S, R, C, true>(simd, tile, o, lanes);
                o += C * lanes;
            } else {
                self.pass.tile::<S, R, 1, true>(simd, tile, o, lanes);
                o += lanes;
            }
        }
        if whole < c {
            if P::WRITES && whole > 0 {
                self.pass.tile::<S, R, 1, true>(simd, tile, c - lanes, lanes);
            } else if self.spills::<R>(tile, whole, lanes) {
                self.pass.tile::<S, R, 1, true>(simd, tile, whole, lanes);
            } else {
                self.pass.tile::<S, R, 1, false>(simd, tile, whole, c - whole);
            }
        }
        R
    }

    /// Whether a whole vector may be used from channel `o` on, though it reaches into the next pixel:
    /// it must be there, and what is written to it must be written over when its turn comes.
    #[inline(always)]
    fn spills<const R: usize>(&self, tile: PixelTile, o: usize, lanes: usize) -> bool {
        let (x_len, y_len) = self.pass.lens();
        let x_end = tile.x + (R - 1) * tile.x_step + o + tile.span(lanes);
        let y_end = tile.y + (R - 1) * tile.y_step + o + lanes;
        x_end <= x_len && y_end <= y_len && (!P::WRITES || self.in_order)
    }
}
