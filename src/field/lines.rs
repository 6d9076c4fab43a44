//! Lines of writing.

use super::pieces::usual_height;
use super::reading::{ReadDigit, Reading};
use crate::intake::{Area, Components};

/// Share of a component's rows that it has with its line.
const SHARED: f32 = 0.4;
/// Height of a component below which it begins no line, as a share of the usual height.
const LOW: f32 = 0.5;
/// Height of a line's digits below which it is not read, in pixels.
const LEAST: usize = 8;
/// Height of a component from which it is no writing, in heights of most components: a shadow at the edge of a scan.
const TALLEST: usize = 6;
/// Height of a one, in heights of its line's other digits, from which it may be a wall.
const WALL: f32 = 1.4;
/// Heights of a line of ones, in heights of the page's other digits.
const BAR: std::ops::Range<f32> = 0.8..1.25;
/// Least confidence of such a line.
const BAR_CONFIDENCE: f32 = 0.95;
/// Share of doubtful digits from which a line is writing of another kind.
const DOUBTFUL: f32 = 0.34;

/// Returns those of these components that form a line, for each line from the top.
pub(super) fn lines(found: &Components, all: Vec<usize>) -> Vec<Vec<usize>> {
    let all = without_tallest(found, all);
    let height = usual_height(found, &all);
    let is_tall = |index: &usize| found.list[*index].area.height as f32 >= LOW * height as f32;
    let mut lines: Vec<(Area, Vec<usize>)> = Vec::new();
    // The tallest components begin lines; small ones join those that are there.
    let (mut tall, small): (Vec<usize>, Vec<usize>) = all.into_iter().partition(is_tall);
    tall.sort_by_key(|&index| (std::cmp::Reverse(found.list[index].area.height), index));
    for (index, begins) in tall.iter().map(|&i| (i, true)).chain(small.iter().map(|&i| (i, false)))
    {
        let area = found.list[index].area;
        let shared = |line: &Area| line.shared_rows(&area) as f32;
        let nearest =
            (0..lines.len()).max_by(|&a, &b| shared(&lines[a].0).total_cmp(&shared(&lines[b].0)));
        match nearest {
            Some(line) if shared(&lines[line].0) >= SHARED * area.height as f32 => {
                lines[line].1.push(index);
                // The rows stay those of the tallest, so that two lines do not grow together.
            }
            _ if begins => lines.push((area, vec![index])),
            _ => {}
        }
    }
    lines.retain(|(area, _)| area.height >= LEAST);
    lines.sort_by_key(|(area, _)| area.top);
    lines.into_iter().map(|(_, members)| members).collect()
}

/// Those of these components that are not far taller than most; specks do not count.
fn without_tallest(found: &Components, all: Vec<usize>) -> Vec<usize> {
    let height = |index: &usize| found.list[*index].area.height;
    let mut heights: Vec<usize> =
        all.iter().map(height).filter(|&height| height >= LEAST).collect();
    heights.sort_unstable();
    let Some(median) = heights.get(heights.len() / 2).copied() else { return all };
    all.into_iter().filter(|index| height(index) < TALLEST * median).collect()
}

/// Returns `true` if too many of what was read is doubtful: then none of it is a number.
pub(super) fn is_writing(digits: &[ReadDigit]) -> bool {
    let doubtful = digits.iter().filter(|digit| digit.rejected.is_some()).count();
    let none = digits.iter().filter(|digit| is_none(digit)).count();
    match digits.len() {
        0 => false,
        count @ 1..=2 => none == count,
        count => doubtful as f32 > DOUBTFUL * count as f32 && none > 0,
    }
}

/// Rejects the ones of a line that are far taller than its other digits: walls that were left over.
pub(super) fn reject_walls(digits: &mut [ReadDigit]) {
    let Some(usual) = usual_digit(digits.iter().filter(|digit| digit.digit != 1)) else { return };
    let is_wall =
        |digit: &&mut ReadDigit| digit.digit == 1 && digit.area.height as f32 > WALL * usual;
    for digit in digits.iter_mut().filter(is_wall) {
        digit.rejected.get_or_insert("1, or a wall: it is taller than the others".into());
    }
}

/// Rejects lines of ones alone on a page of other lines, unless they are sure and as high as the digits there: a
/// bar on such a page may be part of a table or of a drawing.
pub(super) fn reject_bars(readings: &mut [Reading]) {
    let are_ones = |reading: &Reading| reading.digits.iter().all(|digit| digit.digit == 1);
    let others = || readings.iter().filter(|reading| !are_ones(reading));
    if others().next().is_none() {
        return;
    }
    let sure = others().filter(|reading| reading.reason().is_none());
    let usual = usual_digit(sure.flat_map(|reading| &reading.digits));
    let is_high = |digit: &ReadDigit| {
        usual.is_some_and(|usual| BAR.contains(&(digit.area.height as f32 / usual)))
    };
    for reading in readings.iter_mut().filter(|reading| are_ones(reading)) {
        if reading.confidence < BAR_CONFIDENCE || !reading.digits.iter().all(is_high) {
            reading.rejected.get_or_insert("ones, or bars of something else".into());
        }
    }
}

/// Median height of digits, if there are any.
fn usual_digit<'a>(digits: impl Iterator<Item = &'a ReadDigit>) -> Option<f32> {
    let mut heights: Vec<usize> = digits.map(|digit| digit.area.height).collect();
    heights.sort_unstable();
    heights.get(heights.len() / 2).map(|&height| height as f32)
}

fn is_none(digit: &ReadDigit) -> bool {
    digit.probabilities.iter().sum::<f32>() < 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(digits: &[u8], rejected: Option<&str>) -> Reading {
        let area = Area { top: 0, left: 0, height: 10, width: 10 };
        let read = |&digit: &u8| ReadDigit {
            digit,
            confidence: 1.0,
            area,
            probabilities: [0.1; 10],
            after_separator: false,
            rejected: None,
        };
        let digits = digits.iter().map(read).collect();
        Reading {
            digits,
            confidence: 1.0,
            rejected: rejected.map(String::from),
            ..Reading::default()
        }
    }

    #[test]
    fn bars_of_a_drawing_are_no_ones() {
        let bars = |height: usize| {
            let mut bars = reading(&[1, 1], None);
            bars.digits.iter_mut().for_each(|digit| digit.area.height = height);
            bars
        };
        let outcome = |mut readings: Vec<Reading>| {
            reject_bars(&mut readings);
            readings.iter().map(|reading| reading.reason().is_none()).collect::<Vec<bool>>()
        };
        let doubtful = || reading(&[7], Some("doubtful"));
        assert_eq!(
            outcome(vec![reading(&[1, 2], None), bars(10), doubtful()]),
            [true, true, false]
        );
        assert_eq!(outcome(vec![reading(&[1, 2], None), bars(13)]), [true, false]);
        assert_eq!(outcome(vec![doubtful(), bars(10)]), [false, false]);
        assert_eq!(outcome(vec![bars(10)]), [true]);
    }

    #[test]
    fn a_wall_among_digits_is_no_one() {
        for (height, is_digit) in [(13, true), (15, false)] {
            let mut digits = reading(&[7, 1, 5], None).digits;
            digits[1].area.height = height;
            reject_walls(&mut digits);
            assert_eq!(digits.iter().all(|digit| digit.rejected.is_none()), is_digit, "{height}");
        }
    }
}
