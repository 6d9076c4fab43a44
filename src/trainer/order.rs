//! The order in which an epoch takes the samples.

use rand::seq::SliceRandom;

use super::Trainer;
use super::stream::RunStream;
use crate::data::Dataset;
use crate::random::Key;

impl Trainer<'_> {
    /// Puts sequences of similar lengths into the same batch, so that less time goes into padding: of every
    /// `batches` batches of the shuffled samples, the samples are sorted by their lengths, and then whole batches
    /// are shuffled. More batches make the lengths more alike, and the samples of a batch less random.
    ///
    /// Time is saved by the layers that stop at the longest sequence of a shard, or at each sequence: recurrent
    /// layers and attention. A data set without lengths keeps its order.
    ///
    /// ```
    /// use chainrule::data::Sequences;
    /// use chainrule::prelude::*;
    ///
    /// let words = vec![vec![0, 1, 2], vec![3], vec![1, 3], vec![2]];
    /// let data = Sequences::with_classes(words, vec![0, 1, 0, 1], 2)?;
    /// let mut model = Sequential::new([3])
    ///     .add(Embedding::new(4, 2))?
    ///     .add(Gru::new(3))?
    ///     .add(Dense::new(2))?;
    /// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(2).bucket(16).fit(&mut model, &data)?;
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    #[must_use]
    pub fn bucket(self, batches: usize) -> Self {
        Trainer { bucket: Some(batches), ..self }
    }

    /// Puts the numbers of the samples in the order of an epoch, and gives the epoch's key.
    pub(super) fn order_of(&self, epoch: usize, data: &dyn Dataset, order: &mut Vec<usize>) -> Key {
        let key = Key::new(self.seed).fold(epoch as u64);
        order.clear();
        order.extend(0..data.len());
        if self.shuffle {
            order.shuffle(&mut key.fold(RunStream::Shuffle as u64).rng());
        }
        if let Some(batches) = self.bucket {
            let length = |&index: &usize| data.sequence_length(index).unwrap_or(usize::MAX);
            for bucket in order.chunks_mut(self.batch_size.saturating_mul(batches)) {
                bucket.sort_by_key(length);
            }
            if self.shuffle {
                shuffle_batches(order, self.batch_size, key);
            }
        }
        key
    }
}

/// Shuffles whole batches. The last one stays the last if it is shorter.
fn shuffle_batches(order: &mut [usize], size: usize, key: Key) {
    let mut batches: Vec<usize> = (0..order.len() / size).collect();
    batches.shuffle(&mut key.fold(RunStream::Batches as u64).rng());
    let before = order.to_vec();
    for (to, batch) in order.chunks_exact_mut(size).zip(batches) {
        to.copy_from_slice(&before[batch * size..][..size]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Sequences;
    use crate::loss::SoftmaxCrossEntropy;
    use crate::optim::Sgd;

    /// 103 sequences of 1 to 20 tokens.
    fn data() -> Sequences {
        let words = (0..103).map(|n| vec![0; 1 + n * 7 % 20]).collect();
        Sequences::with_classes(words, vec![0; 103], 2).unwrap()
    }

    fn order(trainer: &Trainer<'_>, epoch: usize) -> Vec<usize> {
        let mut order = Vec::new();
        trainer.order_of(epoch, &data(), &mut order);
        order
    }

    fn trainer() -> Trainer<'static> {
        Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1)).batch_size(10).seed(3)
    }

    /// Steps that are computed if each batch is as long as its longest sequence.
    fn steps(order: &[usize]) -> usize {
        let length = |&index: &usize| data().sequence_length(index).unwrap();
        let batches = order.chunks(10);
        batches.map(|batch| batch.len() * batch.iter().map(length).max().unwrap()).sum()
    }

    #[test]
    fn batches_have_similar_lengths_in_a_random_order() {
        let (plain, bucketed) = (order(&trainer(), 1), order(&trainer().bucket(5), 1));
        let mut sorted = bucketed.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..103).collect::<Vec<_>>());
        let needed: usize = (0..103).map(|index| data().sequence_length(index).unwrap()).sum();
        assert!(
            steps(&plain) > 1700 && steps(&bucketed) < 1300,
            "{needed}: {plain:?} {bucketed:?}"
        );

        assert_eq!(bucketed, order(&trainer().bucket(5), 1));
        assert_ne!(bucketed, order(&trainer().bucket(5), 2));
        assert_ne!(bucketed, order(&trainer().bucket(5).seed(4), 1));
        // The batches of a bucket do not come from short to long.
        let longest = |batch: &[usize]| batch.iter().map(|&n| 1 + n * 7 % 20).max();
        let all: Vec<_> = bucketed.chunks_exact(10).map(longest).collect();
        assert!(!all.is_sorted() && !all[..5].is_sorted(), "{all:?}");
    }

    #[test]
    fn without_shuffling_a_bucket_is_sorted() {
        let order = order(&trainer().shuffle(false).bucket(usize::MAX), 1);
        assert!(order.is_sorted_by_key(|n| (1 + n * 7 % 20, *n)));
    }
}
