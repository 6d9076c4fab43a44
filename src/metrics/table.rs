//! Tables of numbers for a terminal: a row for each class, label or output.

use std::fmt;

use crate::text::shortened;

/// Largest number of characters of a name.
const NAME: usize = 24;

/// Largest number of classes, labels or outputs that a table lists.
pub(super) const LISTED: usize = 30;

/// Names on the left, and columns of 10 characters.
pub(super) struct Table {
    /// Lines of the table: a name and its cells, or a note without any.
    rows: Vec<(String, Vec<String>)>,
}

impl Table {
    pub fn new(what: &str, columns: &[&str]) -> Self {
        let mut table = Table { rows: Vec::new() };
        table.row(what, columns.iter().map(|column| column.to_string()));
        table
    }

    pub fn row(&mut self, name: &str, cells: impl IntoIterator<Item = String>) {
        self.rows.push((shortened(name, NAME), cells.into_iter().collect()));
    }

    /// A line by itself.
    pub fn note(&mut self, text: String) {
        self.rows.push((text, Vec::new()));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.rows.iter().filter(|(_, cells)| !cells.is_empty());
        let width = names.map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, cells) in &self.rows {
            match cells.is_empty() {
                true => write!(f, "{name}")?,
                false => write!(f, "{name:<width$}  ")?,
            }
            for cell in cells {
                write!(f, "{cell:>10}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// Returns the places of up to [`LISTED`] scores, the lowest of all, in the order that they have.
pub(super) fn lowest(scores: impl Iterator<Item = f64>) -> Vec<usize> {
    let scores: Vec<f64> = scores.collect();
    let mut places: Vec<usize> = (0..scores.len()).collect();
    places.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    places.truncate(LISTED);
    places.sort_unstable();
    places
}
