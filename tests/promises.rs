//! Settings that promise to keep something keep it under all that moves weights.

use chainrule::prelude::*;
use ndarray::Array;

/// Every optimizer, with all its weight decay.
fn optimizers() -> Vec<Trainer<'static>> {
    fn of(optimizer: impl Optimizer) -> Trainer<'static> {
        Trainer::new(MeanSquaredError, optimizer).batch_size(8).epochs(3)
    }
    vec![
        of(Sgd::new(0.1).momentum(0.9).nesterov().weight_decay(0.1)),
        of(Adam::new(0.1).amsgrad().weight_decay(0.1)),
        of(AdamW::new(0.1, 0.1)),
        of(NAdam::new(0.1).weight_decay(0.1)),
        of(RAdam::new(0.1).weight_decay(0.1)),
        of(RmsProp::new(0.1).momentum(0.5).centered().weight_decay(0.1)),
        of(Adagrad::new(0.1).weight_decay(0.1)),
        of(Adadelta::new(1.0).weight_decay(0.1)),
        of(Lion::new(0.1).weight_decay(0.1)),
    ]
}

fn data() -> Arrays {
    let x = Array::from_shape_fn((20, 3), |(n, i)| (7 * n + 3 * i) as f32 % 5.0 - 2.0);
    let t = Array::from_shape_fn((20, 2), |(n, i)| (3 * n + i) as f32 % 4.0);
    Arrays::new(x.into_dyn(), t.into_dyn()).unwrap()
}

/// Four arrays of a dense layer and a norm, which keeps statistics, and a dense layer behind them.
fn model() -> Sequential {
    let model = Sequential::new([3]).add(Dense::new(4)).unwrap().add(BatchNorm::new()).unwrap();
    model.add(Tanh).unwrap().add(Dense::new(2)).unwrap().initialize(5)
}

/// The arrays of a layer.
fn layer(model: &Sequential, index: usize) -> Vec<u32> {
    let layer = model.layers().nth(index).unwrap();
    layer.params().flat_map(|p| p.values.iter().map(|v| v.to_bits()).collect::<Vec<_>>()).collect()
}

fn all() -> ParamGroup {
    ParamGroup::all().l1(0.1).l2(0.1).max_norm(0.01)
}

#[test]
fn what_is_frozen_stays_under_every_optimizer_and_average() {
    for number in 0..optimizers().len() {
        for average in [None, Some(Average::ema(0.5)), Some(Average::swa(0.3))] {
            let mut trainer = optimizers().remove(number).group(all());
            if let Some(average) = average {
                trainer = trainer.average(average);
            }
            let mut trained = model().freeze(..2).unwrap();
            trainer.fit(&mut trained, &data()).unwrap();
            for frozen in [0, 1] {
                assert_eq!(layer(&trained, frozen), layer(&model(), frozen), "{number}");
            }
            assert_ne!(layer(&trained, 3), layer(&model(), 3));
        }
    }
}

#[test]
fn a_rate_of_0_keeps_the_weights_of_a_group() {
    for (number, trainer) in optimizers().into_iter().enumerate() {
        let mut trained = model();
        let still = ParamGroup::layers(..1).lr(0.0).l1(0.1).l2(0.1);
        trainer.group(still).fit(&mut trained, &data()).unwrap();
        assert_eq!(layer(&trained, 0), layer(&model(), 0), "optimizer {number}");
        assert_ne!(layer(&trained, 3), layer(&model(), 3));
    }
}

#[test]
fn a_group_without_decay_is_trained_as_without_decay() {
    // One step: the later ones depend on all weights.
    let step = |optimizer: AdamW, group: Option<ParamGroup>| {
        let mut trainer = Trainer::new(MeanSquaredError, optimizer).batch_size(20);
        if let Some(group) = group {
            trainer = trainer.group(group);
        }
        let mut trained = model();
        trainer.fit(&mut trained, &data()).unwrap();
        trained
    };
    let free = step(AdamW::new(0.1, 0.5), Some(ParamGroup::layers(..1).decay(0.0)));
    assert_eq!(layer(&free, 0), layer(&step(AdamW::new(0.1, 0.0), None), 0));
    assert_eq!(layer(&free, 3), layer(&step(AdamW::new(0.1, 0.5), None), 3));
    assert_ne!(layer(&free, 3), layer(&step(AdamW::new(0.1, 0.0), None), 3));
}

/// Sees the weights after each step.
struct Watch<F: FnMut(&Sequential) + Send + Sync>(F);

impl<F: FnMut(&Sequential) + Send + Sync> Callback for Watch<F> {
    fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
        (self.0)(run.model());
        Ok(())
    }
}

#[test]
fn no_step_leaves_a_norm_above_its_limit() {
    let limit = 0.3f32;
    for trainer in optimizers() {
        let mut steps = 0;
        let watch = Watch(|model: &Sequential| {
            let (weights, _) = model.params().split_at(12);
            for unit in 0..4 {
                let squares: f32 = (0..3).map(|i| weights[4 * i + unit].powi(2)).sum();
                assert!(squares.sqrt() <= limit * 1.000_001, "{}", squares.sqrt());
            }
            steps += 1;
        });
        let mut trainer = trainer.group(ParamGroup::layers(..1).max_norm(limit)).callback(watch);
        trainer.fit(&mut model(), &data()).unwrap();
        drop(trainer);
        assert_eq!(steps, 9);
    }
}

#[test]
fn a_file_that_is_refused_leaves_the_model_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let mut model = model().with_class_names(["no", "yes"]).unwrap();
    let before = model.clone();
    let other = Sequential::new([3]).add(Dense::new(4)).unwrap();
    let other = other.add(Dense::new(2)).unwrap().with_class_names(["a", "b"]).unwrap();
    other.save_weights(&path).unwrap();
    assert!(model.load_weights(&path).is_err());
    std::fs::write(&path, "no weights").unwrap();
    assert!(model.load_weights(&path).is_err() && model.load_matching_weights(&path).is_err());
    assert!(model.params() == before.params() && model.class_names() == before.class_names());
}

#[test]
fn looking_for_a_rate_and_measuring_leave_the_model_as_it_was() {
    let (model, data) = (model(), data());
    let before = model.params().to_vec();
    let trainer = Trainer::new(MeanSquaredError, Adam::new(0.1)).batch_size(4);
    trainer.find_learning_rate(&model, &data, 1e-4..1.0).unwrap();
    model.evaluate(&data, &MeanSquaredError).unwrap();
    model.gradient(&data, &[0, 1], &MeanSquaredError).unwrap();
    assert!(model.params() == before);
}
