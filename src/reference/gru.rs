//! Twin of [`Gru`](crate::layers::Gru): one sequence, step by step.

use ndarray::{Array1, Array2, ArrayView2};

use super::simple_rnn::{add_product, add_product_backward};

/// Parameters of a GRU, or their gradients.
#[derive(Debug, Clone)]
pub struct GruParams {
    /// (in, 2·units) and (units, 2·units) and (2·units), of the gates r and z.
    pub gates: (Array2<f32>, Array2<f32>, Array1<f32>),
    /// (in, units) and (units, units) and (units), of the candidate.
    pub candidate: (Array2<f32>, Array2<f32>, Array1<f32>),
    /// (units), the bias of what the candidate reads of the state.
    pub recurrent_bias: Array1<f32>,
}

/// States of a GRU.
#[derive(Debug, Clone)]
pub struct GruStates {
    /// (steps, 2·units), the gates r and z of each step.
    pub gates: Array2<f32>,
    /// (steps, units), what the candidate reads of the state: v.
    pub read: Array2<f32>,
    /// (steps, units), the candidate n.
    pub candidate: Array2<f32>,
    /// (steps + 1, units), the state before the first step and after each.
    pub h: Array2<f32>,
}

/// Computes the states of a GRU after each step of one sequence, with the gate r after the product. The first
/// state is 0.
///
/// ```text
/// [r z] = σ(x[t]·w + h[t]·u + b)
/// v = h[t]·uₙ + c        n = tanh(x[t]·wₙ + bₙ + r·v)        h[t + 1] = (1 - z)·n + z·h[t]
/// ```
///
/// - `x`: (steps, in)
pub fn gru(x: ArrayView2<f32>, params: &GruParams) -> GruStates {
    let GruParams { gates: (w, u, b), candidate: (wn, un, bn), recurrent_bias } = params;
    let (steps, units) = (x.nrows(), bn.len());
    let zeros = |rows: usize| Array2::<f32>::zeros((rows, units));
    let mut gates = Array2::zeros((steps, 2 * units));
    let (mut read, mut candidate, mut h) = (zeros(steps), zeros(steps), zeros(steps + 1));
    for t in 0..steps {
        let (mut a, mut an, mut v) = (b.clone(), bn.clone(), recurrent_bias.clone());
        add_product(x.row(t), w.view(), &mut a);
        add_product(h.row(t), u.view(), &mut a);
        add_product(x.row(t), wn.view(), &mut an);
        add_product(h.row(t), un.view(), &mut v);
        gates.row_mut(t).assign(&a.mapv(|a| 1.0 / (1.0 + (-a).exp())));
        for j in 0..units {
            let (r, z) = (gates[[t, j]], gates[[t, units + j]]);
            let n = (an[j] + r * v[j]).tanh();
            h[[t + 1, j]] = (1.0 - z) * n + z * h[[t, j]];
            candidate[[t, j]] = n;
        }
        read.row_mut(t).assign(&v);
    }
    GruStates { gates, read, candidate, h }
}

/// Computes the gradients of [`gru()`], from the last step to the first.
///
/// ```text
/// dn = dh[t + 1]·(1 - z)·(1 - n²)              dv = dn·r
/// dr = dn·v·r·(1 - r)                          dz = dh[t + 1]·(h[t] - n)·z·(1 - z)
/// dh[t] = dy[t - 1] + dh[t + 1]·z + [dr dz]·uᵀ + dv·uₙᵀ        dx[t] = [dr dz]·wᵀ + dn·wₙᵀ
/// dw = Σₜ x[t]ᵀ·[dr dz]     du = Σₜ h[t]ᵀ·[dr dz]     db = Σₜ [dr dz]
/// dwₙ = Σₜ x[t]ᵀ·dn         duₙ = Σₜ h[t]ᵀ·dv         dbₙ = Σₜ dn        dc = Σₜ dv
/// ```
///
/// - `x`, `params`: as there; `states`: what it returned; `dy`: (steps, units)
/// - returns `dx`: (steps, in), and the gradients of the parameters
pub fn gru_backward(
    x: ArrayView2<f32>,
    params: &GruParams,
    states: &GruStates,
    dy: ArrayView2<f32>,
) -> (Array2<f32>, GruParams) {
    let GruParams { gates: (w, u, _), candidate: (wn, un, _), .. } = params;
    let GruStates { gates, read, candidate, h } = states;
    let (steps, units) = (x.nrows(), un.nrows());
    let zeros = |width: usize| (Array2::zeros((x.ncols(), width)), Array2::zeros((units, width)));
    let ((mut dw, mut du), (mut dwn, mut dun)) = (zeros(2 * units), zeros(units));
    let mut db = Array1::zeros(2 * units);
    let (mut dbn, mut dc, mut dh) =
        (Array1::zeros(units), Array1::zeros(units), Array1::<f32>::zeros(units));
    let mut dx = Array2::zeros(x.dim());
    for t in (0..steps).rev() {
        dh += &dy.row(t);
        let (mut da, mut dn, mut dv) =
            (Array1::zeros(2 * units), Array1::zeros(units), Array1::zeros(units));
        for j in 0..units {
            let (r, z, n) = (gates[[t, j]], gates[[t, units + j]], candidate[[t, j]]);
            dn[j] = dh[j] * (1.0 - z) * (1.0 - n * n);
            dv[j] = dn[j] * r;
            da[j] = dn[j] * read[[t, j]] * r * (1.0 - r);
            da[units + j] = dh[j] * (h[[t, j]] - n) * z * (1.0 - z);
            dh[j] *= z;
        }
        add_product_backward(x.row(t), w.view(), &da, dx.row_mut(t), &mut dw);
        add_product_backward(h.row(t), u.view(), &da, dh.view_mut(), &mut du);
        add_product_backward(x.row(t), wn.view(), &dn, dx.row_mut(t), &mut dwn);
        add_product_backward(h.row(t), un.view(), &dv, dh.view_mut(), &mut dun);
        (db, dbn, dc) = (db + &da, dbn + &dn, dc + &dv);
    }
    let gradients =
        GruParams { gates: (dw, du, db), candidate: (dwn, dun, dbn), recurrent_bias: dc };
    (dx, gradients)
}
