//! A picture of maps of numbers, in labelled rows, as SVG.

use std::fmt::Write;

use ndarray::ArrayView2;

/// Width and height of a map, and the gap between two.
const TILE: f64 = 96.0;
const GAP: f64 = 14.0;
/// Width of the labels of rows, and height of those of maps.
const LABELS: f64 = 170.0;
const CAPTION: f64 = 18.0;

/// Mapping of numbers to colours.
#[derive(Clone, Copy)]
pub enum Colours {
    /// From white at 0 to black at the largest.
    Ink,
    /// From blue at the most negative over white at 0 to red at the largest.
    Signed,
}

/// A map of numbers with its name.
pub struct Tile<'a> {
    pub name: String,
    pub values: ArrayView2<'a, f32>,
    pub colours: Colours,
}

/// Rows of maps.
pub struct Picture {
    columns: usize,
    rows: usize,
    body: String,
}

impl Picture {
    /// Creates a picture without rows, with room for this number of maps in each.
    pub fn new(columns: usize) -> Self {
        Picture { columns, rows: 0, body: String::new() }
    }

    /// Adds a row of maps with two lines of text before it.
    pub fn row<'a>(&mut self, title: &str, text: &str, tiles: impl IntoIterator<Item = Tile<'a>>) {
        let top = GAP + self.rows as f64 * (TILE + CAPTION + GAP) + CAPTION;
        let middle = top + TILE / 2.0;
        self.text(GAP, middle - 4.0, "title", title);
        self.text(GAP, middle + 14.0, "", text);
        for (column, tile) in tiles.into_iter().enumerate() {
            let left = LABELS + column as f64 * (TILE + GAP);
            self.text(left, top - 5.0, "", &tile.name);
            self.map(left, top, &tile);
        }
        self.rows += 1;
    }

    /// Writes lines of text in the last row, from a column on.
    pub fn note(&mut self, column: usize, lines: &[&str]) {
        let left = LABELS + column as f64 * (TILE + GAP) + GAP;
        let bottom = self.rows as f64 * (TILE + CAPTION + GAP);
        for (number, line) in lines.iter().enumerate() {
            self.text(left, bottom - TILE / 2.0 + 18.0 * number as f64 - 14.0, "", line);
        }
    }

    fn text(&mut self, x: f64, y: f64, class: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        self.line(&format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>"));
    }

    /// Draws a map: a rectangle for each run of one colour in a row.
    fn map(&mut self, left: f64, top: f64, tile: &Tile<'_>) {
        let (height, width) = tile.values.dim();
        let largest = tile.values.iter().fold(f32::MIN_POSITIVE, |max, value| max.max(value.abs()));
        let size = TILE / height.max(width) as f64;
        for (y, row) in tile.values.rows().into_iter().enumerate() {
            let colours: Vec<String> =
                row.iter().map(|value| colour(value / largest, tile.colours)).collect();
            let mut x = 0;
            for run in colours.chunk_by(|a, b| a == b) {
                let (x0, y0) = (left + x as f64 * size, top + y as f64 * size);
                let (colour, wide) = (&run[0], run.len() as f64 * size);
                self.line(&format!(
                    "<rect x=\"{x0:.2}\" y=\"{y0:.2}\" width=\"{wide:.2}\" height=\"{size:.2}\" \
                     fill=\"{colour}\" stroke=\"{colour}\"/>"
                ));
                x += run.len();
            }
        }
        let (w, h) = (size * width as f64, size * height as f64);
        self.line(&format!(
            "<rect class=\"frame\" x=\"{left}\" y=\"{top}\" width=\"{w:.2}\" height=\"{h:.2}\"/>"
        ));
    }

    fn line(&mut self, line: &str) {
        writeln!(self.body, "{line}").expect("writing to a string");
    }

    /// The whole picture.
    pub fn svg(&self) -> String {
        let width = LABELS + self.columns as f64 * (TILE + GAP);
        let height = GAP + self.rows as f64 * (TILE + CAPTION + GAP);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\">\n\
             <style>text {{ font: 12px sans-serif; fill: #444 }} .title {{ font-weight: bold; \
             font-size: 14px; fill: #111 }} .frame {{ fill: none; stroke: #999 }} rect {{ \
             stroke-width: 0.3 }}</style>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n{}</svg>\n",
            self.body
        )
    }
}

/// The colour of a share of the largest number, in steps of 1/32.
fn colour(share: f32, colours: Colours) -> String {
    let depth = ((share.abs() * 32.0).round() / 32.0).min(1.0);
    let between = |full: f32| (255.0 + (full - 255.0) * depth).round() as u8;
    let [r, g, b] = match colours {
        Colours::Ink => [between(0.0); 3],
        Colours::Signed if share < 0.0 => [between(33.0), between(102.0), between(172.0)],
        Colours::Signed => [between(178.0), between(24.0), between(43.0)],
    };
    format!("#{r:02x}{g:02x}{b:02x}")
}
