//! Workspaces: buffers for the activations and gradients of a few samples.
//!
//! A workspace is allocated once and reused for every shard, so that a steady step allocates nothing.
//! All activations are kept until the backward pass has used them; of gradients only two are alive at
//! a time in a plain stack, `dy` and `dx`, so two buffers take turns. Small is fast: shards are chosen
//! so that a workspace stays in the second-level cache.

use std::any::Any;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use super::graph::Graph;
use super::lengths::ValueLengths;
use super::node::Node;
use super::plan::BackwardPlan;
use crate::kernels::aligned::Aligned;

/// Activations, gradients and caches for up to `max_batch` samples of one model.
pub(crate) struct Workspace {
    pub(super) max_batch: usize,
    /// `activations[0]` is the model's input, `activations[i + 1]` the output of node `i`, empty
    /// where that is its input.
    pub(super) activations: Vec<Aligned>,
    /// Gradients, in the buffers of the model's plan.
    pub(super) gradients: Vec<Aligned>,
    pub(super) caches: Vec<Box<dyn Any + Send>>,
    pub(super) lengths: ValueLengths,
}

impl Workspace {
    pub(super) fn new(graph: &Graph, plan: &BackwardPlan, max_batch: usize) -> Self {
        let room = |size: usize| Aligned::zeros(max_batch * size);
        let cache = |node: &Node| match node.running_layer() {
            Some(layer) => layer.new_cache(&node.input, max_batch),
            None => Box::new(()),
        };
        Workspace {
            max_batch,
            activations: graph.value_sizes().map(room).collect(),
            gradients: plan.sizes.iter().map(|&size| room(size)).collect(),
            caches: graph.nodes.iter().map(cache).collect(),
            lengths: ValueLengths::new(graph.nodes.len() + 1, max_batch),
        }
    }

    /// The inputs, to be written: `max_batch` of them.
    pub fn inputs(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let size = self.activations[0].len() / self.max_batch;
        self.activations[0].chunks_exact_mut(size)
    }

    /// Number of the first value that is not finite in one of the first `n` samples: 0 for the input,
    /// `i + 1` for the output of layer `i`.
    pub fn first_not_finite(&self, n: usize) -> Option<usize> {
        self.activations.iter().position(|values| {
            let size = values.len() / self.max_batch;
            values[..n * size].iter().any(|value| !value.is_finite())
        })
    }
}

/// Workspaces of a model that are not in use: predictions take one and put it back, so that only the
/// first ones allocate.
#[derive(Default)]
pub(super) struct Spares(Mutex<Vec<Workspace>>);

impl Spares {
    /// Takes a workspace, or makes one where none is left.
    pub fn take(&self, make: impl FnOnce() -> Workspace) -> Borrowed<'_> {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Borrowed { spares: self, workspace: Some(spare.unwrap_or_else(make)) }
    }
}

/// A clone of a model makes its own.
impl Clone for Spares {
    fn clone(&self) -> Self {
        Spares::default()
    }
}

impl fmt::Debug for Spares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spares")
    }
}

/// A workspace that goes back to the spare ones when it is dropped.
pub(super) struct Borrowed<'a> {
    spares: &'a Spares,
    workspace: Option<Workspace>,
}

impl Deref for Borrowed<'_> {
    type Target = Workspace;

    fn deref(&self) -> &Workspace {
        self.workspace.as_ref().expect("it is taken out only when dropped")
    }
}

impl DerefMut for Borrowed<'_> {
    fn deref_mut(&mut self) -> &mut Workspace {
        self.workspace.as_mut().expect("it is taken out only when dropped")
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let spares = self.spares.0.lock();
        spares.unwrap_or_else(PoisonError::into_inner).extend(self.workspace.take());
    }
}
