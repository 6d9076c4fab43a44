//! `data-fetch.sh` against mirrors of every kind, served from this process: no public network, and
//! stand-ins for MNIST's files.

mod mirror;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mirror::{FILES, Server, gzip};
use tempfile::TempDir;

/// A server and a place to fetch into.
struct Bench {
    dir: TempDir,
    server: Server,
    /// Where the script finds its tools, if not where all do.
    path: Option<PathBuf>,
}

impl Bench {
    /// `None`, saying so, on a machine that cannot run the script.
    fn new() -> Option<Bench> {
        if which("bash").is_none() || which("curl").or(which("wget")).is_none() {
            println!("skipped: bash, or curl and wget, are missing");
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let sums = FILES.map(|(name, _, sha256)| format!("{sha256}  {name}\n")).concat();
        fs::write(dir.path().join("sums"), sums).unwrap();
        Some(Bench { dir, server: Server::start(), path: None })
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Runs the script, and returns its exit code and all that it said.
    fn run(&self, mirrors: &str) -> (Option<i32>, String) {
        let mut command = Command::new("bash");
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("data-fetch.sh"))
            .arg(self.data())
            .env("MNIST_MIRROR", mirrors)
            .env("MNIST_MIRROR_ONLY", "1")
            .env("MNIST_SHA256SUMS", self.dir.path().join("sums"))
            .env("no_proxy", "127.0.0.1")
            .env("LC_ALL", "C");
        if let Some(path) = &self.path {
            command.env("PATH", path);
        }
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }

    /// All names in the directory, hidden ones too.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.data()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn assert_fetches(&self, mirrors: &str) {
        let (code, said) = self.run(mirrors);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(self.names(), FILES.map(|file| file.0), "{said}");
    }

    fn assert_refuses(&self, mirror: &str, reason: &str) {
        let (code, said) = self.run(mirror);
        assert_eq!(code, Some(1), "{said}");
        for (name, _, _) in FILES {
            assert!(said.contains(&format!("{name}: no mirror gave it\n  {mirror}: ")), "{said}");
        }
        assert!(said.contains(reason), "{reason}: {said}");
        assert_eq!(self.names(), [""; 0], "{mirror} left something");
    }
}

/// Where a command is, if it is anywhere.
fn which(command: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|dir| dir.join(command))
        .find(|path| path.is_file())
}

#[test]
fn fetches_and_then_has_nothing_to_do() {
    let Some(bench) = Bench::new() else { return };
    let mirror = bench.server.mirror("good");
    bench.assert_fetches(&mirror);
    assert_eq!(fs::read(bench.data().join("images.gz")).unwrap(), gzip(FILES[0].1, 6));
    assert_eq!(bench.server.requests(), 2);

    let (code, said) = bench.run(&mirror);
    assert_eq!(code, Some(0));
    assert!(said.contains("nothing to do"), "{said}");
    assert_eq!(bench.server.requests(), 2);
}

#[test]
fn refuses_what_is_not_whole_and_right() {
    let Some(bench) = Bench::new() else { return };
    for (mirror, reason) in [
        ("truncated", "not a whole gzip file"),
        ("cut", ""), // the downloader's own words
        ("damaged", "not a whole gzip file"),
        ("page", "not a whole gzip file"),
        ("other", &format!("wrong checksum: expected {}, got ", FILES[0].2)),
        ("absent", "404"),
    ] {
        bench.assert_refuses(&bench.server.mirror(mirror), reason);
    }
}

#[test]
fn goes_on_to_the_next_mirror_and_accepts_other_compression() {
    let Some(bench) = Bench::new() else { return };
    let mirrors = ["damaged", "absent", "stored"].map(|name| bench.server.mirror(name));
    bench.assert_fetches(&mirrors.join(" "));
}

#[test]
fn replaces_a_file_that_is_wrong() {
    let Some(bench) = Bench::new() else { return };
    fs::create_dir(bench.data()).unwrap();
    fs::write(bench.data().join("labels.gz"), gzip("else", 6)).unwrap();
    bench.assert_fetches(&bench.server.mirror("good/"));
    assert_eq!(fs::read(bench.data().join("labels.gz")).unwrap(), gzip(FILES[1].1, 6));
}

#[test]
fn copies_from_a_directory() {
    let Some(bench) = Bench::new() else { return };
    let mirror = format!("file://{}", bench.dir.path().display());
    bench.assert_refuses(&mirror, "No such file");
    for (name, content, _) in FILES {
        fs::write(bench.dir.path().join(name), gzip(content, 9)).unwrap();
    }
    bench.assert_fetches(&format!("{mirror}/"));
}

#[test]
#[cfg(unix)]
fn wget_does_without_curl() {
    let Some(mut bench) = Bench::new() else {
        return;
    };
    let tools = bench.dir.path().join("tools");
    fs::create_dir(&tools).unwrap();
    let needed = "bash cat dirname gzip head mkdir mv rm sha256sum shasum wc wget";
    for tool in needed.split(' ') {
        if let Some(path) = which(tool) {
            std::os::unix::fs::symlink(path, tools.join(tool)).unwrap();
        } else if tool == "wget" {
            return println!("skipped: wget is missing");
        }
    }
    bench.path = Some(tools);
    bench.assert_refuses(&bench.server.mirror("absent"), "404");
    bench.assert_refuses(&bench.server.mirror("truncated"), "not a whole gzip file");
    bench.assert_fetches(&bench.server.mirror("good"));
}

/// Writes the table of checksums with other lines in it.
fn sums(bench: &Bench, lines: &str) {
    let good = FILES.map(|(name, _, sha256)| format!("{sha256}  {name}\n")).concat();
    fs::write(bench.dir.path().join("sums"), format!("{lines}{good}")).unwrap();
}

#[test]
fn comments_and_blank_lines_are_no_files_and_paths_are_no_names() {
    let Some(bench) = Bench::new() else { return };
    sums(&bench, "# MNIST\n\n  \n");
    bench.assert_fetches(&bench.server.mirror("good"));
    for name in ["..", "../out.gz", "-o", ".hidden", "a/b"] {
        let Some(bench) = Bench::new() else { return };
        sums(&bench, &format!("{}  {name}\n", FILES[0].2));
        let (code, said) = bench.run(&bench.server.mirror("good"));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("no line of SHA-256, name") && said.contains(name), "{said}");
        assert!(!bench.data().exists() && !bench.dir.path().join("out.gz").exists());
    }
}

#[test]
fn what_stands_in_the_place_and_is_no_file_is_left_alone() {
    let Some(bench) = Bench::new() else { return };
    fs::create_dir_all(bench.data().join("images.gz")).unwrap();
    let pipe = bench.data().join("labels.gz");
    if !Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        fs::create_dir(pipe).unwrap();
    }
    let (code, said) = bench.run(&bench.server.mirror("good"));
    assert_eq!(code, Some(1), "{said}");
    for (name, _, _) in FILES {
        assert!(said.contains(&format!("{name} is there, but is no file; move it away")), "{said}");
    }
    assert!(fs::read_dir(bench.data().join("images.gz")).unwrap().next().is_none());
    assert_eq!(bench.names(), FILES.map(|file| file.0));
}

#[cfg(unix)]
#[test]
fn a_mirror_without_end_is_cut_off() {
    let Some(bench) = Bench::new() else { return };
    let mirror = bench.dir.path().join("mirror");
    fs::create_dir(&mirror).unwrap();
    for (name, _, _) in FILES {
        std::os::unix::fs::symlink("/dev/zero", mirror.join(name)).unwrap();
    }
    bench.assert_refuses(
        &format!("file://{}", mirror.display()),
        "it sends more than 67108863 bytes",
    );
}
