//! Digits that were read, and how sure they are.

use serde::Serialize;

use crate::intake::Area;

/// Most readings that are compared when a check chooses among them.
const BEAM: usize = 256;
/// Chance that no reading is right.
const NONE_RIGHT: f32 = 0.01;
/// Probability below which another digit is not considered.
const UNLIKELY: f32 = 1e-4;

/// A digit of a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReadDigit {
    /// The digit, 0 to 9.
    pub digit: u8,
    /// Probability that this is the digit and that its ink is one digit's.
    pub confidence: f32,
    /// Rectangle around it in the picture that was given.
    pub area: Area,
    /// Probability of each digit from 0 to 9. What is missing to 1 is that of no digit.
    pub probabilities: [f32; 10],
    /// `true` if a separator, such as a decimal point, comes before it.
    pub after_separator: bool,
    /// Reason for which it is not to be trusted.
    pub rejected: Option<String>,
}

/// Digits of a line, from left to right.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Reading {
    /// The digits.
    pub digits: Vec<ReadDigit>,
    /// Probability that all of it is right.
    pub confidence: f32,
    /// Angle by which the line rises to the right, in degrees.
    pub tilt: f32,
    /// Rules and walls of boxes that were taken away, as rectangles around them in the picture.
    pub rules: Vec<Area>,
    /// Number of digits that the field should have, if it is known.
    pub expected: Option<usize>,
    /// Reason for which the reading as a whole is not to be trusted.
    pub rejected: Option<String>,
}

impl ReadDigit {
    /// Returns `true` if the ink is more probably this digit than no digit.
    fn is_one(&self) -> bool {
        let p = &self.probabilities;
        p[usize::from(self.digit)] >= 1.0 - p.iter().sum::<f32>()
    }
}

impl Reading {
    /// Returns the digits, with a point where a separator stands: `1250.00`.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for digit in &self.digits {
            if digit.after_separator && !text.is_empty() {
                text.push('.');
            }
            text.push(char::from(b'0' + digit.digit));
        }
        text
    }

    /// Returns the reason for which the reading is not to be trusted: its own, or that of its first doubtful
    /// digit.
    pub fn reason(&self) -> Option<&str> {
        let digits = || self.digits.iter().find_map(|digit| digit.rejected.as_deref());
        self.rejected.as_deref().or_else(digits)
    }

    /// Chooses among all readings of the same ink the most probable one that a check accepts, such as a
    /// checksum. Its confidence is its share in all readings that the check accepts, and in the chance ε of
    /// 1 % that none of them is right, for example because the number was written wrongly:
    ///
    /// ```text
    /// P(reading | the check holds) = P(reading) / (ε + Σ P(readings for which it holds))
    /// ```
    ///
    /// It is rejected where that is below `least`, or no reading passes. A check says nothing about ink that
    /// is no digit, nor about the number of digits: what is rejected for these stays rejected.
    #[must_use]
    pub fn checked(&self, least: f32, check: impl Fn(&str) -> bool) -> Reading {
        let has_none = self.digits.iter().any(|digit| !digit.is_one());
        if has_none || self.expected.is_some_and(|expected| expected != self.digits.len()) {
            return self.clone();
        }
        let mut readings: Vec<(Vec<u8>, f32)> = vec![(Vec::new(), 1.0)];
        for digit in &self.digits {
            let mut longer = Vec::new();
            for (start, p) in &readings {
                for (value, share) in (0u8..).zip(digit.probabilities) {
                    if share > UNLIKELY {
                        longer.push(([&start[..], &[value]].concat(), p * share));
                    }
                }
            }
            longer.sort_by(|a, b| b.1.total_cmp(&a.1));
            longer.truncate(BEAM);
            readings = longer;
        }
        let with = |values: &[u8]| {
            let mut reading = self.clone();
            for (digit, &value) in reading.digits.iter_mut().zip(values) {
                digit.digit = value;
            }
            reading
        };
        let accepted: Vec<(Reading, f32)> = readings
            .iter()
            .map(|(values, p)| (with(values), *p))
            .filter(|(reading, _)| check(&reading.text()))
            .collect();
        let total: f32 = accepted.iter().map(|(_, p)| p).sum();
        let Some((mut reading, p)) =
            accepted.into_iter().next().filter(|_| !self.digits.is_empty())
        else {
            let rejected = Some("no likely reading passes the check".to_string());
            return Reading { rejected, ..self.clone() };
        };
        // The check says nothing about how the ink is parted into digits.
        let all: f32 = self.digits.iter().map(|d| d.probabilities[usize::from(d.digit)]).product();
        let parted = if all > 0.0 { (self.confidence / all).min(1.0) } else { 0.0 };
        // The sum of a digit falls short of 1 by the probability of other ink.
        let digits: f32 = self.digits.iter().map(|d| d.probabilities.iter().sum::<f32>()).product();
        reading.confidence = p / (NONE_RIGHT + total) * digits.min(1.0) * parted;
        let is_sure = reading.confidence >= least;
        reading.digits.iter_mut().for_each(|digit| {
            if is_sure {
                digit.rejected = None;
            }
        });
        reading.rejected = (!is_sure).then(|| {
            format!(
                "{:.0} % sure of {}, which passes the check",
                100.0 * reading.confidence,
                reading.text()
            )
        });
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(digits: &[&[(u8, f32)]]) -> Reading {
        let digit = |likely: &&[(u8, f32)]| {
            let mut probabilities = [0.0; 10];
            likely.iter().for_each(|&(digit, p)| probabilities[usize::from(digit)] = p);
            let area = Area { top: 0, left: 0, height: 1, width: 1 };
            let (digit, confidence) = likely[0];
            ReadDigit {
                digit,
                confidence,
                area,
                probabilities,
                after_separator: false,
                rejected: None,
            }
        };
        let digits: Vec<ReadDigit> = digits.iter().map(digit).collect();
        let confidence = digits.iter().map(|digit| digit.confidence).product();
        Reading { digits, confidence, ..Reading::default() }
    }

    #[test]
    fn a_check_chooses_between_readings() {
        let doubtful = reading(&[&[(1, 0.6), (7, 0.4)], &[(3, 1.0)]]);
        let even_sum =
            |text: &str| text.bytes().map(|b| u32::from(b - b'0')).sum::<u32>() % 10 == 0;
        let chosen = doubtful.checked(0.9, even_sum);
        assert_eq!((chosen.text().as_str(), chosen.reason()), ("73", None));
        assert!((chosen.confidence - 0.4 / 0.41).abs() < 1e-6);
        // Both pass: the check decides nothing.
        let open = doubtful.checked(0.9, |_| true);
        assert_eq!(open.text(), "13");
        assert!(open.reason().unwrap().contains("59 % sure"));
        assert!(doubtful.checked(0.9, |_| false).reason().unwrap().contains("no likely reading"));
        assert!(reading(&[]).checked(0.9, |_| true).reason().is_some());
    }

    #[test]
    fn a_check_makes_no_digit_of_other_ink_and_no_number_of_another_length() {
        // A letter that resembles a 7 a little, and a reading that is improbable but passes.
        let letter = reading(&[&[(7, 0.05)], &[(3, 1.0)]]);
        let letter = Reading { rejected: Some("no digit".into()), ..letter };
        assert_eq!(letter.checked(0.9, |_| true), letter);
        let improbable = reading(&[&[(1, 0.9995), (7, 0.0005)]]).checked(0.9, |text| text == "7");
        assert!(improbable.reason().unwrap().contains("sure of 7"), "{improbable:?}");
        let doubtful = reading(&[&[(1, 0.6)]]).checked(0.5, |_| true);
        assert!((doubtful.confidence - 0.6 / 0.61 * 0.6).abs() < 1e-6, "{doubtful:?}");
        let longer = Reading {
            expected: Some(3),
            rejected: Some("2 digits where 3 are expected".into()),
            ..reading(&[&[(1, 1.0)], &[(2, 1.0)]])
        };
        assert_eq!(longer.checked(0.9, |_| true), longer);
    }

    #[test]
    fn separators_are_points() {
        let mut amount = reading(&[&[(1, 1.0)], &[(2, 1.0)], &[(5, 1.0)]]);
        amount.digits[1].after_separator = true;
        assert_eq!(amount.text(), "1.25");
    }
}
