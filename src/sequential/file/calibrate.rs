//! Measurements on data that was held out: the temperature of the probabilities, and prototypes.

use super::model_file::ModelFile;
use super::prototypes::Prototypes;
use crate::data::{ByName, Dataset, Target, TargetKind};
use crate::error::{DataError, ModelError, Result};
use crate::kernels::math::exp;
use crate::loss::{Outputs, temper};
use crate::shape::len;

/// Range of the logarithms of temperatures: from 1/16 to 16.
const LOGARITHMS: (f32, f32) = (-2.772_589, 2.772_589);
/// Number of samples that are predicted at a time.
const CHUNK: usize = 512;
/// Steps of the search, each of which divides the range by 1.6.
const STEPS: usize = 30;

impl ModelFile {
    /// Finds the [`temperature`](ModelFile::temperature) with which the probabilities fit data best that
    /// was held out of training: a network that has learned its training set by heart is too sure.
    ///
    /// ```text
    /// p = softmax(z/T)        T* = argmin_T -1/n·Σᵢ ln p(right class of sample i)
    /// ```
    ///
    /// The class that is most probable stays the same. The search is by golden section, from 1/16 to 16.
    ///
    /// - **Source**: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks",
    ///   ICML 2017, section 4.2; J. Kiefer, "Sequential minimax search for a maximum", 1953.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let mnist = Mnist::sample();
    /// let few = mnist.train.take(2000)?;
    /// let [train, held_out] = split(&few, [0.8, 0.2], 0)?;
    /// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
    /// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).epochs(20).fit(&mut model, &train)?;
    /// let file = ModelFile::new(model).scaling(Scaling::pixels())?.loss(&SoftmaxCrossEntropy);
    /// let file = file.calibrate(&held_out)?;
    /// assert!(file.temperature > 1.0); // it was too sure
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// `held_out` gives inputs as the model takes them, as a training set does: scalings are not applied.
    ///
    /// # Errors
    ///
    /// Those of [`Sequential::evaluate`](crate::sequential::Sequential::evaluate) for a data set that does not fit, [`DataError::NoImages`] for an empty one, and
    /// [`ModelError::NoProbabilities`] where outputs are scores or targets no classes.
    pub fn calibrate(self, held_out: &dyn Dataset) -> Result<Self> {
        let meaning = self.meaning(len(self.model.output_shape()));
        let mut samples = Vec::with_capacity(held_out.len());
        self.each_output(held_out, |class, classes, y| {
            let mut log_p = vec![0.0; classes];
            meaning.log_probabilities(y, &mut log_p);
            samples.push((class, log_p));
        })?;
        let mut scratch = Vec::new();
        let mut loss = |ln_t: f32| {
            let mut sum = 0.0;
            for (class, log_p) in &samples {
                scratch.clone_from(log_p);
                temper(&mut scratch, exp(ln_t));
                sum -= f64::from(scratch[*class]);
            }
            sum
        };
        let temperature = exp(golden_section(LOGARITHMS, &mut loss));
        Ok(ModelFile { temperature, ..self })
    }
}

impl ModelFile {
    /// Measures the [`Prototypes`] of the classes, on data that was held out of training.
    /// [`Rejection::distance`](super::Rejection::distance) then rejects what looks otherwise.
    ///
    /// - **Source**: T. Mensink et al., "Distance-based image classification", 2013, for the nearest mean; K.
    ///   Lee et al., "A simple unified framework for detecting out-of-distribution samples", 2018.
    ///
    /// ```
    /// use chainrule::prelude::*;
    /// use chainrule::sequential::{Rejected, Rejection};
    ///
    /// let few = Mnist::sample().train.take(3000)?;
    /// let [train, held_out] = split(&few, [0.7, 0.3], 0)?;
    /// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
    /// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).epochs(3).fit(&mut model, &train)?;
    /// let file = ModelFile::new(model).scaling(Scaling::pixels())?.loss(&SoftmaxCrossEntropy);
    /// let file = file.prototypes(&held_out)?.rejection(Rejection::new().distance(3.0))?;
    ///
    /// let stripes: Vec<u8> = (0..784).map(|at| if at / 28 % 4 < 2 { 255 } else { 0 }).collect();
    /// let answer = file.classify(&stripes)?;
    /// assert!(matches!(answer.rejected(), Some(Rejected::Unlike { .. })), "{answer}");
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`ModelFile::calibrate`].
    pub fn prototypes(self, held_out: &dyn Dataset) -> Result<Self> {
        let mut samples: Vec<Vec<Vec<f32>>> = Vec::new();
        self.each_output(held_out, |class, classes, y| {
            samples.resize(classes, Vec::new());
            samples[class].push(y.to_vec());
        })?;
        Ok(ModelFile { prototypes: Some(Prototypes::of(&samples)), ..self })
    }
}

impl ModelFile {
    /// Calls a function with the class of each sample, the number of classes, and the model's outputs.
    pub(super) fn each_output(
        &self,
        data: &dyn Dataset,
        mut with: impl FnMut(usize, usize, &[f32]),
    ) -> Result<()> {
        let outputs_len = len(self.model.output_shape());
        if self.meaning(outputs_len) == Outputs::Scores {
            return Err(ModelError::NoProbabilities { what: "the outputs are scores" }.into());
        }
        if data.is_empty() {
            return Err(DataError::NoImages.into());
        }
        let by_name = ByName::new(data, self.model.class_names(), "calibration")?;
        let data = by_name.dataset();
        let TargetKind::Classes(classes) = data.target_kind() else {
            return Err(ModelError::NoProbabilities { what: "the targets are no classes" }.into());
        };
        if classes != outputs_len.max(2) {
            return Err(ModelError::CalibrationClasses { classes, outputs: outputs_len }.into());
        }
        let all: Vec<usize> = (0..data.len()).collect();
        for chunk in all.chunks(CHUNK) {
            let y = self.model.predict_samples(data, chunk)?;
            let y = y.as_slice().expect("a prediction is contiguous");
            for (&index, y) in chunk.iter().zip(y.chunks_exact(outputs_len)) {
                if let Target::Class(class) = data.target(index) {
                    with(class, classes, y);
                }
            }
        }
        Ok(())
    }
}

/// Place of the minimum of a function that falls and then rises.
fn golden_section((mut low, mut high): (f32, f32), f: &mut impl FnMut(f32) -> f64) -> f32 {
    const RATIO: f32 = 0.618_034;
    let (mut a, mut b) = (high - RATIO * (high - low), low + RATIO * (high - low));
    let (mut f_a, mut f_b) = (f(a), f(b));
    for _ in 0..STEPS {
        if f_a < f_b {
            (high, b, f_b) = (b, a, f_a);
            a = high - RATIO * (high - low);
            f_a = f(a);
        } else {
            (low, a, f_a) = (a, b, f_b);
            b = low + RATIO * (high - low);
            f_b = f(b);
        }
    }
    0.5 * (low + high)
}
