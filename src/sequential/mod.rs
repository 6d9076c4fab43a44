//! A stack of layers: shapes inferred as it is built, one flat vector of parameters.
//!
//! The model is a description and its parameters; it keeps nothing of a forward pass. All that
//! flows lives in the workspace of a worker, so that `&Sequential` serves any number of threads at
//! once. (It only keeps the workspaces of past predictions, for the next ones to write over.)

mod block;
mod branches;
mod coupled;
mod evaluate;
pub(crate) mod file;
mod gradient;
mod graph;
mod join;
mod node;
mod passes;
mod plan;
mod residual;
pub(crate) mod summary;
pub(crate) mod workspace;

pub use block::Block;
pub use branches::Branches;
pub(crate) use coupled::Direction;
pub(crate) use evaluate::{check_data, check_kind, check_target};
pub use file::{Candidate, Classification, ModelFile};
pub(crate) use graph::Branch;
pub(crate) use join::Join;
pub use residual::Residual;

use std::any::Any;

use crate::error::{ModelError, Result};
use crate::kernels::aligned::Aligned;
use crate::random::Key;
use node::{Node, Op};
use plan::Plan;
use workspace::Spares;

/// Layers one after the other.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::ArrayD;
///
/// let model = Sequential::new([28, 28, 1])
///     .add(Conv2d::new(8, 3))?
///     .add(Relu)?
///     .add(MaxPool2d::new(2))?
///     .add(Flatten)?
///     .add(Dense::new(10))?
///     .initialize(42);
/// let logits = model.predict(ArrayD::zeros(vec![5, 28, 28, 1]).view())?;
/// assert_eq!(logits.shape(), [5, 10]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sequential {
    input_shape: Vec<usize>,
    pub(crate) nodes: Vec<Node>,
    /// The boundary that the next layer follows.
    head: usize,
    /// The boundaries where branches begin.
    forks: Vec<usize>,
    /// In how many blocks the next layer stands.
    pub(crate) depth: usize,
    pub(crate) plan: Plan,
    params: Aligned,
    packed: Aligned,
    pub(crate) spares: Spares,
}

impl Sequential {
    /// A model for inputs of this shape (of one sample, without the batch): `[28, 28, 1]`.
    pub fn new(input_shape: impl Into<Vec<usize>>) -> Self {
        Sequential {
            input_shape: input_shape.into(),
            nodes: Vec::new(),
            head: 0,
            forks: Vec::new(),
            depth: 0,
            plan: Plan::default(),
            params: Aligned::zeros(0),
            packed: Aligned::zeros(0),
            spares: Spares::default(),
        }
    }

    /// Appends a layer, or a [`Block`] of several, and draws its parameters with seed 0 (see
    /// [`Sequential::initialize`]).
    ///
    /// # Errors
    ///
    /// [`ModelError::Layer`] names the layer, its neighbour, the shape that came, what was wanted
    /// and the fix:
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let error = Sequential::new([28, 28, 1]).add(Dense::new(10)).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "layer 0, Dense(10), cannot follow the input, which gives 28×28×1: \
    ///      wanted samples with one axis of features; add `Flatten` before it",
    /// );
    /// ```
    #[allow(clippy::should_implement_trait)] // it appends, as in Keras, and does not sum
    pub fn add(self, block: impl Block) -> Result<Self> {
        block.add_to(self)
    }

    /// Draws all parameters anew: the same seed gives the same model.
    #[must_use]
    pub fn initialize(mut self, seed: u64) -> Self {
        for index in 0..self.nodes.len() {
            self.draw(index, seed);
        }
        self.pack();
        self
    }

    fn draw(&mut self, index: usize, seed: u64) {
        let node = &self.nodes[index];
        let mut rest = &mut self.params[node.params.clone()];
        for (i, spec) in node.specs.iter().enumerate() {
            let (values, tail) = rest.split_at_mut(spec.len().unwrap_or(0));
            let key = Key::new(seed).fold(index as u64).fold(i as u64);
            spec.init.fill(&spec.shape, &mut key.rng(), values);
            rest = tail;
        }
    }

    /// The shape of one input.
    pub fn input_shape(&self) -> &[usize] {
        &self.input_shape
    }

    /// The shape of one output.
    pub fn output_shape(&self) -> &[usize] {
        self.shape_at(self.head)
    }

    /// How many numbers the model learns.
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
        self.pack();
        result
    }

    fn pack(&mut self) {
        for node in &self.nodes {
            let Op::Layer(layer) = &node.op else { continue };
            let dx = self.learns(node.sources[0]);
            let params = &self.params[node.params.clone()];
            let packed = &mut self.packed[node.packed.clone()];
            layer.pack(&node.input, params, packed, dx);
        }
    }

    pub(crate) fn check_not_empty(&self) -> Result<(), ModelError> {
        if self.nodes.is_empty() { Err(ModelError::Empty) } else { Ok(()) }
    }

    pub(crate) fn new_caches(&self, max_batch: usize) -> Vec<Box<dyn Any + Send>> {
        let cache = |node: &Node| match node.layer() {
            Some(layer) => layer.new_cache(&node.input, max_batch),
            None => Box::new(()),
        };
        self.nodes.iter().map(cache).collect()
    }
}
