//! Samples whose label is probably wrong.

use super::{Evaluation, LabelNoise};

impl Evaluation {
    /// Estimates how many labels are wrong, from the confidence with which the model contradicts them.
    /// `None` where the loss reads outputs as no probabilities.
    pub fn label_noise(&self) -> Option<LabelNoise> {
        let differs = self.predicted.iter().zip(&self.actual).map(|(p, a)| p != a);
        let samples = self.confidences.iter().copied().zip(differs);
        (!self.confidences.is_empty()).then(|| LabelNoise::new(samples))
    }

    /// The numbers of up to `count` samples whose label is more likely wrong than the model: those that
    /// it contradicts with a confidence at which its own mistakes are rarer than wrong labels. First
    /// those where `p` of the label is the farthest below `p` of the prediction.
    ///
    /// None where wrong labels cannot be told from the model's own mistakes, as with a model that is
    /// often wrong: [`Evaluation::label_noise`] says why. A model judges best what it was not trained
    /// on: what it has learned by heart, it does not contradict.
    ///
    /// In a trial, a share of the 10,000 test images of MNIST got another label on purpose, as did the
    /// training images of small convolutional networks. The table has the number of suspects, and how
    /// many of them were wrong:
    ///
    /// | training images | accuracy | as they are | 1 % wrong | 5 % wrong |
    /// | ---: | ---: | ---: | ---: | ---: |
    /// | 100 | 72 % | none | none | none |
    /// | 1,000 | 94 % | none | 64, 41 | 309, 243 |
    /// | 10,000 | 98 % | none | 84, 83 | 417, 394 |
    pub fn suspects(&self, count: usize) -> Vec<usize> {
        let Some(noise) = self.label_noise().filter(LabelNoise::is_found) else {
            return Vec::new();
        };
        let is_suspect = |&i: &usize| {
            self.predicted[i] != self.actual[i] && noise.probability(self.confidences[i]) > 0.5
        };
        let mut suspects: Vec<usize> = (0..self.confidences.len()).filter(is_suspect).collect();
        let margin = |i: usize| self.log_likelihoods[i].exp() - self.confidences[i];
        suspects.sort_by(|&a, &b| margin(a).total_cmp(&margin(b)));
        suspects.truncate(count);
        suspects
    }
}
