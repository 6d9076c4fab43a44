//! The same seed gives the same bits: with any number of threads, at any width of vectors, in any
//! split of the samples. What is compared here are bits, never "about equal".
#![cfg(feature = "sample")]

mod levels;

use std::sync::LazyLock;

use chainrule::prelude::*;
use ndarray::Axis;

static MNIST: LazyLock<Mnist> = LazyLock::new(Mnist::sample);

/// 300 digits: in batches of 64, the last has 44.
static DIGITS: LazyLock<Images> = LazyLock::new(|| MNIST.train.take(300).unwrap());

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Its convolutions take different ways: pixels in groups, one by one, and Winograd's algorithm.
fn convnet() -> Result<Sequential> {
    Sequential::new([28, 28, 1])
        .add(Conv2d::new(5, 3).padding(Padding::Same))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(16, 3))?
        .add(Relu)?
        .add(Conv2d::new(32, 3))?
        .add(AvgPool2d::new(3))?
        .add(Flatten)?
        .add(Dropout::new(0.3))?
        .add(Dense::new(10))
}

/// With more than 16·1024 parameters, so that several threads share a step of the optimizer.
fn mlp() -> Result<Sequential> {
    let model = Sequential::new([28, 28, 1])
        .add(Flatten)?
        .add(Dense::new(65))?
        .add(Tanh)?
        .add(Dense::new(10))?;
    assert!(model.param_count() > 2 * 16 * 1024);
    Ok(model)
}

/// With batch normalization, whose sums run over the whole batch, and with branches.
fn residual() -> Result<Sequential> {
    let block = Residual::new(|x| {
        x.add(Conv2d::new(8, 3).padding(Padding::Same))?.add(BatchNorm::new())?.add(Relu)
    });
    Sequential::new([28, 28, 1])
        .add(Conv2d::new(8, 3).stride(2))?
        .add(BatchNorm::new())?
        .add(Relu)?
        .add(block)?
        .add(AvgPool2d::new(3))?
        .add(Flatten)?
        .add(Dropout::new(0.3))?
        .add(Dense::new(10))
}

fn adam() -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.003)).batch_size(64).epochs(2)
}

fn momentum() -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.05).momentum(0.9)).batch_size(64).epochs(2)
}

/// What a run leaves behind, in bits: the parameters, and the loss of each epoch.
fn run(mut model: Sequential, mut trainer: Trainer) -> (Vec<u32>, Vec<u64>) {
    let history = trainer.fit(&mut model, &*DIGITS).unwrap();
    let losses = history.epochs.iter().map(|epoch| epoch.loss.to_bits()).collect();
    (bits(model.params()), losses)
}

#[test]
fn any_number_of_threads_trains_the_same_convolutional_net() {
    let [one, others @ ..] =
        [1, 2, 3, 8].map(|threads| run(convnet().unwrap(), adam().threads(threads)));
    assert!(others.iter().all(|other| *other == one));
}

#[test]
fn any_number_of_threads_trains_the_same_batch_normalization() {
    let [one, others @ ..] =
        [1, 2, 3, 8].map(|threads| run(residual().unwrap(), adam().threads(threads)));
    assert!(others.iter().all(|other| *other == one));
}

#[test]
fn any_number_of_threads_trains_the_same_dense_net() {
    let [one, others @ ..] =
        [1, 2, 3, 8].map(|threads| run(mlp().unwrap(), momentum().threads(threads)));
    assert!(others.iter().all(|other| *other == one));
}

/// All that can surround a step; norms are sums over more pieces than there are threads.
fn surrounded(clip: Clip) -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, NAdam::new(0.01).weight_decay(0.01))
        .group(ParamGroup::vectors().decay(0.0).lr(2.0))
        .group(ParamGroup::all().l1(1e-4).l2(1e-3).max_norm(0.9))
        .clip(clip)
        .average(Average::ema(0.8))
        .batch_size(64)
        .epochs(2)
}

#[test]
fn any_number_of_threads_clips_bounds_and_averages_the_same() {
    for clip in [Clip::value(1e-3), Clip::norm(0.01), Clip::global_norm(0.02)] {
        let train = |threads| run(mlp().unwrap(), surrounded(clip).threads(threads));
        let [one, others @ ..] = [1, 2, 3, 8].map(train);
        assert!(others.iter().all(|other| *other == one));
        assert_ne!(one, run(mlp().unwrap(), adam()));
    }
}

#[test]
fn a_seed_decides_the_run_and_another_seed_gives_another_run() {
    let train = |init, seed| run(convnet().unwrap().initialize(init), adam().seed(seed)).0;
    let first = train(1, 2);
    assert_eq!(first, train(1, 2));
    assert_ne!(first, train(1, 3), "the trainer's seed");
    assert_ne!(first, train(2, 2), "the model's seed");
}

#[test]
fn a_seed_decides_the_first_parameters() {
    let start = |seed| bits(convnet().unwrap().initialize(seed).params());
    assert_eq!(start(7), start(7));
    assert_ne!(start(7), start(8));
    assert_eq!(start(0), bits(convnet().unwrap().params()), "seed 0 is the default");
    let again = convnet().unwrap().initialize(8).initialize(7);
    assert_eq!(start(7), bits(again.params()), "nothing is left of an earlier seed");
}

#[test]
fn shuffling_changes_the_run_and_its_absence_is_reproducible_too() {
    let train = |shuffle| run(mlp().unwrap(), momentum().shuffle(shuffle)).0;
    assert_eq!(train(false), train(false));
    assert_ne!(train(false), train(true));
}

#[test]
fn without_shuffling_or_dropout_the_trainers_seed_has_no_say() {
    let train = |seed| run(mlp().unwrap(), momentum().shuffle(false).seed(seed)).0;
    assert_eq!(train(1), train(2));
}

#[test]
fn validation_does_not_change_the_run() {
    let validated = adam().validation(&MNIST.test);
    assert_eq!(run(convnet().unwrap(), validated), run(convnet().unwrap(), adam()));
}

#[test]
fn any_number_of_threads_finds_the_same_learning_rates_and_leaves_the_model_alone() {
    let model = convnet().unwrap();
    let before = bits(model.params());
    let find = |threads, seed| {
        let trainer = adam().threads(threads).seed(seed);
        let found = trainer.find_learning_rate(&model, &*DIGITS, 1e-5..10.0).unwrap();
        (bits(found.rates()), found.losses().iter().map(|l| l.to_bits()).collect::<Vec<_>>())
    };
    let first = find(1, 0);
    assert!(first.0.len() > 50, "{} rates", first.0.len());
    assert!([2, 3, 8].iter().all(|&threads| find(threads, 0) == first));
    assert_ne!(find(1, 1), first, "the seed");
    assert_eq!(bits(model.params()), before);
}

#[test]
fn a_clone_trains_as_the_model_would_and_apart_from_it() {
    let model = convnet().unwrap();
    let before = bits(model.params());
    assert_eq!(run(model.clone(), adam()), run(convnet().unwrap(), adam()));
    assert_eq!(bits(model.params()), before);
}

#[test]
fn a_batch_predicts_what_its_samples_predict_one_by_one() {
    let model = convnet().unwrap();
    let x = inputs(&MNIST.test, &(0..77).collect::<Vec<_>>()).unwrap();
    let together = model.predict(&x).unwrap();
    for (x, y) in x.axis_iter(Axis(0)).zip(together.axis_iter(Axis(0))) {
        let alone = model.predict(&x.insert_axis(Axis(0))).unwrap();
        assert_eq!(bits(alone.as_slice().unwrap()), bits(y.as_slice().unwrap()));
    }
}

#[test]
fn several_threads_may_predict_with_one_model_at_once() {
    let model = convnet().unwrap();
    let x = inputs(&MNIST.test, &(0..100).collect::<Vec<_>>()).unwrap();
    let want = model.predict(&x).unwrap();
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..4).map(|_| scope.spawn(|| model.predict(&x))).collect();
        for caller in callers {
            assert_eq!(caller.join().unwrap().unwrap(), want);
        }
    });
}

#[test]
fn evaluation_is_prediction_and_the_loss_on_any_number_of_threads() {
    let (model, digits) = (convnet().unwrap(), &*DIGITS);
    let evaluation = model.evaluate(digits, &SoftmaxCrossEntropy).unwrap();

    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let alone = one_thread.install(|| model.evaluate(digits, &SoftmaxCrossEntropy)).unwrap();
    assert_eq!(alone, evaluation);

    let all: Vec<usize> = (0..digits.len()).collect();
    let y = model.predict(&inputs(digits, &all).unwrap()).unwrap();
    let rows: Vec<&[f32]> = y.as_slice().unwrap().chunks_exact(10).collect();
    let losses: Vec<f32> =
        (0..300).map(|i| SoftmaxCrossEntropy.loss(rows[i], digits.target(i), None)).collect();
    assert_eq!(bits(&evaluation.losses), bits(&losses));

    let largest = |row: &[f32]| (0..10).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
    let predicted: Vec<usize> = rows.iter().map(|row| largest(row)).collect();
    assert_eq!(evaluation.predicted, predicted);
    let right = (0..300).filter(|&i| predicted[i] == usize::from(digits.label(i))).count();
    assert_eq!(evaluation.accuracy, Some(right as f64 / 300.0));
    assert_eq!(evaluation.wrong(), 300 - right);
}
