//! Which classes a model takes for which.

use std::fmt;

use super::table::LISTED;
use super::{ClassReport, share};
use crate::text::shortened;

/// Number of characters of a row's name; also those of the table's corner.
const NAME: usize = 18;

/// Largest number of characters of a column's name. Where one is longer, columns have numbers.
const COLUMN: usize = 6;

/// Largest number of characters of all columns with names.
const COLUMNS: usize = 100;

/// Number of classes in the table where there are too many for all.
const OF_MANY: usize = 20;

/// How often samples of one class (a row) were taken for another (a column).
///
/// Its `Display` is a table with a row for each class, and its recall: the share of its samples that
/// were found. Where names are longer than 6 characters, columns have numbers. Of more than 30 classes,
/// it shows the 20 with the most mistakes, and what else their samples were taken for as `others`.
///
/// ```
/// use chainrule::metrics::Confusion;
///
/// let confusion = Confusion::new(vec![vec![9, 1], vec![0, 2]]).named(["cat", "dog"]);
/// assert_eq!(confusion.to_string(), "\
/// actual ╲ predicted cat dog   found
///                cat   9   1  90.0 %
///                dog   ·   2 100.0 %
/// ");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confusion {
    /// `counts[actual][predicted]`
    pub counts: Vec<Vec<usize>>,
    /// Names of the classes; those without a name go by their numbers.
    pub names: Vec<String>,
}

impl Confusion {
    /// Takes as many rows as columns, without names.
    pub fn new(counts: Vec<Vec<usize>>) -> Self {
        Confusion { counts, names: Vec::new() }
    }

    /// Gives the classes names.
    #[must_use]
    pub fn named<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        Confusion { names: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// How many samples it counts.
    pub fn total(&self) -> usize {
        self.counts.iter().flatten().sum()
    }

    /// The share of right classes; 0 where nothing was counted.
    pub fn accuracy(&self) -> f64 {
        let right: usize = self.counts.iter().enumerate().map(|(class, row)| row[class]).sum();
        share(right as f64, self.total() as f64)
    }

    /// Precision, recall and F1 of each class.
    pub fn report(&self) -> ClassReport {
        ClassReport::new(self)
    }

    /// The mistakes that were made at least once, as (actual, predicted, how often), the most
    /// frequent first.
    pub fn mistakes(&self) -> Vec<(usize, usize, usize)> {
        let mut mistakes: Vec<_> = (self.counts.iter().enumerate())
            .flat_map(|(actual, row)| row.iter().enumerate().map(move |(p, &n)| (actual, p, n)))
            .filter(|&(actual, predicted, count)| actual != predicted && count > 0)
            .collect();
        mistakes.sort_by_key(|&(_, _, count)| std::cmp::Reverse(count));
        mistakes
    }

    /// Up to `count` classes with the most mistakes, of their samples and into them, in the order of
    /// their numbers.
    pub fn most_confused(&self, count: usize) -> Vec<usize> {
        let mut mistakes = vec![0; self.counts.len()];
        for (actual, predicted, count) in self.mistakes() {
            mistakes[actual] += count;
            mistakes[predicted] += count;
        }
        let mut classes: Vec<usize> = (0..mistakes.len()).collect();
        classes.sort_by_key(|&class| std::cmp::Reverse(mistakes[class]));
        classes.truncate(count);
        classes.sort_unstable();
        classes
    }
}

impl fmt::Display for Confusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes = self.counts.len();
        let is_part = classes > LISTED;
        let shown = self.most_confused(if is_part { OF_MANY } else { classes });
        let name = |class| name(&self.names, class);
        let longest = shown.iter().map(|&class| name(class).chars().count()).max().unwrap_or(0);
        let largest = self.counts.iter().flatten().max().copied().unwrap_or(0);
        let number_width = largest.max(classes).to_string().len().max(2);
        let named_width = number_width.max(longest);
        let numbered = longest > COLUMN || (named_width + 1) * shown.len() > COLUMNS;
        let width = if numbered { number_width } else { named_width };
        write!(f, "actual ╲ predicted")?;
        for &class in &shown {
            let column = if numbered { class.to_string() } else { name(class) };
            write!(f, " {column:>width$}")?;
        }
        writeln!(f, "{}   found", if is_part { "  others" } else { "" })?;
        for &class in &shown {
            let row = &self.counts[class];
            let number = if numbered { format!(" {class:>number_width$}") } else { String::new() };
            // A name that is its number already stands alone.
            let row_name = match class < self.names.len() || !numbered {
                true => shortened(&name(class), NAME - number.len()),
                false => String::new(),
            };
            write!(f, "{:>NAME$}", format!("{row_name}{number}"))?;
            let total: usize = row.iter().sum();
            let others = total - shown.iter().map(|&column| row[column]).sum::<usize>();
            let cells = shown.iter().map(|&column| (row[column], width));
            for (count, width) in cells.chain(is_part.then_some((others, 7))) {
                match count {
                    0 => write!(f, " {:>width$}", "·")?,
                    _ => write!(f, " {count:>width$}")?,
                }
            }
            if total > 0 {
                write!(f, " {:>5.1} %", 100.0 * row[class] as f64 / total as f64)?;
            }
            writeln!(f)?;
        }
        match is_part {
            true => writeln!(f, "{OF_MANY} of {classes} classes: those with the most mistakes"),
            false => Ok(()),
        }
    }
}

/// Returns the name of a class in one line, and its number where it has none.
pub(super) fn name(names: &[String], class: usize) -> String {
    names.get(class).map_or(class.to_string(), |name| shortened(name, usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_and_the_mistakes() {
        let confusion = Confusion::new(vec![vec![1, 0, 0], vec![1, 0, 3], vec![0, 1, 0]]);
        let table = confusion.to_string();
        assert_eq!(table.lines().nth(1), Some("                 0  1  ·  · 100.0 %"), "{table}");
        assert_eq!(confusion.mistakes(), [(1, 2, 3), (1, 0, 1), (2, 1, 1)]);
        assert_eq!((confusion.total(), confusion.accuracy()), (6, 1.0 / 6.0));
        assert_eq!(Confusion::new(vec![]).accuracy(), 0.0);
    }

    #[test]
    fn long_names_stand_in_the_rows_and_columns_have_numbers() {
        let counts = vec![vec![1, 2], vec![0, 30]];
        let names = ["a cat\nor so", "a dog of unreasonable length"];
        let table = Confusion::new(counts).named(names).to_string();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], "actual ╲ predicted  0  1   found");
        assert_eq!(lines[1], "    a cat or so  0  1  2  33.3 %");
        assert_eq!(lines[2], "a dog of unrea…  1  · 30 100.0 %");
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn of_many_classes_those_with_mistakes_are_shown() {
        let mut counts = vec![vec![0; 50]; 50];
        (0..50).for_each(|class| counts[class][class] = 10);
        (counts[41][7], counts[7][49]) = (5, 1);
        let names: Vec<String> = (0..50).map(|class| format!("species {class}")).collect();
        let confusion = Confusion::new(counts).named(names);
        assert_eq!(confusion.most_confused(3), [7, 41, 49]);
        let table = confusion.to_string();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 1 + 20 + 1, "{table}");
        assert_eq!(lines[0].chars().count(), NAME + 20 * 3 + 8 + 8, "{table}");
        assert!(lines.iter().any(|line| line.starts_with("     species 41 41 ")), "{table}");
        assert!(lines[0].ends_with(" 49  others   found"), "{table}");
        assert_eq!(lines[21], "20 of 50 classes: those with the most mistakes");
        // Ten of 41 are right, five are taken for 7, and none for what is not shown.
        let row = lines.iter().find(|line| line.contains("species 41")).unwrap();
        assert!(row.contains(" 5 ") && row.ends_with(" 10  ·       ·  66.7 %"), "{table}");
    }

    #[test]
    fn columns_that_would_be_too_wide_have_numbers() {
        let names = |prefix: &str| -> Vec<String> {
            (0..26).map(|class| format!("{prefix}{class}")).collect()
        };
        let table = |names| Confusion::new(vec![vec![1; 26]; 26]).named(names).to_string();
        let first = |table: String| table.lines().next().unwrap().to_string();
        assert!(first(table(names(""))).contains(" 24 25 "));
        assert!(first(table(names("cl"))).contains(" 24 25 "));
    }

    #[test]
    fn classes_beyond_the_names_go_by_their_numbers() {
        let table = Confusion::new(vec![vec![1, 0], vec![0, 1]]).named(["one"]).to_string();
        assert_eq!(table.lines().next(), Some("actual ╲ predicted one   1   found"));
    }
}
