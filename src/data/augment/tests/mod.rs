//! Transforms of images: what they leave, move and refuse.

mod distributions;
mod mixtures;

use super::*;
use crate::kernels::simd::levels;

fn apply(augment: &Augment, image: &[f32], shape: [usize; 3]) -> Vec<f32> {
    let mut image = image.to_vec();
    augment.apply(&mut image, shape, Key::new(3), &mut Scratch::default());
    image
}

fn pixels(len: usize) -> Vec<f32> {
    (0..len as u32).map(|i| Key::new(9).unit(i)).collect()
}

/// A bright square, away from the edges of 28×28.
fn square() -> Vec<f32> {
    let inside = |i: usize| (10..17).contains(&(i / 28)) && (11..20).contains(&(i % 28));
    (0..28 * 28).map(|i| if inside(i) { 0.8 } else { 0.0 }).collect()
}

#[test]
fn nothing_happens_at_zero_strength() {
    let nothing = Augment::new()
        .with(Rotate::degrees(0.0))
        .with(Shift::pixels(0.0))
        .with(Scale::between(1.0..=1.0))
        .with(Shear::degrees(0.0))
        .with(Elastic::new(0.0, 4.0))
        .with(Thickness::pixels(0.0))
        .with(Blur::between(0.0..=0.0))
        .with(GaussianNoise::new(0.0))
        .with(SaltAndPepper::new(0.0))
        .with(Brightness::new(0.0))
        .with(Contrast::between(1.0..=1.0))
        .with(Cutout::pixels(0))
        .with(Erase::area(0.0..=0.0))
        .sometimes(0.0, Rotate::degrees(90.0))
        .fill(0.5);
    let image = pixels(9 * 14 * 3);
    assert!(apply(&nothing, &image, [9, 14, 3]) == image);
    assert!(nothing.check(&[9, 14, 3]).is_ok());
}

#[test]
fn quarter_turns_are_exact() {
    for n in [1, 7, 12] {
        let image = pixels(n * n * 2);
        let turned = |degrees: f32| {
            apply(&Augment::new().with(Rotate::between(degrees..=degrees)), &image, [n, n, 2])
        };
        let quarter = turned(90.0);
        for (row, column) in (0..n).flat_map(|row| (0..n).map(move |column| (row, column))) {
            // Counterclockwise: the right column becomes the top row.
            let from = (column * n + n - 1 - row) * 2;
            let to = (row * n + column) * 2;
            assert!(quarter[to..to + 2] == image[from..from + 2], "{n}: {row}, {column}");
        }
        let half: Vec<f32> = image.chunks(2).rev().flatten().copied().collect();
        assert!(turned(180.0) == half && turned(-180.0) == half && turned(360.0) == image);
    }
}

#[test]
fn moves_in_a_row_are_resampled_once() {
    // There and back again, by ways that would blur: only rounding is left.
    let image = pixels(15 * 15);
    let there_and_back = Augment::new()
        .with(Rotate::between(33.0..=33.0))
        .with(Shift::between(0.4..=0.4, 0.3..=0.3))
        .with(Shift::between(-0.4..=-0.4, -0.3..=-0.3))
        .with(Rotate::between(-33.0..=-33.0));
    let came = apply(&there_and_back, &image, [15, 15, 1]);
    assert!(came.iter().zip(&image).all(|(a, b)| (a - b).abs() < 1e-5));
}

#[test]
fn shifts_within_the_frame_keep_the_ink() {
    let image = square();
    let sum = |image: &[f32]| image.iter().map(|&x| f64::from(x)).sum::<f64>();
    for (x, y) in [(0.3, -0.7), (-8.25, 9.5), (3.0, 4.9)] {
        let shift = Augment::new().with(Shift::between(x..=x, y..=y));
        let came = apply(&shift, &image, [28, 28, 1]);
        assert!((sum(&came) - sum(&image)).abs() < 1e-4, "by {x}, {y}");
        let wanted = (14.0 + x, 13.0 + y); // The centre was at column 15 and row 13, both whole.
        let mean = |of: fn(usize) -> usize| {
            came.iter().enumerate().map(|(i, &v)| f64::from(v) * of(i) as f64).sum::<f64>()
                / sum(&came)
        };
        let centre = (mean(|i| i % 28) - 1.0, mean(|i| i / 28));
        assert!((centre.0 - f64::from(wanted.0)).abs() < 1e-3, "{centre:?}, {wanted:?}");
        assert!((centre.1 - f64::from(wanted.1)).abs() < 1e-3, "{centre:?}, {wanted:?}");
    }
}

#[test]
fn every_simd_level_finds_the_same_pixels() {
    let (shape, image) = ([13, 37, 3], pixels(13 * 37 * 3));
    let mut room = Vec::new();
    let source = resample::pad(&image, shape, 0.1, &mut room);
    let map = Affine::rotation(20.0).then(Affine::scale(1.1, 0.7)).of_pixels(13, 37);
    let field: Vec<f32> = pixels(2 * 13 * 37).iter().map(|x| 9.0 * x - 4.5).collect();
    let results = levels().into_iter().map(|(_, arch)| {
        let mut to = vec![f32::NAN; image.len()];
        let field = Some(field.split_at(13 * 37));
        arch.dispatch(resample::Resample { source, map, field, shape, to: &mut to });
        to
    });
    let results: Vec<Vec<f32>> = results.collect();
    assert!(results.iter().all(|result| *result == results[0]));
    // And these are what the formula says.
    let at = |y: i64, x: i64, c: usize| match (0..13).contains(&y) && (0..37).contains(&x) {
        true => f64::from(image[(y as usize * 37 + x as usize) * 3 + c]),
        false => f64::from(0.1f32),
    };
    for (i, &came) in results[0].iter().enumerate() {
        let (p, c) = (i / 3, i % 3);
        let px = (p % 37) as f64 + f64::from(field[p]);
        let py = (p / 37) as f64 + f64::from(field[13 * 37 + p]);
        let [sx, sy] = map.map(|[a, b, c]| f64::from(a) * px + f64::from(b) * py + f64::from(c));
        let (x, y) = (sx.floor(), sy.floor());
        let (right, below) = (sx - x, sy - y);
        let (x, y) = (x as i64, y as i64);
        let row = |y| at(y, x, c) * (1.0 - right) + at(y, x + 1, c) * right;
        let wanted = row(y) * (1.0 - below) + row(y + 1) * below;
        assert!((f64::from(came) - wanted).abs() < 2e-5, "{i}: {came} and {wanted}");
    }
}

#[test]
fn elastic_fields_are_as_strong_and_as_smooth_as_they_say() {
    let (alpha, sigma) = (34.0f32, 4.0f32);
    let (filter, shape) = (gaussian::Gaussian::new(sigma), [28, 28, 1]);
    let mut room = vec![f32::NAN; filter.room(shape)];
    let (mut squares, mut neighbours, mut edge) = (0.0, 0.0, 0.0);
    for n in 0..400 {
        let mut field = vec![0.0; 28 * 28];
        elastic::draw(&filter, alpha, Key::new(n), &mut field, shape, &mut room);
        squares += field.iter().map(|d| d * d).sum::<f32>() / field.len() as f32 / 400.0;
        edge += field[..28].iter().map(|d| d * d).sum::<f32>() / 28.0 / 400.0;
        neighbours += field.chunks(28).map(|row| row[0] * row[4] + row[20] * row[24]).sum::<f32>()
            / 56.0
            / 400.0;
    }
    // The variance of u, 1/3, and Σ g² = 1/(4πσ²) in two dimensions.
    let wanted = alpha * alpha / 3.0 / (4.0 * std::f32::consts::PI * sigma * sigma);
    assert!((squares / wanted - 1.0).abs() < 0.1, "{squares}, {wanted}");
    assert!((edge / wanted - 1.0).abs() < 0.15, "{edge}: at an edge as in the middle");
    // Smoothed noise σ apart: e^(-1/4) = 0.78.
    assert!((neighbours / squares - 0.78).abs() < 0.05, "{}", neighbours / squares);
}

#[test]
fn holes_are_where_and_as_large_as_they_say() {
    let ones = vec![1.0; 20 * 30 * 3];
    let mut largest = 0;
    for n in 0..200 {
        let mut image = ones.clone();
        let cutout = Augment::new().with(Cutout::pixels(5)).fill(0.25);
        cutout.apply(&mut image, [20, 30, 3], Key::new(n), &mut Scratch::default());
        let hole = image.iter().filter(|x| **x == 0.25).count();
        assert!((3 * 3 * 3..=5 * 5 * 3).contains(&hole), "{hole}");
        largest = largest.max(hole);
        let mut image = ones.clone();
        let erase = Augment::new().with(Erase::area(0.1..=0.1));
        erase.apply(&mut image, [20, 30, 3], Key::new(n), &mut Scratch::default());
        let hole = image.iter().filter(|x| **x != 1.0).count();
        assert!(hole.abs_diff(180) <= 45, "{hole} of 1800 values, where 180 are wanted");
    }
    assert_eq!(largest, 75);
}

#[test]
fn settings_without_meaning_are_refused() {
    let refused = |augment: Augment, word: &str| {
        let refusal = augment.check(&[28, 28, 1]).expect_err(word).to_string();
        assert!(refusal.contains(word), "{refusal}");
    };
    let new = Augment::new;
    for bad in [f32::NAN, f32::INFINITY, -1.0] {
        refused(new().sometimes(bad, Rotate::degrees(1.0)), "probability");
        refused(new().mix_sometimes(bad, Mixup::new(1.0)), "probability");
        refused(new().with(Rotate::degrees(bad)), "angle of a rotation");
        refused(new().with(Shear::degrees(bad)), "angle of a shear");
        refused(new().with(Shift::pixels(bad)), "shift");
        refused(new().with(Shift::between(0.0..=1.0, bad..=-2.0)), "shift");
        refused(new().with(Scale::between(bad..=1.0)), "scaling");
        refused(new().with(Elastic::new(bad, 4.0)), "α of an elastic");
        refused(new().with(Elastic::new(1.0, bad)), "σ of an elastic");
        refused(new().with(Thickness::pixels(bad)), "thickness");
        refused(new().with(Blur::between(bad..=1.0)), "blur");
        refused(new().with(GaussianNoise::new(bad)), "noise");
        refused(new().with(SaltAndPepper::new(bad)), "salt");
        refused(new().with(Brightness::new(bad)), "brightness");
        refused(new().with(Contrast::between(bad..=1.0)), "contrast");
        refused(new().with(Erase::area(bad..=1.0)), "erase");
        refused(new().mix(Mixup::new(bad)), "mixup");
        refused(new().mix(CutMix::new(bad)), "cutmix");
    }
    refused(new().sometimes(1.5, Rotate::degrees(1.0)), "1.5");
    refused(new().with(Rotate::between(5.0..=-3.0)), "5..-3");
    refused(new().with(Blur::between(0.0..=1e30)), "20 pixels");
    refused(new().with(Cutout::pixels(usize::MAX)), "cutout");
    refused(new().fill(f32::NAN), "fill");
    for shape in [&[784][..], &[], &[1, 28, 28, 1], &[1, 1 << 20, 1]] {
        let refusal = new().check(shape).unwrap_err().to_string();
        assert!(refusal.contains("height, width and channels"), "{refusal}");
    }
}

#[test]
fn a_recipe_reads_as_what_it_does() {
    let recipe = Augment::new()
        .with(Rotate::degrees(10.0))
        .sometimes(0.5, Blur::between(0.0..=1.0))
        .mix(Mixup::new(0.2));
    assert_eq!(recipe.to_string(), "Rotate(±10°), 0.5 × Blur(0..1 px), then Mixup(0.2)");
    assert_eq!(Augment::new().mix_sometimes(0.5, CutMix::new(1.0)).to_string(), "0.5 × CutMix(1)");
    assert_eq!(Augment::new().to_string(), "nothing");
}
