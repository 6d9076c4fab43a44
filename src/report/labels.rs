//! Scores of labels that do not exclude each other.

use super::Report;
use super::section::{Section, percent};
use crate::metrics::{ClassScores, Evaluation, Roc};
use crate::sequential::summary::thousands;

/// Threshold of every label.
const THRESHOLD: f32 = 0.5;

/// Largest number of labels in the table; the others are in one to open.
const LISTED: usize = 40;

pub(super) fn section(report: &Report, evaluation: &Evaluation) -> Option<Section> {
    let scores = evaluation.multi_label(&[THRESHOLD]).ok()?;
    let mut section = Section::new("labels", "Labels");
    section.paragraph(&format!(
        "Each label is a decision of its own: yes where its prediction is at least {THRESHOLD}. All \
         labels of a sample are right in <b>{}</b> of the samples (exact match), and <b>{}</b> of all \
         decisions are wrong (Hamming loss).",
        percent(Some(scores.exact_match)),
        percent(Some(scores.hamming_loss)),
    ));
    section.paragraph(
        "Precision is the share of the samples with a yes that have the label, recall the share of the \
         samples with the label that got a yes, and F1 their harmonic mean. AUC and average precision \
         (AP) are over all thresholds. The micro average counts all labels as one; in the macro average \
         each counts the same, in the weighted one as much as it has samples.",
    );
    let row = |name: String, s: ClassScores, roc: Option<Roc>| {
        let of = |share| percent(Some(share));
        let over_all = |of: fn(&Roc) -> f64| {
            roc.as_ref().map_or("–".to_string(), |r| format!("{:.4}", of(r)))
        };
        let (auc, ap) = (over_all(Roc::auc), over_all(Roc::average_precision));
        vec![name, of(s.precision), of(s.recall), of(s.f1), auc, ap, thousands(s.support)]
    };
    let labels = scores.labels.iter().enumerate();
    let rows: Vec<_> = labels
        .map(|(label, &s)| row(report.class(label), s, evaluation.label_roc(label)))
        .collect();
    let means = vec![
        row("micro average".to_string(), scores.micro, None),
        row("macro average".to_string(), scores.macro_average(), None),
        row("weighted average".to_string(), scores.weighted_average(), None),
    ];
    let header = ["label", "precision", "recall", "F1", "AUC", "AP", "samples"];
    let caption = "Scores of each label";
    if rows.len() <= LISTED {
        section.table(caption, &header, &[rows, means].concat());
    } else {
        section.table(caption, &header, &means);
        let all = format!("All {} labels", thousands(rows.len()));
        section.details(&all, |section| section.table(caption, &header, &rows));
    }
    Some(section)
}
