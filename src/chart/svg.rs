//! SVG, element by element.

use std::fmt::{Arguments, Write};

/// The size of all letters but those in cells.
pub(super) const FONT: f64 = 13.0;

/// An SVG picture in the making.
pub(super) struct Svg {
    text: String,
}

/// Which end of a text is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    /// `label` is what is read out to those who do not see it.
    pub fn new(width: f64, height: f64, label: &str) -> Svg {
        let mut svg = Svg { text: String::new() };
        svg.line(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
             width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"{}\" \
             color=\"#7d7d7d\" fill=\"currentColor\" font-size=\"{FONT}\" \
             font-family=\"system-ui, sans-serif\">",
            escape(label)
        ));
        svg
    }

    /// White paper and dark ink, where numbers stand on colours. A page that has a background hides
    /// what is of class `paper`.
    pub fn paper(&mut self) {
        self.text = self.text.replace("#7d7d7d", "#1c1e21");
        self.line(format_args!(
            "<rect class=\"paper\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
        ));
    }

    /// An element as it stands.
    pub fn line(&mut self, element: Arguments<'_>) {
        // Nothing can go wrong in writing to a string.
        let _ = writeln!(self.text, "{element}");
    }

    /// A text; `more` are further attributes.
    pub fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, text: &str, more: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escape(text);
        self.line(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\"{more}>{text}</text>"
        ));
    }

    /// A path of the colour of the text; `more` are further attributes.
    pub fn path(&mut self, path: Arguments<'_>, more: &str) {
        self.line(format_args!("<path d=\"{path}\" fill=\"none\" stroke=\"currentColor\"{more}/>"));
    }

    pub fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }
}

/// About how wide a text is.
pub(super) fn width(text: &str) -> f64 {
    FONT * text.chars().map(|c| if c.is_ascii() { 0.57 } else { 1.0 }).sum::<f64>()
}

/// What a text has instead of characters that mean something else in XML, or nothing at all.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
