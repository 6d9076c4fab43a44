//! From rows of text to rows of numbers.

use std::io::Read;
use std::path::Path;

use ::csv::{ErrorKind, Reader, StringRecord};

use super::Table;
use super::columns::Columns;
use super::csv::{Csv, Wanted};
use super::labels::LabelColumn;
use crate::data::targets::Targets;
use crate::error::TableError;

impl Csv {
    /// The table that these rows make, as they are told to be read.
    pub(super) fn table<R: Read>(
        &self,
        rows: &mut Reader<R>,
        path: &Path,
    ) -> Result<Table, TableError> {
        let fields = rows.headers().map_err(|error| broken(error, path))?.iter();
        let columns = Columns::new(fields.map(String::from), self.header);
        if columns.len() == 0 {
            return Err(TableError::Empty { path: path.into() });
        }
        let refused = |reason: String| TableError::Columns { path: path.into(), reason };
        let (features, targets) = self.choose(&columns).map_err(refused)?;
        if self.header && !self.names_a_column() {
            check_header(&columns, &features).map_err(refused)?;
        }
        let mut inputs = Vec::new();
        let mut values = Vec::new();
        let mut labels = LabelColumn::new(self.classes.as_deref());
        let mut row = StringRecord::new();
        while rows.read_record(&mut row).map_err(|error| broken(error, path))? {
            let cell = |column: usize, wanted: String| TableError::Cell {
                path: path.into(),
                line: row.position().map_or(0, ::csv::Position::line),
                column: columns.quoted(column),
                wanted,
                found: row[column].to_string(),
            };
            let number = |column: usize, scale: f32| match row[column].parse::<f32>() {
                Ok(value) if (value * scale).is_finite() => Ok(value * scale),
                _ => Err(cell(column, "a finite number".into())),
            };
            for &column in &features {
                inputs.push(number(column, self.scale)?);
            }
            match &self.target {
                Some(Wanted::Label(_)) => {
                    let column = targets[0];
                    if row[column].contains(['\n', '\r']) {
                        return Err(cell(column, "a label on one line".into()));
                    }
                    labels.push(&row[column]).map_err(|wanted| cell(column, wanted))?;
                }
                _ => {
                    for &column in &targets {
                        values.push(number(column, 1.0)?);
                    }
                }
            }
        }
        if inputs.is_empty() {
            return Err(TableError::Empty { path: path.into() });
        }
        let targets = match &self.target {
            Some(Wanted::Label(_)) => {
                let (names, numbers) = labels.finish();
                if let [only] = &names[..] {
                    let fix = "if the model knows more, give all to `classes`";
                    return Err(refused(format!("every row is of the one class `{only}`: {fix}")));
                }
                Targets::Classes { classes: names.len(), names, numbers }
            }
            _ => Targets::Values { each: targets.len(), values },
        };
        let names: Vec<String> = features.iter().map(|&number| columns.name(number)).collect();
        let shape = self.shape.clone().unwrap_or_else(|| vec![names.len()]);
        Ok(Table { columns: names, shape, inputs, targets })
    }
}

/// Refuses a header that is a row of numbers: taken for names, the first sample would be lost.
fn check_header(columns: &Columns, features: &[usize]) -> Result<(), String> {
    let mut names = features.iter().map(|&number| columns.name(number));
    if !names.all(|name| name.parse::<f32>().is_ok()) {
        return Ok(());
    }
    let shown: Vec<String> = features.iter().take(3).map(|&n| columns.quoted(n)).collect();
    Err(format!(
        "the first row, {}{}, is numbers and no header: say `header(false)`; if it is a header, name \
         the target by its name in it",
        shown.join(", "),
        if features.len() > shown.len() { ", …" } else { "" },
    ))
}

/// Text that is no table.
fn broken(error: ::csv::Error, path: &Path) -> TableError {
    let path = path.into();
    let line = error.position().map_or(0, ::csv::Position::line);
    match error.into_kind() {
        ErrorKind::Io(source) => TableError::Io { path, source },
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let reason =
                format!("expected {expected_len} fields, as in the first row, but found {len}");
            TableError::Row { path, line, reason }
        }
        ErrorKind::Utf8 { .. } => {
            let reason = "expected text in UTF-8; convert the file".into();
            TableError::Row { path, line, reason }
        }
        other => TableError::Row { path, line, reason: format!("{other:?}") },
    }
}
