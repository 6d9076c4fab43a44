//! Passes its optimization level to the library: `ProgressBar` prints a note if the level is 0.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    println!("cargo::rustc-env=CHAINRULE_OPT_LEVEL={level}");
}
