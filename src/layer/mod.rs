//! The contract between a layer and the engine.
//!
//! A layer is an immutable description: it knows shapes and mathematics, and owns no weights, no
//! gradients and no hidden mode. All that [`Layer::forward`] and [`Layer::backward`] read and
//! write is in their signatures: the model owns the parameters (one flat vector, of which a layer
//! sees its slice), a workspace owns the activations, and whether this is training is an argument.
//! So one model serves any number of threads at once, an optimizer is one loop over a slice, and
//! nothing has to be reset between two batches.
//!
//! # A layer of your own
//!
//! Multiply every feature by a learned scale, `y = x·s`, and so `dx = dy·s`, `ds = Σ dy·x`:
//!
//! ```
//! use chainrule::prelude::*;
//! use ndarray::{ArrayViewD, ArrayViewMutD, Axis, Zip};
//!
//! struct Scale;
//!
//! impl Layer for Scale {
//!     type Cache = ();
//!
//!     fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
//!         Ok(input.to_vec())
//!     }
//!     fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
//!         vec![ParamSpec::new("scale", input, Init::GlorotUniform)]
//!     }
//!     fn new_cache(&self, _input: &[usize], _max_batch: usize) {}
//!
//!     fn forward(&self, p: Params, x: ArrayViewD<f32>, mut y: ArrayViewMutD<f32>, _: &mut (), _: Mode) {
//!         let s = ArrayViewD::from_shape(&x.shape()[1..], p.values).expect("its own shape");
//!         Zip::from(&mut y).and(&x).and_broadcast(&s).for_each(|y, x, s| *y = x * s);
//!     }
//!     fn backward(&self, p: Params, saved: Saved<()>, dy: ArrayViewMutD<f32>,
//!                 dx: Option<ArrayViewMutD<f32>>, dparams: &mut [f32]) {
//!         let s = ArrayViewD::from_shape(&dy.shape()[1..], p.values).expect("its own shape");
//!         if let Some(mut dx) = dx {
//!             Zip::from(&mut dx).and(&dy).and_broadcast(&s).for_each(|dx, dy, s| *dx = dy * s);
//!         }
//!         for (ds, g) in dparams.iter_mut().zip(&(&dy * &saved.x).sum_axis(Axis(0))) {
//!             *ds += g;
//!         }
//!     }
//! }
//!
//! gradcheck(&Scale, &[3, 2], 4)?;
//! let model = Sequential::new([3, 2]).add(Scale)?.add(Flatten)?.add(Dense::new(2))?;
//! assert_eq!(model.param_count(), 6 + 6 * 2 + 2);
//! # Ok::<(), chainrule::Error>(())
//! ```
//!
//! For files that hold such a layer, derive serde's traits and give it a name in a
//! [`Registry`](crate::file::Registry).

pub mod batch_sums;
pub(crate) mod erased;

use std::any::Any;

use ndarray::{ArrayViewD, ArrayViewMutD};

pub use crate::error::Mismatch;
use crate::init::Init;
use crate::random::Key;
use crate::shape::checked_len;
pub use batch_sums::BatchSums;

/// One step of a network: its shapes, its parameters, and the two passes.
///
/// Shapes here are those of one sample; arrays carry the batch in front: `x: (n, input..)`,
/// `y: (n, output..)`. Images are channels-last: (n, h, w, c). Every array is contiguous and in
/// row-major order.
pub trait Layer: Send + Sync + 'static {
    /// What the forward pass keeps for the backward pass beside `x` and `y`, and scratch space:
    /// all that has a size is allocated here, once. `()` for most layers.
    type Cache: Send + 'static;

    /// How the layer reads in summaries and errors, with its settings: `Conv2d(32, 3×3)`.
    fn name(&self) -> String {
        type_label::<Self>()
    }

    /// The shape of one output for inputs of shape `input`, or what the layer would have wanted.
    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch>;

    /// The parameters, in the order in which they lie in the layer's slice.
    fn param_specs(&self, _input: &[usize]) -> Vec<ParamSpec> {
        Vec::new()
    }

    /// How many floats [`Layer::pack`] writes.
    fn packed_len(&self, _input: &[usize]) -> usize {
        0
    }

    /// Writes a copy of the parameters in the order that the passes like to read (transposed, or
    /// padded to whole vectors). The engine calls it once after each change of the parameters, and
    /// all shards then share the result as [`Params::packed`]. Without `dx`, no backward pass will
    /// ask for the gradient of the input, and what only that reads may stay as it is.
    fn pack(&self, _input: &[usize], _params: &[f32], _packed: &mut [f32], _dx: bool) {}

    /// This layer and the `next` one in a single layer, where one pass can do the work of both: a
    /// convolution takes over the ReLU that follows it. The engine then runs what is returned in
    /// place of this layer, and of the next one only keeps the name. A file holds the two as they
    /// were added: serde must skip what only this method sets.
    fn fuse(&self, _next: &dyn Any) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// Whether the output is the input in another shape. The engine then shares the buffer between
    /// them, and calls neither pass.
    fn is_view(&self) -> bool {
        false
    }

    /// For a layer that couples the samples of a batch: how. `None` for all others.
    fn batch_sums(&self) -> Option<&dyn BatchSums<Self::Cache>> {
        None
    }

    /// A cache for batches of up to `max_batch` inputs.
    fn new_cache(&self, input: &[usize], max_batch: usize) -> Self::Cache;

    /// Computes `y` from `x`, and overwrites all of `y`.
    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        y: ArrayViewMutD<'_, f32>,
        cache: &mut Self::Cache,
        mode: Mode,
    );

    /// The chain rule: from `dy` = ∂L/∂y to `dx` = ∂L/∂x and `dparams` = ∂L/∂params. Nobody needs
    /// `dy` afterwards: it may serve as room to work in.
    ///
    /// Overwrites all of `dx`, which is `None` where no layer before this one learns. **Adds** to
    /// `dparams`, which has the layout of `params`: a batch goes through in several shards, and
    /// their gradients add up. [`gradcheck`](crate::gradcheck::gradcheck) tests both promises.
    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, Self::Cache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    );
}

/// A layer's view of the parameters.
#[derive(Debug, Clone, Copy)]
pub struct Params<'a> {
    /// The layer's slice of the model's parameters, in the order of [`Layer::param_specs`].
    pub values: &'a [f32],
    /// What [`Layer::pack`] made of them.
    pub packed: &'a [f32],
}

/// What a backward pass gets from the forward pass of the same shard.
#[derive(Debug)]
pub struct Saved<'a, Cache> {
    /// The input of the forward pass.
    pub x: ArrayViewD<'a, f32>,
    /// Its output.
    pub y: ArrayViewD<'a, f32>,
    /// The layer's own cache, as the forward pass left it.
    pub cache: &'a mut Cache,
}

/// Whether a forward pass is part of training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Prediction and evaluation: a function of parameters and input alone.
    Infer,
    /// Training: layers such as dropout draw from the noise.
    Train(Noise),
}

/// Random streams for the samples of one shard, one a sample, whichever shard it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noise {
    key: Key,
    first: u64,
}

impl Noise {
    /// The noise of a shard whose first sample is number `first` of its batch.
    pub fn new(key: Key, first: usize) -> Self {
        Noise { key, first: first as u64 }
    }

    /// The noise of layer `index` under this noise.
    #[must_use]
    pub fn layer(self, index: usize) -> Self {
        Noise { key: self.key.fold(index as u64), first: self.first }
    }

    /// The stream of sample `index` of the shard.
    pub fn sample(self, index: usize) -> Key {
        self.key.fold(self.first + index as u64)
    }
}

/// One parameter array of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct ParamSpec {
    /// What it is called, such as `weight`.
    pub name: &'static str,
    /// Its shape; it lies in row-major order.
    pub shape: Vec<usize>,
    /// How it starts.
    pub init: Init,
    /// Whether it follows its gradient, or is a statistic that the layer keeps for prediction.
    pub trainable: bool,
}

impl ParamSpec {
    /// A parameter of this name, shape and start.
    pub fn new(name: &'static str, shape: &[usize], init: Init) -> Self {
        ParamSpec { name, shape: shape.to_vec(), init, trainable: true }
    }

    /// A statistic, such as a running mean: saved with the parameters, and changed by the layer alone
    /// ([`BatchSums::update_statistics`]). No optimizer steps, penalties or decay reach it, and no norm
    /// of a gradient counts it.
    pub fn statistic(name: &'static str, shape: &[usize], init: Init) -> Self {
        ParamSpec { trainable: false, ..ParamSpec::new(name, shape, init) }
    }

    /// How many numbers it holds, or `None` past what a machine can address.
    pub(crate) fn len(&self) -> Option<usize> {
        checked_len(&self.shape)
    }
}

/// The name of a type without its path: what layers and losses are called unless they say more.
pub(crate) fn type_label<T: ?Sized>() -> String {
    let path = std::any::type_name::<T>();
    path.rsplit("::").next().unwrap_or(path).to_string()
}
