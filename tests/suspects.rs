//! Suspected label errors: digits that were given wrong labels on purpose, and models good and bad.
#![cfg(feature = "sample")]

use std::sync::LazyLock;

use chainrule::prelude::*;
use chainrule::random::Key;
use rand::RngExt;

static MNIST: LazyLock<Mnist> = LazyLock::new(Mnist::sample);

/// The digits with a share of the labels wrong, each as likely to be any other.
fn mislabelled(digits: &Images, share: f32, seed: u64) -> Images {
    let mut rng = Key::new(seed).rng();
    let mut label = |&label: &u8| match rng.random::<f32>() < share {
        true => (label + 1 + (rng.random::<f32>() * 9.0) as u8) % 10,
        false => label,
    };
    let labels = digits.labels().iter().map(&mut label).collect();
    Images::new(digits.pixels().to_owned(), labels, 10).unwrap()
}

/// A linear model of some digits in 300 steps, evaluated on the test set, with a share of all labels
/// wrong. Returns the evaluation, and the number of suspects that it is right about.
fn judged(count: usize, share: f32) -> (Evaluation, usize) {
    let train = mislabelled(&MNIST.train.take(count).unwrap(), share, 1);
    let test = mislabelled(&MNIST.test, share, 2);
    let mut model = Sequential::new([28, 28, 1]).add(Flatten).unwrap().add(Dense::new(10)).unwrap();
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.002));
    trainer = trainer.batch_size(50).epochs(300 * 50 / count);
    trainer.fit(&mut model, &train).unwrap();
    let result = model.evaluate(&test, &SoftmaxCrossEntropy).unwrap();
    let is_right = |&i: &usize| usize::from(MNIST.test.label(i)) != result.actual[i];
    let right = result.suspects(usize::MAX).into_iter().filter(|i| is_right(i)).count();
    (result, right)
}

#[test]
fn wrong_labels_are_counted_and_most_suspects_are_wrong() {
    let (result, right) = judged(3000, 0.05);
    let noise = result.label_noise().unwrap();
    assert!(noise.is_found() && (noise.wrong - 0.05).abs() < 0.015, "{noise:?}");
    let named = result.suspects(usize::MAX);
    assert!(named.len() > 200 && right * 4 > named.len() * 3, "{right} of {}", named.len());
    // The first are the surest.
    assert_eq!(result.suspects(100), named[..100]);
    let first = named[..100].iter();
    let right = first.filter(|&&i| usize::from(MNIST.test.label(i)) != result.actual[i]).count();
    assert!(right > 85, "{right}");
    assert!(noise.to_string().ends_with("% of the labels are wrong."), "{noise}");

    let (result, _) = judged(3000, 0.0);
    assert_eq!(result.suspects(usize::MAX), [0; 0], "{:?}", result.label_noise());
}

#[test]
fn a_model_that_is_often_wrong_names_no_suspects() {
    for share in [0.0, 0.01] {
        let (result, _) = judged(100, share);
        assert!(result.accuracy.unwrap() < 0.75);
        assert_eq!(result.suspects(usize::MAX), [0; 0], "{:?}", result.label_noise());
        let told = result.label_noise().unwrap().to_string();
        assert!(told.contains("Its own mistakes can explain all of these"), "{told}");
        #[cfg(feature = "report")]
        {
            let data = mislabelled(&MNIST.test, share, 2);
            let page = Report::new("").evaluation(&result, &data).html().unwrap();
            assert!(page.contains(&format!("<p>{told} No sample is named.</p>")), "{told}");
        }
    }
}
