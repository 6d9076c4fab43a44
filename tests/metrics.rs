//! Metrics against scikit-learn's, and what must hold of any evaluation.

use chainrule::metrics::{Bin, ClassScores, RocPoint};
use chainrule::prelude::*;
use proptest::prelude::*;
use serde_json::Value;

/// Outputs as inputs of a model that passes them on.
#[derive(Debug, Clone)]
struct Outputs {
    classes: usize,
    width: usize,
    x: Vec<f32>,
    labels: Vec<usize>,
}

impl Dataset for Outputs {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        vec![self.width]
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes(self.classes)
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        x.copy_from_slice(&self.x[index * self.width..][..self.width]);
        Ok(())
    }

    fn target(&self, index: usize) -> Target<'_> {
        Target::Class(self.labels[index])
    }
}

fn evaluate(data: &Outputs, loss: &dyn Loss) -> Evaluation {
    let identity = Sequential::new([data.width]).add(Flatten).unwrap();
    identity.evaluate(data, loss).unwrap()
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn sizes(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as usize).collect()
}

#[track_caller]
fn assert_close(what: &str, came: impl IntoIterator<Item = f64>, wanted: &[f64], within: f64) {
    let came: Vec<f64> = came.into_iter().collect();
    assert_eq!(came.len(), wanted.len(), "{what}");
    let close = came.iter().zip(wanted).all(|(a, b)| (a - b).abs() <= within);
    assert!(close, "{what}: {came:?} where {wanted:?} is wanted");
}

/// What is counted agrees to the last bits of an f64; probabilities, which are f32, to 1e-6.
#[test]
fn metrics_agree_with_scikit_learn() {
    let fixture: Value =
        serde_json::from_str(include_str!("fixtures/sklearn_metrics.json")).unwrap();
    for case in fixture["cases"].as_array().unwrap() {
        let shape = sizes(&case["x_shape"]);
        let data = Outputs {
            classes: case["classes"].as_u64().unwrap() as usize,
            width: shape[1],
            x: floats(&case["x"]).iter().map(|&x| x as f32).collect(),
            labels: sizes(&case["labels"]),
        };
        let loss: &dyn Loss = match case["loss"].as_str().unwrap() {
            "binary_cross_entropy" => &BinaryCrossEntropy,
            _ => &SoftmaxCrossEntropy,
        };
        let name = case["metrics"].as_str().unwrap();
        let close = |what: &str, came: Vec<f64>, wanted: &Value, within| {
            let wanted = wanted.as_f64().map_or_else(|| floats(wanted), |one| vec![one]);
            assert_close(&format!("{what} of {name}"), came, &wanted, within);
        };
        let result = evaluate(&data, loss);

        close("accuracy", vec![result.accuracy.unwrap()], &case["accuracy"], 1e-15);
        close("log loss", vec![result.log_loss().unwrap()], &case["log_loss"], 1e-6);
        let bins = case["bins"].as_u64().unwrap() as usize;
        close("ECE", vec![result.calibration(bins).unwrap().ece()], &case["ece"], 1e-6);

        let confusion = result.confusion(data.classes);
        let counts: Vec<f64> = confusion.counts.iter().flatten().map(|&n| n as f64).collect();
        let wanted: Vec<f64> =
            case["confusion"].as_array().unwrap().iter().flat_map(floats).collect();
        assert_close(name, counts, &wanted, 0.0);
        let report = confusion.report();
        assert_eq!(report.accuracy, result.accuracy.unwrap());
        let support: Vec<usize> = report.classes.iter().map(|class| class.support).collect();
        assert_eq!(support, sizes(&case["support"]));
        for (key, scores) in [
            ("per_class", report.classes.clone()),
            ("macro", vec![report.macro_average()]),
            ("weighted", vec![report.weighted_average()]),
        ] {
            let of = |of: fn(&ClassScores) -> f64| scores.iter().map(of).collect();
            close("precision", of(|s| s.precision), &case[key]["precision"], 1e-15);
            close("recall", of(|s| s.recall), &case[key]["recall"], 1e-15);
            close("F1", of(|s| s.f1), &case[key]["f1"], 1e-15);
        }

        if data.classes > 2 {
            let top = (1..data.classes).map(|k| result.top_k(k).unwrap()).collect();
            close("top k", top, &case["top_k"], 1e-15);
            assert!(result.roc().is_none());
        } else {
            let (roc, wanted) = (result.roc().unwrap(), &case["roc"]);
            let of = |of: fn(&RocPoint) -> f64| roc.points.iter().map(of).collect::<Vec<_>>();
            close("false positives", of(|p| p.false_positives), &wanted["false_positives"], 1e-15);
            close("true positives", of(|p| p.true_positives), &wanted["true_positives"], 1e-15);
            let thresholds = of(|p| p.threshold.into())[1..].to_vec();
            close("thresholds", thresholds, &wanted["thresholds"], 0.0);
            close("AUC", vec![roc.auc()], &wanted["auc"], 1e-14);
            assert_eq!(result.top_k(1), result.accuracy);
        }
    }
}

/// 5 to 40 samples of 2 to 5 classes.
fn outputs() -> impl Strategy<Value = Outputs> {
    (2usize..6, 5usize..40).prop_flat_map(|(classes, n)| {
        let x = prop::collection::vec((-8i8..8).prop_map(|x| f32::from(x) / 2.0), n * classes);
        let labels = prop::collection::vec(0..classes, n);
        (x, labels).prop_map(move |(x, labels)| Outputs { classes, width: classes, x, labels })
    })
}

proptest! {
    #[test]
    fn the_order_of_the_samples_changes_nothing(data in outputs(), by in 0usize..40) {
        let mut turned = data.clone();
        let by = by % data.len();
        turned.labels.rotate_left(by);
        turned.x.rotate_left(by * data.width);
        let (a, b) = (evaluate(&data, &SoftmaxCrossEntropy), evaluate(&turned, &SoftmaxCrossEntropy));
        prop_assert_eq!(a.confusion(data.classes), b.confusion(data.classes));
        prop_assert_eq!(a.top_k(2), b.top_k(2));
        prop_assert_eq!(a.roc(), b.roc());
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        prop_assert!(close(a.log_loss().unwrap(), b.log_loss().unwrap()));
        prop_assert!(close(a.calibration(7).unwrap().ece(), b.calibration(7).unwrap().ece()));
    }

    #[test]
    fn shares_add_up(data in outputs()) {
        let result = evaluate(&data, &SoftmaxCrossEntropy);
        let accuracy = result.accuracy.unwrap();
        prop_assert_eq!(result.top_k(0), Some(0.0));
        prop_assert_eq!(result.top_k(1), Some(accuracy));
        prop_assert_eq!(result.top_k(data.classes), Some(1.0));
        prop_assert!((result.log_loss().unwrap() - result.loss).abs() < 1e-6);
        // Of one answer each, what is right is the same share of what is named and of what is there.
        let weighted = result.confusion(data.classes).report().weighted_average();
        prop_assert!((weighted.recall - accuracy).abs() < 1e-12);
        let bins = result.calibration(9).unwrap().bins;
        prop_assert_eq!(bins.iter().map(|bin| bin.count).sum::<usize>(), data.len());
        let inside = |bin: &Bin| bin.above < bin.confidence && bin.confidence < bin.to + 1e-6;
        prop_assert!(bins.iter().all(inside));
    }
}

#[test]
fn each_loss_says_what_its_outputs_stand_for() {
    let ln_p = |loss: &dyn Loss, z: &[f32], classes: usize| {
        let mut log_p = vec![0.0; classes];
        loss.log_probabilities(z, &mut log_p).then_some(log_p)
    };
    let softmax = ln_p(&SoftmaxCrossEntropy, &[3.0, 3.0], 2).unwrap();
    assert_close("softmax", softmax.iter().map(|&l| l.into()), &[0.5f64.ln(); 2], 1e-6);
    let smoothed = SoftmaxCrossEntropy.label_smoothing(0.1);
    assert_eq!(ln_p(&smoothed, &[3.0, 3.0], 2), Some(softmax.clone()));
    assert_eq!(ln_p(&KlDivergence, &[3.0, 3.0], 2), Some(softmax.clone()));
    assert_eq!(ln_p(&smoothed.class_weights([1.0, 2.0]), &[3.0, 3.0], 2), Some(softmax));
    // However sure a model is of what is wrong, what it thinks of the rest stays a number.
    assert_eq!(ln_p(&SoftmaxCrossEntropy, &[1000.0, 0.0], 2), Some(vec![0.0, -1000.0]));
    assert_eq!(ln_p(&BinaryCrossEntropy, &[1000.0], 2), Some(vec![-1000.0, 0.0]));
    assert_eq!(
        ln_p(&BinaryCrossEntropy, &[-1000.0, -1000.0, -2000.0], 3).unwrap()[2],
        -1000.0 - 2f32.ln()
    );
    for loss in [&Hinge as &dyn Loss, &MeanSquaredError, &MeanAbsoluteError, &Huber::new(1.0)] {
        assert_eq!(ln_p(loss, &[1.0, 2.0], 2), None);
    }
}

#[test]
fn without_probabilities_the_rest_is_known() {
    let data =
        Outputs { classes: 3, width: 3, x: vec![0.0, 2.0, 1.0, 2.0, 0.0, 1.0], labels: vec![1, 1] };
    let result = evaluate(&data, &Hinge);
    assert_eq!(
        (result.accuracy, result.top_k(2), result.top_k(3)),
        (Some(0.5), Some(0.5), Some(1.0))
    );
    assert_eq!(
        (result.log_loss(), result.calibration(10), result.suspects(9)),
        (None, None, vec![])
    );

    // One score for two classes has a curve, and values as targets have no classes.
    let data = Outputs { classes: 2, width: 1, x: vec![0.2, -0.1, 3.0], labels: vec![0, 0, 1] };
    assert_eq!(evaluate(&data, &Hinge).roc().unwrap().auc(), 1.0);
    let x = ndarray::array![[1.0], [2.0]].into_dyn();
    let model = Sequential::new([1]).add(Flatten).unwrap();
    let arrays = Arrays::new(x.clone(), x).unwrap();
    let result = model.evaluate(&arrays, &MeanSquaredError).unwrap();
    assert_eq!((result.classes, result.accuracy, result.top_k(1)), (0, None, None));
    assert_eq!((result.losses.len(), result.roc()), (2, None));
}
