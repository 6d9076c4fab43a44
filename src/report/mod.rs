//! A run as a page: one HTML file, to be opened anywhere, with no network and no scripts.
//!
//! ```
//! use chainrule::prelude::*;
//! use chainrule::report::Report;
//!
//! let mnist = Mnist::sample();
//! # let (train, test) = (mnist.train.take(1000)?, mnist.test.take(500)?);
//! # let mnist = Mnist { train, test };
//! let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
//! let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).epochs(2);
//! let history = trainer.fit(&mut model, &mnist.train)?;
//! let result = model.evaluate(&mnist.test, &SoftmaxCrossEntropy)?;
//! # let folder = std::env::temp_dir().join(format!("chainrule-report-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let path = folder.join("report.html");
//! # /*
//! let path = "report.html";
//! # */
//!
//! Report::new("A softmax regression")
//!     .history(&history)
//!     .training_samples(mnist.train.len())
//!     .evaluation(&result, &mnist.test)
//!     .model(&model)
//!     .setting("optimizer", "Adam(0.01)")
//!     .save(&path)?;
//! # assert!(std::fs::read_to_string(&path).unwrap().contains("A softmax regression"));
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok::<(), chainrule::Error>(())
//! ```
//!
//! What is not given is left out. Each section of the page is a file here: it writes its HTML, and
//! gathers its pictures, which [`Report::save_pictures`] writes as files.

mod calibration;
mod confusion;
mod curves;
mod errors;
mod filters;
mod headline;
mod labels;
mod page;
pub mod robustness;
mod roc;
mod run;
mod samples;
mod section;
mod terminal;
#[cfg(all(test, feature = "sample"))]
mod tests;

use std::fs;
use std::path::Path;

use crate::atomic;
use crate::data::Dataset;
use crate::error::{FileError, Result, TrainError};
use crate::metrics::Evaluation;
use crate::metrics::History;
use crate::sequential::Sequential;
use section::Section;
pub use terminal::draw;

/// What came of a run, to be written as a page or as pictures.
///
/// Of a data set of images, (h, w, 1) or (h, w, 3), the page shows those that the model gets wrong.
#[must_use]
pub struct Report<'a> {
    title: String,
    history: Option<&'a History>,
    training_samples: Option<usize>,
    evaluation: Option<(&'a Evaluation, &'a dyn Dataset)>,
    model: Option<&'a Sequential>,
    classes: Vec<String>,
    settings: Vec<(String, String)>,
}

impl<'a> Report<'a> {
    /// An empty report.
    pub fn new(title: impl Into<String>) -> Self {
        Report {
            title: title.into(),
            history: None,
            training_samples: None,
            evaluation: None,
            model: None,
            classes: Vec::new(),
            settings: Vec::new(),
        }
    }

    /// How training went: the curves and the timings.
    pub fn history(self, history: &'a History) -> Self {
        Report { history: Some(history), ..self }
    }

    /// How many samples make an epoch: with a [`history`](Report::history), how many a second it was.
    pub fn training_samples(self, samples: usize) -> Self {
        Report { training_samples: Some(samples), ..self }
    }

    /// Adds the evaluation of a model on a data set, and that data set. Targets that are values have a section of
    /// labels where all are 0 or 1, and else a plot of the residuals and a table of the largest errors.
    pub fn evaluation(self, evaluation: &'a Evaluation, data: &'a dyn Dataset) -> Self {
        Report { evaluation: Some((evaluation, data)), ..self }
    }

    /// The model: its layers, and what the first of them looks for.
    pub fn model(self, model: &'a Sequential) -> Self {
        Report { model: Some(model), ..self }
    }

    /// Names of the classes, labels or outputs, in place of those of the evaluation. Without a name they
    /// go by their numbers.
    pub fn classes<T: Into<String>>(self, names: impl IntoIterator<Item = T>) -> Self {
        Report { classes: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// Adds a setting of the run, to be listed.
    pub fn setting(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.settings.push((name.into(), value.to_string()));
        self
    }

    /// The page.
    ///
    /// # Errors
    ///
    /// [`TrainError::Setting`] where the evaluation is of another data set than the one given with
    /// it; and those of [`Dataset::input`].
    pub fn html(&self) -> Result<String> {
        Ok(page::page(self, &self.sections()?))
    }

    /// Writes the page as one HTML file, whole or not at all.
    ///
    /// # Errors
    ///
    /// Those of [`Report::html`], and [`FileError`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let html = self.html()?;
        Ok(atomic::write(path.as_ref(), |file| file.write_all(html.as_bytes()))?)
    }

    /// Writes the pictures of the page into a folder, which is made if it is not there: charts as
    /// SVG, and samples and filters as PNG, as `worst/1-sample-321-actual-4-predicted-9.png`.
    ///
    /// # Errors
    ///
    /// Those of [`Report::html`], and [`FileError`] if a file cannot be written.
    pub fn save_pictures(&self, folder: impl AsRef<Path>) -> Result<()> {
        let files = self.sections()?.into_iter().flat_map(|section| section.files);
        for (name, bytes) in files {
            let path = folder.as_ref().join(name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)
                    .map_err(|source| FileError::Io { path: folder.into(), source })?;
            }
            atomic::write(&path, |file| file.write_all(&bytes))?;
        }
        Ok(())
    }

    /// What there is something to say about, in order.
    fn sections(&self) -> Result<Vec<Section>> {
        let mut sections: Vec<Section> =
            self.history.and_then(curves::section).into_iter().collect();
        if let Some((evaluation, data)) = self.evaluation {
            if evaluation.samples() != data.len() {
                let setting = "the number of samples in the report's evaluation";
                let came = format!("{}, and the data set has {}", evaluation.samples(), data.len());
                let wanted = "that of the data set that was evaluated";
                return Err(TrainError::Setting { setting, came, wanted }.into());
            }
            sections.extend(confusion::section(self, evaluation));
            sections.extend(samples::sections(self, evaluation, data)?);
            sections.extend(calibration::section(evaluation));
            sections.extend(roc::section(evaluation));
            let of_values = labels::section(self, evaluation);
            sections.extend(of_values.or_else(|| errors::section(self, evaluation)));
        }
        sections.extend(self.model.and_then(filters::section));
        sections.extend(self.model.map(run::model));
        sections.extend(run::settings(self));
        Ok(sections)
    }

    /// What a class is called.
    fn class(&self, class: usize) -> String {
        let evaluation = self.evaluation.map(|(evaluation, _)| &evaluation.class_names);
        let name = self.classes.get(class).or_else(|| evaluation?.get(class));
        name.cloned().unwrap_or_else(|| class.to_string())
    }
}
