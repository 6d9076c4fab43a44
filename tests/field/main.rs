//! Numbers of several digits: generated fields, and what is known to fail elsewhere.
#![cfg(all(feature = "pretrained", feature = "sample"))]

#[path = "../../examples/field_accuracy/generate.rs"]
mod generate;
mod hands;
mod pages;

use chainrule::field::{FieldReader, Reading};
use chainrule::intake::Grey;
use chainrule::prelude::*;
use chainrule::random::Key;
use generate::{Kind, field};

/// Fields of each kind that are read.
const FIELDS: u64 = 40;

fn text(digits: &[u8]) -> String {
    digits.iter().map(|&digit| char::from(b'0' + digit)).collect()
}

/// Numbers of fields that are read rightly, rejected, and read wrongly.
fn read(kind: Kind, reader: &FieldReader<'_>) -> [usize; 3] {
    let test = Mnist::sample().test;
    let mut counts = [0; 3];
    for index in 0..FIELDS {
        let field = field(&test, 5, kind, Key::new(5).fold(kind as u64).fold(index));
        let reading = reader.read(&field.picture).unwrap();
        let outcome = match reading.reason() {
            Some(_) => 1,
            None if reading.text() == text(&field.digits) => 0,
            None => 2,
        };
        counts[outcome] += 1;
    }
    counts
}

/// Pictures in one batch are read as each by itself.
#[test]
fn many_are_read_as_one_by_one() {
    let file = ModelFile::digits();
    let reader = FieldReader::new(&file).unwrap().expect(5);
    let test = Mnist::sample().test;
    let key = Key::new(6);
    let mut pictures: Vec<Grey> = (Kind::ALL.iter().zip(0..))
        .map(|(&kind, index)| field(&test, 5, kind, key.fold(index)).picture)
        .collect();
    pictures.insert(1, Grey::new(60, 200, vec![0.5; 12_000]).unwrap()); // nothing is written
    let lines: Vec<_> = pictures.iter().map(|one| reader.read_lines(one).unwrap()).collect();
    assert!(lines[1].is_empty());
    assert_eq!(reader.read_lines_many(&pictures).unwrap(), lines);
    let longest: Vec<Reading> = pictures.iter().map(|one| reader.read(one).unwrap()).collect();
    assert_eq!(reader.read_many(&pictures).unwrap(), longest);
    assert!(longest.iter().filter(|reading| reading.reason().is_none()).count() > 4);
    assert!(reader.read_many(&[]).unwrap().is_empty());
}

/// Floors below what is measured by `cargo run --example field_accuracy`, by the noise of 40 fields.
#[test]
fn fields_are_read_or_rejected() {
    let file = ModelFile::digits();
    let reader = FieldReader::new(&file).unwrap().expect(5);
    for kind in Kind::ALL {
        let name = kind.name();
        let [right, rejected, wrong] = read(kind, &reader);
        let (least, most) = match kind {
            Kind::Touching => (12, 6),
            _ => (28, 2),
        };
        assert!(
            right >= least && wrong <= most,
            "{name}: {right} right, {rejected} rejected, {wrong} wrong"
        );
    }
}

/// Digits of MNIST's test set side by side, three times as large, dark on light.
fn row(indices: &[usize], gap: usize) -> Grey {
    let test = Mnist::sample().test;
    let width = indices.len() * (28 + gap) + gap;
    let mut pixels = vec![0.9; 40 * width];
    for (at, &index) in indices.iter().enumerate() {
        let image = test.image(index);
        for y in 0..28 {
            for x in 0..28 {
                let column = gap + at * (28 + gap) + x;
                pixels[(6 + y) * width + column] -= 0.7 * f32::from(image[[y, x, 0]]) / 255.0;
            }
        }
    }
    Grey::new(40, width, pixels).unwrap().resize(120, 3 * width).unwrap()
}

fn changed(picture: &Grey, change: impl Fn(usize, usize, f32) -> f32) -> Grey {
    let (height, width) = (picture.height(), picture.width());
    let pixels = (0..height * width).map(|at| change(at / width, at % width, picture.pixels()[at]));
    Grey::new(height, width, pixels.collect()).unwrap()
}

/// The first ten digits of the test set: 7210414959.
const DIGITS: [usize; 5] = [0, 1, 2, 3, 4];

#[test]
fn a_lone_digit_is_read() {
    let file = ModelFile::digits();
    let reading = FieldReader::new(&file).unwrap().read(&row(&[0], 8)).unwrap();
    assert_eq!((reading.text().as_str(), reading.reason()), ("7", None));
}

#[test]
fn rectangles_are_where_the_digits_are() {
    let file = ModelFile::digits();
    let reading = FieldReader::new(&file).unwrap().read(&row(&DIGITS, 6)).unwrap();
    assert_eq!((reading.text().as_str(), reading.reason()), ("72104", None));
    for (at, digit) in reading.digits.iter().enumerate() {
        let cell = 3 * (6 + at * 34)..3 * (6 + at * 34 + 28);
        assert!(
            cell.contains(&digit.area.left) && digit.area.right() <= cell.end,
            "{:?}",
            digit.area
        );
        assert!(digit.area.top >= 18 && digit.area.bottom() <= 102, "{:?}", digit.area);
    }
}

#[test]
fn lines_and_boxes_are_no_digits() {
    let file = ModelFile::digits();
    let reader = FieldReader::new(&file).unwrap();
    let plain = row(&DIGITS, 6);
    let width = plain.width();
    let line = |y: usize, x: usize| (104..107).contains(&y) && (6..width - 6).contains(&x);
    let boxes = |y: usize, x: usize| {
        let is_wall = x % 102 < 3 && (4..114).contains(&y);
        let is_edge = (4..7).contains(&y) || (111..114).contains(&y);
        x < 513 && (is_wall || is_edge)
    };
    let lined = changed(&plain, |y, x, pixel| if line(y, x) { 0.2 } else { pixel });
    let boxed = changed(&plain, |y, x, pixel| if boxes(y, x) { 0.2 } else { pixel });
    for picture in [lined, boxed] {
        let reading = reader.read(&picture).unwrap();
        assert_eq!((reading.text().as_str(), reading.reason()), ("72104", None));
        assert!(!reading.rules.is_empty());
    }
    // Boxes alone hold nothing.
    let empty = changed(&plain, |y, x, _| if boxes(y, x) { 0.2 } else { 0.9 });
    let reading = reader.read(&empty).unwrap();
    assert_eq!(reading.digits.len(), 0, "{}", reading.text());
    assert!(reading.reason().unwrap().contains("no digits"));
}

#[test]
fn nothing_is_read_from_an_empty_picture() {
    let file = ModelFile::digits();
    let reader = FieldReader::new(&file).unwrap();
    for brightness in [0.0, 0.5, 1.0] {
        let empty = Grey::new(60, 200, vec![brightness; 12_000]).unwrap();
        assert_eq!(reader.read(&empty).unwrap().text(), "");
    }
    let one = Grey::new(1, 1, vec![0.3]).unwrap();
    assert!(reader.read(&one).unwrap().reason().is_some());
}

#[test]
fn another_number_of_digits_than_expected_is_rejected() {
    let file = ModelFile::digits();
    let picture = row(&DIGITS, 6);
    let expect = |digits| FieldReader::new(&file).unwrap().expect(digits).read(&picture).unwrap();
    assert_eq!(expect(5).reason(), None);
    assert!(expect(9).reason().is_some(), "{}", expect(9).text());
    assert!(expect(3).reason().is_some(), "{}", expect(3).text());
}

#[test]
fn ends_of_the_type_and_models_of_other_classes() {
    let file = ModelFile::digits();
    let reading =
        FieldReader::new(&file).unwrap().expect(usize::MAX).read(&row(&DIGITS, 6)).unwrap();
    assert!(reading.reason().unwrap().contains("5 digits where"), "{reading:?}");
    let model = |outputs| {
        Sequential::new([28, 28, 1]).add(Flatten).unwrap().add(Dense::new(outputs)).unwrap()
    };
    let refusal = |model| {
        let file = ModelFile::new(model).intake(Default::default()).unwrap();
        FieldReader::new(&file).map(|_| ()).unwrap_err().to_string()
    };
    let letters: Vec<String> = ('a'..='z').map(String::from).collect();
    assert!(refusal(model(26).with_class_names(letters).unwrap()).contains("they are a, b, c"));
    assert!(refusal(model(3)).contains("they are 3 without names"));
    let error = FieldReader::new(&ModelFile::new(model(10))).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("add `Intake::default()`"), "{error}");
}

#[test]
fn a_point_is_read_where_amounts_are_wanted() {
    let file = ModelFile::digits();
    let plain = row(&[1, 2, 3], 10);
    let point = |y: usize, x: usize| (82..92).contains(&y) && (220..230).contains(&x);
    let amount = changed(&plain, |y, x, pixel| if point(y, x) { 0.2 } else { pixel });
    let reader = FieldReader::new(&file).unwrap();
    assert_eq!(reader.read(&amount).unwrap().text(), "210");
    let reading = reader.separators().read(&amount).unwrap();
    assert_eq!(reading.text(), "21.0", "{reading:?}");
}

#[test]
fn a_reading_is_json() {
    let file = ModelFile::digits();
    let reading: Reading = FieldReader::new(&file).unwrap().read(&row(&[0, 1], 8)).unwrap();
    let json = serde_json::to_value(&reading).unwrap();
    assert_eq!(json["digits"][1]["digit"], 2);
    assert!(json["digits"][0]["area"]["width"].as_u64() > Some(10));
    assert_eq!(json["rejected"], serde_json::Value::Null);
}
