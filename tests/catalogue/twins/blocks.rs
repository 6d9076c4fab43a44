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

fn branches() {
    proptest!(config(), |(
        size in 1usize..20,
        sizes in (1usize..20, 1usize..20),
        concatenate in any::<bool>(),
        seed in any::<u64>(),
    )| {
        let sizes = if concatenate { sizes } else { (sizes.0, sizes.0) };
        let x = normal(&[1, size], Key::new(seed));
        let f = Branch::new(&x, sizes.0, Key::new(seed).fold(1));
        let g = Branch::new(&x, sizes.1, Key::new(seed).fold(2));
        let outputs = if concatenate { sizes.0 + sizes.1 } else { sizes.0 };
        let dy = normal(&[1, outputs], Key::new(seed).fold(3));
        let block = if concatenate { Branches::concatenate() } else { Branches::add() };
        let block = block.branch(f.layers()).branch(g.layers());
        let fast = run_block(block, &x, &[f.params(), g.params()].concat(), &dy);
        let passes: [Pass; 2] = [&|x| f.forward(x), &|x| g.forward(x)];
        let ways: [Pass; 2] = [&|dy| f.backward(dy), &|dy| g.backward(dy)];
        let (y, dx) = match concatenate {
            true => {
                let sizes = [sizes.0, sizes.1];
                let dx = reference::concatenate_branches_backward(dy.view(), &ways, &sizes);
                (reference::concatenate_branches(x.view(), &passes), dx)
            }
            false => {
                let dx = reference::add_branches_backward(dy.view(), &ways);
                (reference::add_branches(x.view(), &passes), dx)
            }
        };
        close("y of Branches", &ArrayD::from_shape_vec(y.shape(), fast.y).unwrap(), &y);
        close("dx of Branches", &ArrayD::from_shape_vec(dx.shape(), fast.dx).unwrap(), &dx);
    });
}
