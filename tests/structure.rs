//! The ground plan of `src/`: modules on floors, short files, and a first line that says what each is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Largest number of lines of a file.
const LONGEST: usize = 300;

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

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The code of a file: without comments, and without its tests at the end.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_string();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The top-level module that a file belongs to: `layers` for `src/layers/dense.rs`.
fn module_of(path: &Path) -> String {
    let first = path.strip_prefix(src()).unwrap().components().next().unwrap();
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_string()
}

/// The top-level modules that some code names: `data` and `error` for `use crate::data::Dataset;
/// use crate::{error::Result};`.
fn modules_named(code: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (at, root) in code.match_indices("crate::") {
        let rest = &code[at + root.len()..];
        let paths: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => list.split(';').next().unwrap().split([',', '{']).collect(),
            None => vec![rest],
        };
        for path in paths {
            let name = |c: char| !(c.is_alphanumeric() || c == '_');
            let first = path.trim_start().split(name).next().unwrap();
            if modules.contains(first) {
                named.insert(first.to_string());
            }
        }
    }
    named
}

/// Every top-level module with those that it imports, `lib` and the prelude left out.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let files = rust_files(&src());
    let modules: BTreeSet<String> = files.iter().map(|file| module_of(file)).collect();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.ends_with("tests.rs")) {
        if file.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let module = module_of(file);
        let mut named = modules_named(&code(file), &modules);
        named.remove(&module);
        imports.entry(module).or_default().extend(named);
    }
    imports.remove("lib");
    imports.remove("prelude");
    imports
}

/// The modules that remain after those without imports are taken away, over and over: the knots,
/// and what is above them. Sorted into floors on the way.
fn floors(
    mut imports: BTreeMap<String, BTreeSet<String>>,
) -> (Vec<Vec<String>>, BTreeMap<String, BTreeSet<String>>) {
    let mut floors = Vec::new();
    loop {
        let free = imports.iter().filter(|(_, needed)| needed.is_empty());
        let free: Vec<String> = free.map(|(module, _)| module.clone()).collect();
        if free.is_empty() {
            return (floors, imports);
        }
        imports.retain(|module, _| !free.contains(module));
        imports.values_mut().for_each(|needed| needed.retain(|name| !free.contains(name)));
        floors.push(free);
    }
}

#[test]
fn modules_import_only_from_lower_floors() {
    let (floors, knots) = floors(imports());
    assert!(
        knots.is_empty(),
        "modules that import each other: {knots:#?}\nbelow them: {floors:#?}"
    );
    for (number, modules) in floors.iter().enumerate() {
        println!("floor {number}: {}", modules.join(", "));
    }
}

#[test]
fn a_knot_is_noticed() {
    let pairs = [("a", vec![]), ("b", vec!["a", "c"]), ("c", vec!["b"]), ("d", vec!["a"])];
    let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
    let imports = pairs.iter().map(|(name, needed)| (name.to_string(), names(needed))).collect();
    let (floors, knots) = floors(imports);
    assert_eq!(floors, [vec!["a"], vec!["d"]]);
    assert_eq!(knots.keys().collect::<Vec<_>>(), ["b", "c"]);

    let modules = ["data", "error", "loss"].map(String::from).into();
    let named =
        modules_named("use crate::{data::Target, error::Error}; crate::loss::f()", &modules);
    assert_eq!(named.into_iter().collect::<Vec<_>>(), ["data", "error", "loss"]);
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "examples", "benches", "tests"] {
        for file in rust_files(&root.join(folder)) {
            if file.components().any(|part| part.as_os_str() == "target") {
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
