//! EMNIST's mapping files: the character of each label.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::kind::MnistKind;
use crate::error::DataError;

/// Returns the names of the classes: from the mapping file in the directory, or without one from the
/// paper. A line has a label, then the codes of its characters. The first character is the name.
///
/// ```text
/// 1 65 97         label 1 is A, and a
/// 2 66 98
/// ```
pub(super) fn class_names(dir: &Path, kind: MnistKind) -> Result<Vec<String>, DataError> {
    let known = kind.class_names();
    if !kind.is_emnist() || known.is_empty() {
        return Ok(known);
    }
    let path = dir.join(format!("{}mapping.txt", kind.prefix()));
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(known),
        Err(source) => return Err(DataError::Io { path, source }),
    };
    match parse(&text, kind.first_label(), known.len()) {
        Ok(names) => Ok(names),
        Err(reason) => {
            let reason = format!("{reason}; fetch the file again, or remove it");
            Err(DataError::Mapping { path, reason })
        }
    }
}

/// Reads the characters of labels from `first` on, or returns the fault.
fn parse(text: &str, first: usize, classes: usize) -> Result<Vec<String>, String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let name = |(line, label): (&str, usize)| {
        let fields: Option<Vec<u32>> =
            line.split_whitespace().map(|field| field.parse().ok()).collect();
        match fields.as_deref() {
            Some(&[found, code, ..]) if found as usize == label => {
                let character = char::from_u32(code).filter(|c| c.is_alphanumeric());
                character.map(String::from)
            }
            _ => None,
        }
        .ok_or_else(|| {
            format!("expected label {label} and the code of a character, but found `{line}`")
        })
    };
    let names: Vec<String> = lines.zip(first..).map(name).collect::<Result<_, _>>()?;
    match names.len() {
        found if found == classes => Ok(names),
        found => Err(format!("expected a line for each of {classes} classes, but found {found}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_character_is_the_name() {
        assert_eq!(parse("1 65 97\r\n2 66 98\n\n", 1, 2).unwrap(), ["A", "B"]);
        assert_eq!(parse("0 48\n1 122", 0, 2).unwrap(), ["0", "z"]);
    }

    #[test]
    fn what_is_no_mapping_is_refused() {
        let refusal = |text| parse(text, 0, 2).unwrap_err();
        for text in ["0 48\n2 50", "1 49\n0 48", "0 48\n1", "0 48\n1 x", "0 48\n1 7", "0 48\n1 -1"]
        {
            assert!(refusal(text).contains("expected label "), "{text:?}");
        }
        assert!(refusal("0 4294967295").contains("the code of a character"));
        assert_eq!(refusal("0 48"), "expected a line for each of 2 classes, but found 1");
    }
}
