//! Twins of the layers that add positions to steps of features.

use ndarray::{Array2, Array3, ArrayView2, ArrayView3};

/// Computes the outputs of [`SinusoidalPositions`](crate::layers::SinusoidalPositions).
///
/// ```text
/// y[n, t, 2i]     = x[n, t, 2i]     + sin(t/10000^(2i/d))
/// y[n, t, 2i + 1] = x[n, t, 2i + 1] + cos(t/10000^(2i/d))
/// ```
///
/// - `x`: (n, steps, d)
/// - returns `y`: (n, steps, d)
pub fn sinusoidal_positions(x: ArrayView3<f32>) -> Array3<f32> {
    let (_, _, d) = x.dim();
    Array3::from_shape_fn(x.dim(), |(n, t, i)| {
        let exponent = (i - i % 2) as f64 / d as f64;
        let angle = t as f64 / 10000f64.powf(exponent);
        x[[n, t, i]] + if i % 2 == 0 { angle.sin() } else { angle.cos() } as f32
    })
}

/// Computes the gradient of [`sinusoidal_positions()`]. What is added is constant.
///
/// ```text
/// dx[n, t, i] = dy[n, t, i]
/// ```
///
/// - `dy`: (n, steps, d)
/// - returns `dx`: (n, steps, d)
pub fn sinusoidal_positions_backward(dy: ArrayView3<f32>) -> Array3<f32> {
    dy.to_owned()
}

/// Computes the outputs of [`LearnedPositions`](crate::layers::LearnedPositions).
///
/// ```text
/// y[n, t, i] = x[n, t, i] + positions[t, i]
/// ```
///
/// - `x`: (n, steps, d), `positions`: (steps, d)
/// - returns `y`: (n, steps, d)
pub fn learned_positions(x: ArrayView3<f32>, positions: ArrayView2<f32>) -> Array3<f32> {
    Array3::from_shape_fn(x.dim(), |(n, t, i)| x[[n, t, i]] + positions[[t, i]])
}

/// Computes the gradients of [`learned_positions()`].
///
/// ```text
/// dx[n, t, i] = dy[n, t, i]        dpositions[t, i] = Σₙ dy[n, t, i]
/// ```
///
/// - `dy`: (n, steps, d)
/// - returns `dx`: (n, steps, d), `dpositions`: (steps, d)
pub fn learned_positions_backward(dy: ArrayView3<f32>) -> (Array3<f32>, Array2<f32>) {
    let (_, steps, d) = dy.dim();
    let mut dpositions = Array2::zeros((steps, d));
    for ((_, t, i), &dy) in dy.indexed_iter() {
        dpositions[[t, i]] += dy;
    }
    (dy.to_owned(), dpositions)
}
