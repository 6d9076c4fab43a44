//! The example as a program, and a client of HTTP as small as can be.

use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chainrule::intake::Grey;
use chainrule::prelude::*;
use serde_json::Value;

/// Server of the page; it ends with this value.
pub struct Program {
    pub child: Child,
    pub port: u16,
}

/// Answer to a request.
pub struct Answer {
    pub status: u16,
    /// Headers, in lower case.
    pub head: String,
    pub body: Vec<u8>,
}

/// Command that runs the example.
pub fn command() -> Command {
    let test = std::env::current_exe().unwrap();
    let path = test.ancestors().nth(2).unwrap().join("examples/draw");
    assert!(path.exists(), "first run `cargo build --all-features --example draw`");
    Command::new(path)
}

impl Program {
    /// Starts it on a free port.
    pub fn start() -> Self {
        let mut child = command().args(["--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.strip_suffix("/\n"));
        let port = port.unwrap_or_else(|| panic!("{line:?} is no address")).parse().unwrap();
        Program { child, port }
    }

    /// Opens a connection.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Sends bytes, and returns the answer.
    pub fn send(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        // A server that has answered may read no further.
        let _ = stream.write_all(request);
        Answer::read(stream)
    }

    /// Sends a request with this first line, headers besides `Host`, and a body.
    pub fn ask(&self, line: &str, headers: &str, body: &[u8]) -> Answer {
        let head = format!("{line} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{headers}\r\n", self.port);
        self.send(&[head.as_bytes(), body].concat())
    }

    /// Posts a drawing.
    pub fn draw(&self, path: &str, drawing: &[u8]) -> Answer {
        let headers = format!("Content-Type: image/png\r\nContent-Length: {}\r\n", drawing.len());
        self.ask(&format!("POST {path}"), &headers, drawing)
    }

    /// Posts a drawing, and returns the answer as JSON.
    pub fn json(&self, path: &str, drawing: &[u8]) -> Value {
        let answer = self.draw(path, drawing);
        assert_eq!(answer.status, 200, "{}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    /// Reads until the server ends the connection.
    pub fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: bytes[end + 4..].to_vec() }
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// PNG of a digit of the test set, dark on light and ten times as large, as one would draw it.
pub fn digit(class: u8) -> Vec<u8> {
    let test = Mnist::sample().test;
    // The first 5 of the set is hard to read.
    let index = (0..test.len()).filter(|&index| test.label(index) == class).nth(1).unwrap();
    let image = test.image(index).mapv(|ink| 255 - ink);
    let grey = Grey::from_bytes(28, 28, image.as_slice().unwrap()).unwrap();
    png(&grey.resize(280, 280).unwrap())
}

/// PNG of a picture, in its own size.
pub fn png(grey: &Grey) -> Vec<u8> {
    let (height, width) = (grey.height() as u32, grey.width() as u32);
    let bytes = grey.pixels().iter().map(|pixel| (255.0 * pixel).round() as u8).collect();
    let image = image::GrayImage::from_raw(width, height, bytes).unwrap();
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}
