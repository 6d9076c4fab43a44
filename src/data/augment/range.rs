//! Where the strength of a transform is drawn from.

use std::fmt;
use std::ops::RangeInclusive;

use crate::error::TrainError;

/// A strength is drawn evenly from here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    low: f32,
    high: f32,
}

impl Range {
    /// From `-most` to `most`.
    pub fn around_zero(most: f32) -> Self {
        Range { low: -most, high: most }
    }

    /// The value at the share `unit`, in 0..1, of the way.
    pub fn at(&self, unit: f32) -> f32 {
        self.low + unit * (self.high - self.low)
    }

    /// Refuses a range that is empty, no number, or goes beyond what makes sense.
    pub fn check(
        &self,
        setting: &'static str,
        within: RangeInclusive<f32>,
        wanted: &'static str,
    ) -> Result<(), TrainError> {
        if self.low <= self.high && within.contains(&self.low) && within.contains(&self.high) {
            return Ok(());
        }
        Err(TrainError::Setting { setting, came: self.to_string(), wanted })
    }
}

impl From<RangeInclusive<f32>> for Range {
    fn from(range: RangeInclusive<f32>) -> Self {
        Range { low: *range.start(), high: *range.end() }
    }
}

/// `±10`, `0.9..1.1` or `3`
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Range { low, high } = *self;
        if low == high {
            write!(f, "{low}")
        } else if low == -high {
            write!(f, "±{high}")
        } else {
            write!(f, "{low}..{high}")
        }
    }
}
