//! What one wants to know first.

use super::section::percent;
use super::{Report, calibration, run};
use crate::chart::{escape, number};
use crate::sequential::summary::thousands;

/// The numbers at the head of the page.
pub(super) fn headline(report: &Report) -> String {
    let mut numbers: Vec<(&str, String, String)> = Vec::new();
    let mut add = |name, value: String, note: String| numbers.push((name, value, note));
    if let Some((evaluation, _)) = report.evaluation {
        let total = evaluation.losses.len();
        if let Some(accuracy) = evaluation.accuracy {
            let wrong = evaluation.wrong();
            add("accuracy", percent(Some(accuracy)), String::new());
            add("wrong", thousands(wrong), format!("of {}", thousands(total)));
        } else {
            add("loss", number(evaluation.loss), format!("mean of {}", thousands(total)));
        }
        if let Some(top) = evaluation.top_k(5).filter(|_| evaluation.classes > 20) {
            add("top-5 accuracy", percent(Some(top)), String::new());
        }
        if let Some(roc) = evaluation.roc() {
            add("AUC", format!("{:.4}", roc.auc()), "under the ROC curve".to_string());
        }
        if let Some(rate) = evaluation.character_error_rate() {
            add(
                "character errors",
                percent(Some(rate)),
                "of the labels of all strings".to_string(),
            );
        }
        if let Some(accuracy) =
            evaluation.sequence_accuracy().filter(|_| !evaluation.steps.is_empty())
        {
            let note = format!("of {}, right at every step", thousands(evaluation.samples()));
            add("whole sequences", percent(Some(accuracy)), note);
            if let Some(perplexity) = evaluation.perplexity() {
                add("perplexity", number(perplexity), String::new());
            }
        }
        if let Some(log_loss) = evaluation.log_loss() {
            add("log loss", number(log_loss), String::new());
        }
        if let Some(calibration) = calibration::calibration(evaluation) {
            add("ECE", percent(Some(calibration.ece())), "calibration error".to_string());
        }
    } else if let Some(last) = report.history.and_then(|history| history.last()) {
        let accuracy = last.validation_accuracy.or(last.accuracy);
        let which = if last.validation_loss.is_some() { "validation" } else { "training" };
        match accuracy {
            Some(accuracy) => add("accuracy", percent(Some(accuracy)), which.to_string()),
            None => {
                add("loss", number(last.validation_loss.unwrap_or(last.loss)), which.to_string());
            }
        }
    }
    if let Some(model) = report.model {
        add("parameters", thousands(model.param_count()), String::new());
    }
    if let Some(history) = report.history.filter(|history| !history.epochs.is_empty()) {
        let epochs = history.epochs.len();
        let seconds: f64 = history.epochs.iter().map(|epoch| epoch.seconds).sum();
        let times = if epochs == 1 {
            "1 epoch".to_string()
        } else {
            format!("{} epochs", thousands(epochs))
        };
        add("training", run::duration(seconds), times);
        let rate = report.training_samples.and_then(|n| run::rate(n, seconds / epochs as f64));
        if let Some(rate) = rate {
            add("samples/s", rate, String::new());
        }
    }
    let tile = |(name, value, note): &(&str, String, String)| {
        let (value, note) = (escape(value), escape(note));
        format!("<div><dt>{name}</dt><dd>{value} <small>{note}</small></dd></div>\n")
    };
    match numbers.is_empty() {
        true => String::new(),
        false => format!("<dl>\n{}</dl>\n", numbers.iter().map(tile).collect::<String>()),
    }
}
