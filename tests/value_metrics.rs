//! Metrics of targets that are values, labels and numbers: against scikit-learn's, and from a model.

use chainrule::metrics::{ClassScores, RegressionScores};
use chainrule::prelude::*;
use ndarray::{ArrayD, array};
use serde_json::Value;

fn floats(value: &Value) -> Vec<f64> {
    match value.as_array() {
        Some(list) => list.iter().map(|v| v.as_f64().unwrap()).collect(),
        None => vec![value.as_f64().unwrap()],
    }
}

fn f32s(value: &Value) -> Vec<f32> {
    floats(value).iter().map(|&v| v as f32).collect()
}

fn sizes(value: &Value) -> Vec<usize> {
    floats(value).iter().map(|&v| v as usize).collect()
}

/// The outputs and targets of a case, evaluated by a model that passes its inputs on.
fn evaluate(case: &Value, loss: &dyn Loss) -> Evaluation {
    let shape = sizes(&case["x_shape"]);
    let array = |key: &str| ArrayD::from_shape_vec(shape.clone(), f32s(&case[key])).unwrap();
    let identity = Sequential::new([shape[1]]).add(Flatten).unwrap();
    identity.evaluate(&Arrays::new(array("x"), array("target")).unwrap(), loss).unwrap()
}

#[track_caller]
fn assert_close(what: &str, came: impl IntoIterator<Item = f64>, wanted: &Value, within: f64) {
    let (came, wanted): (Vec<f64>, _) = (came.into_iter().collect(), floats(wanted));
    assert_eq!(came.len(), wanted.len(), "{what}");
    let close = came.iter().zip(&wanted).all(|(a, b)| (a - b).abs() <= within * b.abs().max(1.0));
    assert!(close, "{what}: {came:?} where {wanted:?} is wanted");
}

fn fixture(kind: &str) -> Vec<Value> {
    let fixture: Value =
        serde_json::from_str(include_str!("fixtures/sklearn_metrics.json")).unwrap();
    fixture[kind].as_array().unwrap().clone()
}

/// Counts agree to the last bits of an f64, and probabilities, which are f32, to 1e-6.
#[test]
fn scores_of_labels_agree_with_scikit_learn() {
    let cases = fixture("multi_label");
    assert_eq!(cases.len(), 3);
    for case in &cases {
        let name = case["metrics"].as_str().unwrap();
        let result = evaluate(case, &BinaryCrossEntropy);
        assert_eq!((result.accuracy, result.classes), (None, 0));
        let scores = result.multi_label(&f32s(&case["thresholds"])).unwrap();
        for (key, came) in [
            ("per_label", scores.labels.clone()),
            ("micro", vec![scores.micro]),
            ("macro", vec![scores.macro_average()]),
            ("weighted", vec![scores.weighted_average()]),
        ] {
            let of = |of: fn(&ClassScores) -> f64| came.iter().map(of).collect::<Vec<_>>();
            let what = |score: &str| format!("{score} of {name}, {key}");
            assert_close(&what("precision"), of(|s| s.precision), &case[key]["precision"], 1e-15);
            assert_close(&what("recall"), of(|s| s.recall), &case[key]["recall"], 1e-15);
            assert_close(&what("F1"), of(|s| s.f1), &case[key]["f1"], 1e-15);
        }
        let support: Vec<usize> = scores.labels.iter().map(|label| label.support).collect();
        assert_eq!(support, sizes(&case["support"]), "{name}");
        assert_close(name, [scores.exact_match], &case["exact_match"], 1e-15);
        assert_close(name, [scores.hamming_loss], &case["hamming_loss"], 1e-15);

        let both = sizes(&case["both"]);
        let rocs: Vec<_> = both.iter().map(|&label| result.label_roc(label).unwrap()).collect();
        assert_close("AUC", rocs.iter().map(|roc| roc.auc()), &case["auc"], 1e-14);
        let precision = rocs.iter().map(|roc| roc.average_precision());
        assert_close("average precision", precision, &case["average_precision"], 1e-14);
        let thresholds = result.best_thresholds().unwrap();
        let best = result.multi_label(&thresholds).unwrap();
        for (label, wanted) in both.iter().zip(case["best_thresholds"].as_array().unwrap()) {
            let came = [f64::from(thresholds[*label]), best.labels[*label].f1];
            assert_close("best threshold and its F1", came, wanted, 1e-6);
        }
        for label in (0..support.len()).filter(|label| !both.contains(label)) {
            assert_eq!((result.label_roc(label), thresholds[label]), (None, 0.5), "{name}");
        }
    }
}

#[test]
fn errors_of_numbers_agree_with_scikit_learn() {
    let cases = fixture("regression");
    assert_eq!(cases.len(), 3);
    for case in &cases {
        let name = case["metrics"].as_str().unwrap();
        let result = evaluate(case, &MeanSquaredError);
        let scores = result.regression().unwrap();
        for (key, of) in [
            ("mae", (|s| s.mae) as fn(&RegressionScores) -> f64),
            ("rmse", |s| s.rmse),
            ("r2", |s| s.r2),
        ] {
            let what = format!("{key} of {name}");
            assert_close(&what, scores.outputs.iter().map(of), &case[key], 1e-13);
            assert_close(&what, [of(&scores.mean())], &case[format!("mean_{key}")], 1e-13);
        }
        // With one output, the loss is the square of the RMSE.
        if scores.outputs.len() == 1 {
            assert!((result.loss.sqrt() - scores.outputs[0].rmse).abs() < 1e-6);
        }
        let worst = result.worst(1)[0];
        assert!(result.losses.iter().all(|&loss| loss <= result.losses[worst]));
    }
}

#[test]
fn predictions_are_on_the_scale_of_the_targets() {
    let identity = Sequential::new([2]).add(Flatten).unwrap();
    let x = array![[0.0, 3f32.ln()]].into_dyn();
    let data = Arrays::new(x, array![[0.25, 0.75]].into_dyn()).unwrap();
    let predictions = |loss: &dyn Loss| -> Vec<f32> {
        let result = identity.evaluate(&data, loss).unwrap();
        assert_eq!(result.targets, array![[0.25, 0.75]]);
        result.predictions.iter().copied().collect()
    };
    for (loss, wanted) in [
        (&BinaryCrossEntropy as &dyn Loss, [0.5, 0.75]),
        (&SoftmaxCrossEntropy, [0.25, 0.75]),
        (&KlDivergence.class_weights([1.0, 2.0]), [0.25, 0.75]),
        (&MeanAbsoluteError, [0.0, 3f32.ln()]),
    ] {
        let came = predictions(loss);
        let close = came.iter().zip(wanted).all(|(came, wanted)| (came - wanted).abs() < 1e-6);
        assert!(close, "{}: {came:?}", loss.name());
    }
}

#[test]
fn targets_that_are_no_labels_and_thresholds_without_meaning_are_refused() {
    let identity = Sequential::new([2]).add(Flatten).unwrap();
    let x = array![[0.1, 0.9], [0.5, 0.5]].into_dyn();
    let evaluate = |targets: ArrayD<f32>| {
        let data = Arrays::new(x.clone(), targets).unwrap();
        identity.evaluate(&data, &BinaryCrossEntropy).unwrap()
    };
    let smooth = evaluate(array![[0.0, 1.0], [0.0, 0.9]].into_dyn());
    let told = "scores of labels take targets of 0 and 1, but target 1 is [0.0, 0.9]";
    assert_eq!(smooth.multi_label(&[0.5]).unwrap_err().to_string(), told);
    assert_eq!(smooth.best_thresholds().unwrap_err().to_string(), told);
    assert_eq!(smooth.label_roc(0), None);

    let labels = evaluate(array![[0.0, 1.0], [1.0, 1.0]].into_dyn());
    let told = "the number of thresholds is 3, and there are 2 labels: it must be 1, for all labels, \
                or one for each";
    assert_eq!(labels.multi_label(&[0.5; 3]).unwrap_err().to_string(), told);
    assert!(labels.multi_label(&[]).is_err() && labels.multi_label(&[f32::NAN]).is_err());
    assert_eq!(labels.label_roc(2), None);

    let classes = Evaluation { actual: vec![0], predicted: vec![0], ..Evaluation::default() };
    let told = classes.multi_label(&[0.5]).unwrap_err().to_string();
    assert!(told.ends_with("`confusion` counts classes"), "{told}");
    assert_eq!(classes.regression(), None);
}

#[test]
fn long_tables_show_the_rows_that_need_attention() {
    let count = 40;
    let x = ArrayD::from_shape_fn(vec![3, count], |at| (at[0] * (at[1] + 1)) as f32);
    let identity = Sequential::new([count]).add(Flatten).unwrap();
    // Output 7 is off by 1, and the others are exact.
    let mut t = x.clone();
    t.index_axis_mut(ndarray::Axis(1), 7).mapv_inplace(|t| t + 1.0);
    let result = identity.evaluate(&Arrays::new(x, t).unwrap(), &MeanSquaredError).unwrap();
    let table = result.regression().unwrap().to_string();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 1 + 30 + 2, "{table}");
    assert!(lines.iter().any(|line| line.starts_with("7 ") && line.contains("  1  ")), "{table}");
    assert_eq!(lines[31], "30 of 40: those with the lowest R²");
    assert!(lines[32].starts_with("mean"), "{table}");
}

/// Four labels of each digit: even, above 4, with a closed loop, and a nine.
#[cfg(feature = "sample")]
#[test]
fn thresholds_chosen_on_held_out_digits_find_more_of_a_rare_label() {
    let labels = |digit: u8| {
        [digit.is_multiple_of(2), digit > 4, [0, 6, 8, 9].contains(&digit), digit == 9]
            .map(|label| f32::from(u8::from(label)))
    };
    let data = |digits: &Images, from: usize| {
        let rows: Vec<usize> = (from..from + 1000).collect();
        let targets = rows.iter().flat_map(|&i| labels(digits.label(i))).collect();
        let targets = ArrayD::from_shape_vec(vec![rows.len(), 4], targets).unwrap();
        Arrays::new(inputs(digits, &rows).unwrap(), targets).unwrap()
    };
    let mnist = Mnist::sample();
    let (train, held_out) = (data(&mnist.train, 0), data(&mnist.train, 1000));
    let mut model = Sequential::new([28, 28, 1]).add(Flatten).unwrap().add(Dense::new(4)).unwrap();
    let mut trainer = Trainer::new(BinaryCrossEntropy, Adam::new(0.003)).batch_size(50).epochs(8);
    trainer.fit(&mut model, &train).unwrap();
    let thresholds =
        model.evaluate(&held_out, &BinaryCrossEntropy).unwrap().best_thresholds().unwrap();
    let test = model.evaluate(&data(&mnist.test, 0), &BinaryCrossEntropy).unwrap();
    let (even, chosen) =
        (test.multi_label(&[0.5]).unwrap(), test.multi_label(&thresholds).unwrap());
    assert!(thresholds[3] < 0.45, "{thresholds:?}");
    assert!(chosen.labels[3].recall > even.labels[3].recall + 0.1, "{even}{chosen}");
    assert!(chosen.macro_average().f1 > even.macro_average().f1 + 0.01, "{even}{chosen}");
    assert!(chosen.labels.iter().all(|label| label.f1 > 0.5), "{chosen}");
}
