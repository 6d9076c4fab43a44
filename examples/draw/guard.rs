//! Conditions on a request before its drawing is decoded.

use std::time::{Duration, Instant};

use crate::http::{Head, Response};

/// Largest number of bytes of a body.
pub const MOST_BODY: usize = 1 << 20;
/// Largest number of drawings a second.
pub const RATE: u32 = 60;

/// Refuses what does not come from the page.
///
/// A foreign page may lead its own name to 127.0.0.1 (DNS rebinding): its requests name that host. Or it
/// sends requests here: their origin is the foreign page.
pub fn comes_from_the_page(head: &Head, port: u16) -> Result<(), Response> {
    let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let host = head.header("host")?.unwrap_or_default();
    let known = |name: &str| hosts.iter().any(|host| host.eq_ignore_ascii_case(name));
    // Browsers leave out port 80.
    if !(known(host) || port == 80 && known(&format!("{host}:80"))) {
        let text = format!("unknown host: the page is http://{}/", hosts[0]);
        return Err(Response::text(421, text));
    }
    match head.header("origin")? {
        Some(origin) if origin.strip_prefix("http://") != Some(host) => {
            Err(Response::text(403, "only this page may ask"))
        }
        _ => Ok(()),
    }
}

/// Returns the length of a body that is a picture by its headers, or the reason to refuse it.
pub fn body_length(head: &Head) -> Result<usize, Response> {
    let kind = head.header("content-type")?.unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !["image/png", "image/jpeg"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        let text = "send the drawing as image/png, and say so in `Content-Type`";
        return Err(Response::text(415, text));
    }
    let text = "say the length of the drawing in `Content-Length`, and send it in one piece";
    if head.header("transfer-encoding")?.is_some() {
        return Err(Response::text(411, text));
    }
    let Some(length) = head.header("content-length")? else {
        return Err(Response::text(411, text));
    };
    if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Response::text(400, "`Content-Length` is no number"));
    }
    match length.parse() {
        Ok(length) if length <= MOST_BODY => Ok(length),
        _ => Err(Response::text(413, format!("a drawing has at most {MOST_BODY} bytes"))),
    }
}

/// Token bucket: lets `RATE` drawings a second pass, in bursts of at most as many.
pub struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// Full bucket.
    pub fn new() -> Self {
        Bucket { tokens: RATE.into(), at: Instant::now() }
    }

    /// Takes a token, or says when there will be one.
    pub fn take(&mut self) -> Result<(), Duration> {
        let rate = f64::from(RATE);
        let now = Instant::now();
        let gained = rate * now.duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + gained).min(rate);
        self.at = now;
        if self.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - self.tokens) / rate));
        }
        self.tokens -= 1.0;
        Ok(())
    }
}
