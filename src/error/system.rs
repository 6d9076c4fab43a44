//! Refusals of the operating system, as sentences with a fix.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;

/// A refusal to read or write a path, as the message of an error.
pub(super) struct Refusal<'a>(pub &'a Path, pub &'a io::Error);

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal(path, source) = self;
        write!(f, "{}: ", path.display())?;
        match source.kind() {
            ErrorKind::NotFound => missing(path, f),
            ErrorKind::IsADirectory => f.write_str("this is a folder: give the path of a file"),
            ErrorKind::NotADirectory => {
                f.write_str("a part of this path is a file and no folder: check the path")
            }
            ErrorKind::PermissionDenied => {
                write!(f, "{source}: change the permissions, or choose another place")
            }
            ErrorKind::StorageFull => write!(f, "{source}: make room, or choose another disk"),
            _ => write!(f, "{source}"),
        }
    }
}

/// Names the folder that was searched, because a relative path depends on where a program starts.
fn missing(path: &Path, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
    match absolute.parent() {
        Some(folder) if folder.is_dir() => {
            let folder = folder.display();
            write!(f, "there is no file or folder of this name in {folder}: check the name")
        }
        Some(folder) => {
            let folder = folder.display();
            write!(f, "there is no folder {folder}: check the path, or make the folder first")
        }
        None => f.write_str("there is no such file or folder: check the path"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read(path: &Path) -> String {
        Refusal(path, &fs::read(path).unwrap_err()).to_string()
    }

    #[test]
    fn what_is_missing_is_named_with_the_folder_that_was_searched() {
        let here = std::env::current_dir().unwrap();
        let text = read(Path::new("no-such-file"));
        let expected = format!("in {}: check the name", here.display());
        assert!(text.starts_with("no-such-file: there is no file") && text.ends_with(&expected));
        let text = read(Path::new("no-such-folder/file"));
        let folder = here.join("no-such-folder");
        let expected = format!("there is no folder {}: check the path", folder.display());
        assert!(text.contains(&expected), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_in_the_place_of_a_file_and_a_file_in_that_of_a_folder_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(read(folder.path()).ends_with("this is a folder: give the path of a file"));
        assert!(read(&file.join("other")).contains("a part of this path is a file"));
    }

    #[test]
    fn other_refusals_are_in_the_words_of_the_system() {
        let error = io::Error::other("the cable is out");
        assert_eq!(Refusal(Path::new("x"), &error).to_string(), "x: the cable is out");
        let text = Refusal(Path::new("x"), &ErrorKind::PermissionDenied.into()).to_string();
        assert!(text.contains("change the permissions"), "{text}");
    }
}
