//! Arguments of a pass besides its arrays: its purpose, and the lengths of the sequences.

use super::noise::Mode;

/// Purpose of a pass, and the lengths of the sequences that go through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass<'a> {
    /// Prediction or training.
    pub mode: Mode,
    /// Lengths of the inputs.
    pub lengths: Lengths<'a>,
}

/// A pass in which no input is padded.
impl From<Mode> for Pass<'_> {
    fn from(mode: Mode) -> Self {
        Pass { mode, lengths: Lengths::FULL }
    }
}

/// Number of steps of each sample that are no padding.
///
/// The samples of a batch have one shape. Sequences of different lengths are padded at their ends: of a sample
/// of shape (steps, ..) the first `length` steps count.
///
/// The engine sets all that comes after these to zero, in the input and in the output of every layer, and the
/// gradient there, too. So most layers need not look at the lengths. Those that need to are the layers for
/// which zeros are not as good as nothing: the last state of a recurrence, a mean or a maximum over the steps,
/// the weights of attention.
///
/// ```
/// use chainrule::layer::Lengths;
///
/// let lengths = Lengths::new(&[3, 5]);
/// assert_eq!((lengths.of(0, 5), lengths.of(1, 5)), (3, 5));
/// assert_eq!(Lengths::FULL.of(0, 5), 5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lengths<'a>(Option<&'a [usize]>);

impl<'a> Lengths<'a> {
    /// Lengths of samples without padding.
    pub const FULL: Self = Lengths(None);

    /// Lengths of the samples of a shard, in order.
    pub fn new(lengths: &'a [usize]) -> Self {
        Lengths(Some(lengths))
    }

    /// Number of the `steps` of a sample that count.
    pub fn of(&self, sample: usize, steps: usize) -> usize {
        self.0.map_or(steps, |lengths| lengths[sample].min(steps))
    }
}
