//! The samples of a batch, and how they are compared with their targets.

use std::ops::Range;

use super::mixtures::{Augmenter, Mixture, Mixtures};
use crate::data::augment::Augment;
use crate::data::{Dataset, Target, counted};
use crate::error::Result;
use crate::layer::Noise;
use crate::loss::Loss;
use crate::random::Key;
use crate::sequential::{Sequential, Workspace};
use crate::trainer::stream::RunStream;

/// All samples of a step, or those of one of its batches. Samples go by their place among `indices`.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    data: &'a dyn Dataset,
    indices: &'a [usize],
    /// Places of the batch: from `start` up to `end`.
    start: usize,
    end: usize,
    /// Number of samples in the step before place 0.
    before: usize,
    /// Inputs of the batch, if they were read ahead.
    prefetched: Option<&'a [f32]>,
    augmented: Option<Augmented<'a>>,
    pub loss: &'a dyn Loss,
    /// Names the randomness of the step.
    key: Key,
}

/// Changes of samples on their way into a batch.
#[derive(Clone, Copy)]
pub(crate) struct Augmented<'a> {
    pub augment: &'a Augment,
    /// Height, width and channels.
    pub shape: [usize; 3],
    /// Names the randomness of the epoch; each sample has a key of its own under it.
    pub key: Key,
}

/// Random streams of a sample.
enum SampleStream {
    Change = 0,
    Partner = 1,
}

impl<'a> Augmented<'a> {
    /// Changes of a model's inputs by a recipe, in an epoch; `None` without a recipe.
    pub fn new(augment: Option<&'a Augment>, model: &Sequential, epoch: Key) -> Option<Self> {
        let shape = model.input_shape().try_into().ok()?;
        Some(Augmented { augment: augment?, shape, key: epoch.fold(RunStream::Augment as u64) })
    }
}

impl<'a> Batch<'a> {
    /// A step with these samples, as a single batch.
    pub fn new(
        data: &'a dyn Dataset,
        indices: &'a [usize],
        loss: &'a dyn Loss,
        key: Key,
    ) -> Batch<'a> {
        let (start, end) = (0, indices.len());
        Batch { data, indices, start, end, before: 0, prefetched: None, augmented: None, loss, key }
    }

    /// Numbers the samples as if so many of the same step came before them.
    pub fn after(self, samples: usize) -> Self {
        Batch { before: samples, ..self }
    }

    /// Takes the inputs from here, if there are any, and not from the data set.
    pub fn prefetched(self, inputs: Option<&'a [f32]>) -> Self {
        Batch { prefetched: inputs, ..self }
    }

    /// Changes the inputs as they are loaded, if there is a way to.
    pub fn augmented(self, augmented: Option<Augmented<'a>>) -> Self {
        Batch { augmented, ..self }
    }

    /// Cuts a step into batches of this size; the last may have fewer samples.
    pub fn batches(self, size: usize) -> impl Iterator<Item = Batch<'a>> {
        let starts = (self.start..self.end).step_by(size);
        starts.map(move |start| Batch { start, end: self.end.min(start + size), ..self })
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// The places of shard or partial gradient `number`, if each takes `size` samples.
    pub fn part(&self, number: usize, size: usize) -> Range<usize> {
        let start = self.start + number * size;
        start..self.end.min(start + size)
    }

    /// The randomness of the layers for a shard that starts at a place: each sample of the step has
    /// its own, however the step is cut.
    pub fn noise(&self, start: usize) -> Noise {
        Noise::new(self.key, self.before + start)
    }

    /// Loads the samples at these places into the input of a workspace. Returns their mixtures.
    pub(super) fn load<'m>(
        &self,
        model: &Sequential,
        places: Range<usize>,
        workspace: &mut Workspace,
        augmenter: &'m mut Augmenter,
    ) -> Result<&'m mut Mixtures> {
        augmenter.mixtures.list.clear();
        for (x, place) in workspace.inputs().zip(places.clone()) {
            self.read(place, x)?;
            if let Some(augmented) = self.augmented {
                let mixture = self.change(augmented, place, x, augmenter)?;
                augmenter.mixtures.list.push(mixture);
            }
            let index = self.indices[place];
            model.check_numbers("the training set", index, x, self.data.sequence_length(index))?;
        }
        let length = |place: usize| self.data.sequence_length(self.indices[place]);
        model.set_lengths(workspace, places.map(length));
        Ok(&mut augmenter.mixtures)
    }

    /// Reads the input at a place.
    fn read(&self, place: usize, x: &mut [f32]) -> Result<()> {
        match self.prefetched {
            Some(inputs) if (self.start..self.end).contains(&place) => {
                x.copy_from_slice(&inputs[(place - self.start) * x.len()..][..x.len()]);
            }
            _ => self.data.input(self.indices[place], x)?,
        }
        Ok(())
    }

    /// Finds the first value of the step's inputs, as the data set gives them, that is not finite: the
    /// index of the sample, the place of the value, and the value. The samples of this batch come
    /// before those that it may be mixed with.
    pub(super) fn first_not_finite(&self, size: usize) -> Result<Option<(usize, usize, f32)>> {
        let mut x = vec![0.0; size];
        for place in (self.start..self.end).chain(0..self.indices.len()) {
            self.read(place, &mut x)?;
            let index = self.indices[place];
            let numbers = &x[..counted(self.data, index, size)];
            if let Some(at) = numbers.iter().position(|value| !value.is_finite()) {
                return Ok(Some((index, at, x[at])));
            }
        }
        Ok(None)
    }

    /// Changes the input at a place, and mixes it with another of the step if the recipe says so.
    fn change(
        &self,
        Augmented { augment, shape, key }: Augmented<'_>,
        place: usize,
        x: &mut [f32],
        augmenter: &mut Augmenter,
    ) -> Result<Mixture> {
        let Augmenter { scratch, partner, .. } = augmenter;
        let key_of = |place: usize| key.fold(self.indices[place] as u64);
        let change_of = |place| key_of(place).fold(SampleStream::Change as u64);
        augment.apply(x, shape, change_of(place), scratch);
        let Some(mixing) = augment.mixing(change_of(place)) else {
            return Ok(Mixture { share: 1.0, partner: place });
        };
        let hash = key_of(place).fold(SampleStream::Partner as u64).hash(0);
        let other = hash as usize % self.indices.len();
        partner.resize(x.len(), 0.0);
        self.read(other, partner)?;
        augment.apply(partner, shape, change_of(other), scratch);
        Ok(Mixture { share: mixing.mix(x, partner, shape), partner: other })
    }

    /// The target of the sample at a place.
    pub fn target(&self, place: usize) -> Target<'a> {
        self.data.target(self.indices[place])
    }
}
