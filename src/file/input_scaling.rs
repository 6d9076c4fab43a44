//! How raw inputs become what a model was trained on.

use serde::{Deserialize, Serialize};

use crate::data::Scaling;

/// From raw inputs to those of a model: `x = scale·raw + shift`, with the same two numbers
/// everywhere, or two for each channel (the last axis).
///
/// ```
/// use chainrule::file::InputScaling;
///
/// let mut x = [0.0, 255.0];
/// InputScaling::pixels().apply(&mut x);
/// assert_eq!(x, [0.0, 1.0]);
///
/// // From a mean and a deviation for each of two channels.
/// let mut x = [3.0, 10.0, 5.0, 30.0];
/// InputScaling::standard(&[3.0, 20.0], &[2.0, 10.0]).apply(&mut x);
/// assert_eq!(x, [0.0, -1.0, 1.0, 1.0]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputScaling {
    /// What raw inputs are multiplied by: one number, or one for each channel.
    pub scale: Vec<f32>,
    /// What is added then: as many numbers.
    pub shift: Vec<f32>,
}

impl InputScaling {
    /// Bytes to 0..1, as [`Images`](crate::data::Images) gives them: `raw/255`.
    pub fn pixels() -> Self {
        InputScaling { scale: vec![1.0 / 255.0], shift: vec![0.0] }
    }

    /// To mean 0 and deviation 1: `(raw - mean)/deviation`, of all numbers or of each channel.
    pub fn standard(mean: &[f32], deviation: &[f32]) -> Self {
        let scale: Vec<f32> = deviation.iter().map(|deviation| 1.0 / deviation).collect();
        let shift = mean.iter().zip(&scale).map(|(mean, scale)| -mean * scale).collect();
        InputScaling { scale, shift }
    }

    /// Scales raw inputs in place, of any number of samples.
    pub fn apply(&self, x: &mut [f32]) {
        let channels = self.scale.len().min(self.shift.len()).max(1);
        for x in x.chunks_mut(channels) {
            for ((x, scale), shift) in x.iter_mut().zip(&self.scale).zip(&self.shift) {
                *x = scale * *x + shift;
            }
        }
    }

    /// What is wrong with it for inputs of this shape, if anything.
    pub(crate) fn check(&self, input: &[usize]) -> Result<(), String> {
        let (scales, shifts) = (self.scale.len(), self.shift.len());
        let channels = input.last().copied().unwrap_or(1);
        if scales != shifts || (scales != 1 && scales != channels) {
            return Err(format!(
                "{scales} scales and {shifts} shifts; it must be one of each, or {channels}, as the \
                 model's inputs have channels"
            ));
        }
        if !self.scale.iter().chain(&self.shift).all(|number| number.is_finite()) {
            return Err("it has a number that is not finite".to_string());
        }
        Ok(())
    }
}

/// The numbers of a data set that was standardized.
impl From<&Scaling> for InputScaling {
    fn from(scaling: &Scaling) -> Self {
        InputScaling::standard(scaling.mean(), scaling.std())
    }
}
