//! Losses against plain sums over the outputs of one sample.

use chainrule::prelude::*;
use chainrule::random::Key;
use chainrule::reference;
use ndarray::{Array1, Array2, ArrayView1, array};
use proptest::prelude::*;

use super::fast::normal;
use super::{Check, close, config};

pub const CHECKS: [Check; 12] = [
    ("SoftmaxCrossEntropy", || {
        let backward = reference::softmax_cross_entropy_backward;
        same(
            |_| SoftmaxCrossEntropy,
            |z, t, _| reference::softmax_cross_entropy(z, t),
            |z, t, _| backward(z, t),
        );
    }),
    ("SmoothedCrossEntropy", || {
        same(
            |epsilon| SoftmaxCrossEntropy.label_smoothing(epsilon),
            |z, t, epsilon| {
                reference::softmax_cross_entropy(z, reference::smooth(t, epsilon).view())
            },
            |z, t, epsilon| {
                reference::softmax_cross_entropy_backward(z, reference::smooth(t, epsilon).view())
            },
        );
    }),
    ("ClassWeights", class_weights),
    ("PerStep", per_step),
    ("Ctc", ctc),
    ("BinaryCrossEntropy", || {
        let backward = reference::binary_cross_entropy_backward;
        same(
            |_| BinaryCrossEntropy,
            |z, t, _| reference::binary_cross_entropy(z, t),
            |z, t, _| backward(z, t),
        );
    }),
    ("KlDivergence", || {
        let backward = reference::kl_divergence_backward;
        same(|_| KlDivergence, |z, t, _| reference::kl_divergence(z, t), |z, t, _| backward(z, t));
    }),
    ("Hinge", hinge),
    ("MeanSquaredError", || {
        let backward = reference::mean_squared_error_backward;
        same(
            |_| MeanSquaredError,
            |p, t, _| reference::mean_squared_error(p, t),
            |p, t, _| backward(p, t),
        );
    }),
    ("MeanAbsoluteError", || {
        let backward = reference::mean_absolute_error_backward;
        same(
            |_| MeanAbsoluteError,
            |p, t, _| reference::mean_absolute_error(p, t),
            |p, t, _| backward(p, t),
        );
    }),
    ("Huber", || same(Huber::new, reference::huber, reference::huber_backward)),
    ("OneHot", || {
        same(|delta| Huber::new(delta).one_hot(), reference::huber, reference::huber_backward);
    }),
];

/// Loss and gradient of one sample.
fn run(loss: &dyn Loss, p: &Array1<f32>, target: Target) -> (f32, Array1<f32>) {
    let mut gradient = Array1::from_elem(p.len(), f32::NAN);
    let l = loss.loss(p.as_slice().unwrap(), target, gradient.as_slice_mut());
    (l, gradient)
}

fn close_loss(name: &str, (l, gradient): (f32, Array1<f32>), twin: (f32, Array1<f32>)) {
    close(&format!("l of {name}"), &array![l].into_dyn(), &array![twin.0]);
    close(&format!("gradient of {name}"), &gradient.into_dyn(), &twin.1);
}

/// 1 for the class, 0 for the others.
fn one_hot(class: usize, k: usize) -> Array1<f32> {
    Array1::from_shape_fn(k, |j| if j == class { 1.0 } else { 0.0 })
}

/// `k` predictions, and the distribution that is the softmax of others.
fn sample(k: usize, seed: u64) -> (Array1<f32>, Array1<f32>) {
    let p = normal(&[k], Key::new(seed)) * 3.0;
    let t = reference::softmax(super::view(&normal(&[1, k], Key::new(seed).fold(1))));
    (p.into_dimensionality().unwrap(), t.row(0).to_owned())
}

/// Compares a loss, built for a setting between 0 and 1, with its twin and its twin's gradient, for a
/// distribution and for a class as the target.
fn same<L: Loss>(
    loss: impl Fn(f32) -> L,
    twin: impl Fn(ArrayView1<f32>, ArrayView1<f32>, f32) -> f32,
    backward: impl Fn(ArrayView1<f32>, ArrayView1<f32>, f32) -> Array1<f32>,
) {
    proptest!(config(), |(k in 2usize..40, setting in 0.01f32..0.9, seed in any::<u64>())| {
        let (p, t) = sample(k, seed);
        let (loss, class) = (loss(setting), seed as usize % k);
        let twin = |t: &Array1<f32>| {
            (twin(p.view(), t.view(), setting), backward(p.view(), t.view(), setting))
        };
        let values = Target::Values(t.as_slice().unwrap());
        close_loss(&loss.name(), run(&loss, &p, values), twin(&t));
        close_loss(&loss.name(), run(&loss, &p, Target::Class(class)), twin(&one_hot(class, k)));
    });
}

fn hinge() {
    proptest!(config(), |(k in 1usize..40, seed in any::<u64>())| {
        let (z, _) = sample(k, seed);
        let class = seed as usize % k.max(2);
        let twin = (reference::hinge(z.view(), class), reference::hinge_backward(z.view(), class));
        close_loss("Hinge", run(&Hinge, &z, Target::Class(class)), twin);
    });
}

/// The weighted mean over the steps of a sequence of which every third is ignored.
fn per_step() {
    proptest!(config(), |(steps in 1usize..9, k in 2usize..9, seed in any::<u64>())| {
        let weights: Vec<f32> = (1..=k).map(|class| class as f32).collect();
        let loss = MeanSquaredError.one_hot().class_weights(&weights[..]).per_step(k);
        let class = |step: usize| if step % 3 == 2 { Target::IGNORED } else { (seed as usize % 97 + step) % k };
        let classes: Vec<usize> = (0..steps).map(class).collect();
        let p: Array1<f32> = normal(&[steps * k], Key::new(seed)).into_dimensionality().unwrap();
        let counted: Vec<usize> = (0..steps).filter(|step| step % 3 != 2).collect();
        let row = |step: usize| p.slice(ndarray::s![step * k..(step + 1) * k]);
        let t = |step: usize| one_hot(classes[step], k);
        let w: Array1<f32> = counted.iter().map(|&step| weights[classes[step]]).collect();
        let l: Array1<f32> = (counted.iter())
            .map(|&step| reference::mean_squared_error(row(step), t(step).view()))
            .collect();
        let dl = reference::weighted_mean_backward(w.view());
        let mut gradient = Array1::zeros(steps * k);
        for (&step, dl) in counted.iter().zip(&dl) {
            let own = reference::mean_squared_error_backward(row(step), t(step).view()) * *dl;
            gradient.slice_mut(ndarray::s![step * k..(step + 1) * k]).assign(&own);
        }
        let twin = (reference::weighted_mean(l.view(), w.view()), gradient);
        close_loss("PerStep", run(&loss, &p, Target::Classes(&classes)), twin);
        assert!((loss.weight(Target::Classes(&classes)) - w.sum()).abs() < 1e-5);
    });
}

/// Strings of any length that fits, with neighbours that are equal.
fn ctc() {
    proptest!(config(), |(steps in 1usize..30, k in 1usize..5, scale in 0.1f32..20.0, seed in any::<u64>())| {
        let loss = Ctc::new(k);
        let z: Array1<f32> =
            (normal(&[steps * (k + 1)], Key::new(seed)) * scale).into_dimensionality().unwrap();
        let mut string: Vec<usize> =
            (0..seed as usize % (steps + 1)).map(|i| (seed >> (i % 60)) as usize % k).collect();
        while loss.check_classes(z.len(), &string).is_err() {
            string.pop();
        }
        let rows = z.view().into_shape_with_order((steps, k + 1)).unwrap();
        let gradient = reference::ctc_backward(rows, &string).into_iter().collect();
        let twin = (reference::ctc(rows, &string), gradient);
        close_loss("Ctc", run(&loss, &z, Target::Classes(&string)), twin);
    });
}

/// The weighted mean of a batch, which the engine takes, and what each gradient is multiplied by.
fn class_weights() {
    proptest!(config(), |(n in 1usize..9, k in 2usize..9, seed in any::<u64>())| {
        let weights: Vec<f32> = (1..=k).map(|class| class as f32).collect();
        let (loss, plain) = (MeanSquaredError.class_weights(&weights[..]), MeanSquaredError);
        let classes = Array1::from_shape_fn(n, |i| (seed as usize % 97 + i * 3) % k);
        let x = normal(&[n, k], Key::new(seed));
        let w = classes.mapv(|class| weights[class]);
        let rows: Vec<Array1<f32>> =
            x.outer_iter().map(|row| row.to_owned().into_dimensionality().unwrap()).collect();
        let l = Array1::from_shape_fn(n, |i| {
            reference::mean_squared_error(rows[i].view(), one_hot(classes[i], k).view())
        });

        let model = Sequential::new([k]).add(Flatten).unwrap();
        let t = Array2::from_shape_fn((n, k), |(i, j)| one_hot(classes[i], k)[j]);
        let data = Arrays::new(x.clone(), t.into_dyn()).unwrap();
        let mean = model.evaluate(&data, &loss).unwrap().loss as f32;
        let twin = reference::weighted_mean(l.view(), w.view());
        close("weighted mean", &array![mean].into_dyn(), &array![twin]);
        let dl = reference::weighted_mean_backward(w.view());
        for (i, row) in rows.iter().enumerate() {
            let target = Target::Class(classes[i]);
            close_loss("ClassWeights", run(&loss, row, target), run(&plain, row, target));
            assert!((loss.weight(target) / w.sum() - dl[i]).abs() < 1e-6);
        }
    });
}
