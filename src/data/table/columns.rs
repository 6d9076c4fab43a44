//! Which column of a table is which.

use std::fmt;

/// A column, by its name in the header or by its number from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// What the header calls it.
    Name(String),
    /// Its place, the first being 0.
    Number(usize),
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Column::Name(name.into())
    }
}

impl From<String> for Column {
    fn from(name: String) -> Self {
        Column::Name(name)
    }
}

impl From<usize> for Column {
    fn from(number: usize) -> Self {
        Column::Number(number)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Column::Name(name) => write!(f, "`{name}`"),
            Column::Number(number) => write!(f, "{number}"),
        }
    }
}

/// All columns of a file.
pub(super) struct Columns {
    /// Empty fields where there is no header.
    names: Vec<String>,
    has_header: bool,
}

impl Columns {
    pub fn new(fields: impl Iterator<Item = String>, has_header: bool) -> Self {
        Columns { names: fields.collect(), has_header }
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The name of a column, or its number where there is no header.
    pub fn name(&self, number: usize) -> String {
        if self.has_header { self.names[number].clone() } else { number.to_string() }
    }

    /// A column as errors call it.
    pub fn quoted(&self, number: usize) -> String {
        if self.has_header { format!("`{}`", self.names[number]) } else { number.to_string() }
    }

    /// The numbers of these columns, or why there are none.
    pub fn find<'a>(
        &self,
        wanted: impl IntoIterator<Item = &'a Column>,
    ) -> Result<Vec<usize>, String> {
        wanted.into_iter().map(|column| self.find_one(column)).collect()
    }

    fn find_one(&self, column: &Column) -> Result<usize, String> {
        let name = match column {
            Column::Number(number) if *number < self.len() => return Ok(*number),
            Column::Number(_) => return Err(self.missing(column)),
            Column::Name(_) if !self.has_header => {
                let last = self.len().saturating_sub(1);
                let reason = format!("there is no header that could name a column {column}");
                return Err(format!("{reason}: give its number, from 0 to {last}"));
            }
            Column::Name(name) => name,
        };
        let mut places = (0..self.len()).filter(|&number| self.names[number] == *name);
        match (places.next(), places.next()) {
            (Some(first), None) => Ok(first),
            (Some(first), Some(second)) => {
                Err(format!("columns {first} and {second} are both called {column}: give a number"))
            }
            (None, _) => Err(self.missing(column)),
        }
    }

    fn missing(&self, column: &Column) -> String {
        const SHOWN: usize = 20;
        let known: Vec<String> = (0..self.len().min(SHOWN)).map(|n| self.quoted(n)).collect();
        let more = match self.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("there is no column {column}: there are {}{more}", known.join(", "))
    }
}
