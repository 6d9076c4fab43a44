//! The model: layers, their parameters as one flat vector, and what the passes need of both.

use std::sync::OnceLock;

use super::graph::Graph;
use super::prepared::Prepared;
use super::workspace::{Borrowed, Workspace};
use crate::error::{ModelError, Result};
use crate::kernels::aligned::Aligned;
use crate::random::Key;

/// Layers one after the other.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::Array4;
///
/// let model = Sequential::new([28, 28, 1])
///     .add(Conv2d::new(8, 3))?
///     .add(Relu)?
///     .add(MaxPool2d::new(2))?
///     .add(Flatten)?
///     .add(Dense::new(10))?
///     .initialize(42);
/// let logits = model.predict(&Array4::zeros((5, 28, 28, 1)))?;
/// assert_eq!(logits.shape(), [5, 10]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sequential {
    pub(super) graph: Graph,
    /// The values where branches begin.
    pub(super) forks: Vec<usize>,
    /// Number of blocks around the next layer.
    pub(super) depth: usize,
    pub(super) params: Aligned,
    pub(super) class_names: Vec<String>,
    pub(super) prepared: OnceLock<Prepared>,
}

impl Sequential {
    /// A model for inputs of this shape (of one sample, without the batch): `[28, 28, 1]`.
    pub fn new(input_shape: impl Into<Vec<usize>>) -> Self {
        Sequential {
            graph: Graph { input_shape: input_shape.into(), nodes: Vec::new(), head: 0 },
            forks: Vec::new(),
            depth: 0,
            params: Aligned::zeros(0),
            class_names: Vec::new(),
            prepared: OnceLock::new(),
        }
    }

    /// Draws all parameters from this seed: the same seed gives the same model.
    #[must_use]
    pub fn initialize(mut self, seed: u64) -> Self {
        for index in 0..self.graph.nodes.len() {
            self.draw(index, seed);
        }
        self.update(|_| ());
        self
    }

    /// Draws the parameters of a node.
    pub(super) fn draw(&mut self, index: usize, seed: u64) {
        for (i, array) in self.graph.nodes[index].arrays.iter().enumerate() {
            let key = Key::new(seed).fold(index as u64).fold(i as u64);
            let values = &mut self.params[array.range.clone()];
            array.spec.init.fill(&array.spec.shape, &mut key.rng(), values);
        }
    }

    /// The shape of one input.
    pub fn input_shape(&self) -> &[usize] {
        &self.graph.input_shape
    }

    /// The shape of one output.
    pub fn output_shape(&self) -> &[usize] {
        self.graph.output_shape()
    }

    /// Number of parameters, statistics included.
    pub fn param_count(&self) -> usize {
        self.params.len()
    }

    /// All parameters, layer by layer, each as its [`ParamSpec`](crate::layer::ParamSpec) says.
    pub fn params(&self) -> &[f32] {
        &self.params
    }

    /// Replaces all parameters, such as by those of a model of the same layers.
    ///
    /// # Errors
    ///
    /// [`ModelError::ParamCount`] when the lengths differ.
    pub fn set_params(&mut self, params: &[f32]) -> Result<()> {
        if params.len() != self.params.len() {
            let (wanted, came) = (self.params.len(), params.len());
            return Err(ModelError::ParamCount { wanted, came }.into());
        }
        self.update(|own| own.copy_from_slice(params));
        Ok(())
    }

    /// Changes the parameters in place, and then what is derived from them.
    pub(crate) fn update<T>(&mut self, change: impl FnOnce(&mut [f32]) -> T) -> T {
        let result = change(&mut self.params);
        if let Some(prepared) = self.prepared.get_mut() {
            prepared.pack(&self.graph, &self.params);
        }
        result
    }

    pub(crate) fn check_not_empty(&self) -> Result<(), ModelError> {
        if self.graph.nodes.is_empty() { Err(ModelError::Empty) } else { Ok(()) }
    }

    /// Plan and packed parameters of the passes, made at the first of them.
    pub(super) fn prepared(&self) -> &Prepared {
        self.prepared.get_or_init(|| Prepared::new(&self.graph, &self.params))
    }

    /// A new workspace for up to `max_batch` samples.
    pub(crate) fn new_workspace(&self, max_batch: usize) -> Workspace {
        Workspace::new(&self.graph, &self.prepared().plan, max_batch)
    }

    /// A workspace for shards of the model's own size, used before if one is spare.
    pub(super) fn spare_workspace(&self) -> Borrowed<'_> {
        self.prepared().spares.take(|| self.new_workspace(self.shard_size()))
    }
}
