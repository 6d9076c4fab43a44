//! The folder of one run's checkpoints: what lies there, and who may write to it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::atomic;
use crate::error::FileError;

/// The file that the run of a folder holds locked. It stays when the run is over.
const LOCK: &str = ".lock";

/// The name of the best checkpoint.
pub(super) const BEST: &str = "best.safetensors";

/// Locks a folder, which is created if need be, for as long as the returned file is open: that is at
/// most until the process dies, whichever way it does.
///
/// # Errors
///
/// [`FileError::Busy`] where the folder is locked already.
pub(super) fn lock(folder: &Path) -> Result<File, FileError> {
    let refused = |source| FileError::Io { path: folder.into(), source };
    fs::create_dir_all(folder).map_err(refused)?;
    let path = folder.join(LOCK);
    let options = &mut File::options();
    let file = options.write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|source| FileError::Io { path: path.clone(), source })?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(FileError::Busy { folder: folder.into() }),
        // Some network drives have no locks.
        Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => {
            Err(FileError::Io { path, source: error })
        }
        Err(TryLockError::Error(_)) | Ok(()) => Ok(file),
    }
}

/// Removes what a run of this folder left that was killed while it wrote. Other files are left alone.
pub(super) fn clean(folder: &Path) -> Result<(), FileError> {
    for path in list(folder)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let target = atomic::target_of(name);
        if target.is_some_and(|target| target == BEST || place(Path::new(target)).is_some()) {
            let _ = fs::remove_file(path);
        }
    }
    Ok(())
}

/// Returns the name of a checkpoint in this epoch, after this batch of it.
pub(super) fn file_name(epoch: usize, batch: usize) -> String {
    match batch {
        0 => format!("epoch-{:04}.safetensors", epoch - 1),
        _ => format!("epoch-{epoch:04}-batch-{batch:06}.safetensors"),
    }
}

/// Returns the place in its run at which a checkpoint was written, by its name: finished epochs, and
/// batches.
pub(super) fn place(path: &Path) -> Option<(usize, usize)> {
    let name = path.file_name()?.to_str()?.strip_prefix("epoch-")?.strip_suffix(".safetensors")?;
    match name.split_once("-batch-") {
        None => Some((name.parse().ok()?, 0)),
        Some((epoch, batch)) => {
            Some((epoch.parse::<usize>().ok()?.checked_sub(1)?, batch.parse().ok()?))
        }
    }
}

/// Returns the checkpoints in a folder, in the order of their places.
pub(super) fn checkpoints(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut paths = list(folder)?;
    paths.retain(|path| place(path).is_some());
    paths.sort_by_key(|path| place(path));
    Ok(paths)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let io = |source| FileError::Io { path: folder.into(), source };
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(io)?.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(io(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_place_in_the_run() {
        for (epoch, batch, finished) in [(5, 0, (4, 0)), (5, 300, (4, 300)), (12345, 1, (12344, 1))]
        {
            assert_eq!(place(Path::new(&file_name(epoch, batch))), Some(finished));
        }
        for other in [
            "best.safetensors",
            "epoch-1.txt",
            "epoch-x.safetensors",
            "epoch-0000-batch-1.safetensors",
        ] {
            assert_eq!(place(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn only_what_a_killed_run_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let here = |name: &str| folder.path().join(name);
        let left = [".best.safetensors.7-0.tmp", ".epoch-0003-batch-000007.safetensors.7-12.tmp"];
        let kept =
            ["notes.tmp", ".notes.tmp", ".model.safetensors.7-0.tmp", "epoch-0001.safetensors"];
        left.iter().chain(&kept).for_each(|name| fs::write(here(name), "").unwrap());
        clean(folder.path()).unwrap();
        assert!(left.iter().all(|name| !here(name).exists()));
        assert!(kept.iter().all(|name| here(name).exists()));
    }

    #[test]
    fn a_folder_has_one_run_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let run = lock(&folder.path().join("run")).unwrap();
        let refusal = lock(&folder.path().join("run")).unwrap_err();
        assert!(matches!(refusal, FileError::Busy { .. }), "{refusal}");
        assert!(lock(&folder.path().join("other")).is_ok());
        drop(run);
        assert!(lock(&folder.path().join("run")).is_ok());
    }
}
