//! Labels as numbers of classes.

use std::collections::HashMap;

use crate::data::class_names::Number;
use crate::data::class_order::{in_order, numbers};

/// The labels of a column as they come.
pub(super) struct LabelColumn {
    names: Vec<String>,
    indices: HashMap<String, usize>,
    rows: Vec<usize>,
    /// Whether the names were given, and with them their order.
    given: bool,
}

impl LabelColumn {
    pub fn new(names: Option<&[String]>) -> Self {
        let names = names.map(<[String]>::to_vec);
        let given = names.is_some();
        let names = names.unwrap_or_default();
        let indices = names.iter().cloned().enumerate().map(|(index, name)| (name, index));
        LabelColumn { indices: indices.collect(), names, rows: Vec::new(), given }
    }

    /// Adds the label of the next row. An error is a description of the label that was wanted.
    pub fn push(&mut self, label: &str) -> Result<(), String> {
        let index = match self.indices.get(label) {
            _ if label.is_empty() => return Err("a label".into()),
            Some(&index) => index,
            None if self.given => self
                .index_of_number(label)
                .ok_or_else(|| format!("one of the classes {:?}", self.names))?,
            None => {
                self.names.push(label.to_string());
                self.names.len() - 1
            }
        };
        self.indices.entry(label.to_string()).or_insert(index);
        self.rows.push(index);
        Ok(())
    }

    /// The given class that is the same number, where all of them are numbers: `7` for `7.0`.
    fn index_of_number(&self, label: &str) -> Option<usize> {
        let (wanted, given) = (Number::parse(label)?, numbers(self.names.iter().map(|n| &n[..]))?);
        given.iter().position(|&number| number == wanted)
    }

    /// The names of the classes and the class of each row. Unless they were given, the classes are in
    /// the order of numbers where all are numbers, and else of the alphabet. One number is one class,
    /// under its shortest name.
    pub fn finish(self) -> (Vec<String>, Vec<usize>) {
        let LabelColumn { names, rows, given, .. } = self;
        if given {
            return (names, rows);
        }
        let (classes, class_of) = in_order(&names);
        let rows = rows.into_iter().map(|index| class_of[index]).collect();
        (classes, rows)
    }
}
