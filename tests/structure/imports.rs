//! Who imports whom, read from the source: `use` declarations, and paths that begin with `crate` or
//! `super`.

use std::collections::{BTreeMap, BTreeSet};

/// For each module, by its path such as `layers::dense`, those that it imports, and by which paths.
pub struct Imports(BTreeMap<String, BTreeMap<String, BTreeSet<String>>>);

impl Imports {
    /// Of these modules, each given by its path and its source.
    pub fn of(sources: Vec<(Vec<String>, String)>) -> Self {
        let modules: BTreeSet<Vec<String>> = sources.iter().map(|(path, _)| path.clone()).collect();
        let mut imports = Imports(BTreeMap::new());
        for (module, source) in &sources {
            let own = imports.0.entry(module.join("::")).or_default();
            for path in paths(source, module, &modules) {
                let home = (1..=path.len()).rev().find(|&n| modules.contains(&path[..n]));
                let Some(home) = home.map(|n| path[..n].join("::")) else { continue };
                if home != module.join("::") {
                    own.entry(home).or_default().insert(path.join("::"));
                }
            }
        }
        imports
    }

    /// The imports between the modules that `lib.rs` declares.
    pub fn by_top_level(&self) -> Self {
        let home = |module: &str| module.split("::").next().unwrap().to_string();
        let mut merged = Imports(BTreeMap::new());
        for (module, imported) in &self.0 {
            let own = merged.0.entry(home(module)).or_default();
            for (other, paths) in imported {
                if home(other) != home(module) {
                    own.entry(home(other)).or_default().extend(paths.clone());
                }
            }
        }
        merged
    }

    /// The imports within a knot, a line each.
    pub fn between(&self, knot: &BTreeSet<String>) -> String {
        let own = self.0.iter().filter(|(module, _)| knot.contains(*module));
        let lines = own.flat_map(|(module, imported)| {
            let inside = imported.iter().filter(|(other, _)| knot.contains(*other));
            inside.map(move |(other, paths)| format!("\n  {module} -> {other}: {paths:?}"))
        });
        lines.collect()
    }
}

/// The sets of modules that reach each other.
pub fn knots(imports: &Imports) -> BTreeSet<BTreeSet<String>> {
    let reached = |start: &String| {
        let (mut seen, mut ahead) = (BTreeSet::new(), vec![start.clone()]);
        while let Some(module) = ahead.pop() {
            for next in imports.0.get(&module).into_iter().flat_map(BTreeMap::keys) {
                if seen.insert(next.clone()) {
                    ahead.push(next.clone());
                }
            }
        }
        seen
    };
    let all: BTreeMap<&String, BTreeSet<String>> =
        imports.0.keys().map(|module| (module, reached(module))).collect();
    let circles = all.iter().filter(|(module, reached)| reached.contains(**module));
    let knot = |(module, reached): (&&String, &BTreeSet<String>)| {
        let back = |other: &&String| all.get(other).is_some_and(|back| back.contains(*module));
        reached.iter().filter(back).cloned().collect()
    };
    circles.map(knot).collect()
}

/// All paths that the code of a module names, from the crate's root. A `pub use` of a child only hands
/// the child's names on, and is left out; so are comments, and a module of tests at the end.
fn paths(
    source: &str,
    module: &[String],
    modules: &BTreeSet<Vec<String>>,
) -> BTreeSet<Vec<String>> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut written: Vec<Vec<String>> = Vec::new();
    for root in ["crate::", "super::", "\nuse "] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                let start = if root == "\nuse " { at + root.len() } else { at };
                read_tree(&code[start..], &[], &mut written);
            }
        }
    }
    let from_root = |path: Vec<String>| {
        let ups = path.iter().take_while(|part| *part == "super").count();
        match path[0].as_str() {
            "crate" => Some(path[1..].to_vec()),
            "super" => Some([&module[..module.len() - ups], &path[ups..]].concat()),
            "self" => Some([module, &path[1..]].concat()),
            _ => {
                let child = [module, &path[..1]].concat();
                modules.contains(&child).then(|| [module, &path[..]].concat())
            }
        }
    };
    written.into_iter().filter_map(from_root).collect()
}

/// Reads `a::b::{c, d::e}` from the front of some code, and adds each path; returns what follows.
fn read_tree<'a>(code: &'a str, prefix: &[String], paths: &mut Vec<Vec<String>>) -> &'a str {
    let code = code.trim_start();
    if let Some(mut rest) = code.strip_prefix('{') {
        while !rest.trim_start().starts_with('}') && !rest.trim_start().is_empty() {
            rest = read_tree(rest, prefix, paths);
            rest = rest.trim_start().trim_start_matches(',');
        }
        return rest.trim_start().trim_start_matches('}');
    }
    let end = code.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(code.len());
    let path = [prefix, &[code[..end].to_string()]].concat();
    match code[end..].strip_prefix("::") {
        Some(rest) if !rest.starts_with('<') => read_tree(rest, &path, paths),
        _ => {
            paths.push(path);
            // `as another_name`, or the star of `*`.
            let rest = &code[end..];
            match rest.find([',', ';', '}', '\n', '(', ')']) {
                Some(stop) => &rest[stop..],
                None => "",
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(sources: &[(&str, &str)]) -> Imports {
        let path = |module: &str| module.split("::").map(String::from).collect();
        Imports::of(sources.iter().map(|(m, source)| (path(m), source.to_string())).collect())
    }

    #[test]
    fn a_knot_is_noticed_however_it_is_written() {
        let lower = ("data", "\npub struct Data;");
        for a in ["\nuse crate::{data::Data, b::B};", "fn f() -> crate::b::B {}", "\nuse super::b;"]
        {
            let tied = imports(&[lower, ("a", a), ("b", "\nuse crate::{\n    a::A,\n};")]);
            assert_eq!(knots(&tied), [["a", "b"].map(String::from).into()].into(), "{a}");
        }
        let free = imports(&[lower, ("a", "\nuse crate::data::Data;"), ("b", "\nuse crate::a;")]);
        assert!(knots(&free).is_empty());
    }

    #[test]
    fn a_child_may_use_its_parent_if_the_parent_only_hands_its_names_on() {
        let child = ("a::child", "\nuse super::helper;");
        let parent = "\npub use child::Child;\n// crate::a::child";
        assert!(knots(&imports(&[("a", parent), child])).is_empty());
        assert_eq!(knots(&imports(&[("a", "\nuse child::Child;"), child])).len(), 1);
    }

    #[test]
    fn top_level_modules_may_be_tied_where_files_are_not() {
        let files = imports(&[
            ("a::one", "\nuse crate::b::one::B;"),
            ("a::two", ""),
            ("b::one", ""),
            ("b::two", "\nuse crate::a::two::A;"),
        ]);
        assert!(knots(&files).is_empty());
        assert_eq!(knots(&files.by_top_level()).len(), 1);
    }
}
