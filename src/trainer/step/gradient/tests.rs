//! Gradients of batches in several shards: with layers that couple samples, with mixtures, cut into
//! parts of any size.

use ndarray::{Array2, Array4};

use super::gradients::Gradients;
use super::mixtures::Mixture;
use super::shard::Worker;
use super::*;
use crate::data::augment::{Augment, Mix};
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
    Arrays::new(array(3, 0), array(2, 1)).unwrap()
}

/// The mean loss of the whole batch in training, and its gradient.
fn loss_and_gradient(model: &Sequential, data: &Arrays) -> (f64, Vec<f32>) {
    let indices: Vec<usize> = (0..150).collect();
    let mut gradients = Gradients::new(model);
    assert_eq!(gradients.sizes.shard, 64);
    let batch = Batch::new(data, &indices, &MeanSquaredError, Key::new(0));
    gradients.add(model, batch).unwrap();
    let totals = gradients.totals();
    assert!(totals.is_finite() && totals.weight() == 150.0);
    (totals.mean_loss(), gradients.partials.sum(totals.scale()))
}

#[test]
fn the_gradient_of_a_coupled_batch_is_the_slope_of_its_loss() {
    let (mut model, data) = (model(), data());
    let (_, gradient) = loss_and_gradient(&model, &data);
    let start = model.params().to_vec();
    let gradient: Vec<f64> = gradient.into_iter().map(f64::from).collect();
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

/// Mixes with these shares in turn, whatever the images.
struct Shares;

impl Mix for Shares {
    fn mix(&self, image: &mut [f32], partner: &[f32], _: [usize; 3], key: Key) -> f32 {
        let share = [0.2, 0.7, 1.0][key.hash(0) as usize % 3];
        for (x, p) in image.iter_mut().zip(partner) {
            *x = share * *x + (1.0 - share) * p;
        }
        share
    }
}

#[test]
fn the_gradient_of_a_mixture_is_that_of_mixed_targets() {
    let pixels =
        Array4::from_shape_fn((30, 2, 3, 1), |(n, y, x, _)| (31 * n + 17 * y + 101 * x) as u8);
    let labels: Vec<u8> = (0..30).map(|n| n % 4).collect();
    let images = Images::new(pixels, labels, 4).unwrap();
    let model = Sequential::new([2, 3, 1]).add(Flatten).unwrap().add(Dense::new(4)).unwrap();
    let (loss, indices): (_, Vec<usize>) = (SoftmaxCrossEntropy, (0..30).collect());

    let augment = Augment::new().mix(Shares);
    let augmented = Augmented { augment: &augment, shape: [2, 3, 1], key: Key::new(5) };
    let batch = Batch::new(&images, &indices, &loss, Key::new(0)).augmented(Some(augmented));
    let mut worker = Worker::new(&model, 30);
    let mut mixed = vec![0.0; model.param_count()];
    let sums = worker.add_gradient(&model, batch, 0..30, &mut mixed).unwrap();
    let mixtures = &worker.augmenter.mixtures.list;
    assert!((0..30).any(|i| mixtures[i].partner != i) && mixtures.iter().any(|m| m.share < 0.5));

    let x: Vec<f32> = worker.workspace.inputs().flatten().map(|x| *x).collect();
    let mut t = Array2::<f32>::zeros((30, 4));
    for (i, &Mixture { share, partner }) in mixtures.iter().enumerate() {
        t[[i, usize::from(images.label(i))]] += share;
        t[[i, usize::from(images.label(partner))]] += 1.0 - share;
    }
    let x = ndarray::ArrayD::from_shape_vec(vec![30, 2, 3, 1], x).unwrap();
    let soft = Arrays::new(x, t).unwrap();
    let (wanted_loss, wanted) = model.gradient(&soft, &indices, &loss).unwrap();
    assert!((sums.loss / 30.0 - wanted_loss).abs() < 1e-6);
    for (mixed, wanted) in mixed.iter().zip(wanted) {
        assert!((mixed / 30.0 - wanted).abs() < 1e-6, "{mixed} and {wanted}");
    }
}
