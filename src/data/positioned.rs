//! Reading at a place of a file, from several threads at once.

use std::fs::File;
use std::io;

/// A file without a position that threads would have to share.
#[derive(Debug)]
pub(super) struct Positioned {
    #[cfg(any(unix, windows))]
    file: File,
    #[cfg(not(any(unix, windows)))]
    file: std::sync::Mutex<File>,
}

#[cfg(any(unix, windows))]
impl Positioned {
    pub fn new(file: File) -> Self {
        Positioned { file }
    }

    /// Fills `bytes` with those from byte `start` on.
    #[cfg(unix)]
    pub fn read_exact_at(&self, bytes: &mut [u8], start: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, bytes, start)
    }

    /// Fills `bytes` with those from byte `start` on.
    #[cfg(windows)]
    pub fn read_exact_at(&self, mut bytes: &mut [u8], mut start: u64) -> io::Result<()> {
        use std::os::windows::fs::FileExt;
        while !bytes.is_empty() {
            match self.file.seek_read(bytes, start) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    bytes = &mut bytes[read..];
                    start += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Elsewhere, threads wait for each other.
#[cfg(not(any(unix, windows)))]
impl Positioned {
    pub fn new(file: File) -> Self {
        Positioned { file: std::sync::Mutex::new(file) }
    }

    /// Fills `bytes` with those from byte `start` on.
    pub fn read_exact_at(&self, bytes: &mut [u8], start: u64) -> io::Result<()> {
        use std::io::{Read, Seek, SeekFrom};
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(bytes)
    }
}
