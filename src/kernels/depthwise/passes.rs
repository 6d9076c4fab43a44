//! What the three passes do with a tile.

use pulp::Simd;

use super::tiles::{PixelTile, TilePass};
use crate::kernels::simd::{at_least, load, store};

/// Forward, and back to `dx`: every `y` gathers its window.
pub(super) struct Gather<'a> {
    pub x: &'a [f32],
    pub weights: &'a [f32],
    pub bias: Option<&'a [f32]>,
    pub lower_bound: f32,
    pub y: &'a mut [f32],
}

impl TilePass for Gather<'_> {
    const WRITES: bool = true;

    #[inline(always)]
    fn lens(&self) -> (usize, usize) {
        (self.x.len(), self.y.len())
    }

    #[inline(always)]
    fn tile<S: Simd, const R: usize, const C: usize, const WHOLE: bool>(
        &mut self,
        simd: S,
        tile: PixelTile,
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
        let lower_bound = simd.splat_f32s(self.lower_bound);
        for r in 0..R {
            let y = &mut self.y[tile.y + r * tile.y_step + o..];
            let sums: [_; C] = std::array::from_fn(|c| at_least(simd, sums[r][c], lower_bound));
            if WHOLE {
                store::<S, C>(y, sums);
            } else {
                simd.partial_store_f32s(&mut y[..len], sums[0]);
            }
        }
    }
}

/// The gradient of the kernel: every tap gathers what the pixels of a tile have for it.
pub(super) struct SumKernelGradient<'a> {
    pub x: &'a [f32],
    pub dy: &'a [f32],
    pub dw: &'a mut [f32],
}

impl TilePass for SumKernelGradient<'_> {
    const WRITES: bool = false;

    #[inline(always)]
    fn lens(&self) -> (usize, usize) {
        (self.x.len(), self.dy.len())
    }

    #[inline(always)]
    fn tile<S: Simd, const R: usize, const C: usize, const WHOLE: bool>(
        &mut self,
        simd: S,
        tile: PixelTile,
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
