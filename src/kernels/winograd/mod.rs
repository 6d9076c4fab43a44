//! Winograd's convolution F(2×2, 3×3): 3×3 kernels at stride 1 with 16 products where 36 stand.
//!
//! Along one axis, two outputs of a three-tap kernel take four inputs and, by the definition, six
//! products. With sums first and sums afterwards four are enough:
//!
//! ```text
//! y₀ = d₀g₀ + d₁g₁ + d₂g₂         m₀ = (d₀ - d₂)·g₀              y₀ = m₀ + m₁ + m₂
//! y₁ = d₁g₀ + d₂g₁ + d₃g₂         m₁ = (d₁ + d₂)·(g₀ + g₁ + g₂)/2   y₁ = m₁ - m₂ - m₃
//!                                 m₂ = (d₂ - d₁)·(g₀ - g₁ + g₂)/2
//!                                 m₃ = (d₁ - d₃)·g₂
//! ```
//!
//! Write the three sets of sums as matrices, `v = Bᵀd`, `u = Gg`, `y = Aᵀm`, and apply each to the
//! columns and then to the rows: a tile of 2×2 outputs comes from 4×4 inputs by
//!
//! ```text
//! V = Bᵀ·d·B      U = G·g·Gᵀ      M[p, o] = Σ_c V[p, c]·U[p, c, o]      y = Aᵀ·M·A
//! ```
//!
//! for the 16 points `p` of a 4×4 tile. Each point is a product of matrices, (tiles, channels) by
//! (channels, filters), and these take all the time. The backward pass is the chain rule through
//! these four lines: every transform is linear, so its gradient goes back through its transpose.
//!
//! ```text
//! dM = A·dy·Aᵀ    dV[p] = dM[p]·U[p]ᵀ    dx += B·dV·Bᵀ       (tiles overlap in x)
//!                 dU[p] = V[p]ᵀ·dM[p]    dW += Gᵀ·dU·G
//! ```
//!
//! All of B and A is 0 or ±1 and G has halves, so that the sums round to within a few units of the
//! direct ones. Sums run in one order, whatever the width of vectors. An infinity in a tile's inputs
//! may make NaN of all its outputs, where the definition has infinities in some.
//!
//! Measured by `benches/kernels.rs` on one core of an Intel Xeon with AVX-512, in GFLOP/s that count
//! all products of the definition, beside a peak of 217 to 236: 13×13×32 to 11×11×64 forward 246,
//! both gradients 219; 26×26×32 to 24×24×64 282 and 270. The direct loops come to 172 and 162.
//!
//! Source: A. Lavin, S. Gray, "Fast algorithms for convolutional neural networks", CVPR 2016.

mod kernel;
mod tiles;
mod transform;

use pulp::{Arch, Simd, WithSimd};

use super::dense::{Multiply, MultiplyTransposed};
use super::{ALIGN, Axis, transpose};
use crate::kernels::aligned::Aligned;
use kernel::{KernelPoints, add_kernel_gradient};
use tiles::{BLOCK, Block, Finish, Grid, POINTS};
use transform::{Input, InputBack, Output, OutputBack};

/// A 3×3 convolution of stride 1 over images of one size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Winograd {
    /// The tiles of the input and of the output.
    x: Grid,
    y: Grid,
    /// channels·filters
    size: usize,
}

/// Room for the points of a block of tiles, and for the gradient of the kernel's.
#[derive(Debug)]
pub(crate) struct WinogradScratch {
    /// V, and then dV: (point, tile, channel)
    v: Aligned,
    /// M, or dM: (point, tile, filter)
    m: Aligned,
    /// (point, channel, filter)
    du: Aligned,
}

impl Winograd {
    /// For a convolution over these axes, if it is one of 3×3 and stride 1 whose channels and
    /// filters fill whole vectors: with fewer, the sums would cost more than the products saved.
    pub fn new(rows: Axis, cols: Axis, channels: usize, filters: usize) -> Option<Self> {
        let fits = [rows, cols].iter().all(|axis| axis.kernel == 3 && axis.stride == 1);
        let whole = channels.is_multiple_of(ALIGN) && filters.is_multiple_of(ALIGN);
        let [down, across] = [rows, cols].map(|axis| axis.output.div_ceil(2));
        let y = Grid {
            height: rows.output,
            width: cols.output,
            channels: filters,
            pad: [0, 0],
            down,
            across,
        };
        let x = Grid {
            height: rows.input,
            width: cols.input,
            channels,
            pad: [rows.pad, cols.pad],
            ..y
        };
        (fits && whole).then_some(Winograd { x, y, size: channels * filters })
    }

    pub fn scratch(&self) -> WinogradScratch {
        WinogradScratch {
            v: Aligned::zeros(POINTS * self.x.stride()),
            m: Aligned::zeros(POINTS * self.y.stride()),
            du: Aligned::zeros(POINTS * self.size),
        }
    }

    /// How many floats [`Winograd::pack`] writes: U, and Uᵀ with room for the transposed kernel.
    pub fn packed_len(&self) -> usize {
        (2 * POINTS + 9) * self.size
    }

    /// Writes the points of the kernel and, for `dx`, those of the kernel with channels and filters
    /// exchanged.
    pub fn pack(&self, arch: Arch, weight: &[f32], packed: &mut [f32], dx: bool) {
        let (u, rest) = packed.split_at_mut(POINTS * self.size);
        arch.dispatch(KernelPoints { size: self.size, weight, u });
        if !dx {
            return;
        }
        let (ut, exchanged) = rest.split_at_mut(POINTS * self.size);
        let taps = weight.chunks_exact(self.size).zip(exchanged.chunks_exact_mut(self.size));
        for (tap, exchanged) in taps {
            transpose(tap, self.y.channels, exchanged);
        }
        arch.dispatch(KernelPoints { size: self.size, weight: exchanged, u: ut });
    }

    /// `y`, overwritten, from images `x`; where it would be less than `floor`, that. (0 makes it a
    /// ReLU, -∞ leaves it alone.)
    #[allow(clippy::too_many_arguments)]
    pub fn forward(
        &self,
        arch: Arch,
        x: &[f32],
        packed: &[f32],
        bias: &[f32],
        floor: f32,
        y: &mut [f32],
        scratch: &mut WinogradScratch,
    ) {
        let u = &packed[..POINTS * self.size];
        arch.dispatch(Forward { shape: self, x, u, bias, floor, y, scratch });
    }

    /// Given `x` and `dw`, adds to `dw`; overwrites `dx` where there is one.
    pub fn backward(
        &self,
        arch: Arch,
        packed: &[f32],
        dy: &[f32],
        x_dw: Option<(&[f32], &mut [f32])>,
        dx: Option<&mut [f32]>,
        scratch: &mut WinogradScratch,
    ) {
        let ut = &packed[POINTS * self.size..][..POINTS * self.size];
        arch.dispatch(Backward { shape: self, ut, dy, x_dw, dx, scratch });
    }

    fn blocks(&self, y: &[f32]) -> impl Iterator<Item = Block> + use<> {
        let images = y.len() / (self.y.height * self.y.width * self.y.channels);
        let tiles = images * self.y.down * self.y.across;
        (0..tiles).step_by(BLOCK).map(move |first| Block { first, count: BLOCK.min(tiles - first) })
    }
}

/// The product of every point: the rows of `x`, one a tile, by the matrices in `w`.
#[inline(always)]
fn multiply_points<S: Simd>(
    simd: S,
    tiles: usize,
    (x, from): (&[f32], &Grid),
    w: &[f32],
    (y, to): (&mut [f32], &Grid),
) {
    let (inputs, outputs) = (from.channels, to.channels);
    let points = x.chunks_exact(from.stride()).zip(y.chunks_exact_mut(to.stride()));
    for ((x, y), w) in points.zip(w.chunks_exact(inputs * outputs)) {
        let (x, y) = (&x[..tiles * inputs], &mut y[..tiles * outputs]);
        Multiply { x, inputs, w, bias: None, y, outputs }.with_simd(simd);
    }
}

struct Forward<'a> {
    shape: &'a Winograd,
    x: &'a [f32],
    u: &'a [f32],
    bias: &'a [f32],
    floor: f32,
    y: &'a mut [f32],
    scratch: &'a mut WinogradScratch,
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Forward { shape, x, u, bias, floor, y, scratch: WinogradScratch { v, m, .. } } = self;
        for block in shape.blocks(y) {
            shape.x.read::<S, Input, 4>(simd, x, block, v);
            multiply_points(simd, block.count, (v, &shape.x), u, (m, &shape.y));
            shape.y.write::<S, Output, 2>(simd, m, block, y, Finish::Replace { bias, floor });
        }
    }
}

struct Backward<'a> {
    shape: &'a Winograd,
    ut: &'a [f32],
    dy: &'a [f32],
    x_dw: Option<(&'a [f32], &'a mut [f32])>,
    dx: Option<&'a mut [f32]>,
    scratch: &'a mut WinogradScratch,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Backward { shape, ut, dy, x_dw, mut dx, scratch: WinogradScratch { v, m, du } } = self;
        let (inputs, outputs) = (shape.x.channels, shape.y.channels);
        if let Some(dx) = &mut dx {
            dx.fill(0.0);
        }
        if x_dw.is_some() {
            du.fill(0.0);
        }
        for block in shape.blocks(dy) {
            let n = block.count;
            shape.y.read::<S, OutputBack, 2>(simd, dy, block, m);
            if let Some((x, _)) = x_dw {
                shape.x.read::<S, Input, 4>(simd, x, block, v);
                let points = v.chunks_exact(shape.x.stride()).zip(m.chunks_exact(shape.y.stride()));
                for ((x, dy), dw) in points.zip(du.chunks_exact_mut(shape.size)) {
                    let (x, dy) = (&x[..n * inputs], &dy[..n * outputs]);
                    MultiplyTransposed { x, inputs, dy, outputs, dw }.with_simd(simd);
                }
            }
            let Some(dx) = &mut dx else { continue };
            multiply_points(simd, n, (m, &shape.y), ut, (v, &shape.x));
            shape.x.write::<S, InputBack, 4>(simd, v, block, dx, Finish::Add);
        }
        if let Some((_, dw)) = x_dw {
            add_kernel_gradient(simd, du, dw);
        }
    }
}
