//! Line charts.

use std::path::Path;

use super::PALETTE;
use super::frame::Frame;
use super::scale::Scale;
use super::svg::Anchor;
use crate::atomic;
use crate::error::FileError;
use crate::text::number;

/// Up to so many points of a line are marked, and tell their numbers under the mouse.
const MARKED: usize = 40;

/// One or several lines over the same axes.
///
/// Whatever numbers come, there is a chart: a NaN or infinity is a gap, and so is what is not above
/// 0 on a logarithmic axis; a point alone is a dot, and a constant a level line. Of many thousand
/// points, those are drawn that can be seen.
///
/// ```
/// use chainrule::chart::Lines;
///
/// let waves = |shift: f64| (0..100).map(move |i| (i as f64, (i as f64 / 9.0 + shift).sin()));
/// let svg = Lines::new("time", "height").line("one", waves(0.0)).line("two", waves(1.0)).svg();
/// assert!(svg.contains(">time</text>") && svg.contains(">two</text>"));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Lines {
    names: (String, String),
    series: Vec<(String, Vec<(f64, f64)>)>,
    guides: Vec<Vec<(f64, f64)>>,
    log: (bool, bool),
    y_range: Option<(f64, f64)>,
    mark: Option<(f64, f64, String)>,
}

impl Lines {
    /// Axes of these names.
    pub fn new(x: impl Into<String>, y: impl Into<String>) -> Self {
        Lines {
            names: (x.into(), y.into()),
            series: Vec::new(),
            guides: Vec::new(),
            log: (false, false),
            y_range: None,
            mark: None,
        }
    }

    /// Adds a line through these points, in their order. Its name stands in the legend; that of a
    /// single line may be empty.
    pub fn line(
        mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        self.series.push((name.into(), points.into_iter().collect()));
        self
    }

    /// Adds a dashed grey line to compare with.
    pub fn guide(mut self, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self.guides.push(points.into_iter().collect());
        self
    }

    /// A logarithmic x axis.
    pub fn log_x(self) -> Self {
        Lines { log: (true, self.log.1), ..self }
    }

    /// A logarithmic y axis.
    pub fn log_y(self) -> Self {
        Lines { log: (self.log.0, true), ..self }
    }

    /// Shows what lies between these on the y axis, which is linear then.
    pub fn y_range(self, from: f64, to: f64) -> Self {
        Lines { y_range: Some((from, to)), ..self }
    }

    /// Points out a place, with a name for it.
    pub fn mark(self, x: f64, y: f64, name: impl Into<String>) -> Self {
        Lines { mark: Some((x, y, name.into())), ..self }
    }

    /// The chart as the text of an SVG file.
    pub fn svg(&self) -> String {
        let lines = self.series.iter().map(|(_, points)| points).chain(&self.guides);
        // What is a gap in one direction does not stretch the axis of the other.
        let shown = |&(x, y): &(f64, f64)| {
            let fits = |v: f64, log: bool| v.is_finite() && (!log || v > 0.0);
            fits(x, self.log.0) && fits(y, self.log.1 && self.y_range.is_none())
        };
        let points = lines.flatten().copied().filter(shown);
        let (xs, ys) = (points.clone().map(|p| p.0), points.map(|p| p.1));
        let x = if self.log.0 { Scale::log(xs, true) } else { Scale::linear(xs, true) };
        let y = match self.y_range {
            Some((from, to)) => Scale::between(from, to),
            None if self.log.1 => Scale::log(ys, false),
            None => Scale::linear(ys, false),
        };
        let legend: Vec<&str> = self.series.iter().map(|(name, _)| name.as_str()).collect();
        let legend = if legend == [""] { &[] } else { &legend[..] };
        let mut frame = Frame::new(x, y, (&self.names.0, &self.names.1), legend);
        if self.y_range.is_some() {
            frame.clip();
        }
        for guide in &self.guides {
            draw(&mut frame, guide, " stroke-dasharray=\"5 5\" opacity=\"0.8\"");
        }
        let mut seen = false;
        for ((name, points), colour) in self.series.iter().zip(PALETTE.iter().cycle()) {
            let more = format!(
                " style=\"stroke:{colour}\" stroke-width=\"2.2\" stroke-linejoin=\"round\" \
                 stroke-linecap=\"round\""
            );
            seen |= draw(&mut frame, points, &more);
            if points.len() <= MARKED {
                self.dots(&mut frame, name, points, colour);
            }
        }
        if self.y_range.is_some() {
            frame.end_clip();
        }
        if !seen {
            frame.nothing();
        }
        self.draw_mark(&mut frame);
        frame.svg.finish()
    }

    /// Writes the chart as an SVG file, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`FileError`], naming `path`, if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        atomic::write(path.as_ref(), |file| file.write_all(self.svg().as_bytes()))
    }

    fn dots(&self, frame: &mut Frame, name: &str, points: &[(f64, f64)], colour: &str) {
        for &(x, y) in points {
            let Some((cx, cy)) = frame.place((x, y)) else { continue };
            let name = if name.is_empty() { &self.names.1 } else { name };
            let (at, value) = (number(x), number(y));
            let title = super::escape(&format!("{} {at}: {name} {value}", self.names.0));
            frame.svg.line(format_args!(
                "<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"3\" style=\"fill:{colour}\">\
                 <title>{title}</title></circle>"
            ));
        }
    }

    fn draw_mark(&self, frame: &mut Frame) {
        let Some((x, y, name)) = &self.mark else { return };
        let Some((cx, cy)) = frame.place((*x, *y)) else { return };
        let (top, bottom, colour) = (frame.top(), frame.bottom(), PALETTE[1]);
        let cy = cy.clamp(top, bottom);
        let stroke = format!(" style=\"stroke:{colour}\" stroke-dasharray=\"4 4\"");
        frame.svg.path(format_args!("M{cx:.1} {bottom:.1}V{top:.1}"), &stroke);
        frame.svg.line(format_args!(
            "<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"5\" style=\"fill:{colour}\"/>"
        ));
        let fill = format!(" style=\"fill:{colour}\"");
        frame.svg.text((cx, top - 6.0), Anchor::Middle, name, &fill);
    }
}

/// A line through what has a place, with gaps. Tells whether there is anything to see.
fn draw(frame: &mut Frame, points: &[(f64, f64)], more: &str) -> bool {
    let places: Vec<_> = points.iter().map(|&point| frame.place(point)).collect();
    let mut path = String::new();
    for run in places.split(|place| place.is_none()) {
        let run: Vec<(f64, f64)> = run.iter().flatten().copied().collect();
        for (i, (x, y)) in thinned(&run).into_iter().enumerate() {
            path += &format!("{}{x:.1} {y:.1}", if i == 0 { "M" } else { "L" });
        }
        // With round ends, a line of no length is a dot.
        if run.len() == 1 {
            path += "h0";
        }
    }
    if !path.is_empty() {
        frame.svg.path(format_args!("{path}"), more);
    }
    !path.is_empty()
}

/// The points that make a difference to the picture: in each column of pixels the first, the lowest,
/// the highest and the last. (U. Jugel et al., "M4: a visualization-oriented time series data
/// aggregation", VLDB 2014.)
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept = Vec::new();
    for column in points.chunk_by(|a, b| a.0.round() == b.0.round()) {
        let by_height = |&a: &usize, &b: &usize| column[a].1.total_cmp(&column[b].1);
        let lowest = (0..column.len()).min_by(by_height).unwrap_or(0);
        let highest = (0..column.len()).max_by(by_height).unwrap_or(0);
        let mut of_column = [0, lowest, highest, column.len() - 1];
        of_column.sort_unstable();
        let mut last = None;
        for index in of_column {
            if last.replace(index) != Some(index) {
                kept.push(column[index]);
            }
        }
    }
    kept
}
