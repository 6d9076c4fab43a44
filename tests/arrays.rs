//! Arrays in memory as a data set: classes by number or by rows, and inputs that are the targets.

use chainrule::data::augment::Brightness;
use chainrule::prelude::*;
use ndarray::{Array, Array1, Array2, array};

fn x(n: usize) -> Array2<f32> {
    Array::from_shape_fn((n, 2), |(i, j)| (10 * i + j) as f32)
}

fn told(result: Result<Arrays>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn classes_and_names_are_those_that_were_given() {
    let data = Arrays::with_classes(x(3), vec![2, 0, 2], 4).unwrap();
    assert_eq!((data.len(), data.input_shape()), (3, vec![2]));
    assert_eq!((data.target_kind(), data.target(2)), (TargetKind::Classes(4), Target::Class(2)));
    assert!(data.class_names().is_empty());
    let data = data.with_class_names(["a", "b", "c", "d"]).unwrap();
    assert_eq!(data.class_names(), ["a", "b", "c", "d"]);
    assert_eq!(inputs(&data, &[2, 1]).unwrap(), array![[20.0, 21.0], [10.0, 11.0]].into_dyn());
}

#[test]
fn inputs_of_any_rank_and_layout_are_taken() {
    let columns = Array::from_shape_fn((3, 4), |(j, i)| (10 * i + j) as f32).reversed_axes();
    assert!(!columns.is_standard_layout());
    let data = Arrays::new(columns.clone(), Array1::zeros(4)).unwrap();
    assert_eq!(data.target_kind(), TargetKind::Values(1));
    assert_eq!(inputs(&data, &[3]).unwrap(), array![[30.0, 31.0, 32.0]].into_dyn());
    let data = Arrays::with_classes(columns.into_dyn(), [0, 1, 0, 1], 2).unwrap();
    assert_eq!(data.input_shape(), [3]);
    let scalars = Arrays::with_classes(array![1.0, 2.0], [0, 1], 2).unwrap();
    assert_eq!((scalars.input_shape(), inputs(&scalars, &[1]).unwrap()[[0]]), (vec![], 2.0));
}

#[test]
fn classes_that_do_not_fit_the_inputs_are_refused() {
    let label = DataError::LabelRange { index: 1, label: usize::MAX, classes: 3 }.to_string();
    assert_eq!(told(Arrays::with_classes(x(2), [2, usize::MAX], 3)), label);
    assert!(label.contains("expected labels below 3"), "{label}");
    let count = "expected 2 targets, one for each input, but found 3";
    assert_eq!(told(Arrays::with_classes(x(2), [0, 1, 0], 2)), count);
    assert!(told(Arrays::with_classes(x(2), [0, 1], 0)).contains("at least one class"));
    assert!(told(Arrays::with_classes(x(0), [], 2)).contains("inputs of shape 0×2"));
    let names = |names: &[&str]| {
        let data = Arrays::with_classes(x(2), [0, 1], 2).unwrap();
        told(data.with_class_names(names.iter().copied()))
    };
    assert!(names(&["a"]).contains("a name for each of 2 classes, but found 1"));
    assert!(names(&["a", "a"]).contains("two classes are called `a`"));
    let values = Arrays::new(x(2), x(2)).unwrap().with_class_names(["a", "b"]);
    assert!(told(values).contains("takes targets that are classes, but these are values"));
}

#[test]
fn rows_with_a_single_1_are_classes_and_others_are_refused() {
    let data = Arrays::from_one_hot(x(2), array![[0.0, 0.0, 1.0], [1.0, -0.0, 0.0]]).unwrap();
    assert_eq!(data, Arrays::with_classes(x(2), [2, 0], 3).unwrap());
    for row in [[0.0, 0.0], [1.0, 1.0], [0.5, 0.5], [0.0, 2.0], [1.0, f32::NAN], [1.0, 1e-9]] {
        let told = told(Arrays::from_one_hot(x(2), array![[0.0, 1.0], row]));
        assert!(told.contains("but row 1 is ["), "{row:?}: {told}");
        assert!(told.contains("`Arrays::new`"), "{told}");
    }
    let no_columns = Arrays::from_one_hot(x(2), Array2::zeros((2, 0)));
    assert!(told(no_columns).contains("targets of shape 2×0"));
    let three_rows = Arrays::from_one_hot(x(2), Array2::eye(3));
    assert!(told(three_rows).contains("expected 2 targets"));
}

/// Only classes have an accuracy.
#[test]
fn one_hot_rows_train_to_the_same_weights_as_their_classes() {
    let (rows, x) = (Array2::<f32>::eye(3), Array2::<f32>::eye(3));
    let fit = |data: &Arrays| {
        let mut model = Sequential::new([3]).add(Dense::new(3)).unwrap().initialize(1);
        Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.5)).epochs(30).fit(&mut model, data).unwrap();
        let accuracy = model.evaluate(data, &SoftmaxCrossEntropy).unwrap().accuracy;
        (model.params().to_vec(), accuracy)
    };
    let values = fit(&Arrays::new(x.clone(), rows.clone()).unwrap());
    let classes = fit(&Arrays::from_one_hot(x, rows).unwrap());
    for (value, class) in values.0.iter().zip(&classes.0) {
        assert!((value - class).abs() < 1e-5, "{value} and {class}");
    }
    assert_eq!((values.1, classes.1), (None, Some(1.0)));
}

/// Pixels of 1/4 in images of one pixel; brighter by 1, an input is 1. The model is `y = w·x + b` with
/// w = b = 0, and so `l = t²`, `∂l/∂w = -2·t·x` and `∂l/∂b = -2·t`.
#[test]
fn augmentation_changes_inputs_and_not_the_targets_made_of_them() {
    let pixels = Array::from_elem((2, 1, 1, 1), 0.25f32);
    let classes = Arrays::with_classes(pixels, [0, 1], 2).unwrap();
    let data = Arrays::inputs_as_targets(&classes).unwrap();
    assert_eq!(
        (data.target_kind(), data.target(1)),
        (TargetKind::Values(1), Target::Values(&[0.25]))
    );
    let mut model = Sequential::new([1, 1, 1]).add(Flatten).unwrap().add(Dense::new(1)).unwrap();
    model.set_params(&[0.0, 0.0]).unwrap();
    let step = |augment: Augment| {
        let trainer = Trainer::new(MeanSquaredError, Sgd::new(0.1)).augment(augment);
        let mut stepper = trainer.stepper(&model).unwrap();
        stepper.accumulate(&model, &data, &[0, 1]).unwrap();
        (stepper.loss(), stepper.gradient())
    };
    assert_eq!(step(Augment::new()), (0.0625, vec![-0.125, -0.5]));
    let brighter = Augment::new().with(Brightness::between(1.0..=1.0));
    assert_eq!(step(brighter), (0.0625, vec![-0.5, -0.5]));
}

/// A set without samples, which is no set to learn from.
struct Empty;

impl Dataset for Empty {
    fn len(&self) -> usize {
        0
    }
    fn input_shape(&self) -> Vec<usize> {
        vec![3]
    }
    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes(2)
    }
    fn input(&self, index: usize, _: &mut [f32]) -> Result<()> {
        Err(DataError::Index { index, samples: 0 }.into())
    }
    fn target(&self, _: usize) -> Target<'_> {
        Target::Class(0)
    }
}

#[test]
fn no_inputs_are_no_targets() {
    assert!(told(Arrays::inputs_as_targets(&Empty)).contains("inputs of shape 0×3"));
}
