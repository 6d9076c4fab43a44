//! Training or prediction, and the randomness of training: arguments of a pass, and no hidden state.

use crate::random::Key;

/// Purpose of a forward pass: prediction or training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Prediction and evaluation: a function of parameters and input alone.
    Infer,
    /// Training: layers such as dropout draw from the noise.
    Train(Noise),
}

/// Random streams for the samples of one shard: one a sample, the same in whichever shard it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noise {
    key: Key,
    first: u64,
}

impl Noise {
    /// Noise of a shard whose first sample is number `first` of its batch.
    pub fn new(key: Key, first: usize) -> Self {
        Noise { key, first: first as u64 }
    }

    /// Noise of layer `index` under this noise.
    #[must_use]
    pub fn layer(self, index: usize) -> Self {
        Noise { key: self.key.fold(index as u64), first: self.first }
    }

    /// Key of the random stream of sample `index` of the shard.
    pub fn sample(self, index: usize) -> Key {
        self.key.fold(self.first + index as u64)
    }
}
