//! The page around the sections.

use super::Report;
use super::headline::headline;
use super::section::Section;
use crate::chart::escape;

const STYLE: &str = include_str!("style.css");

pub(super) fn page(report: &Report, sections: &[Section]) -> String {
    let title = escape(&report.title);
    let link = |s: &Section| format!("<a href=\"#{}\">{}</a>\n", s.id, s.title);
    let links: String = sections.iter().map(link).collect();
    let part = |s: &Section| {
        format!("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", s.id, s.title, s.html)
    };
    let parts: String = sections.iter().map(part).collect();
    let (headline, version) = (headline(report), env!("CARGO_PKG_VERSION"));
    format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>\n{headline}<nav aria-label=\"Sections\">\n{links}</nav>\n</header>\n\
         <main>\n{parts}</main>\n<footer>Made by chainrule {version}</footer>\n</body>\n</html>\n"
    )
}
