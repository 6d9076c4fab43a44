//! Known failures of readers elsewhere: other hands, other pens, broken strokes, ink that is no digit.

#[allow(dead_code)] // pasting
#[path = "../../examples/pretrain/canvas.rs"]
mod canvas;
#[path = "../../examples/pretrain/other_hands.rs"]
mod other_hands;

use std::sync::OnceLock;

use chainrule::data::Images;
use chainrule::field::FieldReader;
use chainrule::intake::Grey;
use chainrule::prelude::*;
use chainrule::random::Key;

use canvas::{Canvas, SIDE};

use super::{DIGITS, changed, row, text};

/// Fields of each kind that are read.
const FIELDS: u64 = 40;

/// A field of three digits of MNIST's test set with a drawing in their midst, all of a height.
fn around(drawing: &Grey, key: Key) -> (Grey, [u8; 3]) {
    static TEST: OnceLock<Images> = OnceLock::new();
    let test = TEST.get_or_init(|| Mnist::sample().test);
    let indices = [0, 1, 2].map(|at| (key.unit(at) * test.len() as f32) as usize);
    let digit =
        |index: usize| Grey::from_image(test.image(index)).unwrap().resize(SIDE, SIDE).unwrap();
    let cells = [digit(indices[0]), digit(indices[1]), drawing.clone(), digit(indices[2])];
    let pixel = |at: usize| {
        let (y, x) = (at / (4 * SIDE), at % (4 * SIDE));
        0.9 - 0.7 * cells[x / SIDE].pixels()[y * SIDE + x % SIDE]
    };
    let picture = Grey::new(SIDE, 4 * SIDE, (0..4 * SIDE * SIDE).map(pixel).collect()).unwrap();
    (picture, indices.map(|index| test.label(index)))
}

/// Drawn digits, as Europeans write them, that the model was not trained on.
#[test]
fn ones_with_a_flag_crossed_sevens_and_slashed_zeros_are_read() {
    let file = ModelFile::digits();
    let reader = FieldReader::new(&file).unwrap().expect(4);
    for wanted in [1, 7, 0] {
        let mut drawings = (0..).map(|at| {
            let key = Key::new(99).fold(at);
            (key, other_hands::draw(key, |_| 1.0))
        });
        let (mut right, mut wrong) = (0, 0);
        for _ in 0..FIELDS {
            let (key, (drawing, _)) = drawings.find(|(_, (_, digit))| *digit == wanted).unwrap();
            let (picture, [a, b, c]) = around(&drawing, key);
            let reading = reader.read(&picture).unwrap();
            match reading.reason() {
                Some(_) => {}
                None if reading.text() == text(&[a, b, wanted, c]) => right += 1,
                None => wrong += 1,
            }
        }
        assert!(right >= 34 && wrong <= 1, "{wanted}: {right} right, {wrong} wrong");
    }
}

/// No list of allowed answers makes a digit of a letter.
#[test]
fn a_letter_among_digits_is_rejected() {
    let file = ModelFile::digits();
    let reader = FieldReader::new(&file).unwrap().expect(4);
    let mut letter = Canvas::new();
    for [from, to] in
        [[[20.0, 96.0], [56.0, 14.0]], [[56.0, 14.0], [92.0, 96.0]], [[34.0, 66.0], [78.0, 66.0]]]
    {
        letter.line(from, to, 8.0);
    }
    let letter = letter.picture();
    let mut rejected = 0;
    for at in 0..FIELDS {
        let reading = reader.read(&around(&letter, Key::new(at)).0).unwrap();
        rejected += u64::from(reading.reason().is_some());
    }
    assert_eq!(rejected, FIELDS);
}

#[test]
fn broken_strokes_are_joined() {
    let file = ModelFile::digits();
    let reader = FieldReader::new(&file).unwrap();
    let plain = row(&DIGITS, 6);
    // Level gaps through every other digit, and slanted ones through all, in ten places.
    let level = |y: usize, x: usize| (x / 102).is_multiple_of(2) && (48..51).contains(&y);
    let broken = |is_gap: &dyn Fn(usize, usize) -> bool| {
        let gap = |y: usize, x: usize, pixel: f32| if is_gap(y, x) { 0.9 } else { pixel };
        reader.read(&changed(&plain, gap)).unwrap()
    };
    assert_eq!(broken(&level).text(), "72104");
    let mut right = 0;
    for place in 0..10 {
        let reading = broken(&|y, x| (2 * y + x + 6 * place) % 60 < 4);
        let is_right = reading.text() == "72104";
        assert!(is_right || reading.reason().is_some(), "{place}: {}", reading.text());
        right += usize::from(is_right);
    }
    assert!(right >= 7, "{right} of 10");
}

#[test]
fn pens_are_thin_and_thick() {
    let file = ModelFile::digits();
    let reader = FieldReader::new(&file).unwrap();
    for (name, darkest) in [("thin", 0.35), ("thick", 0.85)] {
        let pen = changed(&row(&DIGITS, 6), |_, _, x| if x < darkest { 0.1 } else { 0.9 });
        let reading = reader.read(&pen).unwrap();
        assert_eq!((reading.text().as_str(), reading.reason()), ("72104", None), "{name}");
    }
}

#[test]
fn the_dark_borders_of_a_scan_are_no_ones() {
    let file = ModelFile::digits();
    let reader = FieldReader::new(&file).unwrap();
    let plain = row(&DIGITS, 6);
    let width = plain.width();
    for border in [1, 3, 8] {
        let is_border = |y: usize, x: usize| x < border || x + border >= width || y < border;
        let scan = changed(&plain, |y, x, pixel| if is_border(y, x) { 0.05 } else { pixel });
        let reading = reader.read(&scan).unwrap();
        assert_eq!((reading.text().as_str(), reading.reason()), ("72104", None), "{border}");
    }
}
