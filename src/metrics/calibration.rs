//! Calibration: is a model that says "90 % sure" right nine times in ten?
//!
//! Deep networks are accurate and yet too sure of themselves. Samples are sorted into bins by their
//! confidence, the probability of the class that was predicted, and in each bin it is compared with
//! the share that was right.

use std::collections::BTreeMap;

use super::share;

/// Samples of about the same confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Their confidences are above this, in 0..1,
    pub above: f64,
    /// and at most this.
    pub to: f64,
    /// How many there are: at least 1.
    pub count: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share of them that was right.
    pub accuracy: f64,
}

/// Confidence beside accuracy, in bins of equal width:
/// [`Evaluation::calibration`](super::Evaluation::calibration) makes it.
///
/// ```text
/// bin m of M holds the samples with (m - 1)/M < confidence ≤ m/M
/// ECE = Σ_m (countₘ/n)·|accuracyₘ - confidenceₘ|
/// ```
///
/// Source: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks",
/// ICML 2017, section 2.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// From the least sure to the surest, without those that are empty.
    pub bins: Vec<Bin>,
}

impl Calibration {
    /// From the confidence of each sample, and whether it was right.
    pub(super) fn new(samples: impl Iterator<Item = (f32, bool)>, bins: usize) -> Option<Self> {
        if bins == 0 {
            return None;
        }
        let width = bins as f64;
        let mut sums: BTreeMap<usize, (usize, f64, usize)> = BTreeMap::new();
        for (confidence, right) in samples {
            let confidence = f64::from(confidence);
            // 0 belongs to the first bin; a NaN is counted there as well.
            let bin = ((confidence * width).ceil() as usize).clamp(1, bins);
            let (count, sum, hits) = sums.entry(bin).or_default();
            (*count, *sum, *hits) = (*count + 1, *sum + confidence, *hits + right as usize);
        }
        let bins: Vec<Bin> = sums
            .into_iter()
            .map(|(bin, (count, sum, hits))| Bin {
                above: (bin - 1) as f64 / width,
                to: bin as f64 / width,
                count,
                confidence: sum / count as f64,
                accuracy: hits as f64 / count as f64,
            })
            .collect();
        (!bins.is_empty()).then_some(Calibration { bins })
    }

    /// The expected calibration error: how far confidence and accuracy are apart, on average over
    /// the samples.
    pub fn ece(&self) -> f64 {
        let total: usize = self.bins.iter().map(|bin| bin.count).sum();
        let gap = |bin: &Bin| bin.count as f64 * (bin.accuracy - bin.confidence).abs();
        share(self.bins.iter().map(gap).sum(), total as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::Calibration;

    #[test]
    fn edges_belong_to_the_bin_below() {
        let samples = [(0.0, false), (0.5, true), (0.5, false), (0.75, true), (1.0, true)];
        let bins = Calibration::new(samples.into_iter(), 2).unwrap().bins;
        assert_eq!(bins.iter().map(|bin| bin.count).collect::<Vec<_>>(), [3, 2]);
        assert_eq!((bins[0].confidence, bins[1].confidence), (1.0 / 3.0, 0.875));
        assert_eq!((bins[0].accuracy, bins[1].accuracy), (1.0 / 3.0, 1.0));
        assert_eq!((bins[1].above, bins[1].to), (0.5, 1.0));
    }

    #[test]
    fn any_number_of_bins_is_taken_and_empty_ones_take_no_room() {
        let samples = || [(0.9, true), (0.1, false)].into_iter();
        assert_eq!(Calibration::new(samples(), 0), None);
        let most = Calibration::new(samples(), usize::MAX).unwrap();
        assert_eq!(most.bins.len(), 2);
        assert!((most.ece() - 0.1).abs() < 1e-6);
    }
}
