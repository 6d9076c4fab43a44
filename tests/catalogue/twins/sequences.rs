//! Embeddings and recurrent layers against loops over one sequence.

use chainrule::prelude::*;
use chainrule::reference::{self, GruParams};
use ndarray::{Array1, Array2, ArrayD, Axis, Ix1, Ix2};
use proptest::prelude::*;

use super::fast::Fast;
use super::{Check, close, config, view};

pub const CHECKS: [Check; 5] = [
    ("Embedding", embedding),
    ("Unembedding", unembedding),
    ("SimpleRnn", simple_rnn),
    ("Lstm", lstm),
    ("Gru", gru),
];

fn embedding() {
    proptest!(config(), |(
        tokens in prop::collection::vec(0usize..6, 1..20),
        width in 1usize..20,
        padding in prop::option::of(0usize..6),
        seed in any::<u64>(),
    )| {
        let layer = Embedding::new(6, width);
        let layer = if let Some(token) = padding { layer.padding(token) } else { layer };
        let x: Vec<f32> = tokens.iter().map(|&token| token as f32).collect();
        let x = ArrayD::from_shape_vec(vec![1, x.len()], x).unwrap();
        let fast = Fast::run_on(&layer, x, Mode::Infer, seed);
        let y = reference::embedding(view(&fast.x), view(&fast.params[0]), padding);
        close("y of Embedding", &fast.y, &y);
        let dw = reference::embedding_backward(view(&fast.x), 6, view(&fast.dy), padding);
        close("dw of Embedding", &fast.dparams[0], &dw);
        prop_assert!(fast.dx.iter().all(|&dx| dx == 0.0));
    });
}

fn unembedding() {
    proptest!(config(), |((n, [_, width], vocabulary, seed) in sizes())| {
        let fast = Fast::run(&Unembedding::new(vocabulary), &[width], n, seed);
        let (x, w, dy) = (view(&fast.x), view(&fast.params[0]), view(&fast.dy));
        close("y of Unembedding", &fast.y, &reference::unembedding(x, w));
        let (dx, dw) = reference::unembedding_backward(x, w, dy);
        close("dx of Unembedding", &fast.dx, &dx);
        close("dw of Unembedding", &fast.dparams[0], &dw);
    });
}

/// Number of samples, of steps, of features and of units, and a seed.
fn sizes() -> impl Strategy<Value = (usize, [usize; 2], usize, u64)> {
    (1usize..4, [1usize..6, 1usize..20], 1usize..20, any::<u64>())
}

/// The part of a sample of an array.
fn of(array: &ArrayD<f32>, sample: usize) -> Array2<f32> {
    array.index_axis(Axis(0), sample).into_dimensionality().unwrap().into_owned()
}

fn sum(parts: impl Iterator<Item = ArrayD<f32>>) -> ArrayD<f32> {
    parts.reduce(|sum, part| sum + part).unwrap()
}

/// States after the first step and later ones.
fn after(h: &Array2<f32>) -> Array2<f32> {
    h.slice(ndarray::s![1.., ..]).to_owned()
}

/// Compares the outputs and gradients of a layer with those of all samples, one by one: `y`, `dx` and the
/// gradients of the parameters.
fn compare(fast: &Fast, sample: impl Fn(usize) -> (Array2<f32>, Array2<f32>, Vec<ArrayD<f32>>)) {
    let samples: Vec<_> = (0..fast.x.shape()[0]).map(sample).collect();
    for (n, (y, dx, _)) in samples.iter().enumerate() {
        close("y", &of(&fast.y, n).into_dyn(), y);
        close("dx", &of(&fast.dx, n).into_dyn(), dx);
    }
    for (k, dparam) in fast.dparams.iter().enumerate() {
        close("dparams", dparam, &sum(samples.iter().map(|(_, _, own)| own[k].clone())));
    }
}

fn simple_rnn() {
    proptest!(config(), |((n, shape, units, seed) in sizes())| {
        let fast = Fast::run(&SimpleRnn::new(units).every_step(), &shape, n, seed);
        let (w, u) = (view::<Ix2>(&fast.params[0]), view::<Ix2>(&fast.params[1]));
        compare(&fast, |n| {
            let (x, dy) = (of(&fast.x, n), of(&fast.dy, n));
            let h = reference::simple_rnn(x.view(), w, u, view(&fast.params[2]));
            let (dx, dw, du, db) =
                reference::simple_rnn_backward(x.view(), w, u, h.view(), dy.view());
            (after(&h), dx, vec![dw.into_dyn(), du.into_dyn(), db.into_dyn()])
        });
    });
}

fn lstm() {
    proptest!(config(), |((n, shape, units, seed) in sizes())| {
        let fast = Fast::run(&Lstm::new(units).every_step(), &shape, n, seed);
        let (w, u) = (view::<Ix2>(&fast.params[0]), view::<Ix2>(&fast.params[1]));
        let b: Array1<f32> = fast.params[2..6].iter().flatten().copied().collect();
        compare(&fast, |n| {
            let (x, dy) = (of(&fast.x, n), of(&fast.dy, n));
            let states = reference::lstm(x.view(), w, u, b.view());
            let (dx, dw, du, db) =
                reference::lstm_backward(x.view(), w, u, &states, dy.view());
            let biases = db.to_shape((4, units)).unwrap().into_owned();
            let biases = biases.outer_iter().map(|db| db.to_owned().into_dyn());
            (after(&states.h), dx, [dw.into_dyn(), du.into_dyn()].into_iter().chain(biases).collect())
        });
    });
}

fn gru() {
    proptest!(config(), |((n, shape, units, seed) in sizes())| {
        let fast = Fast::run(&Gru::new(units).every_step(), &shape, n, seed);
        let matrix = |k: usize| view::<Ix2>(&fast.params[k]).to_owned();
        let row = |k: usize| view::<Ix1>(&fast.params[k]).to_owned();
        let params = GruParams {
            gates: (matrix(0), matrix(1), row(2)),
            candidate: (matrix(3), matrix(4), row(5)),
            recurrent_bias: row(6),
        };
        compare(&fast, |n| {
            let (x, dy) = (of(&fast.x, n), of(&fast.dy, n));
            let states = reference::gru(x.view(), &params);
            let (dx, d) = reference::gru_backward(x.view(), &params, &states, dy.view());
            let ((dw, du, db), (dwn, dun, dbn)) = (d.gates, d.candidate);
            let all = [dw.into_dyn(), du.into_dyn(), db.into_dyn(), dwn.into_dyn()];
            let rest = [dun.into_dyn(), dbn.into_dyn(), d.recurrent_bias.into_dyn()];
            (after(&states.h), dx, all.into_iter().chain(rest).collect())
        });
    });
}
