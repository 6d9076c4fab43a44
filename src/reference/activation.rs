//! Twins of the activations: a function of one number, and its derivative times `dy`.
//!
//! Each takes a number `x` of an array of any shape, and the backward function its `dy` too: `x`, `y`,
//! `dy` and `dx` have the same shape. Only [`prelu()`] has parameters, and so takes whole arrays.
//!
//! ```
//! use chainrule::reference::{relu, relu_backward};
//! use ndarray::{Zip, array};
//!
//! let (x, dy) = (array![-1.0, 2.0], array![3.0, 3.0]);
//! assert_eq!(x.mapv(relu), array![0.0, 2.0]);
//! assert_eq!(Zip::from(&x).and(&dy).map_collect(|&x, &dy| relu_backward(x, dy)), array![0.0, 3.0]);
//! ```

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

/// Computes [`Relu`](crate::layers::Relu).
///
/// ```text
/// y = max(x, 0)
/// ```
pub fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

/// Computes the gradient of [`relu()`].
///
/// ```text
/// dx = dy where x > 0, else 0
/// ```
pub fn relu_backward(x: f32, dy: f32) -> f32 {
    if x > 0.0 { dy } else { 0.0 }
}

/// Computes [`LeakyRelu`](crate::layers::LeakyRelu) of slope `s`.
///
/// ```text
/// y = x where x > 0, else s·x
/// ```
pub fn leaky_relu(x: f32, s: f32) -> f32 {
    if x > 0.0 { x } else { s * x }
}

/// Computes the gradient of [`leaky_relu()`].
///
/// ```text
/// dx = dy where x > 0, else s·dy
/// ```
pub fn leaky_relu_backward(x: f32, dy: f32, s: f32) -> f32 {
    if x > 0.0 { dy } else { s * dy }
}

/// Computes [`Prelu`](crate::layers::Prelu): a leaky ReLU with a learned slope for each channel.
///
/// ```text
/// y[n, c] = x[n, c] where x[n, c] > 0, else s[c]·x[n, c]
/// ```
///
/// - `x`: (n, c), where `n` counts samples, or the pixels of all images; `s`: (c)
/// - returns `y`: (n, c)
pub fn prelu(x: ArrayView2<f32>, s: ArrayView1<f32>) -> Array2<f32> {
    Array2::from_shape_fn(x.dim(), |(n, c)| leaky_relu(x[[n, c]], s[c]))
}

/// Computes the gradients of [`prelu()`].
///
/// ```text
/// dx[n, c] = dy[n, c] where x[n, c] > 0, else s[c]·dy[n, c]
/// ds[c] = Σ dy[n, c]·x[n, c] over the n where x[n, c] ≤ 0
/// ```
///
/// - `x`, `dy`: (n, c); `s`: (c)
/// - returns `dx`: (n, c); `ds`: (c)
pub fn prelu_backward(
    x: ArrayView2<f32>,
    s: ArrayView1<f32>,
    dy: ArrayView2<f32>,
) -> (Array2<f32>, Array1<f32>) {
    let (mut dx, mut ds) = (Array2::zeros(x.dim()), Array1::zeros(s.len()));
    for ((n, c), &x) in x.indexed_iter() {
        dx[[n, c]] = leaky_relu_backward(x, dy[[n, c]], s[c]);
        if x <= 0.0 {
            ds[c] += dy[[n, c]] * x;
        }
    }
    (dx, ds)
}

/// Computes [`Elu`](crate::layers::Elu) towards `-α`.
///
/// ```text
/// y = x where x > 0, else α·(eˣ - 1)
/// ```
pub fn elu(x: f32, alpha: f32) -> f32 {
    if x > 0.0 { x } else { alpha * x.exp_m1() }
}

/// Computes the gradient of [`elu()`].
///
/// ```text
/// dx = dy where x > 0, else α·eˣ·dy
/// ```
pub fn elu_backward(x: f32, dy: f32, alpha: f32) -> f32 {
    if x > 0.0 { dy } else { alpha * x.exp() * dy }
}

/// The `λ` and `α` of [`selu()`], which solve `E[y] = 0` and `E[y²] = 1` for a normal `x`.
const SELU: (f32, f32) = (1.050_701, 1.673_263_2);

/// Computes [`Selu`](crate::layers::Selu).
///
/// ```text
/// y = λ·x where x > 0, else λ·α·(eˣ - 1)        λ = 1.0507, α = 1.6733
/// ```
pub fn selu(x: f32) -> f32 {
    SELU.0 * elu(x, SELU.1)
}

/// Computes the gradient of [`selu()`].
///
/// ```text
/// dx = λ·dy where x > 0, else λ·α·eˣ·dy
/// ```
pub fn selu_backward(x: f32, dy: f32) -> f32 {
    SELU.0 * elu_backward(x, dy, SELU.1)
}

/// Computes [`Sigmoid`](crate::layers::Sigmoid).
///
/// ```text
/// y = σ(x) = 1/(1 + e⁻ˣ)
/// ```
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Computes the gradient of [`sigmoid()`].
///
/// ```text
/// dx = y·(1 - y)·dy
/// ```
pub fn sigmoid_backward(x: f32, dy: f32) -> f32 {
    let y = sigmoid(x);
    y * (1.0 - y) * dy
}

/// Computes [`Tanh`](crate::layers::Tanh).
///
/// ```text
/// y = tanh x
/// ```
pub fn tanh(x: f32) -> f32 {
    x.tanh()
}

/// Computes the gradient of [`tanh()`].
///
/// ```text
/// dx = (1 - y²)·dy
/// ```
pub fn tanh_backward(x: f32, dy: f32) -> f32 {
    let y = tanh(x);
    (1.0 - y * y) * dy
}

/// Computes [`Softplus`](crate::layers::Softplus).
///
/// ```text
/// y = ln(1 + eˣ) = max(x, 0) + ln(1 + e^(-|x|))
/// ```
pub fn softplus(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Computes the gradient of [`softplus()`].
///
/// ```text
/// dx = σ(x)·dy
/// ```
pub fn softplus_backward(x: f32, dy: f32) -> f32 {
    sigmoid(x) * dy
}

/// Computes [`Silu`](crate::layers::Silu).
///
/// ```text
/// y = x·σ(x)
/// ```
pub fn silu(x: f32) -> f32 {
    x * sigmoid(x)
}

/// Computes the gradient of [`silu()`].
///
/// ```text
/// dx = (σ(x) + x·σ(x)·(1 - σ(x)))·dy
/// ```
pub fn silu_backward(x: f32, dy: f32) -> f32 {
    let s = sigmoid(x);
    (s + x * s * (1.0 - s)) * dy
}

/// Computes [`Mish`](crate::layers::Mish).
///
/// ```text
/// y = x·tanh(softplus x)
/// ```
pub fn mish(x: f32) -> f32 {
    x * softplus(x).tanh()
}

/// Computes the gradient of [`mish()`].
///
/// ```text
/// dx = (t + x·(1 - t²)·σ(x))·dy        t = tanh(softplus x)
/// ```
pub fn mish_backward(x: f32, dy: f32) -> f32 {
    let t = softplus(x).tanh();
    (t + x * (1.0 - t * t) * sigmoid(x)) * dy
}

/// Computes [`Hardswish`](crate::layers::Hardswish).
///
/// ```text
/// y = x·clip(x + 3, 0, 6)/6
/// ```
pub fn hardswish(x: f32) -> f32 {
    x * (x + 3.0).clamp(0.0, 6.0) / 6.0
}

/// Computes the gradient of [`hardswish()`].
///
/// ```text
/// dx = 0 where x ≤ -3,  dy where x ≥ 3,  (2x + 3)/6·dy between
/// ```
pub fn hardswish_backward(x: f32, dy: f32) -> f32 {
    if x <= -3.0 {
        0.0
    } else if x >= 3.0 {
        dy
    } else {
        (2.0 * x + 3.0) / 6.0 * dy
    }
}
