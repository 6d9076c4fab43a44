//! Sizes that a cell and its sweeps share.

/// Sizes of a cell.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Number of features of a step.
    pub inputs: usize,
    /// Width of the state.
    pub units: usize,
    /// `true` if the first state is a parameter.
    pub learned_state: bool,
}
