//! One HTTP request a connection, within limits of time and size.
//!
//! `httparse` reads the head. `tiny_http` would do more, but it has no limit for a line or for the time of
//! a request, and allocates what a `Content-Length` claims: 10¹⁸ bytes end the program.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// Largest number of bytes of a request before its body.
const MOST_HEAD: usize = 16 << 10;
/// Largest number of headers; browsers send about 20.
const MOST_HEADERS: usize = 64;
/// Time for a whole request.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time and bytes for the rest of a request that was refused.
const LINGER: (Duration, usize) = (Duration::from_secs(1), 4 << 20);

/// Reason phrases of the statuses that are sent.
const REASONS: [(u16, &str); 15] = [
    (200, "OK"),
    (400, "Bad Request"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (408, "Request Timeout"),
    (411, "Length Required"),
    (413, "Content Too Large"),
    (415, "Unsupported Media Type"),
    (421, "Misdirected Request"),
    (429, "Too Many Requests"),
    (431, "Request Header Fields Too Large"),
    (500, "Internal Server Error"),
    (503, "Service Unavailable"),
    (505, "HTTP Version Not Supported"),
];

/// First line and headers of a request.
pub struct Head {
    pub method: String,
    pub path: String,
    headers: Vec<(String, String)>,
}

impl Head {
    /// Returns the value of a header, or the reason to refuse one that occurs twice.
    pub fn header(&self, name: &str) -> Result<Option<&str>, Response> {
        let mut values = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value.trim());
        match values.next() {
            None => Ok(value),
            Some(_) => Err(Response::text(400, format!("two headers `{name}`: send one"))),
        }
    }
}

/// Answer to a request.
pub struct Response {
    pub status: u16,
    pub kind: &'static str,
    /// Further headers: name and value.
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// Answer of one line of text.
    pub fn text(status: u16, line: impl ToString) -> Self {
        let mut body = line.to_string().replace(['\r', '\n'], " ").into_bytes();
        body.push(b'\n');
        Response { status, kind: "text/plain; charset=utf-8", headers: Vec::new(), body }
    }

    /// Adds a header.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

/// Connection with a browser.
pub struct Connection {
    stream: TcpStream,
    /// Bytes that came and were not used.
    rest: Vec<u8>,
    deadline: Instant,
}

impl Connection {
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Connection { stream, rest: Vec::new(), deadline: Instant::now() + PATIENCE })
    }

    /// Reads up to the body. `None` where the browser says nothing: it opens connections in advance.
    pub fn head(&mut self) -> Option<Result<Head, Response>> {
        loop {
            match parse(&self.rest) {
                Ok(Some((head, length))) => {
                    self.rest.drain(..length);
                    return Some(Ok(head));
                }
                Ok(None) if self.rest.len() >= MOST_HEAD => {
                    let most = format!("the headers are longer than {MOST_HEAD} bytes");
                    return Some(Err(Response::text(431, most)));
                }
                Ok(None) => {}
                Err(refusal) => return Some(Err(refusal)),
            }
            match self.more() {
                Ok(()) => {}
                Err(_) if self.rest.is_empty() => return None,
                Err(refusal) => return Some(Err(refusal)),
            }
        }
    }

    /// Reads a body of this length.
    pub fn body(&mut self, length: usize) -> Result<Vec<u8>, Response> {
        while self.rest.len() < length {
            self.more()?;
        }
        self.rest.truncate(length);
        Ok(std::mem::take(&mut self.rest))
    }

    /// Allows a body for which the client waits to be asked.
    pub fn ask_for_body(&mut self) {
        // A client that has left is noticed when its body is read.
        let _ = self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
    }

    /// Waits for some bytes.
    fn more(&mut self) -> Result<(), Response> {
        let slow = || Response::text(408, format!("the request took longer than {PATIENCE:?}"));
        let mut bytes = [0; 8 << 10];
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || self.stream.set_read_timeout(Some(left)).is_err() {
            return Err(slow());
        }
        match self.stream.read(&mut bytes) {
            Ok(0) => Err(Response::text(400, "the request ended too early")),
            Ok(length) => {
                self.rest.extend_from_slice(&bytes[..length]);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(_) => Err(slow()),
        }
    }

    /// Sends an answer, with its body or, for `HEAD`, without.
    pub fn send(&mut self, response: &Response, with_body: bool) -> io::Result<()> {
        let reason = REASONS.iter().find(|(status, _)| *status == response.status);
        let mut head = format!("HTTP/1.1 {} {}\r\n", response.status, reason.map_or("", |r| r.1));
        let fixed = [
            ("Content-Type", response.kind),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Connection", "close"),
        ];
        let further = response.headers.iter().map(|(name, value)| (*name, value.as_str()));
        for (name, value) in fixed.into_iter().chain(further) {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "Content-Length: {}\r\n\r\n", response.body.len());
        self.stream.write_all(head.as_bytes())?;
        if with_body {
            self.stream.write_all(&response.body)?;
        }
        self.stream.shutdown(Shutdown::Write)
    }

    /// Reads what still comes: to close on unread bytes would reset the connection, and the answer be lost.
    pub fn linger(mut self) -> io::Result<()> {
        let (time, most) = LINGER;
        let deadline = Instant::now() + time;
        let (mut bytes, mut count) = ([0; 8 << 10], 0);
        while count < most {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(&mut bytes)? {
                0 => break,
                length => count += length,
            }
        }
        Ok(())
    }
}

/// Reads a head, and returns its length; `None` where it is not whole.
fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, Response> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Response::text(431, format!("more than {MOST_HEADERS} headers")));
        }
        Err(httparse::Error::Version) => {
            return Err(Response::text(505, "only HTTP/1.0 and HTTP/1.1 are understood"));
        }
        Err(error) => return Err(Response::text(400, format!("not a request of HTTP: {error}"))),
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = request.headers.iter().map(|header| (header.name.into(), text(header.value)));
    let head = Head {
        method: request.method.unwrap_or_default().into(),
        path: request.path.unwrap_or_default().into(),
        headers: headers.collect(),
    };
    Ok(Some((head, length)))
}
