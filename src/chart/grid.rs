//! Several charts in one picture.

use super::Lines;
use super::frame::WIDTH;
use super::svg::Svg;

const COLUMNS: usize = 3;
/// Room for a chart whose legend has one row.
const HEIGHT: f64 = 250.0;
const GAP: f64 = 16.0;

/// The charts, three to a row, as the text of an SVG file. `label` is what is read out to those who
/// do not see it.
pub(crate) fn grid(charts: &[Lines], label: &str) -> String {
    let (columns, rows) = (charts.len().clamp(1, COLUMNS), charts.len().div_ceil(COLUMNS).max(1));
    let size = |count: usize, one: f64| count as f64 * (one + GAP) - GAP;
    let mut svg = Svg::new(size(columns, WIDTH), size(rows, HEIGHT), label);
    for (number, chart) in charts.iter().enumerate() {
        let x = (number % COLUMNS) as f64 * (WIDTH + GAP);
        let y = (number / COLUMNS) as f64 * (HEIGHT + GAP);
        svg.line(format_args!("<g transform=\"translate({x} {y})\">\n{}</g>", chart.svg()));
    }
    svg.finish()
}
