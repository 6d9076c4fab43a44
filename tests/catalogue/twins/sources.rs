//! The twins as they are written: short functions with their formulas, each forward one with a
//! backward one, and read by no code of the library.

use std::fs;
use std::path::{Path, PathBuf};

use crate::complete::docs;
use crate::registry;

/// Largest number of lines of a function.
const LONGEST: usize = 40;

/// Public functions that are steps of other functions, without a backward function of their own.
const STEPS: [&str; 5] =
    ["batch_moments", "batch_norm_fixed_backward", "dropout_mask", "follow_batch", "smooth"];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The Rust files of a folder and of the folders in it, with their text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
    files
}

/// A public function of the twins, the lines of its documentation, and its own.
struct Function {
    name: String,
    docs: Vec<String>,
    lines: usize,
}

fn functions() -> Vec<Function> {
    let mut functions = Vec::new();
    for (_, text) in sources(&src().join("reference")) {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(rest) = line.strip_prefix("pub fn ") else { continue };
            let name = rest.split(['(', '<']).next().unwrap().to_string();
            let docs = lines[..at].iter().rev().take_while(|line| line.starts_with("///"));
            let docs: Vec<String> = docs.map(|line| line.to_string()).collect();
            let end = lines[at..].iter().position(|line| *line == "}").unwrap();
            functions.push(Function { name, docs, lines: end + 1 });
        }
    }
    functions
}

#[test]
fn twins_are_short_and_have_their_formulas_above() {
    let functions = functions();
    assert!(functions.len() > 70, "only {} functions were found", functions.len());
    for Function { name, docs, lines } in functions {
        assert!(lines <= LONGEST, "{name} has {lines} lines, more than {LONGEST}");
        assert!(docs.iter().any(|line| line == "/// ```text"), "{name} has no formula");
    }
}

#[test]
fn every_page_links_to_a_twin_that_exists() {
    let names: Vec<String> = functions().into_iter().map(|function| function.name).collect();
    let layers =
        registry::layers().into_iter().map(|entry| (entry.name, &["layers", "sequential"][..]));
    let losses = registry::losses().into_iter().map(|entry| (entry.name, &["loss"][..]));
    for (item, modules) in layers.chain(losses) {
        let docs = docs(modules, item);
        let at = docs.find("- **Plain twin**: ").unwrap_or_else(|| panic!("{item}: no twin"));
        let line = docs[at..].split("\n - **").next().unwrap();
        let links: Vec<&str> = line.split("(crate::reference::").skip(1).collect();
        assert!(!links.is_empty(), "{item}: no link to its twin in {line:?}");
        for link in links {
            let twin = link.split(['(', ')']).next().unwrap();
            assert!(names.iter().any(|name| name == twin), "{item}: no function reference::{twin}");
        }
    }
}

#[test]
fn every_forward_function_has_a_backward_function() {
    let names: Vec<String> = functions().into_iter().map(|function| function.name).collect();
    let forward = |name: &&String| !name.ends_with("_backward") && !STEPS.contains(&name.as_str());
    for name in names.iter().filter(forward) {
        assert!(names.contains(&format!("{name}_backward")), "no backward function of {name}");
    }
    for name in names.iter().filter_map(|name| name.strip_suffix("_backward")) {
        let known = names.iter().any(|other| other == name) || name == "batch_norm_fixed";
        assert!(known, "no forward function of {name}_backward");
    }
}

/// matrixmultiply, behind ndarray's products, computes twins and nothing else.
#[test]
fn the_fast_layers_use_neither_twins_nor_products_of_ndarray() {
    let reference = src().join("reference");
    for (path, text) in sources(&src()) {
        let in_tests = path.components().any(|part| part.as_os_str() == "tests");
        if path.starts_with(&reference) || in_tests {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap();
            for used in ["general_mat_mul", ".dot(", "reference::"] {
                let place = format!("{}:{}", path.display(), number + 1);
                assert!(!code.contains(used), "{place} uses {used}");
            }
        }
    }
}
