//! A table of coloured cells.

use super::svg::{Anchor, FONT, Svg, width};
use super::{PALETTE, escape};
use crate::text::shortened;

/// A name longer than this is cut.
const NAME: usize = 18;

/// A cell that is not empty.
pub(crate) struct Cell {
    pub row: usize,
    pub column: usize,
    /// How strong its colour is, in 0..1.
    pub strength: f64,
    /// Whether it is of the first or the second colour.
    pub first: bool,
    pub text: String,
    /// What it tells under the mouse.
    pub title: String,
}

/// As many rows as columns, each with a name.
pub(crate) struct HeatMap<'a> {
    pub label: &'a str,
    /// What rows are, and what columns are.
    pub sides: (&'a str, &'a str),
    pub names: &'a [String],
    pub cells: Vec<Cell>,
}

impl HeatMap<'_> {
    pub fn svg(&self) -> String {
        let names: Vec<String> = self.names.iter().map(|name| shortened(name, NAME)).collect();
        let count = names.len().max(1);
        let cell = (340.0 / count as f64).clamp(10.0, 44.0);
        let longest = names.iter().map(|name| width(name)).fold(0.0, f64::max);
        // Names that are wider than a cell stand askew.
        let askew = longest > cell - 4.0;
        let header = if askew { 0.72 * longest + 12.0 } else { FONT + 6.0 };
        let row_side = format!("{} ↓", self.sides.0);
        let left = longest.max(width(&row_side)) + 10.0;
        let top = FONT + 8.0 + header;
        let right = if askew { 0.72 * longest } else { 2.0 };
        let side = cell * count as f64;
        let mut svg = Svg::new(left + side + right, top + side + 4.0, self.label);
        svg.paper();

        let above = top - 7.0;
        svg.text(
            (left, FONT),
            Anchor::Start,
            &format!("{} →", self.sides.1),
            " font-weight=\"600\"",
        );
        svg.text((left - 8.0, above), Anchor::End, &row_side, " font-weight=\"600\"");
        // Where cells are small, every so-many-th has its name.
        let every = ((FONT + 2.0) / cell).ceil() as usize;
        for (i, name) in names.iter().enumerate().step_by(every) {
            let middle = (i as f64 + 0.5) * cell;
            svg.text((left - 8.0, top + middle + FONT / 3.0), Anchor::End, name, "");
            let (x, anchor) = (left + middle, if askew { Anchor::Start } else { Anchor::Middle });
            let turn = format!(" transform=\"rotate(-45 {x:.1} {above:.1})\"");
            svg.text((x, above), anchor, name, if askew { &turn } else { "" });
        }
        let corner = format_args!("M{left:.1} {top:.1}h{side:.1}v{side:.1}h-{side:.1}z");
        svg.path(corner, " opacity=\"0.3\"");
        for shown in &self.cells {
            self.draw(&mut svg, shown, (left, top), cell);
        }
        svg.finish()
    }

    fn draw(&self, svg: &mut Svg, shown: &Cell, (left, top): (f64, f64), cell: f64) {
        let (x, y) = (left + shown.column as f64 * cell, top + shown.row as f64 * cell);
        let colour = PALETTE[if shown.first { 0 } else { 1 }];
        let opacity = 0.12 + 0.68 * shown.strength.clamp(0.0, 1.0);
        let inner = cell - if cell > 14.0 { 1.5 } else { 0.0 };
        svg.line(format_args!(
            "<g><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{inner:.1}\" \
             height=\"{inner:.1}\" rx=\"2\" style=\"fill:{colour}\" fill-opacity=\"{opacity:.2}\"/>",
            escape(&shown.title)
        ));
        let small = FONT - 1.0;
        if width(&shown.text) * small / FONT <= cell - 2.0 && cell > FONT {
            let middle = (x + inner / 2.0, y + inner / 2.0 + small / 3.0);
            let more = format!(" font-size=\"{small}\"");
            svg.text(middle, Anchor::Middle, &shown.text, &more);
        }
        svg.line(format_args!("</g>"));
    }
}
