//! Which classes are taken for which, and how well each is recognized.

use super::Report;
use super::section::{Section, percent};
use crate::chart::{Cell, HeatMap, escape};
use crate::metrics::{ClassScores, Confusion, Evaluation};
use crate::sequential::summary::thousands;

/// Of more classes, the picture shows those with the most mistakes.
const SHOWN: usize = 40;

/// How many of the most frequent mistakes are listed.
const LISTED: usize = 10;

pub(super) fn section(report: &Report, evaluation: &Evaluation) -> Option<Section> {
    if evaluation.actual.is_empty() {
        return None;
    }
    let confusion = evaluation.confusion(evaluation.classes);
    let mut section = Section::new("confusion", "Confusion");
    let shown = confusion.most_confused(SHOWN);
    let some = if shown.len() < evaluation.classes {
        format!(" Of {} classes, it shows the {SHOWN} with the most mistakes.", evaluation.classes)
    } else {
        String::new()
    };
    section.paragraph(&format!(
        "How often samples of a class (row) were given another (column). Blue cells are right, the \
         stronger the larger the share of the row; orange ones are wrong, on a scale of their own, \
         up to the most frequent mistake.{some}"
    ));
    section.html += "<div class=\"beside\">\n";
    section.charts([("confusion", picture(report, &confusion, &shown))]);
    frequent(report, &confusion, &mut section);
    section.html += "</div>\n";
    table(report, &confusion, &mut section);
    Some(section)
}

fn picture(report: &Report, confusion: &Confusion, shown: &[usize]) -> String {
    let names: Vec<String> = shown.iter().map(|&class| report.class(class)).collect();
    let pairs =
        || (0..shown.len()).flat_map(|row| (0..shown.len()).map(move |column| (row, column)));
    let count = |(row, column): (usize, usize)| confusion.counts[shown[row]][shown[column]];
    let most = pairs().filter(|(row, column)| row != column).map(count).max().unwrap_or(0);
    let cell = |(row, column): (usize, usize)| {
        let count = count((row, column));
        let there: usize = confusion.counts[shown[row]].iter().sum();
        let share = count as f64 / there.max(1) as f64;
        let right = row == column;
        let verb = if right { "recognized" } else { "taken for" };
        let whom = if right { "" } else { &names[column] };
        let title = format!(
            "{} {verb} {whom}: {} of {} ({:.1} %)",
            names[row],
            thousands(count),
            thousands(there),
            100.0 * share
        );
        Cell {
            row,
            column,
            // One mistake is to be seen beside a hundred.
            strength: if right { 0.7 * share } else { (count as f64 / most.max(1) as f64).sqrt() },
            first: right,
            text: count.to_string(),
            title: title.replace(" :", ":"),
        }
    };
    let cells = pairs().filter(|&pair| count(pair) > 0).map(cell).collect();
    let label = "Confusion matrix: rows are actual classes, columns predicted ones";
    HeatMap { label, sides: ("actual", "predicted"), names: &names, cells }.svg()
}

fn frequent(report: &Report, confusion: &Confusion, section: &mut Section) {
    let mistakes = confusion.mistakes();
    if mistakes.is_empty() {
        return;
    }
    section.html += "<div><h3>Most frequent mistakes</h3>\n<ol>\n";
    for &(actual, predicted, count) in mistakes.iter().take(LISTED) {
        let (actual, predicted) = (report.class(actual), report.class(predicted));
        section.html += &format!(
            "<li><b>{}</b> taken for <b>{}</b>: {}</li>\n",
            escape(&actual),
            escape(&predicted),
            thousands(count)
        );
    }
    section.html += "</ol></div>\n";
}

fn table(report: &Report, confusion: &Confusion, section: &mut Section) {
    let scores = confusion.report();
    let row = |name: String, s: ClassScores| {
        let of = |share| percent(Some(share));
        vec![name, of(s.precision), of(s.recall), of(s.f1), thousands(s.support)]
    };
    let classes = scores.classes.iter().enumerate();
    let rows: Vec<_> = classes.map(|(class, &s)| row(report.class(class), s)).collect();
    let means = vec![
        row("macro average".to_string(), scores.macro_average()),
        row("weighted average".to_string(), scores.weighted_average()),
    ];
    section.html += "<h3>Class by class</h3>\n";
    section.paragraph(
        "Precision is the share of right answers among those that name the class, recall the share \
         of its samples that were found, and F1 their harmonic mean. In the macro average all classes \
         count the same, in the weighted one as much as they have samples.",
    );
    let header = ["class", "precision", "recall", "F1", "samples"];
    let caption = "Precision, recall and F1";
    if rows.len() <= SHOWN {
        section.table(caption, &header, &[rows, means].concat());
    } else {
        section.table(caption, &header, &means);
        let all = format!("All {} classes", thousands(rows.len()));
        section.details(&all, |section| section.table(caption, &header, &rows));
    }
}
