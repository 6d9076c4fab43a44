//! The axes of a chart with their ticks and names, and the legend above.

use super::PALETTE;
use super::scale::Scale;
use super::svg::{Anchor, FONT, Svg, width};

pub(super) const WIDTH: f64 = 360.0;
/// How high the part between the axes is.
const PLOT: f64 = 176.0;

/// What surrounds the lines or bars of a chart.
pub(super) struct Frame {
    pub svg: Svg,
    x: Scale,
    y: Scale,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Frame {
    /// `legend` names the series, in the order of their colours.
    pub fn new(x: Scale, y: Scale, names: (&str, &str), legend: &[&str]) -> Frame {
        let labels: Vec<String> = y.ticks.iter().map(|&tick| y.label(tick)).collect();
        let widest = labels.iter().map(|label| width(label)).fold(0.0, f64::max);
        let (left, right) = (widest + 16.0, WIDTH - 14.0);
        let series =
            if legend.is_empty() { String::new() } else { format!(": {}", legend.join(", ")) };
        // The name of the y axis stands level, above it, and the legend beside or below.
        let (mut at, mut row) = (width(names.1) * 1.1 + 24.0, FONT + 2.0);
        let mut places = Vec::with_capacity(legend.len());
        for name in legend {
            if at + 22.0 + width(name) > WIDTH && at > 2.0 {
                (at, row) = (2.0, row + FONT + 6.0);
            }
            places.push((at, row));
            at += 22.0 + width(name) + 16.0;
        }
        let (top, bottom) = (row + 14.0, row + 14.0 + PLOT);
        let label = format!("{} by {}{series}", names.1, names.0);
        let mut svg = Svg::new(WIDTH, bottom + 2.0 * FONT + 18.0, &label);
        svg.text((2.0, FONT + 2.0), Anchor::Start, names.1, " font-weight=\"600\"");
        for (((at, row), name), colour) in places.iter().zip(legend).zip(PALETTE.iter().cycle()) {
            let middle = row - FONT / 3.0;
            svg.path(
                format_args!("M{at:.1} {middle:.1}h16"),
                &format!(" style=\"stroke:{colour}\" stroke-width=\"3\" stroke-linecap=\"round\""),
            );
            svg.text((at + 22.0, *row), Anchor::Start, name, "");
        }
        let mut frame = Frame { svg, x, y, left, right, top, bottom };
        frame.axes(names.0, &labels);
        frame
    }

    fn axes(&mut self, name: &str, labels: &[String]) {
        let Frame { left, right, bottom, .. } = *self;
        for (tick, label) in self.y.ticks.clone().into_iter().zip(labels) {
            let Some(y) = self.y.place(tick).map(|share| self.down(share)) else { continue };
            self.svg.path(format_args!("M{left:.1} {y:.1}H{right:.1}"), " opacity=\"0.2\"");
            self.svg.text((left - 7.0, y + FONT / 3.0), Anchor::End, label, "");
        }
        self.svg.path(format_args!("M{left:.1} {bottom:.1}H{right:.1}"), " opacity=\"0.7\"");
        let mut free = 0.0;
        for tick in self.x.ticks.clone() {
            let Some(x) = self.x.place(tick).map(|share| self.across(share)) else { continue };
            let label = self.x.label(tick);
            self.svg.path(format_args!("M{x:.1} {bottom:.1}v5"), " opacity=\"0.7\"");
            // A label that would touch its neighbour is left out.
            let half = width(&label) / 2.0;
            if x - half >= free {
                let centre = x.min(WIDTH - half);
                let below = bottom + FONT + 7.0;
                self.svg.text((centre, below), Anchor::Middle, &label, "");
                free = x + half + 8.0;
            }
        }
        let middle = (left + right) / 2.0;
        self.svg.text((middle, bottom + 2.0 * FONT + 12.0), Anchor::Middle, name, "");
    }

    fn across(&self, share: f64) -> f64 {
        self.left + share * (self.right - self.left)
    }

    fn down(&self, share: f64) -> f64 {
        self.bottom - share * (self.bottom - self.top)
    }

    /// Where a point is on the svg, unless it is nowhere. What is far out stays within reach of
    /// a renderer's numbers.
    pub fn place(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        let (x, y) = (self.x.place(x)?.clamp(-9.0, 9.0), self.y.place(y)?.clamp(-9.0, 9.0));
        Some((self.across(x), self.down(y)))
    }

    /// Opens an element that shows only what is within the axes, in the svg's own places.
    pub fn clip(&mut self) {
        let (x, y) = (self.left, self.top);
        let (width, height) = (self.right - x, self.bottom - y);
        self.svg.line(format_args!(
            "<svg x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             viewBox=\"{x:.1} {y:.1} {width:.1} {height:.1}\">"
        ));
    }

    pub fn end_clip(&mut self) {
        self.svg.line(format_args!("</svg>"));
    }

    pub fn top(&self) -> f64 {
        self.top
    }

    pub fn bottom(&self) -> f64 {
        self.bottom
    }

    /// Says so where there is nothing to see.
    pub fn nothing(&mut self) {
        let middle = ((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0);
        self.svg.text(middle, Anchor::Middle, "no values", "");
    }
}
