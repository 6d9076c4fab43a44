//! Label noise: the share of labels that are wrong, judged by a model.
//!
//! If prediction and label differ, either the model is wrong or the label is. The two are told apart
//! by the confidence `p` of the prediction. A model's own mistakes become rare where it is sure. Wrong
//! labels do not: they are as frequent among samples that are easy to recognize as among others. So the
//! odds that prediction and label differ fall with the odds against the prediction, down to a floor:
//!
//! ```text
//! odds(p) = exp(a + b·x) + ν        x = ln((1 - p)/p)
//!           own mistakes   wrong labels
//! ```
//!
//! The first term is Platt's calibration (for a calibrated model, `a = 0` and `b = 1`), and the floor
//! is that of a psychometric curve, where observers slip however clear the stimulus. All three numbers
//! are those of the highest likelihood. They are found by expectation maximization, which divides the
//! contradictions between the two causes by the present estimate, and improves the estimate by a step
//! of Newton's method for `a` and `b` and of proportional fitting for `ν`.
//!
//! Sources: J. Copas, "Binary regression models for contaminated data", Journal of the Royal Statistical
//! Society B 50, 1988; J. Platt, "Probabilistic outputs for support vector machines", 1999; F. Wichmann,
//! N. Hill, "The psychometric function: I", Perception & Psychophysics 63, 2001.

use std::collections::BTreeMap;
use std::fmt;

use super::share;

/// Step of `x` within which samples are counted together.
const STEP: f64 = 0.25;

/// Largest `|x|`: beyond it, an `f32` rounds probabilities to 0 and 1.
const FARTHEST: f64 = 17.0;

/// Number of rounds of the fit.
const ROUNDS: usize = 1000;

/// Least [evidence](LabelNoise::evidence): the 99.9th percentile of χ² with one degree of freedom.
const EVIDENCE: f64 = 10.83;

/// Least part of the contradictions that must be wrong labels. The curve of a model's own mistakes is
/// not quite that of the formula, and less than this can be the difference.
const PART: f64 = 0.1;

/// Estimated share of wrong labels: [`Evaluation::label_noise`](super::Evaluation::label_noise) makes
/// it.
///
/// Its `Display` is a sentence or two.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LabelNoise {
    /// Estimated share of the samples whose label is wrong.
    pub wrong: f64,
    /// Share of the samples whose label the model contradicts.
    pub contradicted: f64,
    /// Evidence that there are wrong labels at all: twice the logarithm of the ratio of the likelihoods
    /// with and without them.
    pub evidence: f64,
    fit: Fit,
}

/// The odds of a contradiction.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Fit {
    a: f64,
    b: f64,
    floor: f64,
}

/// Samples of about the same confidence.
struct Bin {
    x: f64,
    count: f64,
    contradicted: f64,
}

impl LabelNoise {
    /// From the confidence of each prediction, and whether the label is another.
    pub(super) fn new(samples: impl Iterator<Item = (f32, bool)>) -> Self {
        let mut counts: BTreeMap<i32, (f64, f64)> = BTreeMap::new();
        for (confidence, differs) in samples {
            let place = (log_odds_against(confidence) / STEP).round() as i32;
            let (count, contradicted) = counts.entry(place).or_default();
            (*count, *contradicted) = (*count + 1.0, *contradicted + f64::from(u8::from(differs)));
        }
        let bin = |(place, (count, contradicted))| Bin {
            x: f64::from(place) * STEP,
            count,
            contradicted,
        };
        let bins: Vec<Bin> = counts.into_iter().map(bin).collect();
        let count: f64 = bins.iter().map(|bin| bin.count).sum();
        let contradictions: f64 = bins.iter().map(|bin| bin.contradicted).sum();
        let contradicted = share(contradictions, count);
        if contradictions == 0.0 || contradictions == count {
            return LabelNoise { contradicted, ..LabelNoise::default() };
        }
        let odds = contradicted / (1.0 - contradicted);
        let without = Fit { a: odds.ln(), b: 0.0, floor: 0.0 }.improved(&bins);
        let fit = Fit { a: (0.7 * odds).ln(), b: 0.0, floor: 0.3 * odds }.improved(&bins);
        LabelNoise {
            wrong: fit.floor / (1.0 + fit.floor),
            contradicted,
            evidence: 2.0 * (fit.log_likelihood(&bins) - without.log_likelihood(&bins)).max(0.0),
            fit,
        }
    }

    /// Returns `true` where wrong labels can be told from the model's own mistakes: the evidence is
    /// above chance (10.83, which one evaluation in a thousand reaches without a wrong label), at least a
    /// tenth of the contradictions are wrong labels, and the model is right more often where it is sure.
    pub fn is_found(&self) -> bool {
        let enough = self.wrong >= PART * self.contradicted;
        self.evidence >= EVIDENCE && enough && self.fit.b > 0.0
    }

    /// Estimates the probability that a label which the model contradicts with this confidence is wrong.
    pub fn probability(&self, confidence: f32) -> f64 {
        let own = self.fit.own(log_odds_against(confidence));
        share(self.fit.floor, self.fit.floor + own)
    }
}

/// `ln((1 - p)/p)`
fn log_odds_against(confidence: f32) -> f64 {
    let p = f64::from(confidence);
    ((1.0 - p) / p).ln().clamp(-FARTHEST, FARTHEST)
}

impl Fit {
    /// The odds of a mistake of the model's own.
    fn own(&self, x: f64) -> f64 {
        (self.a + self.b * x).clamp(-60.0, 60.0).exp()
    }

    fn log_likelihood(&self, bins: &[Bin]) -> f64 {
        let of = |bin: &Bin| {
            let odds = self.own(bin.x) + self.floor;
            bin.contradicted * odds.ln() - bin.count * odds.ln_1p()
        };
        bins.iter().map(of).sum()
    }

    /// The fit of the highest likelihood. A floor of 0 stays there.
    fn improved(mut self, bins: &[Bin]) -> Self {
        for _ in 0..ROUNDS {
            // Gradient and Hessian matrix of the log-likelihood with the causes divided, of a and b.
            let (mut da, mut db, mut haa, mut hab, mut hbb) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
            let (mut wrong, mut expected) = (0.0, 0.0);
            for &Bin { x, count, contradicted } in bins {
                let own = self.own(x);
                let all = 1.0 + own + self.floor;
                let part = self.floor / (own + self.floor);
                let slope = contradicted * (1.0 - part) - count * own / all;
                let bend = count * own / all * (1.0 - own / all);
                (da, db) = (da + slope, db + slope * x);
                (haa, hab, hbb) = (haa + bend, hab + bend * x, hbb + bend * x * x);
                wrong += contradicted * part;
                expected += count * self.floor / all;
            }
            let determinant = haa * hbb - hab * hab;
            let a = (hbb * da - hab * db) / determinant;
            let b = (haa * db - hab * da) / determinant;
            // A longer step would leave the region where the quadratic form is a good guide.
            let shorter = (1.0 / a.abs().max(b.abs())).min(1.0);
            (self.a, self.b) = (self.a + shorter * a, self.b + shorter * b);
            if self.floor > 0.0 {
                self.floor *= share(wrong, expected);
            }
        }
        self
    }
}

impl fmt::Display for LabelNoise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        let (contradicted, wrong) = (percent(self.contradicted), percent(self.wrong));
        if self.contradicted == 0.0 {
            return write!(f, "The model contradicts no label.");
        }
        write!(f, "The model contradicts {contradicted} of the labels. ")?;
        if self.is_found() {
            return write!(
                f,
                "Its own mistakes become rare where it is sure, and do not explain all of these: about \
                 {wrong} of the labels are wrong."
            );
        }
        match self.evidence >= EVIDENCE && self.fit.b > 0.0 {
            true => write!(
                f,
                "At most about {wrong} of the labels are wrong, too few to be told from its own mistakes."
            ),
            false => write!(
                f,
                "Its own mistakes can explain all of these: nothing points to wrong labels."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;
    use rand::RngExt;

    /// Confidences of a model that is right as often as it believes, and labels of which a share is wrong.
    fn samples(count: usize, wrong: f64, seed: u64) -> Vec<(f32, bool)> {
        let mut rng = Key::new(seed).rng();
        let mut draw = || f64::from(rng.random::<f32>());
        let sample = |_| {
            let confidence = 1.0 - 0.6 * draw().powi(8);
            let mistaken = draw() > confidence;
            (confidence as f32, mistaken || draw() < wrong)
        };
        (0..count).map(sample).collect()
    }

    #[test]
    fn the_share_of_wrong_labels_is_found() {
        for (seed, wrong) in [(1, 0.01), (2, 0.03), (3, 0.1)] {
            let noise = LabelNoise::new(samples(20_000, wrong, seed).into_iter());
            assert!((noise.wrong / wrong - 1.0).abs() < 0.2 && noise.is_found(), "{noise:?}");
            assert!((noise.fit.b - 1.0).abs() < 0.2 && noise.fit.a.abs() < 0.4, "{noise:?}");
            assert!(noise.probability(0.9999) > 0.9 && noise.probability(0.6) < 0.3, "{noise:?}");
        }
    }

    #[test]
    fn without_wrong_labels_none_are_found() {
        for seed in 0..20 {
            for count in [50, 500, 10_000] {
                let noise = LabelNoise::new(samples(count, 0.0, seed).into_iter());
                assert!(!noise.is_found(), "{count} samples, seed {seed}: {noise:?}");
            }
        }
    }

    #[test]
    fn extremes_have_an_estimate() {
        let of = |samples: &[(f32, bool)]| LabelNoise::new(samples.iter().copied());
        assert_eq!(of(&[]), LabelNoise::default());
        assert_eq!(
            of(&[(1.0, false), (0.5, false)]).to_string(),
            "The model contradicts no label."
        );
        let all_wrong = of(&[(1.0, true), (0.5, true)]);
        assert_eq!((all_wrong.contradicted, all_wrong.is_found()), (1.0, false));
        for odd in [
            &[(1.0, true), (0.3, false)][..],
            &[(1.0, true), (1.0, false)],
            &[(f32::MIN_POSITIVE, true), (1.0, false)],
        ] {
            let noise = of(odd);
            let LabelNoise { wrong, evidence, .. } = noise;
            assert!(wrong.is_finite() && evidence.is_finite() && !noise.is_found(), "{noise:?}");
        }
    }
}
