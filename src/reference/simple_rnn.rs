//! Twin of [`SimpleRnn`](crate::layers::SimpleRnn): one sequence, step by step.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1};

/// Computes the states of a simple recurrent layer after each step of one sequence. The first state is 0.
///
/// ```text
/// h[t + 1] = tanh(x[t]·w + h[t]·u + b)
/// ```
///
/// - `x`: (steps, in), `w`: (in, units), `u`: (units, units), `b`: (units)
/// - returns `h`: (steps + 1, units), the first state and those after the steps
pub fn simple_rnn(
    x: ArrayView2<f32>,
    w: ArrayView2<f32>,
    u: ArrayView2<f32>,
    b: ArrayView1<f32>,
) -> Array2<f32> {
    let mut h = Array2::zeros((x.nrows() + 1, b.len()));
    for t in 0..x.nrows() {
        let mut a = b.to_owned();
        add_product(x.row(t), w, &mut a);
        add_product(h.row(t), u, &mut a);
        h.row_mut(t + 1).assign(&a.mapv(f32::tanh));
    }
    h
}

/// Computes the gradients of [`simple_rnn()`], from the last step to the first.
///
/// A state has an influence as an output and by way of the next state, and its gradient is the sum of both.
///
/// ```text
/// da[t] = dh[t + 1]·(1 - h[t + 1]²)        dh[t] = dy[t - 1] + da[t]·uᵀ        dx[t] = da[t]·wᵀ
/// dw = Σₜ x[t]ᵀ·da[t]                      du = Σₜ h[t]ᵀ·da[t]                 db = Σₜ da[t]
/// ```
///
/// - `x`, `w`, `u`: as there; `h`: what it returned; `dy`: (steps, units)
/// - returns `dx`: (steps, in), `dw`: (in, units), `du`: (units, units), `db`: (units)
pub fn simple_rnn_backward(
    x: ArrayView2<f32>,
    w: ArrayView2<f32>,
    u: ArrayView2<f32>,
    h: ArrayView2<f32>,
    dy: ArrayView2<f32>,
) -> (Array2<f32>, Array2<f32>, Array2<f32>, Array1<f32>) {
    let (mut dx, mut dw, mut du) =
        (Array2::zeros(x.dim()), Array2::zeros(w.dim()), Array2::zeros(u.dim()));
    let mut db = Array1::zeros(u.ncols());
    let mut dh = Array1::zeros(u.ncols());
    for t in (0..x.nrows()).rev() {
        dh += &dy.row(t);
        let da = &dh * &h.row(t + 1).mapv(|h| 1.0 - h * h);
        dh = Array1::zeros(u.ncols());
        add_product_backward(x.row(t), w, &da, dx.row_mut(t), &mut dw);
        add_product_backward(h.row(t), u, &da, dh.view_mut(), &mut du);
        db += &da;
    }
    (dx, dw, du, db)
}

/// `a[k] += Σᵢ x[i]·w[i, k]`
pub(super) fn add_product(x: ArrayView1<f32>, w: ArrayView2<f32>, a: &mut Array1<f32>) {
    for ((i, k), w) in w.indexed_iter() {
        a[k] += x[i] * w;
    }
}

/// `dx[i] += Σₖ da[k]·w[i, k]` and `dw[i, k] += x[i]·da[k]`
pub(super) fn add_product_backward(
    x: ArrayView1<f32>,
    w: ArrayView2<f32>,
    da: &Array1<f32>,
    mut dx: ArrayViewMut1<f32>,
    dw: &mut Array2<f32>,
) {
    for ((i, k), w) in w.indexed_iter() {
        dx[i] += da[k] * w;
        dw[[i, k]] += x[i] * da[k];
    }
}
