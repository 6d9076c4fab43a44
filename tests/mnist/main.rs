//! MNIST from a directory: any spelling loads, and what is missing or does not fit is named.

mod kinds;

use std::fs;
use std::path::Path;

use chainrule::data::{Mnist, idx};
#[cfg(feature = "sample")]
use chainrule::error::DataError;
use ndarray::{Array1, Array3};

/// Four files of `n` images, 2 × 3 pixels, the names made by `spell` from stem and kind.
fn write_set(dir: &Path, n: usize, spell: impl Fn(&str, &str) -> String) {
    for half in ["train", "t10k"] {
        let pixels = Array3::from_shape_fn((n, 2, 3), |(i, y, x)| (100 * i + 10 * y + x) as u8);
        let labels = Array1::from_shape_fn(n, |i| i as u8);
        idx::write(dir.join(spell(&format!("{half}-images"), "idx3-ubyte")), &pixels).unwrap();
        idx::write_gz(dir.join(spell(&format!("{half}-labels"), "idx1-ubyte")), &labels).unwrap();
    }
}

fn usual(stem: &str, kind: &str) -> String {
    format!("{stem}-{kind}")
}

fn refusal(dir: &Path) -> String {
    Mnist::load(dir).unwrap_err().to_string()
}

#[test]
fn every_spelling_loads() {
    let spellings: [fn(&str, &str) -> String; 4] = [
        usual,
        |stem, kind| format!("{stem}-{kind}.gz"),
        |stem, kind| format!("{stem}.{kind}"),
        |stem, kind| format!("{stem}.{kind}.gz"),
    ];
    for spell in spellings {
        let dir = tempfile::tempdir().unwrap();
        write_set(dir.path(), 2, spell);
        let mnist = Mnist::load(dir.path()).unwrap();
        for images in [&mnist.train, &mnist.test] {
            assert_eq!(images.pixels().dim(), (2, 2, 3, 1));
            assert_eq!((images.labels(), images.classes()), (&[0, 1][..], 10));
            assert_eq!(images.image(1)[[1, 2, 0]], 112);
        }
    }
}

#[test]
fn a_directory_of_a_files_name_is_looked_past() {
    let dir = tempfile::tempdir().unwrap();
    write_set(dir.path(), 2, |stem, kind| format!("{stem}.{kind}"));
    fs::create_dir(dir.path().join("train-images-idx3-ubyte")).unwrap();
    assert!(Mnist::load(dir.path()).is_ok());
}

#[test]
fn a_missing_file_is_named_with_its_spellings_and_the_remedy() {
    let dir = tempfile::tempdir().unwrap();
    write_set(dir.path(), 2, usual);
    fs::remove_file(dir.path().join("t10k-labels-idx1-ubyte")).unwrap();
    let message = refusal(dir.path());
    let directory = dir.path().to_str().unwrap();
    for part in
        [directory, "t10k-labels-idx1-ubyte, ", "t10k-labels.idx1-ubyte.gz", "data-fetch.sh"]
    {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn a_path_that_is_no_directory_is_named() {
    let missing = refusal(Path::new("no-such-directory"));
    assert!(missing.starts_with("no-such-directory: there is no such directory"), "{missing}");
    assert!(missing.contains("data-fetch.sh"), "{missing}");
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(
        refusal(file.path()).ends_with("this is a file; give the directory that has the files")
    );
}

#[test]
fn files_that_do_not_go_together_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name| dir.path().join(name);
    let labels = path("train-labels-idx1-ubyte");

    write_set(dir.path(), 2, usual);
    idx::write(&labels, &Array1::<u8>::zeros(3)).unwrap();
    let message = refusal(dir.path());
    assert!(message.contains("train-images-idx3-ubyte with "), "{message}");
    assert!(message.contains("expected 2 labels, one for each image, but found 3"), "{message}");

    idx::write(&labels, &Array1::from_elem(2, 10u8)).unwrap();
    let message = refusal(dir.path());
    assert!(message.contains("labels from 0 to 9, but label 0 is 10"), "{message}");

    fs::copy(path("train-images-idx3-ubyte"), &labels).unwrap();
    let message = refusal(dir.path());
    assert!(
        message.contains("train-labels-idx1-ubyte: expected an array of rank 1, but found rank 3"),
        "{message}"
    );

    write_set(dir.path(), 2, usual);
    idx::write(path("t10k-images-idx3-ubyte"), &Array3::<u8>::zeros((2, 2, 2))).unwrap();
    assert!(refusal(dir.path()).contains("[2, 3, 1], as in the training set, but found [2, 2, 1]"));
}

#[test]
#[cfg(feature = "sample")]
fn the_sample_is_the_beginning_of_the_full_set() {
    let sample = Mnist::sample();
    assert_eq!(sample.train.pixels().dim(), (10_000, 28, 28, 1));
    assert_eq!(sample.train.labels()[..8], [5, 0, 4, 1, 9, 2, 1, 3]);
    assert_eq!(sample.test.labels()[..8], [7, 2, 1, 0, 4, 1, 4, 9]);

    match Mnist::load(Path::new(env!("CARGO_MANIFEST_DIR")).join("data")) {
        Ok(full) => {
            assert_eq!(sample.train, full.train.take(10_000).unwrap());
            assert_eq!(sample.test, full.test);
        }
        Err(missing @ (DataError::MissingFile { .. } | DataError::MissingFolder { .. })) => {
            println!("skipped the comparison with the full set: {missing}");
        }
        Err(error) => panic!("{error}"),
    }
}
