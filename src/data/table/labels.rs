//! Text as numbers of classes.

use std::collections::HashMap;

/// The labels of a column as they come.
pub(super) struct LabelColumn {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
    rows: Vec<usize>,
    /// Whether the names were given, and with them their order.
    given: bool,
}

impl LabelColumn {
    pub fn new(names: Option<&[String]>) -> Self {
        let numbers =
            names.unwrap_or_default().iter().cloned().enumerate().map(|(n, name)| (name, n));
        LabelColumn {
            numbers: numbers.collect(),
            names: names.unwrap_or_default().to_vec(),
            rows: Vec::new(),
            given: names.is_some(),
        }
    }

    /// The next row's, or what it might have been.
    pub fn push(&mut self, label: &str) -> Result<(), String> {
        let number = match self.numbers.get(label) {
            _ if label.is_empty() => return Err("a label".into()),
            Some(&number) => number,
            None if self.given => return Err(format!("one of the classes {:?}", self.names)),
            None => {
                self.names.push(label.to_string());
                self.numbers.insert(label.to_string(), self.names.len() - 1);
                self.names.len() - 1
            }
        };
        self.rows.push(number);
        Ok(())
    }

    /// The names of the classes and the class of each row. Unless they were given, the classes are
    /// in the order of numbers where all are whole numbers, and else of the alphabet.
    pub fn finish(self) -> (Vec<String>, Vec<usize>) {
        let LabelColumn { names, rows, given, .. } = self;
        if given {
            return (names, rows);
        }
        let mut order: Vec<usize> = (0..names.len()).collect();
        let whole: Option<Vec<i64>> = names.iter().map(|name| name.parse().ok()).collect();
        match whole {
            Some(whole) => order.sort_by_key(|&n| (whole[n], &names[n])),
            None => order.sort_by_key(|&n| &names[n]),
        }
        let mut rank = vec![0; names.len()];
        for (place, &number) in order.iter().enumerate() {
            rank[number] = place;
        }
        let rows = rows.into_iter().map(|number| rank[number]).collect();
        (order.into_iter().map(|number| names[number].clone()).collect(), rows)
    }
}
