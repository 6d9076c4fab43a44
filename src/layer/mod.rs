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
//!     fn forward(&self, p: Params, x: ArrayViewD<f32>, mut y: ArrayViewMutD<f32>, _: &mut (), _: Pass) {
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
mod noise;
mod params;
mod pass;

use std::any::Any;

use ndarray::{ArrayViewD, ArrayViewMutD};

pub use crate::error::Mismatch;
pub use batch_sums::BatchSums;
pub use noise::{Mode, Noise};
pub use params::{ParamSpec, Params};
pub use pass::{Lengths, Pass};

/// One step of a network: its shapes, its parameters, and the two passes.
///
/// Shapes here are those of one sample. Arrays carry the batch in front: `x: (n, input..)`,
/// `y: (n, output..)`. Images are channels-last: (n, h, w, c). Every array is contiguous and in
/// row-major order.
///
/// # The four methods to write
///
/// [`output_shape`](Layer::output_shape), [`new_cache`](Layer::new_cache),
/// [`forward`](Layer::forward) and [`backward`](Layer::backward). A layer with parameters also writes
/// [`param_specs`](Layer::param_specs).
///
/// # The methods for speed
///
/// All other methods have defaults, and a layer of your own does not need them; the module
/// [`kernels`](crate::kernels) has an example of one that uses some.
///
/// [`packed_len`](Layer::packed_len) and [`pack`](Layer::pack) copy the parameters into the layout
/// that a kernel reads, [`fuse`](Layer::fuse) merges two layers into one pass, and
/// [`is_view`](Layer::is_view) saves a copy. [`batch_sums`](Layer::batch_sums) is for the rare layer
/// that couples the samples of a batch.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "not a layer",
    note = "implement `Layer` for it, as `chainrule::layer` shows, or `Elementwise` if it is a function of \
            single values, or `Block` if it adds several layers"
)]
pub trait Layer: Send + Sync + 'static {
    /// Values that the forward pass keeps for the backward pass besides `x` and `y`, and scratch
    /// buffers. All that has a size is allocated here, once. `()` for most layers.
    type Cache: Send + 'static;

    // ----- The four methods to write -----

    /// Returns the shape of one output for inputs of shape `input`.
    ///
    /// # Errors
    ///
    /// A [`Mismatch`] says which input or setting the layer needs instead.
    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch>;

    /// Creates a cache for batches of up to `max_batch` inputs.
    fn new_cache(&self, input: &[usize], max_batch: usize) -> Self::Cache;

    /// Computes `y` from `x`, and overwrites all of `y`.
    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        y: ArrayViewMutD<'_, f32>,
        cache: &mut Self::Cache,
        pass: Pass<'_>,
    );

    /// Applies the chain rule: from `dy` = ∂L/∂y to `dx` = ∂L/∂x and `dparams` = ∂L/∂params. `dy` is
    /// not used afterwards and may be overwritten.
    ///
    /// Overwrites all of `dx`, which is `None` where no layer before this one learns. **Adds** to
    /// `dparams`, which has the layout of the parameters: a batch goes through in several shards, and
    /// their gradients add up. [`gradcheck`](crate::gradcheck::gradcheck) tests both promises.
    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, Self::Cache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    );

    // ----- Sequences -----

    /// Number of steps of the output that count, for a padded input of which the first `length` steps count: steps
    /// are the first axis of the shapes `input` and `output`. `None` where the output is no sequence, and all of
    /// it counts.
    ///
    /// By default, steps of features (steps, c) keep their number, or become no sequence. A layer that changes
    /// their number says here what becomes of it. See [`Lengths`], and
    /// [`gradcheck_padded`](crate::gradcheck::gradcheck_padded), which tests the promise.
    ///
    /// # Errors
    ///
    /// A [`Mismatch`] for a sequence that is too short, and for a layer that takes no padded sequences, such as
    /// one for images.
    fn output_length(
        &self,
        input: &[usize],
        output: &[usize],
        length: usize,
    ) -> Result<Option<usize>, Mismatch> {
        match (input, output) {
            ([_, _], [steps, _]) if *steps == input[0] => Ok(Some(length)),
            ([_, _], [_]) => Ok(None),
            _ => Err(not_for_padding()),
        }
    }

    /// Refuses numbers of a model's input that the layer cannot take, such as those outside a vocabulary. The
    /// engine asks a layer that reads the model's input, for the part of each sample that counts.
    ///
    /// # Errors
    ///
    /// A [`Mismatch`] says which numbers the layer takes, and which one came.
    fn check_input(&self, _x: &[f32]) -> Result<(), Mismatch> {
        Ok(())
    }

    // ----- Parameters, and a name -----

    /// Lists the parameters, in the order in which they lie in the layer's slice.
    fn param_specs(&self, _input: &[usize]) -> Vec<ParamSpec> {
        Vec::new()
    }

    /// Name of the layer in summaries and errors, with its settings: `Conv2d(32, 3×3)`.
    fn name(&self) -> String {
        type_label::<Self>()
    }

    // ----- The methods below exist for speed; a layer of your own does not need them -----

    /// Number of floats that [`Layer::pack`] writes.
    fn packed_len(&self, _input: &[usize]) -> usize {
        0
    }

    /// Copies the parameters into the layout that the kernels read: transposed, or padded to whole
    /// vectors.
    ///
    /// The engine calls it once after each change of the parameters, and all shards share the result
    /// as [`Params::packed`]. Where `dx` is `false`, no backward pass will compute the gradient of the
    /// input, and the part of `packed` that only this gradient reads may stay unwritten.
    fn pack(&self, _input: &[usize], _params: &[f32], _packed: &mut [f32], _dx: bool) {}

    /// Merges this layer and the `next` one where one pass can do the work of both: a convolution
    /// takes over the ReLU that follows it.
    ///
    /// The engine runs the returned layer in place of this one, and keeps only the name of the next. A
    /// file holds the two as they were added: serde must skip any field that only this method sets.
    fn fuse(&self, _next: &dyn Any) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// Returns `true` if the output is the input in another shape. The engine then shares the buffer
    /// between them, and calls neither pass.
    fn is_view(&self) -> bool {
        false
    }

    /// Returns the sums over the whole batch of a layer that couples its samples, such as a batch
    /// normalization; `None` for all others.
    fn batch_sums(&self) -> Option<&dyn BatchSums<Self::Cache>> {
        None
    }
}

/// Input of a backward pass that comes from the forward pass of the same shard.
#[derive(Debug)]
pub struct Saved<'a, Cache: ?Sized> {
    /// Input of the forward pass.
    pub x: ArrayViewD<'a, f32>,
    /// Output of the forward pass.
    pub y: ArrayViewD<'a, f32>,
    /// Cache of the layer, as the forward pass left it.
    pub cache: &'a mut Cache,
    /// Lengths of the inputs, as in the forward pass.
    pub lengths: Lengths<'a>,
}

/// Refusal of a padded sequence by a layer that mixes its steps with the padding.
pub(crate) fn not_for_padding() -> Mismatch {
    Mismatch::new(
        "sequences without padding",
        "use a layer for steps of features, or inputs of one length without `sequence_length`",
    )
}

/// Name of a type without its path: the default name of layers and losses.
pub(crate) fn type_label<T: ?Sized>() -> String {
    let path = std::any::type_name::<T>();
    path.rsplit("::").next().unwrap_or(path).to_string()
}
