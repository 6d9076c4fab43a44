//! Errors of a model: while it is built, changed or called.

use thiserror::Error as ThisError;

use super::{Mismatch, batch};
use crate::shape;

/// Shapes that do not fit: while a model is built, or when it is called.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum ModelError {
    /// A layer cannot follow its neighbour.
    #[error(
        "layer {index}, {layer}, cannot follow {before}, which gives {}: {mismatch}",
        shape::label(came)
    )]
    Layer {
        /// Its place in the model, from 0.
        index: usize,
        /// The layer that was added.
        layer: String,
        /// The layer before it.
        before: String,
        /// The shape that comes from there.
        came: Vec<usize>,
        /// The input that the layer wants, and the fix.
        mismatch: Box<Mismatch>,
    },
    /// The shape of the model's inputs has no room for a number, or too much.
    #[error(
        "the model's input shape is {}: every size must be at least 1, and their product at most {limit}",
        shape::label(came)
    )]
    InputShape {
        /// The shape given to `Sequential::new`.
        came: Vec<usize>,
        /// The largest number of values.
        limit: usize,
    },
    /// An array given to the model is not a batch of its inputs.
    #[error(
        "{what} takes an array of shape {}, a batch of its inputs; got {}{}",
        batch::label(wanted),
        shape::label(came),
        batch::fix(wanted, came)
    )]
    Input {
        /// The method that was called.
        what: &'static str,
        /// The shape of one input.
        wanted: Vec<usize>,
        /// The shape of the array.
        came: Vec<usize>,
    },
    /// Values given to the model are not whole inputs.
    #[error(
        "{what} takes {wanted} {} values, {}; got {came}",
        shape::len(shape),
        shape::label(shape)
    )]
    InputLength {
        /// The method that was called.
        what: &'static str,
        /// The number of inputs that it takes.
        wanted: &'static str,
        /// The shape of one input.
        shape: Vec<usize>,
        /// The number of values.
        came: usize,
    },
    /// A value of an input is infinite or NaN.
    #[error(
        "{what} works with finite numbers, but value {index} of sample {sample} is {value}: correct that \
         sample, or leave it out"
    )]
    NotFiniteInput {
        /// The method that was called.
        what: &'static str,
        /// Number of the input, from 0.
        sample: usize,
        /// Place of the value in the input, in row-major order.
        index: usize,
        /// The number.
        value: String,
    },
    /// An output for a finite input is infinite or NaN.
    #[error(
        "{what} works with finite numbers, but output {index} for sample {sample} is {value}, and the \
         sample is finite: train the model again if it has diverged, or bring the sample to the scale of \
         those that it was trained on"
    )]
    NotFiniteOutput {
        /// The method that was called.
        what: &'static str,
        /// Number of the input, from 0.
        sample: usize,
        /// Place of the value in the output, in row-major order.
        index: usize,
        /// The number.
        value: String,
    },
    /// A model file that does not say how a picture becomes an input was to read one.
    #[error(
        "the model file does not say how a picture becomes an input: add `Intake::default()` with `intake` if the \
             model was trained on images in the form of MNIST's, or bring the picture into its form and use `classify`"
    )]
    NoIntake,
    /// A model of other classes than digits was to read digits.
    #[error(
        "the first ten classes of the model must be the digits, named 0 to 9 or without names, but they are {classes}: \
             give a model that reads digits, or name its classes so"
    )]
    NotDigits {
        /// The classes, as text.
        classes: String,
    },
    /// Something that has no probabilities was to be calibrated.
    #[error(
        "there are no probabilities to calibrate: {what}; calibrate a model that was trained to tell classes apart, \
             on a data set of classes"
    )]
    NoProbabilities {
        /// Reason, as a part of a sentence.
        what: &'static str,
    },
    /// A model was to be calibrated on other classes than its own.
    #[error(
        "a model with {outputs} outputs cannot be calibrated on a data set of {classes} classes: give data of the \
             classes that it was trained on"
    )]
    CalibrationClasses {
        /// Number of the classes of the data set.
        classes: usize,
        /// Number of the outputs of the model.
        outputs: usize,
    },
    /// A parameter vector of the wrong length.
    #[error(
        "the model has {wanted} parameters, got {came}: it must be a vector of a model of the same layers"
    )]
    ParamCount {
        /// The number that the model has.
        wanted: usize,
        /// The number that came.
        came: usize,
    },
    /// A branch of a block gave back another model than it got.
    #[error(
        "a branch of {block} gave back another model: let it add to the model that it is given, and return that"
    )]
    Branch {
        /// The block.
        block: String,
    },
    /// No layer of the model has this number or name.
    #[error("the model has no layer {wanted}: its layers are {}", numbered(layers))]
    NoLayer {
        /// The number, or the name.
        wanted: String,
        /// Names of the layers.
        layers: Vec<String>,
    },
    /// A model cannot end within the branches of a block.
    #[error(
        "the model cannot be cut before layer {at}, which stands in {block}: cut before layer {start} or {end}"
    )]
    Cut {
        /// Number of the first layer to take off.
        at: usize,
        /// The block that contains it.
        block: String,
        /// Number of the first layer of the block.
        start: usize,
        /// Number of the first layer after the block.
        end: usize,
    },
    /// More layers were to be taken off than there are.
    #[error("cannot take {wanted} layers off a model of {came}, where a block counts as one layer")]
    TooFew {
        /// The number of layers to take off.
        wanted: usize,
        /// The number that the model has.
        came: usize,
    },
    /// A target does not fit the model.
    #[error("target {index} is {target}: wanted {wanted}")]
    Target {
        /// Its number, from 0.
        index: usize,
        /// The target.
        target: String,
        /// The target that the model and the first target call for.
        wanted: String,
    },
    /// A layer has no parameter array of this name.
    #[error("the model has no parameter `{name}`: its parameters are {}", params.join(", "))]
    NoParam {
        /// The name.
        name: String,
        /// Names of the arrays.
        params: Vec<String>,
    },
    /// An array for a parameter has another shape.
    #[error(
        "parameter `{name}` has shape {}, got an array of shape {}",
        shape::label(wanted),
        shape::label(came)
    )]
    ParamShape {
        /// Name of the parameter.
        name: String,
        /// Its shape.
        wanted: Vec<usize>,
        /// Shape of the array.
        came: Vec<usize>,
    },
    /// The number of names is not that of the classes.
    #[error(
        "{names} names came for the classes of {outputs} outputs: give {} names, one for each class",
        outputs.max(&2)
    )]
    ClassNames {
        /// Number of names.
        names: usize,
        /// Number of outputs. A single one separates two classes.
        outputs: usize,
    },
    /// Two classes have one name.
    #[error("two classes are called `{name}`: give each class a name of its own")]
    SameName {
        /// The name.
        name: String,
    },
    /// There must be one target for each input.
    #[error("{inputs} inputs and {targets} targets came: give one target for each input")]
    TargetCount {
        /// Number of inputs.
        inputs: usize,
        /// Number of targets.
        targets: usize,
    },
    /// A model without layers has nothing to compute.
    #[error("the model has no layers: add one with `.add(...)`")]
    Empty,
}

/// `0 Dense(10), 1 Relu`
fn numbered(layers: &[String]) -> String {
    let numbered: Vec<String> =
        layers.iter().enumerate().map(|(number, name)| format!("{number} {name}")).collect();
    if numbered.is_empty() { "none yet".to_string() } else { numbered.join(", ") }
}
