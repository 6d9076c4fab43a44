//! Pieces of ink, none of which belongs to more than one digit.

use crate::intake::{Area, Components, Mask};

/// Height below which ink is a speck, as a share of the digits' height.
const SPECK: f32 = 0.1;
/// Width from which a component may be more than one digit, as a share of the height.
const WIDE: f32 = 0.7;
/// Most cuts through a component.
const MOST_CUTS: usize = 6;
/// Least distance of a cut from an edge or another cut, as a share of the height.
const APART: f32 = 0.18;
/// Columns by which cuts move to the right with each row, the likeliest first.
const SLOPES: [f32; 5] = [0.0, -0.25, 0.25, -0.5, 0.5];
/// Height of a cut's ink up to which it is tried, as a share of the height.
const DEEPEST: f32 = 0.6;

/// Pieces of a line of digits, from left to right.
#[derive(Debug)]
pub(super) struct Pieces {
    /// Number of each pixel's piece plus 1; 0 for paper and specks.
    labels: Vec<u32>,
    width: usize,
    /// Rectangle of each.
    pub areas: Vec<Area>,
    /// Number of the piece from which each was cut off on its left, if it was.
    pub cut_from: Vec<Option<usize>>,
    /// Usual height of a digit.
    pub height: usize,
}

impl Pieces {
    /// Cuts the ink of a line into pieces: connected components, and where these are wide, parts between
    /// cuts that look likely.
    pub fn of(found: &Components, members: &[usize], mask: &Mask) -> Self {
        let height = usual_height(found, members);
        let (rows, columns) = (mask.height(), mask.width());
        let mut areas = Vec::new();
        let mut cut_off = Vec::new();
        let mut slices = vec![None; found.list.len()];
        for &member in members {
            let component = &found.list[member];
            if (component.area.longer() as f32) < SPECK * height as f32 {
                continue;
            }
            let cuts = cuts(found, member, height);
            slices[member] = Some((areas.len(), cuts.clone()));
            areas.resize(areas.len() + cuts.len() + 1, None::<Area>);
            cut_off.push(false);
            cut_off.resize(areas.len(), true);
        }
        let mut labels = vec![0u32; rows * columns];
        for y in 0..rows {
            for x in 0..columns {
                let Some((first, cuts)) = found.at(y, x).and_then(|index| slices[index].as_ref())
                else {
                    continue;
                };
                let is_behind = |cut: &&Cut| x as f32 >= cut.column(y).round();
                let piece = first + cuts.iter().filter(is_behind).count();
                labels[y * columns + x] = piece as u32 + 1;
                let pixel = Area { top: y, left: x, height: 1, width: 1 };
                areas[piece] = Some(areas[piece].map_or(pixel, |area| area.union(&pixel)));
            }
        }
        // In the order of their middles; what is empty goes.
        let mut order: Vec<usize> =
            (0..areas.len()).filter(|&piece| areas[piece].is_some()).collect();
        let area =
            |piece: usize| areas[piece].unwrap_or(Area { top: 0, left: 0, height: 0, width: 0 });
        order.sort_by_key(|&piece| (2 * area(piece).left + area(piece).width, piece));
        let mut place = vec![0u32; areas.len() + 1];
        order.iter().enumerate().for_each(|(at, &piece)| place[piece + 1] = at as u32 + 1);
        labels.iter_mut().for_each(|label| *label = place[*label as usize]);
        // A slice without ink is no piece: the one before it is what a piece was cut from.
        let cut_from = |&piece: &usize| {
            let before = (0..piece).rev().take_while(|&i| cut_off[i + 1]);
            let found = before.into_iter().find(|&i| areas[i].is_some());
            found.filter(|_| cut_off[piece]).map(|i| place[i + 1] as usize - 1)
        };
        Pieces {
            labels,
            width: columns,
            cut_from: order.iter().map(cut_from).collect(),
            areas: order.iter().map(|&piece| area(piece)).collect(),
            height,
        }
    }

    /// Rectangle around consecutive pieces.
    pub fn area(&self, pieces: std::ops::Range<usize>) -> Area {
        let first = self.areas[pieces.start];
        self.areas[pieces].iter().fold(first, |area, other| area.union(other))
    }

    /// Ink of consecutive pieces within a rectangle.
    pub fn mask(&self, pieces: std::ops::Range<usize>, area: Area) -> Mask {
        let wanted = pieces.start as u32 + 1..pieces.end as u32 + 1;
        Mask::from_fn(area.height, area.width, |y, x| {
            wanted.contains(&self.labels[(area.top + y) * self.width + area.left + x])
        })
    }
}

/// Height of most of the ink: the median of the components' heights, each weighted by its pixels.
pub(super) fn usual_height(found: &Components, members: &[usize]) -> usize {
    let mut heights: Vec<(usize, usize)> =
        members.iter().map(|&i| (found.list[i].area.height, found.list[i].count)).collect();
    heights.sort_unstable();
    let total: usize = heights.iter().map(|(_, count)| count).sum();
    let mut sum = 0;
    let median = heights.iter().find(|(_, count)| {
        sum += count;
        2 * sum >= total
    });
    median.map_or(1, |&(height, _)| height.max(1))
}

/// A straight cut from the top of a component to its bottom.
#[derive(Debug, Clone, Copy)]
struct Cut {
    /// Row half-way down, and the first column right of the cut there.
    middle: [f32; 2],
    /// Columns by which it moves to the right with each row further down.
    slope: f32,
}

impl Cut {
    /// First column right of the cut.
    fn column(&self, row: usize) -> f32 {
        self.middle[1] + self.slope * (row as f32 - self.middle[0])
    }
}

/// Cuts of a component: where it has the least ink of all places nearby, in the slope with the least.
fn cuts(found: &Components, index: usize, height: usize) -> Vec<Cut> {
    let area = found.list[index].area;
    let share = |share: f32| (share * height as f32) as usize;
    if area.width <= share(WIDE) {
        return Vec::new();
    }
    let apart = share(APART).max(2);
    let row = area.top as f32 + 0.5 * (area.height - 1) as f32;
    let own = |y: usize, x: f32| {
        let x = x.round();
        x >= area.left as f32 && x < area.right() as f32 && found.at(y, x as usize) == Some(index)
    };
    let ink = |cut: &Cut| (area.top..area.bottom()).filter(|&y| own(y, cut.column(y))).count();
    // Three columns together, so that one rough column is no valley.
    let cost = |cut: &Cut| -> usize {
        let beside = |offset: f32| Cut { middle: [row, cut.middle[1] + offset], ..*cut };
        [-1.0, 0.0, 1.0].iter().map(|&offset| ink(&beside(offset))).sum()
    };
    let best = |x: usize| {
        let cuts = SLOPES.map(|slope| Cut { middle: [row, x as f32], slope });
        // Upright ones come first, of equal ones.
        cuts.into_iter().map(|cut| (cost(&cut), cut)).min_by_key(|&(cost, _)| cost)
    };
    let places: Vec<(usize, Cut)> = (area.left..area.right()).filter_map(best).collect();
    let mut valleys: Vec<usize> = (apart..places.len().saturating_sub(apart))
        .filter(|&i| places[i].0 <= 3 * share(DEEPEST))
        .filter(|&i| {
            let around = i - apart.div_ceil(2)..(i + apart.div_ceil(2) + 1).min(places.len());
            around.clone().all(|other| places[i].0 <= places[other].0)
        })
        .collect();
    valleys.sort_by_key(|&i| (places[i].0, i));
    let mut chosen: Vec<usize> = Vec::new();
    for valley in valleys {
        if chosen.len() < MOST_CUTS && chosen.iter().all(|&other| other.abs_diff(valley) >= apart) {
            chosen.push(valley);
        }
    }
    chosen.sort_unstable();
    chosen.into_iter().map(|i| places[i].1).collect()
}
