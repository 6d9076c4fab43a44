//! Curves of loss, accuracy and learning rate.

use super::section::{Section, percent};
use crate::chart::{Lines, number};
use crate::metrics::{Epoch, History};

/// Of more epochs, the table has every so-many-th.
const ROWS: usize = 200;

impl History {
    /// Loss, accuracy and learning rate over the epochs, each with the name of its quantity. What is
    /// not known of any epoch has no chart, and a loss that falls to less than a tenth a logarithmic
    /// axis.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let digits = Mnist::sample().train.take(500)?;
    /// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
    /// let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).epochs(3);
    /// let charts = trainer.fit(&mut model, &digits)?.charts();
    /// let names: Vec<&str> = charts.iter().map(|(name, _)| *name).collect();
    /// assert_eq!(names, ["loss", "accuracy", "learning-rate"]);
    /// assert!(charts[0].1.svg().contains("training"));
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    pub fn charts(&self) -> Vec<(&'static str, Lines)> {
        let percent = |share: Option<f64>| share.map(|share| 100.0 * share);
        let loss = self.curve(
            "loss",
            &[("training", &|e| Some(e.loss)), ("validation", &|e| e.validation_loss)],
        );
        let accuracy = self.curve(
            "accuracy, %",
            &[
                ("training", &|e| percent(e.accuracy)),
                ("validation", &|e| percent(e.validation_accuracy)),
            ],
        );
        let rate = self.curve("learning rate", &[("", &|e| Some(e.learning_rate.into()))]);
        let loss = loss.map(|(chart, low, high)| match low > 0.0 && high > 10.0 * low {
            true => chart.log_y(),
            false => chart,
        });
        // Around one number alone, an axis would go on above 100.
        let accuracy = accuracy.map(|(chart, low, high)| match low == high {
            true => chart.y_range(0.0, 100.0),
            false => chart,
        });
        let rate = rate.map(|(chart, ..)| chart);
        [("loss", loss), ("accuracy", accuracy), ("learning-rate", rate)]
            .into_iter()
            .filter_map(|(name, chart)| Some((name, chart?)))
            .collect()
    }

    /// The series that are known of some epoch, with their lowest and highest number.
    fn curve(&self, unit: &str, series: &[(&str, Quantity<'_>)]) -> Option<(Lines, f64, f64)> {
        let mut chart = Lines::new("epoch", unit);
        let mut range: Option<(f64, f64)> = None;
        for (name, of) in series {
            let point = |e: &Epoch| (e.epoch as f64, of(e).unwrap_or(f64::NAN));
            let points: Vec<_> = self.epochs.iter().map(point).collect();
            let numbers = points.iter().map(|p| p.1).filter(|y| y.is_finite());
            let (low, high) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| {
                (low.min(y), high.max(y))
            });
            if low <= high {
                range = Some(range.map_or((low, high), |(l, h)| (l.min(low), h.max(high))));
                chart = chart.line(*name, points);
            }
        }
        range.map(|(low, high)| (chart, low, high))
    }
}

/// A number of an epoch, if it is known.
type Quantity<'a> = &'a dyn Fn(&Epoch) -> Option<f64>;

pub(super) fn section(history: &History) -> Option<Section> {
    let charts = history.charts();
    if charts.is_empty() {
        return None;
    }
    let mut section = Section::new("curves", "Curves");
    section.charts(charts.iter().map(|(name, chart)| (*name, chart.svg())));
    section.paragraph(
        "Training loss and accuracy are means over the epoch, taken while the model changed and \
         with dropout at work; those of validation are of the model at the epoch’s end. The \
         learning rate is that of the epoch’s last step.",
    );
    if let Some(verdict) = history.verdict() {
        section.paragraph(&format!("Verdict: {}.", crate::chart::escape(&verdict.to_string())));
    }
    if let Some(reason) = &history.stopped {
        section.paragraph(&format!("Training ended early: {}", crate::chart::escape(reason)));
    }
    section.details("Epoch by epoch", |section| {
        let header = [
            "epoch",
            "loss",
            "accuracy",
            "validation loss",
            "validation accuracy",
            "learning rate",
            "seconds",
        ];
        let (every, last) = (history.epochs.len().div_ceil(ROWS), history.epochs.len() - 1);
        let shown = |(i, epoch)| (i % every == 0 || i == last).then_some(epoch);
        let row = |e: &Epoch| {
            vec![
                e.epoch.to_string(),
                number(e.loss),
                percent(e.accuracy),
                e.validation_loss.map_or("–".to_string(), number),
                percent(e.validation_accuracy),
                number(e.learning_rate.into()),
                format!("{:.2}", e.seconds),
            ]
        };
        let rows: Vec<_> = history.epochs.iter().enumerate().filter_map(shown).map(row).collect();
        section.table("Loss, accuracy, learning rate and time of the epochs", &header, &rows);
    });
    Some(section)
}
