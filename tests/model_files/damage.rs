//! A damaged file is refused, and what is wrong with it is said by name.

use chainrule::error::FileError;
use chainrule::prelude::*;
use serde_json::json;

use crate::parts::{Parts, refusal, refusals, says};
use crate::small;

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let bytes = Parts::of(&small()).bytes();
    for end in 0..bytes.len() {
        let error = refusals(&bytes[..end]);
        assert!(error.iter().all(|error| matches!(error, FileError::Truncated { .. })));
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(refusals(&longer).iter().all(|e| matches!(e, FileError::NotSafetensors { .. })));
}

#[test]
fn a_tensor_missing_or_too_many_or_there_twice_is_named() {
    let parts = Parts::of(&small());
    for error in refusals(&parts.clone().extra("2.scale").bytes()) {
        assert!(matches!(&error, FileError::ExtraTensor { tensor, .. } if tensor == "2.scale"));
        says(&error, "`2.scale` that nothing wants");
    }
    let renamed = parts.header.to_string().replace("\"2.bias\"", "\"2.baas\"");
    for error in refusals(&parts.bytes_with(&renamed)) {
        assert!(matches!(&error, FileError::MissingTensor { tensor, .. } if tensor == "2.bias"));
        says(&error, "expected a tensor `2.bias`, but the file has none");
    }
    let doubled = parts.header.to_string().replace("\"2.bias\"", "\"0.bias\"");
    for error in refusals(&parts.bytes_with(&doubled)) {
        assert!(matches!(&error, FileError::DuplicateTensor { tensor, .. } if tensor == "0.bias"));
        says(&error, "`0.bias` is there twice");
    }
}

#[test]
fn a_tensor_of_another_shape_or_type_is_named() {
    let parts = Parts::of(&small());
    let mut turned = parts.clone();
    turned.header["0.weight"]["shape"] = json!([3, 2]);
    for error in refusals(&turned.bytes()) {
        assert!(matches!(error, FileError::Shape { .. }));
        says(&error, "`0.weight` of shape 2×3, but found 3×2");
    }
    let mut integers = parts;
    integers.header["0.weight"]["dtype"] = json!("I32");
    for error in refusals(&integers.bytes()) {
        assert!(matches!(error, FileError::Dtype { .. }));
        says(&error, "`0.weight` of numbers F32, but found I32");
    }
}

#[test]
fn numbers_that_are_not_finite_are_named() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut parts = Parts::of(&small());
        parts.data[4 * 5..4 * 6].copy_from_slice(&value.to_le_bytes());
        for error in refusals(&parts.bytes()) {
            assert!(matches!(error, FileError::NotFinite { index: 5, .. }));
            says(&error, &format!("number 5 of tensor `0.weight` is {value}"));
        }
    }
}

#[test]
fn a_newer_version_is_refused_before_all_else() {
    let parts = Parts::of(&small()).fact("chainrule.format", "2").fact("chainrule.model", "?");
    for error in refusals(&parts.bytes()) {
        assert!(matches!(error, FileError::NewerVersion { found: 2, known: 1, .. }));
        says(&error, "version 1 or before, but found version 2; use a newer version");
    }
    for error in refusals(&parts.fact("chainrule.format", "one").bytes()) {
        assert!(matches!(error, FileError::BadFact { .. }));
    }
}

#[test]
fn a_file_that_does_not_say_its_format_is_refused() {
    let mut parts = Parts::of(&small());
    parts.header["__metadata__"].as_object_mut().unwrap().remove("chainrule.format");
    let [whole, weights] = refusals(&parts.bytes());
    assert!(matches!(&whole, FileError::MissingFact { key, .. } if key == "chainrule.format"));
    assert!(matches!(weights, FileError::NoLayout { .. }));
}

#[test]
fn layers_that_make_no_sense_are_refused() {
    let parts = Parts::of(&small());
    let error = refusal(&parts.clone().model(|model| model["layers"][1]["type"] = json!("Wow")));
    assert!(matches!(error, FileError::UnknownLayer { index: 1, .. }));
    says(&error, "layer 1 is a `Wow`, which is not known here");
    let branches = json!({"type": "Divide", "branches": [[], []]});
    let error = refusal(&parts.clone().model(|model| model["layers"][1] = branches));
    assert!(matches!(error, FileError::UnknownLayer { .. }));
    let error = refusal(&parts.clone().model(|model| {
        model["layers"][2]["settings"]["units"] = json!(-1);
    }));
    assert!(matches!(error, FileError::Settings { index: 2, .. }));
    says(&error, "the settings of layer 2, a `Dense`, make no sense: invalid value");
    let error = refusal(&parts.clone().model(|model| model["input"] = json!([2, 2, 1])));
    assert!(matches!(error, FileError::Model { source: ModelError::Layer { .. }, .. }));
    says(&error, "add `Flatten` before it");
    let error = refusal(&parts.clone().model(|model| model["layers"] = json!([])));
    assert!(matches!(error, FileError::Model { source: ModelError::Empty, .. }));
    let error = refusal(&parts.clone().model(|model| model["more"] = json!(1)));
    assert!(matches!(error, FileError::BadFact { .. }));
    let error = refusal(&parts.fact("chainrule.classes", "[\"a\", \"b\", \"c\"]"));
    says(
        &error,
        "`chainrule.classes` of its metadata makes no sense: 3 names came for the classes of 2",
    );
    let signal = Sequential::new([8, 2]).add(Conv1d::new(2, 3).padding(Padding::Same)).unwrap();
    let error = refusal(&Parts::of(&signal).model(|model| {
        model["layers"][0]["settings"]["window"]["kernel"] = json!([2, 3]);
    }));
    assert!(matches!(error, FileError::Settings { index: 0, .. }));
    says(&error, "a kernel of height 2, not 1");
    let error = refusal(&Parts::of(&signal).model(|model| {
        let padding = json!({"Explicit": {"top": 1, "bottom": 0, "left": 1, "right": 1}});
        model["layers"][0]["settings"]["window"]["padding"] = padding;
    }));
    assert!(matches!(error, FileError::Settings { index: 0, .. }));
    says(&error, "padding of 1 + 0 rows, not 0");
}

/// A file may not make its reader set aside more than it holds itself.
#[test]
fn a_model_larger_than_its_file_is_refused_before_it_is_made() {
    let parts = Parts::of(&small()).model(|model| {
        model["layers"][2]["settings"]["units"] = json!(1 << 26);
    });
    let error = refusal(&parts);
    assert!(matches!(error, FileError::Shape { .. }), "{error}");
}
