//! Dense layers and convolutions as products of matrices, which ndarray's `general_mat_mul` computes
//! by the crate matrixmultiply.
//!
//! A convolution becomes a dense layer: its windows are copied to the rows of a matrix ("image to
//! column", from where columns come first in memory). The fast layers have kernels of their own for
//! both.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, Array4, ArrayView1, ArrayView2, ArrayView4, Axis};

use super::Slide;

/// Computes [`dense()`](super::dense()) as a product of matrices.
///
/// ```text
/// y = x·w + b
/// ```
///
/// - `x`: (n, in), `w`: (in, out), `b`: (out)
/// - returns `y`: (n, out)
pub fn dense_by_matrices(
    x: ArrayView2<f32>,
    w: ArrayView2<f32>,
    b: ArrayView1<f32>,
) -> Array2<f32> {
    let mut y = b.broadcast((x.nrows(), w.ncols())).expect("a bias for each output").to_owned();
    general_mat_mul(1.0, &x, &w, 1.0, &mut y);
    y
}

/// Computes [`dense_backward()`](super::dense_backward()) as products of matrices.
///
/// The sums of [`dense_backward()`](super::dense_backward()) are rows times columns, with one of the
/// two matrices transposed.
///
/// ```text
/// dx = dy·wᵀ        dw = xᵀ·dy        db = Σ over the rows of dy
/// ```
///
/// - `x`: (n, in), `w`: (in, out), `dy`: (n, out)
/// - returns `dx`: (n, in), `dw`: (in, out), `db`: (out)
pub fn dense_by_matrices_backward(
    x: ArrayView2<f32>,
    w: ArrayView2<f32>,
    dy: ArrayView2<f32>,
) -> (Array2<f32>, Array2<f32>, Array1<f32>) {
    let (mut dx, mut dw) = (Array2::zeros(x.dim()), Array2::zeros(w.dim()));
    general_mat_mul(1.0, &dy, &w.t(), 0.0, &mut dx);
    general_mat_mul(1.0, &x.t(), &dy, 0.0, &mut dw);
    (dx, dw, dy.sum_axis(Axis(0)))
}

/// Calls `f(row, column, index)` for each tap of each window that lies in the image: the row of its
/// window, the column of its tap, and the index of the value under it.
fn for_taps(
    (images, height, width, channels): (usize, usize, usize, usize),
    (kh, kw): (usize, usize),
    [down, across]: [Slide; 2],
    (oh, ow): (usize, usize),
    mut f: impl FnMut(usize, usize, [usize; 4]),
) {
    for (n, h, w) in ndarray::indices((images, oh, ow)) {
        for (i, j, c) in ndarray::indices((kh, kw, channels)) {
            let (row, column) = (down.under(h, i, height), across.under(w, j, width));
            let (Some(row), Some(column)) = (row, column) else { continue };
            f((n * oh + h) * ow + w, (i * kw + j) * channels + c, [n, row, column, c]);
        }
    }
}

/// Copies each window of images to a row of a matrix.
///
/// ```text
/// X[(n, h, w), (i, j, c)] = x[n, h·s + i·d - p, w·s + j·d - p, c], or 0 in the padding
/// ```
///
/// - `x`: (n, h, w, c); `kernel`: (kh, kw); `size`: (oh, ow)
/// - returns `X`: (n·oh·ow, kh·kw·c)
pub fn im2col(
    x: ArrayView4<f32>,
    kernel: (usize, usize),
    slides: [Slide; 2],
    size: (usize, usize),
) -> Array2<f32> {
    let (images, _, _, channels) = x.dim();
    let mut windows = Array2::zeros((images * size.0 * size.1, kernel.0 * kernel.1 * channels));
    for_taps(x.dim(), kernel, slides, size, |window, tap, index| {
        windows[[window, tap]] = x[index];
    });
    windows
}

/// Computes the gradient of [`im2col()`]: adds each value of `dX` to the pixel that it was copied from.
///
/// ```text
/// dx[n, h·s + i·d - p, w·s + j·d - p, c] += dX[(n, h, w), (i, j, c)]
/// ```
///
/// - `dwindows`: (n·oh·ow, kh·kw·c), `dX`; `shape`: (n, h, w, c)
/// - returns `dx`: (n, h, w, c)
pub fn im2col_backward(
    dwindows: ArrayView2<f32>,
    shape: (usize, usize, usize, usize),
    kernel: (usize, usize),
    slides: [Slide; 2],
    size: (usize, usize),
) -> Array4<f32> {
    let mut dx = Array4::zeros(shape);
    for_taps(shape, kernel, slides, size, |window, tap, index| {
        dx[index] += dwindows[[window, tap]];
    });
    dx
}

/// Computes [`conv2d()`](super::conv2d()) with one group as a product of matrices.
///
/// ```text
/// y = X·w + b,  with X = im2col(x) and w as a matrix (kh·kw·c, o)
/// ```
///
/// - `x`: (n, h, w, c); `weight`: (kh, kw, c, o); `bias`: (o); `size`: (oh, ow)
/// - returns `y`: (n, oh, ow, o)
pub fn conv2d_by_matrices(
    x: ArrayView4<f32>,
    weight: ArrayView4<f32>,
    bias: ArrayView1<f32>,
    slides: [Slide; 2],
    size: (usize, usize),
) -> Array4<f32> {
    let (kh, kw, channels, filters) = weight.dim();
    let windows = im2col(x, (kh, kw), slides, size);
    let w = weight.to_shape((kh * kw * channels, filters)).expect("as many weights");
    let y = dense_by_matrices(windows.view(), w.view(), bias);
    y.into_shape_with_order((x.dim().0, size.0, size.1, filters)).expect("as many outputs")
}

/// Computes [`conv2d_backward()`](super::conv2d_backward()) with one group as products of matrices.
///
/// ```text
/// dX = dy·wᵀ,  and dx adds up its values        dw = Xᵀ·dy        db = Σ over the rows of dy
/// ```
///
/// - `x`: (n, h, w, c); `weight`: (kh, kw, c, o); `dy`: (n, oh, ow, o)
/// - returns `dx`: (n, h, w, c); `dw`: (kh, kw, c, o); `db`: (o)
pub fn conv2d_by_matrices_backward(
    x: ArrayView4<f32>,
    weight: ArrayView4<f32>,
    dy: ArrayView4<f32>,
    slides: [Slide; 2],
) -> (Array4<f32>, Array4<f32>, Array1<f32>) {
    let (kh, kw, channels, filters) = weight.dim();
    let (images, oh, ow, _) = dy.dim();
    let windows = im2col(x, (kh, kw), slides, (oh, ow));
    let w = weight.to_shape((kh * kw * channels, filters)).expect("as many weights");
    let dy = dy.to_shape((images * oh * ow, filters)).expect("as many outputs");
    let (dwindows, dw, db) = dense_by_matrices_backward(windows.view(), w.view(), dy.view());
    let dx = im2col_backward(dwindows.view(), x.dim(), (kh, kw), slides, (oh, ow));
    (dx, dw.into_shape_with_order(weight.dim()).expect("as many weights"), db)
}
