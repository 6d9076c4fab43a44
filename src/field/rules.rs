//! Ruling lines and boxes, taken away without the strokes that cross or touch them.

use super::run::{across, upright};
use crate::intake::{Area, Components, Mask};

/// Share of the ink's width from which a level line is a rule.
const LEAST_SHARE: f32 = 0.6;
/// The same, in heights of the ink: the bar of a lone 7 is shorter.
const LEAST_HEIGHTS: f32 = 1.6;
/// Share of a box's side that is inked.
const SIDE: f32 = 0.8;
/// Pixels by which a line may be thicker in a place than usual.
const ROUGH: usize = 2;

/// Takes away rules and boxes. Returns what stood there.
///
/// A level rule is a long row of ink; a wall stands between two rules and reaches from one to the other,
/// which no digit does. Along a line, ink is taken away where it is no thicker than the line usually is: where
/// a stroke crosses or touches it, it is thicker, and stays.
pub(super) fn remove(ink: &mut Mask) -> Vec<Area> {
    let mut removed = Vec::new();
    let levels = levels(ink);
    // Walls first, while the rules that they stand between are there.
    for wall in walls(ink, &levels) {
        erase_wall(ink, wall);
        removed.push(wall);
    }
    for rule in levels {
        erase_level(ink, rule);
        removed.push(rule);
    }
    removed
}

/// Level rules, as rectangles about as thick as they are.
fn levels(ink: &Mask) -> Vec<Area> {
    let Some(bounds) = ink.bounds() else { return Vec::new() };
    let least = (LEAST_SHARE * bounds.width as f32).max(LEAST_HEIGHTS * bounds.height as f32);
    let mut found = rows_of(ink, bounds, least as usize);
    for frame in frames(ink) {
        let more = rows_of(ink, frame, (SIDE * frame.width as f32) as usize);
        found.extend(
            more.into_iter()
                .filter(|rule| found.iter().all(|other| other.gap(rule) > 0))
                .collect::<Vec<_>>(),
        );
    }
    found
}

/// Rows within an area in which ink runs at least this far, as rectangles; neighbouring rows are one.
fn rows_of(ink: &Mask, area: Area, least: usize) -> Vec<Area> {
    let gap = (area.width / 200).max(2);
    let mut rules: Vec<Area> = Vec::new();
    for y in area.top..area.bottom() {
        let rows = y.saturating_sub(1)..(y + 2).min(ink.height());
        let is_ink = |x: usize| rows.clone().any(|row| ink.at(row, x));
        let Some((left, width)) = longest(area.left..area.right(), gap, is_ink) else { continue };
        if width < least.max(1) {
            continue;
        }
        let row = Area { top: y, left, height: 1, width };
        match rules.last_mut() {
            Some(last) if last.bottom() + 1 >= y => *last = last.union(&row),
            _ => rules.push(row),
        }
    }
    rules
}

/// Start and length of the longest run of ink, across gaps of this many pixels.
fn longest(
    columns: std::ops::Range<usize>,
    gap: usize,
    is_ink: impl Fn(usize) -> bool,
) -> Option<(usize, usize)> {
    let (mut best, mut start, mut last) = (None::<(usize, usize)>, None, 0);
    for x in columns {
        if !is_ink(x) {
            continue;
        }
        let from = match start {
            Some(from) if x - last <= gap + 1 => from,
            _ => x,
        };
        (start, last) = (Some(from), x);
        if best.is_none_or(|(_, length)| x + 1 - from > length) {
            best = Some((from, x + 1 - from));
        }
    }
    best
}

/// Boxes that stand by themselves: components whose four sides are inked.
fn frames(ink: &Mask) -> Vec<Area> {
    let found = Components::of(ink);
    let is_frame = |(index, area): &(usize, Area)| {
        let reach = (area.longer() / 20).max(2);
        let is_hollow = 2 * found.list[*index].count < area.height * area.width;
        if !is_hollow || area.height < 4 * reach || area.width < 4 * reach {
            return false;
        }
        let own = |y: usize, x: usize| found.at(y, x) == Some(*index);
        let (top, bottom) = (area.top..area.top + reach, area.bottom() - reach..area.bottom());
        let (left, right) = (area.left..area.left + reach, area.right() - reach..area.right());
        let level = |rows: &std::ops::Range<usize>| {
            (area.left..area.right()).filter(|&x| rows.clone().any(|y| own(y, x))).count()
        };
        let wall = |columns: &std::ops::Range<usize>| {
            (area.top..area.bottom()).filter(|&y| columns.clone().any(|x| own(y, x))).count()
        };
        let enough = |count: usize, side: usize| count as f32 >= SIDE * side as f32;
        [top, bottom].iter().all(|rows| enough(level(rows), area.width))
            && [left, right].iter().all(|columns| enough(wall(columns), area.height))
    };
    let areas = found.list.iter().map(|component| component.area).enumerate();
    areas.filter(is_frame).map(|(_, area)| area).collect()
}

/// Walls between two rules, as rectangles of one column and a pixel on each side.
fn walls(ink: &Mask, levels: &[Area]) -> Vec<Area> {
    let mut walls: Vec<Area> = Vec::new();
    for (index, upper) in levels.iter().enumerate() {
        let below = |lower: &&Area| lower.top > upper.bottom() && upper.shared_columns(lower) > 0;
        let Some(lower) = levels[index + 1..].iter().filter(below).min_by_key(|lower| lower.top)
        else {
            continue;
        };
        let (top, bottom) = (upper.bottom(), lower.top);
        let (left, right) = (upper.left.max(lower.left), upper.right().min(lower.right()));
        for x in left..right {
            let columns = x.saturating_sub(1)..(x + 2).min(ink.width());
            let inked = (top..bottom).filter(|&y| columns.clone().any(|x| ink.at(y, x))).count();
            if (inked as f32) < 0.95 * (bottom - top) as f32 {
                continue;
            }
            let wall = Area { top, left: x, height: bottom - top, width: 1 };
            match walls.last_mut() {
                Some(last) if last.top == top && last.right() + 1 >= x => *last = last.union(&wall),
                _ => walls.push(wall),
            }
        }
    }
    walls
}

/// Takes away a level rule, column by column.
fn erase_level(ink: &mut Mask, rule: Area) {
    let columns = rule.left..rule.right().min(ink.width());
    let runs = follow(columns, rule.top + rule.height / 2, rule.height, |x, y| upright(ink, y, x));
    let usual = usual_length(&runs);
    for (x, run) in runs {
        if run.len() <= usual + ROUGH {
            run.for_each(|y| ink.set(y, x, false));
        }
    }
}

/// Takes away a wall, row by row.
fn erase_wall(ink: &mut Mask, wall: Area) {
    let rows = wall.top..wall.bottom().min(ink.height());
    let runs = follow(rows, wall.left + wall.width / 2, wall.width, |y, x| across(ink, y, x));
    let usual = usual_length(&runs);
    for (y, run) in runs {
        if run.len() <= usual + ROUGH {
            run.for_each(|x| ink.set(y, x, false));
        }
    }
}

/// Follows a line: at each step, the run of ink nearest to where the line was.
fn follow(
    steps: std::ops::Range<usize>,
    start: usize,
    reach: usize,
    run_at: impl Fn(usize, usize) -> Option<std::ops::Range<usize>>,
) -> Vec<(usize, std::ops::Range<usize>)> {
    let mut runs = Vec::new();
    let reach = (reach / 2 + 2) as isize;
    for step in steps {
        let mut offsets: Vec<isize> = (-reach..=reach).collect();
        offsets.sort_by_key(|offset| offset.abs());
        let near = offsets.into_iter().filter_map(|offset| start.checked_add_signed(offset));
        if let Some(run) = { near }.find_map(|at| run_at(step, at)) {
            runs.push((step, run));
        }
    }
    runs
}

/// Median length of the runs.
fn usual_length(runs: &[(usize, std::ops::Range<usize>)]) -> usize {
    let mut lengths: Vec<usize> = runs.iter().map(|(_, run)| run.len()).collect();
    lengths.sort_unstable();
    lengths.get(lengths.len() / 2).copied().unwrap_or(0)
}
