//! Fields of digits: amounts, zip codes, numbers on forms.
//!
//! A model that reads a digit does not read a number: on paper the digits are tilted, stand on lines and in
//! boxes, break, and touch each other. Where one digit ends is only known once it is read. So a
//! [`FieldReader`] cuts too often, and lets the model judge:
//!
//! 1. The ink is found as for a single digit: [`Ink`](crate::intake::Ink).
//! 2. The tilt at which the rows of ink are sharpest is taken away.
//! 3. The lines of grids, ruling lines and boxes go; where a stroke crosses them, it stays.
//! 4. The ink is parted into pieces, from left to right: connected components, and parts of wide ones.
//! 5. Up to five neighbouring pieces may be a digit: the model judges all such candidates, in one batch.
//! 6. The best way from the first piece to the last is the reading; how many other ways there are that are
//!    nearly as good is a part of its confidence.
//!
//! A reading that is not sure is rejected: see [`Reading::reason`]. At 99 % a digit, only 95 % of fields
//! of five digits are right.
//!
//! ```
//! use chainrule::field::FieldReader;
//! use chainrule::intake::Grey;
//! use chainrule::prelude::*;
//!
//! // Digits 0, 1 and 2 of the test set in a row.
//! let mnist = Mnist::sample();
//! let pixel = |row: usize, column: usize| mnist.test.image(column / 28)[[row, column % 28, 0]];
//! let pixels: Vec<u8> = (0..28 * 84).map(|i| pixel(i / 84, i % 84)).collect();
//! let picture = Grey::from_bytes(28, 84, &pixels)?;
//!
//! let file = ModelFile::digits();
//! let reading = FieldReader::new(&file)?.expect(3).read(&picture)?;
//! assert_eq!((reading.text().as_str(), reading.reason()), ("721", None));
//! # Ok::<(), chainrule::Error>(())
//! ```

#[cfg(feature = "report")]
mod explain;
mod frames;
mod lines;
mod page;
mod path;
mod pieces;
mod reader;
mod reading;
mod rules;
mod run;
mod steps;
mod tilt;

pub use reader::FieldReader;
pub use reading::{ReadDigit, Reading};
