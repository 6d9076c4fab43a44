//! The names that most programs use: `use chainrule::prelude::*;`
//!
//! Left out are the modules themselves, callbacks and augmentations one by one, and what only a layer,
//! loss, optimizer or data set of one's own needs beside its trait.

// Data.
pub use crate::data::{Arrays, Dataset, Images, Mnist, MnistKind, Scaling, StreamedIdx, Subset};
#[cfg(feature = "csv")]
pub use crate::data::{Csv, Table};
pub use crate::data::{Target, TargetKind, augment::Augment, class_weights, inputs, k_fold, split};

// A model.
pub use crate::file::WeightLayout;
pub use crate::init::Init;
pub use crate::layers::{
    AvgPool1d, AvgPool2d, BatchNorm, Conv1d, Conv2d, ConvTranspose2d, CrossAttention, Dense,
    Dropout, Dropout2d, Elu, Embedding, Flatten, Gelu, GeluTanh, GlobalAvgPool1d, GlobalAvgPool2d,
    GlobalMaxPool1d, GlobalMaxPool2d, GroupNorm, Gru, Hardswish, LayerNorm, LeakyRelu,
    LearnedPositions, Lstm, MaxPool1d, MaxPool2d, Mish, Padding, Prelu, Relu, Reshape,
    SelfAttention, Selu, Sigmoid, Silu, SimpleRnn, SinusoidalPositions, Size2, Slice, Softmax,
    Softplus, Tanh, Unembedding, ZeroPad1d, ZeroPad2d,
};
pub use crate::sequential::{
    Block, Branches, ModelFile, Residual, Sequential, Tied, TransformerBlock, WeightFile,
};

// Training.
pub use crate::loss::{
    BinaryCrossEntropy, Ctc, Hinge, Huber, KlDivergence, Loss, MeanAbsoluteError, MeanSquaredError,
    SoftmaxCrossEntropy,
};
pub use crate::optim::schedule::{
    Cosine, Curve, Exponential, LinearDecay, MultiStep, OneCycle, Polynomial, ReduceOnPlateau,
    Schedule, StepDecay, Warmup,
};
pub use crate::optim::{
    Adadelta, Adagrad, Adam, AdamW, Clip, Lion, NAdam, Optimizer, ParamGroup, RAdam, RmsProp, Sgd,
};
#[cfg(feature = "csv")]
pub use crate::trainer::callbacks::CsvLog;
#[cfg(all(feature = "interrupt", not(target_family = "wasm")))]
pub use crate::trainer::callbacks::Interrupt;
#[cfg(feature = "progress")]
pub use crate::trainer::callbacks::ProgressBar;
#[cfg(feature = "tensorboard")]
pub use crate::trainer::callbacks::TensorBoard;
pub use crate::trainer::callbacks::{
    Callback, Checkpoints, EarlyStopping, JsonLog, Monitor, TimeBudget,
};
pub use crate::trainer::{Average, Change, Run, Trainer};

// Results.
pub use crate::kernels::{argmax, softmax, top_k};
pub use crate::metrics::{Confusion, Epoch, Evaluation, History};
#[cfg(any(feature = "report", feature = "tensorboard"))]
pub use crate::picture::Picture;
#[cfg(feature = "report")]
pub use crate::report::{Report, draw, robustness::Robustness};

// A layer of one's own, and the check of its gradient.
pub use crate::gradcheck::{gradcheck, gradcheck_loss, gradcheck_model, gradcheck_padded};
pub use crate::layer::{Layer, Lengths, Mismatch, Mode, Noise, ParamSpec, Params, Pass, Saved};
pub use crate::layers::Elementwise;

#[cfg(feature = "onnx")]
pub use crate::error::OnnxError;
#[cfg(feature = "csv")]
pub use crate::error::TableError;
pub use crate::error::{
    DataError, Error, FileError, GradientError, IdxError, ModelError, Result, TrainError,
};
