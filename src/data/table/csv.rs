//! Reading tables of text: comma-separated values.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use ::csv::{ReaderBuilder, Trim};

use super::columns::Columns;
use super::{Column, Table, quotes};
use crate::error::{Result, TableError};
use crate::shape::{self, checked_len};

/// How to read a table: which column is the target, and what the others mean.
///
/// Unless told otherwise, the first line is a header, fields are separated by commas, and every
/// column that is not the target is a number of the input. Spaces around fields do not count.
///
/// ```
/// use chainrule::data::Csv;
///
/// let csv = Csv::new().delimiter(b';').targets(["price"]);
/// let houses = csv.from_reader("area;rooms;price\n120;4;3.5e5\n".as_bytes(), "houses")?;
/// assert_eq!(houses.columns(), ["area", "rooms"]);
///
/// // Digits as some sites have them: a label, and pixels from 0 to 255.
/// let csv = Csv::new().header(false).label(0).shape([2, 2, 1]).scale(1.0 / 255.0);
/// let digits = csv.from_reader("7,0,255,51,0\n3,255,255,0,0\n".as_bytes(), "digits")?;
/// assert_eq!(digits.classes(), ["3", "7"]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Csv {
    pub(super) header: bool,
    delimiter: u8,
    columns: Option<Vec<Column>>,
    pub(super) target: Option<Wanted>,
    pub(super) classes: Option<Vec<String>>,
    pub(super) shape: Option<Vec<usize>>,
    pub(super) scale: f32,
}

#[derive(Debug, Clone)]
pub(super) enum Wanted {
    Label(Column),
    Values(Vec<Column>),
}

impl Default for Csv {
    fn default() -> Self {
        Csv::new()
    }
}

impl Csv {
    /// With a header and commas; the target is still to be named.
    pub fn new() -> Self {
        Csv {
            header: true,
            delimiter: b',',
            columns: None,
            target: None,
            classes: None,
            shape: None,
            scale: 1.0,
        }
    }

    /// Whether the first line names the columns. A first line whose input fields are all numbers is
    /// refused as a header, unless a column is looked up by a name in it.
    #[must_use]
    pub fn header(self, header: bool) -> Self {
        Csv { header, ..self }
    }

    /// The byte between fields: `b';'`, `b'\t'`.
    #[must_use]
    pub fn delimiter(self, delimiter: u8) -> Self {
        Csv { delimiter, ..self }
    }

    /// The column, by name or by number from 0, that holds each row's class, as any text. Classes
    /// are numbered in the order of their names: of numbers where all are numbers (and then `1`, `01`
    /// and `1.0` are one class), and else of the alphabet.
    #[must_use]
    pub fn label(self, column: impl Into<Column>) -> Self {
        Csv { target: Some(Wanted::Label(column.into())), ..self }
    }

    /// The names of the classes in the order of their numbers, such as [`Table::classes`] of the
    /// table that a model learned from: the rows of another file need not have every class.
    #[must_use]
    pub fn classes<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        Csv { classes: Some(names.into_iter().map(Into::into).collect()), ..self }
    }

    /// The columns that hold numbers to be regressed, in place of a label.
    #[must_use]
    pub fn targets<C: Into<Column>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Csv { target: Some(Wanted::Values(columns)), ..self }
    }

    /// The columns of the input, in this order, where it is not all but the target's.
    #[must_use]
    pub fn columns<C: Into<Column>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        Csv { columns: Some(columns.into_iter().map(Into::into).collect()), ..self }
    }

    /// The shape of one input, such as 28×28×1, into which the columns go in row-major order.
    #[must_use]
    pub fn shape(self, shape: impl Into<Vec<usize>>) -> Self {
        Csv { shape: Some(shape.into()), ..self }
    }

    /// Multiplies every number of the input: 1/255 brings bytes to 0..1.
    #[must_use]
    pub fn scale(self, scale: f32) -> Self {
        Csv { scale, ..self }
    }

    /// Reads a file into memory.
    ///
    /// # Errors
    ///
    /// [`TableError`], naming the file, the line and the column: where a cell is not a finite number
    /// or a row has another number of fields than the first, where columns are wanted that are not
    /// there, and where the table has no row, or one class only. And for settings without meaning.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Table> {
        let path = path.as_ref();
        let file =
            File::open(path).map_err(|source| TableError::Io { path: path.into(), source })?;
        self.from_reader(file, path)
    }

    /// As [`read`](Csv::read), from bytes wherever they come from; errors call them `name`.
    ///
    /// # Errors
    ///
    /// As [`read`](Csv::read).
    pub fn from_reader(&self, mut reader: impl Read, name: impl AsRef<Path>) -> Result<Table> {
        self.check()?;
        let path = name.as_ref();
        let mut text = Vec::new();
        let read = reader.read_to_end(&mut text);
        read.map_err(|source| TableError::Io { path: path.into(), source })?;
        quotes::check(&text, self.delimiter).map_err(|quotes::BadQuote { line, reason }| {
            TableError::Row { path: path.into(), line, reason }
        })?;
        let mut rows = ReaderBuilder::new()
            .has_headers(self.header)
            .delimiter(self.delimiter)
            .trim(Trim::All)
            .from_reader(&text[..]);
        Ok(self.table(&mut rows, path)?)
    }

    fn check(&self) -> Result<(), TableError> {
        let refused =
            |setting, came: String, wanted| Err(TableError::Setting { setting, came, wanted });
        if !(self.scale.is_finite() && self.scale != 0.0) {
            return refused("the table's scale", self.scale.to_string(), "finite, and not 0");
        }
        let classes = self.classes.as_deref().unwrap_or_default();
        let different: BTreeSet<&String> = classes.iter().collect();
        if self.classes.is_some() && (different.is_empty() || different.len() < classes.len()) {
            let setting = "the list of the table's classes";
            return refused(setting, format!("{classes:?}"), "of one class or more, each once");
        }
        if matches!(self.delimiter, b'"' | b'\n' | b'\r') {
            let came = format!("{:?}", char::from(self.delimiter));
            return refused(
                "the table's delimiter",
                came,
                "a byte that no quote or line ends with",
            );
        }
        Ok(())
    }

    /// Returns `true` if a column is looked up by its name, which only a header can have.
    pub(super) fn names_a_column(&self) -> bool {
        let target = match &self.target {
            Some(Wanted::Label(column)) => std::slice::from_ref(column),
            Some(Wanted::Values(columns)) => columns,
            None => &[],
        };
        let all = target.iter().chain(self.columns.iter().flatten());
        { all }.any(|column| matches!(column, Column::Name(_)))
    }

    /// The numbers of the columns of the input and of the target, or what is wrong with them.
    pub(super) fn choose(&self, columns: &Columns) -> Result<(Vec<usize>, Vec<usize>), String> {
        let targets = match &self.target {
            Some(Wanted::Label(column)) => columns.find([column])?,
            Some(Wanted::Values(wanted)) => columns.find(wanted)?,
            None => Vec::new(),
        };
        if targets.is_empty() {
            return Err("which column is the target? Name it with `label` or `targets`".into());
        }
        let features = match &self.columns {
            Some(wanted) => columns.find(wanted)?,
            None => (0..columns.len()).filter(|number| !targets.contains(number)).collect(),
        };
        if let Some(&both) = features.iter().find(|number| targets.contains(number)) {
            let column = columns.quoted(both);
            return Err(format!("column {column} is the target, and cannot be input as well"));
        }
        if features.is_empty() {
            return Err(
                "no column is left for the input: there must be one beside the target".into()
            );
        }
        match &self.shape {
            Some(wanted) if checked_len(wanted) != Some(features.len()) => Err(format!(
                "the {} columns of the input do not make a shape of {}: change `shape` or `columns`",
                features.len(),
                shape::label(wanted)
            )),
            _ => Ok((features, targets)),
        }
    }
}
