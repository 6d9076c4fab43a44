//! Folders and files as people and their machines leave them.

use std::fs;
use std::path::Path;

use chainrule::data::ImageFolder;
use chainrule::prelude::*;
use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, Luma};
use tempfile::tempdir;

/// Squares of one brightness, one a name.
fn save(dir: &Path, names: &[&str]) {
    for (index, name) in names.iter().enumerate() {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        GrayImage::from_pixel(2, 2, Luma([index as u8])).save(path).unwrap();
    }
}

#[test]
fn folders_of_numbers_are_in_the_order_of_numbers() {
    let dir = tempdir().unwrap();
    save(dir.path(), &["10/a.png", "2/a.png", "02/b.png", "0/a.png"]);
    let pictures = ImageFolder::open(dir.path()).unwrap();
    assert_eq!(pictures.classes(), ["0", "2", "10"]);
    let classes: Vec<Target> = (0..4).map(|index| pictures.target(index)).collect();
    assert_eq!(classes, [0, 1, 1, 2].map(Target::Class));
}

#[test]
fn the_classes_of_another_set_are_matched_by_name() {
    let (train, test, other) = (tempdir().unwrap(), tempdir().unwrap(), tempdir().unwrap());
    save(train.path(), &["cat/1.png", "dog/1.png", "eel/1.png"]);
    save(test.path(), &["eel/1.png", "cat/1.png"]);
    fs::create_dir(test.path().join("dog")).unwrap();
    save(other.path(), &["cat/1.png", "fox/1.png"]);
    let train = ImageFolder::open(train.path()).unwrap();
    let test = ImageFolder::open_with_classes(test.path(), train.classes()).unwrap();
    assert_eq!(test.classes(), ["cat", "dog", "eel"]);
    assert_eq!([test.target(0), test.target(1)], [0, 2].map(Target::Class));
    let refusal = ImageFolder::open_with_classes(other.path(), train.classes()).unwrap_err();
    let refusal = refusal.to_string();
    assert!(
        refusal.contains("fox: this folder is of none of the classes cat, dog, eel"),
        "{refusal}"
    );
}

#[test]
fn what_is_transparent_shows_white() {
    let dir = tempdir().unwrap();
    fs::create_dir(dir.path().join("a")).unwrap();
    let strokes = [[0, 0, 0, 255], [0, 0, 0, 0], [0, 0, 0, 128], [255, 0, 0, 51]];
    let bytes = strokes.as_flattened().to_vec();
    image::RgbaImage::from_raw(4, 1, bytes).unwrap().save(dir.path().join("a/1.png")).unwrap();
    let loaded = ImageFolder::open(dir.path()).unwrap().load().unwrap();
    let pixels: Vec<u8> = loaded.image(0).iter().copied().collect();
    assert_eq!(pixels, [[0; 3], [255; 3], [127; 3], [255, 204, 204]].as_flattened());
}

/// A JPEG with an EXIF note of this orientation.
fn held(picture: &GrayImage, orientation: u8) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 100).encode_image(picture).unwrap();
    let mut tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut app1 = vec![0xff, 0xe1, 0, tiff.len() as u8 + 2];
    app1.extend(tiff);
    jpeg.splice(2..2, app1);
    jpeg
}

#[test]
fn a_picture_is_turned_as_the_camera_was_held() {
    // Dark at the left, which is at the top once it is turned clockwise.
    let picture = GrayImage::from_fn(16, 8, |x, _| Luma([if x < 8 { 0 } else { 255 }]));
    let dir = tempdir().unwrap();
    fs::create_dir(dir.path().join("a")).unwrap();
    fs::write(dir.path().join("a/1.jpg"), held(&picture, 6)).unwrap();
    let pictures = ImageFolder::open(dir.path()).unwrap().grey();
    assert_eq!(pictures.input_shape(), [16, 8, 1]);
    let loaded = pictures.load().unwrap();
    assert!(loaded.image(0).indexed_iter().all(|((y, _, _), &pixel)| (pixel < 128) == (y < 8)));
}

#[test]
fn files_that_begin_with_a_dot_and_claims_of_size_do_no_harm() {
    let dir = tempdir().unwrap();
    save(dir.path(), &["a/1.png"]);
    fs::write(dir.path().join("a/._1.png"), "what macOS writes").unwrap();
    fs::write(dir.path().join("a/Thumbs.db"), "what Windows writes").unwrap();
    assert_eq!(ImageFolder::open(dir.path()).unwrap().len(), 1);
    // A header of 13000×13000 pixels and no data, a thousand times: 507 GB.
    let mut png = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut png);
    image::ImageEncoder::write_image(encoder, &[0; 3], 1, 1, image::ExtendedColorType::Rgb8)
        .unwrap();
    png[16..24].copy_from_slice(&[0, 0, 0x32, 0xc8, 0, 0, 0x32, 0xc8]);
    let crc = crc32(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&crc);
    let dir = tempdir().unwrap();
    fs::create_dir(dir.path().join("a")).unwrap();
    for index in 0..1000 {
        fs::write(dir.path().join(format!("a/{index:04}.png")), &png).unwrap();
    }
    let refusal = ImageFolder::open(dir.path()).unwrap().load().unwrap_err().to_string();
    assert!(refusal.contains("expected a whole picture"), "{refusal}");
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}
