//! Data sets: from files on disk to arrays that were checked once and can be trusted after.
//!
//! | module     | promises                                                                     |
//! |------------|------------------------------------------------------------------------------|
//! | [`idx`]    | reads and writes IDX, the array format of MNIST's files, plain or gzip        |
//! | [`images`] | [`Images`]: images with one valid label each                                 |
//! | [`mnist`]  | [`Mnist`]: the handwritten digits, from a directory or embedded in the crate  |
//!
//! What a model trains on is a [`Dataset`]: [`Images`], [`Arrays`] of numbers, or one of your own.
//!
//! Everything that can be wrong with a file is found while it is loaded, as a
//! [`DataError`](crate::error::DataError); a data set that exists is whole. Pixels stay bytes in
//! memory: they become numbers in 0..1 a batch at a time, on their way into a network.
//!
//! This module refuses to download. `./data-fetch.sh`, at the top of the repository, does.

mod class_weights;
mod dataset;
pub mod idx;
pub mod images;
pub mod mnist;
mod scaling;
mod split;
mod subset;
mod table;

pub use class_weights::class_weights;
pub use dataset::{Arrays, Dataset, Target, TargetKind, inputs};
pub use images::Images;
pub use mnist::Mnist;
pub use scaling::{Scaled, Scaling};
pub use split::{k_fold, split};
pub use subset::Subset;
pub use table::{Column, Csv, Table};
