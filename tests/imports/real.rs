//! Nets that other people trained, where their files are there: they know digits here, too.

use std::io::Read;
use std::path::{Path, PathBuf};

use chainrule::prelude::*;
use ndarray::{ArrayD, Axis, IxDyn};

fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    let is_there = path.exists();
    if !is_there {
        eprintln!("skipped: there is no {}", path.display());
    }
    is_there.then_some(path)
}

/// Returns the share of images (n, h, w, 1) that a model classifies right.
fn accuracy(model: &Sequential, x: &ArrayD<f32>, labels: &[u8]) -> f64 {
    let mut right = 0;
    for (x, labels) in x.axis_chunks_iter(Axis(0), 500).zip(labels.chunks(500)) {
        let y = model.predict(&x).unwrap();
        for (y, &label) in y.outer_iter().zip(labels) {
            let best = (0..10).max_by(|&a, &b| y[a].total_cmp(&y[b])).unwrap();
            right += usize::from(best == usize::from(label));
        }
    }
    right as f64 / labels.len() as f64
}

/// Returns the test images of MNIST, 0 to 1 with 1 as ink, and their digits.
fn mnist() -> Option<(ArrayD<f32>, Vec<u8>)> {
    let unpacked = |name: &str| {
        let file = std::fs::File::open(shared(&format!("mnist/{name}.gz"))?).unwrap();
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
        Some(bytes)
    };
    let images =
        unpacked("t10k-images-idx3-ubyte")?[16..].iter().map(|&v| f32::from(v) / 255.0).collect();
    let images = ArrayD::from_shape_vec(IxDyn(&[10_000, 28, 28, 1]), images).unwrap();
    Some((images, unpacked("t10k-labels-idx1-ubyte")?[8..].to_vec()))
}

#[test]
fn a_pytorch_net_reads_mnist() -> Result<()> {
    let (Some(path), Some((x, labels))) = (shared("imports/ccexam-mnist.pth"), mnist()) else {
        return Ok(());
    };
    let mut model = Sequential::new([28, 28, 1])
        .add(Conv2d::new(32, 3).padding(Padding::Same))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(64, 3).padding(Padding::Same))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Flatten)?
        .add(Dense::new(128))?
        .add(Relu)?
        .add(Dense::new(10))?;
    model.load_weights(path)?;
    let accuracy = accuracy(&model, &x.mapv(|v| (v - 0.1307) / 0.3081), &labels);
    println!("ccexam-mnist.pth: {accuracy}");
    assert!(accuracy > 0.985, "{accuracy}");
    Ok(())
}

#[test]
fn a_pytorch_net_with_batch_norms_reads_usps() -> Result<()> {
    let (Some(path), Some(data)) = (shared("imports/ccexam-usps.pth"), shared("usps/zip.train.gz"))
    else {
        return Ok(());
    };
    let mut text = String::new();
    let file = std::fs::File::open(data).unwrap();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    let (mut labels, mut values) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let mut numbers = line.split_whitespace().map(|number| number.parse::<f32>().unwrap());
        labels.push(numbers.next().unwrap() as u8);
        values.extend(numbers.map(|ink| ((ink + 1.0) / 2.0 - 0.2471) / 0.2994));
    }
    let x = ArrayD::from_shape_vec(IxDyn(&[labels.len(), 16, 16, 1]), values).unwrap();
    let mut model = Sequential::new([16, 16, 1])
        .add(Conv2d::new(32, 3).padding(Padding::Same))?
        .add(BatchNorm::new())?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(64, 3).padding(Padding::Same))?
        .add(BatchNorm::new())?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Flatten)?
        .add(Dropout::new(0.3))?
        .add(Dense::new(128))?
        .add(Relu)?
        .add(Dropout::new(0.3))?
        .add(Dense::new(10))?;
    model.load_weights(path)?;
    let accuracy = accuracy(&model, &x, &labels);
    println!("ccexam-usps.pth: {accuracy}");
    assert!(accuracy > 0.98, "{accuracy}");
    Ok(())
}

#[test]
fn a_keras_net_reads_mnist() -> Result<()> {
    let (Some(path), Some((x, labels))) = (shared("imports/sudoku-ocr-cnn.h5"), mnist()) else {
        return Ok(());
    };
    let mut model = Sequential::new([28, 28, 1])
        .add(Conv2d::new(32, 3))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Flatten)?
        .add(Dense::new(100))?
        .add(Relu)?
        .add(Dense::new(10))?
        .add(Softmax)?;
    model.load_weights(path)?;
    let accuracy = accuracy(&model, &x, &labels);
    println!("sudoku-ocr-cnn.h5: {accuracy}");
    assert!(accuracy > 0.97, "{accuracy}");
    Ok(())
}
