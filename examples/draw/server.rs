//! Routes and threads of the page's server.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use chainrule::error::{Error as LibraryError, PictureError, Result as LibraryResult};
use serde_json::Value;

use crate::answer::Reader;
use crate::guard::{Bucket, RATE, body_length, comes_from_the_page};
use crate::http::{Connection, Head, Response};
use crate::page::page;

/// Largest number of connections at once; each has a thread. A browser opens about six.
const MOST_CONNECTIONS: usize = 64;

/// Server of the page.
pub struct Server {
    port: u16,
    reader: Reader,
    bucket: Mutex<Bucket>,
    /// Held while a drawing is read: one at a time, so that memory is bounded.
    turn: Mutex<()>,
    open: AtomicUsize,
}

/// Counts a connection until it is dropped, also by a panic.
struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Request for a drawing to be read.
enum Question {
    Read,
    Towards(usize),
}

impl Server {
    pub fn new(listener: &TcpListener, reader: Reader) -> io::Result<Self> {
        Ok(Server {
            port: listener.local_addr()?.port(),
            reader,
            bucket: Mutex::new(Bucket::new()),
            turn: Mutex::new(()),
            open: AtomicUsize::new(0),
        })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers until the program is ended.
    pub fn serve(&self, listener: &TcpListener) -> ! {
        thread::scope(|scope| {
            loop {
                let Ok((stream, _)) = listener.accept() else {
                    // Too many open files, or a client that has left again.
                    thread::sleep(Duration::from_millis(50));
                    continue;
                };
                let counted = Counted(&self.open);
                if self.open.fetch_add(1, Ordering::Relaxed) >= MOST_CONNECTIONS {
                    too_many(stream);
                    continue;
                }
                let answer = move || {
                    self.connection(stream);
                    drop(counted);
                };
                // Without a thread the connection is closed, and the next may have one.
                let _ = thread::Builder::new().spawn_scoped(scope, answer);
            }
        })
    }

    /// Answers one request.
    fn connection(&self, stream: TcpStream) {
        let Ok(mut connection) = Connection::new(stream) else { return };
        let (response, with_body) = match connection.head() {
            None => return,
            Some(Err(refusal)) => (refusal, true),
            Some(Ok(head)) => {
                let answer = self.answer(&head, &mut connection);
                (answer.unwrap_or_else(|refusal| refusal), head.method != "HEAD")
            }
        };
        // A client that has left misses its answer, and nothing else.
        if connection.send(&response, with_body).is_ok() {
            let _ = connection.linger();
        }
    }

    /// Returns the answer to a request, or the refusal.
    fn answer(&self, head: &Head, connection: &mut Connection) -> Result<Response, Response> {
        comes_from_the_page(head, self.port)?;
        let path = head.path.split('?').next().unwrap_or_default();
        let question = match path {
            "/" => None,
            "/read" => Some(Question::Read),
            path => match path.strip_prefix("/towards/").map(str::as_bytes) {
                Some(&[digit @ b'0'..=b'9']) => Some(Question::Towards((digit - b'0').into())),
                Some(_) => return Err(Response::text(404, "a drawing becomes a digit, 0 to 9")),
                None => return Err(Response::text(404, "there is nothing here: the page is /")),
            },
        };
        let allowed = if question.is_some() { "POST" } else { "GET, HEAD" };
        if !allowed.split(", ").any(|method| method == head.method) {
            let refusal = Response::text(405, format!("the method must be {allowed}"));
            return Err(refusal.with("Allow", allowed));
        }
        let Some(question) = question else { return Ok(page()) };
        let length = body_length(head)?;
        self.pass()?;
        if head.header("expect")?.is_some() {
            connection.ask_for_body();
        }
        let drawing = connection.body(length)?;
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        json(match question {
            Question::Read => self.reader.read(&drawing),
            Question::Towards(class) => self.reader.towards(&drawing, class),
        })
    }

    /// Refuses more drawings a second than `RATE`.
    fn pass(&self) -> Result<(), Response> {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take().map_err(|wait| {
            let text = format!("more than {RATE} drawings a second: wait a little");
            Response::text(429, text).with("Retry-After", wait.as_secs_f64().ceil())
        })
    }
}

/// Refuses a connection without a thread of its own.
fn too_many(stream: TcpStream) {
    if let Ok(mut connection) = Connection::new(stream) {
        let _ = connection.send(&Response::text(503, "too many connections at once"), true);
    }
}

/// The answer as JSON, or the refusal of a picture in the library's words.
fn json(result: LibraryResult<Value>) -> Result<Response, Response> {
    match result {
        Ok(value) => Ok(Response {
            status: 200,
            kind: "application/json",
            headers: Vec::new(),
            body: value.to_string().into_bytes(),
        }),
        Err(error @ LibraryError::Picture(PictureError::TooLarge { .. })) => {
            Err(Response::text(413, error))
        }
        Err(error @ (LibraryError::Picture(_) | LibraryError::Intake(_))) => {
            Err(Response::text(400, error))
        }
        Err(error) => Err(Response::text(500, error)),
    }
}
