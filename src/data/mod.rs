//! Data sets: from files on disk to arrays that were checked once and can be trusted after.
//!
//! What a model trains on is a [`Dataset`]: one of these, or one of your own.
//!
//! | data set        | its samples                                                              |
//! |-----------------|--------------------------------------------------------------------------|
//! | [`Images`]      | images with one valid label each, in memory, a byte a pixel               |
//! | [`Mnist`]       | two of these: MNIST, or a set in its format such as EMNIST's letters     |
//! | [`Arrays`]      | arrays of numbers, with classes or values as targets, or the inputs       |
//! | [`Table`]       | rows of a CSV file, as [`Csv`] is told to read it                         |
//! | `ImageFolder`   | PNG and JPEG files, one folder a class (with the feature `images`)        |
//! | [`StreamedIdx`] | images or numbers in an IDX file on disk that may be larger than memory    |
//! | [`Subset`]      | some of another set's: [`split`] and [`k_fold`] make them                 |
//! | [`Scaled`]      | those of another set, standardized by a [`Scaling`]                       |
//!
//! [`idx`] reads and writes IDX, the array format of MNIST's files; [`class_weights`] counts what a
//! rare class should weigh.
//!
//! Everything that can be wrong with a file is found while it is loaded, and as an
//! [`Error`](crate::Error) that names it: a data set that exists is whole. Only where samples stay on
//! disk can one fail later. Pixels stay bytes in memory: they become numbers in 0..1 a batch at a
//! time, on their way into a network.
//!
//! This module refuses to download. `./data-fetch.sh`, at the top of the repository, does.

mod arrays;
pub mod augment;
mod by_name;
mod class_names;
#[cfg(any(feature = "csv", feature = "images"))]
mod class_order;
mod class_weights;
mod dataset;
pub mod idx;
#[cfg(feature = "images")]
mod image_folder;
mod images;
mod mnist;
mod positioned;
mod scaling;
mod sequence_input;
mod sequences;
mod split;
mod streamed;
mod subset;
#[cfg(feature = "csv")]
mod table;
mod targets;

pub use arrays::Arrays;
pub(crate) use by_name::ByName;
pub(crate) use class_names::first_twice;
pub use class_weights::class_weights;
pub(crate) use dataset::counted;
pub use dataset::{Dataset, Target, TargetKind, inputs};
#[cfg(feature = "images")]
pub use image_folder::ImageFolder;
pub use images::Images;
pub use mnist::{Mnist, MnistKind};
pub use scaling::{Scaled, Scaling};
pub use sequence_input::SequenceInput;
pub use sequences::Sequences;
pub use split::{k_fold, split};
pub use streamed::StreamedIdx;
pub use subset::Subset;
#[cfg(feature = "csv")]
pub use table::{Column, Csv, Table};
