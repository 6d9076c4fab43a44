//! Digits as photographs: the conditions of the desk instead of those of MNIST.

use std::fs;

use chainrule::error::{Error, IntakeError};
use chainrule::intake::{Area, Grey, Intake, Mask};
use chainrule::prelude::*;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage};
use tempfile::tempdir;

use super::{digit, unit};

/// Digits that are tried under each condition.
const DIGITS: usize = 40;

/// Function from a digit (1 is ink) to a picture.
type Photograph = fn(&Grey) -> Grey;

/// Places a digit on paper: enlarged by a factor, somewhere, with the brightness of a function of the
/// ink, row and column.
fn on_paper(
    digit: &Grey,
    [height, width]: [usize; 2],
    times: usize,
    brightness: impl Fn(f32, usize, usize) -> f32,
) -> Grey {
    let large = digit.resize(28 * times, 28 * times).unwrap();
    let (top, left) = ((height - 28 * times) / 3, (width - 28 * times) / 2);
    let pixels = (0..height * width).map(|at| {
        let (y, x) = (at / width, at % width);
        let ink = match (y.checked_sub(top), x.checked_sub(left)) {
            (Some(y), Some(x)) if y < 28 * times && x < 28 * times => large.at(y, x),
            _ => 0.0,
        };
        brightness(ink, y, x)
    });
    Grey::new(height, width, pixels.collect()).unwrap()
}

fn noise(y: usize, x: usize) -> f32 {
    let at = (1000 * y + x) as u64;
    unit(2 * at) + unit(2 * at + 1) - 1.0
}

/// The digit cut out with this many pixels of paper around it, enlarged, dark on light.
fn cut_out(digit: &Grey, margin: usize, times: usize) -> Grey {
    let ink = Mask::from_fn(28, 28, |y, x| digit.at(y, x) > 0.3).bounds().unwrap();
    let (top, left) = (ink.top.saturating_sub(margin), ink.left.saturating_sub(margin));
    let (bottom, right) = ((ink.bottom() + margin).min(28), (ink.right() + margin).min(28));
    let area = Area { top, left, height: bottom - top, width: right - left };
    let cut = digit.crop(area).unwrap().resize(times * area.height, times * area.width).unwrap();
    let pixels = cut.pixels().iter().map(|ink| 0.9 - 0.7 * ink).collect();
    Grey::new(cut.height(), cut.width(), pixels).unwrap()
}

const CONDITIONS: [(&str, Photograph); 13] = [
    ("dark on light", |d| on_paper(d, [400, 300], 8, |ink, _, _| 0.85 - 0.6 * ink)),
    ("light on dark", |d| on_paper(d, [400, 300], 8, |ink, _, _| 0.1 + 0.8 * ink)),
    ("small in a large picture", |d| on_paper(d, [300, 400], 2, |ink, _, _| 0.9 - 0.7 * ink)),
    ("low contrast", |d| on_paper(d, [300, 300], 7, |ink, _, _| 0.62 - 0.12 * ink)),
    ("uneven light", |d| {
        on_paper(d, [300, 300], 7, |ink, y, x| {
            (1.0 - 0.6 * ink) * (0.95 - 0.35 * y as f32 / 300.0 - 0.35 * x as f32 / 300.0)
        })
    }),
    ("a shadow with a sharp edge", |d| {
        on_paper(d, [300, 300], 7, |ink, y, x| {
            (1.0 - 0.7 * ink) * if 2 * x + y < 420 { 0.85 } else { 0.5 }
        })
    }),
    ("the edge of a soft shadow", |d| {
        on_paper(d, [300, 300], 7, |ink, y, x| {
            let into = (2.0 * x as f32 + y as f32 - 420.0) / 120.0;
            (1.0 - 0.7 * ink) * (0.85 - 0.4 * into.clamp(0.0, 1.0))
        })
    }),
    ("noise", |d| on_paper(d, [300, 300], 7, |ink, y, x| 0.8 - 0.5 * ink + 0.12 * noise(y, x))),
    ("a crop of the digit", |d| on_paper(d, [112, 112], 4, |ink, _, _| 0.9 - 0.8 * ink)),
    ("a small picture in a shadow", |d| {
        on_paper(d, [40, 36], 1, |ink, y, x| {
            (1.0 - 0.7 * ink) * if 2 * x + y < 60 { 0.85 } else { 0.5 }
        })
    }),
    ("a small picture cut out tight", |d| cut_out(d, 0, 1)),
    ("a picture cut out tight", |d| cut_out(d, 1, 4)),
    ("a stain at the border", |d| {
        on_paper(d, [400, 400], 8, |ink, y, x| {
            let is_stain = x < 30 && y > 100;
            if is_stain { 0.2 } else { 0.85 - 0.6 * ink }
        })
    }),
];

#[test]
fn digits_are_read_under_all_conditions() {
    let file = ModelFile::digits();
    for (condition, photograph) in CONDITIONS {
        let right = (0..DIGITS).filter(|&index| {
            let (grey, label) = digit(index);
            let answer = file.classify_grey(&photograph(&grey)).unwrap().0;
            answer.best().index == label
        });
        let right = right.count();
        assert!(right + 2 >= DIGITS, "{condition}: {right} of {DIGITS}");
    }
}

#[test]
fn pens_are_thick_and_thin() {
    let file = ModelFile::digits();
    for (name, threshold) in [("thin", 0.8), ("thick", 0.02)] {
        let right = (0..DIGITS).filter(|&index| {
            let (grey, label) = digit(index);
            let pen = grey.resize(224, 224).unwrap();
            let pixels = pen.pixels().iter().map(|&ink| if ink > threshold { 0.2 } else { 0.9 });
            let picture = Grey::new(224, 224, pixels.collect()).unwrap();
            file.classify_grey(&picture).unwrap().0.best().index == label
        });
        let right = right.count();
        assert!(right + 6 >= DIGITS, "{name}: {right} of {DIGITS}");
    }
}

#[test]
fn light_and_ink_change_nothing() {
    // The same digit, photographed in four ways, becomes nearly the same input.
    let (grey, _) = digit(0);
    let inputs: Vec<Grey> = CONDITIONS[..4]
        .iter()
        .map(|(_, photograph)| Intake::default().digit(&photograph(&grey)).unwrap().input)
        .collect();
    for other in &inputs[1..] {
        let difference = |(a, b): (&f32, &f32)| (a - b).abs();
        let sum: f32 = inputs[0].pixels().iter().zip(other.pixels()).map(difference).sum();
        let ink: f32 = inputs[0].pixels().iter().sum();
        assert!(sum < 0.3 * ink, "{sum} of {ink}");
    }
}

#[test]
fn an_empty_page_is_none() {
    let empty = |noisy: f32| {
        Grey::new(200, 200, (0..40_000).map(|at| 0.7 + noisy * noise(at / 200, at % 200)).collect())
            .unwrap()
    };
    for noisy in [0.0, 0.02, 0.1] {
        let refused = Intake::default().digit(&empty(noisy)).unwrap_err();
        assert!(matches!(refused, IntakeError::NoInk { .. }), "{refused}");
        let refused = ModelFile::digits().classify_grey(&empty(noisy)).unwrap_err();
        assert!(matches!(refused, Error::Intake(IntakeError::NoInk { .. })));
    }
}

/// The same digit in every kind of file: grey, colours, transparent, 16 bits, JPEG, turned by EXIF.
#[test]
fn any_kind_of_file_is_read() {
    let dir = tempdir().unwrap();
    let (ink, label) = digit(0);
    let paper = on_paper(&ink, [300, 240], 8, |ink, _, _| 0.9 - 0.75 * ink);
    let byte = |x: u32, y: u32| (255.0 * paper.at(y as usize, x as usize)) as u8;
    let grey = GrayImage::from_fn(240, 300, |x, y| Luma([byte(x, y)]));
    let blue = RgbImage::from_fn(240, 300, |x, y| Rgb([byte(x, y), byte(x, y), 230]));
    // Ink on nothing at all, which shows white.
    let clear = RgbaImage::from_fn(240, 300, |x, y| Rgba([20, 20, 90, 255 - byte(x, y)]));
    let deep = image::ImageBuffer::from_fn(240, 300, |x, y| {
        LumaA([257 * u16::from(byte(x, y)), u16::MAX])
    });
    let kinds: [(&str, DynamicImage); 5] = [
        ("grey.png", grey.clone().into()),
        ("grey.jpg", grey.clone().into()),
        ("blue.png", blue.into()),
        ("clear.png", clear.into()),
        ("deep.png", DynamicImage::ImageLumaA16(deep)),
    ];
    let file = ModelFile::digits();
    for (name, picture) in kinds {
        let path = dir.path().join(name);
        picture.save(&path).unwrap();
        let answer = file.classify_picture(&path).unwrap();
        assert_eq!((answer.best().index, answer.rejected()), (label, None), "{name}: {answer}");
    }
    let held = DynamicImage::from(grey).rotate270();
    let mut jpeg = Vec::new();
    JpegEncoder::new(&mut jpeg).encode_image(&held).unwrap();
    let mut tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([6, 0, 0, 0, 0, 0, 0]);
    let mut app1 = vec![0xff, 0xe1, 0, tiff.len() as u8 + 2];
    app1.extend(tiff);
    jpeg.splice(2..2, app1);
    let path = dir.path().join("held.jpg");
    fs::write(&path, &jpeg).unwrap();
    assert_eq!(file.classify_picture(&path).unwrap().best().index, label);
}

/// Pictures in one batch are classified as each by itself, and an empty one keeps its place.
#[test]
fn many_are_classified_as_one_by_one() {
    let file = ModelFile::digits();
    let mut pictures: Vec<Grey> = (0..9)
        .map(|index| on_paper(&digit(index).0, [90, 120], 3, |ink, _, _| 0.9 - 0.6 * ink))
        .collect();
    pictures.insert(4, Grey::new(90, 120, vec![0.9; 90 * 120]).unwrap());
    let many = file.classify_greys(&pictures).unwrap();
    for (at, (picture, answer)) in pictures.iter().zip(many).enumerate() {
        match file.classify_grey(picture) {
            Ok((one, _)) => assert_eq!(answer.unwrap().0, one),
            Err(error) => {
                assert_eq!(at, 4, "{error}");
                assert!(matches!(answer, Err(IntakeError::NoInk { .. })));
            }
        }
    }
    assert!(file.classify_greys(&[]).unwrap().is_empty());
}
