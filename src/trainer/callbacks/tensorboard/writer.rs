//! An event file of TensorBoard.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use ndarray::ArrayView3;
use prost::Message;

use super::histogram::histogram;
use super::proto::{Data, Event, Image, SessionLog, Summary, Value, What};
use super::record;
use crate::clock::since_1970;
use crate::error::{FileError, Result, TrainError};
use crate::picture::encode;

/// Writes numbers, histograms and pictures that TensorBoard shows; the callback
/// [`TensorBoard`](super::TensorBoard) writes those of a run.
///
/// ```
/// use chainrule::trainer::callbacks::EventWriter;
///
/// let folder = tempfile::tempdir().unwrap();
/// let mut events = EventWriter::create(folder.path(), 0)?;
/// events.scalar("loss", 1, 0.5)?;
/// events.histogram("weights", 1, &[0.1, 0.2, -0.3])?;
/// events.flush()?;
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug)]
pub struct EventWriter {
    path: PathBuf,
    file: BufWriter<File>,
}

impl EventWriter {
    /// Begins a file in a folder, which is made if need be. What earlier files there have of step
    /// `from` or later is void from now on: 0 for a new run.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`], as of all that this type does.
    pub fn create(folder: impl AsRef<Path>, from: u64) -> Result<Self> {
        let (path, file) = create(folder.as_ref())
            .map_err(|source| FileError::Io { path: folder.as_ref().into(), source })?;
        let mut writer = EventWriter { path, file: BufWriter::new(file) };
        writer.event(0, What::FileVersion("brain.Event:2".to_string()))?;
        writer.event(from, What::SessionLog(SessionLog::START))?;
        Ok(writer)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A number at a step, for a curve with this tag. What stands before a `/` in tags makes groups
    /// of them.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`].
    pub fn scalar(&mut self, tag: &str, step: u64, value: f32) -> Result<()> {
        self.summary(tag, step, Data::Scalar(value))
    }

    /// How these numbers are distributed, in 30 buckets of one width. Those that are not finite are
    /// left out.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`].
    pub fn histogram(&mut self, tag: &str, step: u64, values: &[f32]) -> Result<()> {
        match histogram(values) {
            Some(histogram) => self.summary(tag, step, Data::Histogram(histogram)),
            None => Ok(()),
        }
    }

    /// A picture (height, width, channels): grey, grey with alpha, RGB or RGBA.
    ///
    /// # Errors
    ///
    /// [`TrainError::Setting`] for one without pixels or with more than 4 channels, and
    /// [`FileError::Io`].
    pub fn image(&mut self, tag: &str, step: u64, picture: ArrayView3<'_, u8>) -> Result<()> {
        let (height, width, channels) = picture.dim();
        let shape = [height, width, channels];
        let png = encode(shape, picture.iter().copied()).map_err(|error| {
            let (setting, wanted) =
                ("a picture for TensorBoard", "of 1 to 4 channels, and some pixels");
            TrainError::Setting { setting, came: error.to_string(), wanted }
        })?;
        let [height, width, colorspace] = shape.map(|size| size as i32);
        self.summary(tag, step, Data::Image(Image { height, width, colorspace, png }))
    }

    /// Brings to the file what has been written so far.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`].
    pub fn flush(&mut self) -> Result<()> {
        self.file.flush().map_err(|source| self.failed(source))
    }

    fn summary(&mut self, tag: &str, step: u64, data: Data) -> Result<()> {
        let value = vec![Value { tag: tag.to_string(), data: Some(data) }];
        self.event(step, What::Summary(Summary { value }))
    }

    fn event(&mut self, step: u64, what: What) -> Result<()> {
        let wall_time = since_1970().as_secs_f64();
        let event = Event { wall_time, step: step.cast_signed(), what: Some(what) };
        record::write(&mut self.file, &event.encode_to_vec()).map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> crate::Error {
        FileError::Io { path: self.path.clone(), source }.into()
    }
}

/// A new file in the folder, whose name sorts after all that are there: in this order they are read.
fn create(folder: &Path) -> io::Result<(PathBuf, File)> {
    fs::create_dir_all(folder)?;
    let (seconds, process) = (since_1970().as_secs(), std::process::id());
    // Several of one second and one process are numbered.
    for number in 0.. {
        let name = format!("events.out.tfevents.{seconds:010}.chainrule.{process}.{number:03}");
        let path = folder.join(name);
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            file => return Ok((path, file?)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
