//! Constant: the learning rate does not change.

use super::{Progress, Schedule};

/// Keeps the optimizer's learning rate.
///
/// ```text
/// factor = 1
/// ```
///
/// - **Settings**: none.
/// - **Source**: H. Robbins, S. Monro, "A stochastic approximation method", Annals of Mathematical
///   Statistics 22, 1951, which shows why it must not stay so: with constant steps, a noisy
///   gradient leads near a minimum and then around it.
///
/// ```
/// use chainrule::optim::schedule::{Constant, Progress};
/// use chainrule::prelude::*;
///
/// assert_eq!(Constant.factor(&Progress::new(9, 10)), 1.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constant;

impl Schedule for Constant {
    fn factor(&self, _at: &Progress<'_>) -> f32 {
        1.0
    }
}
