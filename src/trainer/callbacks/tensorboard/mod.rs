//! How a run goes, in the browser: `tensorboard --logdir runs`.
//!
//! TensorBoard reads event files: TFRecords (`record.rs`) of protocol buffers (`proto.rs`). They are
//! written here as TensorFlow does, and read back in the tests by TensorBoard itself.

mod histogram;
mod picture;
mod proto;
mod record;
mod writer;

use std::path::PathBuf;

use ndarray::{Array3, ArrayView3, Ix4};

pub use writer::EventWriter;

use super::Callback;
use crate::error::{Result, TrainError};
use crate::sequential::{LayerView, ParamView, Sequential};
use crate::trainer::Run;

/// Writes event files for TensorBoard. Each run wants a folder of its own below the one that is
/// shown, such as `runs/first`.
///
/// | tag                                          | step  | what                                 |
/// |----------------------------------------------|-------|--------------------------------------|
/// | `loss/training`, `loss/validation`           | epoch | as the [history](crate::metrics::Epoch) has it |
/// | `accuracy/training`, `accuracy/validation`   | epoch | where targets are classes            |
/// | `learning rate`                              | epoch | of the epoch's last step             |
/// | `parameters/0 Dense(10)/weight`              | epoch | a histogram of each array            |
/// | `filters/0 Conv2d(8, 3×3)`                   | epoch | a picture, with [`filters`](Self::filters) |
/// | any                                          | 0     | pictures given to [`images`](Self::images) |
/// | `loss so far`, `learning rate`               | batch | in the run `batches`, with [`every_batches`](Self::every_batches) |
///
/// When a run goes on from a checkpoint, TensorBoard shows it as one that was never interrupted.
///
/// ```
/// use chainrule::prelude::*;
/// use chainrule::trainer::callbacks::TensorBoard;
///
/// let data = Mnist::sample().train.take(500)?;
/// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
/// let runs = tempfile::tempdir().unwrap();
/// let digits: Vec<_> = (0..16).map(|i| data.image(i)).collect();
/// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
///     .epochs(2)
///     .callback(TensorBoard::new(runs.path().join("first")).images("digits", &digits))
///     .fit(&mut model, &data)?;
/// assert_eq!(std::fs::read_dir(runs.path().join("first")).unwrap().count(), 1);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug)]
pub struct TensorBoard {
    folder: PathBuf,
    every_batches: Option<usize>,
    filters: bool,
    images: Vec<(String, Array3<u8>)>,
    /// While training goes on.
    epochs: Option<EventWriter>,
    batches: Option<EventWriter>,
}

impl TensorBoard {
    /// Writes into this folder, which is made if need be.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        TensorBoard {
            folder: folder.into(),
            every_batches: None,
            filters: false,
            images: Vec::new(),
            epochs: None,
            batches: None,
        }
    }

    /// Writes loss and learning rate after every `n` batches as well, at least 1: as a run of its
    /// own, in the folder `batches` below this run's.
    #[must_use]
    pub fn every_batches(self, n: usize) -> Self {
        TensorBoard { every_batches: Some(n), ..self }
    }

    /// Draws the filters of the first convolution after each epoch.
    #[must_use]
    pub fn filters(self, filters: bool) -> Self {
        TensorBoard { filters, ..self }
    }

    /// Shows pictures (height, width, channels) side by side, as what the model is given.
    #[must_use]
    pub fn images(mut self, tag: &str, images: &[ArrayView3<'_, u8>]) -> Self {
        self.images.push((tag.to_string(), picture::sheet(images)));
        self
    }
}

impl Callback for TensorBoard {
    fn check(&mut self, _run: &Run<'_>) -> Result<()> {
        if self.every_batches == Some(0) {
            let setting = "the batches between two events";
            return Err(
                TrainError::Setting { setting, came: "0".into(), wanted: "at least 1" }.into()
            );
        }
        Ok(())
    }

    fn begin(&mut self, run: &mut Run<'_>) -> Result<()> {
        let is_new = run.epoch() == 1 && run.batch() == 0;
        let next = |done: u64| if is_new { 0 } else { done + 1 };
        let mut epochs = EventWriter::create(&self.folder, next(run.epoch() as u64 - 1))?;
        if is_new {
            for (tag, picture) in &self.images {
                epochs.image(tag, 0, picture.view())?;
            }
        }
        epochs.flush()?;
        self.epochs = Some(epochs);
        self.batches = match self.every_batches {
            Some(_) => Some(EventWriter::create(self.folder.join("batches"), next(steps(run)))?),
            None => None,
        };
        Ok(())
    }

    fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
        let (Some(n), Some(events)) = (self.every_batches, &mut self.batches) else {
            return Ok(());
        };
        let step = steps(run);
        if step.is_multiple_of(n as u64) {
            events.scalar("loss so far", step, run.loss() as f32)?;
            events.scalar("learning rate", step, run.learning_rate())?;
        }
        Ok(())
    }

    fn epoch(&mut self, run: &mut Run<'_>) -> Result<()> {
        let (Some(epoch), Some(events)) = (run.history().last(), &mut self.epochs) else {
            return Ok(());
        };
        let step = epoch.epoch as u64;
        for (tag, value) in [
            ("loss/training", Some(epoch.loss)),
            ("loss/validation", epoch.validation_loss),
            ("accuracy/training", epoch.accuracy),
            ("accuracy/validation", epoch.validation_accuracy),
            ("learning rate", Some(f64::from(epoch.learning_rate))),
        ] {
            value.map_or(Ok(()), |value| events.scalar(tag, step, value as f32))?;
        }
        let mut first = self.filters;
        for (name, param) in arrays(run.model()) {
            let values = &run.model().params()[param.range];
            events.histogram(&format!("parameters/{name}"), step, values)?;
            // The weights (height, width, channels, filters) of a convolution.
            let weights = param.values.into_dimensionality::<Ix4>();
            if let (true, Ok(weights)) = (first, weights) {
                first = false;
                let layer = name.rsplit_once('/').map_or(&*name, |(layer, _)| layer);
                events.image(
                    &format!("filters/{layer}"),
                    step,
                    picture::filters(weights).view(),
                )?;
            }
        }
        events.flush()?;
        self.batches.as_mut().map_or(Ok(()), EventWriter::flush)
    }

    fn end(&mut self, _run: &mut Run<'_>) -> Result<()> {
        let writers = [self.epochs.take(), self.batches.take()];
        writers.into_iter().flatten().try_for_each(|mut events| events.flush())
    }
}

/// How many batches of the whole run are done.
fn steps(run: &Run<'_>) -> u64 {
    ((run.epoch() - 1) * run.batches() + run.batch()) as u64
}

/// Each parameter array of a model, named `0 Dense(10)/weight`.
fn arrays(model: &Sequential) -> impl Iterator<Item = (String, ParamView<'_>)> {
    let name = |layer: LayerView<'_>, param: &ParamView<'_>| {
        format!("{} {}/{}", layer.index(), layer.name(), param.name)
    };
    model
        .layers()
        .flat_map(move |layer| layer.params().map(move |param| (name(layer, &param), param)))
}
