//! The order of classes by their names.

use std::cmp::Ordering;

use super::class_names::Number;

impl Number {
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

#[cfg(test)]
mod tests {
    use super::*;

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
