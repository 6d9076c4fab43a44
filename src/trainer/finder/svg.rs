//! A sweep as an SVG file. Its colours are of middle brightness, on nothing: they can be read on a
//! light page and on a dark one.

use std::fmt::Write;
use std::path::Path;

use super::LearningRates;
use super::plot::{Plot, number};
use crate::error::DataError;

const INK: &str = "#7d7d7d";
const CURVE: &str = "#2f84d8";
const MARK: &str = "#d9661f";

/// The corners of the plot within 640 × 400.
const LEFT: f64 = 72.0;
const RIGHT: f64 = 616.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 340.0;

impl LearningRates {
    /// The chart as the text of an SVG file.
    pub fn svg(&self) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 400\" \
             font-family=\"sans-serif\" font-size=\"14\" fill=\"{INK}\">\n"
        );
        if let Some(plot) = Plot::new(self) {
            // Nothing can go wrong in writing to a string.
            let _ = draw(&plot, &mut svg);
        }
        svg + "</svg>\n"
    }

    /// Writes the chart as an SVG file.
    ///
    /// # Errors
    ///
    /// [`DataError::Io`], naming `path`, if the file cannot be written.
    pub fn save_svg(&self, path: impl AsRef<Path>) -> Result<(), DataError> {
        let path = path.as_ref();
        std::fs::write(path, self.svg())
            .map_err(|source| DataError::Io { path: path.into(), source })
    }
}

fn draw(plot: &Plot, svg: &mut String) -> std::fmt::Result {
    let x = |share: f64| LEFT + share * (RIGHT - LEFT);
    let y = |share: f64| BOTTOM - share * (BOTTOM - TOP);
    let middle = (x(0.5), y(0.5));

    writeln!(svg, "<g stroke=\"{INK}\" fill=\"none\">")?;
    writeln!(svg, "<path d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\"/>")?;
    for (at, _) in &plot.ticks {
        writeln!(svg, "<path d=\"M{:.1} {BOTTOM}v6\"/>", x(*at))?;
        writeln!(svg, "<path d=\"M{:.1} {TOP}V{BOTTOM}\" opacity=\"0.25\"/>", x(*at))?;
    }
    writeln!(svg, "</g>")?;
    writeln!(svg, "<g text-anchor=\"middle\">")?;
    for (at, name) in &plot.ticks {
        writeln!(svg, "<text x=\"{:.1}\" y=\"{}\">{name}</text>", x(*at), BOTTOM + 22.0)?;
    }
    writeln!(svg, "<text x=\"{}\" y=\"{}\">learning rate</text>", middle.0, BOTTOM + 48.0)?;
    writeln!(
        svg,
        "<text transform=\"translate(20 {}) rotate(-90)\">loss (running mean)</text>",
        middle.1
    )?;
    writeln!(svg, "</g>\n<g text-anchor=\"end\">")?;
    for (share, loss) in [(0.0, plot.low), (0.5, 0.5 * (plot.low + plot.high)), (1.0, plot.high)] {
        let (right, base) = (LEFT - 8.0, y(share) + 5.0);
        writeln!(svg, "<text x=\"{right}\" y=\"{base}\">{}</text>", number(loss))?;
    }
    writeln!(svg, "</g>")?;

    let points: Vec<String> =
        plot.curve.iter().map(|&(px, py)| format!("{:.1},{:.1}", x(px), y(py))).collect();
    writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{CURVE}\" stroke-width=\"2.5\" \
         stroke-linejoin=\"round\"/>",
        points.join(" ")
    )?;
    if let Some((mx, my, name)) = &plot.mark {
        let (mx, my) = (x(*mx), y(*my));
        writeln!(
            svg,
            "<path d=\"M{mx:.1} {BOTTOM}V{TOP}\" stroke=\"{MARK}\" stroke-dasharray=\"4 4\"/>"
        )?;
        writeln!(svg, "<circle cx=\"{mx:.1}\" cy=\"{my:.1}\" r=\"5\" fill=\"{MARK}\"/>")?;
        writeln!(
            svg,
            "<text x=\"{mx:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"{MARK}\">{name}</text>",
            TOP - 10.0
        )?;
    }
    Ok(())
}
