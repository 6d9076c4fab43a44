//! Errors that are left when the least sure answers are rejected.

/// Risk against coverage: a model that answers only where it is sure answers less often, and errs less often.
///
/// ```text
/// answers with confidence ≥ t:   coverage(t) = their share of all,   risk(t) = share of errors among them
/// ```
///
/// - **Source**: R. El-Yaniv, Y. Wiener, "On the foundations of noise-free selective classification", 2010.
///
/// ```
/// use chainrule::metrics::RiskCoverage;
///
/// // How sure, and whether right.
/// let answers = [(0.99, true), (0.95, true), (0.6, false), (0.9, true)];
/// let curve = RiskCoverage::new(answers).unwrap();
/// assert_eq!(curve.risk(1.0), 0.25);
/// assert_eq!(curve.risk(0.75), 0.0);
/// assert_eq!(curve.threshold(0.75), 0.9);
/// assert_eq!(curve.coverage(0.01), 0.75); // at most 1 % of errors
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RiskCoverage {
    /// Confidence of each answer and the number of errors so far, the surest first.
    answers: Vec<(f32, usize)>,
}

impl RiskCoverage {
    /// Curve of the confidence of each answer, and whether it is right. `None` without answers. A confidence
    /// that is NaN counts as 0.
    pub fn new(answers: impl IntoIterator<Item = (f32, bool)>) -> Option<Self> {
        let mut answers: Vec<(f32, usize)> = answers
            .into_iter()
            .map(|(confidence, right)| (confidence.max(0.0), usize::from(!right)))
            .collect();
        // Wrong answers come before right ones of the same confidence: no threshold could part them.
        answers.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
        let mut errors = 0;
        for answer in &mut answers {
            errors += answer.1;
            answer.1 = errors;
        }
        (!answers.is_empty()).then_some(RiskCoverage { answers })
    }

    /// Number of answers.
    pub fn count(&self) -> usize {
        self.answers.len()
    }

    /// Share of errors among the surest answers, of which this share of all is given; the number is rounded
    /// up, and is at least 1.
    pub fn risk(&self, coverage: f64) -> f64 {
        let given = self.given(coverage);
        self.answers[given - 1].1 as f64 / given as f64
    }

    /// Least confidence of the answers that are given at this coverage.
    pub fn threshold(&self, coverage: f64) -> f32 {
        self.answers[self.given(coverage) - 1].0
    }

    /// Largest share of answers that can be given with at most this share of errors among them.
    pub fn coverage(&self, risk: f64) -> f64 {
        let is_within = |&given: &usize| self.answers[given - 1].1 as f64 <= risk * given as f64;
        let most = (1..=self.answers.len()).rev().find(is_within).unwrap_or(0);
        most as f64 / self.answers.len() as f64
    }

    /// Area under the curve: the mean of the risks at all coverages.
    pub fn area(&self) -> f64 {
        let risks =
            self.answers.iter().zip(1..).map(|(answer, given)| answer.1 as f64 / given as f64);
        risks.sum::<f64>() / self.answers.len() as f64
    }

    fn given(&self, coverage: f64) -> usize {
        let count = self.answers.len();
        ((coverage * count as f64).ceil() as usize).clamp(1, count)
    }
}

#[cfg(test)]
mod tests {
    use super::RiskCoverage;

    #[test]
    fn ends_of_the_curve() {
        assert_eq!(RiskCoverage::new([]), None);
        let one = RiskCoverage::new([(f32::NAN, false)]).unwrap();
        assert_eq!(
            (one.risk(0.0), one.risk(2.0), one.coverage(0.5), one.threshold(1.0)),
            (1.0, 1.0, 0.0, 0.0)
        );
        let curve =
            RiskCoverage::new([(0.5, true), (0.5, false), (0.9, true), (0.1, false)]).unwrap();
        assert_eq!((curve.count(), curve.risk(0.5), curve.risk(0.75)), (4, 0.5, 1.0 / 3.0));
        assert_eq!(curve.coverage(0.4), 0.75);
        assert!((curve.area() - (0.0 + 0.5 + 1.0 / 3.0 + 0.5) / 4.0).abs() < 1e-12);
    }
}
