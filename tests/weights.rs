//! Samples that count more than others: what is minimized is the weighted mean of their losses.

use chainrule::error::TrainError;
use chainrule::loss::ClassWeights;
use chainrule::prelude::*;

/// Points around two centres, one in `every` of the second class.
struct Clouds {
    len: usize,
    every: usize,
}

impl Dataset for Clouds {
    fn len(&self) -> usize {
        self.len
    }

    fn input_shape(&self) -> Vec<usize> {
        vec![2]
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes(2)
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        let (a, b) = ((index * 37 % 101) as f32 / 50.0, (index * 53 % 89) as f32 / 44.0);
        let centre = if index.is_multiple_of(self.every) { 0.3 } else { -0.3 };
        x.copy_from_slice(&[a - 1.0 + centre, b - 1.0 - centre]);
        Ok(())
    }

    fn target(&self, index: usize) -> Target<'_> {
        Target::Class(index.is_multiple_of(self.every) as usize)
    }
}

const CLOUDS: Clouds = Clouds { len: 60, every: 5 };

fn weighted(w: [f32; 2]) -> ClassWeights<SoftmaxCrossEntropy> {
    SoftmaxCrossEntropy.class_weights(w)
}

/// The same, with weights that nobody has looked at.
#[derive(Debug, Clone, Copy)]
struct Weighing([f32; 2]);

impl Loss for Weighing {
    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        SoftmaxCrossEntropy.check(outputs, targets)
    }

    fn loss(&self, logits: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        SoftmaxCrossEntropy.loss(logits, target, gradient)
    }

    fn weight(&self, target: Target<'_>) -> f32 {
        let Target::Class(class) = target else { return 1.0 };
        self.0[class]
    }
}

fn bits(model: &Sequential) -> Vec<u32> {
    model.params().iter().map(|value| value.to_bits()).collect()
}

fn linear() -> Sequential {
    Sequential::new([2]).add(Dense::new(2)).unwrap()
}

/// Σ w·l / Σ w, from the losses of the samples one by one.
fn weighted_mean(model: &Sequential, data: &dyn Dataset, indices: &[usize], w: [f32; 2]) -> f64 {
    let losses = model.evaluate(data, &SoftmaxCrossEntropy).unwrap().losses;
    let (mut sum, mut weights) = (0.0, 0.0);
    for &i in indices {
        let Target::Class(class) = data.target(i) else { panic!("classes") };
        sum += f64::from(w[class]) * f64::from(losses[i]);
        weights += f64::from(w[class]);
    }
    sum / weights
}

#[test]
fn the_gradient_is_the_slope_of_the_weighted_mean() {
    let indices: Vec<usize> = (3..33).collect();
    for w in [[1.0, 1.0], [0.5, 4.0], [0.0, 2.5], [1e-30, 2e-30]] {
        let mut model = linear();
        let (loss, gradient) = model.gradient(&CLOUDS, &indices, &weighted(w)).unwrap();
        let mean = weighted_mean(&model, &CLOUDS, &indices, w);
        assert!((loss - mean).abs() < 1e-9, "{w:?}: {loss}, should be {mean}");
        let params = model.params().to_vec();
        for (i, &claim) in gradient.iter().enumerate() {
            let mut at = |h: f32| {
                let mut moved = params.clone();
                moved[i] += h;
                model.set_params(&moved).unwrap();
                weighted_mean(&model, &CLOUDS, &indices, w)
            };
            let slope = (at(1e-2) - at(-1e-2)) / 2e-2;
            assert!((f64::from(claim) - slope).abs() < 2e-4, "{w:?} [{i}]: {claim}, not {slope}");
        }
    }
}

#[test]
fn evaluation_and_history_tell_the_weighted_mean() {
    let (mut model, w) = (linear(), [0.5, 4.0]);
    let all: Vec<usize> = (0..CLOUDS.len()).collect();
    let mean = weighted_mean(&model, &CLOUDS, &all, w);
    let evaluation = model.evaluate(&CLOUDS, &weighted(w)).unwrap();
    assert!((evaluation.loss - mean).abs() < 1e-12);
    // In batches of 7 whose weights differ: the mean is over the epoch's samples, not its batches.
    let mut trainer = Trainer::new(weighted(w), Sgd::new(0.0)).batch_size(7).validation(&CLOUDS);
    let history = trainer.fit(&mut model, &CLOUDS).unwrap();
    let epoch = history.last().unwrap();
    assert!((epoch.loss - mean).abs() < 1e-12, "{} should be {mean}", epoch.loss);
    assert_eq!(epoch.validation_loss, Some(evaluation.loss));
    assert_eq!(epoch.accuracy, evaluation.accuracy, "each sample counts once");
}

#[test]
fn equal_weights_are_none() {
    let train = |w: [f32; 2]| {
        let mut model = linear();
        let mut trainer = Trainer::new(weighted(w), Adam::new(0.01)).batch_size(7).epochs(3);
        let loss = trainer.fit(&mut model, &CLOUDS).unwrap().last().unwrap().loss;
        (bits(&model), loss.to_bits())
    };
    let mut plain = linear();
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(7).epochs(3);
    let loss = trainer.fit(&mut plain, &CLOUDS).unwrap().last().unwrap().loss.to_bits();
    assert_eq!(train([1.0, 1.0]), (bits(&plain), loss));
    // A power of two scales without rounding.
    assert_eq!(train([0.25, 0.25]).0, bits(&plain));
}

#[test]
fn a_batch_without_weight_moves_nothing() {
    let (mut model, none) = (linear(), Weighing([0.0, 0.0]));
    let before = bits(&model);
    let (loss, gradient) = model.gradient(&CLOUDS, &[0, 1, 2], &none).unwrap();
    assert_eq!((loss, gradient), (0.0, vec![0.0; 6]));
    assert_eq!(model.evaluate(&CLOUDS, &none).unwrap().loss, 0.0);
    let history = Trainer::new(none, Sgd::new(0.1)).batch_size(7).fit(&mut model, &CLOUDS).unwrap();
    assert_eq!(history.last().unwrap().loss, 0.0);
    assert_eq!(bits(&model), before);
    // Four of five batches of one hold no sample that counts.
    let mut rare = Trainer::new(Weighing([0.0, 1.0]), Sgd::new(0.1)).batch_size(1);
    let loss = rare.fit(&mut model, &CLOUDS).unwrap().last().unwrap().loss;
    assert!(loss.is_finite() && bits(&model) != before);
}

#[test]
fn a_weight_that_no_mean_can_be_taken_with_is_refused() {
    for weight in [-1.0, f32::NAN, f32::INFINITY] {
        let (mut model, loss) = (linear(), Weighing([weight, 1.0]));
        let before = bits(&model);
        let trained = Trainer::new(loss, Sgd::new(0.1)).fit(&mut model, &CLOUDS).unwrap_err();
        let evaluated = model.evaluate(&CLOUDS, &loss).unwrap_err();
        let gradient = model.gradient(&CLOUDS, &[0], &loss).unwrap_err();
        for error in [trained, evaluated, gradient] {
            assert!(matches!(error, Error::Train(TrainError::Weight { index: 1, .. })), "{error}");
            let sentence = format!("the weight {weight}: it must be finite, and 0 or more");
            assert!(error.to_string().ends_with(&sentence), "{error}");
        }
        assert_eq!(bits(&model), before);
    }
}

#[test]
fn any_number_of_threads_trains_the_same_weighted_net() {
    let data = Clouds { len: 900, every: 7 };
    let [one, others @ ..] = [1, 2, 3, 8].map(|threads| {
        let mut model = Sequential::new([2])
            .add(Dense::new(600))
            .and_then(|model| model.add(Relu)?.add(Dense::new(2)))
            .unwrap();
        let trainer = Trainer::new(weighted([0.3, 2.0]), Adam::new(0.01)).batch_size(300);
        let history = trainer.epochs(2).threads(threads).fit(&mut model, &data).unwrap();
        (bits(&model), history.last().unwrap().loss.to_bits())
    });
    assert!(others.iter().all(|other| *other == one));
}

/// A loss of one output that tells two classes by its sign.
#[derive(Debug)]
struct Sign;

impl Loss for Sign {
    fn check(&self, _outputs: usize, _targets: &TargetKind) -> Result<(), Mismatch> {
        Ok(())
    }

    fn loss(&self, z: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        let t = if target == Target::Class(1) { 1.0 } else { -1.0 };
        MeanSquaredError.loss(z, Target::Values(&[t]), gradient)
    }

    fn class(&self, z: &[f32]) -> usize {
        (z[0] > 0.0) as usize
    }
}

#[test]
fn accuracy_asks_the_loss_for_the_class() {
    let mut model = Sequential::new([2]).add(Dense::new(1)).unwrap();
    let history = Trainer::new(Sign, Sgd::new(0.0)).fit(&mut model, &CLOUDS).unwrap();
    let evaluation = model.evaluate(&CLOUDS, &Sign).unwrap();
    let all: Vec<usize> = (0..CLOUDS.len()).collect();
    let z = model.predict(&inputs(&CLOUDS, &all).unwrap()).unwrap();
    let classes: Vec<usize> = z.iter().map(|&z| (z > 0.0) as usize).collect();
    assert!(classes.contains(&0) && classes.contains(&1));
    assert_eq!(evaluation.predicted, classes);
    assert_eq!(history.last().unwrap().accuracy, evaluation.accuracy);
    assert_eq!(evaluation.wrong() as f64, (60.0 * (1.0 - evaluation.accuracy.unwrap())).round());
}

/// Trained to the end in batches of all samples.
fn trained(loss: impl Loss + Clone, outputs: usize, data: &Clouds) -> (Sequential, Evaluation) {
    let mut model = Sequential::new([2]).add(Dense::new(outputs)).unwrap();
    let trainer = Trainer::new(loss.clone(), Adam::new(0.05)).batch_size(data.len);
    trainer.epochs(1000).fit(&mut model, data).unwrap();
    let evaluation = model.evaluate(data, &loss).unwrap();
    (model, evaluation)
}

#[test]
fn training_minimizes_the_weighted_mean_and_finds_the_rare_class() {
    let data = Clouds { len: 300, every: 20 };
    let (all, w) = ((0..300).collect::<Vec<_>>(), [1.0, 19.0]);
    let (plain, plain_found) = trained(SoftmaxCrossEntropy, 2, &data);
    let (balanced, found) = trained(weighted(w), 2, &data);

    let loss = |model: &Sequential| weighted_mean(model, &data, &all, w);
    assert!(loss(&balanced) < 0.8 * loss(&plain), "{} {}", loss(&balanced), loss(&plain));
    let (_, gradient) = balanced.gradient(&data, &all, &weighted(w)).unwrap();
    assert!(gradient.iter().all(|g| g.abs() < 1e-3), "not at the bottom: {gradient:?}");

    let rare = |evaluation: &Evaluation| evaluation.confusion(2).counts[1].clone();
    assert!(rare(&plain_found)[1] < 5, "mostly the common class is mostly right");
    assert!(rare(&found)[1] >= 10, "{}", found.confusion(2));
    // One output that tells both classes by its sign, where σ(z) is the softmax of (0, z).
    let (_, by_sign) = trained(BinaryCrossEntropy.class_weights(w), 1, &data);
    assert!((by_sign.loss - found.loss).abs() < 1e-4, "{} {}", by_sign.loss, found.loss);
    assert_eq!(by_sign.predicted, found.predicted);
    let (_, by_margin) = trained(Hinge.class_weights(w), 1, &data);
    assert!(rare(&by_margin)[1] >= 10, "{}", by_margin.confusion(2));
}

/// The same samples, whose targets are distributions: sure of the class, or an eighth unsure.
struct Soft {
    sure: bool,
}

impl Dataset for Soft {
    fn len(&self) -> usize {
        CLOUDS.len
    }

    fn input_shape(&self) -> Vec<usize> {
        CLOUDS.input_shape()
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Values(2)
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        CLOUDS.input(index, x)
    }

    fn target(&self, index: usize) -> Target<'_> {
        const SURE: [[f32; 2]; 2] = [[1.0, 0.0], [0.0, 1.0]];
        const UNSURE: [[f32; 2]; 2] = [[0.875, 0.125], [0.125, 0.875]];
        let Target::Class(class) = CLOUDS.target(index) else { unreachable!() };
        Target::Values(if self.sure { &SURE[class] } else { &UNSURE[class] })
    }
}

#[test]
fn classes_may_come_as_distributions() {
    fn train(loss: impl Loss, data: &dyn Dataset) -> (Vec<u32>, f64, Option<f64>) {
        let mut model = linear();
        let mut trainer = Trainer::new(loss, Adam::new(0.05)).batch_size(7).epochs(5);
        let epoch = trainer.fit(&mut model, data).unwrap().epochs.remove(4);
        (bits(&model), epoch.loss, epoch.accuracy)
    }
    let w = [0.5, 4.0];
    let (classes, sure) = (train(weighted(w), &CLOUDS), train(weighted(w), &Soft { sure: true }));
    assert_eq!((&sure.0, sure.1), (&classes.0, classes.1), "the same to the last bit");
    assert!(classes.2.is_some() && sure.2.is_none());
    let soft = linear().evaluate(&Soft { sure: true }, &SoftmaxCrossEntropy).unwrap();
    assert_eq!(soft.accuracy, None);
    // A target that is an eighth unsure is what smoothing by a quarter makes of a class.
    let (_, unsure, _) = train(SoftmaxCrossEntropy, &Soft { sure: false });
    let (_, smoothed, _) = train(SoftmaxCrossEntropy.label_smoothing(0.25), &CLOUDS);
    assert!((unsure - smoothed).abs() < 1e-5, "{unsure} {smoothed}");
}
