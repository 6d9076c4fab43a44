//! Polarity: dark ink on light paper, or light ink on dark paper.

use super::closing::closing;
use super::light::{DARKEST, STROKES};
use super::{Grey, otsu};

/// Longest side in which strokes are searched, in pixels.
const LONGEST: usize = 300;
/// Share of the largest contrast from which a pixel stands out.
const CLEAR: f32 = 0.5;

/// Returns `true` if the ink is lighter than the paper.
///
/// In a small picture, cut out and clean, ink is the rarer brightness. In a large one, most of which may lie in
/// a shadow, it is the brightness of the longer strokes:
///
/// ```text
/// length = Σ over squares of growing width w of (number of pixels that stand out for the first time)/w
/// ```
///
/// A dark pixel stands out where the closing by the square is lighter, a light one where the opening is darker.
/// A stroke does so from the first square on that is wider. Holes and gaps of paper may be as large as the ink,
/// but they are wide and short. The edge of a shadow never stands out.
///
/// - **Source**: P. Maragos, "Pattern spectrum and multiscale shape representation", 1989.
pub(super) fn is_light_on_dark(picture: &Grey, is_small: bool) -> bool {
    if is_small {
        return light_is_rarer(picture);
    }
    let picture = picture.shrunk(LONGEST);
    let widest = (picture.height().min(picture.width()) / STROKES).max(1);
    let largest = contrasts(&picture, widest).into_iter().flatten().fold(0.0, f32::max);
    let clear = CLEAR * largest;
    let (mut lengths, mut before) = ([0.0; 2], [0usize; 2]);
    for reach in (0..).map(|power| 1 << power).take_while(|&reach| reach <= widest) {
        for (tone, contrast) in contrasts(&picture, reach).iter().enumerate() {
            let count = contrast.iter().filter(|&&contrast| contrast > clear).count();
            lengths[tone] += count.saturating_sub(before[tone]) as f32 / (2 * reach + 1) as f32;
            before[tone] = count;
        }
    }
    let [dark, light] = lengths;
    light > dark
}

/// Shares by which pixels are darker than the closing by a square, and by which the opening is darker than they
/// are: the same in light and in shadow.
fn contrasts(picture: &Grey, reach: usize) -> [Vec<f32>; 2] {
    let closed = closing(picture, reach);
    let opened = closing(&picture.map(|x| 1.0 - x), reach).map(|x| 1.0 - x);
    let share = |dark: &Grey, light: &Grey| {
        let pairs = dark.pixels().iter().zip(light.pixels());
        pairs.map(|(dark, light)| 1.0 - dark / light.max(DARKEST)).collect()
    };
    [share(picture, &closed), share(&opened, picture)]
}

/// Returns `true` if the light pixels are rarer than the dark ones, where the border counts as much as all of
/// it: a frame is taken around the writing.
fn light_is_rarer(picture: &Grey) -> bool {
    let threshold = otsu(picture);
    let (height, width) = (picture.height(), picture.width());
    let (mut light, mut border, mut light_border) = (0usize, 0usize, 0usize);
    for y in 0..height {
        for x in 0..width {
            let is_light = picture.at(y, x) > threshold;
            light += usize::from(is_light);
            if y == 0 || x == 0 || y + 1 == height || x + 1 == width {
                border += 1;
                light_border += usize::from(is_light);
            }
        }
    }
    let share = light as f32 / (height * width) as f32;
    share + light_border as f32 / border as f32 <= 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_what_is_long_and_thin() {
        let ring = |y: usize, x: usize| {
            let square = (y as f32 - 60.0).powi(2) + (x as f32 - 60.0).powi(2);
            (900.0..1200.0).contains(&square)
        };
        let form = |y: usize, x: usize| y % 30 < 2 || x % 30 < 2;
        let shadow = |y: usize, x: usize| if 2 * x + y < 90 { 0.9 } else { 0.45 };
        let kinds: [(&str, fn(usize, usize) -> bool); 2] = [("ring", ring), ("form", form)];
        for (name, is_ink) in kinds {
            for (ink, paper) in [(0.3, 1.0), (1.0, 0.3)] {
                let tone = |y: usize, x: usize| if is_ink(y, x) { ink } else { paper };
                let picture = Grey::from_fn(120, 120, |y, x| shadow(y, x) * tone(y, x));
                assert_eq!(is_light_on_dark(&picture, false), ink > paper, "{name}, {ink}");
            }
        }
    }
}
