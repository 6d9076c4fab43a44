//! Runs of ink through a pixel.

use std::ops::Range;

use crate::intake::Mask;

/// Rows of the ink above and below a pixel, with the pixel; `None` where it is paper.
pub(super) fn upright(ink: &Mask, row: usize, column: usize) -> Option<Range<usize>> {
    run(row, ink.height(), |y| column < ink.width() && ink.at(y, column))
}

/// Columns of the ink left and right of a pixel, with the pixel; `None` where it is paper.
pub(super) fn across(ink: &Mask, row: usize, column: usize) -> Option<Range<usize>> {
    run(column, ink.width(), |x| row < ink.height() && ink.at(row, x))
}

fn run(at: usize, length: usize, is_ink: impl Fn(usize) -> bool) -> Option<Range<usize>> {
    if at >= length || !is_ink(at) {
        return None;
    }
    let start = (0..at).rev().take_while(|&i| is_ink(i)).last().unwrap_or(at);
    let end = (at + 1..length).take_while(|&i| is_ink(i)).last().unwrap_or(at);
    Some(start..end + 1)
}
