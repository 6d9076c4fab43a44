//! Intake: from a photograph to an input of a model, as MNIST was made.
//!
//! A network that was trained on MNIST has seen white digits on black, scaled to 20×20 pixels and
//! centred in 28×28 by their centre of mass, and nothing else. A photograph of a digit is dark on light,
//! of any size and place, in uneven light, noisy. It is read well after these steps, and hardly better
//! than by chance without them:
//!
//! | stage | from | by |
//! | --- | --- | --- |
//! | grey | the file | decoding, turning as EXIF says; what is transparent shows white |
//! | darkness | the brightness | inversion where ink is lighter than paper; division by the paper's brightness |
//! | ink | the darkness | a threshold: one for a small picture ([`otsu`]), one for each pixel of a large one ([`sauvola`]) |
//! | digit | the ink | the largest connected component and its parts ([`Components`]) |
//! | strokes | the digit | strokes of unusual width are thinned or thickened |
//! | input | the strokes | 20×20 in proportion, centred by the centre of mass in 28×28 |
//!
//! ```
//! use chainrule::intake::{Grey, Intake};
//!
//! // A one, written in dark grey on light grey.
//! let page = Grey::from_bytes(90, 60, &[210; 90 * 60])?;
//! let mut pixels = page.pixels().to_vec();
//! (20..70).for_each(|row| pixels[row * 60 + 28..][..5].fill(0.3));
//!
//! let stages = Intake::default().digit(&Grey::new(90, 60, pixels)?)?;
//! assert_eq!((stages.input.height(), stages.input.width()), (28, 28));
//! assert!(stages.input.at(14, 14) > 0.9); // ink is 1, as in MNIST
//! assert_eq!(stages.input.at(14, 4), 0.0);
//! # Ok::<(), chainrule::error::IntakeError>(())
//! ```
//!
//! All of it is plain arithmetic: the same picture gives the same bits on every machine.

mod area;
mod choose;
mod closing;
mod components;
mod frame;
mod grey;
mod ink;
mod light;
mod mask;
#[cfg(feature = "images")]
mod open;
mod otsu;
mod polarity;
mod resample;
mod sauvola;
mod stages;
mod stroke;
mod sums;
mod turn;
mod views;

pub use area::Area;
pub use components::{Component, Components};
pub use grey::Grey;
pub use ink::Ink;
pub use mask::Mask;
pub use otsu::otsu;
pub use sauvola::sauvola;
pub use stages::{Intake, Stages};
pub(crate) use turn::Turn;
