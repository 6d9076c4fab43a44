//! Photographs and scans of pages, if they are in `../shared`: digits where there are any, and none where
//! there are none.

use std::path::{Path, PathBuf};

use chainrule::field::{FieldReader, Reading};
use chainrule::intake::Grey;
use chainrule::prelude::*;

/// Folder of the pages.
fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/pages");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not there", folder.display());
    None
}

fn lines(path: &Path) -> Vec<Reading> {
    let file = ModelFile::digits();
    let reader = FieldReader::new(&file).unwrap();
    reader.read_lines(&Grey::open(path).unwrap()).unwrap()
}

/// Text, a drawing, a dog, and a grid without digits.
#[test]
fn nothing_is_invented() {
    let Some(folder) = folder() else { return };
    let mut count = 0;
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        // Those hold digits.
        if path.ends_with("warped_sudoku.jpg") || path.ends_with("sudoku2.jpg") {
            continue;
        }
        for reading in lines(&path) {
            assert!(reading.reason().is_some(), "{}: {}", path.display(), reading.text());
        }
        count += 1;
    }
    assert!(count >= 8);
}

/// Printed digits in a grid on paper that bends.
#[test]
fn the_digits_of_a_sudoku_are_read() {
    let Some(folder) = folder() else { return };
    let readings = lines(&folder.join("warped_sudoku.jpg"));
    let texts: Vec<String> = readings.iter().map(Reading::text).collect();
    let rows = ["647", "769", "58", "7293", "85", "4317", "52", "328", "231"];
    let found = rows.iter().filter(|row| texts.iter().any(|text| text == *row)).count();
    // Six of them; of the first two, which the paper bends most, one digit is taken for the other's.
    assert!(found >= 5, "{texts:?}");
    // No wall that is left over is read as a one.
    let read = readings.iter().filter(|reading| reading.reason().is_none());
    assert!(
        read.into_iter().all(|reading| !reading.text().trim_matches('1').is_empty()),
        "{texts:?}"
    );
}
