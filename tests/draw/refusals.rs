//! Refusals: each with a status and one line of text, and the program answers the next request.

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use chainrule::intake::Grey;
use chainrule::random::Key;

use super::client::{Answer, Program, command, digit, png};

/// Fails unless the answer is one line that contains a text, with a status.
#[track_caller]
fn refused(answer: &Answer, status: u16, text: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.head.contains("content-type: text/plain"), "{}", answer.head);
    let said = answer.text();
    assert!(said.contains(text) && said.ends_with('\n') && said.lines().count() == 1, "{said}");
}

#[test]
fn what_is_no_drawing_is_refused() {
    let program = Program::start();
    let png = digit(7);
    let post = |headers: &str, body: &[u8]| program.ask("POST /read", headers, body);
    let kind = "Content-Type: image/png\r\n";

    refused(&program.draw("/read", b"a letter"), 400, "expected a whole picture, PNG or JPEG");
    refused(&program.draw("/read", &png[..200]), 400, "expected a whole picture");
    refused(&program.draw("/read", b""), 400, "expected a whole picture");
    refused(&post("Content-Length: 3\r\n", b"abc"), 415, "image/png");
    refused(&post("Content-Type: text/html\r\nContent-Length: 3\r\n", b"abc"), 415, "image/png");
    refused(&post(kind, &png), 411, "Content-Length");
    let chunks = format!("{kind}Transfer-Encoding: chunked\r\n");
    refused(&post(&chunks, b"3\r\nabc\r\n0\r\n\r\n"), 411, "in one piece");
    for length in ["-1", "+3", "three", "", "0x10"] {
        refused(&post(&format!("{kind}Content-Length: {length}\r\n"), b"abc"), 400, "no number");
    }
    let twice = format!("{kind}Content-Length: 3\r\nContent-Length: 4\r\n");
    refused(&post(&twice, b"abcd"), 400, "two headers");

    let too_long = vec![0; (1 << 20) + 1];
    refused(&program.draw("/read", &too_long), 413, "at most 1048576 bytes");
    for length in ["1048577", "1000000000000000000", "99999999999999999999999999"] {
        refused(&post(&format!("{kind}Content-Length: {length}\r\n"), b""), 413, "at most 1048576");
    }
    // More came than was announced: the rest is not read as a part of the drawing.
    let short = format!("{kind}Content-Length: 8\r\n");
    refused(&post(&short, &[&png[..], &too_long].concat()), 400, "expected a whole picture");
}

#[test]
fn a_small_file_that_decodes_to_a_large_picture_is_refused() {
    let program = Program::start();
    let huge = png(&Grey::new(5000, 5000, vec![1.0; 5000 * 5000]).unwrap());
    assert!(huge.len() < 1 << 20);
    refused(&program.draw("/read", &huge), 413, "5000×5000 pixels");
}

#[test]
fn a_drawing_that_ends_early_is_refused() {
    let program = Program::start();
    let mut stream = program.connect();
    let head = format!(
        "POST /read HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: image/png\r\nContent-Length: 500\r\n\r\nabc",
        program.port
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    refused(&Answer::read(stream), 400, "ended too early");
}

#[test]
fn a_slow_request_is_refused_and_others_are_answered_meanwhile() {
    let program = Program::start();
    // A browser opens connections in advance, and says nothing in them.
    let silent: Vec<TcpStream> = (0..20).map(|_| program.connect()).collect();
    let mut slow = program.connect();
    slow.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
    assert_eq!(program.json("/read", &digit(2))["best"], 2);
    refused(&Answer::read(slow), 408, "longer than 5s");
    drop(silent);
}

#[test]
fn other_paths_and_methods_are_refused() {
    let program = Program::start();
    for path in ["/favicon.ico", "/read/", "/../etc/passwd", "/READ", "*", "http://127.0.0.1/"] {
        refused(&program.ask(&format!("GET {path}"), "", b""), 404, "the page is /");
    }
    for path in ["/towards/", "/towards/10", "/towards/x", "/towards/3/"] {
        refused(&program.draw(path, &digit(1)), 404, "0 to 9");
    }
    for (line, allowed) in [
        ("POST /", "get, head"),
        ("OPTIONS /", "get, head"),
        ("GET /read", "post"),
        ("OPTIONS /read", "post"),
        ("PUT /towards/3", "post"),
    ] {
        let answer = program.ask(line, "", b"");
        refused(&answer, 405, "the method must be");
        assert!(answer.head.contains(&format!("\r\nallow: {allowed}\r\n")), "{}", answer.head);
    }
}

#[test]
fn other_pages_cannot_ask() {
    let program = Program::start();
    let port = program.port;
    let get = |host: &str| program.send(format!("GET / HTTP/1.1\r\n{host}\r\n").as_bytes());
    for host in ["evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.evil.example", ""] {
        refused(&get(&format!("Host: {host}\r\n")), 421, &format!("http://127.0.0.1:{port}/"));
    }
    refused(&get(&format!("Host: evil.example:{port}\r\n")), 421, "unknown host");
    refused(&get(""), 421, "unknown host");
    let twice = format!("Host: localhost:{port}\r\nHost: evil.example\r\n");
    refused(&get(&twice), 400, "two headers");
    assert_eq!(get(&format!("Host: LocalHost:{port}\r\n")).status, 200);

    let origin = |origin: &str| program.ask("GET /", &format!("Origin: {origin}\r\n"), b"");
    for other in ["http://evil.example", "null", "http://127.0.0.1", "http://localhost:1"] {
        refused(&origin(other), 403, "only this page");
    }
    refused(&origin(&format!("https://127.0.0.1:{port}")), 403, "only this page");
    assert_eq!(origin(&format!("http://127.0.0.1:{port}")).status, 200);
}

#[test]
fn a_head_without_end_is_refused() {
    let program = Program::start();
    let long = format!("X: {}\r\n", "x".repeat(20_000));
    refused(&program.ask("GET /", &long, b""), 431, "longer than 16384 bytes");
    refused(&program.ask(&format!("GET /{}", "x".repeat(1 << 20)), "", b""), 431, "longer than");
    refused(&program.ask("GET /", &"X: 1\r\n".repeat(100), b""), 431, "more than 64 headers");
}

#[test]
fn more_drawings_than_sixty_a_second_are_refused() {
    let program = Program::start();
    let ask = || {
        let mut answers = (0..100).map(|_| program.draw("/read", b"no picture"));
        answers.find(|answer| answer.status == 429)
    };
    let answers: Vec<Answer> =
        thread::scope(|scope| [(); 4].map(|()| scope.spawn(ask)).map(|one| one.join().unwrap()))
            .into_iter()
            .flatten()
            .collect();
    let refusal = answers.first().expect("400 drawings at once");
    refused(refusal, 429, "more than 60 drawings a second");
    assert!(refusal.head.contains("\r\nretry-after: 1\r\n"), "{}", refusal.head);
    assert_eq!(program.ask("GET /", "", b"").status, 200, "the page itself is no drawing");
    thread::sleep(Duration::from_secs(1));
    assert_eq!(program.json("/read", &digit(0))["best"], 0);
}

#[test]
fn two_thousand_requests_of_garbage_leave_it_alive() {
    let program = Program::start();
    let drawing = digit(5);
    let head = format!(
        "POST /read HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: image/png\r\nContent-Length: {}\r\n\r\n",
        program.port,
        drawing.len()
    );
    let whole = [head.as_bytes(), &drawing].concat();
    for index in 0..2000u64 {
        let key = Key::new(9).fold(index);
        let byte = |k: u32| (key.unit(k) * 256.0) as u8;
        let below = |k: u32, end: usize| (key.unit(k) * end as f32) as usize;
        let request = match index % 4 {
            0 => (2..2 + below(1, 300) as u32).map(byte).collect(),
            // A whole request, cut off.
            1 => whole[..below(1, whole.len())].to_vec(),
            // A few bytes of a whole request are others: of its head, or anywhere.
            kind => {
                let mut request = whole.clone();
                let end = if kind == 2 { head.len() } else { request.len() };
                (0..4).for_each(|k| request[below(10 + k, end)] = byte(20 + k));
                request
            }
        };
        let mut stream = program.connect();
        let _ = stream.write_all(&request);
        let _ = stream.shutdown(Shutdown::Write);
        if !index.is_multiple_of(8) {
            let mut answer = Vec::new();
            let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
            let is_http = answer.is_empty() || answer.starts_with(b"HTTP/1.1 ");
            assert!(is_http, "{}", String::from_utf8_lossy(&answer));
            let internal = answer.starts_with(b"HTTP/1.1 500");
            assert!(!internal, "{}", String::from_utf8_lossy(&answer));
        }
    }
    thread::sleep(Duration::from_secs(1));
    assert_eq!(program.json("/read", &drawing)["best"], 5);
}

#[test]
fn more_connections_than_it_holds_are_refused() {
    let program = Program::start();
    let silent: Vec<TcpStream> = (0..64).map(|_| program.connect()).collect();
    refused(&Answer::read(program.connect()), 503, "too many connections");
    drop(silent);
    // They are noticed to be closed in a moment.
    let mut answers = (0..100).map(|_| {
        thread::sleep(Duration::from_millis(20));
        program.send(b"GET / HTTP/1.1\r\n\r\n").status
    });
    assert!(answers.any(|status| status == 421));
}

#[test]
fn only_this_machine_reaches_it() {
    let program = Program::start();
    // No packet is sent: the system says by which address it would be.
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let own = socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr());
    let own = own.map(|address| address.ip()).ok().filter(|own| !own.is_loopback());
    let others = ["127.0.0.2", "::1"].map(|address| address.parse().unwrap());
    for address in own.into_iter().chain(others) {
        let to = SocketAddr::new(address, program.port);
        let reached = TcpStream::connect_timeout(&to, Duration::from_secs(1));
        assert!(reached.is_err(), "{address} is reached");
    }
}

#[test]
fn a_port_that_is_taken_and_a_model_that_is_none_are_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = |options: &[&str]| {
        let output = command().args(options).stdout(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = run(&["--port", &port]);
    assert_eq!(code, Some(1));
    assert!(said.starts_with(&format!("Error: port {port} of 127.0.0.1: ")), "{said}");
    assert!(said.ends_with(": choose another with `--port`, or 0 for any free one\n"), "{said}");
    let (code, said) = run(&["--port", "0", "--model", "no-such-file"]);
    assert_eq!(code, Some(1));
    assert!(said.starts_with("Error: no-such-file: there is no file"), "{said}");
    assert_eq!(run(&["--port", "65536"]).0, Some(2));
}
