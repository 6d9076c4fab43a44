//! From raw inputs to ranked classes, by what a file knows of its model.

use std::borrow::Cow;

use ndarray::ArrayD;

use super::candidate::Candidate;
use super::classification::Classification;
use super::model_file::ModelFile;
use crate::error::{ModelError, Result};
use crate::kernels::math::exp;
use crate::layers::{Sigmoid, Softmax};
use crate::loss::{Outputs, temper};
use crate::sequential::Sequential;
use crate::shape::len;

impl ModelFile {
    /// Says what a raw input is: scales it, runs the model, and ranks the classes.
    ///
    /// `raw` are the values of one input in row-major order, as they were before the
    /// [scalings](ModelFile::scaling): the bytes of an image where the first of them is
    /// [`Scaling::pixels`](crate::data::Scaling::pixels), or `f32`s.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let mnist = Mnist::sample();
    /// let names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    /// let train = mnist.train.with_class_names(names)?;
    /// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
    /// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).fit(&mut model, &train)?;
    /// let file = ModelFile::new(model).scaling(Scaling::pixels())?.loss(&SoftmaxCrossEntropy);
    ///
    /// let pixels: Vec<u8> = mnist.test.image(0).iter().copied().collect();
    /// let answer = file.classify(&pixels)?;
    /// assert_eq!((answer.best().index, &*answer.best().name), (7, "seven"));
    /// for candidate in answer.top(3) {
    ///     println!("{candidate}"); // seven 99.5 %
    /// }
    /// # assert!(answer.best().probability > Some(0.5));
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// [`outputs`](ModelFile::outputs) says how the model's outputs become probabilities; where the
    /// file does not know it, the model does:
    ///
    /// | the model ends in | its outputs are |
    /// | --- | --- |
    /// | `Softmax`, `Sigmoid` | [probabilities](Outputs::Probabilities) |
    /// | another layer, with a single output | the [logit](Outputs::Sigmoid) of class 1 of two |
    /// | another layer, with several outputs | [logits](Outputs::Softmax) |
    ///
    /// The probabilities are divided by the [`temperature`](ModelFile::temperature), and the answer says
    /// if it is [rejected](Classification::rejected).
    ///
    /// One class is taken to be right: for labels that do not exclude each other, `predict` has a
    /// logit for each.
    ///
    /// # Errors
    ///
    /// [`ModelError::InputLength`] where `raw` is not one input, [`ModelError::NotFiniteInput`] and
    /// [`ModelError::NotFiniteOutput`] where a value or an output is infinite or NaN, and
    /// [`FileError`](crate::error::FileError) where a scaling does not fit the model.
    pub fn classify<T: Copy + Into<f32>>(&self, raw: &[T]) -> Result<Classification<'_>> {
        let size = len(self.model.input_shape());
        if raw.len() != size {
            return Err(self.wrong_length("classify", "one input of", raw.len()).into());
        }
        let mut answers = self.answers("classify", raw)?;
        Ok(answers.swap_remove(0))
    }

    /// As [`ModelFile::classify`], of many inputs, one after the other in `raw`. It takes less time
    /// than one by one.
    ///
    /// # Errors
    ///
    /// As [`ModelFile::classify`].
    pub fn classify_many<T: Copy + Into<f32>>(&self, raw: &[T]) -> Result<Vec<Classification<'_>>> {
        if !raw.len().is_multiple_of(len(self.model.input_shape())) {
            let wanted = "inputs one after the other, each of";
            return Err(self.wrong_length("classify_many", wanted, raw.len()).into());
        }
        self.answers("classify_many", raw)
    }

    /// Returns `true` if the last layer gives probabilities.
    pub(super) fn ends_in_probabilities(&self) -> bool {
        ends_in::<Softmax>(&self.model) || ends_in::<Sigmoid>(&self.model)
    }

    fn answers<T: Copy + Into<f32>>(
        &self,
        what: &'static str,
        raw: &[T],
    ) -> Result<Vec<Classification<'_>>> {
        let y = self.raw_outputs(what, raw)?;
        let outputs = len(self.model.output_shape());
        Ok(y.chunks_exact(outputs).map(|y| self.rank(y)).collect())
    }

    /// Outputs for raw inputs, one after the other.
    pub(super) fn raw_outputs<T: Copy + Into<f32>>(
        &self,
        what: &'static str,
        raw: &[T],
    ) -> Result<Vec<f32>> {
        self.model.check_not_empty()?;
        self.check("the model file".as_ref())?;
        let mut x: Vec<f32> = raw.iter().map(|&value| value.into()).collect();
        let size = len(self.model.input_shape());
        check_finite(&x, size, |sample, index, value| ModelError::NotFiniteInput {
            what,
            sample,
            index,
            value,
        })?;
        self.scalings.iter().for_each(|scaling| scaling.apply(&mut x));
        let mut shape = vec![x.len() / size];
        shape.extend(self.model.input_shape());
        let x = ArrayD::from_shape_vec(shape, x).expect("whole inputs");
        let y = self.model.predict(&x)?.into_raw_vec_and_offset().0;
        let outputs = len(self.model.output_shape());
        check_finite(&y, outputs, |sample, index, value| ModelError::NotFiniteOutput {
            what,
            sample,
            index,
            value,
        })?;
        Ok(y)
    }

    /// Ranks the classes; of equal ones the first comes first.
    pub(super) fn rank(&self, y: &[f32]) -> Classification<'_> {
        let mut scores = vec![0.0; y.len().max(2)];
        let known = self.meaning(y.len()).log_probabilities(y, &mut scores);
        if known {
            temper(&mut scores, self.temperature);
        }
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        let candidate = |index: usize| Candidate {
            index,
            name: match self.model.class_names().get(index) {
                Some(name) => Cow::Borrowed(&**name),
                None => Cow::Owned(index.to_string()),
            },
            probability: known.then(|| exp(scores[index])),
        };
        let ranked: Vec<Candidate<'_>> = order.into_iter().map(candidate).collect();
        let best = ranked[0].index;
        let distance = self.prototypes.as_ref().and_then(|all| all.distance(best, y));
        let rejected = self.rejection.as_ref().and_then(|rule| rule.of(&ranked, distance));
        Classification { ranked, rejected }
    }

    /// Returns how the outputs, of this number, become probabilities.
    pub(super) fn meaning(&self, outputs: usize) -> Outputs {
        self.outputs.unwrap_or(match outputs {
            _ if self.ends_in_probabilities() => Outputs::Probabilities,
            1 => Outputs::Sigmoid,
            _ => Outputs::Softmax,
        })
    }

    fn wrong_length(&self, what: &'static str, wanted: &'static str, came: usize) -> ModelError {
        let shape = self.model.input_shape().to_vec();
        ModelError::InputLength { what, wanted, shape, came }
    }
}

/// Returns `true` if the last layer is an `L`.
fn ends_in<L: 'static>(model: &Sequential) -> bool {
    let last = model.graph.nodes.last().and_then(|node| node.layer());
    last.is_some_and(|layer| (layer as &dyn std::any::Any).is::<L>())
}

/// Refuses numbers that are not finite, of which each sample has `size`.
fn check_finite(
    values: &[f32],
    size: usize,
    error: impl FnOnce(usize, usize, String) -> ModelError,
) -> Result<(), ModelError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(at) => Err(error(at / size, at % size, values[at].to_string())),
    }
}
