//! Scatter plots: a dot for each pair of numbers.

use std::collections::BTreeMap;

use super::PALETTE;
use super::frame::Frame;
use super::scale::Scale;

/// Size of the cells of which each has one dot, however many points it holds.
const CELL: f64 = 2.5;

/// Number of points from which a dot is stronger, and how strong it is.
const STRENGTHS: [(usize, f64); 3] = [(1, 0.45), (2, 0.7), (5, 1.0)];

/// Points, and a dashed level line to compare them with.
pub(crate) struct Scatter<'a> {
    /// The names of the axes.
    pub names: (&'a str, &'a str),
    pub points: &'a [(f64, f64)],
    pub level: f64,
}

impl Scatter<'_> {
    pub fn svg(&self) -> String {
        let xs = self.points.iter().map(|point| point.0);
        let ys = self.points.iter().map(|point| point.1).chain([self.level]);
        let (x, y) = (Scale::linear(xs.clone(), true), Scale::linear(ys, false));
        let mut frame = Frame::new(x, y, self.names, &[]);
        // The first point of a cell says where the dot is.
        let mut cells: BTreeMap<(i64, i64), ((f64, f64), usize)> = BTreeMap::new();
        for (x, y) in self.points.iter().filter_map(|&point| frame.place(point)) {
            let cell = ((x / CELL).floor() as i64, (y / CELL).floor() as i64);
            cells.entry(cell).or_insert(((x, y), 0)).1 += 1;
        }
        if cells.is_empty() {
            frame.nothing();
            return frame.svg.finish();
        }
        for (rank, &(least, strength)) in STRENGTHS.iter().enumerate() {
            let next = STRENGTHS.get(rank + 1).map_or(usize::MAX, |next| next.0);
            let dots = cells.values().filter(|(_, count)| (least..next).contains(count));
            // With round ends, a line of no length is a dot.
            let path: String = dots.map(|((x, y), _)| format!("M{x:.1} {y:.1}h0")).collect();
            if !path.is_empty() {
                let more = format!(
                    " style=\"stroke:{}\" stroke-width=\"4\" stroke-linecap=\"round\" \
                     opacity=\"{strength}\"",
                    PALETTE[0]
                );
                frame.svg.path(format_args!("{path}"), &more);
            }
        }
        let finite = xs.filter(|x| x.is_finite());
        let from = frame.place((finite.clone().fold(f64::INFINITY, f64::min), self.level));
        let to = frame.place((finite.fold(f64::NEG_INFINITY, f64::max), self.level));
        if let (Some((left, y)), Some((right, _))) = (from, to) {
            let more = format!(
                " style=\"stroke:{}\" stroke-width=\"2\" stroke-dasharray=\"5 5\"",
                PALETTE[1]
            );
            frame.svg.path(format_args!("M{left:.1} {y:.1}H{right:.1}"), &more);
        }
        frame.svg.finish()
    }
}
