//! How good a model is, from one pass over a data set.
//!
//! [`Sequential::evaluate`](crate::sequential::Sequential::evaluate) keeps a few numbers of each
//! sample, however many classes there are, and predictions and targets that are values: its
//! [`Evaluation`]. All that is asked later is worked out
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
//! | of labels that do not exclude each other, which does it find? | [`MultiLabel`], [`Evaluation::label_roc`] |
//! | how far off are numbers? | [`Regression`] |
//! | how well does it read strings? | [`Evaluation::sequence_accuracy`], [`Evaluation::character_error_rate`] |
//! | where is it wrong, and where are probably the labels? | [`Evaluation::worst`], [`LabelNoise`], [`Evaluation::suspects`] |
//!
//! A [`History`] is what training leaves: its [`verdict`](History::verdict) says whether the run has
//! learned, whether it overfits, and whether more epochs would help.

mod calibration;
mod chance;
mod class_report;
mod class_scores;
mod confusion;
mod evaluation;
mod history;
mod judgement;
mod label_noise;
mod multi_label;
mod regression;
mod risk_coverage;
mod roc;
mod strings;
mod suspects;
mod table;
mod verdict;

pub use calibration::{Bin, Calibration};
pub use chance::Chance;
pub use class_report::ClassReport;
pub use class_scores::ClassScores;
pub use confusion::Confusion;
pub use evaluation::Evaluation;
pub use history::{Epoch, History};
pub(crate) use judgement::Judgement;
pub use label_noise::LabelNoise;
pub use multi_label::MultiLabel;
pub use regression::{Regression, RegressionScores};
pub use risk_coverage::RiskCoverage;
pub use roc::{Roc, RocPoint};
pub use strings::edit_distance;
pub use verdict::Verdict;

/// `part / whole`, and 0 where there is nothing to take a part of.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
