//! Is the model right as often as it believes?

use super::section::{Section, percent};
use crate::chart::{Bar, Bars, Lines};
use crate::metrics::{Bin, Calibration, Evaluation};
use crate::sequential::summary::thousands;

/// As in the paper that the error is from.
const BINS: usize = 15;

/// Steps of the curve of risk against coverage.
const POINTS: usize = 200;

/// The calibration that a report speaks of.
pub(super) fn calibration(evaluation: &Evaluation) -> Option<Calibration> {
    evaluation.calibration(BINS)
}

pub(super) fn section(evaluation: &Evaluation) -> Option<Section> {
    let calibration = calibration(evaluation)?;
    let total: usize = calibration.bins.iter().map(|bin| bin.count).sum();
    let mean = |of: fn(&Bin) -> f64| {
        calibration.bins.iter().map(|bin| of(bin) * bin.count as f64).sum::<f64>() / total as f64
    };
    let (sure, right) = (mean(|bin| bin.confidence), mean(|bin| bin.accuracy));
    let verdict = if sure > right { "too sure of itself" } else { "too modest" };
    let mut section = Section::new("calibration", "Calibration");
    section.paragraph(&format!(
        "Samples in {BINS} bins by the probability of their predicted class. A model that knows how \
         sure it may be has bars that end at the dashed line; bins of a few samples say little. The expected calibration error, the \
         mean distance from it over the samples, is <b>{}</b>; on average the model is {} sure and {} right: if \
         anything, {verdict}.",
        percent(Some(calibration.ece())),
        percent(Some(sure)),
        percent(Some(right)),
    ));
    let bars = |height: &dyn Fn(&Bin) -> f64| -> Vec<Bar> {
        let bar = |bin: &Bin| Bar {
            from: 100.0 * bin.above,
            to: 100.0 * bin.to,
            height: height(bin),
            title: format!(
                "{} samples, {:.1} % sure: {:.1} % right",
                thousands(bin.count),
                100.0 * bin.confidence,
                100.0 * bin.accuracy
            ),
        };
        calibration.bins.iter().map(bar).collect()
    };
    let reliability = Bars {
        names: ("how sure, %", "how often right, %"),
        x_range: (0.0, 100.0),
        y_end: Some(100.0),
        bars: bars(&|bin| 100.0 * bin.accuracy),
        diagonal: true,
    };
    let confidence = Bars {
        names: ("how sure, %", "share of the samples, %"),
        y_end: None,
        bars: bars(&|bin| 100.0 * bin.count as f64 / total as f64),
        diagonal: false,
        ..reliability
    };
    section.charts([("calibration", reliability.svg()), ("confidence", confidence.svg())]);
    if let Some(curve) = evaluation.risk_coverage() {
        section.paragraph(&format!(
            "A model that answers only where it is sure errs less often: of the surest 99 % of the samples \
             <b>{}</b> are wrong, of the surest 95 % <b>{}</b>, and of all {}. The threshold for 95 % is a probability of {:.3}.",
            percent(Some(curve.risk(0.99))),
            percent(Some(curve.risk(0.95))),
            percent(Some(curve.risk(1.0))),
            curve.threshold(0.95),
        ));
        let share = |i: usize| i as f64 / POINTS as f64;
        let points =
            (POINTS / 2..=POINTS).map(|i| (100.0 * share(i), 100.0 * curve.risk(share(i))));
        let chart = Lines::new("answered, %", "wrong of these, %").line("", points);
        section.charts([("risk_coverage", chart.svg())]);
    }
    Some(section)
}
