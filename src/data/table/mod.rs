//! Tables of numbers: one row a sample.

mod columns;
mod csv;
mod labels;
mod quotes;
mod rows;
#[cfg(test)]
mod tests;

pub use columns::Column;
pub use csv::Csv;

use super::targets::Targets;
use super::{Dataset, Target, TargetKind};
use crate::error::Result;

/// Rows of a table in memory: some columns are the input, others the target. [`Csv`] reads it.
///
/// ```
/// use chainrule::data::Csv;
/// use chainrule::prelude::*;
///
/// let text = "length,width,species\n1.4,0.2,setosa\n4.7,1.4,versicolor\n1.3,0.2,setosa\n";
/// let table = Csv::new().label("species").from_reader(text.as_bytes(), "flowers")?;
/// assert_eq!(table.len(), 3);
/// assert_eq!(table.columns(), ["length", "width"]);
/// assert_eq!(table.classes(), ["setosa", "versicolor"]);
/// assert_eq!(table.target(1), Target::Class(1));
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    columns: Vec<String>,
    shape: Vec<usize>,
    /// Row by row.
    inputs: Vec<f32>,
    targets: Targets,
}

impl Table {
    /// The names of the input's columns, in order; their numbers where the table had no header.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What the label column called the classes, by their numbers; empty where targets are values.
    pub fn classes(&self) -> &[String] {
        self.targets.names()
    }
}

impl Dataset for Table {
    fn len(&self) -> usize {
        self.inputs.len() / self.columns.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn target_kind(&self) -> TargetKind {
        self.targets.kind()
    }

    fn class_names(&self) -> &[String] {
        self.classes()
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        let size = self.columns.len();
        x.copy_from_slice(&self.inputs[index * size..][..size]);
        Ok(())
    }

    fn in_memory(&self) -> bool {
        true
    }

    fn target(&self, index: usize) -> Target<'_> {
        self.targets.get(index)
    }
}
