//! Bar charts over a continuous axis: histograms.

use super::frame::Frame;
use super::scale::Scale;
use super::{PALETTE, escape};

/// A bar from one place on the x axis to another.
pub(crate) struct Bar {
    pub from: f64,
    pub to: f64,
    pub height: f64,
    /// What it tells under the mouse.
    pub title: String,
}

/// Bars from 0 up.
pub(crate) struct Bars<'a> {
    /// The names of the axes.
    pub names: (&'a str, &'a str),
    pub x_range: (f64, f64),
    /// Where the y axis ends; `None` for where the bars do.
    pub y_end: Option<f64>,
    pub bars: Vec<Bar>,
    /// Whether a diagonal stands for what the bars should be.
    pub diagonal: bool,
}

impl Bars<'_> {
    pub fn svg(&self) -> String {
        let x = Scale::between(self.x_range.0, self.x_range.1);
        let heights = self.bars.iter().map(|bar| bar.height).chain([0.0]);
        let y = match self.y_end {
            Some(end) => Scale::between(0.0, end),
            None => Scale::linear(heights, false),
        };
        let mut frame = Frame::new(x, y, self.names, &[]);
        for bar in &self.bars {
            let corners = (frame.place((bar.from, bar.height)), frame.place((bar.to, 0.0)));
            let (Some((left, top)), Some((right, bottom))) = corners else { continue };
            // A hair between neighbours, and something to see of each.
            let (width, height) = ((right - left - 1.5).max(1.0), (bottom - top).max(1.0));
            frame.svg.line(format_args!(
                "<rect x=\"{left:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
                 style=\"fill:{}\" opacity=\"0.85\"><title>{}</title></rect>",
                bottom - height,
                PALETTE[0],
                escape(&bar.title)
            ));
        }
        if self.diagonal {
            let ends = (frame.place((self.x_range.0, 0.0)), self.y_end);
            if let (Some((x0, y0)), Some(end)) = ends
                && let Some((x1, y1)) = frame.place((self.x_range.1, end))
            {
                let more = format!(
                    " style=\"stroke:{}\" stroke-width=\"2\" stroke-dasharray=\"5 5\"",
                    PALETTE[1]
                );
                frame.svg.path(format_args!("M{x0:.1} {y0:.1}L{x1:.1} {y1:.1}"), &more);
            }
        }
        if self.bars.is_empty() {
            frame.nothing();
        }
        frame.svg.finish()
    }
}
