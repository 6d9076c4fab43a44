//! The two loops through a model: forward, and by the chain rule back.

use std::sync::{Mutex, PoisonError};

use ndarray::{ArrayD, ArrayView, ArrayViewD, ArrayViewMut, ArrayViewMutD, IxDyn};

use super::{Node, Sequential, len};
use crate::error::{ModelError, Result};
use crate::layer::{Mode, Params};
use crate::workspace::Workspace;

impl Sequential {
    /// The model's output for a batch `x` of inputs, (n, input..) to (n, output..): on this thread
    /// for a few inputs, and by as many threads as rayon has for more. Once the first call has made
    /// its buffers, later ones allocate nothing but what they return.
    ///
    /// # Errors
    ///
    /// [`ModelError::Input`] when `x` has another shape, [`ModelError::Empty`] without layers.
    pub fn predict(&self, x: ArrayViewD<'_, f32>) -> Result<ArrayD<f32>> {
        self.check_not_empty()?;
        if x.ndim() == 0 || x.shape()[1..] != self.input_shape {
            let (wanted, came) = (self.input_shape.clone(), x.shape().to_vec());
            return Err(ModelError::Input { what: "predict", wanted, came }.into());
        }
        let n = x.shape()[0];
        let x = x.as_standard_layout();
        let x = x.as_slice().expect("standard layout is contiguous");
        let mut y = ArrayD::zeros(dims(n, self.output_shape()));
        let (in_len, out_len) = (len(&self.input_shape), len(self.output_shape()));
        let rows = y.as_slice_mut().expect("a new array is contiguous");
        let shard = self.shard_size();
        let shards = Mutex::new(x.chunks(shard * in_len).zip(rows.chunks_mut(shard * out_len)));
        let next = || shards.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || {
            let mut workspace = None;
            while let Some((x, y)) = next() {
                let workspace = workspace.get_or_insert_with(|| self.spares.take(self));
                workspace.activations[0][..x.len()].copy_from_slice(x);
                self.forward(workspace, x.len() / in_len, Mode::Infer);
                y.copy_from_slice(self.output(workspace, y.len() / out_len));
            }
        };
        // This thread begins at once, and the others help when they have woken up: that may take
        // them as long as a small model takes for a hundred inputs.
        rayon::in_place_scope(|scope| {
            for _ in 1..rayon::current_num_threads().min(n.div_ceil(shard)) {
                scope.spawn(|_| work());
            }
            work();
        });
        Ok(y)
    }

    /// Runs the first `n` samples of the workspace's input through all layers.
    pub(crate) fn forward(&self, workspace: &mut Workspace, n: usize, mode: Mode) {
        for (index, node) in self.nodes.iter().enumerate().filter(|(_, node)| !node.passes) {
            let (before, after) = workspace.activations.split_at_mut(index + 1);
            node.layer.forward(
                self.params_of(node),
                view(&before[self.buffer(index)], n, &node.input),
                view_mut(&mut after[0], n, &node.output),
                &mut *workspace.caches[index],
                match mode {
                    Mode::Infer => Mode::Infer,
                    Mode::Train(noise) => Mode::Train(noise.layer(index)),
                },
            );
        }
    }

    /// Runs the gradient in `workspace.dy` back to the first layer that has parameters, and adds to
    /// `dparams`.
    pub(crate) fn backward(&self, workspace: &mut Workspace, n: usize, dparams: &mut [f32]) {
        let first = self.first_learning();
        for (index, node) in self.nodes.iter().enumerate().skip(first).rev() {
            if node.passes {
                continue;
            }
            let Workspace { activations, dy, dx, caches, .. } = workspace;
            node.layer.backward(
                self.params_of(node),
                view(&activations[self.buffer(index)], n, &node.input),
                view(&activations[index + 1], n, &node.output),
                &mut *caches[index],
                view_mut(dy, n, &node.output),
                (index > first).then(|| view_mut(dx, n, &node.input)),
                &mut dparams[node.params.clone()],
            );
            std::mem::swap(dy, dx);
        }
    }

    /// The outputs of the first `n` samples, after [`Sequential::forward`].
    pub(crate) fn output<'a>(&self, workspace: &'a Workspace, n: usize) -> &'a [f32] {
        &workspace.activations[self.buffer(self.nodes.len())][..n * len(self.output_shape())]
    }

    fn params_of(&self, node: &Node) -> Params<'_> {
        Params {
            values: &self.params[node.params.clone()],
            packed: &self.packed[node.packed.clone()],
        }
    }
}

/// The shape (n, sizes..). ndarray keeps up to four axes without allocating.
fn dims(n: usize, sizes: &[usize]) -> IxDyn {
    let mut dims = IxDyn::zeros(1 + sizes.len());
    dims[0] = n;
    for (i, &size) in sizes.iter().enumerate() {
        dims[1 + i] = size;
    }
    dims
}

fn view<'a>(buffer: &'a [f32], n: usize, sizes: &[usize]) -> ArrayViewD<'a, f32> {
    ArrayView::from_shape(dims(n, sizes), &buffer[..n * len(sizes)]).expect("the buffer fits")
}

fn view_mut<'a>(buffer: &'a mut [f32], n: usize, sizes: &[usize]) -> ArrayViewMutD<'a, f32> {
    ArrayViewMut::from_shape(dims(n, sizes), &mut buffer[..n * len(sizes)])
        .expect("the buffer fits")
}
