//! The loss of strings against all paths, one after the other.

use std::collections::BTreeMap;

use chainrule::data::Sequences;
use chainrule::prelude::*;
use ndarray::{Array2, s};
use proptest::prelude::*;

use super::{Padded, random};

/// All paths of a number of steps: the output of each step.
fn paths(steps: usize, outputs: usize) -> impl Iterator<Item = Vec<usize>> {
    let digit = move |number: usize, t: u32| number / outputs.pow(t) % outputs;
    (0..outputs.pow(steps as u32)).map(move |n| (0..steps as u32).map(|t| digit(n, t)).collect())
}

/// Reads a path: equal neighbours are one, and blanks are dropped.
fn read(path: &[usize], blank: usize) -> Vec<usize> {
    let mut labels = path.to_vec();
    labels.dedup();
    labels.retain(|&k| k != blank);
    labels
}

/// Probability of each output at each step.
fn probabilities(logits: &[f32], outputs: usize) -> Vec<Vec<f64>> {
    let of_step = |z: &[f32]| {
        let exp: Vec<f64> = z.iter().map(|&z| f64::from(z).exp()).collect();
        exp.iter().map(|e| e / exp.iter().sum::<f64>()).collect()
    };
    logits.chunks(outputs).map(of_step).collect()
}

/// Probability of each string, and the occupancies times that, as all paths have them.
fn by_paths(logits: &[f32], outputs: usize) -> BTreeMap<Vec<usize>, (f64, Vec<f64>)> {
    let y = probabilities(logits, outputs);
    let mut strings = BTreeMap::new();
    for path in paths(y.len(), outputs) {
        let p: f64 = path.iter().zip(&y).map(|(&k, y)| y[k]).product();
        let none = || (0.0, vec![0.0; logits.len()]);
        let own = strings.entry(read(&path, outputs - 1)).or_insert_with(none);
        own.0 += p;
        path.iter().enumerate().for_each(|(t, &k)| own.1[t * outputs + k] += p);
    }
    strings
}

/// Logits of a small case, up to `scale` on both sides of 0.
fn logits(steps: usize, outputs: usize, scale: f32, seed: u64) -> Vec<f32> {
    random([1, steps, outputs], seed).iter().map(|z| z * scale).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every string that the steps can read, with its loss and gradient.
    #[test]
    fn the_loss_is_the_sum_over_all_paths(
        steps in 1usize..6, classes in 1usize..4, scale in 0.0f32..10.0, seed in 0u64..1000,
    ) {
        let (outputs, ctc) = (classes + 1, Ctc::new(classes));
        let z = logits(steps, outputs, scale, seed);
        let y = probabilities(&z, outputs).concat();
        let mut sum = 0.0;
        for (string, (p, occupancies)) in by_paths(&z, outputs) {
            let mut gradient = vec![f32::NAN; z.len()];
            let l = ctc.loss(&z, Target::Classes(&string), Some(&mut gradient));
            prop_assert!(l >= 0.0);
            let wanted = -p.ln();
            prop_assert!((f64::from(l) - wanted).abs() < 1e-6 * wanted.max(1.0), "{string:?}: {l}, {wanted}");
            for (at, &came) in gradient.iter().enumerate() {
                let wanted = y[at] - occupancies[at] / p;
                prop_assert!((f64::from(came) - wanted).abs() < 1e-6, "{string:?}, {at}: {came}, {wanted}");
            }
            for of_step in gradient.chunks(outputs) {
                prop_assert!(of_step.iter().sum::<f32>().abs() < 1e-6);
            }
            prop_assert!(ctc.check_classes(z.len(), &string).is_ok());
            sum += f64::from(-l).exp();
        }
        prop_assert!((sum - 1.0).abs() < 1e-5, "all strings together have {sum}");
    }

    /// A string that no path reads is refused, and its loss is infinite.
    #[test]
    fn a_string_fits_if_a_path_reads_it(
        steps in 1usize..6, string in prop::collection::vec(0usize..2, 0..7),
    ) {
        let (ctc, z) = (Ctc::new(2), vec![0.5; 3 * steps]);
        let fits = paths(steps, 3).any(|path| read(&path, 2) == string);
        let mut gradient = vec![0.0; z.len()];
        let l = ctc.loss(&z, Target::Classes(&string), Some(&mut gradient));
        prop_assert_eq!(ctc.check_classes(z.len(), &string).is_ok(), fits);
        prop_assert_eq!(l.is_finite(), fits);
        prop_assert!(gradient.iter().all(|g| g.is_nan() != fits));
    }

    /// A beam of all strings finds each with its probability; a narrower one no more than that.
    #[test]
    fn a_beam_finds_the_most_probable_strings(
        steps in 1usize..6, classes in 1usize..4, width in 1usize..6, seed in 0u64..1000,
    ) {
        let (outputs, ctc) = (classes + 1, Ctc::new(classes));
        let z = logits(steps, outputs, 3.0, seed);
        let exact = by_paths(&z, outputs);
        let all = ctc.decode_beam(&z, exact.len());
        prop_assert_eq!(all.len(), exact.len());
        prop_assert!(all.windows(2).all(|pair| pair[0].1 >= pair[1].1));
        for (string, log_p) in &all {
            prop_assert!((f64::from(*log_p) - exact[string].0.ln()).abs() < 1e-5, "{string:?}: {log_p}");
        }
        let few = ctc.decode_beam(&z, width);
        prop_assert_eq!(few.len(), width.min(exact.len()));
        prop_assert!(few.windows(2).all(|pair| pair[0].1 >= pair[1].1));
        prop_assert!(few.iter().all(|(string, log_p)| f64::from(*log_p) < exact[string].0.ln() + 1e-5));
        // The best path.
        let best: Vec<usize> = z.chunks(outputs).map(argmax).collect();
        let decoded = ctc.decode(&z);
        prop_assert_eq!(&decoded, &read(&best, classes));
        prop_assert_eq!(ctc.right(&z, Target::Classes(&decoded)), [1, 1]);
        let other = [&decoded[..], &[0]].concat();
        prop_assert_eq!(ctc.right(&z, Target::Classes(&other)), [0, 1]);
    }
}

/// Padded sequences, each with a string that its length has room for.
struct PaddedStrings {
    padded: Padded,
    strings: Vec<Vec<usize>>,
}

impl Dataset for PaddedStrings {
    fn len(&self) -> usize {
        self.padded.len()
    }
    fn input_shape(&self) -> Vec<usize> {
        self.padded.input_shape()
    }
    fn target_kind(&self) -> TargetKind {
        TargetKind::Sequences { classes: 2, longest: STEPS }
    }
    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        self.padded.input(index, x)
    }
    fn sequence_length(&self, index: usize) -> Option<usize> {
        self.padded.sequence_length(index)
    }
    fn target(&self, index: usize) -> Target<'_> {
        Target::Classes(&self.strings[index])
    }
}

const STEPS: usize = 7;

fn model(steps: usize) -> Sequential {
    let same = Conv1d::new(5, 3).padding(Padding::Same);
    let model = Sequential::new([steps, 3]).add(same).unwrap().add(Tanh).unwrap();
    model.add(Conv1d::new(3, 1)).unwrap().initialize(2)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn padding_has_no_influence_on_strings(
        lengths in prop::collection::vec(1usize..=STEPS, 1..40), seed in 0u64..100,
    ) {
        let string = |&length: &usize| (0..length.div_ceil(2)).map(|i| (i / 2) % 2).collect();
        let strings: Vec<Vec<usize>> = lengths.iter().map(string).collect();
        let data = |padding| {
            let padded = Padded::new(&lengths, [STEPS, 3], seed, padding);
            PaddedStrings { padded, strings: strings.clone() }
        };
        let (one, other, ctc) = (data(1), data(2), Ctc::new(2));
        let all: Vec<usize> = (0..lengths.len()).collect();
        let gradient = |data: &PaddedStrings| model(STEPS).gradient(data, &all, &ctc).unwrap();
        prop_assert_eq!(gradient(&one), gradient(&other));
        let evaluate = |data: &PaddedStrings| model(STEPS).evaluate(data, &ctc).unwrap();
        prop_assert_eq!(evaluate(&one), evaluate(&other));
        let trained = |data: &PaddedStrings, threads: usize| {
            let mut model = model(STEPS);
            let trainer = Trainer::new(ctc, Adam::new(0.1)).epochs(2).batch_size(20);
            trainer.threads(threads).fit(&mut model, data).unwrap();
            model.params().to_vec()
        };
        prop_assert_eq!(trained(&one, 1), trained(&other, 3));
        // The same alone, in a model for its length.
        let (length, losses) = (lengths[0], evaluate(&one).losses);
        let x = one.padded.x.slice(s![0, ..length, ..]).into_owned().into_dimensionality().unwrap();
        let alone = Sequences::with_strings(vec![x], vec![strings[0].clone()], 2).unwrap();
        let mut short = model(length);
        short.set_params(model(STEPS).params()).unwrap();
        prop_assert_eq!(losses[0], short.evaluate(&alone, &ctc).unwrap().losses[0]);
    }
}

/// A thousand steps have probabilities that no 64 bits hold.
#[test]
fn a_thousand_steps() {
    let z = logits(1000, 5, 4.0, 3);
    let string: Vec<usize> = (0..300).map(|i| i * i % 4).collect();
    let mut gradient = vec![f32::NAN; z.len()];
    let l = Ctc::new(4).loss(&z, Target::Classes(&string), Some(&mut gradient));
    assert!(l > 750.0 && l.is_finite(), "{l}");
    let rows = Array2::from_shape_vec((1000, 5), z).unwrap();
    let twin = chainrule::reference::ctc(rows.view(), &string);
    assert!((l - twin).abs() < 1e-6 * twin, "{l} and {twin}");
    let twin = chainrule::reference::ctc_backward(rows.view(), &string);
    let difference = gradient.iter().zip(&twin).fold(0f32, |most, (a, b)| most.max((a - b).abs()));
    assert!(difference < 3e-6, "{difference}");
}
