//! The image algorithms against those of the crates `image` and `imageproc`, and against their formulas.

use chainrule::intake::{Components, Grey, Mask, otsu, sauvola};
use image::imageops::{self, FilterType};
use image::{GrayImage, ImageBuffer, Luma};
use imageproc::contrast::otsu_level;
use imageproc::region_labelling::{Connectivity, connected_components};

use super::{digit, unit};

fn pictures() -> Vec<GrayImage> {
    let digits = (0..20).map(|index| {
        let (grey, _) = digit(index);
        GrayImage::from_fn(28, 28, |x, y| Luma([(255.0 * grey.at(y as usize, x as usize)) as u8]))
    });
    let noise = (1..20u32).map(|side| {
        let pixel = |x: u32, y: u32| (256.0 * unit(u64::from(side * 10_000 + 100 * y + x))) as u8;
        GrayImage::from_fn(side, 2 * side, |x, y| Luma([pixel(x, y)]))
    });
    digits.chain(noise).collect()
}

fn grey(picture: &GrayImage) -> Grey {
    Grey::from_bytes(picture.height() as usize, picture.width() as usize, picture.as_raw()).unwrap()
}

#[test]
fn otsu_parts_pixels_as_imageproc_does() {
    for picture in pictures() {
        let own = otsu(&grey(&picture));
        // imageproc's level is the last of the dark ones. Levels without pixels between are as good.
        let peer = otsu_level(&picture);
        for &pixel in picture.as_raw() {
            let is_bright = f32::from(pixel) / 255.0 > own;
            assert_eq!(is_bright, pixel > peer, "{pixel} at {} and {peer}", 255.0 * own);
        }
    }
}

#[test]
fn components_are_those_of_imageproc() {
    for picture in pictures() {
        let mask = Mask::from_fn(picture.height() as usize, picture.width() as usize, |y, x| {
            picture.get_pixel(x as u32, y as u32)[0] > 127
        });
        let own = Components::of(&mask);
        let ink = image::GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
            Luma([u8::from(mask.at(y as usize, x as usize))])
        });
        let peer = connected_components(&ink, Connectivity::Eight, Luma([0u8]));
        assert_eq!(own.list.len() as u32, peer.pixels().map(|label| label[0]).max().unwrap_or(0));
        for (x, y, label) in peer.enumerate_pixels() {
            let expected = (label[0] as usize).checked_sub(1);
            assert_eq!(own.at(y as usize, x as usize), expected, "both number in row-major order");
        }
    }
}

#[test]
fn resized_pictures_are_those_of_the_triangle_filter_of_image() {
    for picture in pictures() {
        let exact: ImageBuffer<Luma<f32>, Vec<f32>> =
            ImageBuffer::from_fn(picture.width(), picture.height(), |x, y| {
                Luma([f32::from(picture.get_pixel(x, y)[0]) / 255.0])
            });
        for (width, height) in [(7, 5), (28, 28), (40, 90), (1, 1), (13, 60)] {
            let own = grey(&picture).resize(height as usize, width as usize).unwrap();
            let peer = imageops::resize(&exact, width, height, FilterType::Triangle);
            for (own, peer) in own.pixels().iter().zip(peer.as_raw()) {
                assert!((own - peer).abs() < 1e-5, "{own} and {peer} at {width}×{height}");
            }
        }
    }
}

#[test]
fn sauvola_is_its_formula() {
    let (window, k) = (9, 0.3);
    for picture in pictures() {
        let picture = grey(&picture);
        let (height, width) = (picture.height(), picture.width());
        let statistics = |y: usize, x: usize| {
            let rows = y.saturating_sub(window / 2)..(y + window / 2 + 1).min(height);
            let columns = x.saturating_sub(window / 2)..(x + window / 2 + 1).min(width);
            let values: Vec<f64> = rows
                .flat_map(|y| columns.clone().map(move |x| (y, x)))
                .map(|(y, x)| f64::from(picture.at(y, x)))
                .collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
            (mean, (variance / values.len() as f64).sqrt())
        };
        let all: Vec<(f64, f64)> =
            (0..height * width).map(|at| statistics(at / width, at % width)).collect();
        let largest = all.iter().fold(0.0, |most: f64, &(_, std)| most.max(std));
        let own = sauvola(&picture, window, k);
        for (at, (mean, std)) in all.into_iter().enumerate() {
            let threshold = mean * (1.0 + f64::from(k) * (std / largest - 1.0));
            let pixel = f64::from(picture.at(at / width, at % width));
            // Rounding decides what is this close.
            if (pixel - threshold).abs() > 1e-5 {
                assert_eq!(own.at(at / width, at % width), pixel < threshold);
            }
        }
    }
}
