//! What every threshold between two classes would give.

use super::section::Section;
use crate::chart::Lines;
use crate::metrics::Evaluation;

pub(super) fn section(evaluation: &Evaluation) -> Option<Section> {
    let roc = evaluation.roc()?;
    let mut section = Section::new("roc", "ROC curve");
    section.paragraph(&format!(
        "What each threshold on the score gives: false alarms against what is found of class 1. The \
         area under the curve is <b>{:.4}</b>, the probability that a sample of class 1 scores \
         higher than one of class 0; blind guesses have the dashed line.",
        roc.auc()
    ));
    let percent = |share: f64| 100.0 * share;
    let points = roc.points.iter().map(|p| (percent(p.false_positives), percent(p.true_positives)));
    let chart = Lines::new("false positives, %", "true positives, %")
        .line("", points)
        .guide([(0.0, 0.0), (100.0, 100.0)])
        .y_range(0.0, 100.0);
    section.charts([("roc", chart.svg())]);
    Some(section)
}
