//! `print!` and `println!` for programs whose results count more than their output.
//!
//! Those of the standard library panic if standard output is a closed pipe (`| head -1`) or on a full
//! disk, and a model that has been trained for an hour is lost. These go on. [`check`] returns the
//! error at the end of the program; a closed pipe is not an error.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::sync::Mutex;

use chainrule::error::{FileError, Result};

/// The first error.
static FAILURE: Mutex<Option<io::Error>> = Mutex::new(None);

/// Prints like `std::print!`, and never panics.
macro_rules! print {
    ($($arg:tt)*) => { $crate::print::write(format_args!($($arg)*)) };
}

/// Prints like `std::println!`, and never panics.
macro_rules! println {
    () => { print!("\n") };
    ($($arg:tt)*) => { print!("{}\n", format_args!($($arg)*)) };
}

/// Writes to standard output.
pub fn write(text: fmt::Arguments<'_>) {
    keep(io::stdout().write_fmt(text));
}

/// Returns the first error of printing, to be the result of the program.
///
/// # Errors
///
/// [`FileError::Io`] if something could not be printed, unless the reader of a pipe has left.
pub fn check() -> Result<()> {
    keep(io::stdout().flush());
    let failure = FAILURE.lock().ok().and_then(|mut failure| failure.take());
    failure.map_or(Ok(()), |source| {
        Err(FileError::Io { path: "standard output".into(), source }.into())
    })
}

/// Remembers an error if it is the first.
fn keep(result: io::Result<()>) {
    if let (Err(error), Ok(mut failure)) = (result, FAILURE.lock())
        && error.kind() != ErrorKind::BrokenPipe
    {
        failure.get_or_insert(error);
    }
}
