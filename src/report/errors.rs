//! Errors of predicted numbers: a plot of the residuals, and the largest.

use super::Report;
use super::section::Section;
use crate::chart::{Scatter, number};
use crate::metrics::{Evaluation, Regression, RegressionScores};
use crate::sequential::summary::thousands;

/// Largest number of outputs that have a plot of their residuals.
const PLOTS: usize = 6;

/// Largest number of outputs in the table; the others are in one to open.
const LISTED: usize = 40;

/// Number of samples in the table of the largest errors.
const WORST: usize = 24;

pub(super) fn section(report: &Report, evaluation: &Evaluation) -> Option<Section> {
    let regression = evaluation.regression()?;
    let mut section = Section::new("errors", "Errors");
    let outputs = regression.outputs.len();
    let some = match outputs > PLOTS {
        true => format!(" Of {} outputs, those with the lowest R² are shown.", thousands(outputs)),
        false => String::new(),
    };
    section.paragraph(&format!(
        "A dot for each sample: what was predicted, and the residual, the target less the prediction. \
         Good predictions have dots in a level band around the dashed line; a slope or a bend is a part \
         of the targets that the model missed, and a wedge an error that grows with the prediction.{some}"
    ));
    let mut plotted: Vec<usize> = (0..outputs).collect();
    let r2 = |output: usize| regression.outputs[output].r2;
    plotted.sort_by(|&a, &b| r2(a).total_cmp(&r2(b)));
    plotted.truncate(PLOTS);
    plotted.sort_unstable();
    let charts: Vec<(String, String)> = plotted
        .into_iter()
        .map(|output| match outputs {
            1 => ("residuals".to_string(), plot(evaluation, output, "predicted", "residual")),
            _ => {
                let name = match report.class(output) {
                    name if name == output.to_string() => format!("output {name}"),
                    name => name,
                };
                let axes = (format!("predicted {name}"), format!("residual of {name}"));
                (format!("residuals-{output}"), plot(evaluation, output, &axes.0, &axes.1))
            }
        })
        .collect();
    section.charts(charts.iter().map(|(name, svg)| (&name[..], svg.clone())));
    scores(report, &regression, &mut section);
    worst(report, evaluation, &mut section);
    Some(section)
}

fn plot(evaluation: &Evaluation, output: usize, x: &str, y: &str) -> String {
    let (predictions, targets) =
        (evaluation.predictions.column(output), evaluation.targets.column(output));
    let pairs = predictions.iter().zip(targets).map(|(&p, &t)| (f64::from(p), f64::from(t)));
    let points: Vec<(f64, f64)> = pairs.map(|(p, t)| (p, t - p)).collect();
    Scatter { names: (x, y), points: &points, level: 0.0 }.svg()
}

fn scores(report: &Report, regression: &Regression, section: &mut Section) {
    let row = |name: String, s: RegressionScores| {
        vec![name, number(s.mae), number(s.rmse), format!("{:.4}", s.r2)]
    };
    let outputs = regression.outputs.iter().enumerate();
    let rows: Vec<_> = outputs.map(|(output, &s)| row(report.class(output), s)).collect();
    let mean = vec![row("mean".to_string(), regression.mean())];
    section.paragraph(
        "MAE is the mean absolute error and RMSE the root of the mean squared error, both in units of \
         the target. R² is the share of the variance of the targets that the predictions explain: 0 is \
         as good as their mean.",
    );
    let (header, caption) = (["output", "MAE", "RMSE", "R²"], "Errors of each output");
    match rows.len() {
        1 => section.table(caption, &header, &rows),
        2..=LISTED => section.table(caption, &header, &[rows, mean].concat()),
        count => {
            section.table(caption, &header, &mean);
            let all = format!("All {} outputs", thousands(count));
            section.details(&all, |section| section.table(caption, &header, &rows));
        }
    }
}

/// The samples with the highest loss, each with the output that is the farthest off.
fn worst(report: &Report, evaluation: &Evaluation, section: &mut Section) {
    let several = evaluation.targets.ncols() > 1;
    let row = |sample: usize| {
        let (predictions, targets) =
            (evaluation.predictions.row(sample), evaluation.targets.row(sample));
        let off = |output: usize| (targets[output] - predictions[output]).abs();
        let output = (0..targets.len()).max_by(|&a, &b| off(a).total_cmp(&off(b))).unwrap_or(0);
        let name = several.then(|| report.class(output));
        let (p, t) = (f64::from(predictions[output]), f64::from(targets[output]));
        let numbers = [p, t, t - p, f64::from(evaluation.losses[sample])].map(number);
        [sample.to_string()].into_iter().chain(name).chain(numbers).collect()
    };
    let rows: Vec<Vec<String>> = evaluation.worst(WORST).into_iter().map(row).collect();
    let header = ["sample", "output", "predicted", "target", "residual", "loss"];
    let header: Vec<&str> =
        header.into_iter().filter(|&name| several || name != "output").collect();
    section.html += "<h3>Largest errors</h3>\n";
    if several {
        section.paragraph("Of each sample, the output that is the farthest off.");
    }
    section.table("Samples with the highest loss", &header, &rows);
}
