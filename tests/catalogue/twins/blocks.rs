//! Blocks with dense branches against the sums that the chain rule gives.

use chainrule::prelude::*;
use chainrule::random::Key;
use chainrule::reference::{self, Pass, dense, dense_backward, tanh, tanh_backward};
use ndarray::{ArrayD, ArrayViewD, Zip};
use proptest::prelude::*;

use super::fast::normal;
use super::{Check, close, config, view};
use crate::registry::blocks::run_block;

pub const CHECKS: [Check; 2] = [("Residual", residual), ("Branches", branches)];

/// A branch `tanh(x·w + b)`: its layers, and its twin.
struct Branch {
    w: ArrayD<f32>,
    b: ArrayD<f32>,
    x: ArrayD<f32>,
}

impl Branch {
    fn new(x: &ArrayD<f32>, outputs: usize, key: Key) -> Branch {
        let w = normal(&[x.shape()[1], outputs], key);
        Branch { w, b: normal(&[outputs], key.fold(1)), x: x.clone() }
    }

    fn layers(&self) -> impl FnOnce(Sequential) -> Result<Sequential> + 'static {
        let outputs = self.b.len();
        move |x| x.add(Dense::new(outputs))?.add(Tanh)
    }

    fn params(&self) -> Vec<f32> {
        self.w.iter().chain(&self.b).copied().collect()
    }

    fn forward(&self, x: ArrayViewD<f32>) -> ArrayD<f32> {
        let z = dense(x.into_dimensionality().unwrap(), view(&self.w), view(&self.b));
        z.mapv(tanh).into_dyn()
    }

    /// Gradient with respect to the input that the branch was made for.
    fn backward(&self, dy: ArrayViewD<f32>) -> ArrayD<f32> {
        let z = dense(view(&self.x), view(&self.w), view(&self.b));
        let dy = dy.into_dimensionality().unwrap();
        let dz = Zip::from(&z).and(&dy).map_collect(|&z, &dy| tanh_backward(z, dy));
        dense_backward(view(&self.x), view(&self.w), dz.view()).0.into_dyn()
    }
}

fn residual() {
    proptest!(config(), |(size in 1usize..20, outputs in 1usize..20, seed in any::<u64>())| {
        let x = normal(&[1, size], Key::new(seed));
        let f = Branch::new(&x, size, Key::new(seed).fold(1));
        let dy = normal(&[1, size], Key::new(seed).fold(2));
        let fast = run_block(Residual::new(f.layers()), &x, &f.params(), &dy);
        let y = reference::residual(x.view(), &|x| f.forward(x));
        close("y of Residual", &ArrayD::from_shape_vec(y.shape(), fast.y).unwrap(), &y);
        let dx = reference::residual_backward(dy.view(), &|dy| f.backward(dy));
        close("dx of Residual", &ArrayD::from_shape_vec(dx.shape(), fast.dx).unwrap(), &dx);

        let (f, g) = (
            Branch::new(&x, outputs, Key::new(seed).fold(3)),
            Branch::new(&x, outputs, Key::new(seed).fold(4)),
        );
        let dy = normal(&[1, outputs], Key::new(seed).fold(5));
        let block = Residual::new(f.layers()).projection(g.layers());
        let fast = run_block(block, &x, &[f.params(), g.params()].concat(), &dy);
        let y = reference::add_branches(x.view(), &[&|x| f.forward(x), &|x| g.forward(x)]);
        close("y with a projection", &ArrayD::from_shape_vec(y.shape(), fast.y).unwrap(), &y);
        let ways: [Pass; 2] = [&|dy| f.backward(dy), &|dy| g.backward(dy)];
        let dx = reference::add_branches_backward(dy.view(), &ways);
        close("dx with a projection", &ArrayD::from_shape_vec(dx.shape(), fast.dx).unwrap(), &dx);
    });
}

/// Kind of join of branches.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Join {
    Add,
    Multiply,
    Concatenate,
}

fn branches() {
    let joins = prop::sample::select(vec![Join::Add, Join::Multiply, Join::Concatenate]);
    proptest!(config(), |(
        size in 1usize..20,
        sizes in (1usize..20, 1usize..20),
        join in joins,
        seed in any::<u64>(),
    )| {
        let sizes = if join == Join::Concatenate { sizes } else { (sizes.0, sizes.0) };
        let x = normal(&[1, size], Key::new(seed));
        let f = Branch::new(&x, sizes.0, Key::new(seed).fold(1));
        let g = Branch::new(&x, sizes.1, Key::new(seed).fold(2));
        let passes: [Pass; 2] = [&|x| f.forward(x), &|x| g.forward(x)];
        let ways: [Pass; 2] = [&|dy| f.backward(dy), &|dy| g.backward(dy)];
        let outputs = if join == Join::Concatenate { sizes.0 + sizes.1 } else { sizes.0 };
        let dy = normal(&[1, outputs], Key::new(seed).fold(3));
        let (block, y, dx) = match join {
            Join::Add => (
                Branches::add(),
                reference::add_branches(x.view(), &passes),
                reference::add_branches_backward(dy.view(), &ways),
            ),
            Join::Multiply => (
                Branches::multiply(),
                reference::multiply_branches(x.view(), &passes),
                reference::multiply_branches_backward(x.view(), dy.view(), &passes, &ways),
            ),
            Join::Concatenate => (
                Branches::concatenate(),
                reference::concatenate_branches(x.view(), &passes),
                reference::concatenate_branches_backward(dy.view(), &ways, &[sizes.0, sizes.1]),
            ),
        };
        let block = block.branch(f.layers()).branch(g.layers());
        let fast = run_block(block, &x, &[f.params(), g.params()].concat(), &dy);
        close("y of Branches", &ArrayD::from_shape_vec(y.shape(), fast.y).unwrap(), &y);
        close("dx of Branches", &ArrayD::from_shape_vec(dx.shape(), fast.dx).unwrap(), &dx);
    });
    proptest!(config(), |(
        (h, w, c) in (1usize..6, 1usize..6, 1usize..80),
        seed in any::<u64>(),
    )| {
        gates((h, w, c), seed);
        appended((h, w, c), seed);
    });
}

/// All rows of pixels, and then those from one on.
fn appended((h, w, c): (usize, usize, usize), seed: u64) {
    let (x, first) = (normal(&[1, h, w, c], Key::new(seed)), seed as usize % h);
    let dy = normal(&[1, 2 * h - first, w, c], Key::new(seed).fold(1));
    let block = Branches::append().branch(|x| x.add(Tanh));
    let block = block.branch(move |x| x.add(Slice::steps(first..h)));
    let fast = run_block(block, &x, &[], &dy);
    let shape = (1, h, w * c);
    let rows = |x: ArrayViewD<f32>| x.to_shape((1, x.shape()[1], w * c)).unwrap().into_owned();
    let sliced = |x: ArrayViewD<f32>| {
        let y = reference::slice(rows(x).view(), first, h - first);
        y.into_shape_with_order(vec![1, h - first, w, c]).unwrap()
    };
    let sliced_backward = |dy: ArrayViewD<f32>| {
        let dx = reference::slice_backward(rows(dy).view(), first, shape.1);
        dx.into_shape_with_order(vec![1, h, w, c]).unwrap()
    };
    let tanh_branch_backward =
        |dy: ArrayViewD<f32>| Zip::from(&x).and(&dy).map_collect(|&x, &dy| tanh_backward(x, dy));
    let passes: [Pass; 2] = [&|x| x.mapv(tanh), &sliced];
    let ways: [Pass; 2] = [&tanh_branch_backward, &sliced_backward];
    let y = reference::append_branches(x.view(), &passes);
    close("y appended", &ArrayD::from_shape_vec(y.shape(), fast.y).unwrap(), &y);
    let dx = reference::append_branches_backward(dy.view(), &ways, &[h, h - first]);
    close("dx appended", &ArrayD::from_shape_vec(dx.shape(), fast.dx).unwrap(), &dx);
}

/// One number a channel, the tanh of its mean, times the channel.
fn gates((h, w, c): (usize, usize, usize), seed: u64) {
    let x = normal(&[1, h, w, c], Key::new(seed));
    let dy = normal(&[1, h, w, c], Key::new(seed).fold(1));
    let block = Branches::multiply().branch(Ok);
    let block = block.branch(|x| x.add(GlobalAvgPool2d)?.add(Tanh));
    let fast = run_block(block, &x, &[], &dy);
    let means = |x: ArrayViewD<f32>| reference::global_avg_pool2d(x.into_dimensionality().unwrap());
    let gate = |x: ArrayViewD<f32>| {
        reference::repeat_channels(means(x).mapv(tanh).view(), (h, w)).into_dyn()
    };
    let gate_backward = |dy: ArrayViewD<f32>| {
        let dy = reference::repeat_channels_backward(dy.into_dimensionality().unwrap());
        let dz = Zip::from(&means(x.view())).and(&dy).map_collect(|&z, &dy| tanh_backward(z, dy));
        reference::global_avg_pool2d_backward((1, h, w, c), dz.view()).into_dyn()
    };
    let passes: [Pass; 2] = [&|x| x.to_owned(), &gate];
    let ways: [Pass; 2] = [&|dy| dy.to_owned(), &gate_backward];
    let y = reference::multiply_branches(x.view(), &passes);
    close("y of gates", &ArrayD::from_shape_vec(y.shape(), fast.y).unwrap(), &y);
    let dx = reference::multiply_branches_backward(x.view(), dy.view(), &passes, &ways);
    close("dx of gates", &ArrayD::from_shape_vec(dx.shape(), fast.dx).unwrap(), &dx);
}
