//! Samples as arrays of numbers in memory, with classes or values as targets.

use ndarray::{Array, Array2, ArrayD, ArrayView1, Dimension};

use super::class_names::one_for_each;
use super::dataset::load;
use super::targets::Targets;
use super::{Dataset, Target, TargetKind};
use crate::error::{DataError, Result};
use crate::shape;
use crate::text::shortened;

/// Largest number of characters of a row in an error.
const SHOWN: usize = 60;

/// Inputs as an array of numbers, and their targets: for features, for regression, and for small
/// examples.
///
/// | constructor | targets |
/// |---|---|
/// | [`new`](Arrays::new) | values: numbers to be regressed, or distributions over classes |
/// | [`with_classes`](Arrays::with_classes) | classes, by number |
/// | [`from_one_hot`](Arrays::from_one_hot) | classes, by rows with a single 1 |
/// | [`inputs_as_targets`](Arrays::inputs_as_targets) | the inputs: for autoencoders |
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
/// let xor = Arrays::new(x.clone(), array![[0.0], [1.0], [1.0], [0.0]])?;
/// assert_eq!((xor.len(), xor.target_kind()), (4, TargetKind::Values(1)));
/// let xor = Arrays::with_classes(x, [0, 1, 1, 0], 2)?.with_class_names(["same", "different"])?;
/// assert_eq!(xor.target(1), Target::Class(1));
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Arrays {
    /// In standard layout.
    inputs: ArrayD<f32>,
    /// None where the inputs are the targets.
    targets: Option<Targets>,
}

impl Arrays {
    /// From inputs (n, input..) and targets (n, values..).
    ///
    /// Values have no accuracy, not even one-hot rows under a cross-entropy, which trains on them:
    /// [`from_one_hot`](Arrays::from_one_hot) makes classes of such rows.
    ///
    /// # Errors
    ///
    /// [`DataError::NoNumbers`] when a sample or the set has none, and [`DataError::TargetCount`]
    /// when the two differ in n.
    pub fn new<D: Dimension, E: Dimension>(
        inputs: Array<f32, D>,
        targets: Array<f32, E>,
    ) -> Result<Self> {
        let inputs = checked(inputs)?;
        check_numbers("targets", targets.shape())?;
        let n = targets.shape()[0];
        let each = targets.len() / n;
        let values = targets.iter().copied().collect();
        Self::of(inputs, n, Targets::Values { each, values })
    }

    /// From inputs (n, input..) and n labels in `0..classes`.
    ///
    /// ```
    /// use chainrule::prelude::*;
    /// use ndarray::array;
    ///
    /// let labels: Vec<u8> = vec![0, 2, 1];
    /// let points = array![[0.0, 0.1], [4.0, 4.2], [1.9, 2.0]];
    /// let points = Arrays::with_classes(points, labels.into_iter().map(usize::from), 3)?;
    /// let mut model = Sequential::new([2]).add(Dense::new(3))?;
    /// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.1)).epochs(200).fit(&mut model, &points)?;
    /// assert_eq!(model.evaluate(&points, &SoftmaxCrossEntropy)?.accuracy, Some(1.0));
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::NoNumbers`] when a sample or the set has none, [`DataError::TargetCount`] unless
    /// there is one label for each input, [`DataError::NoClasses`], and [`DataError::LabelRange`] for
    /// a label that is not below `classes`.
    pub fn with_classes<D: Dimension>(
        inputs: Array<f32, D>,
        labels: impl IntoIterator<Item = usize>,
        classes: usize,
    ) -> Result<Self> {
        let inputs = checked(inputs)?;
        let numbers: Vec<usize> = labels.into_iter().collect();
        if classes == 0 {
            return Err(DataError::NoClasses.into());
        }
        if let Some(index) = numbers.iter().position(|&label| label >= classes) {
            return Err(DataError::LabelRange { index, label: numbers[index], classes }.into());
        }
        Self::of(inputs, numbers.len(), Targets::Classes { numbers, classes, names: Vec::new() })
    }

    /// From inputs (n, input..) and n rows with a number for each class: 1 for the class of the sample,
    /// and 0 for the others.
    ///
    /// ```
    /// use chainrule::prelude::*;
    /// use ndarray::array;
    ///
    /// let rows = array![[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]];
    /// let data = Arrays::from_one_hot(array![[0.5], [0.7]], rows)?;
    /// assert_eq!((data.target_kind(), data.target(0)), (TargetKind::Classes(3), Target::Class(1)));
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`with_classes`](Arrays::with_classes), and [`DataError::NotOneHot`] for the first row
    /// that has other numbers.
    pub fn from_one_hot<D: Dimension>(inputs: Array<f32, D>, rows: Array2<f32>) -> Result<Self> {
        let inputs = checked(inputs)?;
        check_numbers("targets", rows.shape())?;
        let class = |(index, row): (usize, ArrayView1<f32>)| {
            let mut others = row.iter().enumerate().filter(|(_, value)| **value != 0.0);
            match (others.next(), others.next()) {
                (Some((class, &1.0)), None) => Ok(class),
                _ => Err(DataError::NotOneHot { index, found: shortened(&row.to_string(), SHOWN) }),
            }
        };
        let labels = rows.outer_iter().enumerate().map(class).collect::<Result<Vec<_>, _>>()?;
        Self::with_classes(inputs, labels, rows.ncols())
    }

    /// Copies the inputs of a data set, which become the targets as well: what an autoencoder learns
    /// from. The targets it had are left out.
    ///
    /// The copy has 4 bytes for each number: 188 MB for the 60,000 images of MNIST.
    ///
    /// ```
    /// use chainrule::prelude::*;
    /// use ndarray::Axis;
    ///
    /// let digits = Arrays::inputs_as_targets(&Mnist::sample().train.take(500)?)?;
    /// let mut model = Sequential::new([28, 28, 1])
    ///     .add(Flatten)?
    ///     .add(Dense::new(32))?
    ///     .add(Relu)?
    ///     .add(Dense::new(28 * 28))?;
    /// let mut trainer = Trainer::new(MeanSquaredError, Adam::new(0.002)).batch_size(25).epochs(20);
    /// trainer.fit(&mut model, &digits)?;
    ///
    /// // 32 numbers say more about a digit than the mean of all digits, whose error is the variance.
    /// let all: Vec<usize> = (0..digits.len()).collect();
    /// let variance = inputs(&digits, &all)?.var_axis(Axis(0), 0.0).mean().unwrap();
    /// let loss = model.evaluate(&digits, &MeanSquaredError)?.loss;
    /// assert!(loss < 0.5 * f64::from(variance));
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// [Augmentation](super::augment) changes inputs and leaves targets as they are: with noise, such as
    /// [`GaussianNoise`](super::augment::GaussianNoise), the model becomes a denoising autoencoder. What
    /// moves an image, such as [`Shift`](super::augment::Shift), has the model move it back.
    ///
    /// - **Source**: P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, "Extracting and composing
    ///   robust features with denoising autoencoders", ICML 2008.
    ///
    /// # Errors
    ///
    /// [`DataError::NoNumbers`] when a sample or the set has none, and those of [`inputs`](super::inputs).
    pub fn inputs_as_targets(data: &dyn Dataset) -> Result<Self> {
        let inputs = checked(load(data, 0..data.len())?)?;
        Ok(Arrays { inputs, targets: None })
    }

    /// Gives the classes names, which tables and reports then show instead of numbers.
    ///
    /// # Errors
    ///
    /// [`DataError::NotClasses`] where targets are values, [`DataError::ClassNames`] unless there is one
    /// name for each class, and [`DataError::SameName`] for a name that occurs twice.
    pub fn with_class_names<N: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self> {
        let Some(Targets::Classes { classes, names: own, .. }) = &mut self.targets else {
            let (what, found) = ("`with_class_names`", "these are values".to_string());
            return Err(DataError::NotClasses { what, found }.into());
        };
        *own = one_for_each(names, *classes)?;
        Ok(self)
    }

    /// Refuses another number of targets than inputs.
    fn of(inputs: ArrayD<f32>, targets: usize, all: Targets) -> Result<Self> {
        let n = inputs.shape()[0];
        if targets != n {
            return Err(DataError::TargetCount { inputs: n, targets }.into());
        }
        Ok(Arrays { inputs, targets: Some(all) })
    }

    /// The numbers of an input.
    fn row(&self, index: usize) -> &[f32] {
        let size = self.inputs.len() / self.len();
        let values = self.inputs.as_slice().expect("made contiguous by `checked`");
        &values[index * size..][..size]
    }
}

/// Refuses an array without numbers.
fn check_numbers(what: &str, sizes: &[usize]) -> Result<(), DataError> {
    if sizes.is_empty() || sizes.contains(&0) {
        let found = format!("{what} of shape {}", shape::label(sizes));
        return Err(DataError::NoNumbers { found });
    }
    Ok(())
}

/// Brings inputs into standard layout, or refuses those without numbers.
fn checked<D: Dimension>(inputs: Array<f32, D>) -> Result<ArrayD<f32>, DataError> {
    check_numbers("inputs", inputs.shape())?;
    let inputs = inputs.into_dyn();
    Ok(if inputs.is_standard_layout() { inputs } else { inputs.as_standard_layout().into_owned() })
}

impl Dataset for Arrays {
    fn len(&self) -> usize {
        self.inputs.shape()[0]
    }

    fn input_shape(&self) -> Vec<usize> {
        self.inputs.shape()[1..].to_vec()
    }

    fn target_kind(&self) -> TargetKind {
        match &self.targets {
            Some(targets) => targets.kind(),
            None => TargetKind::Values(self.inputs.len() / self.len()),
        }
    }

    fn class_names(&self) -> &[String] {
        self.targets.as_ref().map_or(&[], Targets::names)
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        x.copy_from_slice(self.row(index));
        Ok(())
    }

    fn in_memory(&self) -> bool {
        true
    }

    fn target(&self, index: usize) -> Target<'_> {
        match &self.targets {
            Some(targets) => targets.get(index),
            None => Target::Values(self.row(index)),
        }
    }
}
