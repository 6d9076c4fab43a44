//! The signature of a model: what must be equal for a stepper to serve it.

use std::fmt;

use crate::error::TrainError;
use crate::sequential::Sequential;
use crate::shape;

/// Shape and layers of a model.
pub(super) struct Signature {
    input_shape: Vec<usize>,
    layers: Vec<String>,
    params: usize,
}

impl Signature {
    pub fn new(model: &Sequential) -> Self {
        Signature {
            input_shape: model.input_shape().to_vec(),
            layers: model.layers().map(|layer| layer.signature()).collect(),
            params: model.param_count(),
        }
    }

    /// Refuses a model of another shape.
    pub fn check(&self, model: &Sequential) -> Result<(), TrainError> {
        let same = self.params == model.param_count()
            && self.input_shape == model.input_shape()
            && model.layers().map(|layer| layer.signature()).eq(self.layers.iter().cloned());
        if same {
            return Ok(());
        }
        let (wanted, came) = (self.to_string(), Signature::new(model).to_string());
        Err(TrainError::OtherModel { wanted, came })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let input = shape::label(&self.input_shape);
        write!(f, "inputs {input}, {} parameters and layers ", self.params)?;
        f.write_str(&self.layers.join(", "))
    }
}
