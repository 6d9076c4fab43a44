//! Everything that a program needs: `use chainrule::prelude::*;`

pub use crate::augment::Augment;
pub use crate::callbacks::*;
pub use crate::data::{Arrays, Dataset, Images, Mnist, Subset, Target, TargetKind, inputs};
pub use crate::data::{k_fold, split};
pub use crate::error::{DataError, Error, FileError, ModelError, Result, TrainError};
pub use crate::file::ModelFile;
pub use crate::gradcheck::{gradcheck, gradcheck_loss, gradcheck_model};
pub use crate::init::Init;
pub use crate::layer::{BatchSums, Layer, Misfit, Mode, Noise, ParamSpec, Params, Saved};
pub use crate::layers::*;
pub use crate::loss::*;
pub use crate::metrics::{Confusion, Evaluation};
pub use crate::optim::*;
pub use crate::schedule::*;
pub use crate::sequential::{Block, Sequential};
pub use crate::terminal::draw;
pub use crate::trainer::{Average, Epoch, History, Run, Trainer};
