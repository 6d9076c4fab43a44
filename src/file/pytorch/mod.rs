//! Weights that `torch.save(model.state_dict(), path)` wrote.
//!
//! Such a file is a zip archive. Its `data.pkl` describes a dictionary of tensors in Python's pickle
//! format, a program for a small stack machine; the entries `data/0`, `data/1`, .. are the storages that
//! the tensors are views of. Python runs any function that a pickle names. Here [`pickle`] knows the
//! instructions that a state dict needs, and the few functions that it names are values; every other is
//! refused by its name. Nothing is executed.
//!
//! Sizes that a file claims are compared with what it holds before memory is set aside.

mod machine;
mod object;
mod pickle;
mod state_dict;
mod views;

use std::path::Path;

use super::archive::Archive;
use super::tensors::{Part, Tensors};
use crate::error::FileError;

/// Returns the tensors of a state dict, in its order.
pub(super) fn read(mut archive: Archive, path: &Path) -> Result<Tensors, FileError> {
    let refused = |reason| FileError::Foreign { path: path.into(), format: "PyTorch", reason };
    Tensors::of_parts(path, parts(&mut archive).map_err(refused)?)
}

fn parts(archive: &mut Archive) -> Result<Vec<Part>, String> {
    let [entry] = &archive.ending_with("/data.pkl")[..] else {
        return Err("it has more than one `data.pkl`; save it again".into());
    };
    let folder = entry.strip_suffix("data.pkl").unwrap_or_default();
    let order = format!("{folder}byteorder");
    if archive.has(&order) && archive.read(&order)? != b"little" {
        return Err(
            "its numbers have their highest byte first; save it again on another machine".into()
        );
    }
    let objects = pickle::load(&archive.read(entry)?)?;
    let views = state_dict::views(&objects)?;
    views::read(archive, folder, views)
}
