//! The reading of a drawing: stages, probabilities, saliency and maps.

use chainrule::error::IntakeError;
use chainrule::field::FieldReader;
use chainrule::intake::Grey;
use chainrule::ndarray::{ArrayD, ArrayView2, Ix4, s};
use chainrule::prelude::*;
use chainrule::sequential::{Classification, GradientTrace, LayerTrace};
use serde_json::{Value, json};

use crate::pixels;
use crate::verdict::verdict;

/// Maps shown of each layer.
const MAPS: usize = 8;
/// Largest decoded picture, in bytes: 2048×2048 with colours and transparency.
const MOST_BYTES: u64 = 16 << 20;

/// Model that reads drawings.
pub struct Reader {
    pub file: ModelFile,
    /// Slope of each input of the model by the ink of its pixel.
    slopes: Vec<f32>,
}

impl Reader {
    /// Reader with a model of digits.
    pub fn new(file: ModelFile) -> Result<Self> {
        FieldReader::new(&file)?; // says what is wrong with a model that does not read digits
        let count = file.model.input_shape().iter().product();
        let mut reader = Reader { file, slopes: vec![1.0; count] };
        // Scalings are affine, so two inputs give the slope.
        let [blank, full] = [0.0, 1.0].map(|ink| reader.input(&vec![ink; count]));
        reader.slopes = full.iter().zip(&blank).map(|(full, blank)| full - blank).collect();
        // A model that ends in a softmax has another loss: better known now than at the first drawing.
        reader.gradient(&vec![0.0; count], 0)?;
        Ok(reader)
    }

    /// Decodes a drawing; where nothing is written, the answer that says so takes its place.
    pub fn ink(&self, drawing: &[u8]) -> Result<std::result::Result<Read<'_>, Value>> {
        let grey = Grey::from_file_bytes(drawing, MOST_BYTES)?;
        match self.file.classify_grey(&grey) {
            Ok((answer, stages)) => Ok(Ok((answer, stages))),
            Err(Error::Intake(reason @ IntakeError::NoInk { .. })) => Ok(Err(json!({
                "nothing": true,
                "verdict": "no digit: nothing is written",
                "reason": reason.to_string(),
                "classes": self.classes(None),
            }))),
            Err(error) => Err(error),
        }
    }

    /// Reads a drawing: stages, probabilities, saliency and maps.
    pub fn read(&self, drawing: &[u8]) -> Result<Value> {
        let (answer, stages) = match self.ink(drawing)? {
            Ok(read) => read,
            Err(nothing) => return Ok(nothing),
        };
        let best = answer.best().index;
        let trace = self.gradient(stages.input.pixels(), best)?;
        let stages = stages.pictures().map(|(name, grey)| {
            let mut stage = pixels::picture(&grey);
            stage["name"] = name.into();
            stage
        });
        let layers = trace.layers.iter().filter(|layer| layer.output.ndim() == 4).map(maps);
        Ok(json!({
            "nothing": false,
            "verdict": verdict(&answer),
            "rejected": answer.rejected().map(ToString::to_string),
            "best": best,
            "classes": self.classes(Some(&answer)),
            "stages": stages,
            "saliency": self.saliency(&trace, best),
            "layers": Value::from_iter(layers),
        }))
    }

    /// Runs ink (0 to 1) forward, and the gradient of the loss of a class backward.
    pub fn gradient(&self, ink: &[f32], class: usize) -> Result<GradientTrace> {
        let shape = [&[1], self.file.model.input_shape()].concat();
        let x = ArrayD::from_shape_vec(shape, self.input(ink)).expect("as long as one input");
        self.file.model.trace_gradient(&x, &[Target::Class(class)], &SoftmaxCrossEntropy)
    }

    /// Returns `-dL/d ink` for each pixel: positive where more ink would lower the loss.
    pub fn descent(&self, trace: &GradientTrace) -> Vec<f32> {
        trace.input.iter().zip(&self.slopes).map(|(dx, slope)| -dx * slope).collect()
    }

    /// The descent of a class as a map.
    pub fn saliency(&self, trace: &GradientTrace, class: usize) -> Value {
        let descent = self.descent(trace);
        let mut map = pixels::signed(self.map(&descent));
        map["class"] = self.name(class).into();
        map
    }

    /// The values of all pixels as rows.
    pub fn map<'a>(&self, values: &'a [f32]) -> ArrayView2<'a, f32> {
        let shape = self.file.model.input_shape();
        ArrayView2::from_shape((shape[0], shape[1]), values).expect("an input of one channel")
    }

    /// Ranks the classes of ink.
    pub fn classify(&self, ink: &[f32]) -> Result<Classification<'_>> {
        self.file.classify(&self.raw(ink))
    }

    /// Name of a class.
    pub fn name(&self, class: usize) -> String {
        self.file.model.class_names().get(class).cloned().unwrap_or_else(|| class.to_string())
    }

    /// Names of the classes with their probabilities, where there is an answer.
    fn classes(&self, answer: Option<&Classification<'_>>) -> Value {
        let count = self.file.model.output_shape().iter().product();
        let probability = |class| answer.and_then(|answer| answer.probability(class));
        (0..count)
            .map(|class| json!({"name": self.name(class), "probability": probability(class)}))
            .collect()
    }

    /// Ink as the model file takes it: bytes where the first scaling says so.
    fn raw(&self, ink: &[f32]) -> Vec<f32> {
        let are_bytes = self.file.scalings.first() == Some(&Scaling::pixels());
        ink.iter().map(|ink| if are_bytes { 255.0 * ink } else { *ink }).collect()
    }

    /// Ink as the model takes it.
    fn input(&self, ink: &[f32]) -> Vec<f32> {
        let mut input = self.raw(ink);
        self.file.scalings.iter().for_each(|scaling| scaling.apply(&mut input));
        input
    }
}

/// Answer and stages of a drawing.
pub type Read<'a> = (Classification<'a>, chainrule::intake::Stages);

/// The first maps of a layer.
fn maps(layer: &LayerTrace) -> Value {
    let output = layer.output.view().into_dimensionality::<Ix4>().expect("a layer of maps");
    let (_, _, _, count) = output.dim();
    let map = |k| pixels::signed(output.slice(s![0, .., .., k]));
    let maps: Value = (0..count.min(MAPS)).map(map).collect();
    json!({"name": layer.name, "count": count, "maps": maps})
}
