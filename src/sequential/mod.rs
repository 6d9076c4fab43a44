//! A stack of layers: shapes inferred as it is built, one flat vector of parameters.
//!
//! The model is a description and its parameters; it keeps nothing of a forward pass. All that
//! flows lives in the workspace of a worker, so that `&Sequential` serves any number of threads at
//! once. (It only keeps the workspaces of past predictions, for the next ones to write over.)
//!
//! The files stand on each other, the lowest first:
//!
//! ```text
//! join/         how branches become one, and the gradient of each
//! node          a layer in its place, or a join
//! graph         nodes, and the values that flow between them
//! plan          which buffer holds which gradient
//! lengths       how much of each value of a padded sequence counts
//! workspace     the buffers of one worker
//! prepared      what the passes need of graph and parameters, made once
//! model         graph and parameters: `Sequential`
//! build         how it grows; block, branches, residual and transformer are what can be added
//! passes        the two loops, forward and backward; batch_sums is where shards wait for each other
//! load          inputs on their way into a workspace
//! predict, evaluate, gradient, trace, class_names, freeze, truncate, file/: what a model can do
//! steps         a model step by step, for what translates it
//! ```

mod batch_sums;
mod block;
mod branches;
mod build;
mod check;
mod class_names;
mod evaluate;
pub(crate) mod file;
mod freeze;
mod gradient;
mod graph;
mod join;
mod layers;
mod lengths;
mod load;
mod model;
mod node;
mod params;
mod passes;
mod plan;
mod predict;
mod prepared;
mod residual;
mod selection;
mod shard_size;
#[cfg(feature = "onnx")]
mod steps;
pub(crate) mod summary;
mod tied;
mod trace;
mod trace_gradient;
mod transformer;
mod truncate;
mod workspace;

pub use block::Block;
pub use branches::Branches;
pub(crate) use check::{DataCheck, check_data};
#[cfg(feature = "onnx")]
pub(crate) use file::{CLASSES_KEY, TRAINING_KEY, check_finite};
pub use file::{
    Candidate, Classification, LoadReport, ModelFile, Prototypes, Rejected, Rejection, WeightFile,
};
pub use layers::LayerView;
pub use model::Sequential;
pub use params::ParamView;
pub use residual::Residual;
pub use selection::Selection;
#[cfg(feature = "onnx")]
pub(crate) use steps::Operation;
pub use tied::Tied;
pub use trace::{LayerTrace, Trace};
pub use trace_gradient::{GradientTrace, LayerGradient};
pub use transformer::TransformerBlock;
pub(crate) use workspace::Workspace;
