//! Data sets on disk: the same bits as in memory, and files that fail under way.
#![cfg(feature = "sample")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use chainrule::data::{StreamedIdx, Subset, idx};
use chainrule::prelude::*;
use ndarray::{Array, Axis, arr1};
use tempfile::{TempDir, tempdir};

/// Digits as two files.
fn files(digits: &Images) -> (TempDir, PathBuf, PathBuf) {
    let dir = tempdir().unwrap();
    let (images, labels) = (dir.path().join("images"), dir.path().join("labels"));
    idx::write(&images, &digits.pixels().remove_axis(Axis(3))).unwrap();
    idx::write_gz(&labels, &arr1(digits.labels())).unwrap();
    (dir, images, labels)
}

fn digits(count: usize) -> Images {
    Mnist::sample().train.take(count).unwrap()
}

fn dense() -> Sequential {
    Sequential::new([28, 28, 1]).add(Flatten).unwrap().add(Dense::new(10)).unwrap()
}

fn trainer() -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(50)
}

#[test]
fn training_from_disk_gives_the_bits_of_training_from_memory() {
    let digits = digits(280);
    let (_dir, images, labels) = files(&digits);
    let streamed = StreamedIdx::open(images, labels, 10).unwrap();
    let train = |data: &dyn Dataset, threads| {
        let mut model = dense();
        let mut trainer = trainer().epochs(2).threads(threads).validation(data);
        let history = trainer.fit(&mut model, data).unwrap();
        (model.params().to_vec(), history.last().unwrap().validation_loss)
    };
    let expected = train(&digits, 1);
    for threads in 1..=3 {
        assert!(train(&streamed, threads) == expected, "{threads} threads");
    }
}

#[test]
fn floats_of_any_shape_and_samples_larger_than_a_piece_are_read_whole() {
    let dir = tempdir().unwrap();
    let (inputs_path, labels) = (dir.path().join("inputs"), dir.path().join("labels"));
    idx::write(&labels, &arr1(&[1u8, 0, 2])).unwrap();
    let x = Array::from_shape_fn((3, 5, 7), |(n, i, j)| (n * 100 + i * 10 + j) as f32 - 0.5);
    idx::write(&inputs_path, &x).unwrap();
    let streamed = StreamedIdx::open(&inputs_path, &labels, 3).unwrap();
    assert_eq!((streamed.len(), streamed.input_shape()), (3, vec![5, 7]));
    assert!(inputs(&streamed, &[2, 0]).unwrap() == x.select(Axis(0), &[2, 0]).into_dyn());
    assert_eq!(streamed.target(2), Target::Class(2));

    let pixel = |(n, i, j, c)| (n * 7 + i * 3 + j * 5 + c * 11) as u8;
    let pixels = Array::from_shape_fn((3, 90, 80, 3), pixel);
    idx::write(&inputs_path, &pixels).unwrap();
    let streamed = StreamedIdx::open(&inputs_path, &labels, 3).unwrap();
    let images = Images::new(pixels, vec![1, 0, 2], 3).unwrap();
    assert!(inputs(&streamed, &[2, 1]).unwrap() == inputs(&images, &[2, 1]).unwrap());
}

#[test]
fn files_that_cannot_be_streamed_are_refused_when_they_are_opened() {
    let digits = digits(5);
    let (dir, images, labels) = files(&digits);
    let refusal = |images: &Path| StreamedIdx::open(images, &labels, 10).unwrap_err().to_string();
    let gz = dir.path().join("images.gz");
    idx::write_gz(&gz, &digits.pixels()).unwrap();
    assert!(refusal(&gz).contains("images.gz: expected an uncompressed file"));
    assert!(refusal(&dir.path().join("missing")).contains("missing: "));
    let refused = |array: &dyn Fn(&Path), reason: &str| {
        let path = dir.path().join("other");
        array(&path);
        let refusal = refusal(&path);
        assert!(refusal.contains(reason), "{refusal}");
    };
    refused(
        &|path| idx::write(path, &arr1(&[1u8; 5])).unwrap(),
        "found rank 1 (shape [5]); write the file again",
    );
    refused(
        &|path| idx::write(path, &arr1(&[1f32; 5])).unwrap(),
        "rank 2 or more (n, input..), but found rank 1",
    );
    refused(&|path| idx::write(path, &Array::<i16, _>::zeros((5, 2))).unwrap(), "found i16");
    refused(&|path| idx::write(path, &Array::<u8, _>::zeros((5, 0, 3))).unwrap(), "[5, 0, 3]");
    refused(&|path| idx::write(path, &Array::<u8, _>::zeros((4, 2, 3))).unwrap(), "4 labels");
    let two = StreamedIdx::open(&images, &labels, 2).unwrap_err().to_string();
    assert!(two.contains("labels below 2"), "{two}");
    assert!(StreamedIdx::open(&images, &labels, 0).is_err());
    let whole = fs::read(&images).unwrap();
    fs::write(&images, &whole[..whole.len() - 1]).unwrap();
    assert!(refusal(&images).contains("expected 3920 bytes of elements, but found 3919"));
    fs::write(&images, [&whole[..], &[0]].concat()).unwrap();
    assert!(refusal(&images).contains("expected the end of the file after 3920 bytes"));
}

/// Batches of 50 in order: the third wants sample 120, which is gone by then.
#[test]
fn a_file_cut_short_in_mid_epoch_leaves_the_parameters_of_the_step_before() {
    let digits = digits(300);
    let expected = {
        let mut model = dense();
        let two_batches = Subset::new(&digits, (0..100).collect()).unwrap();
        trainer().shuffle(false).fit(&mut model, &two_batches).unwrap();
        model.params().to_vec()
    };
    let (_dir, images, labels) = files(&digits);
    let streamed = StreamedIdx::open(&images, &labels, 10).unwrap();
    File::options().write(true).open(&images).unwrap().set_len(16 + 120 * 784 + 1).unwrap();
    for threads in 1..=3 {
        let mut model = dense();
        let error =
            trainer().shuffle(false).threads(threads).fit(&mut model, &streamed).unwrap_err();
        let Error::Data(DataError::Sample { index, .. }) = &error else { panic!("{error}") };
        assert!((120..300).contains(index), "{error}");
        assert!(error.to_string().contains("images: "), "{error}");
        assert!(model.params() == expected, "{threads} threads");
    }
    assert!(dense().evaluate(&streamed, &SoftmaxCrossEntropy).is_err());
}
