//! The contract between a recurrent layer and its cell.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::sizes::Sizes;
use super::sweep::Sweep;
use crate::layer::{ParamSpec, Params};

/// Rule by which a recurrent layer goes from one step to the next: that of [`SimpleRnn`](super::SimpleRnn),
/// [`Lstm`](super::Lstm) or [`Gru`](super::Gru).
///
/// A cell computes all steps of one direction. The order of the steps, the last output and the masks of the
/// dropout are the layer's.
pub trait Cell:
    Debug + Clone + Copy + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Values of the forward pass that the backward pass reads, and scratch buffers.
    type Cache: Send + 'static;

    /// Name of the layer, with the settings of the cell: `Lstm(128)`.
    fn name(&self, units: usize) -> String;

    /// Lists the parameters of one direction. A learned state is the last of them.
    fn param_specs(&self, sizes: Sizes) -> Vec<ParamSpec>;

    /// Number of floats that [`Cell::pack`] writes.
    fn packed_len(&self, sizes: Sizes) -> usize;

    /// Copies the parameters into the layout that the kernels read; without `dx`, not those that only the gradient
    /// of the inputs reads.
    fn pack(&self, sizes: Sizes, params: &[f32], packed: &mut [f32], dx: bool);

    /// Creates a cache for this number of steps and for batches of up to `max_batch` samples.
    fn new_cache(&self, sizes: Sizes, steps: usize, max_batch: usize) -> Self::Cache;

    /// Computes the states from the inputs of a sweep.
    fn forward(&self, params: Params<'_>, sweep: &mut Sweep, cache: &mut Self::Cache);

    /// Computes the gradients of the inputs, if `dx` is wanted, and of the first state from those of the other
    /// states, and adds to `dparams` all but the gradient of the first state.
    fn backward(
        &self,
        params: Params<'_>,
        sweep: &mut Sweep,
        cache: &mut Self::Cache,
        dparams: &mut [f32],
        dx: bool,
    );
}
