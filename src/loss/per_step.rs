//! Losses of sequences whose steps have a target each: the loss of one step, averaged over the steps that
//! count.
//!
//! The weight of a sample is the sum of the weights of its steps, so that the mean over a batch, Σ wᵢ·lᵢ / Σ wᵢ,
//! is the mean over all of its steps: a long sequence counts as much more as it has more steps.

use super::{Loss, Outputs};
use crate::data::{Target, TargetKind};
use crate::error::Mismatch;

/// A loss for each step of a sequence. It is made by [`Loss::per_step`].
///
/// ```text
/// l = Σ wₜ·lₜ / Σ wₜ        over the steps t whose target is a class
/// ∂l/∂predictionₜ = (wₜ / Σ w)·∂lₜ/∂predictionₜ,  0 at the other steps
/// ```
///
/// - **Plain twin**: [`reference::weighted_mean`](crate::reference::weighted_mean()) of the losses of the steps.
/// - **Prediction**: (steps, outputs), such as the logits of each step.
/// - **Targets**: [`Target::Classes`], a class for each step, or [`Target::IGNORED`]. Steps after the last of
///   them do not count.
/// - **Errors**: targets that are not one class for each step; more targets than steps that count.
/// - **Source**: I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning", 2016, section 10.2, which takes the sum
///   instead of the mean.
///
/// ```
/// use chainrule::prelude::*;
///
/// let loss = SoftmaxCrossEntropy.per_step(2);
/// let logits = [0.0, 0.0, 5.0, 5.0, 3.0, -3.0]; // three steps
/// let mut gradient = [0.0; 6];
/// let target = Target::Classes(&[1, Target::IGNORED]);
/// let l = loss.loss(&logits, target, Some(&mut gradient));
/// assert!((l - 2f32.ln()).abs() < 1e-6);
/// assert_eq!(gradient, [0.5, -0.5, 0.0, 0.0, 0.0, 0.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerStep<L> {
    loss: L,
    outputs: usize,
}

impl<L> PerStep<L> {
    pub(super) fn new(loss: L, outputs: usize) -> Self {
        PerStep { loss, outputs }
    }
}

impl<L: Loss> PerStep<L> {
    /// Steps that count, with the class of each.
    fn counted<'a>(
        &self,
        predictions: &'a [f32],
        target: Target<'a>,
    ) -> impl Iterator<Item = (usize, &'a [f32], Target<'a>)> {
        let steps = predictions.chunks_exact(self.outputs.max(1)).zip(target.classes());
        let counted = steps.enumerate().filter(|(_, (_, class))| **class != Target::IGNORED);
        counted.map(|(step, (prediction, &class))| (step, prediction, Target::Class(class)))
    }
}

impl<L: Loss> Loss for PerStep<L> {
    fn name(&self) -> String {
        format!("{} of each step", self.loss.name())
    }

    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        let TargetKind::Sequences { classes, longest } = *targets else {
            let fix = "leave out `per_step` for one target for each sample, or give targets for each step";
            return Err(Mismatch::new("a class for each step as target", fix));
        };
        if self.outputs == 0 || !outputs.is_multiple_of(self.outputs) {
            return Err(Mismatch::new(
                format!("{} outputs for each step", self.outputs),
                "give `per_step` the number of outputs of a step",
            ));
        }
        let steps = outputs / self.outputs;
        if longest > steps {
            return Err(Mismatch::new(
                format!("as many steps as there are targets, {longest}; the model gives {steps}"),
                "let the model keep the number of steps, or give it targets for those that are left",
            ));
        }
        self.loss.check(self.outputs, &TargetKind::Classes(classes))
    }

    fn check_classes(&self, outputs: usize, classes: &[usize]) -> Result<(), Mismatch> {
        let steps = outputs / self.outputs;
        match classes.iter().rposition(|&class| class != Target::IGNORED) {
            Some(last) if last >= steps => Err(Mismatch::new(
                format!("no targets after step {steps}, where its outputs end"),
                "shorten the target, or correct the set's `sequence_length`",
            )),
            _ => Ok(()),
        }
    }

    fn loss(
        &self,
        predictions: &[f32],
        target: Target<'_>,
        mut gradient: Option<&mut [f32]>,
    ) -> f32 {
        if let Some(gradient) = &mut gradient {
            gradient.fill(0.0);
        }
        let weights = self.weight(target);
        let mut sum = 0.0;
        for (step, prediction, class) in self.counted(predictions, target) {
            let share = self.loss.weight(class) / weights;
            let own = step * self.outputs..(step + 1) * self.outputs;
            let mut gradient = gradient.as_deref_mut().map(|gradient| &mut gradient[own]);
            sum += share * self.loss.loss(prediction, class, gradient.as_deref_mut());
            for gradient in gradient.into_iter().flatten() {
                *gradient *= share;
            }
        }
        sum
    }

    fn weight(&self, target: Target<'_>) -> f32 {
        let counted = target.classes().iter().filter(|class| **class != Target::IGNORED);
        counted.map(|&class| self.loss.weight(Target::Class(class))).sum()
    }

    fn right(&self, predictions: &[f32], target: Target<'_>) -> [usize; 2] {
        let steps = self.counted(predictions, target);
        steps.fold([0, 0], |[right, judged], (_, prediction, class)| {
            let own = self.loss.right(prediction, class);
            [right + own[0], judged + own[1]]
        })
    }

    fn outputs(&self) -> Outputs {
        Outputs::Scores
    }

    fn takes_logits(&self) -> bool {
        self.loss.takes_logits()
    }

    fn step_outputs(&self) -> Option<usize> {
        Some(self.outputs)
    }

    fn of_step(&self) -> Option<(&dyn Loss, usize)> {
        Some((&self.loss, self.outputs))
    }
}
