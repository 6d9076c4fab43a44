//! The transforms of Winograd's convolution: sums over the pixels of a tile, and their transposes.
//!
//! Each is defined along one axis, and [`both_axes`] applies it to the columns of a tile and then
//! to its rows. All numbers of a tile are vectors: as many channels as fit.

use pulp::Simd;

/// A linear map from `N` numbers to `M` others.
pub trait TileTransform<const N: usize, const M: usize> {
    fn apply<S: Simd>(simd: S, x: [S::f32s; N]) -> [S::f32s; M];
}

/// Bᵀd: from the inputs to their points.
pub struct Input;

impl TileTransform<4, 4> for Input {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, d: [S::f32s; 4]) -> [S::f32s; 4] {
        [
            simd.sub_f32s(d[0], d[2]),
            simd.add_f32s(d[1], d[2]),
            simd.sub_f32s(d[2], d[1]),
            simd.sub_f32s(d[1], d[3]),
        ]
    }
}

/// Bv: back to the gradient of the inputs.
pub struct InputBack;

impl TileTransform<4, 4> for InputBack {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, v: [S::f32s; 4]) -> [S::f32s; 4] {
        [
            v[0],
            simd.add_f32s(simd.sub_f32s(v[1], v[2]), v[3]),
            simd.sub_f32s(simd.add_f32s(v[1], v[2]), v[0]),
            minus(simd, v[3]),
        ]
    }
}

/// Gg: from the kernel to its points.
pub struct Kernel;

impl TileTransform<3, 4> for Kernel {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, g: [S::f32s; 3]) -> [S::f32s; 4] {
        let half = simd.splat_f32s(0.5);
        let outer = simd.add_f32s(g[0], g[2]);
        [
            g[0],
            simd.mul_f32s(half, simd.add_f32s(outer, g[1])),
            simd.mul_f32s(half, simd.sub_f32s(outer, g[1])),
            g[2],
        ]
    }
}

/// Gᵀu: back to the gradient of the kernel.
pub struct KernelBack;

impl TileTransform<4, 3> for KernelBack {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, u: [S::f32s; 4]) -> [S::f32s; 3] {
        let half = simd.splat_f32s(0.5);
        let sum = simd.mul_f32s(half, simd.add_f32s(u[1], u[2]));
        let difference = simd.mul_f32s(half, simd.sub_f32s(u[1], u[2]));
        [simd.add_f32s(u[0], sum), difference, simd.add_f32s(sum, u[3])]
    }
}

/// Aᵀm: from the points to the outputs.
pub struct Output;

impl TileTransform<4, 2> for Output {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, m: [S::f32s; 4]) -> [S::f32s; 2] {
        [
            simd.add_f32s(simd.add_f32s(m[0], m[1]), m[2]),
            simd.sub_f32s(simd.sub_f32s(m[1], m[2]), m[3]),
        ]
    }
}

/// Ay: back to the gradient of the points.
pub struct OutputBack;

impl TileTransform<2, 4> for OutputBack {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, y: [S::f32s; 2]) -> [S::f32s; 4] {
        [y[0], simd.add_f32s(y[0], y[1]), simd.sub_f32s(y[0], y[1]), minus(simd, y[1])]
    }
}

/// (`Simd::neg_f32s` is not inlined.)
#[inline(always)]
fn minus<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    simd.sub_f32s(simd.splat_f32s(0.0), x)
}

/// `T·x·Tᵀ`, where `T` is the matrix of a transform.
#[inline(always)]
pub fn both_axes<S: Simd, T: TileTransform<N, M>, const N: usize, const M: usize>(
    simd: S,
    x: [[S::f32s; N]; N],
) -> [[S::f32s; M]; M] {
    let columns = each_row::<S, T, N, M, N>(simd, transposed(x));
    each_row::<S, T, N, M, M>(simd, transposed(columns))
}

#[inline(always)]
fn each_row<S: Simd, T: TileTransform<N, M>, const N: usize, const M: usize, const ROWS: usize>(
    simd: S,
    x: [[S::f32s; N]; ROWS],
) -> [[S::f32s; M]; ROWS] {
    let mut y = [[x[0][0]; M]; ROWS];
    for i in 0..ROWS {
        y[i] = T::apply(simd, x[i]);
    }
    y
}

#[inline(always)]
fn transposed<V: Copy, const N: usize, const M: usize>(x: [[V; N]; M]) -> [[V; M]; N] {
    let mut y = [[x[0][0]; M]; N];
    for i in 0..M {
        for j in 0..N {
            y[j][i] = x[i][j];
        }
    }
    y
}
