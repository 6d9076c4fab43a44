//! Lines of writing.

use super::pieces::usual_height;
use super::reading::ReadDigit;
use crate::intake::{Area, Components};

/// Share of a component's rows that it has with its line.
const SHARED: f32 = 0.4;
/// Height of a component below which it begins no line, as a share of the usual height.
const LOW: f32 = 0.5;
/// Height of a line's digits below which it is not read, in pixels.
const LEAST: usize = 8;
/// Height of a component from which it is no writing, in heights of most components: a shadow at the edge of a scan.
const TALLEST: usize = 6;
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

fn is_none(digit: &ReadDigit) -> bool {
    digit.probabilities.iter().sum::<f32>() < 0.5
}
