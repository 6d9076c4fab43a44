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
//! 1. [`layers::Dense`], [`layers::Relu`]: what a layer is. Each is documented by two formulas,
//!    forward and backward, and its code computes them. The [others](layers) follow the same pattern.
//! 2. [`loss`]: how far a prediction is off, and the gradient that starts the way back.
//! 3. [`layer`]: the contract. A layer is an immutable description and keeps nothing; all that its
//!    passes read and write is in their signatures.
//! 4. [`sequential`]: a stack of layers, one flat vector of parameters, and the two loops that run
//!    through it, forward and backward. It may branch: a [`Residual`](layers::Residual) block is a
//!    recipe for nodes of the same list.
//! 5. [`optim`], [`schedule`], [`init`]: from a gradient to a step, how large a step, where to
//!    start; [parameter groups](optim::ParamGroup) and [clipping](optim::Clip) around it.
//! 6. [`trainer`]: epochs and batches. `src/step/` is where the threads are: it cuts a batch into
//!    parts that do not depend on their number, and adds up in a fixed order. [`batch_sums`] is how a
//!    batch normalization sees the whole batch all the same.
//! 7. [`gradcheck`]: is a backward pass right? For your own layers too.
//! 8. [`kernels`]: where the time goes. First the plain loops of [`kernels::reference`], then the
//!    register tiles that compute the same near the limit of the machine, and Winograd's algorithm,
//!    which goes beyond what is the limit for plain products.
//! 9. [`data`]: MNIST, IDX files, tables, folders, data sets of your own; [`augment`]: how images are
//!    changed on their way into a batch; [`random`]: why the same seed gives the same bits on any
//!    number of threads.
//! 10. [`callbacks`]: who watches a run, stops it and saves it; [`mod@file`]: what is left of it on disk;
//!     [`search`]: which settings?
//! 11. [`metrics`], [`chart`], [`report`], [`robustness`], [`terminal`]: what came of it.
//!
//! A batch's way: IDX file → [`Dataset`](data::Dataset) (bytes) → shuffled batch → shards, scaled
//! and [augmented](augment) as they are loaded → `forward` → [`Loss`](loss::Loss) → `backward` → sum in order →
//! [`Optimizer::step`](optim::Optimizer::step).
//!
//! # What it promises
//!
//! - **The same seed gives the same bits**, for any number of threads and any vector width.
//! - **No hidden state**: `&model` predicts from as many threads as you like.
//! - **Errors are sentences**: they name the thing, what was wanted, what came, and the fix.
//! - **A steady training step allocates nothing.**
//!
//! And what it refuses: no autograd, no GPU, no `unsafe`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod aligned;
pub mod augment;
pub mod batch_sums;
pub mod callbacks;
pub mod chart;
pub mod data;
mod erased;
pub mod error;
mod evaluate;
pub mod file;
pub mod gradcheck;
pub mod init;
pub mod kernels;
pub mod layer;
pub mod layers;
pub mod loss;
pub mod metrics;
pub mod optim;
pub mod prelude;
pub mod random;
pub mod report;
pub mod robustness;
pub mod schedule;
pub mod search;
pub mod sequential;
mod step;
mod summary;
pub mod terminal;
pub mod trainer;
mod workspace;

pub use error::{Error, Result};

/// The programs of the README, compiled and run with the other examples of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
