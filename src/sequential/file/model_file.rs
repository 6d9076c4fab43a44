//! A model and what one must know to use it, in one file.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::architecture::Architecture;
use super::weights;
use crate::error::{Error, FileError, Result};
use crate::file::tensors::Tensors;
use crate::file::{InputScaling, RUN, Registry};
use crate::sequential::Sequential;

/// The version of the format that is written, and the newest that is read.
const FORMAT: u64 = 1;

const FORMAT_KEY: &str = "chainrule.format";
const VERSION_KEY: &str = "chainrule.version";
const MODEL_KEY: &str = "chainrule.model";
const INPUTS_KEY: &str = "chainrule.inputs";
const CLASSES_KEY: &str = "chainrule.classes";
const TRAINING_KEY: &str = "chainrule.training";

/// A model, how its inputs were scaled, what its classes are called, and how it was trained.
///
/// ```
/// use chainrule::file::InputScaling;
/// use chainrule::prelude::*;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("m.safetensors");
/// let model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(2))?;
/// ModelFile::new(model)
///     .scaling(InputScaling::pixels())
///     .classes(["cat", "dog"])
///     .fact("epochs", 10)
///     .fact("test accuracy", 0.97)
///     .save(&path)?;
///
/// let file = ModelFile::load(&path)?;
/// assert_eq!(file.classes, ["cat", "dog"]);
/// assert_eq!(file.training["epochs"], 10);
/// let mut x = ndarray::Array::from_elem([1, 28, 28, 1], 51.0).into_dyn(); // raw pixels
/// let scaling = file.scaling.unwrap();
/// x.as_slice_mut().map(|x| scaling.apply(x));
/// assert_eq!(file.model.predict(x.view())?.shape(), [1, 2]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// The model.
    pub model: Sequential,
    /// From raw inputs to those of the model, if it is known.
    pub scaling: Option<InputScaling>,
    /// What its outputs are called; none where that is not known.
    pub classes: Vec<String>,
    /// Facts about its training, in the order in which they were told.
    pub training: Map<String, Value>,
}

impl ModelFile {
    /// Of a model of which nothing more is known.
    pub fn new(model: Sequential) -> Self {
        ModelFile { model, scaling: None, classes: Vec::new(), training: Map::new() }
    }

    /// With the scaling of its inputs.
    #[must_use]
    pub fn scaling(self, scaling: InputScaling) -> Self {
        ModelFile { scaling: Some(scaling), ..self }
    }

    /// With the names of its classes, one for each output.
    #[must_use]
    pub fn classes<C: Into<String>>(self, names: impl IntoIterator<Item = C>) -> Self {
        ModelFile { classes: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// With one more fact about its training: `.fact("seed", 7)`, `.fact("data", "MNIST")`.
    #[must_use]
    pub fn fact(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.training.insert(name.into(), value.into());
        self
    }

    /// Saves it, in one step: whatever happens, the file is the old one or the new one. The same
    /// content makes the same bytes.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the file cannot be written, if a layer has no name in files (see
    /// [`Registry`]), if a weight is not finite, and for classes or a scaling that do not fit the
    /// model; a file that was there is then left as it was.
    /// [`ModelError::Empty`](crate::error::ModelError) without layers.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_with(path, &Registry::default())
    }

    /// As [`ModelFile::save`], with layers of your own.
    ///
    /// # Errors
    ///
    /// As [`ModelFile::save`].
    pub fn save_with(&self, path: impl AsRef<Path>, registry: &Registry) -> Result<()> {
        let path = path.as_ref();
        self.model.check_not_empty()?;
        self.check(path)?;
        let mut tensors = Tensors::new();
        put_model(&self.model, self.model.params(), &mut tensors, registry, path)?;
        if let Some(scaling) = &self.scaling {
            put_json(&mut tensors, INPUTS_KEY, scaling, path)?;
        }
        if !self.classes.is_empty() {
            put_json(&mut tensors, CLASSES_KEY, &self.classes, path)?;
        }
        if !self.training.is_empty() {
            put_json(&mut tensors, TRAINING_KEY, &self.training, path)?;
        }
        Ok(tensors.write(path)?)
    }

    /// Loads it, without the code that built the model.
    ///
    /// # Errors
    ///
    /// [`FileError`], which tells what is wrong: the file cannot be read, is cut short or damaged,
    /// holds weights alone, is of a newer version; a layer is not known (see [`Registry`]) or cannot
    /// stand where it does; a tensor is missing, too many, there twice, of another shape or type,
    /// or holds a number that is not finite.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        ModelFile::load_with(path, &Registry::default())
    }

    /// As [`ModelFile::load`], with layers of your own.
    ///
    /// # Errors
    ///
    /// As [`ModelFile::load`].
    pub fn load_with(path: impl AsRef<Path>, registry: &Registry) -> Result<Self> {
        let path = path.as_ref();
        let mut tensors = Tensors::read(path)?;
        check_format(&tensors)?;
        let fix = "it holds weights alone: build the model, and load them with `load_weights`";
        let architecture: Architecture =
            parse(&tensors, MODEL_KEY, tensors.required_fact(MODEL_KEY, fix)?)?;
        let built = architecture.build(registry, &tensors);
        let mut model = built.map_err(|error| match error {
            Error::Model(source) => FileError::Model { path: path.into(), source }.into(),
            error => error,
        })?;
        tensors.forget(RUN);
        let params = weights::take(&model, &mut tensors)?;
        model.set_params(&params)?;
        let file = ModelFile {
            model,
            scaling: json(&tensors, INPUTS_KEY)?,
            classes: json(&tensors, CLASSES_KEY)?.unwrap_or_default(),
            training: json(&tensors, TRAINING_KEY)?.unwrap_or_default(),
        };
        file.check(path)?;
        tensors.finish()?;
        Ok(file)
    }

    /// Refuses a scaling or classes that do not fit the model.
    fn check(&self, path: &Path) -> Result<(), FileError> {
        if let Some(scaling) = &self.scaling {
            let fit = scaling.check(self.model.input_shape());
            fit.map_err(|reason| bad_fact(path, INPUTS_KEY, reason))?;
        }
        let outputs: usize = self.model.output_shape().iter().product();
        // A single output tells two classes apart.
        match self.classes.len() {
            0 => Ok(()),
            names if names == outputs.max(2) => Ok(()),
            names => {
                Err(bad_fact(path, CLASSES_KEY, format!("{names} names for {outputs} outputs")))
            }
        }
    }
}

/// Adds what a model is, with these parameters, its own or others.
pub(crate) fn put_model(
    model: &Sequential,
    params: &[f32],
    tensors: &mut Tensors,
    registry: &Registry,
    path: &Path,
) -> Result<()> {
    tensors.put_fact(FORMAT_KEY, FORMAT.to_string());
    tensors.put_fact(VERSION_KEY, env!("CARGO_PKG_VERSION"));
    put_json(tensors, MODEL_KEY, &Architecture::of(model, registry, path)?, path)?;
    Ok(weights::put(model, params, tensors, path)?)
}

/// Refuses what a newer version of this library has written. Files of other programs have no version.
pub(crate) fn check_format(tensors: &Tensors) -> Result<(), FileError> {
    let Some(format) = json::<u64>(tensors, FORMAT_KEY)? else { return Ok(()) };
    if format > FORMAT {
        let (path, found, known) = (tensors.path().into(), format, FORMAT);
        return Err(FileError::NewerVersion { path, found, known });
    }
    Ok(())
}

fn put_json(
    tensors: &mut Tensors,
    key: &str,
    value: &impl Serialize,
    path: &Path,
) -> Result<(), FileError> {
    let text = serde_json::to_string(value);
    tensors.put_fact(key, text.map_err(|error| bad_fact(path, key, error.to_string()))?);
    Ok(())
}

fn json<T: DeserializeOwned>(tensors: &Tensors, key: &str) -> Result<Option<T>, FileError> {
    tensors.fact(key).map(|text| parse(tensors, key, text)).transpose()
}

fn parse<T: DeserializeOwned>(tensors: &Tensors, key: &str, text: &str) -> Result<T, FileError> {
    serde_json::from_str(text).map_err(|error| bad_fact(tensors.path(), key, error.to_string()))
}

fn bad_fact(path: &Path, key: &str, reason: String) -> FileError {
    FileError::BadFact { path: path.into(), key: key.into(), reason }
}
