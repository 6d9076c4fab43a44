//! Names of classes, and which of them are one class.

use std::collections::HashSet;

use crate::error::DataError;

/// A number as a name of a class: `7`, `07` and `7.0` are one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Whole(i64),
    Other(f64),
}

impl Number {
    /// Reads a finite number. Whole numbers that 64 bits hold are exact.
    pub fn parse(name: &str) -> Option<Number> {
        if let Ok(whole) = name.parse() {
            return Some(Number::Whole(whole));
        }
        let number: f64 = name.parse().ok().filter(|number: &f64| number.is_finite())?;
        // Beyond these, not every whole number has bits of its own.
        let exact = number.fract() == 0.0 && number.abs() < (1u64 << f64::MANTISSA_DIGITS) as f64;
        Some(if exact { Number::Whole(number as i64) } else { Number::Other(number) })
    }
}

/// Returns the place of a class among others: that of the same text, or else of the same number.
pub(super) fn position(classes: &[String], name: &str) -> Option<usize> {
    let number = Number::parse(name);
    let is_same = |class: &String| number.is_some() && Number::parse(class) == number;
    let same_text = classes.iter().position(|class| class == name);
    same_text.or_else(|| classes.iter().position(is_same))
}

/// Returns the first name that occurs a second time.
pub(crate) fn first_twice(names: &[String]) -> Option<&String> {
    let mut seen = HashSet::new();
    names.iter().find(|name| !seen.insert(*name))
}

/// Takes names that are one for each class, or refuses them.
pub(super) fn one_for_each<N: Into<String>>(
    names: impl IntoIterator<Item = N>,
    classes: usize,
) -> Result<Vec<String>, DataError> {
    let names: Vec<String> = names.into_iter().map(Into::into).collect();
    if names.len() != classes {
        return Err(DataError::ClassNames { names: names.len(), classes });
    }
    match first_twice(&names) {
        Some(name) => Err(DataError::SameName { name: name.clone() }),
        None => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_one_name() {
        let seven = Number::parse("7");
        for name in ["07", "7.0", "+7", "7e0"] {
            assert_eq!(Number::parse(name), seven, "{name}");
        }
        let zero = Number::parse("0");
        assert_eq!((Number::parse("-0"), Number::parse("0.0")), (zero, zero));
        assert_ne!(Number::parse("9007199254740993"), Number::parse("9007199254740992"));
        for name in ["", "nan", "inf", "1e400", "seven", "1,5"] {
            assert_eq!(Number::parse(name), None, "{name}");
        }
    }
}
