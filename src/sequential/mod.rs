//! A stack of layers: shapes inferred as it is built, one flat vector of parameters.
//!
//! The model is a description and its parameters; it keeps nothing of a forward pass. All that
//! flows lives in the workspace of a worker, so that `&Sequential` serves any number of threads at
//! once. (It only keeps the workspaces of past predictions, for the next ones to write over.)

mod batch_sums;
mod block;
mod branches;
mod build;
mod check;
mod evaluate;
pub(crate) mod file;
mod freeze;
mod gradient;
mod graph;
mod join;
mod layers;
mod model;
mod node;
mod passes;
mod plan;
mod predict;
mod prepared;
mod residual;
mod selection;
mod shard_size;
pub(crate) mod summary;
mod truncate;
mod workspace;

pub use block::Block;
pub use branches::Branches;
pub(crate) use check::{check_data, check_kind, check_target};
pub use file::{Candidate, Classification, LoadReport, ModelFile};
pub use layers::{LayerView, ParamView};
pub use model::Sequential;
pub use residual::Residual;
pub use selection::Selection;
pub(crate) use workspace::Workspace;
