//! The ground plan of `src/`: modules on floors, short files, and a first line that says what each is.

mod imports;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use imports::{Imports, knots};

/// Largest number of lines of a file.
const LONGEST: usize = 300;

/// The modules that may import each other: a run holds its callbacks, and callbacks look at the run.
const ALLOWED: [&[&str]; 1] = [&["trainer", "trainer::callbacks"]];

/// All Rust files below a folder, in order.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The imports between the files of the library, without its tests and the prelude.
fn imports() -> Imports {
    let src = root().join("src");
    let sources = rust_files(&src).into_iter().filter_map(|path| {
        let inside = path.strip_prefix(&src).unwrap();
        let mut module: Vec<String> =
            inside.with_extension("").iter().map(|part| part.to_str().unwrap().into()).collect();
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        let skipped = ["tests", "lib", "prelude"];
        let skip = module.iter().any(|part| skipped.contains(&part.as_str()));
        (!skip).then(|| (module, fs::read_to_string(&path).unwrap()))
    });
    Imports::of(sources.collect())
}

/// Fails where modules import each other, directly or in a circle, and are not allowed to.
#[track_caller]
fn only_allowed_knots(imports: &Imports) {
    let is_allowed = |knot: &BTreeSet<String>| {
        let names: BTreeSet<&str> = knot.iter().map(String::as_str).collect();
        ALLOWED.iter().any(|allowed| names == allowed.iter().copied().collect())
    };
    let others = knots(imports).into_iter().filter(|knot| !is_allowed(knot));
    let others: Vec<String> = others.map(|knot| imports.between(&knot)).collect();
    assert!(others.is_empty(), "these import each other:{}", others.join("\n"));
}

#[test]
fn files_import_only_from_lower_floors() {
    only_allowed_knots(&imports());
}

#[test]
fn top_level_modules_import_only_from_lower_floors() {
    let knots = knots(&imports().by_top_level());
    assert!(knots.is_empty(), "these import each other: {knots:?}");
}

#[test]
fn files_are_short_and_say_what_they_are() {
    for folder in ["src", "examples", "benches", "tests"] {
        for file in rust_files(&root().join(folder)) {
            if file.iter().any(|part| part == "target") {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            let lines = text.lines().count();
            assert!(lines <= LONGEST, "{} has {lines} lines, more than {LONGEST}", file.display());
            let first = text.lines().next().unwrap_or_default();
            assert!(first.starts_with("//! "), "{} begins with {first:?}", file.display());
        }
    }
}

/// The table of odd inputs names the test that shows each row.
#[test]
fn every_test_that_the_table_names_is_there() {
    let table = fs::read_to_string(root().join("tests/README.md")).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| "));
    let named = rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit('|').next());
    let names = named.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let names: BTreeSet<&str> = names.collect();
    let sources = ["tests", "src"].map(|folder| rust_files(&root().join(folder))).concat();
    let sources: String = sources.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let is_missing = |name: &&&str| !sources.contains(&format!("fn {name}()"));
    let missing: Vec<_> = names.iter().filter(is_missing).collect();
    assert!(names.len() > 20 && missing.is_empty(), "{missing:?}");
}
