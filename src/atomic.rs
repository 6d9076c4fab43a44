//! Whole files or none: a reader, or a machine that loses its power, finds the old or the new.
//!
//! The bytes go to a temporary file beside the one that is meant, in the same folder because only
//! there a rename is a single step. They are synced to the disk, the temporary file is renamed over
//! the other, and then the folder is synced, which is where the rename itself is written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::FileError;

/// How temporary files end.
const TEMPORARY: &str = ".tmp";

/// Most bytes of a file's name in the name of its temporary file: most systems allow 255 in all.
const NAME: usize = 200;

/// Makes a file of what `content` writes, in the place of one that may be there.
pub(crate) fn write(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), FileError> {
    let refused = |source| FileError::Io { path: path.into(), source };
    // What a link points to is written, and the link stays.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let special = target.exists() && !target.is_file();
    let name = target.file_name().filter(|_| !special).ok_or_else(|| {
        refused(io::Error::new(ErrorKind::InvalidInput, "this is no file, and cannot become one"))
    })?;
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(FileError::MissingFolder { path: path.into(), folder: folder.into() });
    }
    let (temporary, file) = Temporary::create(folder, &name.to_string_lossy()).map_err(refused)?;
    let mut writer = BufWriter::with_capacity(1 << 20, file);
    content(&mut writer)
        .and_then(|()| writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all())
        .and_then(|()| fs::rename(&temporary.0, &target))
        .map_err(refused)?;
    std::mem::forget(temporary);
    sync_folder(folder).map_err(refused)
}

/// The name of the file for which a temporary file was created, by the latter's name: at most the first
/// 200 bytes of it.
pub(crate) fn target_of(temporary: &str) -> Option<&str> {
    let (name, unique) = temporary.strip_prefix('.')?.strip_suffix(TEMPORARY)?.rsplit_once('.')?;
    let (process, call) = unique.split_once('-')?;
    let is_number = |text: &str| text.parse::<u64>().is_ok();
    (is_number(process) && is_number(call)).then_some(name)
}

/// A file that is removed unless it is forgotten.
struct Temporary(PathBuf);

impl Temporary {
    /// Hidden, and named after the process and the call, so that no two writers share one.
    fn create(folder: &Path, name: &str) -> io::Result<(Temporary, File)> {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        let process = std::process::id();
        let ends = name.char_indices().map(|(start, c)| start + c.len_utf8());
        let name = &name[..ends.take_while(|&end| end <= NAME).last().unwrap_or(0)];
        loop {
            let call = CALLS.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!(".{name}.{process}-{call}{TEMPORARY}"));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                // Left by another process of this number, that was killed.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                file => return file.map(|file| (Temporary(path), file)),
            }
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Elsewhere than on Unix, folders cannot be opened; some network drives cannot sync them.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {
            Ok(())
        }
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, |writer| writer.write_all(b"old")).unwrap();
        let error = write(&path, |writer| {
            writer.write_all(&vec![0; 3 << 20])?;
            assert_eq!(names(folder.path()).len(), 2);
            Err(io::Error::other("the disk is full"))
        });
        assert!(error.unwrap_err().to_string().ends_with("file: the disk is full"));
        let panicked = std::panic::catch_unwind(|| write(&path, |_| panic!("in the middle")));
        assert!(panicked.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["file"]);
        write(&path, |writer| writer.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn writers_of_one_file_do_not_disturb_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = &folder.path().join("file");
        std::thread::scope(|scope| {
            for byte in 0..8 {
                scope.spawn(move || write(path, |writer| writer.write_all(&[byte; 10_000])));
            }
        });
        let bytes = fs::read(path).unwrap();
        assert!(bytes.len() == 10_000 && bytes.iter().all(|byte| *byte == bytes[0]));
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn what_can_be_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = write(&folder.path().join("no/such/file"), |_| Ok(())).unwrap_err();
        assert!(
            matches!(&error, FileError::MissingFolder { folder, .. } if folder.ends_with("such"))
        );
        assert!(error.to_string().contains("make the folder"), "{error}");
        for path in [folder.path(), Path::new(""), Path::new("..")] {
            let error = write(path, |_| Ok(())).unwrap_err();
            assert!(matches!(error, FileError::Io { .. }), "{error}");
        }
    }

    #[test]
    fn names_may_be_as_long_as_the_system_allows() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["n".repeat(255), format!("{}.png", "ü".repeat(125))] {
            let path = folder.path().join(&name);
            write(&path, |writer| writer.write_all(b"new")).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"new", "{name}");
        }
    }

    #[test]
    fn a_temporary_file_tells_what_it_is_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("best.safetensors");
        write(&path, |_| {
            let names = names(folder.path());
            assert_eq!(target_of(&names[0]), Some("best.safetensors"), "{names:?}");
            Ok(())
        })
        .unwrap();
        for other in
            ["notes.tmp", ".notes.tmp", ".a.1-.tmp", ".a.1-2.tmp~", "a.1-2.tmp", ".a.b-1.tmp"]
        {
            assert_eq!(target_of(other), None, "{other}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_a_device_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, b"old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, |writer| writer.write_all(b"new")).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(matches!(write(Path::new("/dev/null"), |_| Ok(())), Err(FileError::Io { .. })));
    }
}
