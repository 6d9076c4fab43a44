//! Layers of attention against plain loops.

use chainrule::prelude::*;
use chainrule::reference::{self, AttentionWeights};
use ndarray::{Array1, Array2, ArrayD, Axis, concatenate};
use proptest::prelude::*;

use super::fast::Fast;
use super::{Check, close, config, view};

pub const CHECKS: [Check; 2] =
    [("SelfAttention", self_attention), ("CrossAttention", cross_attention)];

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
