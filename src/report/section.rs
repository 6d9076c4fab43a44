//! A part of the page, and the pictures in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::chart::escape;
use crate::picture::Picture;

/// A heading, and what stands under it.
pub(super) struct Section {
    /// Its place in the page's address.
    pub id: &'static str,
    pub title: &'static str,
    pub html: String,
    /// The names and contents of its pictures as files.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Section {
    pub fn new(id: &'static str, title: &'static str) -> Self {
        Section { id, title, html: String::new(), files: Vec::new() }
    }

    /// A paragraph of our own words, which may hold tags.
    pub fn paragraph(&mut self, html: &str) {
        self.html += &format!("<p>{html}</p>\n");
    }

    /// Charts beside each other where there is room; each becomes a file of its name.
    pub fn charts<'a>(&mut self, charts: impl IntoIterator<Item = (&'a str, String)>) {
        self.html += "<div class=\"charts\">\n";
        for (name, svg) in charts {
            self.html += &format!("<figure class=\"chart\">{svg}</figure>\n");
            self.files.push((format!("{name}.svg"), svg.into_bytes()));
        }
        self.html += "</div>\n";
    }

    /// A table; the cells of the first column are the rows' headings, and all others numbers.
    pub fn table(&mut self, caption: &str, header: &[&str], rows: &[Vec<String>]) {
        let (class, mut html) = ("scroll", format!("<caption>{}</caption>\n<tr>", escape(caption)));
        for name in header {
            html += &format!("<th scope=\"col\">{}</th>", escape(name));
        }
        html += "</tr>\n";
        for row in rows {
            html += "<tr>";
            for (i, cell) in row.iter().enumerate() {
                let (open, close) = if i == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
                html += &format!("<{open}>{}</{close}>", escape(cell));
            }
            html += "</tr>\n";
        }
        self.html += &format!("<div class=\"{class}\"><table>{html}</table></div>\n");
    }

    /// What a reader may open who wants to know more.
    pub fn details(&mut self, summary: &str, inside: impl FnOnce(&mut Section)) {
        self.html += &format!("<details><summary>{}</summary>\n", escape(summary));
        inside(self);
        self.html += "</details>\n";
    }
}

/// A picture as part of a page; `alt` says what it shows.
pub(super) fn img(picture: &Picture, alt: &str) -> String {
    let (width, height) = (picture.width(), picture.height());
    // Few pixels are to be seen as such.
    let class = if width.max(height) <= 64 { "pixels" } else { "photo" };
    let data = STANDARD.encode(picture.png());
    format!(
        "<img class=\"{class}\" alt=\"{}\" width=\"{width}\" height=\"{height}\" \
         src=\"data:image/png;base64,{data}\"/>",
        escape(alt)
    )
}

/// `98.57 %`, and `–` where it is not known.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or("–".to_string(), |share| format!("{:.2}\u{a0}%", 100.0 * share))
}
