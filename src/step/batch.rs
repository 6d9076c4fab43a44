//! What a step computes from: some samples of a data set, and how they are compared.

use std::ops::Range;

use crate::data::{Dataset, Target};
use crate::error::Result;
use crate::loss::Loss;
use crate::random::Key;
use crate::workspace::Workspace;

/// The samples of one step. A shard takes some of them, by their places in the batch.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    data: &'a dyn Dataset,
    indices: &'a [usize],
    /// Their inputs, where these were made ahead.
    made: Option<&'a [f32]>,
    pub loss: &'a dyn Loss,
    /// What its samples weigh together.
    pub weight: f64,
    /// Names this step's randomness.
    pub key: Key,
}

impl<'a> Batch<'a> {
    pub fn new(
        data: &'a dyn Dataset,
        indices: &'a [usize],
        loss: &'a dyn Loss,
        key: Key,
    ) -> Batch<'a> {
        let weights = indices.iter().map(|&index| f64::from(loss.weight(data.target(index))));
        Batch { data, indices, made: None, loss, weight: weights.sum(), key }
    }

    /// The same batch, with inputs that were made ahead, if they were.
    pub fn made(self, inputs: Option<&'a [f32]>) -> Self {
        Batch { made: inputs, ..self }
    }

    /// How many samples it has.
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// The places of shard or group `number`, if each takes `size`.
    pub fn part(&self, number: usize, size: usize) -> Range<usize> {
        number * size..(number * size + size).min(self.len())
    }

    /// Fills a workspace's input with the samples at these places.
    pub fn load(&self, places: Range<usize>, workspace: &mut Workspace) -> Result<()> {
        let size = workspace.input_size();
        let mut inputs = workspace.activations[0].chunks_exact_mut(size).zip(places);
        inputs.try_for_each(|(x, place)| match self.made {
            Some(made) => {
                x.copy_from_slice(&made[place * size..][..size]);
                Ok(())
            }
            None => self.data.input(self.indices[place], x),
        })
    }

    /// What the sample at a place should give.
    pub fn target(&self, place: usize) -> Target<'a> {
        self.data.target(self.indices[place])
    }
}
