//! Class weights: a rare class that counts as much as a common one.
//!
//! If nine samples in ten are of one class, a model that always predicts this class has learned
//! nothing and is mostly right. With weights in inverse proportion to the frequencies, both classes
//! contribute equally to the gradient. The objective is a weighted mean: only the ratios of the weights
//! matter.

use super::{Loss, Outputs};
use crate::data::{Target, TargetKind};
use crate::error::Mismatch;

/// Loss that multiplies each sample by the weight of its class. [`Loss::class_weights`] creates it.
///
/// ```text
/// L = Σ wᵢ·lᵢ / Σ wᵢ over the batch        ∂L/∂zᵢ = (wᵢ / Σ w)·∂lᵢ/∂zᵢ
///
/// wᵢ = w[c]         for class c
///      Σⱼ tⱼ·w[j]   for a distribution t
/// ```
///
/// - **Plain twin**: [`reference::weighted_mean`](crate::reference::weighted_mean()), to read first.
/// - **Prediction**: that of the loss.
/// - **Targets**: those of the loss, where they are classes or distributions over classes.
/// - **Errors**: those of the loss; a number of weights that is not that of the classes; weights that
///   are negative, not finite, or all 0.
/// - **Source**: G. King, L. Zeng, "Logistic regression in rare events data", Political Analysis 9,
///   2001, section 4.2.
///
/// ```
/// use chainrule::loss::ClassWeights;
/// use chainrule::prelude::*;
/// use ndarray::{Array, array};
///
/// // Nine samples of class 0 and one of class 1, all alike: the model learns their shares.
/// let x = Array::ones((10, 1));
/// let t = Array::from_shape_fn((10, 2), |(i, class)| ((i == 0) == (class == 1)) as u8 as f32);
/// let data = Arrays::new(x, t)?;
/// let share = |loss: ClassWeights<SoftmaxCrossEntropy>| -> Result<f32> {
///     let mut model = Sequential::new([1]).add(Dense::new(2))?;
///     Trainer::new(loss, Sgd::new(1.0)).epochs(100).fit(&mut model, &data)?;
///     Ok(model.add(Softmax)?.predict(&array![[1.0]])?[[0, 1]])
/// };
/// assert!((share(SoftmaxCrossEntropy.class_weights([1.0, 1.0]))? - 0.1).abs() < 0.01);
/// assert!((share(SoftmaxCrossEntropy.class_weights([1.0, 9.0]))? - 0.5).abs() < 0.01);
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// # With label smoothing
///
/// A [smoothed](super::SmoothedCrossEntropy) target changes the loss of a sample, and not its weight,
/// which is that of the class it had. PyTorch's `CrossEntropyLoss(weight, label_smoothing)` weighs each
/// term of the smoothed target `t'` by the class of the term:
///
/// ```text
/// here       Σᵢ w[cᵢ]·Σⱼ t'ᵢⱼ·(-ln pᵢⱼ) / Σᵢ w[cᵢ]
/// PyTorch    Σᵢ Σⱼ w[j]·t'ᵢⱼ·(-ln pᵢⱼ) / Σᵢ w[cᵢ]
/// ```
///
/// The two are equal without smoothing, and where all weights are equal. Here the loss of a sample is
/// lowest at `p = t'`, with any weights; there it is lowest where `p` is in proportion to `w·t'`, and
/// samples of a class without weight still count. Of targets that are distributions, PyTorch divides
/// the sum of the same terms by the number of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassWeights<L> {
    loss: L,
    weights: Vec<f32>,
}

impl<L> ClassWeights<L> {
    pub(super) fn new(loss: L, weights: Vec<f32>) -> Self {
        ClassWeights { loss, weights }
    }
}

impl<L: Loss> Loss for ClassWeights<L> {
    fn name(&self) -> String {
        format!("{} with class weights", self.loss.name())
    }

    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        self.loss.check(outputs, targets)?;
        let (TargetKind::Classes(count) | TargetKind::Values(count)) = *targets else {
            let fix = "put `class_weights` before `per_step`; strings take none";
            return Err(Mismatch::new("one class for each weight", fix));
        };
        let came = self.weights.len();
        if came != count {
            let wanted = format!("a weight for each of {count} classes");
            return Err(Mismatch::new(wanted, format!("`class_weights` got {came} weights")));
        }
        let in_range = |w: &&f32| w.is_finite() && **w >= 0.0;
        if let Some((class, weight)) =
            self.weights.iter().enumerate().find(|(_, weight)| !in_range(weight))
        {
            let fix = format!("that of class {class} is {weight}");
            return Err(Mismatch::new("class weights that are finite, and 0 or more", fix));
        }
        if self.weights.iter().all(|&weight| weight == 0.0) {
            let fix = "leave them out to have all classes count the same";
            return Err(Mismatch::new("class weights of which one at least is above 0", fix));
        }
        Ok(())
    }

    fn check_values(&self, values: &[f32]) -> Result<(), Mismatch> {
        self.loss.check_values(values)
    }

    fn loss(&self, prediction: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        self.loss.loss(prediction, target, gradient)
    }

    fn weight(&self, target: Target<'_>) -> f32 {
        let weight = match target {
            Target::Class(class) => self.weights[class],
            Target::Classes(_) => f32::NAN,
            Target::Values(t) => t.iter().zip(&self.weights).map(|(t, w)| t * w).sum(),
        };
        weight * self.loss.weight(target)
    }

    fn class(&self, prediction: &[f32]) -> usize {
        self.loss.class(prediction)
    }

    fn outputs(&self) -> Outputs {
        self.loss.outputs()
    }

    fn log_probabilities(&self, prediction: &[f32], log_p: &mut [f32]) -> bool {
        self.loss.log_probabilities(prediction, log_p)
    }
}
