//! Convolution with one filter a channel: every channel is an image of its own.
//!
//! ```text
//! y[h, w, c]   = b[c] + Σ_{i, j} x[h·s + i·d - p, w·s + j·d - p, c]·W[i, j, c]
//! dx           = the same sum over dy, with the kernel flipped and thinned out (`span.rs`)
//! dW[i, j, c] += Σ_{h, w} x[h·s + i·d - p, w·s + j·d - p, c]·dy[h, w, c]
//! ```
//!
//! There is no sum over channels, so that a product of matrices would have nothing to share. But
//! channels are contiguous, and vectors of them go through all three sums without a thought for what
//! a kernel or an image looks like. `R` neighbouring pixels × `C` vectors make a tile: each vector of
//! the kernel is loaded once for `R` pixels, and each number of the image for one product, which
//! takes it from the first-level cache, where its neighbour's tile left it. All channels of a tile
//! come before the next one: memory is read in order.
//!
//! Channels that fill no vector of their own are computed once more with those before them: the last
//! vector ends where the channels end. Every sum runs in the order of its taps, or of its pixels,
//! whatever the tile and the width of vectors.
//!
//! Source: A. Howard et al., "MobileNets: Efficient convolutional neural networks for mobile vision
//! applications", 2017.

use pulp::{Arch, Simd, WithSimd};

use super::simd::{at_least, load, store};
use super::{ALIGN, Axis, Span, pad_rows};
use crate::aligned::Aligned;

/// A convolution of one filter a channel over images of one size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Depthwise {
    rows: Axis,
    cols: Axis,
    channels: usize,
}

/// Its spans, those of the input gradient, and room for the gradient of the kernel.
#[derive(Debug)]
pub(crate) struct DepthwiseScratch {
    forward: [Vec<Span>; 2],
    gradient: [Vec<Span>; 2],
    /// (kh, kw) rows of channels, padded to [`ALIGN`].
    dw: Aligned,
}

impl Depthwise {
    pub fn new(rows: Axis, cols: Axis, channels: usize) -> Self {
        Depthwise { rows, cols, channels }
    }

    pub fn scratch(&self) -> DepthwiseScratch {
        DepthwiseScratch {
            forward: [self.rows.forward(), self.cols.forward()],
            gradient: [self.rows.input_gradient(), self.cols.input_gradient()],
            dw: Aligned::zeros(self.kernel_len()),
        }
    }

    /// The floats of a kernel whose rows are padded to whole vectors.
    fn kernel_len(&self) -> usize {
        self.rows.kernel * self.cols.kernel * self.channels.next_multiple_of(ALIGN)
    }

    /// How many floats [`Depthwise::pack`] writes: W, and W in the order of the input gradient.
    pub fn packed_len(&self) -> usize {
        2 * self.kernel_len()
    }

    pub fn pack(&self, weight: &[f32], packed: &mut [f32], dx: bool) {
        let (forward, gradient) = packed.split_at_mut(self.kernel_len());
        pad_rows(weight, self.channels, forward);
        if !dx {
            return;
        }
        let width = self.channels.next_multiple_of(ALIGN);
        let mut to = gradient.chunks_exact_mut(width);
        for i in self.rows.gradient_order() {
            for (j, to) in self.cols.gradient_order().zip(&mut to) {
                to.copy_from_slice(&forward[(i * self.cols.kernel + j) * width..][..width]);
            }
        }
    }

    /// `y`, overwritten, from images `x`; where it would be less than `floor`, that.
    #[allow(clippy::too_many_arguments)] // the layer contract's, the level and the floor
    pub fn forward(
        &self,
        arch: Arch,
        x: &[f32],
        bias: &[f32],
        packed: &[f32],
        floor: f32,
        y: &mut [f32],
        scratch: &DepthwiseScratch,
    ) {
        let [rows, cols] = &scratch.forward;
        let weights = &packed[..self.kernel_len()];
        let pass = Gather { x, weights, bias: Some(bias), floor, y };
        arch.dispatch(self.walk(rows, cols, pass));
    }

    /// Overwrites `dx`.
    pub fn input_gradient(
        &self,
        arch: Arch,
        packed: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        scratch: &DepthwiseScratch,
    ) {
        let [rows, cols] = &scratch.gradient;
        let weights = &packed[self.kernel_len()..];
        let pass = Gather { x: dy, weights, bias: None, floor: f32::NEG_INFINITY, y: dx };
        let turned = |axis: Axis| Axis { input: axis.output, output: axis.input, ..axis };
        let turned = Depthwise { rows: turned(self.rows), cols: turned(self.cols), ..*self };
        arch.dispatch(turned.walk(rows, cols, pass));
    }

    /// Adds to `dw`.
    pub fn weight_gradient(
        &self,
        arch: Arch,
        x: &[f32],
        dy: &[f32],
        dw: &mut [f32],
        scratch: &mut DepthwiseScratch,
    ) {
        let [rows, cols] = &scratch.forward;
        scratch.dw.fill(0.0);
        arch.dispatch(self.walk(rows, cols, WeightGradient { x, dy, dw: &mut scratch.dw }));
        let sums = scratch.dw.chunks_exact(self.channels.next_multiple_of(ALIGN));
        for (dw, sums) in dw.chunks_exact_mut(self.channels).zip(sums) {
            for (dw, sum) in dw.iter_mut().zip(sums) {
                *dw += sum;
            }
        }
    }

    fn walk<'a, P: Pass>(&self, rows: &'a [Span], cols: &'a [Span], pass: P) -> Walk<'a, P> {
        let in_order = rows.iter().chain(cols).all(|span| span.out_step == 1);
        Walk { shape: *self, rows, cols, in_order, pass }
    }
}

/// The way through all tiles, from images of (rows.input, cols.input) to (rows.output, cols.output).
struct Walk<'a, P> {
    shape: Depthwise,
    rows: &'a [Span],
    cols: &'a [Span],
    /// Whether outputs are visited in ascending order.
    in_order: bool,
    pass: P,
}

/// What is done with a tile.
trait Pass {
    /// How many floats there are in all images of `x`, and of `y`.
    fn lens(&self) -> (usize, usize);

    /// Whether it overwrites `y`, and may do so twice.
    const WRITES: bool;

    /// `R` pixels × `C` vectors from channel `o` on; or, unless `WHOLE`, the `len` channels that are
    /// left there.
    fn tile<S: Simd, const R: usize, const C: usize, const WHOLE: bool>(
        &mut self,
        simd: S,
        tile: Tile,
        o: usize,
        len: usize,
    );
}

/// Neighbouring pixels, and the taps that they share.
#[derive(Clone, Copy)]
struct Tile {
    /// Where the first pixel's window starts and where its output goes, and the way to the next.
    x: usize,
    y: usize,
    x_step: usize,
    y_step: usize,
    /// The taps, and the way in the image from one to the next.
    taps: [usize; 2],
    x_tap: [usize; 2],
    /// Where the first tap's weights start, and the way from one tap to the next.
    w: usize,
    w_tap: [usize; 2],
}

impl Tile {
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
    fn windows<'a, const R: usize>(&self, x: &'a [f32], o: usize, width: usize) -> [&'a [f32]; R] {
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

impl<P: Pass> WithSimd for Walk<'_, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Depthwise { rows, cols, channels: c } = self.shape;
        let (x_row, y_row, width) = (cols.input * c, cols.output * c, c.next_multiple_of(ALIGN));
        let images = self.pass.lens().1 / (rows.output * y_row);
        for image in 0..images {
            for r in self.rows {
                for j in 0..r.len {
                    let x_top = (image * rows.input + r.in_start + j * r.in_step) * x_row;
                    let y_top = (image * rows.output + r.out_start + j * r.out_step) * y_row;
                    for s in self.cols {
                        let seen = s.taps > 0;
                        let tile = Tile {
                            x: x_top + s.in_start * c,
                            y: y_top + s.out_start * c,
                            x_step: s.in_step * c,
                            y_step: s.out_step * c,
                            taps: [if seen { r.taps } else { 0 }, s.taps],
                            x_tap: [r.tap_step * x_row, s.tap_step * c],
                            w: (r.tap_start * cols.kernel + s.tap_start) * width,
                            w_tap: [cols.kernel * width, width],
                        };
                        self.run(simd, tile, s.len);
                    }
                }
            }
        }
    }
}

impl<P: Pass> Walk<'_, P> {
    /// `count` pixels side by side, as many at a time as leave registers for two vectors each, or for
    /// four where they are few.
    #[inline(always)]
    fn run<S: Simd>(&mut self, simd: S, first: Tile, count: usize) {
        let mut i = 0;
        while i < count {
            let (x, y) = (first.x + i * first.x_step, first.y + i * first.y_step);
            let tile = Tile { x, y, ..first };
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
    fn channels<S: Simd, const R: usize, const C: usize>(&mut self, simd: S, tile: Tile) -> usize {
        let (c, lanes) = (self.shape.channels, S::F32_LANES);
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
    fn spills<const R: usize>(&self, tile: Tile, o: usize, lanes: usize) -> bool {
        let (x_len, y_len) = self.pass.lens();
        let x_end = tile.x + (R - 1) * tile.x_step + o + tile.span(lanes);
        let y_end = tile.y + (R - 1) * tile.y_step + o + lanes;
        x_end <= x_len && y_end <= y_len && (!P::WRITES || self.in_order)
    }
}

/// Forward, and back to `dx`: every `y` gathers its window.
struct Gather<'a> {
    x: &'a [f32],
    weights: &'a [f32],
    bias: Option<&'a [f32]>,
    floor: f32,
    y: &'a mut [f32],
}

impl Pass for Gather<'_> {
    const WRITES: bool = true;

    #[inline(always)]
    fn lens(&self) -> (usize, usize) {
        (self.x.len(), self.y.len())
    }

    #[inline(always)]
    fn tile<S: Simd, const R: usize, const C: usize, const WHOLE: bool>(
        &mut self,
        simd: S,
        tile: Tile,
        o: usize,
        len: usize,
    ) {
        let windows = tile.windows::<R>(self.x, o, if WHOLE { C * S::F32_LANES } else { len });
        let start = match self.bias {
            Some(bias) if bias.len() >= o + C * S::F32_LANES => load::<S, C>(&bias[o..]),
            Some(bias) => [simd.partial_load_f32s(&bias[o..]); C],
            None => [simd.splat_f32s(0.0); C],
        };
        let mut sums = [start; R];
        for i in 0..tile.taps[0] {
            let weights = &self.weights[tile.w + i * tile.w_tap[0] + o..];
            for j in 0..tile.taps[1] {
                let at = i * tile.x_tap[0] + j * tile.x_tap[1];
                let w = load::<S, C>(&weights[j * tile.w_tap[1]..]);
                for r in 0..R {
                    let x = vectors::<S, C, WHOLE>(simd, &windows[r][at..], len);
                    for c in 0..C {
                        sums[r][c] = simd.mul_add_f32s(x[c], w[c], sums[r][c]);
                    }
                }
            }
        }
        let floor = simd.splat_f32s(self.floor);
        for r in 0..R {
            let y = &mut self.y[tile.y + r * tile.y_step + o..];
            let sums: [_; C] = std::array::from_fn(|c| at_least(simd, sums[r][c], floor));
            if WHOLE {
                store::<S, C>(y, sums);
            } else {
                simd.partial_store_f32s(&mut y[..len], sums[0]);
            }
        }
    }
}

/// The gradient of the kernel: every tap gathers what the pixels of a tile have for it.
struct WeightGradient<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    dw: &'a mut [f32],
}

impl Pass for WeightGradient<'_> {
    const WRITES: bool = false;

    #[inline(always)]
    fn lens(&self) -> (usize, usize) {
        (self.x.len(), self.dy.len())
    }

    #[inline(always)]
    fn tile<S: Simd, const R: usize, const C: usize, const WHOLE: bool>(
        &mut self,
        simd: S,
        tile: Tile,
        o: usize,
        len: usize,
    ) {
        let windows = tile.windows::<R>(self.x, o, if WHOLE { C * S::F32_LANES } else { len });
        let mut dy = [[simd.splat_f32s(0.0); C]; R];
        for r in 0..R {
            dy[r] = vectors::<S, C, WHOLE>(simd, &self.dy[tile.y + r * tile.y_step + o..], len);
        }
        for i in 0..tile.taps[0] {
            for j in 0..tile.taps[1] {
                let at = i * tile.x_tap[0] + j * tile.x_tap[1];
                let dw = &mut self.dw[tile.w + i * tile.w_tap[0] + j * tile.w_tap[1] + o..];
                let mut sums = load::<S, C>(dw);
                for r in 0..R {
                    let x = vectors::<S, C, WHOLE>(simd, &windows[r][at..], len);
                    for c in 0..C {
                        sums[c] = simd.mul_add_f32s(x[c], dy[r][c], sums[c]);
                    }
                }
                store::<S, C>(dw, sums);
            }
        }
    }
}

/// `C` vectors from the front of `from`, or one of `len` floats and zeros.
#[inline(always)]
fn vectors<S: Simd, const C: usize, const WHOLE: bool>(
    simd: S,
    from: &[f32],
    len: usize,
) -> [S::f32s; C] {
    if WHOLE { load::<S, C>(from) } else { [simd.partial_load_f32s(&from[..len]); C] }
}
