//! The content of a model file: a model and what is known of it as tensors and facts, and back.

use std::path::Path;

use super::architecture::Architecture;
use super::facts::*;
use super::model_file::ModelFile;
use super::weights;
use crate::error::{Error, FileError, Result};
use crate::file::tensors::Tensors;
use crate::file::{RUN, Registry};
use crate::loss::Outputs;
use crate::sequential::Sequential;
use crate::shape::len;

impl ModelFile {
    /// Returns what the file holds; errors call it `path`.
    pub(super) fn tensors(&self, registry: &Registry, path: &Path) -> Result<Tensors> {
        self.model.check_not_empty()?;
        self.check(path)?;
        let mut tensors = Tensors::new();
        put_model(&self.model, self.model.params(), &mut tensors, registry, path)?;
        if !self.scalings.is_empty() {
            put_json(&mut tensors, INPUTS_KEY, &self.scalings, path)?;
        }
        if let Some(intake) = &self.intake {
            put_json(&mut tensors, INTAKE_KEY, intake, path)?;
        }
        if self.temperature != 1.0 {
            put_json(&mut tensors, TEMPERATURE_KEY, &self.temperature, path)?;
        }
        if let Some(prototypes) = &self.prototypes {
            put_json(&mut tensors, PROTOTYPES_KEY, prototypes, path)?;
        }
        if let Some(rejection) = &self.rejection {
            put_json(&mut tensors, REJECTION_KEY, rejection, path)?;
        }
        if let Some(outputs) = &self.outputs {
            put_json(&mut tensors, OUTPUTS_KEY, outputs, path)?;
        }
        if !self.training.is_empty() {
            put_json(&mut tensors, TRAINING_KEY, &self.training, path)?;
        }
        Ok(tensors)
    }

    /// Builds a model from what a file holds.
    pub(super) fn from_tensors(mut tensors: Tensors, registry: &Registry) -> Result<Self> {
        weights::is_ours(&tensors)?;
        let fix = "it holds weights alone: build the model, and load them with `load_weights`";
        let architecture: Architecture =
            parse(&tensors, MODEL_KEY, tensors.required_fact(MODEL_KEY, fix)?)?;
        weights::check_format(&tensors)?;
        let built = architecture.build(registry, &tensors);
        let mut model = built.map_err(|error| match error {
            Error::Model(source) => FileError::Model { path: tensors.path().into(), source }.into(),
            error => error,
        })?;
        tensors.forget(|name| name.starts_with(RUN));
        let params = weights::take(&model, &mut tensors)?;
        model.set_params(&params)?;
        weights::take_class_names(&mut model, &tensors)?;
        let file = ModelFile {
            model,
            scalings: json(&tensors, INPUTS_KEY)?.unwrap_or_default(),
            intake: json(&tensors, INTAKE_KEY)?,
            outputs: json(&tensors, OUTPUTS_KEY)?,
            temperature: json(&tensors, TEMPERATURE_KEY)?.unwrap_or(1.0),
            prototypes: json(&tensors, PROTOTYPES_KEY)?,
            rejection: json(&tensors, REJECTION_KEY)?,
            training: json(&tensors, TRAINING_KEY)?.unwrap_or_default(),
        };
        file.check(tensors.path())?;
        tensors.check_all_taken()?;
        Ok(file)
    }

    /// Refuses what does not fit the model: an intake, a scaling, a meaning of outputs, a temperature,
    /// prototypes, a rule of rejection.
    pub(crate) fn check(&self, path: &Path) -> Result<(), FileError> {
        for scaling in &self.scalings {
            let fit = scaling.check(self.model.input_shape());
            fit.map_err(|error| bad_fact(path, INPUTS_KEY, error.to_string()))?;
        }
        if let Some(intake) = &self.intake {
            let fit = intake.check_input(self.model.input_shape());
            fit.map_err(|reason| bad_fact(path, INTAKE_KEY, reason))?;
        }
        if !(self.temperature > 0.0 && self.temperature.is_finite()) {
            let reason = format!("{} is no temperature: it must be above 0", self.temperature);
            return Err(bad_fact(path, TEMPERATURE_KEY, reason));
        }
        if let Some(prototypes) = &self.prototypes {
            let fit = prototypes.check(len(self.model.output_shape()));
            fit.map_err(|reason| bad_fact(path, PROTOTYPES_KEY, reason))?;
        }
        if let Some(rejection) = &self.rejection {
            let fit = rejection.check(self.model.class_names(), self.prototypes.is_some());
            fit.map_err(|reason| bad_fact(path, REJECTION_KEY, reason))?;
        }
        if len(self.model.output_shape()) == 1 && self.outputs == Some(Outputs::Softmax) {
            let reason = "the softmax of a single output is always 1".to_string();
            return Err(bad_fact(path, OUTPUTS_KEY, reason));
        }
        Ok(())
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
    put_json(tensors, MODEL_KEY, &Architecture::of(model, registry, path)?, path)?;
    Ok(weights::put(model, params, tensors, path)?)
}
