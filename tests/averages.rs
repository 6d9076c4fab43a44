//! Averages of the weights: who sees them, and when.

use chainrule::prelude::*;
use ndarray::{Array, ArrayD};

fn samples(edit: impl Fn(&mut ArrayD<f32>)) -> Arrays {
    let mut x = Array::from_shape_fn((12, 2), |(n, i)| (5 * n + 3 * i) as f32 % 7.0).into_dyn();
    edit(&mut x);
    Arrays::new(x, Array::from_shape_fn(vec![12, 1], |n| n[0] as f32)).unwrap()
}

fn trainer() -> Trainer<'static> {
    Trainer::new(MeanSquaredError, Sgd::new(0.01)).batch_size(4).shuffle(false).epochs(4)
}

fn model() -> Sequential {
    Sequential::new([2]).add(Dense::new(1)).unwrap()
}

#[test]
fn validation_is_of_the_average_and_the_model_ends_with_it() -> Result<()> {
    let data = samples(|_| ());
    let mut plain = model();
    let without = trainer().validation(&data).fit(&mut plain, &data)?;
    for average in [Average::ema(0.9), Average::swa(0.3)] {
        let mut averaged = model();
        let history = trainer().validation(&data).average(average).fit(&mut averaged, &data)?;
        let last = history.last().unwrap();
        let evaluation = averaged.evaluate(&data, &MeanSquaredError)?;
        assert_eq!(last.validation_loss, Some(evaluation.loss));
        assert_ne!(plain.params(), averaged.params());
        // Training went the same way.
        for (epoch, other) in history.epochs.iter().zip(&without.epochs) {
            assert_eq!(epoch.loss, other.loss);
        }
    }
    Ok(())
}

#[test]
fn until_the_start_there_is_no_average() -> Result<()> {
    let data = samples(|_| ());
    let losses = |trainer: Trainer| -> Result<Vec<_>> {
        let history = trainer.validation(&data).fit(&mut model(), &data)?;
        Ok(history.epochs.iter().map(|epoch| epoch.validation_loss).collect())
    };
    let (plain, swa) = (losses(trainer())?, losses(trainer().average(Average::swa(0.5)))?);
    // The mean of one epoch's weights is these.
    assert_eq!(plain[..3], swa[..3]);
    assert_ne!(plain[3], swa[3]);
    Ok(())
}

#[test]
fn a_run_that_fails_leaves_the_weights_before_the_bad_batch_and_no_average() {
    let bad = samples(|x| x[[9, 1]] = f32::NAN);
    let [mut plain, mut averaged] = [model(), model()];
    trainer().fit(&mut plain, &bad).unwrap_err();
    trainer().average(Average::ema(0.9)).fit(&mut averaged, &bad).unwrap_err();
    assert_eq!(plain.params(), averaged.params());
}

#[test]
fn an_average_of_epochs_measures_its_statistics_anew() -> Result<()> {
    let data = samples(|_| ());
    let mut model = Sequential::new([2]).add(Dense::new(1))?.add(BatchNorm::new().momentum(1.0))?;
    // Such large steps that no epoch's statistics are near those of the mean.
    let trainer = Trainer::new(MeanSquaredError, Sgd::new(0.5)).batch_size(12).epochs(4);
    trainer.average(Average::swa(0.0)).fit(&mut model, &data)?;
    let [w, v, b, _, _, running_mean, _] = model.params() else { panic!("7 parameters") };
    let x = inputs(&data, &(0..12).collect::<Vec<_>>()).unwrap();
    let outputs = x.outer_iter().map(|x| x[0] * w + x[1] * v + b);
    let mean = outputs.sum::<f32>() / 12.0;
    assert!((running_mean - mean).abs() < 1e-4, "{running_mean}, and {mean} in truth");
    Ok(())
}
