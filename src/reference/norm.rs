//! Twins of [`LayerNorm`](crate::layers::LayerNorm) and [`GroupNorm`](crate::layers::GroupNorm): sets of
//! numbers are brought to mean 0 and variance 1, then scaled and shifted.
//!
//! A set is one row of a matrix: the `m` numbers of a sample, or those of an image and a group of its
//! channels. With `r = 1/√(σ² + ε)`, `x̂ = r·(x - μ)` and `g` = ∂L/∂x̂, the chain rule has three ways
//! from x̂ to x: directly, through the mean, and through the deviation. As `∂μ/∂xᵢ = 1/m` and
//! `∂r/∂xᵢ = -r²·x̂ᵢ/m`,
//!
//! ```text
//! dxᵢ = r·gᵢ - r·(1/m)·Σⱼ gⱼ - r·x̂ᵢ·(1/m)·Σⱼ gⱼ·x̂ⱼ
//! ```

use ndarray::{Array1, Array2, Array4, ArrayView1, ArrayView2, ArrayView4, Axis};

/// Computes mean and variance of each row.
///
/// ```text
/// μ[n] = (1/m)·Σᵢ x[n, i]        σ²[n] = (1/m)·Σᵢ (x[n, i] - μ[n])²
/// ```
fn moments(x: ArrayView2<f32>) -> (Array1<f32>, Array1<f32>) {
    let ((rows, m), mut mean) = (x.dim(), Array1::zeros(x.nrows()));
    let mut variance = Array1::zeros(rows);
    for n in 0..rows {
        for i in 0..m {
            mean[n] += x[[n, i]] / m as f32;
        }
        for i in 0..m {
            variance[n] += (x[[n, i]] - mean[n]) * (x[[n, i]] - mean[n]) / m as f32;
        }
    }
    (mean, variance)
}

/// Brings each row to mean 0 and variance 1.
///
/// ```text
/// x̂[n, i] = (x[n, i] - μ[n])/√(σ²[n] + ε)
/// ```
fn normalize(x: ArrayView2<f32>, epsilon: f32) -> Array2<f32> {
    let (mean, variance) = moments(x);
    Array2::from_shape_fn(x.dim(), |(n, i)| (x[[n, i]] - mean[n]) / (variance[n] + epsilon).sqrt())
}

/// Computes the gradient of [`normalize`], from `g` = ∂L/∂x̂.
///
/// ```text
/// dx[n, i] = (g[n, i] - mean(g) - x̂[n, i]·mean(g·x̂))/√(σ²[n] + ε),  with the means of row n
/// ```
fn normalize_backward(x: ArrayView2<f32>, g: ArrayView2<f32>, epsilon: f32) -> Array2<f32> {
    let (m, (_, variance)) = (x.ncols() as f32, moments(x));
    let normal = normalize(x, epsilon);
    let along_one = g.sum_axis(Axis(1)) / m;
    let along_normal = (&g * &normal).sum_axis(Axis(1)) / m;
    Array2::from_shape_fn(x.dim(), |(n, i)| {
        let (g, normal) = (g[[n, i]], normal[[n, i]]);
        (g - along_one[n] - normal * along_normal[n]) / (variance[n] + epsilon).sqrt()
    })
}

/// Computes the outputs of [`LayerNorm`](crate::layers::LayerNorm).
///
/// ```text
/// y[n, i] = scale[i]·x̂[n, i] + shift[i]        x̂[n, ·] = (x[n, ·] - μ)/√(σ² + ε)
/// ```
///
/// - `x`: (n, m), the normalized axes in one; `scale`, `shift`: (m)
/// - returns `y`: (n, m)
pub fn layer_norm(
    x: ArrayView2<f32>,
    scale: ArrayView1<f32>,
    shift: ArrayView1<f32>,
    epsilon: f32,
) -> Array2<f32> {
    normalize(x, epsilon) * scale + shift
}

/// Computes the gradients of [`layer_norm()`].
///
/// ```text
/// dscale[i] = Σₙ dy[n, i]·x̂[n, i]        dshift[i] = Σₙ dy[n, i]
/// dx[n, ·] = (g - mean(g) - x̂·mean(g·x̂))/√(σ² + ε)        g = scale·dy[n, ·]
/// ```
///
/// - `x`: (n, m); `scale`: (m); `dy`: (n, m)
/// - returns `dx`: (n, m); `dscale`, `dshift`: (m)
pub fn layer_norm_backward(
    x: ArrayView2<f32>,
    scale: ArrayView1<f32>,
    dy: ArrayView2<f32>,
    epsilon: f32,
) -> (Array2<f32>, Array1<f32>, Array1<f32>) {
    let g = &dy * &scale;
    let dx = normalize_backward(x, g.view(), epsilon);
    let dscale = (&dy * &normalize(x, epsilon)).sum_axis(Axis(0));
    (dx, dscale, dy.sum_axis(Axis(0)))
}

/// Lays the numbers of each image and group of channels in a row: (n, h, w, c) to (n·g, h·w·c/g).
fn group_rows(x: ArrayView4<f32>, groups: usize) -> Array2<f32> {
    let (images, height, width, channels) = x.dim();
    let size = channels / groups;
    let mut rows = Array2::zeros((images * groups, height * width * size));
    for ((n, i, j, k), &x) in x.indexed_iter() {
        rows[[n * groups + k / size, (i * width + j) * size + k % size]] = x;
    }
    rows
}

/// Inverse of [`group_rows`]: puts the rows back in images.
fn ungroup_rows(
    rows: Array2<f32>,
    shape: (usize, usize, usize, usize),
    groups: usize,
) -> Array4<f32> {
    let (_, _, width, channels) = shape;
    let size = channels / groups;
    Array4::from_shape_fn(shape, |(n, i, j, k)| {
        rows[[n * groups + k / size, (i * width + j) * size + k % size]]
    })
}

/// Computes the outputs of [`GroupNorm`](crate::layers::GroupNorm), which normalizes groups of
/// neighbouring channels of each image.
///
/// ```text
/// y[n, h, w, c] = scale[c]·x̂[n, h, w, c] + shift[c]        x̂ = (x - μ)/√(σ² + ε)
/// ```
///
/// - `x`: (n, h, w, c); `scale`, `shift`: (c)
/// - returns `y`: (n, h, w, c)
pub fn group_norm(
    x: ArrayView4<f32>,
    scale: ArrayView1<f32>,
    shift: ArrayView1<f32>,
    groups: usize,
    epsilon: f32,
) -> Array4<f32> {
    let normal = normalize(group_rows(x, groups).view(), epsilon);
    ungroup_rows(normal, x.dim(), groups) * scale + shift
}

/// Computes the gradients of [`group_norm()`].
///
/// ```text
/// dscale[c] = Σ dy·x̂        dshift[c] = Σ dy        over images and pixels
/// dx = (g - mean(g) - x̂·mean(g·x̂))/√(σ² + ε)        g = scale·dy, for each image and group
/// ```
///
/// - `x`: (n, h, w, c); `scale`: (c); `dy`: (n, h, w, c)
/// - returns `dx`: (n, h, w, c); `dscale`, `dshift`: (c)
pub fn group_norm_backward(
    x: ArrayView4<f32>,
    scale: ArrayView1<f32>,
    dy: ArrayView4<f32>,
    groups: usize,
    epsilon: f32,
) -> (Array4<f32>, Array1<f32>, Array1<f32>) {
    let (rows, g) = (group_rows(x, groups), &dy * &scale);
    let dx = normalize_backward(rows.view(), group_rows(g.view(), groups).view(), epsilon);
    let normal = ungroup_rows(normalize(rows.view(), epsilon), x.dim(), groups);
    let (mut dscale, mut dshift) = (Array1::zeros(scale.len()), Array1::zeros(scale.len()));
    for ((n, h, w, c), dy) in dy.indexed_iter() {
        dscale[c] += dy * normal[[n, h, w, c]];
        dshift[c] += dy;
    }
    (ungroup_rows(dx, x.dim(), groups), dscale, dshift)
}
