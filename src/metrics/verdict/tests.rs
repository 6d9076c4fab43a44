//! Verdicts on curves whose shape is known.

use super::sentence::Number;
use super::*;
use crate::random::Key;

/// The loss of chance in these tests.
const CHANCE: f64 = 2.3;

/// A run of these training losses, and validation losses if there are any.
fn history(training: &[f64], validation: &[f64]) -> History {
    let epoch = |(i, &loss): (usize, &f64)| Epoch {
        epoch: i + 1,
        loss,
        accuracy: Some(if loss < 0.99 * CHANCE { 0.9 } else { 0.1 }),
        validation_loss: validation.get(i).copied(),
        validation_accuracy: None,
        learning_rate: 0.01,
        seconds: 1.0,
    };
    let chance = Chance { loss: CHANCE, accuracy: Some(0.11), samples: 1000 };
    let epochs = training.iter().enumerate().map(epoch).collect();
    History { epochs, stopped: None, chance: Some(chance) }
}

fn verdict(training: &[f64], validation: &[f64]) -> String {
    history(training, validation).verdict().map_or(String::new(), |verdict| verdict.to_string())
}

/// A curve of `n` epochs, each with normal noise of a share of its value.
fn noisy(n: usize, noise: f64, seed: u64, curve: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut rng = Key::new(7).fold(seed).rng();
    let mut normal =
        || rand_distr::Distribution::<f64>::sample(&rand_distr::StandardNormal, &mut rng);
    (0..n).map(|e| curve(e as f64 / n as f64) * (1.0 + noise * normal())).collect()
}

/// Number of 200 noisy runs of `n` epochs with this verdict. The training loss falls all the time.
fn count(n: usize, noise: f64, curve: fn(f64) -> f64, wanted: fn(&Verdict) -> bool) -> usize {
    let training = noisy(n, 0.0, 0, |x| (-4.0 * x).exp());
    let verdict = |seed| history(&training, &noisy(n, noise, seed, curve)).verdict();
    (0..200).filter(|&seed| verdict(seed).is_some_and(|verdict| wanted(&verdict))).count()
}

const FALLING: [f64; 8] = [1.0, 0.4, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03];

#[test]
fn each_shape_has_its_sentence() {
    let rising = [0.9, 0.4, 0.3, 0.25, 0.2, 0.3, 0.4, 0.5];
    assert_eq!(
        verdict(&FALLING, &rising),
        "overfits since epoch 5: the validation loss rose from 0.2000 to 0.5000, while the training \
         loss fell. Stop there (EarlyStopping), or add dropout, augmentation or data"
    );
    assert_eq!(
        verdict(&FALLING, &[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]),
        "still improving: the validation loss fell from 0.3000 to 0.2000 in the last epoch. Train for \
         more epochs"
    );
    assert_eq!(
        verdict(&FALLING, &[0.9, 0.5, 0.3, 0.21, 0.2, 0.19, 0.2, 0.2]),
        "converged: the validation loss, lowest in epoch 6 at 0.1900, no longer falls. More epochs will \
         hardly help; another learning rate, a larger model or more data may"
    );
    assert_eq!(
        verdict(&[3e2, 2.5, 2.4, 2.31], &[]),
        "at chance: the loss, 2.3100, is no better than that of guessing, 2.3000. Try a learning rate \
         ten times lower or higher, or more epochs, and check that the targets belong to the inputs"
    );
    assert_eq!(
        verdict(&[1.0, 0.5, 2.0, 1e5], &[]),
        "diverged: the training loss rose from 0.5000 in epoch 2 to 1.00e5. A lower learning rate or \
         a clipped gradient (Clip) helps"
    );
    assert_eq!(verdict(&FALLING[..3], &FALLING[..3]), "", "too short");
    assert_eq!(verdict(&[], &[]), "", "nothing");
}

#[test]
fn without_validation_the_training_loss_counts() {
    let is_by_training = |verdict: &str| verdict.contains("the training loss");
    let improves = verdict(&FALLING, &[]);
    assert_eq!(
        improves,
        "still improving: the training loss fell from 0.0500 to 0.0300 in the last epoch. Train for \
         more epochs, with a validation set, which shows over-fitting"
    );
    let converged = verdict(&[1.0, 0.2, 0.1, 0.1, 0.1, 0.1], &[]);
    assert!(converged.starts_with("converged") && is_by_training(&converged), "{converged}");
    // A validation of some epochs only does not count.
    let mut half = history(&FALLING, &[0.2; 8]);
    half.epochs[0].validation_loss = None;
    assert!(is_by_training(&half.verdict().unwrap().to_string()));
}

/// A schedule whose rate ends at 0 lets the loss fall less and less.
#[test]
fn three_epochs_that_improve_are_no_noise() {
    let training = [0.8, 0.16, 0.1, 0.06];
    assert!(verdict(&training, &[0.144, 0.099, 0.073, 0.069]).starts_with("still improving"));
    assert!(verdict(&training, &[0.144, 0.07, 0.073, 0.069]).starts_with("converged"));
    assert!(verdict(&training, &[0.144, 0.07, 0.0691, 0.069]).starts_with("converged"));
}

#[test]
fn what_was_learned_and_lost_has_diverged() {
    assert!(
        verdict(&[0.5, 0.3, 2.4], &[]).starts_with("diverged: the training loss rose from 0.3")
    );
    assert!(verdict(&[2.4, 2.3, 9.0], &[]).starts_with("diverged"), "more than twice the start");
    assert!(verdict(&[3.0, 0.5, 0.9, 0.7], &[]).starts_with("converged"), "a detour");
}

#[test]
fn chance_needs_loss_and_accuracy_of_chance() {
    let with = |edit: fn(&mut History)| {
        let mut history = history(&[2.4, 2.4, 2.4, 2.4], &[2.4; 4]);
        edit(&mut history);
        history.verdict().unwrap()
    };
    let is_at_chance = |verdict| matches!(verdict, Verdict::AtChance { .. });
    assert!(is_at_chance(with(|_| ())));
    // Three standard errors of 1,000 samples are 3 %.
    assert!(is_at_chance(with(|h| h.epochs[3].accuracy = Some(0.139))));
    assert!(!is_at_chance(with(|h| h.epochs[3].accuracy = Some(0.141))));
    assert!(!is_at_chance(with(|h| h.epochs[3].validation_loss = Some(1.0))));
    assert!(is_at_chance(with(|h| h.epochs[3].accuracy = None)), "values");
    assert!(!is_at_chance(with(|h| h.chance = None)));
    // Constant targets: a guess is right, and so is the model.
    assert!(!is_at_chance(with(|h| h.chance.as_mut().unwrap().loss = 0.0)));
    // A single epoch is known by its accuracy, or its validation.
    let one = history(&[2.4], &[]);
    assert!(one.verdict().is_some_and(is_at_chance));
    let mut values = one;
    values.epochs[0].accuracy = None;
    assert_eq!(values.verdict(), None);
}

#[test]
fn noise_is_no_shape() {
    let plateau = |x: f64| 1.0 + 3.0 * (-20.0 * x).exp();
    for n in [8, 10, 20, 50] {
        for noise in [0.02, 0.05, 0.1] {
            let overfits = count(n, noise, plateau, |v| matches!(v, Verdict::Overfits { .. }));
            assert!(overfits <= 10, "{overfits} of 200 plateaus of {n} epochs, {noise}");
        }
        let improves = count(n, 0.02, plateau, |v| matches!(v, Verdict::StillImproving { .. }));
        assert!(improves <= 20, "{improves} of 200 plateaus of {n} epochs improve");
    }
}

#[test]
fn a_shape_is_seen_through_noise() {
    let valley = |x: f64| 1.0 + 2.0 * (0.3 - x).max(0.0) + 0.7 * (x - 0.3).max(0.0);
    let slope = |x: f64| (-2.0 * x).exp();
    for n in [10, 20, 50] {
        let overfits = count(n, 0.02, valley, |v| matches!(v, Verdict::Overfits { .. }));
        assert!(overfits >= 195, "{overfits} of 200 valleys of {n} epochs");
        let improves = count(n, 0.02, slope, |v| matches!(v, Verdict::StillImproving { .. }));
        assert!(improves >= 195, "{improves} of 200 slopes of {n} epochs");
    }
}

#[test]
fn numbers_are_shown_at_any_scale() {
    for (number, shown) in
        [(0.0, "0.0000"), (0.041, "0.0410"), (-2.5, "-2.5000"), (4e-7, "4.00e-7"), (2e4, "2.00e4")]
    {
        assert_eq!(Number(number).to_string(), shown);
    }
}
