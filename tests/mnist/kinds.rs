//! The data sets in MNIST's format: each layout of files loads, and as what it is.

use std::fs;
use std::path::Path;

use chainrule::data::{Images, Mnist, MnistKind, idx};
use chainrule::error::DataError;
use chainrule::prelude::Dataset;
use ndarray::{Array1, Array2, Array3, Axis};

/// Four files of three images, 2 × 3 pixels as they are stored, with labels from `first` on.
fn write_emnist(dir: &Path, split: &str, first: u8) {
    for half in ["train", "test"] {
        let name = |rest: &str| dir.join(format!("emnist-{split}-{half}-{rest}"));
        let stored = Array3::from_shape_fn((3, 2, 3), |(i, y, x)| (100 * i + 10 * y + x) as u8);
        idx::write_gz(name("images-idx3-ubyte.gz"), &stored).unwrap();
        let labels = Array1::from_shape_fn(3, |i| first + i as u8);
        idx::write(name("labels-idx1-ubyte"), &labels).unwrap();
    }
}

fn refusal(result: Result<Mnist, DataError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn letters_are_upright_and_counted_from_0() {
    let dir = tempfile::tempdir().unwrap();
    write_emnist(dir.path(), "letters", 1);
    let found = Mnist::load(dir.path()).unwrap();
    assert_eq!(found, Mnist::load_as(dir.path(), MnistKind::EmnistLetters).unwrap());
    for set in [&found.train, &found.test] {
        assert_eq!((set.shape(), set.classes(), set.labels()), ([3, 2, 1], 26, &[0, 1, 2][..]));
        // Stored in row 1 and column 2, and so in row 2 and column 1 of the upright image.
        assert_eq!(set.image(1)[[2, 1, 0]], 112);
        assert_eq!(set.class_names()[..3], ["A", "B", "C"]);
    }
}

#[test]
fn each_split_of_emnist_has_its_classes() {
    use MnistKind::{EmnistBalanced, EmnistByClass, EmnistByMerge, EmnistLetters};
    for (split, kind, classes, last) in [
        ("balanced", EmnistBalanced, 47, "t"),
        ("byclass", EmnistByClass, 62, "z"),
        ("bymerge", EmnistByMerge, 47, "t"),
        ("letters", EmnistLetters, 26, "Z"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write_emnist(dir.path(), split, 1);
        let train = Mnist::load(dir.path()).unwrap().train;
        assert_eq!((train.classes(), train.class_names().len()), (classes, classes), "{split}");
        assert_eq!(train.class_names().last().unwrap(), last);
        assert_eq!(kind.class_names(), train.class_names());
    }
    for split in ["digits", "mnist"] {
        let dir = tempfile::tempdir().unwrap();
        write_emnist(dir.path(), split, 0);
        let train = Mnist::load(dir.path()).unwrap().train;
        assert_eq!((train.classes(), train.class_names().len()), (10, 0), "{split}");
    }
}

#[test]
fn a_mapping_file_names_the_classes() {
    let dir = tempfile::tempdir().unwrap();
    write_emnist(dir.path(), "letters", 1);
    let path = dir.path().join("emnist-letters-mapping.txt");
    // Lower-case letters first, which no paper has.
    let line = |label: u32| format!("{label} {} {}\n", 96 + label, 64 + label);
    fs::write(&path, (1..=26).map(line).collect::<String>()).unwrap();
    assert_eq!(Mnist::load(dir.path()).unwrap().test.class_names()[..2], ["a", "b"]);
    fs::write(&path, (1..=25).map(line).collect::<String>()).unwrap();
    let text = refusal(Mnist::load(dir.path()));
    assert!(text.contains("emnist-letters-mapping.txt: expected a line for each of 26"), "{text}");
}

#[test]
fn of_several_sets_one_must_be_chosen() {
    let dir = tempfile::tempdir().unwrap();
    write_emnist(dir.path(), "letters", 1);
    write_emnist(dir.path(), "digits", 0);
    let text = refusal(Mnist::load(dir.path()));
    for part in ["EMNIST Digits, EMNIST Letters", "choose one with `Mnist::load_as`"] {
        assert!(text.contains(part), "{text}");
    }
    let digits = Mnist::load_as(dir.path(), MnistKind::EmnistDigits).unwrap();
    assert_eq!(digits.train.classes(), 10);
    // MNIST's own names come first.
    super::write_set(dir.path(), 2, super::usual);
    assert_eq!(Mnist::load(dir.path()).unwrap().train.len(), 2);
}

#[test]
fn labels_of_another_set_are_refused_by_file() {
    let dir = tempfile::tempdir().unwrap();
    write_emnist(dir.path(), "letters", 0);
    let text = refusal(Mnist::load(dir.path()));
    let wanted = "train-labels-idx1-ubyte: expected labels from 1 to 26, but label 0 is 0";
    assert!(text.contains(wanted), "{text}");
    write_emnist(dir.path(), "letters", 25);
    assert!(refusal(Mnist::load(dir.path())).contains("label 2 is 27"));
    // Another kind has other names of files.
    let text = refusal(Mnist::load_as(dir.path(), MnistKind::EmnistDigits));
    assert!(text.contains("emnist-digits-train-images-idx3-ubyte"), "{text}");
    assert!(!text.contains("data-fetch.sh"), "{text}");
}

#[test]
fn qmnist_keeps_its_labels_in_the_first_of_eight_columns() {
    let dir = tempfile::tempdir().unwrap();
    let write = |first: [i32; 2], columns: usize| {
        for half in ["train", "test"] {
            let name = |rest: &str| dir.path().join(format!("qmnist-{half}-{rest}"));
            idx::write_gz(name("images-idx3-ubyte.gz"), &Array3::<u8>::zeros((2, 4, 4))).unwrap();
            let label = |(i, column): (usize, usize)| if column == 0 { first[i] } else { 4000 };
            let labels = Array2::from_shape_fn((2, columns), label);
            idx::write_gz(name("labels-idx2-int.gz"), &labels).unwrap();
        }
    };
    write([7, 2], 8);
    let qmnist = Mnist::load(dir.path()).unwrap();
    assert_eq!((qmnist.test.labels(), qmnist.test.classes()), (&[7, 2][..], 10));
    write([7, -1], 8);
    let text = refusal(Mnist::load(dir.path()));
    assert!(text.contains("labels-idx2-int.gz: expected labels from 0 to 9, but label 1 is -1"));
    write([7, 2], 0);
    assert!(refusal(Mnist::load(dir.path())).contains("a column of labels"));
}

#[test]
fn sets_with_the_names_of_mnists_files_have_the_class_names_of_their_kind() {
    let dir = tempfile::tempdir().unwrap();
    super::write_set(dir.path(), 2, super::usual);
    let names = |kind| -> Vec<String> {
        let set: Images = Mnist::load_as(dir.path(), kind).unwrap().test;
        set.class_names().to_vec()
    };
    assert_eq!(names(MnistKind::FashionMnist)[..2], ["T-shirt/top", "Trouser"]);
    assert_eq!(names(MnistKind::Kmnist)[8..], ["re", "wo"]);
    assert!(names(MnistKind::Mnist).is_empty());
}

#[test]
fn images_may_have_channels_and_must_have_a_size() {
    let dir = tempfile::tempdir().unwrap();
    super::write_set(dir.path(), 2, super::usual);
    let plain = Mnist::load(dir.path()).unwrap();
    let files = ["train", "t10k"].map(|half| dir.path().join(format!("{half}-images-idx3-ubyte")));
    for file in &files {
        let images = idx::read::<u8>(file).unwrap();
        idx::write(file, &images.insert_axis(Axis(3))).unwrap();
    }
    assert_eq!(Mnist::load(dir.path()).unwrap(), plain);
    idx::write(&files[0], &Array2::<u8>::zeros((2, 6))).unwrap();
    let text = refusal(Mnist::load(dir.path()));
    for part in [
        "train-images-idx3-ubyte: expected an array of rank 3 (n, height, width) or 4",
        "found rank 2 (shape [2, 6])",
        "with the height and the width",
    ] {
        assert!(text.contains(part), "{text}");
    }
}
