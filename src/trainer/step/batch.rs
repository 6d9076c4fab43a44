//! What a step computes from: some samples of a data set, and how they are compared.

use std::ops::Range;

use crate::data::augment::Augment;
use crate::data::{Dataset, Target};
use crate::error::Result;
use crate::loss::Loss;
use crate::random::Key;
use crate::sequential::workspace::{Augmenting, Workspace};

/// The samples of one step. A shard takes some of them, by their places in the batch.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    data: &'a dyn Dataset,
    indices: &'a [usize],
    /// Their inputs, where these were made ahead.
    made: Option<&'a [f32]>,
    augmented: Option<Augmented<'a>>,
    pub loss: &'a dyn Loss,
    /// What its samples weigh together.
    pub weight: f64,
    /// Names this step's randomness.
    pub key: Key,
}

/// How samples are changed on their way into a batch.
#[derive(Clone, Copy)]
pub(crate) struct Augmented<'a> {
    pub augment: &'a Augment,
    /// Height, width and channels.
    pub shape: [usize; 3],
    /// Names the epoch's randomness; each sample has its own under it.
    pub key: Key,
}

/// What the counters of an image's random streams stand for.
enum Draw {
    Change = 0,
    Partner = 1,
}

impl<'a> Batch<'a> {
    pub fn new(
        data: &'a dyn Dataset,
        indices: &'a [usize],
        loss: &'a dyn Loss,
        key: Key,
    ) -> Batch<'a> {
        let weights = indices.iter().map(|&index| f64::from(loss.weight(data.target(index))));
        let weight = weights.sum();
        Batch { data, indices, made: None, augmented: None, loss, weight, key }
    }

    /// The same batch, with inputs that were made ahead, if they were.
    pub fn made(self, inputs: Option<&'a [f32]>) -> Self {
        Batch { made: inputs, ..self }
    }

    /// The same batch, with inputs that are changed, if they are.
    pub fn augmented(self, augmented: Option<Augmented<'a>>) -> Self {
        Batch { augmented, ..self }
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
        let Workspace { activations, augmenting, .. } = workspace;
        augmenting.mixtures.clear();
        for (x, place) in activations[0].chunks_exact_mut(size).zip(places) {
            self.read(place, x)?;
            if let Some(augmented) = self.augmented {
                let mixture = self.change(augmented, place, x, augmenting)?;
                augmenting.mixtures.push(mixture);
            }
        }
        Ok(())
    }

    /// The input at a place, as it is in the data set.
    fn read(&self, place: usize, x: &mut [f32]) -> Result<()> {
        match self.made {
            Some(made) => x.copy_from_slice(&made[place * x.len()..][..x.len()]),
            None => self.data.input(self.indices[place], x)?,
        }
        Ok(())
    }

    /// Changes the input at a place, and tells its share in the mixture and the other one's place.
    fn change(
        &self,
        Augmented { augment, shape, key }: Augmented<'_>,
        place: usize,
        x: &mut [f32],
        augmenting: &mut Augmenting,
    ) -> Result<(f32, usize)> {
        let key_of = |place: usize| key.fold(self.indices[place] as u64);
        let change_of = |place| key_of(place).fold(Draw::Change as u64);
        augment.apply(x, shape, change_of(place), &mut augmenting.scratch);
        let Some(mixing) = augment.mixing(change_of(place)) else { return Ok((1.0, place)) };
        let hash = key_of(place).fold(Draw::Partner as u64).hash(0);
        let other = hash as usize % self.len();
        augmenting.partner.resize(x.len(), 0.0);
        self.read(other, &mut augmenting.partner)?;
        augment.apply(&mut augmenting.partner, shape, change_of(other), &mut augmenting.scratch);
        Ok((mixing.mix(x, &augmenting.partner, shape), other))
    }

    /// What the sample at a place should give.
    pub fn target(&self, place: usize) -> Target<'a> {
        self.data.target(self.indices[place])
    }
}
