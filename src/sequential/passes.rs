//! The two loops through a model: forward, and by the chain rule back.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use ndarray::{ArrayD, ArrayView, ArrayViewD, ArrayViewMut, ArrayViewMutD, IxDyn};

use super::Sequential;
use super::join::Widths;
use super::node::{Node, Op};
use super::plan::{Back, Share};
use crate::error::{ModelError, Result};
use crate::kernels::add;
use crate::kernels::aligned::Aligned;
use crate::layer::{Mode, Params, Saved};
use crate::sequential::workspace::Workspace;
use crate::shape::len;

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
        self.forward_through(0..self.nodes.len(), workspace, n, mode);
    }

    /// Runs them through some of the layers.
    pub(crate) fn forward_through(
        &self,
        nodes: Range<usize>,
        workspace: &mut Workspace,
        n: usize,
        mode: Mode,
    ) {
        for (index, node) in nodes.clone().zip(&self.nodes[nodes]) {
            if node.passes {
                continue;
            }
            let (before, after) = workspace.activations.split_at_mut(index + 1);
            let y = &mut after[0];
            match &node.op {
                Op::Layer(layer) => layer.forward(
                    self.params_of(node),
                    view(&before[node.sources[0]], n, &node.input),
                    view_mut(y, n, &node.output),
                    &mut *workspace.caches[index],
                    match mode {
                        Mode::Infer => Mode::Infer,
                        Mode::Train(noise) => Mode::Train(noise.layer(index)),
                    },
                ),
                Op::Join(join) => {
                    let y = &mut y[..n * len(&node.output)];
                    for (k, (source, widths)) in self.joined(node).enumerate() {
                        let x = &before[source][..n * len(self.shape_at(source))];
                        join.take(k, x, y, widths);
                    }
                }
            }
        }
    }

    /// Runs the gradient of the output back to the first layers that have parameters, and adds to
    /// `dparams`.
    pub(crate) fn backward(&self, workspace: &mut Workspace, n: usize, dparams: &mut [f32]) {
        self.backward_through(0..self.nodes.len(), workspace, n, dparams);
    }

    /// Runs it back through some of the layers, from the last of them on.
    pub(crate) fn backward_through(
        &self,
        nodes: Range<usize>,
        workspace: &mut Workspace,
        n: usize,
        dparams: &mut [f32],
    ) {
        for (index, node) in nodes.clone().zip(&self.nodes[nodes]).rev() {
            let Some(Back { dy, shares }) = &self.plan.nodes[index] else { continue };
            let Workspace { activations, gradients, caches, .. } = workspace;
            match &node.op {
                Op::Layer(layer) => {
                    let share = shares[0];
                    let (dy, dx) = pair(gradients, *dy, share.map(|share| share.to));
                    let x = view(&activations[node.sources[0]], n, &node.input);
                    let y = view(&activations[index + 1], n, &node.output);
                    layer.backward(
                        self.params_of(node),
                        Saved { x, y, cache: &mut *caches[index] },
                        view_mut(dy, n, &node.output),
                        dx.map(|dx| view_mut(dx, n, &node.input)),
                        &mut dparams[node.params.clone()],
                    );
                    if let Some(Share { to, sum: Some(sum) }) = share {
                        let (dx, sum) = pair(gradients, to, Some(sum));
                        let sum = sum.into_iter().next().expect("asked for");
                        add(&dx[..n * len(&node.input)], sum);
                    }
                }
                Op::Join(join) => {
                    for (share, (source, widths)) in shares.iter().zip(self.joined(node)) {
                        let Some(Share { to, sum }) = *share else { continue };
                        let (dy, dx) = pair(gradients, *dy, Some(to));
                        let dx = dx.into_iter().next().expect("asked for");
                        let dx = &mut dx[..n * len(self.shape_at(source))];
                        join.give(&dy[..n * len(&node.output)], dx, sum.is_some(), widths);
                    }
                }
            }
        }
    }

    /// The sources of a join, and what part of its last axis each has.
    fn joined(&self, node: &Node) -> impl Iterator<Item = (usize, Widths)> {
        let last = |shape: &[usize]| shape.last().copied().unwrap_or(1);
        let mut offset = 0;
        node.sources.iter().map(move |&source| {
            let own = last(self.shape_at(source));
            offset += own;
            (source, Widths { all: last(&node.output), own, offset: offset - own })
        })
    }

    /// The outputs of the first `n` samples, after [`Sequential::forward`].
    pub(crate) fn output<'a>(&self, workspace: &'a Workspace, n: usize) -> &'a [f32] {
        &workspace.activations[self.output_buffer()][..n * len(self.output_shape())]
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

pub(super) fn view<'a>(buffer: &'a [f32], n: usize, sizes: &[usize]) -> ArrayViewD<'a, f32> {
    ArrayView::from_shape(dims(n, sizes), &buffer[..n * len(sizes)]).expect("the buffer fits")
}

fn view_mut<'a>(buffer: &'a mut [f32], n: usize, sizes: &[usize]) -> ArrayViewMutD<'a, f32> {
    ArrayViewMut::from_shape(dims(n, sizes), &mut buffer[..n * len(sizes)])
        .expect("the buffer fits")
}

/// One buffer, and another.
fn pair(
    buffers: &mut [Aligned],
    one: usize,
    other: Option<usize>,
) -> (&mut Aligned, Option<&mut Aligned>) {
    match other {
        None => (&mut buffers[one], None),
        Some(other) => {
            let [one, other] =
                buffers.get_disjoint_mut([one, other]).expect("the plan keeps them apart");
            (one, Some(other))
        }
    }
}
