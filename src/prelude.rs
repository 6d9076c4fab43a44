//! The names that most programs use: `use chainrule::prelude::*;`
//!
//! Left out are the modules themselves, callbacks and augmentations one by one, and what only a layer,
//! loss, optimizer or data set of one's own needs beside its trait.

// Data.
pub use crate::data::{Arrays, Csv, Dataset, Images, Mnist, Scaling, StreamedIdx, Subset, Table};
pub use crate::data::{Target, TargetKind, augment::Augment, class_weights, inputs, k_fold, split};

// A model.
pub use crate::init::Init;
pub use crate::layers::{
    AvgPool2d, BatchNorm, Conv1d, Conv2d, ConvTranspose2d, Dense, Dropout, Dropout2d, Elu, Flatten,
    Gelu, GeluTanh, GlobalAvgPool2d, GlobalMaxPool2d, GroupNorm, Hardswish, LayerNorm, LeakyRelu,
    MaxPool2d, Mish, Padding, Prelu, Relu, Reshape, Selu, Sigmoid, Silu, Softmax, Softplus, Tanh,
    ZeroPad2d,
};
pub use crate::sequential::{Block, Branches, ModelFile, Residual, Sequential};

// Training.
pub use crate::loss::{
    BinaryCrossEntropy, Hinge, Huber, KlDivergence, Loss, MeanAbsoluteError, MeanSquaredError,
    SoftmaxCrossEntropy,
};
pub use crate::optim::schedule::{
    Cosine, Exponential, LinearDecay, MultiStep, OneCycle, Polynomial, ReduceOnPlateau, Schedule,
    StepDecay, Warmup,
};
pub use crate::optim::{
    Adadelta, Adagrad, Adam, AdamW, Clip, Lion, NAdam, Optimizer, ParamGroup, RAdam, RmsProp, Sgd,
};
pub use crate::trainer::callbacks::{
    Callback, Checkpoints, CsvLog, EarlyStopping, Interrupt, JsonLog, Monitor, ProgressBar,
    TensorBoard, TimeBudget,
};
pub use crate::trainer::{Average, Run, Trainer};

// Results.
pub use crate::metrics::{Confusion, Epoch, Evaluation, History};
pub use crate::report::{Report, draw, robustness::Robustness};

// A layer of one's own, and the check of its gradient.
pub use crate::gradcheck::{gradcheck, gradcheck_loss, gradcheck_model};
pub use crate::layer::{Layer, Mismatch, Mode, Noise, ParamSpec, Params, Saved};
pub use crate::layers::Elementwise;

pub use crate::error::{
    DataError, Error, FileError, GradientError, ModelError, Result, TableError, TrainError,
};
