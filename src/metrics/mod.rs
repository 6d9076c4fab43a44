//! How good a model is, from one pass over a data set.
//!
//! [`Sequential::evaluate`](crate::sequential::Sequential::evaluate) keeps a few numbers of each
//! sample, however many classes there are: its [`Evaluation`]. All that is asked later is worked out
//! from these.
//!
//! | question | answer |
//! | --- | --- |
//! | how often is it right, or nearly so? | [`Evaluation::accuracy`], [`Evaluation::top_k`] |
//! | which classes does it take for which? | [`Confusion`] |
//! | can one rely on "this is a 7", and does it find all sevens? | [`ClassReport`] |
//! | how probable does it find what is so? | [`Evaluation::log_loss`] |
//! | is it right as often as it believes? | [`Calibration`] |
//! | with two classes, where to draw the line? | [`Roc`] |
//! | where is it wrong, and where are perhaps the labels? | [`Evaluation::worst`], [`Evaluation::suspects`] |

mod calibration;
mod class_report;
mod confusion;
mod evaluation;
mod history;
mod judgement;
mod roc;
mod suspects;

pub use calibration::{Bin, Calibration};
pub use class_report::{ClassReport, ClassScores};
pub use confusion::Confusion;
pub use evaluation::Evaluation;
pub use history::{Epoch, History};
pub(crate) use judgement::Judgement;
pub use roc::{Roc, RocPoint};

/// The number of the largest value: the first of several, and never a NaN while there is another.
pub(crate) fn argmax(values: &[f32]) -> usize {
    let mut best = 0;
    for (i, &value) in values.iter().enumerate() {
        if value > values[best] || (values[best].is_nan() && !value.is_nan()) {
            best = i;
        }
    }
    best
}

/// `part / whole`, and 0 where there is nothing to take a part of.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::argmax;

    #[test]
    fn argmax_takes_the_first_of_the_largest_and_no_nan() {
        assert_eq!(argmax(&[1.0, 3.0, 3.0]), 1);
        assert_eq!(argmax(&[f32::NAN, -1.0, f32::NAN]), 1);
        assert_eq!(argmax(&[f32::NAN, f32::NAN]), 0);
    }
}
