//! The buffers of one worker: what flows through a model for a few samples.
//!
//! Allocated once and reused for every shard, so that a steady step allocates nothing. All
//! activations are kept until the backward pass has used them; of gradients only two are alive at
//! a time, `dy` and `dx`, so two buffers take turns. Small is fast: shards are chosen so that a
//! workspace stays in the second-level cache.

use std::any::Any;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use crate::data::augment::Scratch;
use crate::kernels::aligned::Aligned;
use crate::sequential::Sequential;

/// Activations, gradients and caches for up to `max_batch` samples of one model.
pub(crate) struct Workspace {
    max_batch: usize,
    /// `activations[0]` is the model's input, `activations[i + 1]` the output of layer `i`, empty
    /// where that is its input.
    pub activations: Vec<Aligned>,
    /// What flows back, where the model's plan wants it.
    pub gradients: Vec<Aligned>,
    pub caches: Vec<Box<dyn Any + Send>>,
    pub augmenting: Augmenting,
}

/// What it takes to augment the samples: empty until that is wanted.
#[derive(Default)]
pub(crate) struct Augmenting {
    pub scratch: Scratch,
    /// The other image of a mixture.
    pub partner: Vec<f32>,
    /// For each sample, its share in the mixture, and the place in the batch of the other one.
    pub mixtures: Vec<(f32, usize)>,
    /// The gradient of the loss towards the other one's target.
    pub gradient: Vec<f32>,
}

impl Workspace {
    pub fn new(model: &Sequential, max_batch: usize) -> Self {
        let room = |size: usize| Aligned::zeros(max_batch * size);
        Workspace {
            max_batch,
            activations: model.activation_sizes().map(room).collect(),
            gradients: model.plan.sizes.iter().map(|&size| room(size)).collect(),
            caches: model.new_caches(max_batch),
            augmenting: Augmenting::default(),
        }
    }

    /// How many numbers one input has.
    pub fn input_size(&self) -> usize {
        self.activations[0].len() / self.max_batch
    }
}

/// Workspaces of a model that nobody uses at the moment: predictions take one and put it back, so
/// that only the first ones allocate.
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
