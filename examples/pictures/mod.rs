//! Many pictures, a batch at a time.

use std::path::{Path, PathBuf};

use chainrule::error::Result;
use chainrule::intake::{Area, Grey};

/// Most pictures of a batch.
const MOST: usize = 64;

/// A batch of pictures that were decoded, and what became of each file.
pub struct Batch<'a> {
    pub pictures: Vec<Grey>,
    /// Each file in order, with an error if it has no picture.
    files: Vec<(&'a Path, Result<()>)>,
}

impl<'a> Batch<'a> {
    /// Gives each file its picture and what was made of it, or its error. There is one of `made` for each
    /// picture.
    pub fn with<T>(self, made: Vec<T>) -> impl Iterator<Item = (&'a Path, Result<(Grey, T)>)> {
        let mut made = self.pictures.into_iter().zip(made);
        let give = move |()| made.next().expect("one for each picture");
        self.files.into_iter().scan(give, |give, (path, file)| Some((path, file.map(give))))
    }
}

/// Decodes pictures, or one rectangle of each. A batch ends with the picture by which it reaches `most_bytes` of
/// memory, which is the most that one picture may take, too.
pub fn batches(
    paths: &[PathBuf],
    most_bytes: u64,
    field: Option<Area>,
) -> impl Iterator<Item = Batch<'_>> {
    let mut paths = paths.iter().peekable();
    std::iter::from_fn(move || {
        paths.peek()?;
        let (mut batch, mut bytes) = (Batch { pictures: Vec::new(), files: Vec::new() }, 0);
        while bytes < most_bytes && batch.files.len() < MOST {
            let Some(path) = paths.next() else { break };
            let picture = open(path, most_bytes, field).map(|picture| {
                bytes += size_of_val(picture.pixels()) as u64;
                batch.pictures.push(picture);
            });
            batch.files.push((path, picture));
        }
        Some(batch)
    })
}

fn open(path: &Path, most_bytes: u64, field: Option<Area>) -> Result<Grey> {
    let picture = Grey::open_within(path, most_bytes)?;
    match field {
        Some(area) => Ok(picture.crop(area)?),
        None => Ok(picture),
    }
}
