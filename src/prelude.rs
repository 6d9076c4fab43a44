//! Everything that a program needs: `use chainrule::prelude::*;`

pub use crate::data::{Arrays, Dataset, Images, Mnist, Target, TargetKind, inputs};
pub use crate::error::{DataError, Error, ModelError, Result, TrainError};
pub use crate::gradcheck::{gradcheck, gradcheck_loss};
pub use crate::init::Init;
pub use crate::layer::{Layer, Misfit, Mode, Noise, ParamSpec, Params, Saved};
pub use crate::layers::{
    AvgPool2d, Conv2d, Dense, Dropout, Elementwise, Flatten, LeakyRelu, MaxPool2d, Padding, Relu,
    Sigmoid, Softmax, Tanh,
};
pub use crate::loss::{Loss, MeanSquaredError, SoftmaxCrossEntropy};
pub use crate::metrics::{Confusion, Evaluation};
pub use crate::optim::{Adadelta, Adam, AdamW, Optimizer, Sgd};
pub use crate::schedule::{Constant, LinearDecay, OneCycle, Schedule};
pub use crate::sequential::Sequential;
pub use crate::terminal::draw;
pub use crate::trainer::{History, Trainer};
