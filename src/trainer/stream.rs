//! Random streams of a run.

/// What a number below the key of an epoch or a run is drawn for.
#[derive(Clone, Copy)]
pub(super) enum RunStream {
    Shuffle = 0,
    Step = 1,
    Statistics = 2,
    Augment = 3,
}
