//! A zip archive whose entries are stored as they are, as PyTorch and Keras write theirs.
//!
//! Compressed entries are refused. So an entry is never longer than the archive, and a small file cannot
//! unpack to a large one.

use std::io::{Cursor, Read};

use zip::{CompressionMethod, ZipArchive};

/// Entries of an archive in memory.
pub(super) struct Archive<'a> {
    entries: ZipArchive<Cursor<&'a [u8]>>,
    /// Bytes that may still be read: those of the archive, as entries that overlap would exceed.
    left: u64,
}

impl<'a> Archive<'a> {
    /// Reads the list of entries. An error is a reason, a clause without its capital.
    pub fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let entries = ZipArchive::new(Cursor::new(bytes));
        let entries = entries.map_err(|error| {
            format!("its zip archive is damaged or cut short ({error}); copy or save it again")
        })?;
        Ok(Archive { entries, left: bytes.len() as u64 })
    }

    /// Returns the names of the entries that end so.
    pub fn ending_with(&self, end: &str) -> Vec<String> {
        let names = self.entries.file_names().filter_map(Result::ok);
        names.filter(|name| name.ends_with(end)).map(Into::into).collect()
    }

    /// Returns `true` if there is an entry of this name.
    pub fn has(&self, name: &str) -> bool {
        self.entries.index_for_name(name).is_some()
    }

    /// Reads an entry, and checks its sum. An error is a reason.
    pub fn read(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let damaged = |error: &dyn std::fmt::Display| {
            format!("`{name}` in its zip archive is damaged ({error}); copy or save it again")
        };
        let mut entry = self.entries.by_name(name).map_err(|error| damaged(&error))?;
        if entry.compression() != CompressionMethod::Stored {
            return Err(format!(
                "`{name}` in its zip archive is compressed, which the program that wrote it never does; \
                 use the file as it was saved"
            ));
        }
        let left = self.left.checked_sub(entry.size());
        self.left = left.ok_or_else(|| damaged(&"entries overlap"))?;
        let mut bytes = Vec::with_capacity(entry.size() as usize);
        entry.read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
        Ok(bytes)
    }
}
