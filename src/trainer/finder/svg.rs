//! A sweep as an SVG file.

use std::path::Path;

use super::LearningRates;
use super::plot::Plot;
use crate::chart::Lines;
use crate::error::FileError;

impl LearningRates {
    /// The chart, to be drawn as SVG: the loss over the logarithm of the rate, up to the height from
    /// which it fell, and the suggestion.
    pub fn chart(&self) -> Lines {
        let rates = self.rates().iter().map(|&rate| f64::from(rate));
        let points = rates.zip(self.losses().iter().copied());
        let chart = Lines::new("learning rate", "loss (running mean)").line("", points).log_x();
        let Some(plot) = Plot::new(self) else { return chart };
        let chart = chart.y_range(plot.low, plot.high);
        match (self.suggestion(), plot.mark) {
            (Some(rate), Some((_, height, name))) => {
                let loss = plot.low + height * (plot.high - plot.low);
                chart.mark(rate.into(), loss, name)
            }
            _ => chart,
        }
    }

    /// The chart as the text of an SVG file.
    pub fn svg(&self) -> String {
        self.chart().svg()
    }

    /// Writes the chart as an SVG file, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`FileError`], naming `path`, if the file cannot be written.
    pub fn save_svg(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        self.chart().save(path)
    }
}
