//! Augmentation: what SciPy makes of the same images, the same bits everywhere, and images of any
//! shape.

use std::process::Command;

use chainrule::data::augment::*;
use chainrule::kernels::simd_level;
use chainrule::random::Key;
use proptest::prelude::*;
use serde_json::Value;

fn apply(augment: &Augment, image: &[f32], shape: [usize; 3], key: Key) -> Vec<f32> {
    let mut image = image.to_vec();
    augment.apply(&mut image, shape, key, &mut Scratch::default());
    image
}

/// Numbers in 0..1 that look like nothing.
fn pixels(len: usize) -> Vec<f32> {
    (0..len as u32).map(|i| Key::new(1).unit(i)).collect()
}

fn floats(values: &Value) -> Vec<f32> {
    values.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

#[test]
fn moves_blurs_and_strokes_are_those_of_scipy() {
    let document = include_str!("fixtures/scipy_images.json");
    let document: Value = serde_json::from_str(document).unwrap();
    let cases = document["cases"].as_array().unwrap();
    let mut worst = 0.0f32;
    for case in cases {
        let mut augment = Augment::new().fill(case["fill"].as_f64().unwrap() as f32);
        for step in case["steps"].as_array().unwrap() {
            let [v, w] = [1, 2].map(|i| step.get(i).and_then(Value::as_f64).unwrap_or(0.0) as f32);
            augment = match step[0].as_str().unwrap() {
                "rotate" => augment.with(Rotate::between(v..=v)),
                "shift" => augment.with(Shift::between(v..=v, w..=w)),
                "scale" => augment.with(Scale::between(v..=v)),
                "shear" => augment.with(Shear::between(v..=v)),
                "blur" => augment.with(Blur::between(v..=v)),
                "thickness" => augment.with(Thickness::between(v..=v)),
                other => panic!("{other}"),
            };
        }
        let shape: Vec<usize> = floats(&case["shape"]).iter().map(|&s| s as usize).collect();
        let shape = [shape[0], shape[1], shape[2]];
        let came = apply(&augment, &floats(&case["x"]), shape, Key::new(0));
        for (y, wanted) in came.iter().zip(floats(&case["y"])) {
            worst = worst.max((y - wanted).abs());
            assert!((y - wanted).abs() < 1e-6, "{augment} of {shape:?}: {y} and {wanted}");
        }
    }
    assert_eq!(cases.len(), 19);
    println!("the worst difference is {worst:e}");
}

/// Each transform by itself, as strong as anyone would have it.
fn transforms() -> Vec<Augment> {
    let new = Augment::new;
    vec![
        new().with(Rotate::degrees(180.0)),
        new().with(Shift::pixels(6.0)),
        new().with(Scale::between(0.5..=2.0).per_axis()),
        new().with(Shear::degrees(45.0)),
        new().with(Elastic::new(40.0, 4.0)),
        new().with(Thickness::pixels(2.0)),
        new().with(Blur::between(0.0..=3.0)),
        new().with(GaussianNoise::new(0.3)),
        new().with(SaltAndPepper::new(0.2)),
        new().with(Brightness::new(0.5)),
        new().with(Contrast::between(0.0..=3.0)),
        new().with(Cutout::pixels(7)),
        new().with(Erase::area(0.0..=0.5)),
    ]
}

/// All of them, some of the time.
fn recipe() -> Augment {
    Augment::new()
        .sometimes(0.7, Rotate::degrees(30.0))
        .sometimes(0.7, Scale::between(0.8..=1.2))
        .sometimes(0.7, Elastic::new(30.0, 4.0))
        .sometimes(0.7, Shear::degrees(20.0))
        .sometimes(0.7, Thickness::pixels(1.0))
        .sometimes(0.7, Shift::pixels(3.0))
        .sometimes(0.7, Blur::between(0.2..=1.5))
        .sometimes(0.7, GaussianNoise::new(0.1))
        .sometimes(0.7, Contrast::between(0.5..=1.5))
        .sometimes(0.7, Erase::area(0.02..=0.2))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn images_of_any_shape_stay_images(
        h in 1..41usize, w in 1..34usize, c in 1..4usize, seed: u64, fill in 0.0..1.0f32,
    ) {
        let (shape, image) = ([h, w, c], pixels(h * w * c));
        // Room that other images have left something in.
        let mut scratch = Scratch::default();
        recipe().apply(&mut pixels(50 * 40 * 3), [50, 40, 3], Key::new(1), &mut scratch);
        for augment in transforms().into_iter().chain([recipe()]) {
            let augment = augment.fill(fill);
            let came = apply(&augment, &image, shape, Key::new(seed));
            prop_assert!(came.iter().all(|x| (0.0..=1.000_001).contains(x)), "{augment}");
            let mut again = image.clone();
            augment.apply(&mut again, shape, Key::new(seed), &mut scratch);
            prop_assert!(came == again, "{augment}: the room shows");
        }
    }

    #[test]
    fn whole_shifts_move_pixels(h in 1..20usize, w in 1..20usize, dx in -9i32..10, dy in -9i32..10) {
        let (image, fill) = (pixels(h * w * 2), 0.25);
        let [x, y] = [dx, dy].map(|d| d as f32);
        let augment = Augment::new().with(Shift::between(x..=x, y..=y)).fill(fill);
        let came = apply(&augment, &image, [h, w, 2], Key::new(0));
        for (i, &value) in came.iter().enumerate() {
            let (row, column) = ((i / 2 / w) as i32 - dy, (i / 2 % w) as i32 - dx);
            let inside = (0..h as i32).contains(&row) && (0..w as i32).contains(&column);
            let from = (row * w as i32 + column) * 2 + (i % 2) as i32;
            prop_assert_eq!(value, if inside { image[from as usize] } else { fill });
        }
    }
}

#[test]
fn a_key_decides_and_another_key_decides_otherwise() {
    let image = pixels(28 * 28);
    for augment in transforms() {
        let of = |seed| apply(&augment, &image, [28, 28, 1], Key::new(seed));
        assert!(of(5) == of(5), "{augment}");
        assert!(of(5) != of(6) && of(6) != of(7), "{augment}");
    }
}

/// FNV-1a of what the recipe and its transforms make of some images.
fn hash() -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let (shape, image) = ([19, 23, 2], pixels(19 * 23 * 2));
    let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for augment in transforms().into_iter().chain([recipe()]) {
        for seed in 0..10 {
            let came = apply(&augment, &image, shape, Key::new(seed));
            hash = came.iter().flat_map(|x| x.to_bits().to_le_bytes()).fold(hash, mix);
        }
    }
    for way in [&Mixup::new(0.3) as &dyn Mix, &CutMix::new(1.5)] {
        let mut image = image.clone();
        let share = way.mix(&mut image, &pixels(1000)[100..][..19 * 23 * 2], shape, Key::new(2));
        image.push(share);
        hash = image.iter().flat_map(|x| x.to_bits().to_le_bytes()).fold(hash, mix);
    }
    format!("{hash:016x}")
}

/// What the next test starts in a process of its own.
#[test]
fn augmentation_tells_its_hash() {
    println!("\nhash {} at {}", hash(), simd_level());
}

#[test]
fn every_simd_level_and_every_machine_gives_the_same_bits() {
    // Whoever changes what a key gives changes what saved seeds mean.
    assert_eq!(hash(), "1e92a6585de5f89d");
    for level in ["avx512", "avx2", "neon", "scalar"] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "augmentation_tells_its_hash", "--nocapture"])
            .env("CHAINRULE_SIMD", level)
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&child.stdout);
        assert!(out.contains(&format!("hash {} at", hash())), "{level}: {out}");
    }
}
