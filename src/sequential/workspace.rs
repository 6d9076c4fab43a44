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

use crate::kernels::aligned::Aligned;
use crate::sequential::Sequential;

/// Activations, gradients and caches for up to `max_batch` samples of one model.
pub(crate) struct Workspace {
    max_batch: usize,
    /// `activations[0]` is the model's input, `activations[i + 1]` the output of layer `i`, empty
    /// where that is its input.
    pub activations: Vec<Aligned>,
    /// Gradients, in the buffers of the model's plan.
    pub gradients: Vec<Aligned>,
    pub caches: Vec<Box<dyn Any + Send>>,
}

impl Workspace {
    pub fn new(model: &Sequential, max_batch: usize) -> Self {
        let room = |size: usize| Aligned::zeros(max_batch * size);
        Workspace {
            max_batch,
            activations: model.activation_sizes().map(room).collect(),
            gradients: model.plan.sizes.iter().map(|&size| room(size)).collect(),
            caches: model.new_caches(max_batch),
        }
    }

    /// Number of values of one input.
    pub fn input_size(&self) -> usize {
        self.activations[0].len() / self.max_batch
    }
}

impl Sequential {
    /// Number of samples of a shard, which go through the layers together: as many as leave their
    /// activations in the second-level cache; or as many as make the parameters, which every shard
    /// reads once, half as much to read as the activations, where that takes more of them.
    ///
    /// Where shards wait for each other, none finds its activations in a cache when it continues, and
    /// at least eight samples share what a shard costs: an epoch of `mnist_resnet`, where two would
    /// fit, takes 4.0 s so, and 4.6 s with two.
    ///
    /// It depends on the model alone, because sums over shards must not depend on the machine. It is
    /// a power of two, so that shards fit the [tree](crate::kernels::tree) of such sums.
    pub(crate) fn shard_size(&self) -> usize {
        const BUDGET: usize = 1280 << 10;
        let sample = self.activation_sizes().sum::<usize>().max(1);
        let fit = BUDGET / size_of::<f32>() / sample;
        let shared = 2 * self.param_count() / sample;
        let least = if self.coupled().next().is_some() { 8 } else { 1 };
        1 << fit.max(shared).clamp(least, 64).ilog2()
    }
}

/// Workspaces of a model that are not in use: predictions take one and put it back, so that only the
/// first ones allocate.
#[derive(Default)]
pub(crate) struct Spares(Mutex<Vec<Workspace>>);

impl Spares {
    /// A workspace for shards of the model's own size.
    pub fn take(&self, model: &Sequential) -> Borrowed<'_> {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let workspace = spare.unwrap_or_else(|| Workspace::new(model, model.shard_size()));
        Borrowed { spares: self, workspace: Some(workspace) }
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
pub(crate) struct Borrowed<'a> {
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
