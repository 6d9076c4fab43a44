//! Numbers at the ends of their types in data sets and augmentation: each is refused, or means what it
//! says. Nothing wraps around, hangs or asks for more memory than there is.

use chainrule::data::Scaling;
use chainrule::data::augment::*;
use chainrule::prelude::*;
use chainrule::random::Key;
use ndarray::array;

const MAX: usize = usize::MAX;

/// A data set that announces anything, and has nothing.
struct Claims {
    len: usize,
    shape: Vec<usize>,
    kind: TargetKind,
}

impl Dataset for Claims {
    fn len(&self) -> usize {
        self.len
    }
    fn input_shape(&self) -> Vec<usize> {
        self.shape.clone()
    }
    fn target_kind(&self) -> TargetKind {
        self.kind.clone()
    }
    fn input(&self, _: usize, x: &mut [f32]) -> Result<()> {
        x.fill(0.0);
        Ok(())
    }
    fn target(&self, _: usize) -> Target<'_> {
        Target::Class(0)
    }
}

fn claims(len: usize, shape: &[usize]) -> Claims {
    Claims { len, shape: shape.to_vec(), kind: TargetKind::Classes(2) }
}

fn told<T>(result: Result<T>) -> String {
    result.err().map_or_else(String::new, |error| error.to_string())
}

#[test]
fn shapes_that_no_memory_holds() {
    // Products beyond 64 bits, of which some wrap around to 0 or 4; then beyond any memory.
    let shapes: [&[usize]; 6] = [
        &[MAX, 2],
        &[1 << 32, 1 << 32],
        &[MAX, 4, 0],
        &[(1 << 62) + 1, 4],
        &[1 << 40],
        &[1 << 28, 2],
    ];
    for shape in shapes {
        let data = claims(1, shape);
        for text in [
            told(inputs(&data, &[0])),
            told(Scaling::of(&data)),
            told(Arrays::inputs_as_targets(&data)),
        ] {
            assert!(text.starts_with("there is no room for inputs of shape "), "{shape:?}: {text}");
        }
        let scaling = Scaling::new(vec![0.0; 5], vec![1.0; 5]).unwrap();
        assert!(told(scaling.scale(&data)).contains("it has 5 means and deviations"), "{shape:?}");
    }
    let no_numbers = inputs(&claims(1, &[0, MAX, 2]), &[0]);
    assert!(told(no_numbers).contains("there is no room"));
    assert_eq!(inputs(&claims(1, &[0, 5]), &[0, 0]).unwrap().shape(), [2, 0, 5]);
    for len in [MAX, 1 << 60] {
        let text = told(Arrays::inputs_as_targets(&claims(len, &[8])));
        assert!(text.contains(&format!("shape 8, {len} at a time")), "{text}");
    }
}

#[test]
fn counts_of_samples_classes_and_folds() {
    for len in [MAX, 1 << 60] {
        let data = claims(len, &[1]);
        let room = "there is no room for the numbers of so many";
        assert!(told(split(&data, [0.5, 0.5], 0)).contains(room), "{len}");
        assert!(told(k_fold(&data, 2, 0).map(drop)).contains(room), "{len}");
        assert!(told(k_fold(&data, len, 0).map(drop)).contains(room), "{len}");
    }
    let small = claims(3, &[1]);
    for k in [0, 1, 4, MAX] {
        assert!(told(k_fold(&small, k, 0).map(drop)).contains("at least 2, and at most"), "{k}");
    }
    for share in [f64::NAN, f64::INFINITY, -1.0, f64::MAX] {
        assert!(told(split(&small, [share, 1.0], 0)).starts_with("cannot split 3"), "{share}");
    }
    for classes in [MAX, 1 << 60, (1 << 28) + 1] {
        let data = Claims { kind: TargetKind::Classes(classes), ..claims(1, &[1]) };
        let text = told(class_weights(&data));
        assert!(text.ends_with(&format!("announces {classes}, more than 268435456")), "{text}");
    }
    assert!(told(Subset::new(&small, vec![MAX])).contains(&format!("no sample {MAX}")));
    let far = Arrays::with_classes(array![1.0], [MAX - 1], MAX).unwrap();
    assert!(told(class_weights(&far)).contains("more than"));
    assert!(split(&claims(2, &[1]), [0.5, 0.5], 0).is_ok());
}

/// Recipes with settings that `check` refuses, as `Augment::apply` takes them unchecked.
fn extremes(v: f32) -> Vec<Augment> {
    let new = Augment::new;
    vec![
        new().with(Rotate::degrees(v)),
        new().with(Rotate::between(v..=v)),
        new().with(Shift::pixels(v)),
        new().with(Shift::between(v..=v, v..=v)),
        new().with(Scale::between(v..=v).per_axis()),
        new().with(Shear::degrees(v)),
        new().with(Elastic::new(v, v)),
        new().with(Elastic::new(1.0, v)),
        new().with(Thickness::pixels(v)),
        new().with(Thickness::between(v..=v)),
        new().with(Blur::between(v..=v)),
        new().with(GaussianNoise::new(v)),
        new().with(SaltAndPepper::new(v)),
        new().with(Brightness::new(v)),
        new().with(Contrast::between(v..=v)),
        new().with(Erase::area(v..=v)),
        new().sometimes(v, Rotate::degrees(v)),
    ]
}

const FLOATS: [f32; 7] =
    [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 1e30, -0.0];

#[test]
fn settings_of_augmentation() {
    let mut scratch = Scratch::default();
    for shape in [[5, 4, 2], [1, 1, 1], [0, 4, 1], [4, 0, 1], [4, 4, 0]] {
        let image = vec![0.5; shape.iter().product()];
        let usual = [Cutout::pixels(3), Cutout::pixels(MAX), Cutout::pixels(MAX - 1)];
        let cutouts = usual.map(|cutout| Augment::new().with(cutout));
        let fills = FLOATS.map(|v| Augment::new().with(Shift::pixels(1.0)).fill(v));
        for augment in FLOATS.into_iter().flat_map(extremes).chain(cutouts).chain(fills) {
            let mut image = image.clone();
            augment.apply(&mut image, shape, Key::new(1), &mut scratch);
        }
        for v in FLOATS {
            for mix in [&Mixup::new(v) as &dyn Mix, &CutMix::new(v), &CutMix::new(1.0)] {
                let share = mix.mix(&mut image.clone(), &image, shape, Key::new(1));
                assert!(!share.is_infinite(), "{} of {shape:?}: {share}", mix.name());
            }
        }
    }
    // The whole image is behind a hole of any size.
    let mut image = [0.5; 12];
    let hole = Augment::new().with(Cutout::pixels(MAX));
    hole.apply(&mut image, [3, 4, 1], Key::new(1), &mut scratch);
    assert_eq!(image, [0.0; 12]);
}

#[test]
fn a_run_refuses_settings_of_augmentation_at_the_ends() {
    let data = Arrays::new(ndarray::Array4::zeros((1, 2, 2, 1)), array![[1.0]]).unwrap();
    let fit = |augment: Augment| {
        let model = Sequential::new([2, 2, 1]).add(Flatten).unwrap();
        let mut model = model.add(Dense::new(1)).unwrap();
        let trainer = Trainer::new(MeanSquaredError, Sgd::new(0.1)).augment(augment);
        told(trainer.epochs(1).fit(&mut model, &data))
    };
    for v in [f32::NAN, f32::INFINITY, f32::MAX, 1e30] {
        for augment in extremes(v) {
            assert!(fit(augment.clone()).contains("it must be "), "{augment}");
        }
    }
    assert!(fit(Augment::new().with(Cutout::pixels(MAX))).contains("side of a cutout"));
    assert!(fit(Augment::new().fill(f32::NAN)).contains("the fill of augmented images"));
    assert!(fit(Augment::new().mix(CutMix::new(f32::NAN))).contains("the α of cutmix"));
}

#[test]
#[should_panic(expected = "an image of 32768×32768×17179869184")]
fn a_product_of_sizes_that_wraps_around_to_0_is_no_empty_image() {
    let shape = [32_768, 32_768, 1 << 34];
    Augment::new().apply(&mut [], shape, Key::new(1), &mut Scratch::default());
}

#[test]
#[cfg(feature = "report")]
fn a_sheet_of_any_size() {
    let mut sheet = Sheet::default();
    let mut add = |shape: &[usize], versions| {
        told(sheet.add(&Augment::new(), &claims(1, shape), &[0], versions, 1))
    };
    assert!(add(&[2, 2, 1], MAX).contains("the number of versions in a sheet is"));
    for shape in
        [&[MAX, MAX, 1][..], &[2, 2, MAX], &[32_768, 32_768, 1 << 34], &[0, 2, 1], &[2, 0, 1]]
    {
        assert!(add(shape, 1).contains("that of an image"), "{shape:?}");
    }
    assert_eq!(add(&[2, 2, 1], 1000), "");
}

#[test]
#[cfg(feature = "csv")]
fn columns_and_shapes_of_a_table() {
    let read = |csv: Csv| told(csv.header(false).from_reader("1,2,0\n3,4,1\n".as_bytes(), "t"));
    assert!(read(Csv::new().label(MAX)).contains(&format!("there is no column {MAX}")));
    assert!(read(Csv::new().label(2).columns([MAX])).contains("there is no column"));
    for shape in [vec![MAX, 2], vec![1 << 63, 2, 2], vec![MAX, 2, 0]] {
        assert!(read(Csv::new().label(2).shape(shape)).contains("do not make a shape of"));
    }
    assert!(read(Csv::new().label(2).scale(f32::MAX)).contains("expected a finite number"));
}

#[test]
#[cfg(feature = "images")]
fn sizes_of_pictures_in_folders() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("a")).unwrap();
    let png = folder.path().join("a/1.png");
    image::GrayImage::new(1, 1).save(png).unwrap();
    let open = || chainrule::data::ImageFolder::open(folder.path()).unwrap();
    for (height, width) in [(0, 1), (1, MAX), (MAX, MAX), (65_536, 1), (65_535, 65_535)] {
        let text = told(open().size(height, width));
        assert!(text.starts_with(&format!("the size of pictures is {height}×{width}")), "{text}");
    }
    assert!(open().size(65_535, 1).is_ok());
}
