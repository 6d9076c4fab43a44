//! Contents of a sequence: features or tokens.

use ndarray::Array2;

/// A sequence as [`Sequences`](super::Sequences) takes it: a matrix (steps, features), or a list of tokens.
pub trait SequenceInput {
    /// Number of steps.
    fn steps(&self) -> usize;

    /// Number of features of a step; `None` for tokens.
    fn features(&self) -> Option<usize>;

    /// Returns the numbers of all steps, one step after the other.
    fn into_numbers(self) -> Vec<f32>;
}

impl SequenceInput for Array2<f32> {
    fn steps(&self) -> usize {
        self.nrows()
    }

    fn features(&self) -> Option<usize> {
        Some(self.ncols())
    }

    fn into_numbers(self) -> Vec<f32> {
        self.into_iter().collect()
    }
}

impl SequenceInput for Vec<usize> {
    fn steps(&self) -> usize {
        self.len()
    }

    fn features(&self) -> Option<usize> {
        None
    }

    fn into_numbers(self) -> Vec<f32> {
        self.into_iter().map(|token| token as f32).collect()
    }
}
