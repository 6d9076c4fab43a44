//! Photographs of digits: other proportions and sizes, light, shadow and noise.

use chainrule::intake::{Grey, Mask};
use chainrule::random::Key;

/// Photographs ink (1 is ink) on paper. It becomes 0.8 to 1.4 times as wide, narrow ink up to 3 times: other
/// sources than MNIST scale height and width each by itself.
pub fn photograph(ink: &Grey, key: Key) -> Grey {
    // A number in a range.
    let within = |at: u32, low: f32, high: f32| low + (high - low) * key.unit(at);
    let bounds = Mask::from_fn(28, 28, |y, x| ink.at(y, x) > 0.3).bounds();
    let is_narrow = bounds.is_some_and(|area| 2 * area.width < area.height);
    let stretch = within(0, 0.8, if is_narrow { 3.0 } else { 1.4 });
    // Half of the pictures are small, and take the shorter way through the intake.
    let side = if key.unit(1) < 0.5 { within(2, 28.0, 45.0) } else { within(2, 65.0, 150.0) };
    let size = [side, side * stretch].map(|side| side as usize);
    let digit = ink.resize(size[0], size[1]).expect("a small picture");
    let (paper, tone) = (within(3, 0.7, 0.98), within(4, 0.05, 0.4));
    let [down, right] = [5, 6].map(|at| within(at, -0.2, 0.2));
    let noise = within(7, 0.0, 0.05);
    // Every fifth lies partly in a shadow.
    let shadow = if key.unit(8) < 0.2 { within(9, 0.3, 0.6) } else { 0.0 };
    let [place, slope, blur] =
        [within(10, -0.3, 0.3), within(11, -0.5, 0.5), within(12, 0.02, 0.3)];
    let pixel = |at: usize| {
        let (row, column) = (at / size[1], at % size[1]);
        let y = row as f32 / size[0] as f32 - 0.5;
        let x = column as f32 / size[1] as f32 - 0.5;
        let into = ((x + slope * y - place) / blur).clamp(0.0, 1.0);
        let light = (1.0 - down * y - right * x) * (1.0 - shadow * into);
        // The sum of four even numbers is about normal, with a variance of 1/3.
        let draw = key.fold(1 + at as u64);
        let sum: f32 = (0..4).map(|i| draw.unit(i) - 0.5).sum();
        light * (paper + (tone - paper) * digit.at(row, column)) + noise * 1.732 * sum
    };
    Grey::new(size[0], size[1], (0..size[0] * size[1]).map(pixel).collect()).expect("finite pixels")
}
