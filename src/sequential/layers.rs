//! A model's layers one by one: names, shapes and parameters.

use std::ops::Range;

use ndarray::ArrayView;
#[cfg(feature = "onnx")]
use ndarray::ArrayViewD;

use super::Sequential;
#[cfg(feature = "onnx")]
use super::node::arrays;
use super::node::{Node, ParamArray};
use super::params::ParamView;

/// A layer of a model in its place, or a place where branches meet.
///
/// [`Sequential::layers`] lists them.
#[derive(Debug, Clone, Copy)]
pub struct LayerView<'a> {
    model: &'a Sequential,
    index: usize,
}

impl Sequential {
    /// Lists the layers in the order of [`Sequential::summary`], without the input. A layer's number
    /// in the list is that of errors, of files and of [`ParamGroup`](crate::optim::ParamGroup).
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let model = Sequential::new([4]).add(Dense::new(3))?.add(Relu)?;
    /// let names: Vec<&str> = model.layers().map(|layer| layer.name()).collect();
    /// assert_eq!(names, ["Dense(3)", "Relu"]);
    /// let dense = model.layers().next().unwrap();
    /// for param in dense.params() {
    ///     println!("{}: {:?}", param.name, param.values.shape()); // weight: [4, 3], bias: [3]
    /// }
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    pub fn layers(&self) -> impl ExactSizeIterator<Item = LayerView<'_>> + DoubleEndedIterator {
        (0..self.graph.nodes.len()).map(|index| LayerView { model: self, index })
    }
}

impl<'a> LayerView<'a> {
    fn node(&self) -> &'a Node {
        &self.model.graph.nodes[self.index]
    }

    /// Number in the model, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Name with the settings, as in summaries: `Conv2d(32, 3×3)`.
    pub fn name(&self) -> &'a str {
        &self.node().name
    }

    /// Shape of one input; of the first branch, where branches meet.
    pub fn input_shape(&self) -> &'a [usize] {
        &self.node().input
    }

    /// Shape of one output.
    pub fn output_shape(&self) -> &'a [usize] {
        &self.node().output
    }

    /// Number of the layer whose parameters this one has, if it is [tied](crate::sequential::Tied) to one.
    pub fn tied_to(&self) -> Option<usize> {
        self.node().tied
    }

    /// Slice of [`Sequential::params`] that holds the layer's; of a tied layer, that of the other.
    pub fn range(&self) -> Range<usize> {
        self.node().params.clone()
    }

    /// Returns `true` if training leaves all its parameters as they are; also for a layer without any.
    pub fn is_frozen(&self) -> bool {
        self.node().arrays.iter().all(|array| array.frozen)
    }

    /// Name, and what is frozen of it: equal for layers that train alike.
    pub(crate) fn signature(&self) -> String {
        let frozen = self.node().arrays.iter().filter(|array| array.frozen);
        let frozen: Vec<&str> = frozen.map(|array| array.spec.name).collect();
        match &frozen[..] {
            [] => self.name().to_string(),
            names => format!("{} with {} frozen", self.name(), names.join(" and ")),
        }
    }

    /// The array of this name that the layer computes with: its own, or that of the layer that it is tied to.
    #[cfg(feature = "onnx")]
    pub(crate) fn used(&self, name: &str) -> Option<ArrayViewD<'a, f32>> {
        let Node { input, params, .. } = self.node();
        let all = arrays(self.node().layer()?.param_specs(input), params.start);
        let ParamArray { spec, range, .. } = all.into_iter().find(|own| own.spec.name == name)?;
        ArrayViewD::from_shape(&spec.shape[..], &self.model.params()[range]).ok()
    }

    /// Lists the parameter arrays, statistics included. A tied layer has none of its own.
    pub fn params(&self) -> impl ExactSizeIterator<Item = ParamView<'a>> + use<'a> {
        let params = self.model.params();
        let view = move |ParamArray { spec, range, frozen }: &'a ParamArray| ParamView {
            name: spec.name,
            values: ArrayView::from_shape(&spec.shape[..], &params[range.clone()])
                .expect("an array is as long as its shape says"),
            trainable: spec.trainable,
            frozen: *frozen,
            range: range.clone(),
        };
        self.node().arrays.iter().map(view)
    }
}
