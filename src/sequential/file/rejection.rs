//! When an answer is not good enough to be given.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::candidate::Candidate;

/// Rule by which an answer is rejected: a form that a person reads costs less than a wrong amount.
///
/// With p₁ ≥ p₂ the largest probabilities, an input is rejected
///
/// | because | where |
/// | --- | --- |
/// | it is of no class | the class for all that is of none, if the model has one, is the most probable |
/// | the model is not sure | `p₁ <` [`confidence`](Rejection::confidence) |
/// | two classes are close | `p₁ - p₂ <` [`margin`](Rejection::margin) |
/// | it does not look like its class | its distance from the class's [prototype](super::Prototypes) is above [`distance`](Rejection::distance) |
///
/// A model learns what is of no class from samples of such: letters, blots, two digits in one. Without
/// them a network is as sure of a letter as of a digit. The distance finds what is unlike all samples, too. The limits are chosen on data that was held out of
/// training, by what an error costs: [`RiskCoverage`](crate::metrics::RiskCoverage).
///
/// - **Source**: C. K. Chow, "On optimum recognition error and reject tradeoff", 1970; D. Hendrycks et al.,
///   "Deep anomaly detection with outlier exposure", 2019.
///
/// ```
/// use chainrule::prelude::*;
/// use chainrule::sequential::Rejection;
///
/// let model = Sequential::new([2]).add(Dense::new(3))?.with_class_names(["cat", "dog", "none"])?;
/// let rule = Rejection::new().confidence(0.9).no_class("none");
/// let file = ModelFile::new(model).rejection(rule)?;
/// let answer = file.classify(&[0.3f32, -0.1])?;
/// if let Some(reason) = answer.rejected() {
///     println!("{reason}"); // not sure: dog (39 %) or cat (32 %)
/// }
/// # assert!(answer.rejected().is_some());
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    confidence: f32,
    margin: f32,
    no_class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    distance: Option<f32>,
}

/// Reason for which an answer is rejected.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Rejected {
    /// The input is most probably of no class: with this probability.
    NoClass(f32),
    /// Neither class is probable enough, or not more so than the other: their names and probabilities.
    NotSure([(String, f32); 2]),
    /// The input is unlike the samples of the class that it resembles most.
    Unlike {
        /// Name of the class.
        class: String,
        /// Distance from its prototype, where 1 is usual.
        distance: f32,
    },
}

impl Rejection {
    /// Rule that rejects nothing.
    pub fn new() -> Self {
        Rejection::default()
    }

    /// Sets the least probability of the best class, in 0..1.
    #[must_use]
    pub fn confidence(self, confidence: f32) -> Self {
        Rejection { confidence, ..self }
    }

    /// Sets the least difference between the two largest probabilities, in 0..1.
    #[must_use]
    pub fn margin(self, margin: f32) -> Self {
        Rejection { margin, ..self }
    }

    /// Names the class of the model for all that is of no class.
    #[must_use]
    pub fn no_class(self, name: impl Into<String>) -> Self {
        Rejection { no_class: Some(name.into()), ..self }
    }

    /// Sets the largest distance from the prototype of the best class, where 1 is usual for its samples. The
    /// file must have [prototypes](super::ModelFile::prototypes).
    #[must_use]
    pub fn distance(self, distance: f32) -> Self {
        Rejection { distance: Some(distance), ..self }
    }

    /// Returns the name of the class for all that is of no class.
    pub fn no_class_name(&self) -> Option<&str> {
        self.no_class.as_deref()
    }

    /// Returns the reason to reject these classes, the most probable first, with the distance from the first's
    /// prototype. Scores, unlike probabilities, are rejected only as of no class or by the distance.
    pub(super) fn of(&self, ranked: &[Candidate<'_>], distance: Option<f32>) -> Option<Rejected> {
        let best = ranked.first()?;
        if self.no_class.as_deref() == Some(&best.name) {
            return Some(Rejected::NoClass(best.probability.unwrap_or(1.0)));
        }
        if let (Some(distance), Some(most)) = (distance, self.distance)
            && distance > most
        {
            return Some(Rejected::Unlike { class: best.name.to_string(), distance });
        }
        let mut likely = ranked.iter().filter_map(|class| Some((class, class.probability?)));
        let (Some((_, first)), second) = (likely.next(), likely.next()) else { return None };
        let (_, second) = second?;
        let is_sure = first >= self.confidence && first - second >= self.margin;
        let named =
            |class: &Candidate<'_>| (class.name.to_string(), class.probability.unwrap_or(0.0));
        (!is_sure).then(|| Rejected::NotSure([named(best), named(&ranked[1])]))
    }

    /// Says what is wrong with a rule for a model with these classes.
    pub(super) fn check(&self, classes: &[String], has_prototypes: bool) -> Result<(), String> {
        match self.distance {
            Some(_) if !has_prototypes => {
                return Err(
                    "the file has no prototypes to which the distance could be measured: call \
                            `ModelFile::prototypes` first"
                        .into(),
                );
            }
            Some(distance) if distance.is_nan() || distance <= 0.0 => {
                return Err(format!("the largest distance is {distance}: it must be above 0"));
            }
            _ => {}
        }
        for (name, limit) in [("confidence", self.confidence), ("margin", self.margin)] {
            if !(0.0..=1.0).contains(&limit) {
                return Err(format!("the least {name} is {limit}: it must be from 0 to 1"));
            }
        }
        match &self.no_class {
            Some(name) if !classes.contains(name) => Err(format!(
                "`{name}` is to be the class for all that is of no class, but the model's classes are {}: \
                 name one of them",
                if classes.is_empty() { "without names".into() } else { classes.join(", ") }
            )),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejected::NoClass(p) => write!(f, "of no class ({:.0} %)", 100.0 * p),
            Rejected::NotSure([(best, p), (second, q)]) => {
                write!(f, "not sure: {best} ({:.0} %) or {second} ({:.0} %)", 100.0 * p, 100.0 * q)
            }
            Rejected::Unlike { class, distance } => {
                write!(
                    f,
                    "unlike any {class}: {distance:.1} times as far from them as they are usually"
                )
            }
        }
    }
}
