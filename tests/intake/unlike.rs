//! Inputs that are unlike all that a model was trained on.

use chainrule::intake::Intake;
use chainrule::prelude::*;
use chainrule::sequential::{Rejected, Rejection};

use super::digit;

/// The model in the crate rejects few digits by the distance, and what looks like none.
#[test]
fn what_is_unlike_all_classes_is_rejected_by_its_distance() {
    let file = ModelFile::digits();
    let rule = Rejection::new().distance(3.0).no_class("none");
    let file = ModelFile { rejection: Some(rule), ..file };
    let far = (0..500).filter(|&index| {
        let answer = file.classify_grey(&digit(index).0).unwrap().0;
        matches!(answer.rejected(), Some(Rejected::Unlike { distance, .. }) if *distance > 3.0)
    });
    let far = far.count();
    assert!((1..=8).contains(&far), "{far} of 500 digits");
    // Noise, a full square and stripes, by the whole rule.
    let file = ModelFile::digits();
    let side = Intake::default().side();
    let all = 0..side * side;
    let noise: Vec<u8> = all.clone().map(|at| ((at * at * 2_654_435) >> 9) as u8).collect();
    let full = vec![255u8; side * side];
    let stripes: Vec<u8> = all.map(|at| if at / side % 4 < 2 { 255 } else { 0 }).collect();
    for input in [noise, full, stripes] {
        let answer = file.classify(&input).unwrap();
        assert!(answer.rejected().is_some(), "{answer}");
    }
}

#[test]
fn a_limit_needs_prototypes_and_is_positive() {
    let file = || {
        let model = Sequential::new([2]).add(Dense::new(2)).unwrap();
        ModelFile::new(model)
    };
    let error = |file: ModelFile, distance| {
        file.rejection(Rejection::new().distance(distance)).unwrap_err().to_string()
    };
    assert!(
        error(file(), 3.0).contains("call `ModelFile::prototypes` first"),
        "{}",
        error(file(), 3.0)
    );
    let inputs = ndarray::arr2(&[[0.0f32, 1.0], [1.0, 0.0], [0.5, 0.2], [0.1, 0.9]]).into_dyn();
    let data = Arrays::with_classes(inputs, vec![0, 1, 1, 0], 2).unwrap();
    let measured = file().prototypes(&data).unwrap();
    for distance in [0.0, -1.0, f32::NAN] {
        assert!(error(measured.clone(), distance).contains("must be above 0"));
    }
    // They are in the file, bit by bit.
    let measured = measured.rejection(Rejection::new().distance(3.0)).unwrap();
    let loaded = ModelFile::from_bytes(&measured.to_bytes().unwrap()).unwrap();
    assert_eq!(loaded.prototypes, measured.prototypes);
    assert_eq!(loaded.rejection, measured.rejection);
    let all = loaded.prototypes.unwrap();
    assert_eq!(all.distance(7, &[0.0, 0.0]), None);
    // Both samples of a class are as far from their mean as is usual.
    let y = loaded.model.predict(&ndarray::arr2(&[[0.0f32, 1.0], [0.1, 0.9]]).into_dyn()).unwrap();
    for row in y.rows() {
        assert!((all.distance(0, row.as_slice().unwrap()).unwrap() - 1.0).abs() < 1e-3);
    }
}
