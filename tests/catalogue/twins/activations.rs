//! Activations and softmax against one plain function of a number, or of a row.

use chainrule::prelude::*;
use chainrule::random::Key;
use chainrule::reference;
use ndarray::Zip;
use proptest::prelude::*;

use super::fast::{Fast, normal};
use super::{Check, close, config, rows, view};

pub const CHECKS: [Check; 14] = [
    ("Relu", || {
        same(|_| Relu, |x, _| reference::relu(x), |x, dy, _| reference::relu_backward(x, dy))
    }),
    ("LeakyRelu", || same(LeakyRelu::new, reference::leaky_relu, reference::leaky_relu_backward)),
    ("Elu", || same(Elu::new, reference::elu, reference::elu_backward)),
    ("Selu", || {
        same(|_| Selu, |x, _| reference::selu(x), |x, dy, _| reference::selu_backward(x, dy))
    }),
    ("Gelu", || {
        same(|_| Gelu, |x, _| reference::gelu(x), |x, dy, _| reference::gelu_backward(x, dy))
    }),
    ("GeluTanh", || {
        let backward = |x, dy, _| reference::gelu_tanh_backward(x, dy);
        same(|_| GeluTanh, |x, _| reference::gelu_tanh(x), backward);
    }),
    ("Silu", || {
        same(|_| Silu, |x, _| reference::silu(x), |x, dy, _| reference::silu_backward(x, dy))
    }),
    ("Mish", || {
        same(|_| Mish, |x, _| reference::mish(x), |x, dy, _| reference::mish_backward(x, dy))
    }),
    ("Hardswish", || {
        let backward = |x, dy, _| reference::hardswish_backward(x, dy);
        same(|_| Hardswish, |x, _| reference::hardswish(x), backward);
    }),
    ("Softplus", || {
        let backward = |x, dy, _| reference::softplus_backward(x, dy);
        same(|_| Softplus, |x, _| reference::softplus(x), backward);
    }),
    ("Sigmoid", || {
        let backward = |x, dy, _| reference::sigmoid_backward(x, dy);
        same(|_| Sigmoid, |x, _| reference::sigmoid(x), backward);
    }),
    ("Tanh", || {
        same(|_| Tanh, |x, _| reference::tanh(x), |x, dy, _| reference::tanh_backward(x, dy))
    }),
    ("Prelu", prelu),
    ("Softmax", softmax),
];

/// Compares an activation, built for a setting between 0 and 1, with a function of a number and that
/// setting, and with the gradient of that function, on numbers up to about ±12.
fn same<L: Layer>(
    layer: impl Fn(f32) -> L,
    twin: impl Fn(f32, f32) -> f32,
    backward: impl Fn(f32, f32, f32) -> f32,
) {
    proptest!(config(), |(
        shape in prop::collection::vec(1usize..8, 1..5),
        setting in 0.01f32..1.0,
        seed in any::<u64>(),
    )| {
        let x = normal(&shape, Key::new(seed)) * 3.0;
        let fast = Fast::run_on(&layer(setting), x, Mode::Infer, seed);
        let name = Layer::name(&layer(setting));
        close(&format!("y of {name}"), &fast.y, &fast.x.mapv(|x| twin(x, setting)));
        let dx = Zip::from(&fast.x).and(&fast.dy).map_collect(|&x, &dy| backward(x, dy, setting));
        close(&format!("dx of {name}"), &fast.dx, &dx);
    });
}

fn prelu() {
    proptest!(config(), |(
        n in 1usize..5,
        input in prop::collection::vec(1usize..7, 1..4),
        seed in any::<u64>(),
    )| {
        let fast = Fast::run(&Prelu, &input, n, seed);
        let s = view(&fast.params[0]);
        let (x, dy) = (rows(&fast.x, s.len()), rows(&fast.dy, s.len()));
        close("y of Prelu", &fast.y, &reference::prelu(x.view(), s));
        let (dx, ds) = reference::prelu_backward(x.view(), s, dy.view());
        close("dx of Prelu", &fast.dx, &dx);
        close("ds of Prelu", &fast.dparams[0], &ds);
    });
}

fn softmax() {
    proptest!(config(), |(
        n in 1usize..5,
        input in prop::collection::vec(1usize..12, 1..4),
        seed in any::<u64>(),
    )| {
        let fast = Fast::run(&Softmax, &input, n, seed);
        let k = input[input.len() - 1];
        let y = reference::softmax(rows(&fast.x, k).view());
        close("y of Softmax", &fast.y, &y);
        let dx = reference::softmax_backward(y.view(), rows(&fast.dy, k).view());
        close("dx of Softmax", &fast.dx, &dx);
    });
}
