//! Tests of the robustness report: its corruptions, its tables and its plots.

use super::*;
use crate::chart::Lines;
use crate::data::augment::{Augment, Rotate};
use crate::data::{Arrays, Images, Target, inputs};
use crate::layers::{Dense, Flatten};
use crate::loss::{MeanSquaredError, SoftmaxCrossEntropy};
use ndarray::{Array4, ArrayD};

/// Class 0 has its only light on the left of 4×8, class 1 on the right, and this model knows it.
fn sides() -> (Sequential, Images) {
    let mut model = Sequential::new([4, 8, 1]).add(Flatten).unwrap().add(Dense::new(2)).unwrap();
    model.update(|params| {
        for (i, w) in params[..64].iter_mut().enumerate() {
            let (pixel, class) = (i / 2, i % 2);
            *w = if (pixel % 8 >= 4) == (class == 1) { 1.0 } else { 0.0 };
        }
    });
    let pixels = Array4::from_shape_fn((10, 4, 8, 1), |(n, y, x, _)| {
        let light = if n % 2 == 0 { 1 } else { 6 };
        if x == light && (1..3).contains(&y) { 200 } else { 0 }
    });
    (model, Images::new(pixels, (0..10).map(|n| n % 2).collect(), 2).unwrap())
}

#[test]
fn curves_are_the_accuracy_at_each_strength() {
    let (model, data) = sides();
    let suite = Robustness::of([
        Corruption::shift([1.0, 2.0, 3.0, 5.0]),
        Corruption::rotation([180.0]),
        Corruption::contrast([0.5]),
    ]);
    let report = suite.evaluate(&model, &data, &SoftmaxCrossEntropy).unwrap();
    assert_eq!(report.clean, 1.0);
    // Light at column 1 or 6. By 3, a move inwards crosses the middle, and the one outwards leaves
    // nothing, which is taken for class 0. So of four ways, by 3: left 0 becomes nothing (right by
    // luck) and 1 wrong; right 0 wrong, 1 nothing (wrong); up and down by 3 leave nothing.
    assert_eq!(report.curves[0].points[0], (1.0, 1.0));
    assert_eq!(report.curves[0].points[2], (3.0, 0.375));
    assert_eq!(report.curves[1].points, [(180.0, 0.0)]);
    assert_eq!(report.curves[2].points, [(0.5, 1.0)]);
    let means: Vec<f64> = report.curves.iter().map(Curve::mean).collect();
    assert_eq!(report.mean(), means.iter().sum::<f64>() / 3.0);
    let again = suite.evaluate(&model, &data, &SoftmaxCrossEntropy).unwrap();
    assert_eq!(report, again);
}

#[test]
fn the_table_and_the_plot_show_every_number() {
    let curve =
        |name: &str, points: &[(f32, f64)]| Curve { name: name.into(), points: points.into() };
    let report = RobustnessReport {
        clean: 0.9876,
        curves: vec![
            curve("rotation (°)", &[(5.0, 0.98), (45.0, 0.5)]),
            curve("a < b & c", &[(0.25, 1.0)]),
        ],
    };
    let table = report.to_string();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[1], "                  98.76");
    assert_eq!(lines[3], "rotation (°)          5      45     mean");
    assert_eq!(lines[4], "                  98.00   50.00    74.00");
    assert_eq!(lines[7], "                 100.00           100.00");
    assert_eq!(lines[9], "all corruptions                    87.00");

    let reports = [("plain", &report), ("<other>", &report)];
    assert_eq!(charts(&reports).len(), 2);
    let points = [(0.0, 98.76), (0.25, 100.0)];
    let wanted = Lines::new("a < b & c", "accuracy, %").y_range(0.0, 100.0);
    assert_eq!(charts(&reports)[1], wanted.line("plain", points).line("<other>", points));
    let svg = svg(&reports);
    assert_eq!((svg.matches("<g transform").count(), svg.matches("<circle").count()), (2, 10));
    assert!(super::svg(&[]).ends_with("</svg>\n"));
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let (model, data) = sides();
    let refusal = |suite: Robustness| {
        suite.evaluate(&model, &data, &SoftmaxCrossEntropy).unwrap_err().to_string()
    };
    assert!(refusal(Robustness::of([Corruption::blur([])])).contains("missing from blur"));
    assert!(refusal(Robustness::of([Corruption::noise([f32::NAN])])).contains("NaN"));
    assert!(refusal(Robustness::of([Corruption::noise([-1.0])])).contains("noise is -1"));
    let nothing = Corruption::new("nothing", [1.0], |_| Vec::new());
    assert!(refusal(Robustness::new().corruption(nothing)).contains("1 in nothing"));

    let rows = |columns: usize| ArrayD::zeros(vec![3, columns]);
    let pairs = Arrays::new(rows(4), rows(2)).unwrap();
    let dense = Sequential::new([4]).add(Dense::new(2)).unwrap();
    let suite = Robustness::of([]);
    let refusal = suite.evaluate(&dense, &pairs, &MeanSquaredError).unwrap_err().to_string();
    assert!(refusal.contains("classes"), "{refusal}");
    let suite = Robustness::new();
    let refusal = suite.evaluate(&dense, &pairs, &MeanSquaredError).unwrap_err().to_string();
    assert!(refusal.contains("height, width and channels"), "{refusal}");
}

#[test]
fn corrupted_data_are_changed_by_number_and_keep_their_targets() {
    let (_, data) = sides();
    let augment = Augment::new().with(Rotate::degrees(90.0));
    let corrupted = Corrupted::new(&data, &augment, 5).unwrap();
    let read = |indices: &[usize]| inputs(&corrupted, indices).unwrap();
    assert_eq!((corrupted.len(), corrupted.target(3)), (10, Target::Class(1)));
    assert!(read(&[2, 4]) == read(&[2, 4]));
    assert!(read(&[2]) != read(&[4]), "the same image, by another number");
    let other = Corrupted::new(&data, &augment, 6).unwrap();
    assert!(inputs(&other, &[2]).unwrap() != read(&[2]), "another seed");
}
