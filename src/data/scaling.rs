//! Features of like size, whatever their units.

use super::dataset::input_len;
use super::{Dataset, Target, TargetKind};
use crate::error::{DataError, Result};
use crate::shape::{self, checked_len};

/// The mean and the standard deviation of each feature of a training set, to standardize it and all
/// that the model sees later: a network learns badly where one feature is a thousand times another.
///
/// ```text
/// y = (x - mean)/std        std = √(Σ (x - mean)² / n), and 1 for a feature that never changes
/// ```
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
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    mean: Vec<f32>,
    std: Vec<f32>,
}

impl Scaling {
    /// Measures every feature over a whole data set, in 64 bits.
    ///
    /// # Errors
    ///
    /// [`DataError::Scaling`] where the set is empty or a feature is not finite,
    /// [`DataError::TooManyNumbers`] for inputs that no model takes, and those of [`Dataset::input`].
    pub fn of(data: &dyn Dataset) -> Result<Self> {
        let features = input_len(data)?;
        let mut x = vec![0.0; features];
        // West's update of mean and sum of squares, which needs one pass and cancels nothing.
        let (mut mean, mut squares) = (vec![0.0; features], vec![0.0; features]);
        for index in 0..data.len() {
            data.input(index, &mut x)?;
            for (feature, (&x, (mean, squares))) in
                x.iter().zip(mean.iter_mut().zip(&mut squares)).enumerate()
            {
                if !x.is_finite() {
                    return refused(format!("feature {feature} of sample {index} is {x}"));
                }
                let off = f64::from(x) - *mean;
                *mean += off / (index + 1) as f64;
                *squares += off * (f64::from(x) - *mean);
            }
        }
        if data.is_empty() || features == 0 {
            return refused("there are no numbers to measure".into());
        }
        let std = squares.iter().map(|squares: &f64| (squares / data.len() as f64).sqrt() as f32);
        Ok(Scaling {
            mean: mean.iter().map(|&mean| mean as f32).collect(),
            std: std.map(|std| if std == 0.0 { 1.0 } else { std }).collect(),
        })
    }

    /// A scaling that was measured before: one mean and one standard deviation for each feature.
    ///
    /// # Errors
    ///
    /// [`DataError::Scaling`] unless there are as many of both, the means are finite, and the
    /// standard deviations finite and above 0.
    pub fn new(mean: Vec<f32>, std: Vec<f32>) -> Result<Self> {
        if mean.len() != std.len() || mean.is_empty() {
            return refused(format!("there are {} means and {} deviations", mean.len(), std.len()));
        }
        let fits = |mean: f32, std: f32| mean.is_finite() && std.is_finite() && std > 0.0;
        match mean.iter().zip(&std).position(|(&mean, &std)| !fits(mean, std)) {
            Some(i) => refused(format!(
                "feature {i} has the mean {} and the deviation {}: both must be finite, and the \
                 deviation above 0",
                mean[i], std[i]
            )),
            None => Ok(Scaling { mean, std }),
        }
    }

    /// The mean of each feature.
    pub fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// The standard deviation of each feature; 1 for one that never changes.
    pub fn std(&self) -> &[f32] {
        &self.std
    }

    /// Standardizes one input, such as to predict from.
    ///
    /// # Panics
    ///
    /// If `x` has another number of features.
    pub fn apply(&self, x: &mut [f32]) {
        assert_eq!(x.len(), self.mean.len(), "the input has another number of features");
        for (x, (mean, std)) in x.iter_mut().zip(self.mean.iter().zip(&self.std)) {
            *x = (*x - mean) / std;
        }
    }

    /// A data set as it looks when standardized. Nothing is copied.
    ///
    /// # Errors
    ///
    /// [`DataError::Scaling`] where its inputs have another number of features.
    pub fn scale<'a>(&'a self, data: &'a dyn Dataset) -> Result<Scaled<'a>> {
        let came = data.input_shape();
        if checked_len(&came) != Some(self.mean.len()) {
            let wanted = self.mean.len();
            return refused(format!(
                "it has {wanted} features, but inputs are {}",
                shape::label(&came)
            ));
        }
        Ok(Scaled { data, scaling: self })
    }
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
        let scaling = Scaling::new(vec![0.0], vec![1.0]).unwrap();
        let refusal = scaling.scale(&columns(array![[0.0, 1.0]])).err().unwrap().to_string();
        assert!(refusal.contains("it has 1 features, but inputs are 2"), "{refusal}");
    }
}
