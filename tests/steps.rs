//! What a step does to which parameter.

use chainrule::prelude::*;
use ndarray::{Array, ArrayViewD, ArrayViewMutD};

/// Passes its input on, and claims a huge gradient for a statistic of its own.
struct Watching;

impl Layer for Watching {
    type Cache = ();

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        Ok(input.to_vec())
    }

    fn param_specs(&self, _input: &[usize]) -> Vec<ParamSpec> {
        vec![ParamSpec::statistic("seen", &[5], Init::GlorotNormal)]
    }

    fn new_cache(&self, _input: &[usize], _max_batch: usize) {}

    fn forward(
        &self,
        _params: Params,
        x: ArrayViewD<f32>,
        mut y: ArrayViewMutD<f32>,
        _cache: &mut (),
        _pass: Pass<'_>,
    ) {
        y.assign(&x);
    }

    fn backward(
        &self,
        _params: Params,
        _saved: Saved<()>,
        dy: ArrayViewMutD<f32>,
        dx: Option<ArrayViewMutD<f32>>,
        dparams: &mut [f32],
    ) {
        if let Some(mut dx) = dx {
            dx.assign(&dy);
        }
        dparams.iter_mut().for_each(|ds| *ds += 1e3);
    }
}

fn data() -> Arrays {
    let x = Array::from_shape_fn((20, 3), |(n, i)| (7 * n + 3 * i) as f32 % 5.0 - 2.0);
    let t = Array::from_shape_fn((20, 2), |(n, i)| (3 * n + i) as f32 % 4.0);
    Arrays::new(x.into_dyn(), t.into_dyn()).unwrap()
}

fn trainer(clip: Clip) -> Trainer<'static> {
    Trainer::new(MeanSquaredError, AdamW::new(0.01, 0.5))
        .group(ParamGroup::all().l1(0.1).max_norm(0.5))
        .clip(clip)
        .average(Average::ema(0.5))
        .batch_size(8)
        .epochs(3)
}

#[test]
fn no_step_decay_penalty_or_limit_reaches_a_statistic_nor_does_a_norm_count_it() -> Result<()> {
    for clip in [Clip::value(0.1), Clip::norm(0.1), Clip::global_norm(0.1)] {
        let dense = || Sequential::new([3]).add(Dense::new(4))?.add(Tanh);
        let mut with = dense()?.add(Watching)?.add(Dense::new(2))?;
        let mut without = dense()?.add(Dense::new(2))?;
        // All but the five numbers of the statistic, which come after the first layer's 16.
        let (statistic, rest) = (16..21, |params: &[f32]| [&params[..16], &params[21..]].concat());
        without.set_params(&rest(with.params()))?;
        let before = with.params()[statistic.clone()].to_vec();

        trainer(clip).fit(&mut with, &data())?;
        trainer(clip).fit(&mut without, &data())?;
        assert_eq!(with.params()[statistic], before);
        assert_eq!(rest(with.params()), without.params());
    }
    Ok(())
}

#[test]
fn a_step_is_along_the_sum_of_all_gradients_in_every_group() -> Result<()> {
    // Several gradient vectors a batch, and more parameters than a thread takes at once.
    let model = Sequential::new([301]).add(Dense::new(67))?.add(Tanh)?.add(Dense::new(3))?;
    let mut model = model.freeze("2.weight")?;
    let x = Array::from_shape_fn((100, 301), |(n, i)| ((7 * n + 3 * i) % 11) as f32 / 5.0 - 1.0);
    let t = Array::from_shape_fn((100, 3), |(n, i)| ((3 * n + i) % 4) as f32);
    let data = Arrays::new(x.into_dyn(), t.into_dyn())?;
    let all: Vec<usize> = (0..100).collect();
    let (_, gradient) = model.gradient(&data, &all, &MeanSquaredError)?;
    let before = model.params().to_vec();

    let trainer = Trainer::new(MeanSquaredError, Sgd::new(1.0)).batch_size(100);
    let mut trainer = trainer.group(ParamGroup::vectors().lr(2.0));
    trainer.fit(&mut model, &data)?;
    for (i, (w, before)) in model.params().iter().zip(&before).enumerate() {
        let factor = match i - i.min(301 * 67) {
            0 if i < 301 * 67 => 1.0,
            0..67 => 2.0,
            67..268 => 0.0,
            _ => 2.0,
        };
        assert!((w - (before - factor * gradient[i])).abs() < 1e-5, "parameter {i}");
    }
    Ok(())
}
