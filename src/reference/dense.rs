//! Twin of [`Dense`](crate::layers::Dense): three nested loops, forward and backward.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

/// Computes the outputs of a dense layer.
///
/// ```text
/// y[n, o] = b[o] + Σᵢ x[n, i]·w[i, o]
/// ```
///
/// - `x`: (n, in), `w`: (in, out), `b`: (out)
/// - returns `y`: (n, out)
pub fn dense(x: ArrayView2<f32>, w: ArrayView2<f32>, b: ArrayView1<f32>) -> Array2<f32> {
    let (samples, (inputs, outputs)) = (x.nrows(), w.dim());
    let mut y = Array2::zeros((samples, outputs));
    for n in 0..samples {
        for o in 0..outputs {
            y[[n, o]] = b[o];
            for i in 0..inputs {
                y[[n, o]] += x[[n, i]] * w[[i, o]];
            }
        }
    }
    y
}

/// Computes the gradients of [`dense()`].
///
/// Each product `y += x·w` of the forward pass sends `dy·w` to its `x` and `dy·x` to its `w`.
///
/// ```text
/// dx[n, i] = Σₒ dy[n, o]·w[i, o]        dw[i, o] = Σₙ dy[n, o]·x[n, i]        db[o] = Σₙ dy[n, o]
/// ```
///
/// - `x`: (n, in), `w`: (in, out), `dy`: (n, out)
/// - returns `dx`: (n, in), `dw`: (in, out), `db`: (out)
pub fn dense_backward(
    x: ArrayView2<f32>,
    w: ArrayView2<f32>,
    dy: ArrayView2<f32>,
) -> (Array2<f32>, Array2<f32>, Array1<f32>) {
    let (samples, (inputs, outputs)) = (x.nrows(), w.dim());
    let (mut dx, mut dw) = (Array2::zeros(x.dim()), Array2::zeros(w.dim()));
    let mut db = Array1::zeros(outputs);
    for n in 0..samples {
        for o in 0..outputs {
            db[o] += dy[[n, o]];
            for i in 0..inputs {
                dx[[n, i]] += dy[[n, o]] * w[[i, o]];
                dw[[i, o]] += dy[[n, o]] * x[[n, i]];
            }
        }
    }
    (dx, dw, db)
}
