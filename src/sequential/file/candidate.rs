//! A class that an input may be of.

use std::borrow::Cow;
use std::fmt;

/// A class that an input may be of. Its `Display` is `7 98.4 %`.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate<'a> {
    /// Number of the class, from 0.
    pub index: usize,
    /// Name of the class, and its number where the file has no names.
    pub name: Cow<'a, str>,
    /// In 0..1; `None` where outputs are scores and no probabilities
    /// ([`Outputs::Scores`](crate::loss::Outputs::Scores)).
    pub probability: Option<f32>,
}

impl fmt::Display for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.probability {
            Some(p) => f.pad(&format!("{} {:.1} %", self.name, 100.0 * p)),
            None => f.pad(&self.name),
        }
    }
}
