//! Random streams of a run.

/// Purposes of the random numbers under the key of an epoch or of the run.
#[derive(Clone, Copy)]
pub(super) enum RunStream {
    Shuffle = 0,
    Step = 1,
    Statistics = 2,
    Augment = 3,
    Batches = 4,
}
