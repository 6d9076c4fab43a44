//! Frames: grids and tables around several rows of writing, taken away though they are warped.

use std::ops::Range;

use super::run::{across, upright};
use crate::intake::{Area, Component, Components, Mask};

/// Least number of components within a frame.
const LEAST: usize = 4;
/// Heights of those, as shares of the frame's.
const HEIGHTS: Range<f32> = 1.0 / 30.0..0.5;
/// Length from which thin ink is a line and no stroke, in heights of what is within.
const LINE: f32 = 2.0;

/// Takes away the lines of frames, and returns the frames.
///
/// A frame is connected ink around four or more components in two or more rows. Its lines are thin and long, level or
/// upright, and may bend. Ink that touches them stays.
pub(super) fn remove(ink: &mut Mask) -> Vec<Area> {
    let found = Components::of(ink);
    let mut removed = Vec::new();
    for component in &found.list {
        let within: Vec<Area> = within(&found, component);
        let in_one_row = within.iter().all(|area| area.shared_rows(&within[0]) > 0);
        if within.len() < LEAST || in_one_row {
            continue;
        }
        let mut heights: Vec<usize> = within.iter().map(|area| area.height).collect();
        heights.sort_unstable();
        let least = (LINE * heights[heights.len() / 2] as f32) as usize;
        erase_lines(ink, component.area, least);
        removed.push(component.area);
    }
    removed
}

/// Numbers of the components within each frame, and of those that are in none.
pub(super) fn groups(found: &Components, frames: &[Area]) -> Vec<Vec<usize>> {
    let mut groups = vec![Vec::new(); frames.len() + 1];
    for (index, component) in found.list.iter().enumerate() {
        // The innermost of frames in frames.
        let around = frames.iter().filter(|frame| frame.holds(&component.area));
        let around = around.min_by_key(|frame| frame.height * frame.width);
        let group = around.and_then(|frame| frames.iter().position(|other| other == frame));
        groups[group.unwrap_or(frames.len())].push(index);
    }
    groups
}

/// Rectangles of the components within a component's that are of a likely height.
fn within(found: &Components, outer: &Component) -> Vec<Area> {
    let outer = &outer.area;
    let is_within = |area: &Area| {
        outer.holds(area) && HEIGHTS.contains(&(area.height as f32 / outer.height as f32))
    };
    found.list.iter().map(|component| component.area).filter(is_within).collect()
}

/// Takes away the thin lines in an area that are at least this long.
fn erase_lines(ink: &mut Mask, area: Area, least: usize) {
    let own = ink.crop(area);
    // Ink up to twice as thick as most is thin.
    let pixels = || (0..area.height).flat_map(|y| (0..area.width).map(move |x| (y, x)));
    let thickness = |(y, x): (usize, usize)| {
        let [up, along] = [upright(&own, y, x), across(&own, y, x)];
        Some(up?.len().min(along?.len()))
    };
    let mut all: Vec<usize> = pixels().filter_map(thickness).collect();
    all.sort_unstable();
    let thin = 2 * all.get(all.len() / 2).copied().unwrap_or(1);
    let columns = (0..area.width).map(|x| runs(area.height, thin, |y| own.at(y, x))).collect();
    let rows = (0..area.height).map(|y| runs(area.width, thin, |x| own.at(y, x))).collect();
    for (x, run) in long(columns, thin, least) {
        run.for_each(|y| ink.set(area.top + y, area.left + x, false));
    }
    for (y, run) in long(rows, thin, least) {
        run.for_each(|x| ink.set(area.top + y, area.left + x, false));
    }
}

/// Runs of ink of at most this length.
fn runs(side: usize, longest: usize, is_ink: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = None;
    for at in 0..=side {
        let here = at < side && is_ink(at);
        match start {
            None if here => start = Some(at),
            Some(from) if !here => {
                if at - from <= longest {
                    runs.push(from..at);
                }
                start = None;
            }
            _ => {}
        }
    }
    runs
}

/// The runs, with their lines' numbers, that form chains over at least this many neighbouring lines. A chain may
/// step aside by a pixel, and jump over this many lines.
fn long(lines: Vec<Vec<Range<usize>>>, gap: usize, least: usize) -> Vec<(usize, Range<usize>)> {
    // The number of lines of the longest chain that ends, or with the lines in reverse begins, at each run.
    let lengths = |order: &[usize]| {
        let mut lengths: Vec<Vec<usize>> = lines.iter().map(|runs| vec![1; runs.len()]).collect();
        for (step, &line) in order.iter().enumerate() {
            for (at, run) in lines[line].iter().enumerate() {
                let before = order[step.saturating_sub(gap + 1)..step].iter();
                let chains = before.flat_map(|&other| {
                    let near = |from: &Range<usize>| from.start <= run.end && run.start <= from.end;
                    let chains = lines[other].iter().zip(&lengths[other]);
                    chains.filter(move |(from, _)| near(from)).map(|(_, length)| length + 1)
                });
                lengths[line][at] = chains.max().unwrap_or(1);
            }
        }
        lengths
    };
    let mut order: Vec<usize> = (0..lines.len()).collect();
    let before = lengths(&order);
    order.reverse();
    let after = lengths(&order);
    let mut found = Vec::new();
    for (line, runs) in lines.iter().enumerate() {
        for (at, run) in runs.iter().enumerate() {
            if before[line][at] + after[line][at] > least {
                found.push((line, run.clone()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bent_grid_goes_and_what_touches_it_stays() {
        let bend = |x: usize| (x * (200 - x)) / 900;
        let is_line = |y: usize, x: usize| {
            let level = y >= bend(x) + 10 && (y - bend(x) - 10) % 40 < 2 && y < bend(x) + 132;
            let wall = x % 40 < 2 && (10..132).contains(&y.saturating_sub(bend(x)));
            level || wall
        };
        // A small block in the middle of each cell, and in one a stroke that touches its floor.
        let is_block = |y: usize, x: usize| {
            let (row, column) = (y.saturating_sub(bend(x) + 10) % 40, x % 40);
            (14..28).contains(&row)
                && (16..24).contains(&column)
                && y > bend(x) + 10
                && y < bend(x) + 130
        };
        let is_stroke =
            |y: usize, x: usize| (56..60).contains(&x) && y > bend(58) + 24 && y <= bend(58) + 49;
        let mut ink = Mask::from_fn(200, 202, |y, x| {
            (x < 202 && is_line(y, x.min(200))) || is_block(y, x.min(200)) || is_stroke(y, x)
        });
        assert_eq!(remove(&mut ink).len(), 1);
        let found = Components::of(&ink);
        let blocks = found.list.iter().filter(|component| component.count > 60).count();
        assert_eq!(blocks, 15, "{:?}", found.list);
        let left = found.list.iter().map(|component| component.area.longer()).max();
        assert!(left < Some(40), "{left:?}");
    }
}
