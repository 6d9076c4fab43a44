//! The page in a real browser, all in one run of Python.

use std::path::Path;
use std::process::Command;

use super::client::Program;

/// Debian's browser, unless `CHAINRULE_CHROMIUM` names another.
const CHROMIUM: &str = "/usr/bin/chromium";

#[test]
fn ten_digits_are_drawn_and_read_in_a_browser() {
    let python = std::env::var("CHAINRULE_PYTHON").unwrap_or("python3".to_string());
    let has = Command::new(&python).args(["-c", "import playwright.sync_api"]).output();
    if !has.is_ok_and(|out| out.status.success()) {
        eprintln!("skipped: {python} has no package `playwright`");
        return;
    }
    let chromium = std::env::var("CHAINRULE_CHROMIUM").unwrap_or(CHROMIUM.to_string());
    if !Path::new(&chromium).exists() {
        eprintln!("skipped: there is no {chromium}; `apt-get install chromium` brings it");
        return;
    }
    let program = Program::start();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/draw/browser.py");
    let address = format!("http://127.0.0.1:{}/", program.port);
    let mut command = Command::new(&python);
    command.arg(script).arg(&address).arg(program.child.id().to_string());
    command.arg(&chromium);
    let out = command.output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    let failed = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{said}\n{failed}");
    println!("{said}");
}
