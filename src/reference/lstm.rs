//! Twin of [`Lstm`](crate::layers::Lstm): one sequence, step by step.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use super::simple_rnn::{add_product, add_product_backward};

/// States of an LSTM.
pub struct LstmStates {
    /// (steps, 4·units), the gates i, f, g and o of each step.
    pub gates: Array2<f32>,
    /// (steps + 1, units), the memory before the first step and after each.
    pub c: Array2<f32>,
    /// (steps + 1, units), the state likewise.
    pub h: Array2<f32>,
}

/// Computes the states of an LSTM after each step of one sequence. The first ones are 0.
///
/// ```text
/// [i f g o] = x[t]·w + h[t]·u + b,  then σ of i, f and o, and tanh of g
/// c[t + 1] = f·c[t] + i·g        h[t + 1] = o·tanh(c[t + 1])
/// ```
///
/// - `x`: (steps, in), `w`: (in, 4·units), `u`: (units, 4·units), `b`: (4·units)
pub fn lstm(
    x: ArrayView2<f32>,
    w: ArrayView2<f32>,
    u: ArrayView2<f32>,
    b: ArrayView1<f32>,
) -> LstmStates {
    let (steps, units) = (x.nrows(), u.nrows());
    let mut gates = Array2::zeros((steps, 4 * units));
    let mut c = Array2::<f32>::zeros((steps + 1, units));
    let mut h = Array2::zeros((steps + 1, units));
    for t in 0..steps {
        let mut a = b.to_owned();
        add_product(x.row(t), w, &mut a);
        add_product(h.row(t), u, &mut a);
        for k in 0..4 * units {
            let is_g = k / units == 2;
            gates[[t, k]] = if is_g { a[k].tanh() } else { 1.0 / (1.0 + (-a[k]).exp()) };
        }
        for j in 0..units {
            let [i, f, g, o] = [0, 1, 2, 3].map(|gate| gates[[t, gate * units + j]]);
            c[[t + 1, j]] = f * c[[t, j]] + i * g;
            h[[t + 1, j]] = o * c[[t + 1, j]].tanh();
        }
    }
    LstmStates { gates, c, h }
}

/// Computes the gradients of [`lstm()`], from the last step to the first.
///
/// ```text
/// dc = dc[t + 1] + dh[t + 1]·o·(1 - tanh²(c[t + 1]))                               dc[t] = dc·f
/// da = [dc·g·i·(1-i)   dc·c[t]·f·(1-f)   dc·i·(1-g²)   dh[t + 1]·tanh(c[t + 1])·o·(1-o)]
/// dh[t] = dy[t - 1] + da·uᵀ                     dx[t] = da·wᵀ
/// dw = Σₜ x[t]ᵀ·da                              du = Σₜ h[t]ᵀ·da             db = Σₜ da
/// ```
///
/// - `x`, `w`, `u`: as there; `states`: what it returned; `dy`: (steps, units)
/// - returns `dx`: (steps, in), `dw`: (in, 4·units), `du`: (units, 4·units), `db`: (4·units)
pub fn lstm_backward(
    x: ArrayView2<f32>,
    w: ArrayView2<f32>,
    u: ArrayView2<f32>,
    states: &LstmStates,
    dy: ArrayView2<f32>,
) -> (Array2<f32>, Array2<f32>, Array2<f32>, Array1<f32>) {
    let LstmStates { gates, c, h } = states;
    let (steps, units) = (x.nrows(), u.nrows());
    let (mut dx, mut dw, mut du) =
        (Array2::zeros(x.dim()), Array2::zeros(w.dim()), Array2::zeros(u.dim()));
    let mut db = Array1::zeros(4 * units);
    let (mut dh, mut dc) = (Array1::zeros(units), Array1::<f32>::zeros(units));
    for t in (0..steps).rev() {
        dh += &dy.row(t);
        let mut da = Array1::zeros(4 * units);
        for j in 0..units {
            let [i, f, g, o] = [0, 1, 2, 3].map(|gate| gates[[t, gate * units + j]]);
            let s = c[[t + 1, j]].tanh();
            dc[j] += dh[j] * o * (1.0 - s * s);
            da[j] = dc[j] * g * i * (1.0 - i);
            da[units + j] = dc[j] * c[[t, j]] * f * (1.0 - f);
            da[2 * units + j] = dc[j] * i * (1.0 - g * g);
            da[3 * units + j] = dh[j] * s * o * (1.0 - o);
            dc[j] *= f;
        }
        dh = Array1::zeros(units);
        add_product_backward(x.row(t), w, &da, dx.row_mut(t), &mut dw);
        add_product_backward(h.row(t), u, &da, dh.view_mut(), &mut du);
        db += &da;
    }
    (dx, dw, du, db)
}
