//! Twins of [`Residual`](crate::sequential::Residual) and [`Branches`](crate::sequential::Branches):
//! one input that goes several ways.
//!
//! A value that is read twice gets two gradients, and they add up. This is the whole backward pass of
//! every branch.
//!
//! A branch `f` is a function of an array, with the batch in front. Its `f_backward` computes
//! `f'(x)ᵀ·dy` from `dy`; that of the identity is the identity.

use ndarray::{
    Array2, Array4, ArrayD, ArrayView2, ArrayView4, ArrayViewD, Axis, Slice, concatenate,
};

/// One pass of a branch, forward or backward.
pub type Pass<'a> = &'a dyn Fn(ArrayViewD<f32>) -> ArrayD<f32>;

/// Computes the outputs of a residual block: some layers, and the input past them.
///
/// ```text
/// y = f(x) + x
/// ```
///
/// - `x`, `y`: (n, ...)
pub fn residual(x: ArrayViewD<f32>, f: Pass) -> ArrayD<f32> {
    f(x.view()) + x
}

/// Computes the gradient of [`residual()`]. However small `f'(x)ᵀ·dy` becomes, `dy` arrives whole.
///
/// ```text
/// dx = f'(x)ᵀ·dy + dy
/// ```
///
/// - `dy`, `dx`: (n, ...)
pub fn residual_backward(dy: ArrayViewD<f32>, f_backward: Pass) -> ArrayD<f32> {
    f_backward(dy.view()) + dy
}

/// Computes the sum of several branches of one input. A [`residual()`] with a projection is one.
///
/// ```text
/// y = Σₖ fₖ(x)
/// ```
///
/// - `x`, `y`: (n, ...)
pub fn add_branches(x: ArrayViewD<f32>, branches: &[Pass]) -> ArrayD<f32> {
    let mut y = branches[0](x.view());
    for f in &branches[1..] {
        y += &f(x.view());
    }
    y
}

/// Computes the gradient of [`add_branches()`]: each branch gets all of `dy`.
///
/// ```text
/// dx = Σₖ fₖ'(x)ᵀ·dy
/// ```
///
/// - `dy`, `dx`: (n, ...)
pub fn add_branches_backward(dy: ArrayViewD<f32>, branches: &[Pass]) -> ArrayD<f32> {
    add_branches(dy, branches)
}

/// Computes the product of several branches of one input, value by value.
///
/// ```text
/// y = Πₖ fₖ(x)
/// ```
///
/// - `x`, `y`: (n, ...)
pub fn multiply_branches(x: ArrayViewD<f32>, branches: &[Pass]) -> ArrayD<f32> {
    let mut y = branches[0](x.view());
    for f in &branches[1..] {
        y *= &f(x.view());
    }
    y
}

/// Computes the gradient of [`multiply_branches()`]: each branch gets `dy` times the other branches.
///
/// ```text
/// dx = Σₖ fₖ'(x)ᵀ·(dy·Πⱼ fⱼ(x))        over j ≠ k
/// ```
///
/// - `x`, `dy`: (n, ...); `backward`: the backward pass of each branch
/// - returns `dx`: (n, ...)
pub fn multiply_branches_backward(
    x: ArrayViewD<f32>,
    dy: ArrayViewD<f32>,
    branches: &[Pass],
    backward: &[Pass],
) -> ArrayD<f32> {
    let mut dx = ArrayD::zeros(x.shape());
    for (k, f_backward) in backward.iter().enumerate() {
        let mut dy = dy.to_owned();
        for (j, f) in branches.iter().enumerate() {
            if j != k {
                dy *= &f(x.view());
            }
        }
        dx += &f_backward(dy.view());
    }
    dx
}

/// Repeats the number of each channel at every pixel, where a branch of numbers multiplies one of
/// images.
///
/// ```text
/// y[n, h, w, c] = x[n, c]
/// ```
///
/// - `x`: (n, c); `size`: (h, w)
/// - returns `y`: (n, h, w, c)
pub fn repeat_channels(x: ArrayView2<f32>, (height, width): (usize, usize)) -> Array4<f32> {
    let (images, channels) = x.dim();
    Array4::from_shape_fn((images, height, width, channels), |(n, _, _, c)| x[[n, c]])
}

/// Computes the gradient of [`repeat_channels()`].
///
/// ```text
/// dx[n, c] = Σ_{h, w} dy[n, h, w, c]
/// ```
///
/// - `dy`: (n, h, w, c)
/// - returns `dx`: (n, c)
pub fn repeat_channels_backward(dy: ArrayView4<f32>) -> Array2<f32> {
    let (images, _, _, channels) = dy.dim();
    let mut dx = Array2::zeros((images, channels));
    for ((n, _, _, c), dy) in dy.indexed_iter() {
        dx[[n, c]] += dy;
    }
    dx
}

/// Computes several branches of one input side by side, along the last axis.
///
/// ```text
/// y = (f₁(x), f₂(x), ...)
/// ```
///
/// - `x`: (n, ...); outputs of the branches: (n, ..., cₖ)
/// - returns `y`: (n, ..., Σₖ cₖ)
pub fn concatenate_branches(x: ArrayViewD<f32>, branches: &[Pass]) -> ArrayD<f32> {
    join_branches(x, branches, |axes| axes - 1)
}

/// Computes the gradient of [`concatenate_branches()`]: each branch gets its own part of `dy`.
///
/// ```text
/// dx = Σₖ fₖ'(x)ᵀ·dyₖ        dyₖ: the part of fₖ
/// ```
///
/// - `dy`: (n, ..., Σₖ cₖ); `sizes`: cₖ
/// - returns `dx`: (n, ...)
pub fn concatenate_branches_backward(
    dy: ArrayViewD<f32>,
    branches: &[Pass],
    sizes: &[usize],
) -> ArrayD<f32> {
    part_branches(dy, branches, sizes, |axes| axes - 1)
}

/// Computes several branches of one input one after the other, along the first axis of a sample, that of
/// steps.
///
/// ```text
/// y = (f₁(x), f₂(x), ...)
/// ```
///
/// - `x`: (n, ...); outputs of the branches: (n, tₖ, ...)
/// - returns `y`: (n, Σₖ tₖ, ...)
pub fn append_branches(x: ArrayViewD<f32>, branches: &[Pass]) -> ArrayD<f32> {
    join_branches(x, branches, |_| 1)
}

/// Computes the gradient of [`append_branches()`]: each branch gets its own part of `dy`.
///
/// ```text
/// dx = Σₖ fₖ'(x)ᵀ·dyₖ        dyₖ: the part of fₖ
/// ```
///
/// - `dy`: (n, Σₖ tₖ, ...); `sizes`: tₖ
/// - returns `dx`: (n, ...)
pub fn append_branches_backward(
    dy: ArrayViewD<f32>,
    branches: &[Pass],
    sizes: &[usize],
) -> ArrayD<f32> {
    part_branches(dy, branches, sizes, |_| 1)
}

/// Joins the outputs of branches along an axis, whose number follows from that of axes.
fn join_branches(x: ArrayViewD<f32>, branches: &[Pass], axis: fn(usize) -> usize) -> ArrayD<f32> {
    let parts: Vec<ArrayD<f32>> = branches.iter().map(|f| f(x.view())).collect();
    let views: Vec<ArrayViewD<f32>> = parts.iter().map(|part| part.view()).collect();
    concatenate(Axis(axis(views[0].ndim())), &views).expect("equal sizes but for one axis")
}

/// Sends each branch its part of the gradient along an axis, and adds up what comes back.
fn part_branches(
    dy: ArrayViewD<f32>,
    branches: &[Pass],
    sizes: &[usize],
    axis: fn(usize) -> usize,
) -> ArrayD<f32> {
    let mut first = 0;
    let mut parts = branches.iter().zip(sizes).map(|(f_backward, size)| {
        let range = Slice::from(first..first + size);
        first += size;
        f_backward(dy.slice_axis(Axis(axis(dy.ndim())), range))
    });
    let dx = parts.next().expect("at least one branch");
    parts.fold(dx, |dx, part| dx + part)
}
