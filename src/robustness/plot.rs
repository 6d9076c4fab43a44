//! Curves of accuracy as an SVG file: a small plot for each corruption, all to the same scale. The
//! colours are of middle brightness, on nothing: they can be read on a light page and on a dark one.

use std::fmt::Write;
use std::path::Path;

use super::RobustnessReport;
use crate::error::DataError;

const INK: &str = "#7d7d7d";
const CURVES: [&str; 4] = ["#2f84d8", "#d9661f", "#2f9e63", "#a25fc9"];
const COLUMNS: usize = 4;

/// One plot with its margins, and the corners of the frame in it.
const CELL: (f64, f64) = (220.0, 190.0);
const LEFT: f64 = 36.0;
const RIGHT: f64 = 204.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 150.0;

/// The plots of several models' reports of one suite, in one picture, as the text of an SVG file. The
/// names are those of the models; a curve begins with the accuracy on the data as they are.
pub fn svg(reports: &[(&str, &RobustnessReport)]) -> String {
    let plots = reports.iter().map(|(_, report)| report.curves.len()).max().unwrap_or(0);
    let (columns, rows) = (plots.clamp(1, COLUMNS), plots.div_ceil(COLUMNS).max(1));
    let (width, height) = (columns as f64 * CELL.0, rows as f64 * CELL.1 + 30.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\" fill=\"{INK}\">\n"
    );
    for plot in 0..plots {
        let (x, y) = ((plot % COLUMNS) as f64 * CELL.0, (plot / COLUMNS) as f64 * CELL.1);
        // Nothing can go wrong in writing to a string.
        let _ = writeln!(svg, "<g transform=\"translate({x} {y})\">");
        let _ = draw(reports, plot, &mut svg);
        svg += "</g>\n";
    }
    let _ = legend(reports, height - 12.0, &mut svg);
    svg + "</svg>\n"
}

/// Writes [`svg`] to a file.
///
/// # Errors
///
/// [`DataError::Io`], naming `path`, if the file cannot be written.
pub fn save_svg(
    reports: &[(&str, &RobustnessReport)],
    path: impl AsRef<Path>,
) -> Result<(), DataError> {
    let path = path.as_ref();
    std::fs::write(path, svg(reports)).map_err(|source| DataError::Io { path: path.into(), source })
}

fn draw(reports: &[(&str, &RobustnessReport)], plot: usize, svg: &mut String) -> std::fmt::Result {
    let curves = || {
        reports.iter().enumerate().filter_map(|(number, (_, report))| {
            report
                .curves
                .get(plot)
                .map(|curve| (CURVES[number % CURVES.len()], report.clean, curve))
        })
    };
    let strengths = || curves().flat_map(|(_, _, curve)| curve.points.iter().map(|point| point.0));
    let (low, high) = (strengths().fold(0.0, f32::min), strengths().fold(0.0, f32::max));
    let span = f64::from(high - low).max(f64::MIN_POSITIVE);
    let x = |strength: f32| LEFT + f64::from(strength - low) / span * (RIGHT - LEFT);
    let y = |accuracy: f64| BOTTOM - accuracy * (BOTTOM - TOP);

    let name = curves().next().map_or("", |(_, _, curve)| &curve.name);
    let middle = 0.5 * (LEFT + RIGHT);
    writeln!(svg, "<g text-anchor=\"middle\">")?;
    writeln!(svg, "<text x=\"{middle}\" y=\"{}\">{}</text>", TOP - 10.0, escaped(name))?;
    // The last of several too near to each other to be read.
    let mut end = f64::NEG_INFINITY;
    if let Some((_, _, curve)) = curves().next() {
        for (strength, _) in &curve.points {
            let (at, text) = (x(*strength), strength.to_string());
            let half = 3.5 * text.len() as f64;
            if at - half > end + 3.0 {
                writeln!(svg, "<text x=\"{at:.1}\" y=\"{}\">{text}</text>", BOTTOM + 18.0)?;
                writeln!(svg, "<path d=\"M{at:.1} {BOTTOM}v4\" stroke=\"{INK}\"/>")?;
                end = at + half;
            }
        }
    }
    writeln!(svg, "</g>\n<g text-anchor=\"end\">")?;
    for share in [0.0, 0.5, 1.0] {
        let (right, at) = (LEFT - 6.0, y(share));
        writeln!(svg, "<text x=\"{right}\" y=\"{}\">{}</text>", at + 4.0, 100.0 * share)?;
        writeln!(svg, "<path d=\"M{LEFT} {at}H{RIGHT}\" stroke=\"{INK}\" opacity=\"0.25\"/>")?;
    }
    writeln!(
        svg,
        "</g>\n<path d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\" stroke=\"{INK}\" fill=\"none\"/>"
    )?;
    for (colour, clean, curve) in curves() {
        let points: Vec<String> = [(0.0, clean)]
            .iter()
            .chain(&curve.points)
            .map(|&(strength, accuracy)| format!("{:.1},{:.1}", x(strength), y(accuracy)))
            .collect();
        writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" \
             stroke-linejoin=\"round\"/>",
            points.join(" ")
        )?;
    }
    Ok(())
}

/// What the colours stand for, and that numbers are percent.
fn legend(reports: &[(&str, &RobustnessReport)], y: f64, svg: &mut String) -> std::fmt::Result {
    write!(svg, "<text x=\"{LEFT}\" y=\"{y}\">accuracy in %")?;
    for (number, (name, _)) in reports.iter().enumerate().filter(|(_, (name, _))| !name.is_empty())
    {
        let colour = CURVES[number % CURVES.len()];
        write!(svg, "<tspan dx=\"24\" fill=\"{colour}\">━ {}</tspan>", escaped(name))?;
    }
    writeln!(svg, "</text>")
}

/// With what has a meaning in XML written out.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
