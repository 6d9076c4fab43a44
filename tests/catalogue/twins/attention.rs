//! Layers of attention against plain loops.

use chainrule::prelude::*;
use chainrule::random::Key;
use chainrule::reference::{
    self, AttentionWeights, Pass, dense, dense_backward, gelu, gelu_backward, layer_norm,
    layer_norm_backward,
};
use ndarray::{Array1, Array2, ArrayD, ArrayView2, ArrayViewD, Axis, Zip, concatenate};
use proptest::prelude::*;

use super::fast::{Fast, normal};
use super::{Check, close, config, view};
use crate::registry::blocks::run_block;

pub const CHECKS: [Check; 3] = [
    ("SelfAttention", self_attention),
    ("CrossAttention", cross_attention),
    ("TransformerBlock", transformer_block),
];

/// A matrix and its bias: two arrays from the front of those of a layer, or one and zeros.
fn take(arrays: &mut &[ArrayD<f32>], bias: bool) -> (Array2<f32>, Array1<f32>) {
    let weight: Array2<f32> = view(&arrays[0]).to_owned();
    let zeros = Array1::zeros(weight.ncols());
    let bias_values = if bias { view(&arrays[1]).to_owned() } else { zeros };
    *arrays = &arrays[1 + usize::from(bias)..];
    (weight, bias_values)
}

/// The arrays of a layer, or their gradients, as the twin takes them.
fn weights(
    mut arrays: &[ArrayD<f32>],
    heads: usize,
    is_self: bool,
    bias: bool,
) -> AttentionWeights {
    let ((query, query_bias), (memory, memory_bias)) = if is_self {
        let (weight, bias) = take(&mut arrays, bias);
        let total = weight.ncols() / 3;
        let (query, memory) = weight.view().split_at(Axis(1), total);
        let (query_bias, memory_bias) = bias.view().split_at(Axis(0), total);
        ((query.to_owned(), query_bias.to_owned()), (memory.to_owned(), memory_bias.to_owned()))
    } else {
        (take(&mut arrays, bias), take(&mut arrays, bias))
    };
    let (out, out_bias) = take(&mut arrays, bias);
    AttentionWeights { heads, query, query_bias, memory, memory_bias, out, out_bias }
}

/// Compares the gradients of a layer's arrays with those of the twin.
fn close_weights(name: &str, fast: &AttentionWeights, twin: &AttentionWeights, bias: bool) {
    close(&format!("d query of {name}"), &fast.query.clone().into_dyn(), &twin.query);
    close(&format!("d memory of {name}"), &fast.memory.clone().into_dyn(), &twin.memory);
    close(&format!("d out of {name}"), &fast.out.clone().into_dyn(), &twin.out);
    if bias {
        let all = |w: &AttentionWeights| {
            let views = [w.query_bias.view(), w.memory_bias.view(), w.out_bias.view()];
            concatenate(Axis(0), &views).unwrap()
        };
        close(&format!("d bias of {name}"), &all(fast).into_dyn(), &all(twin));
    }
}

fn self_attention() {
    proptest!(config(), |(
        (n, steps) in (1usize..4, 1usize..40),
        (heads, width, features) in (1usize..5, 1usize..20, 1usize..20),
        (own_width, causal, bias) in any::<(bool, bool, bool)>(),
        seed in any::<u64>(),
    )| {
        let features = if own_width { features } else { heads * width };
        let mut layer = SelfAttention::new(heads).bias(bias);
        layer = if own_width { layer.head_width(width) } else { layer };
        layer = if causal { layer.causal() } else { layer };
        let fast = Fast::run(&layer, &[steps, features], n, seed);
        let w = weights(&fast.params, heads, true, bias);
        let y = reference::self_attention(view(&fast.x), &w, causal);
        close("y of SelfAttention", &fast.y, &y);
        let (dx, dw) = reference::self_attention_backward(view(&fast.x), &w, view(&fast.dy), causal);
        close("dx of SelfAttention", &fast.dx, &dx);
        close_weights("SelfAttention", &weights(&fast.dparams, heads, true, bias), &dw, bias);
    });
}

fn cross_attention() {
    proptest!(config(), |(
        (n, queries, keys) in (1usize..4, 1usize..20, 1usize..40),
        (heads, width, features) in (1usize..5, 1usize..20, 1usize..20),
        (own_width, bias) in any::<(bool, bool)>(),
        seed in any::<u64>(),
    )| {
        let features = if own_width { features } else { heads * width };
        let mut layer = CrossAttention::new(heads, queries).bias(bias);
        layer = if own_width { layer.head_width(width) } else { layer };
        let fast = Fast::run(&layer, &[queries + keys, features], n, seed);
        let w = weights(&fast.params, heads, false, bias);
        close("y of CrossAttention", &fast.y, &reference::cross_attention(view(&fast.x), &w, queries));
        let (dx, dw) = reference::cross_attention_backward(view(&fast.x), &w, view(&fast.dy));
        close("dx of CrossAttention", &fast.dx, &dx);
        close_weights("CrossAttention", &weights(&fast.dparams, heads, false, bias), &dw, bias);
    });
}

/// The steps of the only sample.
fn steps<'a>(x: &'a ArrayViewD<f32>) -> ArrayView2<'a, f32> {
    x.index_axis(Axis(0), 0).into_dimensionality().unwrap()
}

fn sample(y: Array2<f32>) -> ArrayD<f32> {
    y.insert_axis(Axis(0)).into_dyn()
}

/// Weights and biases of a dense layer, or scales and shifts of a norm, one after the other.
fn draw(shape: &[usize], last: usize, key: Key) -> (ArrayD<f32>, Array1<f32>) {
    (normal(shape, key), view(&normal(&[last], key.fold(1))).to_owned())
}

/// The two residual blocks of a transformer, each with its own norm.
fn transformer_block() {
    const EPSILON: f32 = 1e-5;
    proptest!(config(), |(
        // The normalization of a row of two or three numbers, which may be nearly equal, magnifies rounding.
        (heads, width, hidden, count) in (1usize..4, 6usize..9, 1usize..20, 1usize..20),
        causal in any::<bool>(),
        seed in any::<u64>(),
    )| {
        let (d, key) = (heads * width, Key::new(seed));
        let x = normal(&[1, count, d], key);
        let dy = normal(&[1, count, d], key.fold(1));
        let norms = [2, 3].map(|i| draw(&[d], d, key.fold(i)));
        let ((w, b), (u, c)) = (draw(&[d, hidden], hidden, key.fold(4)), draw(&[hidden, d], d, key.fold(5)));
        let (before, bias) = draw(&[d, 3 * d], 3 * d, key.fold(6));
        let (after, after_bias) = draw(&[d, d], d, key.fold(7));
        let bias = bias.into_dyn();
        let arrays = [before, bias, after, after_bias.into_dyn()];
        let attention = weights(&arrays, heads, true, true);

        let norm = |i: usize, x: ArrayView2<f32>| layer_norm(x, view(&norms[i].0), norms[i].1.view(), EPSILON);
        let norm_backward = |i: usize, x: ArrayView2<f32>, dy: ArrayView2<f32>| {
            layer_norm_backward(x, view(&norms[i].0), dy, EPSILON).0
        };
        let attend = |x: ArrayViewD<f32>| {
            let x = norm(0, steps(&x)).insert_axis(Axis(0));
            reference::self_attention(x.view(), &attention, causal).into_dyn()
        };
        let attend_backward = |dz: ArrayViewD<f32>| {
            let normal = norm(0, steps(&x.view())).insert_axis(Axis(0));
            let dz = dz.into_dimensionality().unwrap();
            let (dx, _) = reference::self_attention_backward(normal.view(), &attention, dz, causal);
            sample(norm_backward(0, steps(&x.view()), steps(&dx.view().into_dyn())))
        };
        let hidden_units = |z: ArrayView2<f32>| dense(norm(1, z).view(), view(&w), b.view());
        let compute = |z: ArrayViewD<f32>| {
            sample(dense(hidden_units(steps(&z)).mapv(gelu).view(), view(&u), c.view()))
        };
        let z = reference::residual(x.view(), &attend);
        let compute_backward = |dy: ArrayViewD<f32>| {
            let (zv, dyv) = (z.view(), dy.view());
            let h = hidden_units(steps(&zv));
            let dh = dense_backward(h.mapv(gelu).view(), view(&u), steps(&dyv)).0;
            let dh = Zip::from(&h).and(&dh).map_collect(|&h, &dh| gelu_backward(h, dh));
            let dz = dense_backward(norm(1, steps(&zv)).view(), view(&w), dh.view()).0;
            sample(norm_backward(1, steps(&zv), dz.view()))
        };
        let y = reference::residual(z.view(), &compute);
        let (attend_back, compute_back): (Pass, Pass) = (&attend_backward, &compute_backward);
        let dz = reference::residual_backward(dy.view(), compute_back);
        let dx = reference::residual_backward(dz.view(), attend_back);

        let flat = |arrays: &[&ArrayD<f32>]| arrays.iter().flat_map(|a| a.iter().copied()).collect::<Vec<f32>>();
        let norm_params = |i: usize| [flat(&[&norms[i].0]), norms[i].1.to_vec()].concat();
        let dense_params = [flat(&[&w]), b.to_vec(), flat(&[&u]), c.to_vec()].concat();
        let attention_params = flat(&arrays.each_ref());
        let params = [norm_params(0), attention_params, norm_params(1), dense_params].concat();
        let block = TransformerBlock::new(heads, hidden);
        let fast = run_block(if causal { block.causal() } else { block }, &x, &params, &dy);
        close("y of TransformerBlock", &ArrayD::from_shape_vec(y.shape(), fast.y).unwrap(), &y);
        close("dx of TransformerBlock", &ArrayD::from_shape_vec(dx.shape(), fast.dx).unwrap(), &dx);
    });
}
