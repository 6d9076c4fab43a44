//! Samples worth a look: the worst mistakes, and labels that are perhaps wrong.

use super::Report;
use super::section::{Section, img};
use crate::chart::escape;
use crate::data::Dataset;
use crate::error::Result;
use crate::metrics::Evaluation;
use crate::picture::Picture;
use crate::sequential::summary::thousands;
use crate::text::shortened;

/// How many are shown of each kind.
const SHOWN: usize = 24;

/// How many pixels wide or high a picture should be as a file, at least.
const FILE_SIZE: usize = 112;

pub(super) fn sections(
    report: &Report,
    evaluation: &Evaluation,
    data: &dyn Dataset,
) -> Result<Vec<Section>> {
    // A step of a sequence is no sample that could be shown.
    if evaluation.actual.is_empty() || !evaluation.steps.is_empty() {
        return Ok(Vec::new());
    }
    let mut worst = Section::new("worst", "Worst mistakes");
    let wrong = evaluation.wrong();
    let sure = if evaluation.confidences.is_empty() { "" } else { ", and how sure the model was" };
    match wrong {
        0 => worst.paragraph("There are none."),
        _ => worst.paragraph(&format!(
            "Of {} wrong answers, those with the highest loss: what it is, and what it was taken \
             for{sure}.",
            thousands(wrong)
        )),
    }
    gallery(report, evaluation, data, &evaluation.worst(SHOWN), &mut worst)?;
    let Some(noise) = evaluation.label_noise() else { return Ok(vec![worst]) };
    let mut suspects = Section::new("suspects", "Suspected label errors");
    let found = evaluation.suspects(usize::MAX);
    let named = match found.len() {
        0 => "No sample is named".to_string(),
        1 => "One sample is more likely to have a wrong label than to be a mistake of the model"
            .to_string(),
        count => format!(
            "{} samples are more likely to have a wrong label than to be mistakes of the model. First \
             those where the label is the farthest behind",
            thousands(count)
        ),
    };
    suspects.paragraph(&format!("{} {named}.", escape(&noise.to_string())));
    gallery(report, evaluation, data, &found[..found.len().min(SHOWN)], &mut suspects)?;
    Ok(vec![worst, suspects])
}

/// Samples as pictures, or as rows of a table where they are none.
fn gallery(
    report: &Report,
    evaluation: &Evaluation,
    data: &dyn Dataset,
    samples: &[usize],
    section: &mut Section,
) -> Result<()> {
    let shape = data.input_shape();
    let mut x = vec![0.0; shape.iter().product()];
    let (mut cards, mut rows) = (String::new(), Vec::new());
    for (place, &sample) in samples.iter().enumerate() {
        data.input(sample, &mut x)?;
        let numbers = (evaluation.actual[sample], evaluation.predicted[sample]);
        let (actual, predicted) = (report.class(numbers.0), report.class(numbers.1));
        let sure = evaluation.confidences.get(sample).map(|&p| format!("{:.1}\u{a0}%", 100.0 * p));
        let Some(picture) = Picture::of_sample(&shape, &x) else {
            rows.push(vec![sample.to_string(), actual, predicted, sure.unwrap_or("–".to_string())]);
            continue;
        };
        let alt = format!("Sample {sample}: {actual} taken for {predicted}");
        let sure = sure.map_or(String::new(), |sure| format!("{sure}\u{a0}sure, "));
        cards += &format!(
            "<figure class=\"sample\">{}<figcaption><b title=\"{}\">{} → {}</b>\
             <small>{sure}no.\u{a0}{sample}</small></figcaption></figure>\n",
            img(&picture, &alt),
            escape(&alt),
            escape(&shortened(&actual, 18)),
            escape(&shortened(&predicted, 18)),
        );
        let larger = picture.larger(FILE_SIZE.div_ceil(picture.width().max(picture.height())));
        let name = format!(
            "{}/{}-sample-{sample}-actual-{}-predicted-{}.png",
            section.id,
            place + 1,
            numbers.0,
            numbers.1
        );
        section.files.push((name, larger.png()));
    }
    if !cards.is_empty() {
        section.html += &format!("<div class=\"gallery\">\n{cards}</div>\n");
    }
    if !rows.is_empty() {
        let header = ["sample", "actual", "predicted", "how sure"];
        section.table("Samples by their number in the data set", &header, &rows);
    }
    Ok(())
}
