//! An answer: the classes of one input, ranked.

use std::fmt;

use super::candidate::Candidate;
use super::rejection::Rejected;

/// The classes that an input may be of, the most probable first.
///
/// Its `Display` is the first of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification<'a> {
    pub(super) ranked: Vec<Candidate<'a>>,
    pub(super) rejected: Option<Rejected>,
}

impl<'a> Classification<'a> {
    /// Returns the most probable class.
    pub fn best(&self) -> &Candidate<'a> {
        &self.ranked[0]
    }

    /// Returns the reason for which the answer is not to be trusted, by the
    /// [`Rejection`](super::Rejection) of the model file; `None` where it is good enough, or there is no
    /// such rule.
    pub fn rejected(&self) -> Option<&Rejected> {
        self.rejected.as_ref()
    }

    /// Returns the probability of a class; `None` where there are none, or there is no such class.
    pub fn probability(&self, class: usize) -> Option<f32> {
        self.ranked.iter().find(|candidate| candidate.index == class)?.probability
    }

    /// Returns the `k` most probable classes, or all where there are fewer.
    pub fn top(&self, k: usize) -> &[Candidate<'a>] {
        &self.ranked[..k.min(self.ranked.len())]
    }
}

impl fmt::Display for Classification<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.best().fmt(f)
    }
}
