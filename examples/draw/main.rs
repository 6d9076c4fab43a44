//! A page on which one draws a digit and sees, live, what the network makes of it.
//!
//! ```text
//! cargo run --example draw
//! ```
//!
//! Prints the address of the page, for a browser on this machine; no other machine can reach it. The page
//! shows each stage of the intake, the probabilities, the pixels that count, the maps of each layer, and
//! the smallest steps that would make the drawing another digit.

#[macro_use]
#[path = "../print/mod.rs"]
mod print; // its `println!` survives a closed pipe
mod answer;
mod guard;
mod http;
mod page;
mod pixels;
mod server;
mod towards;
#[path = "../verdict/mod.rs"]
mod verdict;

use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;

use chainrule::prelude::*;
use clap::Parser;

use answer::Reader;
use server::Server;

/// Serves a page on which one draws digits.
#[derive(Debug, Parser)]
struct Options {
    /// Port of 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 3141)]
    port: u16,
    /// Model to ask instead of the one in the crate
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // `eprintln!` panics where standard error is closed.
            let _ = writeln!(io::stderr(), "Error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let file = match &options.model {
        Some(path) => ModelFile::load(path)?,
        None => ModelFile::digits(),
    };
    let reader = Reader::new(file)?;
    let port = options.port;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        format!(
            "port {port} of 127.0.0.1: {error}: choose another with `--port`, or 0 for any free one"
        )
    })?;
    let server = Server::new(&listener, reader)?;
    println!("http://127.0.0.1:{}/", server.port());
    // The address is all that is printed, and the page cannot be found without it.
    print::check()?;
    server.serve(&listener)
}
