//! Broken pictures, other files, and headers that claim a huge size.

use std::fs;
use std::io::Cursor;

use chainrule::error::{Error, PictureError};
use chainrule::intake::{Area, Grey};
use chainrule::prelude::*;
use image::{GrayImage, ImageFormat, Luma};
use tempfile::tempdir;

fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = GrayImage::from_fn(width, height, |x, y| Luma([(x * y) as u8]));
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    bytes
}

const MIB: u64 = 1 << 20;

#[test]
fn a_file_that_is_no_picture_says_so() {
    let dir = tempdir().unwrap();
    for (name, content) in
        [("empty.png", &b""[..]), ("text.jpg", b"a digit"), ("half.png", &png(20, 20)[..40])]
    {
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        let error = ModelFile::digits().classify_picture(&path).unwrap_err();
        assert!(matches!(error, Error::Picture(PictureError::Broken { .. })), "{error}");
        assert!(
            error.to_string().contains(name) && error.to_string().contains("PNG or JPEG"),
            "{error}"
        );
    }
    let error = Grey::open(dir.path().join("none.png")).unwrap_err().to_string();
    assert!(error.contains("there is no file or folder of this name"), "{error}");
    let error = Grey::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("this is a folder"), "{error}");
}

#[test]
fn a_limit_to_memory_is_kept() {
    let bytes = png(100, 50);
    assert!(Grey::from_file_bytes(&bytes, 5000).is_ok());
    let error = Grey::from_file_bytes(&bytes, 4999).unwrap_err();
    let is_too_large = matches!(
        error,
        Error::Picture(PictureError::TooLarge {
            size: [50, 100],
            bytes: 5000,
            most_bytes: 4999,
            ..
        })
    );
    assert!(is_too_large, "{error}");
    // A header of 13000×13000 pixels and a few bytes.
    let mut huge = png(1, 1);
    huge[16..24].copy_from_slice(&[0, 0, 0x32, 0xc8, 0, 0, 0x32, 0xc8]);
    let mut crc = flate2::Crc::new();
    crc.update(&huge[12..29]);
    huge[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    let error = Grey::from_file_bytes(&huge, 64 * MIB).unwrap_err().to_string();
    assert!(error.contains("13000×13000") && error.contains("raise the limit"), "{error}");
    assert!(
        Grey::from_file_bytes(&huge, 512 * MIB).unwrap_err().to_string().contains("whole picture")
    );
}

#[test]
fn damaged_files_never_panic() {
    let good = png(40, 30);
    let mut read = 0;
    for at in 0..good.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            read += usize::from(Grey::from_file_bytes(&bytes, MIB).is_ok());
        }
        // Without its last chunk alone, which is empty, a file is whole.
        let is_cut = Grey::from_file_bytes(&good[..at], MIB).is_err();
        assert!(is_cut || at + 12 >= good.len(), "{at} of {} bytes", good.len());
    }
    // Some bytes do not matter, most do.
    assert!(read < good.len(), "{read} of {}", 3 * good.len());
}

#[test]
fn sizes_and_numbers_that_are_none_are_refused() {
    let text = |error: chainrule::error::IntakeError| error.to_string();
    assert!(text(Grey::new(0, 5, vec![]).unwrap_err()).contains("0×5"));
    assert!(text(Grey::new(2, 2, vec![0.5; 3]).unwrap_err()).contains("from 3 values"));
    assert!(
        text(Grey::new(1, 2, vec![0.5, f32::NAN]).unwrap_err()).contains("row 0, column 1 is NaN")
    );
    let colours = ndarray::Array3::zeros((2, 2, 3));
    assert!(text(Grey::from_image(colours.view()).unwrap_err()).contains("from 12 values"));
    let grey = Grey::new(2, 3, vec![-1.0, 2.0, 0.5, 0.0, 0.0, 0.0]).unwrap();
    assert_eq!(grey.pixels()[..3], [0.0, 1.0, 0.5]);
    assert!(text(grey.resize(0, 1).unwrap_err()).contains("0×1"));
    assert!(text(grey.resize(70_000, 1).unwrap_err()).contains("65535"));
    let outside = Area { top: 2, left: 0, height: 1, width: usize::MAX };
    assert!(text(grey.crop(outside).unwrap_err()).contains("2 high"));
    let partly = Area { top: 1, left: 1, height: usize::MAX, width: 9 };
    assert_eq!(grey.crop(partly).unwrap().width(), 2);
}
