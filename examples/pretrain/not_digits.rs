//! Pictures that are no digit: letters, scribbles, blots, rules, and two digits in one.
//!
//! A network that has only seen digits takes everything for one. These show it the rest.

use chainrule::data::Images;
use chainrule::intake::{Area, Grey, Mask};
use chainrule::random::Key;

use super::canvas::{Canvas, SIDE};

/// Capital and small letters that resemble no digit, as strokes through points of a grid of 4 columns and 6
/// rows, `xy` each.
const LETTERS: &[&[&str]] = &[
    &["0520", "2045", "1333"],                                 // A
    &["4000", "0005", "0545", "0232"],                         // E
    &["4000", "0005", "0232"],                                 // F
    &["0005", "4045", "0343"],                                 // H
    &["0005", "4003", "0345"],                                 // K
    &["0500", "0023", "2340", "4045"],                         // M
    &["0500", "0045", "4540"],                                 // N
    &["0500", "0030", "3041", "4132", "3203", "0345"],         // R
    &["0040", "2025"],                                         // T
    &["0025", "2540"],                                         // V
    &["0015", "1522", "2235", "3540"],                         // W
    &["0045", "4005"],                                         // X
    &["0022", "4022", "2225"],                                 // Y
    &["0105", "0212", "1223", "2325", "2232", "3243", "4345"], // m
];

/// Draws number `index` of an endless series.
pub fn draw(key: Key, digits: &Images) -> Grey {
    let mut canvas = Canvas::new();
    let unit = |at: u32| key.unit(at);
    let width = 3.0 + 7.0 * unit(0);
    match (unit(1) * 10.0) as usize {
        0..=3 => {
            let letter = LETTERS[(unit(2) * LETTERS.len() as f32) as usize];
            let place = |x: u8, y: u8, corner: u32| {
                let wobble = |axis: u32| 8.0 * (unit(100 + 2 * corner + axis) - 0.5);
                let (x, y) = (f32::from(x - b'0'), f32::from(y - b'0'));
                let slant = 20.0 * (unit(3) - 0.3);
                let x = x * (10.0 + 6.0 * unit(4)) + slant * (5.0 - y) / 5.0;
                [24.0 + x + wobble(0), 18.0 + 14.0 * y + wobble(1)]
            };
            for stroke in letter {
                let &[a, b, c, d] = stroke.as_bytes() else { continue };
                // Strokes that meet in a corner of the letter meet here too.
                let corner = |x: u8, y: u8| u32::from(x - b'0') * 8 + u32::from(y - b'0');
                canvas.line(place(a, b, corner(a, b)), place(c, d, corner(c, d)), width);
            }
        }
        4 | 5 => {
            // A scribble of several strokes.
            let point =
                |at: u32| [12.0 + 88.0 * unit(2 * at + 200), 12.0 + 88.0 * unit(2 * at + 201)];
            let strokes = 6 + (unit(2) * 6.0) as u32;
            (0..strokes).for_each(|at| canvas.line(point(at), point(at + 1), width));
        }
        6 => {
            // A blot: discs of several sizes around one place.
            for at in 0..2 + (unit(2) * 5.0) as u32 {
                let place = [0, 1].map(|axis| 56.0 + 30.0 * (unit(300 + 2 * at + axis) - 0.5));
                canvas.line(place, place, 18.0 + 40.0 * unit(400 + at));
            }
        }
        7 => {
            // Rules and walls of boxes.
            let [a, b] = [20.0 + 10.0 * unit(2), 82.0 + 10.0 * unit(3)];
            let walls = [[[a, a], [b, a]], [[a, b], [b, b]], [[a, a], [a, b]], [[b, a], [b, b]]];
            let first = (unit(4) * 2.0) as usize;
            walls[..3 + first].iter().for_each(|&[from, to]| canvas.line(from, to, 0.6 * width));
        }
        _ => return pair(key, digits).picture,
    }
    canvas.picture()
}

/// Two digits that touch.
struct Pair {
    picture: Grey,
    /// Numbers of both images.
    indices: [usize; 2],
    /// Column of the second digit's first ink.
    second: usize,
    /// Column after the second digit's last ink.
    right: usize,
}

fn pair(key: Key, digits: &Images) -> Pair {
    let mut canvas = Canvas::new();
    let indices = [2, 3].map(|at| (key.unit(at) * digits.len() as f32) as usize);
    let [first, second] = indices.map(|index| digit(digits, index));
    let (top, left) = ((10.0 * key.unit(5)) as usize, 4);
    canvas.paste(&first, 24, left);
    let overlap = 1 + (4.0 * key.unit(4)) as usize;
    let start = left + first.width() - overlap;
    canvas.paste(&second, 20 + top, start);
    Pair { picture: canvas.picture(), indices, second: start, right: start + second.width() }
}

/// One of two digits that touch, cut off nearly where they do: it has some of the other's ink, or lacks some of
/// its own. Returns it with its class.
pub fn cut(key: Key, digits: &Images) -> (Grey, u8) {
    let pair = pair(key, digits);
    let at = pair.second.saturating_add_signed((9.0 * key.unit(6)) as isize - 3);
    // At least four columns remain of each.
    let at = at.clamp(8, pair.right - 4);
    let is_first = key.unit(7) < 0.5;
    let (left, right) = if is_first { (0, at) } else { (at, pair.right) };
    let area = Area { top: 0, left, height: SIDE, width: right - left };
    let part = pair.picture.crop(area).expect("within the picture");
    (part, digits.label(pair.indices[usize::from(!is_first)]))
}

/// Returns the ink of a digit of MNIST, enlarged twice.
fn digit(digits: &Images, index: usize) -> Grey {
    let grey = Grey::from_image(digits.image(index)).expect("an image of MNIST");
    let ink = Mask::from_fn(28, 28, |y, x| grey.at(y, x) > 0.3);
    let ink = ink.bounds().and_then(|area| grey.crop(area).ok()).unwrap_or(grey);
    ink.resize(2 * ink.height(), 2 * ink.width()).expect("a small picture")
}
