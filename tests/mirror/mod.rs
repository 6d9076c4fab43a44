//! An HTTP server on this machine, whose mirrors are good and bad in every way.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;

/// What the script is to fetch: name, content before its hundredfold repetition, and the SHA-256 of
/// that repetition.
pub const FILES: [(&str, &str, &str); 2] = [
    (
        "images.gz",
        "the pixels ",
        "88cd2a91b148b98d86cf77532c6f2e6fca6724bc4a96ba8ae071a8abfa7445df",
    ),
    (
        "labels.gz",
        "the labels ",
        "dc59d3ebab703c6861fafb1ee3508561b12a0e8c919412d02f679ba6d9c7fb48",
    ),
];

/// A hundred times `content`, compressed.
pub fn gzip(content: &str, level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(content.repeat(100).as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The body that the mirror of this name serves, and the length that it announces.
fn body(mirror: &str, content: &str) -> Option<(Vec<u8>, usize)> {
    let good = gzip(content, 6);
    let length = good.len();
    Some(match mirror {
        "good" => (good, length),
        "stored" => (gzip(content, 0), gzip(content, 0).len()),
        "truncated" => (good[..length / 2].to_vec(), length / 2),
        "cut" => (good[..length / 2].to_vec(), length),
        "damaged" => {
            let mut damaged = good;
            damaged[length - 8] ^= 1; // the checksum of gzip
            (damaged, length)
        }
        "other" => (gzip("else", 6), gzip("else", 6).len()),
        "page" => (b"<html>Log in</html>".to_vec(), 19),
        _ => return None,
    })
}

/// Answers `GET /mirror/name`, one request a connection.
fn answer(stream: TcpStream) -> Option<()> {
    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let request = lines.next()?;
    lines.find(String::is_empty)?;
    let mut parts = request.split_whitespace().nth(1)?.split('/').skip(1);
    let (mirror, name) = (parts.next()?, parts.next()?);
    let content = FILES.iter().find(|file| file.0 == name).map(|file| file.1);
    let (status, (body, length)) = match content.and_then(|content| body(mirror, content)) {
        Some(answer) => ("200 OK", answer),
        None => ("404 Not Found", (b"nothing here".to_vec(), 12)),
    };
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    (&stream).write_all(&[head.as_bytes(), &body].concat()).ok()
}

/// The server. It ends with the process.
pub struct Server {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                counter.fetch_add(1, Ordering::SeqCst);
                answer(stream);
            }
        });
        Server { url, requests }
    }

    /// The URL of a mirror, by its name in [`body`].
    pub fn mirror(&self, name: &str) -> String {
        format!("{}/{name}", self.url)
    }

    /// How many requests have come so far.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}
