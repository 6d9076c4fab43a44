//! A drawing of what was read where.

use super::reading::{ReadDigit, Reading};
use crate::intake::{Area, Grey};
use crate::picture::Picture;

/// Colour of a digit that was read, of one that is doubtful, and of rules that were taken away.
const SURE: [u8; 3] = [0, 140, 60];
const DOUBTFUL: [u8; 3] = [215, 80, 0];
const RULE: [u8; 3] = [70, 120, 220];
/// Digits as 3×5 pixels, a row in three bits.
const GLYPHS: [[u8; 5]; 10] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b010, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
];

impl Reading {
    /// Draws the picture with a rectangle around each digit and the digit above it: green where it is to be
    /// trusted, orange where it is not; and a blue one around each rule and box wall that was taken away.
    pub fn explain(&self, picture: &Grey) -> Picture {
        Reading::explain_all(std::slice::from_ref(self), picture)
    }

    /// Draws several lines of a picture, like [`Reading::explain`].
    pub fn explain_all(readings: &[Reading], picture: &Grey) -> Picture {
        let glyph = (picture.height().min(picture.width()) / 40).clamp(2, 8);
        let head = 7 * glyph;
        let shape = [picture.height(), picture.width(), 1];
        // Paper for the labels above, and the picture a little paler.
        let mut drawing = Picture::new(picture.width(), picture.height() + head, [255; 3]);
        if let Some(grey) = Picture::of_range(&shape, picture.pixels(), -0.3..=1.0) {
            drawing.paste(&grey, 0, head);
        }
        for reading in readings {
            reading.rules.iter().for_each(|&rule| outline(&mut drawing, rule, head, 1, RULE));
            for digit in &reading.digits {
                let is_sure = digit.rejected.is_none() && reading.rejected.is_none();
                let colour = if is_sure { SURE } else { DOUBTFUL };
                outline(&mut drawing, digit.area, head, 2, colour);
                label(&mut drawing, digit, head, glyph, colour);
            }
        }
        drawing
    }
}

fn outline(drawing: &mut Picture, area: Area, head: usize, pen: usize, colour: [u8; 3]) {
    let Area { top, left, height, width } = area;
    let top = top + head;
    drawing.fill([left, top], [width, pen], colour);
    drawing.fill([left, top + height.saturating_sub(pen)], [width, pen], colour);
    drawing.fill([left, top], [pen, height], colour);
    drawing.fill([left + width.saturating_sub(pen), top], [pen, height], colour);
}

fn label(drawing: &mut Picture, digit: &ReadDigit, head: usize, size: usize, colour: [u8; 3]) {
    let Some(rows) = GLYPHS.get(usize::from(digit.digit)) else { return };
    let (top, left) = ((digit.area.top + head).saturating_sub(6 * size), digit.area.left);
    for (y, row) in rows.iter().enumerate() {
        for x in (0..3).filter(|x| row >> (2 - x) & 1 == 1) {
            drawing.fill([left + x * size, top + y * size], [size, size], colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_digit_has_its_rectangle_and_label() {
        let picture = Grey::from_fn(80, 100, |_, _| 0.8);
        let area = Area { top: 20, left: 30, height: 40, width: 20 };
        let digit = ReadDigit {
            digit: 1,
            confidence: 1.0,
            area,
            probabilities: [0.0; 10],
            after_separator: false,
            rejected: None,
        };
        let reading = Reading { digits: vec![digit], ..Reading::default() };
        let drawing = reading.explain(&picture);
        assert_eq!((drawing.width(), drawing.height()), (100, 80 + 14));
        let has = |reading: &Reading, colour| reading.explain(&picture).count(colour);
        assert_eq!(has(&reading, SURE), 2 * (20 + 36) * 2 + 8 * 4);
        let doubtful = Reading { rejected: Some("why".into()), ..reading };
        assert_eq!(
            (has(&doubtful, SURE), has(&doubtful, DOUBTFUL)),
            (0, 2 * (20 + 36) * 2 + 8 * 4)
        );
    }
}
