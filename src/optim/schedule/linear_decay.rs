//! Linear decay: large steps first get near a minimum, small ones at the end settle in it. The source
//! finds a straight line as good as the cosine, or better.

use super::{Progress, Schedule};

/// Falls in a straight line from 1 to 0.
///
/// ```text
/// factor = 1 - done
/// ```
///
/// - **Settings**: none.
/// - **Source**: A. Defazio et al., "Optimal linear decay learning rate schedules and further
///   refinements", 2023.
///
/// ```
/// use chainrule::optim::schedule::Progress;
/// use chainrule::prelude::*;
///
/// assert_eq!(LinearDecay.factor(&Progress::new(1, 4)), 0.75);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinearDecay;

impl Schedule for LinearDecay {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        1.0 - at.done
    }
}
