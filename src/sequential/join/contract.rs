//! The contract of a join: a function of several branches, and its derivative by each of them.

use std::fmt;

use crate::error::Mismatch;
use crate::shape;

/// A way in which branches become one.
pub(in crate::sequential) trait Join: Send + Sync {
    /// Name in summaries and files.
    fn name(&self) -> &'static str;

    /// Returns the shape of the output, or why the branches do not fit together.
    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, Mismatch>;

    /// Returns how many steps of the output count, for the steps of each branch and the number of these that
    /// count, which is huge where all do.
    fn output_length(
        &self,
        inputs: &mut dyn Iterator<Item = (usize, usize)>,
    ) -> Result<usize, Mismatch> {
        // Branches that meet have the same steps.
        Ok(inputs.map(|(_, length)| length).min().unwrap_or(usize::MAX))
    }

    /// Puts the output `x` of branch number `k` into `y`; the first branch overwrites it.
    fn forward(&self, k: usize, x: &[f32], part: Part, y: &mut [f32]);

    /// Overwrites the gradient `dx` of branch number `k`, or adds to it where `adds` is `true`.
    fn backward(&self, k: usize, inputs: Inputs<'_>, dy: &[f32], dx: &mut [f32], adds: bool);
}

impl fmt::Debug for dyn Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The outputs of the branches that meet.
#[derive(Clone, Copy)]
pub(in crate::sequential) struct Inputs<'a> {
    /// Number of branches.
    pub count: usize,
    /// Returns the output of a branch, and what part of the whole it is.
    pub get: &'a dyn Fn(usize) -> (&'a [f32], Part),
}

/// Sizes of the output of a branch, and of that of the join.
#[derive(Clone, Copy)]
pub(in crate::sequential) struct Part {
    /// Number of values of a sample: of the branch, and of the join.
    pub sample: usize,
    pub whole_sample: usize,
    /// Size of the last axis: of the branch, and of the join.
    pub width: usize,
    pub whole_width: usize,
    /// Sums over the branches before this one: of their widths, and of the values of a sample.
    pub offset: usize,
    pub sample_offset: usize,
}

/// Returns the first of the branches and the others, or an error without any.
pub(super) fn first<'a, 'b>(
    inputs: &'b [&'a [usize]],
) -> Result<(&'a [usize], &'b [&'a [usize]]), Mismatch> {
    let none = || Mismatch::new("at least one branch", "give it branches");
    inputs.split_first().map(|(first, others)| (*first, others)).ok_or_else(none)
}

/// Lists shapes in an error: `28×28×1 and 28×28×3`.
pub(super) fn list(inputs: &[&[usize]]) -> String {
    let shapes: Vec<String> = inputs.iter().map(|input| shape::label(input)).collect();
    shapes.join(" and ")
}
