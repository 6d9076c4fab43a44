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

use pulp::{Simd, WithSimd};

use super::convolution::{
    Algorithm, BackwardArgs, ConvPasses, ConvShape, ForwardArgs, KernelGradient,
};
use super::dense::{MatMul, MatMulTransposed, Onto};
use super::simd::arch;
use super::{ALIGN, Axis, transpose};
use crate::kernels::aligned::Aligned;
use kernel::{KernelPoints, add_kernel_gradient};
use tiles::{Finish, Grid, POINTS, TILES_PER_BLOCK, TileBlock};
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

/// Its passes, and room for the points of a block of tiles and for the gradient of the kernel's.
#[derive(Debug)]
struct WinogradPasses {
    winograd: Winograd,
    /// V, and then dV: (point, tile, channel)
    v: Aligned,
    /// M, or dM: (point, tile, filter)
    m: Aligned,
    /// (point, channel, filter)
    du: Aligned,
}

impl Winograd {
    /// For a convolution of this shape, if it is one of 3×3 and stride 1, without groups and dilation,
    /// whose channels and filters fill whole vectors: with fewer, the sums would cost more than the
    /// products saved.
    pub fn new(shape: ConvShape) -> Option<Self> {
        let ConvShape { rows, cols, channels, filters, groups } = shape;
        let fits = |axis: &Axis| axis.kernel == 3 && axis.stride == 1 && axis.dilation == 1;
        let fits = groups == 1 && [rows, cols].iter().all(fits);
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

    fn blocks(&self, y: &[f32]) -> impl Iterator<Item = TileBlock> + use<> {
        let images = y.len() / (self.y.height * self.y.width * self.y.channels);
        let tiles = images * self.y.down * self.y.across;
        let block = move |first| TileBlock { first, count: TILES_PER_BLOCK.min(tiles - first) };
        (0..tiles).step_by(TILES_PER_BLOCK).map(block)
    }
}

impl Algorithm for Winograd {
    /// U, and Uᵀ with room for the transposed kernel.
    fn packed_len(&self) -> usize {
        (2 * POINTS + 9) * self.size
    }

    /// Writes the points of the kernel and, for `dx`, those of the kernel with channels and filters
    /// exchanged.
    fn pack(&self, kernel: &[f32], _bias: Option<&[f32]>, packed: &mut [f32], dx: bool) {
        let (u, rest) = packed.split_at_mut(POINTS * self.size);
        arch().dispatch(KernelPoints { size: self.size, weight: kernel, u });
        if !dx {
            return;
        }
        let (ut, exchanged) = rest.split_at_mut(POINTS * self.size);
        let taps = kernel.chunks_exact(self.size).zip(exchanged.chunks_exact_mut(self.size));
        for (tap, exchanged) in taps {
            transpose(tap, self.y.channels, exchanged);
        }
        arch().dispatch(KernelPoints { size: self.size, weight: exchanged, u: ut });
    }

    fn passes(&self) -> Box<dyn ConvPasses> {
        Box::new(WinogradPasses {
            winograd: *self,
            v: Aligned::zeros(POINTS * self.x.stride()),
            m: Aligned::zeros(POINTS * self.y.stride()),
            du: Aligned::zeros(POINTS * self.size),
        })
    }
}

impl ConvPasses for WinogradPasses {
    fn forward(&mut self, args: ForwardArgs<'_>) {
        arch().dispatch(ForwardPass { passes: self, args });
    }

    /// The transforms of `dy` serve both gradients.
    fn backward(&mut self, args: BackwardArgs<'_>) {
        arch().dispatch(BackwardPass { passes: self, args });
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
        MatMul { x, inputs, w, onto: Onto::Zeros, y, outputs }.with_simd(simd);
    }
}

struct ForwardPass<'a> {
    passes: &'a mut WinogradPasses,
    args: ForwardArgs<'a>,
}

impl WithSimd for ForwardPass<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let WinogradPasses { winograd, v, m, .. } = self.passes;
        let ForwardArgs { x, weights, lower_bound, y } = self.args;
        let u = &weights.packed[..POINTS * winograd.size];
        let finish = Finish::Replace { bias: weights.bias, lower_bound };
        for block in winograd.blocks(y) {
            winograd.x.read::<S, Input, 4>(simd, x, block, v);
            multiply_points(simd, block.count, (v, &winograd.x), u, (m, &winograd.y));
            winograd.y.write::<S, Output, 2>(simd, m, block, y, finish);
        }
    }
}

struct BackwardPass<'a> {
    passes: &'a mut WinogradPasses,
    args: BackwardArgs<'a>,
}

impl WithSimd for BackwardPass<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let WinogradPasses { winograd, v, m, du } = self.passes;
        let BackwardArgs { packed, dy, kernel, mut dx } = self.args;
        let ut = &packed[POINTS * winograd.size..][..POINTS * winograd.size];
        let (inputs, outputs) = (winograd.x.channels, winograd.y.channels);
        if let Some(dx) = &mut dx {
            dx.fill(0.0);
        }
        if kernel.is_some() {
            du.fill(0.0);
        }
        for block in winograd.blocks(dy) {
            let n = block.count;
            winograd.y.read::<S, OutputBack, 2>(simd, dy, block, m);
            if let Some(KernelGradient { x, .. }) = kernel {
                winograd.x.read::<S, Input, 4>(simd, x, block, v);
                let (xs, dys) = (winograd.x.stride(), winograd.y.stride());
                let points = v.chunks_exact(xs).zip(m.chunks_exact(dys));
                for ((x, dy), dw) in points.zip(du.chunks_exact_mut(winograd.size)) {
                    let (x, dy) = (&x[..n * inputs], &dy[..n * outputs]);
                    MatMulTransposed { x, inputs, dy, outputs, dw }.with_simd(simd);
                }
            }
            let Some(dx) = &mut dx else { continue };
            multiply_points(simd, n, (m, &winograd.y), ut, (v, &winograd.x));
            winograd.x.write::<S, InputBack, 4>(simd, v, block, dx, Finish::Add);
        }
        if let Some(KernelGradient { dw, .. }) = kernel {
            add_kernel_gradient(simd, du, dw);
        }
    }
}
