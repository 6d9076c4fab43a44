//! One digit, stage by stage.

use serde::{Deserialize, Serialize};

use super::frame::framed;
use super::stroke::with_strokes;
use super::{Grey, Ink, Mask, choose};
use crate::error::IntakeError;
use crate::shape::label;

/// Longest side in which a photograph of one digit is searched, in pixels.
const LONGEST: usize = 400;

/// Settings of the way from a picture of one digit to the input of a model. The defaults are those of
/// MNIST.
///
/// A [`ModelFile`](crate::sequential::ModelFile) keeps them, so that a program that loads a model reads
/// pictures as its training set was made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intake {
    side: u16,
    inner: u16,
    strokes: Option<(f32, f32)>,
    #[serde(default)]
    pub(super) turn: f32,
}

impl Default for Intake {
    fn default() -> Self {
        Intake { side: 28, inner: 20, strokes: Some((1.6, 2.8)), turn: 6.0 }
    }
}

/// A picture of one digit on its way to the input of a model: what each stage made of it.
#[derive(Debug, Clone)]
pub struct Stages {
    /// The picture, shrunk to at most 400 pixels a side.
    pub grey: Grey,
    /// The ink of the picture.
    pub ink: Ink,
    /// The ink of the digit.
    pub digit: Mask,
    /// The digit cut out, with strokes of a usual width: 1 is ink.
    pub strokes: Grey,
    /// Input of the model, of the same height and width: 1 is ink.
    pub input: Grey,
}

impl Intake {
    /// Sets the height and width of the result, and of the box into which the digit is scaled.
    ///
    /// # Panics
    ///
    /// Unless `1 ≤ inner ≤ side ≤ 4096`.
    #[must_use]
    pub fn size(self, side: u16, inner: u16) -> Self {
        let intake = Intake { side, inner, ..self };
        intake.check().unwrap_or_else(|reason| panic!("{reason}"));
        intake
    }

    /// Leaves strokes as wide as they are.
    #[must_use]
    pub fn keep_strokes(self) -> Self {
        Intake { strokes: None, ..self }
    }

    /// Sets the angle, in degrees, by which an input is also turned to both sides: the model's outputs are the
    /// means over the three. 6 unless set; 0 asks the model once.
    ///
    /// The pretrained model reads 71 of 15,000 held-out pictures wrongly so, and 93 without.
    ///
    /// # Panics
    ///
    /// Unless the angle is between 0 and 45.
    #[must_use]
    pub fn turn(self, degrees: f32) -> Self {
        let intake = Intake { turn: degrees, ..self };
        intake.check().unwrap_or_else(|reason| panic!("{reason}"));
        intake
    }

    /// Height and width of the result.
    pub fn side(&self) -> usize {
        self.side.into()
    }

    /// Says what is wrong with settings that came from a file.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(1 <= self.inner && self.inner <= self.side && self.side <= 4096) {
            let Intake { side, inner, .. } = self;
            return Err(format!(
                "a box of {inner} pixels in a picture of {side}: the box must be at least 1 and at most \
                 as large as the picture, and that at most 4096"
            ));
        }
        if !(0.0..=45.0).contains(&self.turn) {
            return Err(format!("views turned by {} degrees: wanted 0 to 45", self.turn));
        }
        match self.strokes {
            Some((thin, thick)) if !(0.0 < thin && thin <= thick && thick.is_finite()) => {
                Err(format!(
                    "strokes of {thin} to {thick} pixels: the first must be above 0, and at most \
                     the second"
                ))
            }
            _ => Ok(()),
        }
    }

    /// Says what is wrong with a model that takes inputs of this shape.
    pub(crate) fn check_input(&self, shape: &[usize]) -> Result<(), String> {
        self.check()?;
        let side = self.side();
        if shape != [side, side, 1] {
            return Err(format!(
                "the intake makes {side}×{side}×1 of a picture, but the model takes {}: set another size, or \
                 build the model for that input",
                label(shape)
            ));
        }
        Ok(())
    }

    /// Brings the one digit of a picture into the form of MNIST's.
    ///
    /// # Errors
    ///
    /// [`IntakeError::NoInk`] where nothing is written.
    pub fn digit(&self, picture: &Grey) -> Result<Stages, IntakeError> {
        let grey = picture.shrunk(LONGEST);
        let ink = Ink::find(&grey, grey.height().max(grey.width()) / 4)?;
        let digit = choose::digit(&ink);
        let (strokes, input) = self.input(&ink.darkness, &digit);
        Ok(Stages { grey, ink, digit, strokes, input })
    }

    /// Cuts a digit out, and returns it with usual strokes and as the input of a model. The darkness counts
    /// where the digit is, and in the pixels around it, which are partly ink.
    pub(crate) fn input(&self, darkness: &Grey, digit: &Mask) -> (Grey, Grey) {
        let soft = match digit.bounds() {
            Some(area) => {
                let (top, left) = (area.top.saturating_sub(1), area.left.saturating_sub(1));
                let bottom = (area.bottom() + 1).min(digit.height());
                let right = (area.right() + 1).min(digit.width());
                let cut = digit.crop(super::Area {
                    top,
                    left,
                    height: bottom - top,
                    width: right - left,
                });
                let near = cut.grown();
                Grey::from_fn(near.height(), near.width(), |y, x| {
                    if near.at(y, x) { darkness.at(top + y, left + x) } else { 0.0 }
                })
            }
            None => Grey::from_fn(1, 1, |_, _| 0.0),
        };
        let inner = self.inner.into();
        let strokes = match self.strokes {
            Some(range) => with_strokes(&soft, range, inner),
            None => soft,
        };
        let input = framed(&strokes, inner, self.side());
        (strokes, input)
    }
}

impl Stages {
    /// Names and pictures of the stages, in order.
    pub fn pictures(&self) -> [(&'static str, Grey); 6] {
        [
            ("grey", self.grey.clone()),
            ("darkness", self.ink.darkness.clone()),
            ("ink", self.ink.mask.to_grey()),
            ("digit", self.digit.to_grey()),
            ("strokes", self.strokes.clone()),
            ("input", self.input.clone()),
        ]
    }
}
