//! A model in the crate that reads digits.

use super::model_file::ModelFile;

/// Bytes of the file that `cargo run --example pretrain` makes.
static DIGITS: &[u8] = include_bytes!("digits.safetensors");

impl ModelFile {
    /// Returns a trained model that reads handwritten digits in photographs and scans: classes `0` to `9`,
    /// and `none` for what is no digit.
    ///
    /// It is a small convolutional network, trained on MNIST as [`Intake`](crate::intake::Intake) makes it,
    /// on photographs of its digits, turned, slanted, stretched, thick and thin, on digits cut off from a neighbour, on drawn
    /// ones with a flag, crossed sevens and slashed zeros, and on letters, scribbles, blots and pairs of digits as `none`. The
    /// [training facts](ModelFile::training) list the settings. `cargo run --example pretrain` makes the same bytes
    /// again, on any machine. `cargo run --example other_sources` measures it on digits of other sources.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let file = ModelFile::digits();
    /// assert_eq!(file.model.input_shape(), [28, 28, 1]);
    /// assert_eq!(file.model.class_names()[10], "none");
    /// ```
    pub fn digits() -> Self {
        ModelFile::from_bytes(DIGITS).expect("a whole file is part of the crate")
    }
}
