//! What is kept of one prediction: a few numbers, and not its outputs, of which a thousand classes
//! have a thousand.

use crate::data::Target;
use crate::kernels::math::exp;
use crate::loss::Loss;

/// One sample of an [`Evaluation`](super::Evaluation).
#[derive(Debug, Clone, Default)]
pub(crate) struct Judgement {
    pub loss: f32,
    /// The string that was read, where targets are strings.
    pub read: Option<Vec<usize>>,
    pub predicted: usize,
    /// How many classes come before the right one. `None` where outputs are not one a class.
    pub rank: Option<u32>,
    /// ln p of the right class, and p of the predicted one. `None` where nothing has a probability.
    pub belief: Option<(f32, f32)>,
    /// Of two classes, how much speaks for class 1.
    pub score: Option<f32>,
}

impl Judgement {
    /// `log_p` is room for a number for each class; none where outputs do not stand for classes.
    pub fn new(loss: &dyn Loss, output: &[f32], target: Target<'_>, log_p: &mut [f32]) -> Self {
        let predicted = loss.class(output);
        let loss_here = loss.loss(output, target, None);
        let read = loss.read(output);
        let judgement = Judgement { loss: loss_here, read, predicted, ..Judgement::default() };
        let (Target::Class(actual), 1..) = (target, log_p.len()) else { return judgement };
        let (rank, score) = match *output {
            [z] => ((predicted != actual) as u32, Some(z)),
            [no, yes] => (rank(output, actual), Some(yes - no)),
            _ => (rank(output, actual), None),
        };
        let known = loss.log_probabilities(output, log_p) && predicted < log_p.len();
        let belief = known.then(|| (log_p[actual], exp(log_p[predicted])));
        Judgement { rank: Some(rank), belief, score, ..judgement }
    }
}

/// Number of classes before this one in the order of [`argmax`](crate::kernels::argmax): the first of
/// equal outputs comes first, and NaN last. The class of rank 0 is the predicted one.
fn rank(output: &[f32], class: usize) -> u32 {
    let own = output[class];
    let before = |j: usize, z: f32| {
        let tie = z == own || (z.is_nan() && own.is_nan());
        z > own || (own.is_nan() && !z.is_nan()) || (tie && j < class)
    };
    output.iter().enumerate().filter(|&(j, &z)| before(j, z)).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::argmax;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranks_are_an_order_that_begins_with_the_predicted_class(
            output in prop::collection::vec(prop_oneof![Just(f32::NAN), -2f32..2.0, Just(1.0)], 1..9)
        ) {
            let mut ranks: Vec<u32> = (0..output.len()).map(|class| rank(&output, class)).collect();
            prop_assert_eq!(ranks[argmax(&output)], 0);
            ranks.sort_unstable();
            prop_assert!(ranks.iter().enumerate().all(|(i, &rank)| i == rank as usize));
        }
    }
}
