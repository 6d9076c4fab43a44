//! The two loops through a model: forward, and backward by the chain rule.

use std::ops::Range;

use ndarray::{ArrayView, ArrayViewD, ArrayViewMut, ArrayViewMutD, IxDyn};

use super::Sequential;
use super::join::Inputs;
use super::lengths::ValueLengths;
use super::node::{Node, Op};
use super::plan::{Destination, NodePlan};
use super::prepared::Prepared;
use super::workspace::Workspace;
use crate::kernels::add;
use crate::kernels::aligned::Aligned;
use crate::layer::{Mode, Params, Pass, Saved};
use crate::shape::len;

impl Sequential {
    /// Runs the first `n` samples of the workspace's input through all layers.
    pub(crate) fn forward(&self, workspace: &mut Workspace, n: usize, mode: Mode) {
        self.forward_through(0..self.graph.nodes.len(), workspace, n, mode);
    }

    /// Runs them through some of the layers.
    pub(crate) fn forward_through(
        &self,
        nodes: Range<usize>,
        workspace: &mut Workspace,
        n: usize,
        mode: Mode,
    ) {
        let packed = &self.prepared().packed;
        for (index, node) in nodes.clone().zip(&self.graph.nodes[nodes]) {
            if node.is_identity {
                continue;
            }
            let Workspace { activations, caches, lengths, .. } = &mut *workspace;
            let (before, after) = activations.split_at_mut(index + 1);
            let y = &mut after[0];
            match &node.op {
                Op::Layer { layer, fused } => fused.as_ref().unwrap_or(layer).forward(
                    self.params_of(node, packed),
                    view(&before[self.graph.storage(node.sources[0])], n, &node.input),
                    view_mut(y, n, &node.output),
                    &mut *caches[index],
                    Pass {
                        mode: match mode {
                            Mode::Train(noise) if !node.has_frozen_statistics() => {
                                Mode::Train(noise.layer(index))
                            }
                            _ => Mode::Infer,
                        },
                        lengths: lengths.of(node.sources[0]),
                    },
                ),
                Op::Join(join) => {
                    let y = &mut y[..n * len(&node.output)];
                    for (k, (source, part)) in self.graph.joined(node).enumerate() {
                        let x = &before[self.graph.storage(source)][..n * part.sample];
                        join.forward(k, x, part, y);
                    }
                }
            }
            lengths.clear_padding(index + 1, n, &node.output, y);
        }
    }

    /// Runs the gradient of the output back to the first layers that learn, and adds to `dparams`.
    pub(crate) fn backward(&self, workspace: &mut Workspace, n: usize, dparams: &mut [f32]) {
        self.backward_through(0..self.graph.nodes.len(), workspace, n, dparams);
    }

    /// Runs it back through some of the layers, from the last of them on.
    pub(crate) fn backward_through(
        &self,
        nodes: Range<usize>,
        workspace: &mut Workspace,
        n: usize,
        dparams: &mut [f32],
    ) {
        let Prepared { plan, packed, .. } = self.prepared();
        let Workspace { activations, gradients, caches, lengths, .. } = workspace;
        for (index, node) in nodes.clone().zip(&self.graph.nodes[nodes]).rev() {
            let Some(NodePlan { dy, dx }) = &plan.nodes[index] else { continue };
            lengths.clear_padding(index + 1, n, &node.output, &mut gradients[*dy]);
            match &node.op {
                Op::Layer { layer, fused } => {
                    let to = dx[0];
                    let (dy, dx) = pair(gradients, *dy, to.map(|to| to.buffer));
                    let x = view(&activations[self.graph.storage(node.sources[0])], n, &node.input);
                    let y = view(&activations[index + 1], n, &node.output);
                    fused.as_ref().unwrap_or(layer).backward(
                        self.params_of(node, packed),
                        Saved {
                            x,
                            y,
                            cache: &mut *caches[index],
                            lengths: lengths.of(node.sources[0]),
                        },
                        view_mut(dy, n, &node.output),
                        dx.map(|dx| view_mut(dx, n, &node.input)),
                        &mut dparams[node.params.clone()],
                    );
                    if let Some(Destination { buffer, sum: Some(sum) }) = to {
                        let (dx, sum) = pair(gradients, buffer, Some(sum));
                        let sum = sum.into_iter().next().expect("asked for");
                        add(&dx[..n * len(&node.input)], sum);
                    }
                }
                Op::Join(join) => {
                    let get = |k: usize| {
                        let (source, part) =
                            self.graph.joined(node).nth(k).expect("one of its branches");
                        (&activations[self.graph.storage(source)][..n * part.sample], part)
                    };
                    let inputs = Inputs { count: dx.len(), get: &get };
                    for (k, to) in dx.iter().enumerate() {
                        let Some(Destination { buffer, sum }) = *to else { continue };
                        let (dy, dx) = pair(gradients, *dy, Some(buffer));
                        let dx = dx.into_iter().next().expect("asked for");
                        let (dy, dx) =
                            (&dy[..n * len(&node.output)], &mut dx[..n * get(k).1.sample]);
                        join.backward(k, inputs, dy, dx, sum.is_some());
                    }
                }
            }
        }
    }

    /// The outputs of the first `n` samples, after [`Sequential::forward`].
    pub(crate) fn output<'a>(&self, workspace: &'a Workspace, n: usize) -> &'a [f32] {
        &workspace.activations[self.graph.output_storage()][..n * len(self.output_shape())]
    }

    /// The outputs of the first `n` samples that count, after [`Sequential::forward`], and where
    /// [`Sequential::backward`] reads the gradient of each.
    pub(crate) fn outputs_and_gradients<'a>(
        &self,
        workspace: &'a mut Workspace,
        n: usize,
    ) -> impl Iterator<Item = (&'a [f32], &'a mut [f32])> {
        let Workspace { activations, gradients, lengths, .. } = workspace;
        let outputs = self.counted(lengths, &activations[self.graph.output_storage()], n);
        let gradients = &mut gradients[self.prepared().plan.output];
        let gradients = gradients.chunks_exact_mut(len(self.output_shape()));
        outputs.zip(gradients).map(|(output, dy)| (output, &mut dy[..output.len()]))
    }

    /// The outputs of the first `n` samples, of each what counts, after [`Sequential::forward`].
    pub(crate) fn counted_outputs<'a>(
        &self,
        workspace: &'a Workspace,
        n: usize,
    ) -> impl Iterator<Item = &'a [f32]> {
        let values = &workspace.activations[self.graph.output_storage()];
        self.counted(&workspace.lengths, values, n)
    }

    fn counted<'a>(
        &self,
        lengths: &'a ValueLengths,
        values: &'a [f32],
        n: usize,
    ) -> impl Iterator<Item = &'a [f32]> + use<'a> {
        let (size, lengths) = (len(self.output_shape()), lengths.of(self.graph.head));
        let steps = self.output_shape().first().copied().unwrap_or(1);
        let outputs = values.chunks_exact(size).take(n).enumerate();
        outputs.map(move |(i, output)| &output[..lengths.of(i, steps) * (size / steps)])
    }

    fn params_of<'a>(&'a self, node: &Node, packed: &'a [f32]) -> Params<'a> {
        Params { values: &self.params[node.params.clone()], packed: &packed[node.packed.clone()] }
    }
}

/// The shape (n, sizes..). ndarray keeps up to four axes without allocating.
pub(super) fn batch_shape(n: usize, sizes: &[usize]) -> IxDyn {
    let mut dims = IxDyn::zeros(1 + sizes.len());
    dims[0] = n;
    for (i, &size) in sizes.iter().enumerate() {
        dims[1 + i] = size;
    }
    dims
}

pub(super) fn view<'a>(buffer: &'a [f32], n: usize, sizes: &[usize]) -> ArrayViewD<'a, f32> {
    ArrayView::from_shape(batch_shape(n, sizes), &buffer[..n * len(sizes)])
        .expect("the buffer fits")
}

fn view_mut<'a>(buffer: &'a mut [f32], n: usize, sizes: &[usize]) -> ArrayViewMutD<'a, f32> {
    ArrayViewMut::from_shape(batch_shape(n, sizes), &mut buffer[..n * len(sizes)])
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
