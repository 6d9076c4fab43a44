//! Neural networks from scratch: layers with hand-written forward and backward passes, fast on
//! multicore CPUs, and made to be read.
//!
//! ```
//! use chainrule::prelude::*;
//!
//! let mnist = Mnist::sample();
//! # let (train, test) = (mnist.train.take(2000)?, mnist.test.take(1000)?);
//! # let mnist = Mnist { train, test };
//! let mut model = Sequential::new([28, 28, 1])
//!     .add(Flatten)?
//!     .add(Dense::new(128))?
//!     .add(Relu)?
//!     .add(Dense::new(10))?;
//! Trainer::new(SoftmaxCrossEntropy, Adam::new(0.001)).epochs(5).fit(&mut model, &mnist.train)?;
//! let result = model.evaluate(&mnist.test, &SoftmaxCrossEntropy)?;
//! println!("{:.2} %", 100.0 * result.accuracy.unwrap());
//! # assert!(result.accuracy.unwrap() > 0.8);
//! # Ok::<(), chainrule::Error>(())
//! ```
//!
//! # A tour, in reading order
//!
//! The modules stand on floors: each uses only those named before it.
//!
//! 1. **The mathematics.** [`mod@reference`] has a plain twin of every layer and loss: two functions of
//!    at most 30 lines, forward and backward, with the formula above each. Begin with
//!    [`reference::dense`](reference::dense()) and [`reference::relu`].
//! 2. **A layer.** [`layers::Dense`] and [`layers::Relu`] compute the same, fast. Each is documented by
//!    two formulas, forward and backward; the [other layers](layers) follow the same pattern. [`layer`]
//!    is the contract: a layer is an immutable description that stores nothing, and all that its passes
//!    read and write is in their signatures. [`init`] draws the first weights. [`kernels`] is where the
//!    time goes: register tiles near the limit of the machine, and Winograd's algorithm, which needs
//!    fewer products.
//! 3. **What a model learns from.** [`data`] has MNIST, IDX files, tables, folders and data sets of your
//!    own; [`data::augment`] changes images on their way into a batch; [`intake`] makes an input of a
//!    photograph. [`random`] is why the same seed
//!    gives the same bits on any number of threads.
//! 4. **How far off it is.** [`loss`] gives one number and the gradient that starts the backward pass;
//!    [`metrics`] answers questions about predictions.
//! 5. **A model.** [`sequential`] is a list of layers, one flat vector of parameters, and the two loops
//!    that run through the list, forward and backward. It may branch: a
//!    [`Residual`](sequential::Residual) block is a recipe for nodes of the same list.
//!    [`trace_gradient`](sequential::Sequential::trace_gradient) shows what flows through each layer, and
//!    back. [`mod@file`] is what a model file holds.
//! 6. **Training.** [`optim`] turns a gradient into a step, [`optim::schedule`] sets its size, and
//!    [`trainer`] runs epochs and batches. The threads are in `src/trainer/step/`: a batch is cut into
//!    parts that do not depend on the number of threads, and their gradients are added as a fixed
//!    tree. [`layer::batch_sums`] lets a batch normalization see the whole batch all the same.
//!    [`trainer::callbacks`] watch a run, stop it and save it.
//! 7. **Is the backward pass right?** [`gradcheck`] compares it with slopes of the forward pass, for
//!    your own layers too.
//! 8. **At work.** [`field`] reads numbers: amounts, zip codes, forms.
//! 9. **Results.** [`picture`], [`chart`], [`report`] and [`report::robustness`] show how a run went, and [`search`]
//!    finds good settings. [`onnx`] takes a model to other programs.
//!
//! The way of a batch: IDX file → [`Dataset`](data::Dataset) (bytes) → shuffled batch → shards, scaled
//! and [augmented](data::augment) as they are loaded → `forward` → [`Loss`](loss::Loss) → `backward` →
//! sum as a tree → [`Optimizer::step`](optim::Optimizer::step).
//!
//! # What it promises
//!
//! - **The same seed gives the same bits**, for any number of threads and any vector width.
//! - **No hidden state**: `&model` predicts from as many threads as you like.
//! - **Errors are sentences**: they name the thing, what was wanted, what came, and the fix.
//! - **A steady training step allocates nothing.**
//!
//! And what it refuses: no autograd, no GPU, no `unsafe`.
//!
//! # Features
//!
//! All but `keras` and `pytorch` are on by default. With `default-features = false` the crate still trains,
//! predicts, and reads and writes model files and IDX files; so it runs on WebAssembly, too.
//!
//! | feature | brings |
//! | --- | --- |
//! | `sample` | [`Mnist::sample`](data::Mnist::sample): a part of MNIST (3.3 MB) in the crate |
//! | `pretrained` | [`ModelFile::digits`](sequential::ModelFile::digits): a trained model (0.8 MB) in the crate |
//! | `csv` | [`Csv`](data::Csv) and [`Table`](data::Table), [`CsvLog`](trainer::callbacks::CsvLog) |
//! | `images` | [`ImageFolder`](data::ImageFolder), [`Grey::open`](intake::Grey::open): PNG and JPEG files |
//! | `interrupt` | [`Interrupt`](trainer::callbacks::Interrupt): Ctrl-C ends a run, and not the program |
//! | `keras` | [`WeightFile`](sequential::WeightFile) reads `.h5` and `.keras` |
//! | `onnx` | [`onnx`]: models as files for ONNX Runtime and other programs |
//! | `progress` | [`Trainer::progress`](trainer::Trainer::progress), [`ProgressBar`](trainer::callbacks::ProgressBar) |
//! | `pytorch` | [`WeightFile`](sequential::WeightFile) reads `.pt` and `.pth` |
//! | `report` | [`report`], [`report::robustness`], [`chart`], [`picture`], [`Sheet`](data::augment::Sheet): results as pages, charts and pictures |
//! | `search` | [`search`]: good settings, by trials in parallel |
//! | `tensorboard` | [`TensorBoard`](trainer::callbacks::TensorBoard), [`EventWriter`](trainer::callbacks::EventWriter) |

#![forbid(unsafe_code)]
#![deny(missing_docs)]

// The ground: what everything uses.
mod atomic;
mod clock;
#[cfg(feature = "images")]
mod decode;
pub mod error;
#[cfg(any(feature = "report", feature = "tensorboard"))]
pub mod picture;
pub mod random;
mod shape;
mod text;

// Plain twins of the layers and losses, to read first.
pub mod reference;

// The engine: what a layer is, and the loops behind it.
pub mod init;
pub mod kernels;
pub mod layer;
pub mod layers;

// What a model learns from, and how far off it is.
pub mod data;
pub mod intake;
pub mod loss;
pub mod metrics;

// Models, and their training.
pub mod file;
pub mod gradcheck;
pub mod optim;
pub mod sequential;
pub mod trainer;

// Models at work.
pub mod field;

// Around a run.
#[cfg(feature = "report")]
pub mod chart;
#[cfg(feature = "onnx")]
pub mod onnx;
pub mod prelude;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "search")]
pub mod search;

pub use error::{Error, Result};
/// The crate of the arrays in this library's interface, in the version that it uses: a program needs no
/// dependency of its own on it.
pub use ndarray;

/// The programs of the README, compiled and run with the other examples of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
