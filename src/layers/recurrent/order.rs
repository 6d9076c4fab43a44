//! The order in which a sweep takes the steps of each sequence.

use crate::layer::Lengths;

/// Place of each step of a sweep in its sequence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order<'a> {
    /// Number of steps of the padded sequences.
    pub steps: usize,
    pub lengths: Lengths<'a>,
    pub reverse: bool,
}

impl Order<'_> {
    /// Number of steps of a sample that count.
    pub fn length(&self, sample: usize) -> usize {
        self.lengths.of(sample, self.steps)
    }

    /// Place of step `t` of the sweep; `None` after the last that counts.
    pub fn place(&self, sample: usize, t: usize) -> Option<usize> {
        let length = self.length(sample);
        (t < length).then(|| if self.reverse { length - 1 - t } else { t })
    }

    /// Number of steps of the longest of the first `batch` sequences: later steps count in none.
    pub fn longest(&self, batch: usize) -> usize {
        (0..batch).map(|sample| self.length(sample)).max().unwrap_or(0)
    }

    /// Copies the first `steps` steps of each sequence, in the order of the sweep, to (steps, n, width), from the
    /// rows (n, steps, width) that `row` gives; 0 after the last step.
    pub fn gather<'r>(
        &self,
        (batch, steps, width): (usize, usize, usize),
        to: &mut [f32],
        row: impl Fn(usize) -> &'r [f32],
    ) {
        for sample in 0..batch {
            for t in 0..steps {
                let to = &mut to[(t * batch + sample) * width..][..width];
                match self.place(sample, t) {
                    Some(place) => to.copy_from_slice(&row(sample * self.steps + place)[..width]),
                    None => to.fill(0.0),
                }
            }
        }
    }
}
