//! Batches in several shards, whose samples a layer couples.

use ndarray::Array2;

use super::*;
use crate::data::Arrays;
use crate::loss::MeanSquaredError;
use crate::optim::Sgd;
use crate::prelude::*;
use crate::random::Key;

fn number(i: usize) -> f32 {
    ((i * 7919 % 1009) as f32 - 504.0) / 504.0
}

fn model() -> Sequential {
    let block = Residual::new(|x| x.add(BatchNorm::new())?.add(Tanh)?.add(Dense::new(5)));
    let model = Sequential::new([3]).add(Dense::new(5)).unwrap().add(block).unwrap();
    model.add(BatchNorm::new()).unwrap().add(Dense::new(2)).unwrap().initialize(3)
}

/// 150 samples: three shards of at most 64.
fn data() -> Arrays {
    let array =
        |columns, from| Array2::from_shape_fn((150, columns), |(i, j)| number(from + 3 * i + j));
    Arrays::new(array(3, 0).into_dyn(), array(2, 1).into_dyn()).unwrap()
}

/// The loss of the whole batch in training, and its gradient.
fn loss_and_gradient(model: &Sequential, data: &Arrays) -> (f64, Vec<f64>) {
    let indices: Vec<usize> = (0..150).collect();
    let rules = Rules { optimizer: &Sgd::new(0.1), groups: &[], clip: None };
    let mut stepper = Stepper::new(model, &rules, 150, 1);
    let loss = &MeanSquaredError;
    let batch = Batch::new(data, &indices, loss, Key::new(0));
    let result = stepper.gradient(model, batch).unwrap();
    assert!(result.finite && stepper.shard_size == 64);
    let mut gradient = vec![0.0; model.param_count()];
    for group in &stepper.groups {
        gradient.iter_mut().zip(&*group.gradient).for_each(|(sum, &g)| *sum += f64::from(g));
    }
    (result.loss / 150.0, gradient)
}

#[test]
fn the_gradient_of_a_coupled_batch_is_the_slope_of_its_loss() {
    let (mut model, data) = (model(), data());
    let (_, gradient) = loss_and_gradient(&model, &data);
    let start = model.params().to_vec();
    let largest = gradient.iter().fold(0.0f64, |most, g| most.max(g.abs()));
    assert!(largest > 0.05);
    for i in 0..start.len() {
        let mut at = |h: f32| {
            model.update(|params| params[i] = start[i] + h);
            loss_and_gradient(&model, &data).0
        };
        let slope = (at(0.01) - at(-0.01)) / 0.02;
        model.update(|params| params[i] = start[i]);
        assert!((slope - gradient[i]).abs() < 2e-3 * largest, "{i}: {slope} and {}", gradient[i]);
    }
}

#[test]
fn running_statistics_follow_the_batch() {
    let mut model = Sequential::new([3]).add(BatchNorm::new().momentum(0.25)).unwrap();
    let data = Arrays::new(
        Array2::from_shape_fn((150, 3), |(i, j)| 10.0 * j as f32 + number(3 * i + j)).into_dyn(),
        Array2::zeros((150, 3)).into_dyn(),
    )
    .unwrap();
    let before = model.params().to_vec();
    assert_eq!(before, [[1.0; 3], [0.0; 3], [0.0; 3], [1.0; 3]].concat());
    let mut trainer = Trainer::new(MeanSquaredError, Sgd::new(0.0)).batch_size(150);
    trainer.fit(&mut model, &data).unwrap();
    for j in 0..3 {
        let x: Vec<f64> =
            (0..150).map(|i| f64::from(10.0 * j as f32 + number(3 * i + j))).collect();
        let mean = x.iter().sum::<f64>() / 150.0;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 149.0;
        let [running_mean, running_variance] = [6, 9].map(|at| f64::from(model.params()[at + j]));
        assert!((running_mean - 0.25 * mean).abs() < 1e-5);
        assert!((running_variance - (0.75 + 0.25 * variance)).abs() < 1e-5);
    }
    assert_eq!(model.params()[..6], before[..6]);
}
