//! Curves of accuracy: a small chart for each corruption, all to the same scale.

use std::path::Path;

use super::RobustnessReport;
use crate::atomic;
use crate::chart::{Lines, grid};
use crate::error::FileError;

/// A chart for each corruption, with a line for each model: reports of one suite, and what the models
/// are called. A line begins with the accuracy on the data as they are.
pub fn charts(reports: &[(&str, &RobustnessReport)]) -> Vec<Lines> {
    let most = reports.iter().map(|(_, report)| report.curves.len()).max().unwrap_or(0);
    let chart = |number: usize| {
        let curves = reports
            .iter()
            .filter_map(|(name, report)| Some((*name, report.clean, report.curves.get(number)?)));
        let name = curves.clone().next().map_or("", |(.., curve)| curve.name.as_str());
        curves.fold(
            Lines::new(name, "accuracy, %").y_range(0.0, 100.0),
            |chart, (name, clean, curve)| {
                let points = curve.points.iter().map(|&(s, accuracy)| (f64::from(s), accuracy));
                let points = std::iter::once((0.0, clean)).chain(points);
                chart.line(name, points.map(|(strength, accuracy)| (strength, 100.0 * accuracy)))
            },
        )
    };
    (0..most).map(chart).collect()
}

/// The [`charts`] in one picture, as the text of an SVG file.
pub fn svg(reports: &[(&str, &RobustnessReport)]) -> String {
    grid(&charts(reports), "accuracy by the strength of corruptions")
}

/// Writes [`svg`] to a file, whole or not at all.
///
/// # Errors
///
/// [`FileError`], naming `path`, if the file cannot be written.
pub fn save_svg(
    reports: &[(&str, &RobustnessReport)],
    path: impl AsRef<Path>,
) -> Result<(), FileError> {
    atomic::write(path.as_ref(), |file| file.write_all(svg(reports).as_bytes()))
}
