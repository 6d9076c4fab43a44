//! The container: what it holds, and what it refuses to.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::tensors::Tensors;
use crate::error::FileError;

fn example() -> Tensors {
    let mut tensors = Tensors::new();
    tensors.put_fact("zeta", "ζ \"quoted\"");
    tensors.put_fact("alpha", "");
    tensors.put("b", &[2, 1], &[1.5f32, f32::NAN]);
    tensors.put("a", &[], &[-0.1f64]);
    tensors.put("none", &[3, 0], &[0u64; 0]);
    tensors.put("odd", &[3], &[1u8, 2, 255]);
    tensors
}

fn bytes_of(tensors: &Tensors) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.safetensors");
    tensors.write(&path).unwrap();
    fs::read(path).unwrap()
}

fn read(bytes: &[u8]) -> Result<Tensors, FileError> {
    Tensors::from_bytes(bytes, Path::new("a file"))
}

/// A file with this header.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

#[test]
fn what_was_put_comes_back_in_bytes_that_are_always_the_same() {
    let bytes = bytes_of(&example());
    assert!(bytes == bytes_of(&example()));
    assert!(safetensors::SafeTensors::deserialize(&bytes).is_ok());
    let mut back = read(&bytes).unwrap();
    assert_eq!(back.fact("zeta"), Some("ζ \"quoted\""));
    assert_eq!(back.fact("alpha"), Some(""));
    let b: Vec<f32> = back.take("b", &[2, 1]).unwrap();
    assert!(b[0] == 1.5 && b[1].is_nan());
    assert_eq!(back.take_any::<f64>("a").unwrap(), (vec![], vec![-0.1]));
    assert_eq!(back.take_any::<u64>("none").unwrap(), (vec![3, 0], vec![]));
    assert_eq!(back.take::<u8>("odd", &[3]).unwrap(), [1, 2, 255]);
    back.check_all_taken().unwrap();
}

#[test]
fn wishes_that_a_file_does_not_meet_are_told_apart() {
    let mut tensors = read(&bytes_of(&example())).unwrap();
    let said = |error: FileError| error.to_string();
    let error = tensors.take::<f32>("c", &[1]).unwrap_err();
    assert!(matches!(error, FileError::MissingTensor { .. }));
    assert!(said(error).starts_with("a file: expected a tensor `c`, but"));
    let error = tensors.take::<f32>("b", &[1, 2]).unwrap_err();
    assert!(matches!(error, FileError::Shape { .. }));
    assert!(said(error).contains("`b` of shape 1×2, but found 2×1"));
    let error = tensors.take::<f64>("b", &[2, 1]).unwrap_err();
    assert!(matches!(error, FileError::Dtype { .. }));
    assert!(said(error).contains("numbers F64, but found F32"));
    let error = tensors.required_fact("beta", "try again").unwrap_err();
    assert!(matches!(error, FileError::MissingFact { .. }));
    let error = tensors.check_all_taken().unwrap_err();
    assert!(matches!(error, FileError::ExtraTensor { .. }));
}

#[test]
fn every_shorter_file_is_truncated() {
    let bytes = bytes_of(&example());
    for end in 0..bytes.len() {
        let error = read(&bytes[..end]).unwrap_err();
        assert!(matches!(error, FileError::Truncated { .. }), "{end} bytes: {error}");
    }
    let error = read(&[&bytes[..], &[0]].concat()).unwrap_err();
    assert!(error.to_string().ends_with("1 bytes follow its last tensor"), "{error}");
}

#[test]
fn a_name_may_stand_for_one_thing_only() {
    let one = r#""a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}"#;
    let other = r#""a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}"#;
    assert!(read(&file(&format!("{{{one}}}"), &[7])).is_ok());
    let error = read(&file(&format!("{{{one},{other}}}"), &[7, 8])).unwrap_err();
    assert!(matches!(&error, FileError::DuplicateTensor { tensor, .. } if tensor == "a"));
    for header in [
        r#"{"__metadata__":{"a":"b"},"__metadata__":{"a":"b"}}"#,
        r#"{"__metadata__":{"a":"b","a":"c"}}"#,
    ] {
        let error = read(&file(header, &[])).unwrap_err();
        assert!(matches!(error, FileError::NotSafetensors { .. }), "{error}");
    }
    let mut tensors = example();
    tensors.put("b", &[1], &[1.0f32]);
    let error = tensors.write(Path::new("never")).unwrap_err();
    assert!(matches!(error, FileError::DuplicateTensor { .. }));
}

#[test]
fn headers_that_promise_absurd_things_cost_nothing() {
    for length in [LONGEST_HEADER + 1, u64::MAX, u64::MAX / 2] {
        let error = read(&[&length.to_le_bytes(), &b"{}"[..]].concat()).unwrap_err();
        assert!(matches!(error, FileError::NotSafetensors { .. }), "{error}");
    }
    for tensor in [
        r#"{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,4]}"#,
        r#"{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}"#,
        r#"{"dtype":"F32","shape":[1],"data_offsets":[4,0]}"#,
        r#"{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]}"#,
        r#"{"dtype":"F99","shape":[1],"data_offsets":[0,4]}"#,
        "[[[",
    ] {
        let error = read(&file(&format!(r#"{{"a":{tensor}}}"#), &[0; 4])).unwrap_err();
        assert!(matches!(error, FileError::NotSafetensors { .. }), "{error}");
    }
    let nested = format!("{{\"a\":{}", "[".repeat(100_000));
    assert!(matches!(read(&file(&nested, &[])), Err(FileError::NotSafetensors { .. })));
    let huge = r#"{"a":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]}}"#;
    assert!(matches!(read(&file(huge, &[0; 4])), Err(FileError::Truncated { .. })));
}

const LONGEST_HEADER: u64 = 100_000_000;

proptest! {
    #[test]
    fn no_bytes_bring_the_reader_down(bytes: Vec<u8>) {
        prop_assert!(read(&bytes).is_err());
        prop_assert!(read(&file(&String::from_utf8_lossy(&bytes), &[])).is_err());
    }
}
