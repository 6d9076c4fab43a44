//! Buffers for augmentation, and the mixtures of samples that it made.

use crate::data::augment::Scratch;

/// Scratch buffers of one worker, empty until something is augmented.
#[derive(Default)]
pub(crate) struct Augmenter {
    pub scratch: Scratch,
    /// Second image of a mixture.
    pub partner: Vec<f32>,
    pub mixtures: Mixtures,
}

/// The mixtures of a shard.
#[derive(Default)]
pub(crate) struct Mixtures {
    /// One for each sample; none at all where nothing is augmented.
    pub list: Vec<Mixture>,
    /// Scratch buffer for the gradient towards the partner's target.
    pub gradient: Vec<f32>,
}

/// A sample that is a mixture of two, as its loss is: `share·l(p, t₁) + (1 - share)·l(p, t₂)`.
#[derive(Clone, Copy)]
pub(crate) struct Mixture {
    /// Share of the sample itself, in 0..=1.
    pub share: f32,
    /// Place of the other sample.
    pub partner: usize,
}
