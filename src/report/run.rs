//! What was run: the model, its settings, and how long it took.

use super::Report;
use super::section::Section;
use crate::kernels::simd_level;
use crate::metrics::History;
use crate::sequential::Sequential;
use crate::sequential::summary::thousands;

pub(super) fn model(model: &Sequential) -> Section {
    let mut section = Section::new("model", "Model");
    let row = |(name, shape, params)| vec![name, shape, thousands(params)];
    let mut rows: Vec<Vec<String>> = model.summary_rows().into_iter().map(row).collect();
    rows.push(vec!["Total".to_string(), String::new(), thousands(model.param_count())]);
    section.table("The layers of the model", &["layer", "output shape", "parameters"], &rows);
    section
}

pub(super) fn settings(report: &Report) -> Option<Section> {
    let mut section = Section::new("settings", "Settings and timings");
    let row = |(name, value): &(String, String)| vec![name.clone(), value.clone()];
    let mut rows: Vec<Vec<String>> = report.settings.iter().map(row).collect();
    if !rows.is_empty() {
        section.table("The settings of the run", &["setting", "value"], &rows);
    }
    rows = report.history.map_or(Vec::new(), |history| timings(history, report.training_samples));
    let machine = format!("{}, vectors of {}", std::env::consts::ARCH, simd_level());
    rows.push(vec!["machine of this report".to_string(), machine]);
    section.table("How long training took", &["timing", "value"], &rows);
    Some(section)
}

fn timings(history: &History, samples: Option<usize>) -> Vec<Vec<String>> {
    let epochs = history.epochs.len();
    if epochs == 0 {
        return Vec::new();
    }
    let seconds = || history.epochs.iter().map(|epoch| epoch.seconds);
    let total: f64 = seconds().sum();
    let mean = total / epochs as f64;
    let fastest = seconds().fold(f64::INFINITY, f64::min);
    let row = |name: &str, value| vec![name.to_string(), value];
    let mut rows = vec![
        row("epochs", thousands(epochs)),
        row("training, without validation", duration(total)),
        row("an epoch on average", duration(mean)),
        row("the fastest epoch", duration(fastest)),
    ];
    if let Some(samples) = samples {
        rows.push(row("samples in an epoch", thousands(samples)));
        rows.extend(rate(samples, mean).map(|rate| row("samples a second", rate)));
    }
    rows
}

/// How many samples a second that is.
pub(super) fn rate(samples: usize, seconds: f64) -> Option<String> {
    (seconds > 0.0).then(|| thousands((samples as f64 / seconds).round() as usize))
}

/// `0.42 s`, `3 min 20 s`, `2 h 5 min`
pub(super) fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{seconds:.2}\u{a0}s"),
        60..3600 => format!("{}\u{a0}min {}\u{a0}s", whole / 60, whole % 60),
        _ => format!("{}\u{a0}h {}\u{a0}min", whole / 3600, whole % 3600 / 60),
    }
}
