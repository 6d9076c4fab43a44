//! Parameters of a layer: the arrays that it declares, and the view that its passes read.

use crate::init::Init;
use crate::shape::checked_len;

/// A layer's view of the parameters.
#[derive(Debug, Clone, Copy)]
pub struct Params<'a> {
    /// Slice of the model's parameters that belongs to the layer, in the order of
    /// [`Layer::param_specs`](crate::layer::Layer::param_specs).
    pub values: &'a [f32],
    /// Copy of the parameters in the layout of [`Layer::pack`](crate::layer::Layer::pack).
    pub packed: &'a [f32],
}

/// One parameter array of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct ParamSpec {
    /// Name of the parameter, such as `weight`.
    pub name: &'static str,
    /// Shape of the array, which lies in row-major order.
    pub shape: Vec<usize>,
    /// Distribution of the first values.
    pub init: Init,
    /// `true` if an optimizer changes the parameter, `false` if it is a statistic that the layer keeps
    /// for prediction.
    pub trainable: bool,
}

impl ParamSpec {
    /// Describes a parameter that an optimizer changes.
    pub fn new(name: &'static str, shape: &[usize], init: Init) -> Self {
        ParamSpec { name, shape: shape.to_vec(), init, trainable: true }
    }

    /// Describes a statistic, such as a running mean: saved with the parameters, and changed by the
    /// layer alone ([`BatchSums::update_statistics`]). No optimizer steps, penalties or decay reach it,
    /// and no norm of a gradient counts it.
    ///
    /// [`BatchSums::update_statistics`]: crate::layer::BatchSums::update_statistics
    pub fn statistic(name: &'static str, shape: &[usize], init: Init) -> Self {
        ParamSpec { trainable: false, ..ParamSpec::new(name, shape, init) }
    }

    /// Number of values in the array, or `None` where a machine cannot address as many.
    pub(crate) fn len(&self) -> Option<usize> {
        checked_len(&self.shape)
    }
}
