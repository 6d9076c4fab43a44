//! Features of like size, whatever their units.

use serde::{Deserialize, Serialize};

use super::dataset::{counted, input_len};
use super::{Dataset, Target, TargetKind};
use crate::error::{DataError, Result};
use crate::shape::{self, checked_len};

/// The mean and the standard deviation of each feature of a training set, to standardize it and all
/// that the model sees later: a network learns badly where one feature is a thousand times another.
///
/// ```text
/// y = (x - mean)·(1/std)        std = √(Σ (x - mean)² / n), and 1 for a feature that never changes
/// ```
///
/// There is one mean and one deviation for each value of an input, or one for each channel (the last
/// axis), or one for all. The difference comes first, which keeps the precision of small deviations
/// from a large mean, such as of times. A [`ModelFile`](crate::sequential::ModelFile) keeps scalings,
/// and what it computes of a raw input is bit by bit what a model was trained on.
///
/// - **Source**: Y. LeCun et al., "Efficient backprop", 1998, section 4.3; the numbers are those of
///   scikit-learn's `StandardScaler`.
///
/// ```
/// use chainrule::data::{Csv, Scaling, split};
/// use chainrule::prelude::*;
///
/// let flowers = Csv::new().label("species").read("tests/fixtures/iris.csv")?;
/// let [train, test] = split(&flowers, [0.8, 0.2], 1)?;
/// // The test set is scaled by the numbers of the training set, as a new flower would be.
/// let scaling = Scaling::of(&train)?;
/// let (train, test) = (scaling.scale(&train)?, scaling.scale(&test)?);
/// let mut model = Sequential::new([4]).add(Dense::new(16))?.add(Relu)?.add(Dense::new(3))?;
/// let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(16).epochs(100);
/// trainer.fit(&mut model, &train)?;
/// assert!(model.evaluate(&test, &SoftmaxCrossEntropy)?.accuracy.unwrap() > 0.9);
///
/// let file = ModelFile::new(model).scaling(scaling.clone())?;
/// println!("{}", file.classify(&[5.1f32, 3.5, 1.4, 0.2])?); // setosa 99.9 %
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Scaling {
    mean: Vec<f32>,
    std: Vec<f32>,
}

/// Numbers of a scaling in a file, before they are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    mean: Vec<f32>,
    std: Vec<f32>,
}

impl TryFrom<Unchecked> for Scaling {
    type Error = crate::Error;

    fn try_from(Unchecked { mean, std }: Unchecked) -> Result<Self> {
        Scaling::new(mean, std)
    }
}

impl Scaling {
    /// Measures every feature over a whole data set, in 64 bits. Padding of sequences is not counted.
    ///
    /// # Errors
    ///
    /// [`DataError::Scaling`] where the set is empty or a feature is not finite,
    /// [`DataError::TooManyNumbers`] for inputs that no model takes, and those of [`Dataset::input`].
    pub fn of(data: &dyn Dataset) -> Result<Self> {
        let features = input_len(data)?;
        let (mut x, mut counts) = (vec![0.0; features], vec![0.0; features]);
        // West's update of mean and sum of squares, which needs one pass and cancels nothing.
        let (mut mean, mut squares) = (vec![0.0; features], vec![0.0; features]);
        for index in 0..data.len() {
            data.input(index, &mut x)?;
            let numbers = counted(data, index, features);
            let sums = mean.iter_mut().zip(&mut squares).zip(&mut counts);
            for (feature, (&x, ((mean, squares), count))) in
                x.iter().zip(sums).take(numbers).enumerate()
            {
                if !x.is_finite() {
                    return refused(format!("feature {feature} of sample {index} is {x}"));
                }
                let off = f64::from(x) - *mean;
                *count += 1.0;
                *mean += off / *count;
                *squares += off * (f64::from(x) - *mean);
            }
        }
        if data.is_empty() || features == 0 {
            return refused("there are no numbers to measure".into());
        }
        let deviation = |(squares, count): (&f64, &f64)| (squares / count).sqrt() as f32;
        let std = squares.iter().zip(&counts).map(deviation);
        Ok(Scaling {
            mean: mean.iter().map(|&mean| mean as f32).collect(),
            std: std.map(|std| if is_divisor(std) { std } else { 1.0 }).collect(),
        })
    }

    /// Scaling by numbers that were measured before: one mean and one standard deviation for each value
    /// of an input, or for each channel, or for all.
    ///
    /// # Errors
    ///
    /// [`DataError::Scaling`] unless there are as many of both, the means are finite, and the
    /// standard deviations finite and above 3e-39, so that their inverses are finite as well.
    pub fn new(mean: Vec<f32>, std: Vec<f32>) -> Result<Self> {
        if mean.len() != std.len() || mean.is_empty() {
            return refused(format!("there are {} means and {} deviations", mean.len(), std.len()));
        }
        let fits = |mean: f32, std: f32| mean.is_finite() && std.is_finite() && is_divisor(std);
        match mean.iter().zip(&std).position(|(&mean, &std)| !fits(mean, std)) {
            Some(i) => refused(format!(
                "feature {i} has the mean {} and the deviation {}: both must be finite, and the \
                 deviation above 0",
                mean[i], std[i]
            )),
            None => Ok(Scaling { mean, std }),
        }
    }

    /// Bytes to 0..1, as [`Images`](crate::data::Images) gives them: a mean of 0 and a deviation of 255.
    ///
    /// ```
    /// use chainrule::data::Scaling;
    ///
    /// let mut x = [0.0, 255.0];
    /// Scaling::pixels().apply(&mut x);
    /// assert_eq!(x, [0.0, 1.0]);
    /// ```
    pub fn pixels() -> Self {
        Scaling { mean: vec![0.0], std: vec![255.0] }
    }

    /// Mean of each feature, of each channel, or of all values.
    pub fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// Standard deviations, as many; 1 for a feature that never changes.
    pub fn std(&self) -> &[f32] {
        &self.std
    }

    /// Standardizes inputs in place, one or several after another.
    ///
    /// # Panics
    ///
    /// If the means are not those of whole inputs: their number does not divide that of the values.
    pub fn apply(&self, x: &mut [f32]) {
        assert!(x.len().is_multiple_of(self.mean.len()), "an input has another number of features");
        for x in x.chunks_exact_mut(self.mean.len()) {
            for (x, (mean, std)) in x.iter_mut().zip(self.mean.iter().zip(&self.std)) {
                *x = (*x - mean) * (1.0 / std);
            }
        }
    }

    /// A data set as it looks when standardized. Nothing is copied.
    ///
    /// # Errors
    ///
    /// [`DataError::Scaling`] where its inputs have another number of features.
    pub fn scale<'a>(&'a self, data: &'a dyn Dataset) -> Result<Scaled<'a>> {
        self.check(&data.input_shape())?;
        Ok(Scaled { data, scaling: self })
    }

    /// Refuses inputs of a shape that it has not the numbers for.
    pub(crate) fn check(&self, input: &[usize]) -> Result<()> {
        let (own, channels) = (self.mean.len(), input.last().copied().unwrap_or(1));
        if [Some(1), Some(channels), checked_len(input)].contains(&Some(own)) {
            return Ok(());
        }
        refused(format!(
            "it has {own} means and deviations, but inputs are {}: it must be 1 of each for all values, \
             {channels} for the channels, or as many as an input has values",
            shape::label(input)
        ))
    }
}

/// Returns `true` for a deviation that values can be divided by.
fn is_divisor(std: f32) -> bool {
    std > 0.0 && (1.0 / std).is_finite()
}

fn refused<T>(reason: String) -> Result<T> {
    Err(DataError::Scaling { reason }.into())
}

/// A view of a data set with every input standardized: [`Scaling::scale`] makes it.
#[derive(Clone)]
pub struct Scaled<'a> {
    data: &'a dyn Dataset,
    scaling: &'a Scaling,
}

impl Dataset for Scaled<'_> {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        self.data.input_shape()
    }

    fn target_kind(&self) -> TargetKind {
        self.data.target_kind()
    }

    fn class_names(&self) -> &[String] {
        self.data.class_names()
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        self.data.input(index, x)?;
        self.scaling.apply(x);
        Ok(())
    }

    fn in_memory(&self) -> bool {
        self.data.in_memory()
    }

    fn sequence_length(&self, index: usize) -> Option<usize> {
        self.data.sequence_length(index)
    }

    fn target(&self, index: usize) -> Target<'_> {
        self.data.target(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Arrays;
    use ndarray::{Array, array};

    fn columns(x: ndarray::Array2<f32>) -> Arrays {
        let targets = Array::zeros((x.nrows(), 1));
        Arrays::new(x, targets).unwrap()
    }

    #[test]
    fn a_constant_far_from_zero_stays_finite_and_becomes_zero() {
        let data = columns(array![[1e8, 16_777_216.0], [1e8, 16_777_218.0], [1e8, 16_777_220.0]]);
        let scaling = Scaling::of(&data).unwrap();
        assert_eq!(scaling.mean(), [1e8, 16_777_218.0]);
        assert_eq!(scaling.std(), [1.0, (8f32 / 3.0).sqrt()]);
        let mut x = [1e8, 16_777_218.0];
        scaling.apply(&mut x);
        assert_eq!(x, [0.0, 0.0]);
    }

    #[test]
    fn what_cannot_be_measured_or_applied_is_refused() {
        let refusal = |result: Result<Scaling>| result.unwrap_err().to_string();
        let nan = Scaling::of(&columns(array![[0.0, 1.0], [0.0, f32::NAN]]));
        assert!(refusal(nan).contains("feature 1 of sample 1 is NaN"));
        assert!(refusal(Scaling::new(vec![0.0], vec![])).contains("1 means and 0 deviations"));
        assert!(refusal(Scaling::new(vec![0.0, 1.0], vec![1.0, 0.0])).contains("feature 1 has"));
        assert!(refusal(Scaling::new(vec![0.0], vec![1e-40])).contains("feature 0 has"));
        let scaling = Scaling::new(vec![0.0; 3], vec![1.0; 3]).unwrap();
        let refusal = scaling.scale(&columns(array![[0.0, 1.0]])).err().unwrap().to_string();
        assert!(refusal.contains("it has 3 means and deviations, but inputs are 2"), "{refusal}");
    }
    #[test]
    fn bytes_become_what_images_give() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut scaled: Vec<f32> = bytes.iter().map(|&byte| byte.into()).collect();
        Scaling::pixels().apply(&mut scaled);
        let mut images = vec![0.0; 256];
        crate::data::images::scale(&bytes, &mut images);
        let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&scaled), bits(&images));
    }

    #[test]
    fn the_numbers_of_channels_and_of_all_values_are_repeated() {
        let mut x = [3.0, 10.0, 5.0, 30.0];
        Scaling::new(vec![3.0, 20.0], vec![2.0, 10.0]).unwrap().apply(&mut x);
        assert_eq!(x, [0.0, -1.0, 1.0, 1.0]);
        let image = Scaling::new(vec![1.0], vec![2.0]).unwrap();
        assert!(image.check(&[4, 4, 3]).is_ok());
        let channels = Scaling::new(vec![1.0; 3], vec![2.0; 3]).unwrap();
        assert!(channels.check(&[4, 4, 3]).is_ok() && channels.check(&[3, 4, 4]).is_err());
    }
}
