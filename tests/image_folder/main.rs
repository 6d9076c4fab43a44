//! Digits of MNIST as picture files in folders, and what is wrong with folders that are not.
#![cfg(all(feature = "images", feature = "sample"))]

mod found_in_the_wild;

use std::fs;
use std::path::Path;

use chainrule::data::ImageFolder;
use chainrule::error::PictureError;
use chainrule::prelude::*;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageBuffer, Luma, Rgb, RgbImage};
use tempfile::{TempDir, tempdir};

fn digits(count: usize) -> Images {
    Mnist::sample().train.take(count).unwrap()
}

fn picture(digits: &Images, index: usize) -> GrayImage {
    let pixels = digits.image(index).iter().copied().collect();
    GrayImage::from_raw(28, 28, pixels).unwrap()
}

/// Digit `i` as `<label>/<i>.png`, and beside them what does not count.
fn folder(digits: &Images) -> TempDir {
    let dir = tempdir().unwrap();
    for index in 0..digits.len() {
        let class = dir.path().join(digits.label(index).to_string());
        fs::create_dir_all(&class).unwrap();
        let extension = if index % 2 == 0 { "png" } else { "PNG" };
        picture(digits, index).save(class.join(format!("{index:04}.{extension}"))).unwrap();
        fs::write(class.join("notes.txt"), "not a picture").unwrap();
    }
    fs::create_dir(dir.path().join(".thumbnails")).unwrap();
    fs::write(dir.path().join("readme.png"), "in no class").unwrap();
    dir
}

/// The numbers of the digits in the order of folders, and of names in each.
fn order(digits: &Images) -> Vec<usize> {
    let mut order: Vec<usize> = (0..digits.len()).collect();
    order.sort_by_key(|&index| digits.label(index));
    order
}

fn refusal(dir: &Path) -> String {
    ImageFolder::open(dir).unwrap_err().to_string()
}

#[test]
fn pngs_are_the_digits_that_they_were_made_of() {
    let digits = digits(100);
    let dir = folder(&digits);
    let pictures = ImageFolder::open(dir.path()).unwrap().grey();
    assert_eq!(pictures.classes(), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assert_eq!((pictures.len(), pictures.input_shape()), (100, vec![28, 28, 1]));
    let order = order(&digits);
    let all: Vec<usize> = (0..100).collect();
    let expected = inputs(&digits, &order).unwrap();
    assert!(inputs(&pictures, &all).unwrap() == expected);
    for (place, &index) in order.iter().enumerate() {
        assert_eq!(pictures.target(place), digits.target(index));
        assert!(pictures.paths()[place].to_string_lossy().contains(&format!("{index:04}.")));
    }
    let loaded = pictures.load().unwrap();
    assert!(inputs(&loaded, &all).unwrap() == expected);
    assert_eq!(loaded.classes(), 10);
    assert_eq!(loaded.class_names(), pictures.classes());
    let colour = inputs(&ImageFolder::open(dir.path()).unwrap(), &[5]).unwrap();
    assert_eq!(colour.shape(), [1, 28, 28, 3]);
    for (channels, &grey) in colour.as_slice().unwrap().chunks(3).zip(digits_row(&expected, 5)) {
        assert_eq!(channels, [grey; 3]);
    }
}

fn digits_row(all: &ndarray::ArrayD<f32>, index: usize) -> &[f32] {
    &all.as_slice().unwrap()[index * 784..][..784]
}

#[test]
fn jpegs_are_nearly_the_digits_that_they_were_made_of() {
    let digits = digits(20);
    let dir = tempdir().unwrap();
    fs::create_dir(dir.path().join("digits")).unwrap();
    for index in 0..20 {
        let path = dir.path().join(format!("digits/{index:02}.jpeg"));
        let encoder = JpegEncoder::new_with_quality(fs::File::create(path).unwrap(), 98);
        picture(&digits, index).write_with_encoder(encoder).unwrap();
    }
    let pictures = ImageFolder::open(dir.path()).unwrap().grey();
    let all: Vec<usize> = (0..20).collect();
    let (a, b) = (inputs(&pictures, &all).unwrap(), inputs(&digits, &all).unwrap());
    let worst = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 0.05, "{worst}");
    assert!(a != b);
}

#[test]
fn colours_depth_and_transparency_become_bytes_of_three_channels_or_one() {
    let dir = tempdir().unwrap();
    let class = dir.path().join("class");
    fs::create_dir(&class).unwrap();
    RgbImage::from_pixel(2, 1, Rgb([255, 0, 51])).save(class.join("a.png")).unwrap();
    let deep = ImageBuffer::<Luma<u16>, _>::from_pixel(2, 1, Luma([0x3333_u16]));
    DynamicImage::from(deep).save(class.join("b.png")).unwrap();
    let clear = image::RgbaImage::from_pixel(2, 1, image::Rgba([51, 102, 25, 0]));
    clear.save(class.join("c.png")).unwrap();
    let x = inputs(&ImageFolder::open(dir.path()).unwrap(), &[0, 1, 2]).unwrap();
    let pixels: Vec<f32> = x.iter().map(|x| x * 255.0).map(f32::round).collect();
    let expected = [[255.0, 0.0, 51.0], [51.0; 3], [255.0; 3]];
    assert_eq!(pixels, expected.map(|pixel| [pixel, pixel]).concat().concat());
    let grey = inputs(&ImageFolder::open(dir.path()).unwrap().grey(), &[0]).unwrap();
    let luma: f32 = 0.2126 * 255.0 + 0.0722 * 51.0;
    assert!((grey[[0, 0, 0, 0]] * 255.0 - luma).abs() < 1.0);
}

#[test]
fn pictures_of_several_sizes_need_one_to_be_named() {
    let dir = tempdir().unwrap();
    let class = dir.path().join("class");
    fs::create_dir(&class).unwrap();
    GrayImage::from_pixel(4, 6, Luma([10])).save(class.join("a.png")).unwrap();
    GrayImage::from_fn(8, 8, |x, _| Luma([if x < 4 { 0 } else { 200 }]))
        .save(class.join("b.png"))
        .unwrap();
    let pictures = ImageFolder::open(dir.path()).unwrap().grey();
    assert_eq!(pictures.input_shape(), [6, 4, 1]);
    let error = inputs(&pictures, &[1]).unwrap_err();
    assert!(matches!(error, Error::Data(DataError::Sample { index: 1, .. })));
    let error = error.to_string();
    assert!(error.starts_with("sample 1 cannot be read: "), "{error}");
    assert!(error.contains("b.png: expected 6×4 pixels, as in the first picture, but found 8×8"));
    assert!(pictures.load().unwrap_err().to_string().contains("b.png: expected 6×4"));
    let pictures = pictures.size(2, 3).unwrap();
    let x = inputs(&pictures, &[0, 1]).unwrap();
    assert_eq!(x.shape(), [2, 2, 3, 1]);
    assert!(x.iter().take(6).all(|&x| x == 10.0 / 255.0));
    let (left, right) = (x[[1, 0, 0, 0]] * 255.0, x[[1, 0, 2, 0]] * 255.0);
    assert!(left < 20.0 && right > 180.0, "{left} {right}");
    for (height, width) in [(0, 5), (5, 0), (65_536, 5), (5, usize::MAX)] {
        let refusal = pictures.clone().size(height, width).unwrap_err().to_string();
        assert!(refusal.contains(&format!("is {height}×{width}: both must be")), "{refusal}");
    }
}

#[test]
fn folders_that_hold_no_pictures_are_refused_by_name() {
    let dir = tempdir().unwrap();
    assert!(refusal(&dir.path().join("missing")).contains("missing: "));
    assert!(refusal(dir.path()).contains("expected a folder for each class"));
    fs::create_dir(dir.path().join("cat")).unwrap();
    assert!(refusal(dir.path()).contains("cat: expected pictures in this folder of a class"));
    let path = dir.path().join("cat/a.png");
    fs::write(&path, "no picture").unwrap();
    assert!(refusal(dir.path()).contains("a.png: expected a whole picture"));
}

/// A picture cut short is found when it is read, whatever the format.
#[test]
fn a_broken_picture_is_named() {
    let digits = digits(2);
    let dir = tempdir().unwrap();
    let class = dir.path().join("class");
    fs::create_dir(&class).unwrap();
    for name in ["a.png", "b.png", "c.jpg"] {
        picture(&digits, 1).save(class.join(name)).unwrap();
    }
    for name in ["b.png", "c.jpg"] {
        let bytes = fs::read(class.join(name)).unwrap();
        fs::write(class.join(name), &bytes[..bytes.len() * 2 / 3]).unwrap();
    }
    let pictures = ImageFolder::open(dir.path()).unwrap().grey();
    assert!(inputs(&pictures, &[0]).is_ok());
    for (index, name) in [(1, "b.png"), (2, "c.jpg")] {
        let Err(Error::Data(DataError::Sample { source, .. })) = inputs(&pictures, &[index]) else {
            panic!("{name} was read");
        };
        let source = source.downcast_ref::<PictureError>().unwrap();
        assert!(matches!(source, PictureError::Broken { path, .. } if path.ends_with(name)));
    }
}

/// Sixteen hundred million pixels in forty bytes.
#[test]
fn a_header_that_lies_costs_no_memory() {
    let dir = tempdir().unwrap();
    fs::create_dir(dir.path().join("class")).unwrap();
    let mut bytes = fs::read(save(dir.path())).unwrap();
    bytes[16..20].copy_from_slice(&40_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&40_000_u32.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    fs::write(dir.path().join("class/a.png"), bytes).unwrap();
    let refusal = refusal(dir.path());
    assert!(refusal.contains("40000×40000 pixels") || refusal.contains("limit"), "{refusal}");
}

fn save(dir: &Path) -> std::path::PathBuf {
    let path = dir.join("class/a.png");
    GrayImage::new(4, 4).save(&path).unwrap();
    path
}

#[test]
fn training_on_pictures_gives_the_bits_of_training_on_images_in_memory() {
    let dir = folder(&digits(200));
    let pictures = ImageFolder::open(dir.path()).unwrap().grey();
    let train = |data: &dyn Dataset, threads| {
        let mut model = Sequential::new([28, 28, 1])
            .add(Conv2d::new(4, 3))?
            .add(Relu)?
            .add(MaxPool2d::new(2))?
            .add(Flatten)?
            .add(Dropout::new(0.2))?
            .add(Dense::new(10))?;
        let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(96).epochs(2);
        trainer.threads(threads).validation(data).fit(&mut model, data)?;
        Ok::<_, Error>(model.params().to_vec())
    };
    let expected = train(&pictures.load().unwrap(), 1).unwrap();
    for threads in 1..=3 {
        assert!(train(&pictures, threads).unwrap() == expected, "{threads} threads");
    }
}
