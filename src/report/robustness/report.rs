//! What came of it, as numbers and as a table.

use std::fmt;
use std::path::Path;

use crate::error::FileError;

/// The accuracy of a model on a data set and on its corruptions. `Display` is a table, in percent.
#[derive(Debug, Clone, PartialEq)]
pub struct RobustnessReport {
    /// On the data as they are, in 0..1.
    pub clean: f64,
    /// For each corruption, in order.
    pub curves: Vec<Curve>,
}

/// How the accuracy falls as one corruption grows.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The corruption's, with its unit.
    pub name: String,
    /// Strengths, and the accuracy in 0..1 at each.
    pub points: Vec<(f32, f64)>,
}

impl Curve {
    /// The mean accuracy over the strengths.
    pub fn mean(&self) -> f64 {
        mean(self.points.iter().map(|point| point.1))
    }
}

impl RobustnessReport {
    /// The mean accuracy over all corruptions, each of which counts the same. One number to compare
    /// two models by, with the same suite.
    pub fn mean(&self) -> f64 {
        mean(self.curves.iter().map(Curve::mean))
    }

    /// A chart for each corruption, as the text of an SVG file.
    pub fn svg(&self) -> String {
        super::svg(&[("", self)])
    }

    /// Writes the charts as an SVG file, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`FileError`], naming `path`, if the file cannot be written.
    pub fn save_svg(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        super::save_svg(&[("", self)], path)
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len();
    values.sum::<f64>() / count.max(1) as f64
}

/// Two lines for each corruption, its strengths and the accuracy in percent at each; and the mean.
impl fmt::Display for RobustnessReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.curves.iter().map(|curve| curve.name.chars().count());
        let width = names.max().unwrap_or(0).max("all corruptions".len());
        let most = self.curves.iter().map(|curve| curve.points.len()).max().unwrap_or(0);
        let percent = |accuracy: f64| format!("{:.2}", 100.0 * accuracy);
        writeln!(f, "{:width$} {:>7}", "accuracy in %", "clean")?;
        writeln!(f, "{:width$} {:>7}", "", percent(self.clean))?;
        for curve in &self.curves {
            write!(f, "\n{:width$}", curve.name)?;
            for (strength, _) in &curve.points {
                write!(f, " {strength:>7}")?;
            }
            let gap = 8 * (most - curve.points.len()) + 9;
            write!(f, "{:>gap$}\n{:width$}", "mean", "")?;
            for (_, accuracy) in &curve.points {
                write!(f, " {:>7}", percent(*accuracy))?;
            }
            writeln!(f, "{:>gap$}", percent(curve.mean()))?;
        }
        let gap = 8 * most + 9;
        write!(f, "\n{:width$}{:>gap$}", "all corruptions", percent(self.mean()))
    }
}
