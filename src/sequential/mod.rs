//! A stack of layers: shapes inferred as it is built, one flat vector of parameters.
//!
//! The model is a description and its parameters; it keeps nothing of a forward pass. All that
//! flows lives in the workspace of a worker, so that `&Sequential` serves any number of threads at
//! once. (It only keeps the workspaces of past predictions, for the next ones to write over.)

mod passes;
mod plan;

use std::ops::Range;
use std::sync::Arc;

use crate::aligned::Aligned;
use crate::erased::ErasedLayer;
use crate::error::{Misfit, ModelError, Result};
use crate::kernels::ALIGN;
use crate::layer::{Layer, ParamSpec, checked_len};
use crate::random::Key;
use crate::workspace::Spares;

/// The largest number of values in one sample's activations or one layer's parameters: 1 GiB.
const LIMIT: usize = 1 << 28;

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
    params: Aligned,
    packed: Aligned,
    pub(crate) spares: Spares,
}

/// A layer in its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Immutable, and so shared with the model's clones.
    layer: Arc<dyn ErasedLayer>,
    pub name: String,
    pub input: Vec<usize>,
    pub output: Vec<usize>,
    pub specs: Vec<ParamSpec>,
    /// Its output is its input: it is a view, or fused into the layer before.
    pub passes: bool,
    /// Its slices of the model's parameters, and of their packed copies.
    pub params: Range<usize>,
    packed: Range<usize>,
}

impl Sequential {
    /// A model for inputs of this shape (of one sample, without the batch): `[28, 28, 1]`.
    pub fn new(input_shape: impl Into<Vec<usize>>) -> Self {
        let input_shape = input_shape.into();
        let (params, packed) = (Aligned::zeros(0), Aligned::zeros(0));
        Sequential { input_shape, nodes: Vec::new(), params, packed, spares: Spares::default() }
    }

    /// Appends a layer, and draws its parameters with seed 0 (see [`Sequential::initialize`]).
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
    pub fn add(mut self, layer: impl Layer) -> Result<Self> {
        if self.input_shape.contains(&0) || !fits(&self.input_shape) {
            return Err(ModelError::InputShape { came: self.input_shape, limit: LIMIT }.into());
        }
        let fused = self.nodes.last().and_then(|node| node.layer.fuse(&layer));
        let layer: Arc<dyn ErasedLayer> = Arc::new(layer);
        let input = self.output_shape().to_vec();
        let name = layer.name();
        let (output, specs) = check(&*layer, &input).map_err(|misfit| ModelError::Layer {
            index: self.nodes.len(),
            layer: name.clone(),
            before: self.nodes.last().map_or("the input".to_string(), |node| node.name.clone()),
            came: input.clone(),
            misfit: Box::new(misfit),
        })?;
        let param_len: usize = specs.iter().filter_map(ParamSpec::len).sum();
        let params = self.params.len()..self.params.len() + param_len;
        let packed = self.packed.len().next_multiple_of(ALIGN);
        let packed = packed..packed + layer.packed_len(&input);
        self.params = self.params.extended(params.end);
        self.packed = self.packed.extended(packed.end);
        let passes = fused.is_some() || layer.is_view();
        if let (Some(fused), Some(last)) = (fused, self.nodes.last_mut()) {
            last.layer = fused;
        }
        self.nodes.push(Node { layer, name, input, output, passes, specs, params, packed });
        // Workspaces of the shorter model would not do.
        self.spares = Spares::default();
        self.draw(self.nodes.len() - 1, 0);
        self.pack();
        Ok(self)
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
        self.nodes.last().map_or(&self.input_shape, |node| &node.output)
    }

    /// How many numbers the model learns.
    pub fn param_count(&self) -> usize {
        self.params.len()
    }

    /// All parameters, layer by layer, each as its [`ParamSpec`] says.
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
        let first = self.first_learning();
        for (index, node) in self.nodes.iter().enumerate() {
            let params = &self.params[node.params.clone()];
            let packed = &mut self.packed[node.packed.clone()];
            node.layer.pack(&node.input, params, packed, index > first);
        }
    }

    /// The first layer that has parameters: nobody asks for the gradient of its input.
    fn first_learning(&self) -> usize {
        self.nodes.iter().position(|node| !node.params.is_empty()).unwrap_or(self.nodes.len())
    }

    pub(crate) fn check_not_empty(&self) -> Result<(), ModelError> {
        if self.nodes.is_empty() { Err(ModelError::Empty) } else { Ok(()) }
    }

    pub(crate) fn new_caches(&self, max_batch: usize) -> Vec<Box<dyn std::any::Any + Send>> {
        self.nodes.iter().map(|node| node.layer.new_cache(&node.input, max_batch)).collect()
    }
}

/// A layer's output shape and parameters, if it can take this input and nothing is too large.
fn check(layer: &dyn ErasedLayer, input: &[usize]) -> Result<(Vec<usize>, Vec<ParamSpec>), Misfit> {
    let output = layer.output_shape(input)?;
    if output.contains(&0) || !fits(&output) {
        return Err(Misfit::new(
            format!("1 to {LIMIT} outputs, and it would have {}", crate::error::shape(&output)),
            "check its settings",
        ));
    }
    let specs = layer.params(input);
    let params = specs.iter().try_fold(0usize, |sum, spec| sum.checked_add(spec.len()?));
    // Packed, narrow rows are padded to many times their length.
    let too_many = |params| params > LIMIT || layer.packed_len(input) > 2 * LIMIT;
    if params.is_none_or(too_many) {
        return Err(Misfit::new(
            format!("at most {LIMIT} parameters, and twice that with rows padded to whole vectors"),
            "use fewer units, or shrink the input first",
        ));
    }
    specs.iter().try_for_each(|spec| spec.init.check(&spec.shape))?;
    Ok((output, specs))
}

fn fits(shape: &[usize]) -> bool {
    checked_len(shape).is_some_and(|len| len <= LIMIT)
}

pub(crate) fn len(shape: &[usize]) -> usize {
    shape.iter().product()
}
