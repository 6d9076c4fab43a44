//! Refusals of a picture on its way into a model.

use thiserror::Error as ThisError;

use crate::shape::LIMIT;

/// A picture cannot become an input of a model.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum IntakeError {
    /// A size that no picture has.
    #[error(
        "a picture of {height}×{width} pixels from {values} values: both sides must be from 1 to 65535, \
         and there must be height·width values, at most {LIMIT}"
    )]
    Size {
        /// Number of rows.
        height: usize,
        /// Number of columns.
        width: usize,
        /// Number of values that came.
        values: usize,
    },
    /// A pixel that is infinite or NaN.
    #[error(
        "the pixel in row {row}, column {column} is {value}: pixels must be numbers from 0 to 1"
    )]
    NotFinite {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The value, as text.
        value: String,
    },
    /// A rectangle that lies outside of the picture.
    #[error(
        "the rectangle at column {left}, row {top}, {width} wide and {height} high, has no pixel of the \
         picture, which is {} wide and {} high; give the rectangle in pixels of the picture",
        size[1], size[0]
    )]
    Outside {
        /// First column.
        left: usize,
        /// First row.
        top: usize,
        /// Number of columns.
        width: usize,
        /// Number of rows.
        height: usize,
        /// Height and width of the picture.
        size: [usize; 2],
    },
    /// Nothing is written.
    #[error(
        "the picture shows no writing: its darkest and lightest parts differ by {:.1} %, where noise \
         alone makes {:.1} %; write with more contrast, or photograph it closer and in better light",
        100.0 * contrast, 100.0 * noise
    )]
    NoInk {
        /// Difference of ink and paper, as a share of the paper's brightness.
        contrast: f32,
        /// Difference that is still taken for noise.
        noise: f32,
    },
}
