//! The page, in one piece.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::http::Response;

const HTML: &str = include_str!("page.html");
const CSS: &str = include_str!("page.css");
/// Scripts, in the order in which they run.
const SCRIPTS: [&str; 3] =
    [include_str!("paper.js"), include_str!("show.js"), include_str!("page.js")];

/// The page. Nothing of it comes from elsewhere, and only its own style and scripts are allowed: those with
/// the random number of this answer.
pub fn page() -> Response {
    let nonce = format!("{:016x}", RandomState::new().build_hasher().finish());
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let html = HTML.replace("NONCE", &nonce);
    let body = html.replace("/* page.css */", CSS).replace("/* scripts */", &SCRIPTS.concat());
    Response {
        status: 200,
        kind: "text/html; charset=utf-8",
        headers: vec![("Content-Security-Policy", policy)],
        body: body.into_bytes(),
    }
}
