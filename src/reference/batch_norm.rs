//! Twin of [`BatchNorm`](crate::layers::BatchNorm): each channel is brought to mean 0 and variance 1
//! over the batch.
//!
//! In training, the mean and the variance are those of the batch, and depend on every input: the
//! backward pass is that of [`layer_norm()`](super::layer_norm()), with channels in the place of
//! samples. In prediction they are constants, and a channel is a linear function of each number.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

/// Computes mean and variance of each channel, with the divisor `m` = n.
///
/// ```text
/// μ[c] = (1/m)·Σₙ x[n, c]        σ²[c] = (1/m)·Σₙ (x[n, c] - μ[c])²
/// ```
///
/// - `x`: (n, c), where `n` counts samples, or the pixels of all images
/// - returns `μ`, `σ²`: (c)
pub fn batch_moments(x: ArrayView2<f32>) -> (Array1<f32>, Array1<f32>) {
    let m = x.nrows() as f32;
    let mean = x.sum_axis(Axis(0)) / m;
    let squares = (&x - &mean).mapv(|difference| difference * difference);
    (mean, squares.sum_axis(Axis(0)) / m)
}

/// Computes the outputs of a batch normalization with given mean and variance: those of the batch in
/// training, the running ones in prediction.
///
/// ```text
/// y[n, c] = scale[c]·x̂[n, c] + shift[c]        x̂[n, c] = (x[n, c] - μ[c])/√(σ²[c] + ε)
/// ```
///
/// - `x`: (n, c); `scale`, `shift`, `mean`, `variance`: (c)
/// - returns `y`: (n, c)
pub fn batch_norm(
    x: ArrayView2<f32>,
    [scale, shift]: [ArrayView1<f32>; 2],
    [mean, variance]: [ArrayView1<f32>; 2],
    epsilon: f32,
) -> Array2<f32> {
    Array2::from_shape_fn(x.dim(), |(n, c)| {
        let normal = (x[[n, c]] - mean[c]) / (variance[c] + epsilon).sqrt();
        scale[c] * normal + shift[c]
    })
}

/// Computes the gradients of [`batch_norm()`] in training, where the mean and the variance are those
/// of the batch and move when an `x` moves.
///
/// ```text
/// dscale[c] = Σₙ dy[n, c]·x̂[n, c]        dshift[c] = Σₙ dy[n, c]
/// dx[n, c] = scale[c]/√(σ²[c] + ε)·(dy[n, c] - dshift[c]/m - x̂[n, c]·dscale[c]/m)
/// ```
///
/// - `x`: (n, c); `scale`: (c); `dy`: (n, c)
/// - returns `dx`: (n, c); `dscale`, `dshift`: (c)
pub fn batch_norm_backward(
    x: ArrayView2<f32>,
    scale: ArrayView1<f32>,
    dy: ArrayView2<f32>,
    epsilon: f32,
) -> (Array2<f32>, Array1<f32>, Array1<f32>) {
    let (m, (mean, variance)) = (x.nrows() as f32, batch_moments(x));
    let deviation = variance.mapv(|variance| (variance + epsilon).sqrt());
    let normal = (&x - &mean) / &deviation;
    let dscale = (&dy * &normal).sum_axis(Axis(0));
    let dshift = dy.sum_axis(Axis(0));
    let dx = Array2::from_shape_fn(x.dim(), |(n, c)| {
        let through_mean_and_deviation = (dshift[c] + normal[[n, c]] * dscale[c]) / m;
        scale[c] / deviation[c] * (dy[[n, c]] - through_mean_and_deviation)
    });
    (dx, dscale, dshift)
}

/// Computes the gradients of [`batch_norm()`] in prediction, where mean and variance are constants.
///
/// ```text
/// dx[n, c] = scale[c]/√(σ²[c] + ε)·dy[n, c]
/// dscale[c] = Σₙ dy[n, c]·x̂[n, c]        dshift[c] = Σₙ dy[n, c]
/// ```
///
/// - `x`: (n, c); `scale`, `mean`, `variance`: (c); `dy`: (n, c)
/// - returns `dx`: (n, c); `dscale`, `dshift`: (c)
pub fn batch_norm_fixed_backward(
    x: ArrayView2<f32>,
    scale: ArrayView1<f32>,
    [mean, variance]: [ArrayView1<f32>; 2],
    dy: ArrayView2<f32>,
    epsilon: f32,
) -> (Array2<f32>, Array1<f32>, Array1<f32>) {
    let deviation = variance.mapv(|variance| (variance + epsilon).sqrt());
    let normal = (&x - &mean) / &deviation;
    let dx = &dy * &scale / &deviation;
    (dx, (&dy * &normal).sum_axis(Axis(0)), dy.sum_axis(Axis(0)))
}

/// Moves the running mean and variance towards those of a batch of `m` numbers a channel.
///
/// ```text
/// running ← (1 - momentum)·running + momentum·batch
/// ```
///
/// The running variance follows `σ²·m/(m - 1)`, the estimate without bias.
///
/// - `running`, `batch`: mean and variance, each (c)
/// - returns the new `running`
pub fn follow_batch(
    running: [ArrayView1<f32>; 2],
    [mean, variance]: [ArrayView1<f32>; 2],
    m: usize,
    momentum: f32,
) -> [Array1<f32>; 2] {
    let unbiased = m as f32 / (m as f32 - 1.0).max(1.0);
    let batch = [mean.to_owned(), &variance * unbiased];
    [0, 1].map(|i| &running[i] * (1.0 - momentum) + &batch[i] * momentum)
}
