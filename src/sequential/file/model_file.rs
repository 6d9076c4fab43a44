//! A model and what one must know to use it, in one file.

use std::path::Path;

use serde_json::{Map, Value};

use super::prototypes::Prototypes;
use super::rejection::Rejection;
use crate::data::Scaling;
use crate::error::Result;
use crate::file::Registry;
use crate::file::tensors::Tensors;
use crate::intake::Intake;
use crate::loss::{Loss, Outputs};
use crate::sequential::Sequential;

/// How errors call a file that is none.
pub(super) const IN_MEMORY: &str = "the bytes";

/// A model with the names of its classes, how its inputs were scaled, and how it was trained.
///
/// ```
/// use chainrule::prelude::*;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("m.safetensors");
/// let model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(2))?;
/// ModelFile::new(model.with_class_names(["cat", "dog"])?)
///     .scaling(Scaling::pixels())?
///     .loss(&SoftmaxCrossEntropy)
///     .fact("epochs", 10)
///     .fact("test accuracy", 0.97)
///     .save(&path)?;
///
/// let file = ModelFile::load(&path)?;
/// assert_eq!(file.model.class_names(), ["cat", "dog"]);
/// assert_eq!(file.training["epochs"], 10);
/// println!("{}", file.classify(&[51u8; 784])?); // cat 71.3 %
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// The model.
    pub model: Sequential,
    /// Steps from a raw input to one of the model, in order; none where they are not known.
    pub scalings: Vec<Scaling>,
    /// Way from a picture to a raw input, if it reads pictures.
    pub intake: Option<Intake>,
    /// How its outputs become probabilities; where it is not known, the last layer decides: see
    /// [`ModelFile::classify`].
    pub outputs: Option<Outputs>,
    /// Number by which logits are divided before they become probabilities: 1, unless
    /// [`ModelFile::calibrate`] found another.
    pub temperature: f32,
    /// Usual outputs for each class; `None` where [`ModelFile::prototypes`] did not measure them.
    pub prototypes: Option<Prototypes>,
    /// When an answer is not good enough; `None` where each is.
    pub rejection: Option<Rejection>,
    /// Facts about its training, in the order in which they were told.
    pub training: Map<String, Value>,
}

impl ModelFile {
    /// Of a model of which nothing more is known.
    pub fn new(model: Sequential) -> Self {
        ModelFile {
            model,
            scalings: Vec::new(),
            intake: None,
            outputs: None,
            temperature: 1.0,
            prototypes: None,
            rejection: None,
            training: Map::new(),
        }
    }

    /// Adds a scaling of its inputs, which comes after those that were added before. Images that were
    /// standardized have two, if a user of the file has their bytes:
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let images = Mnist::sample().train.take(100)?;
    /// let scaling = Scaling::of(&images)?; // one mean and one deviation for each pixel
    /// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
    /// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).fit(&mut model, &scaling.scale(&images)?)?;
    /// let file = ModelFile::new(model).scaling(Scaling::pixels())?.scaling(scaling)?;
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Scaling`](crate::error::DataError::Scaling) where it has not as many numbers as the
    /// model's inputs have values or channels.
    pub fn scaling(mut self, scaling: Scaling) -> Result<Self> {
        scaling.check(self.model.input_shape())?;
        self.scalings.push(scaling);
        Ok(self)
    }

    /// Says how a picture becomes a raw input, for [`ModelFile::classify_picture`].
    ///
    /// # Errors
    ///
    /// [`FileError::BadFact`](crate::error::FileError::BadFact) where the model takes no pictures of that size.
    pub fn intake(self, intake: Intake) -> Result<Self> {
        let file = ModelFile { intake: Some(intake), ..self };
        file.check(IN_MEMORY.as_ref())?;
        Ok(file)
    }

    /// Says when an answer is not good enough: [`Classification::rejected`](super::Classification::rejected).
    ///
    /// # Errors
    ///
    /// [`FileError::BadFact`](crate::error::FileError::BadFact) for limits outside 0..1, and for a class that the
    /// model does not have.
    pub fn rejection(self, rejection: Rejection) -> Result<Self> {
        let file = ModelFile { rejection: Some(rejection), ..self };
        file.check(IN_MEMORY.as_ref())?;
        Ok(file)
    }

    /// With what the loss that it was trained with says about its outputs.
    #[must_use]
    pub fn loss(self, loss: &dyn Loss) -> Self {
        let outputs = match loss.outputs() {
            // The mean squared error does not care: a last layer may give probabilities all the same.
            Outputs::Scores if self.ends_in_probabilities() => Outputs::Probabilities,
            outputs => outputs,
        };
        ModelFile { outputs: Some(outputs), ..self }
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
    /// [`FileError`](crate::error::FileError) if the file cannot be written, if a layer has no name in files (see
    /// [`Registry`]), if a weight is not finite, and for a scaling that does not fit the
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
        Ok(self.tensors(registry, path)?.write(path)?)
    }

    /// Loads it, without the code that built the model.
    ///
    /// # Errors
    ///
    /// [`FileError`](crate::error::FileError), which tells what is wrong: the file cannot be read, is cut short or damaged,
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
        ModelFile::from_tensors(Tensors::read(path)?, registry)
    }

    /// Returns the bytes of the file that [`ModelFile::save`] would write.
    ///
    /// # Errors
    ///
    /// As [`ModelFile::save`]; they speak of `the bytes` instead of a path.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.to_bytes_with(&Registry::default())
    }

    /// As [`ModelFile::to_bytes`], with layers of your own.
    ///
    /// # Errors
    ///
    /// As [`ModelFile::to_bytes`].
    pub fn to_bytes_with(&self, registry: &Registry) -> Result<Vec<u8>> {
        Ok(self.tensors(registry, IN_MEMORY.as_ref())?.to_bytes(IN_MEMORY.as_ref())?)
    }

    /// Loads it from the bytes of a file: from a model that is part of the program, or that came over
    /// a network.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// # let model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
    /// # let bytes = ModelFile::new(model).to_bytes()?;
    /// # /*
    /// let bytes = include_bytes!("digits.safetensors");
    /// # */
    /// let file = ModelFile::from_bytes(&bytes[..])?;
    /// println!("{}", file.model.summary());
    /// # assert_eq!(file.model.param_count(), 7850);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ModelFile::load`]; they speak of `the bytes` instead of a path.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        ModelFile::from_bytes_with(bytes, &Registry::default())
    }

    /// As [`ModelFile::from_bytes`], with layers of your own.
    ///
    /// # Errors
    ///
    /// As [`ModelFile::from_bytes`].
    pub fn from_bytes_with(bytes: &[u8], registry: &Registry) -> Result<Self> {
        ModelFile::from_tensors(Tensors::from_bytes(bytes, IN_MEMORY.as_ref())?, registry)
    }
}
