//! The order of classes by their names, and when two names are one class.

use std::cmp::Ordering;
use std::collections::HashSet;

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

    /// Orders by size; the names of equal numbers are equal.
    pub fn compare(self, other: Number) -> Ordering {
        match (self, other) {
            (Number::Whole(a), Number::Whole(b)) => a.cmp(&b),
            (a, b) => a.as_f64().total_cmp(&b.as_f64()),
        }
    }

    fn as_f64(self) -> f64 {
        match self {
            Number::Whole(whole) => whole as f64,
            Number::Other(number) => number,
        }
    }
}

/// Reads every name as a number, or `None` where one is not.
pub(super) fn numbers<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Vec<Number>> {
    names.into_iter().map(Number::parse).collect()
}

/// Orders names as classes: by number where all are numbers, and else by the alphabet. One number is
/// one class, under its shortest name. Returns the classes, and the class of each name.
pub(super) fn in_order(names: &[String]) -> (Vec<String>, Vec<usize>) {
    let numbers = numbers(names.iter().map(|name| &name[..]));
    let mut order: Vec<usize> = (0..names.len()).collect();
    let by_name = |a: usize, b: usize| names[a].cmp(&names[b]);
    match &numbers {
        Some(numbers) => order.sort_by(|&a, &b| {
            let shorter = names[a].len().cmp(&names[b].len());
            numbers[a].compare(numbers[b]).then(shorter).then(by_name(a, b))
        }),
        None => order.sort_by(|&a, &b| by_name(a, b)),
    }
    let (mut classes, mut class_of) = (Vec::<usize>::new(), vec![0; names.len()]);
    for index in order {
        let is_last =
            |&last: &usize| numbers.as_ref().is_some_and(|numbers| numbers[last] == numbers[index]);
        if !classes.last().is_some_and(is_last) {
            classes.push(index);
        }
        class_of[index] = classes.len() - 1;
    }
    (classes.into_iter().map(|index| names[index].clone()).collect(), class_of)
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

    #[test]
    fn numbers_are_ordered_by_size() {
        let mut names = ["10", "-1", "2.5", "1e20", "9"];
        names.sort_by(|a, b| {
            let [a, b] = [a, b].map(|name| Number::parse(name).unwrap());
            a.compare(b)
        });
        assert_eq!(names, ["-1", "2.5", "9", "10", "1e20"]);
    }
}
