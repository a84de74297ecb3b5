//! The least that a client of HTTP/1.1 can do: one loop over epoll that writes a fixed request and reads
//! a fixed number of bytes.
//!
//! It parses nothing, reads no clock and keeps no statistics, so what it costs is what the kernel costs,
//! and `scripts/bench` holds a generator against it. How long answers are it learns from the first one.
//!
//! Exit status: 0 if every request was answered or dropped, 1 if not, 2 if it was called wrongly.

#![forbid(unsafe_code)]

mod client;
mod options;

use std::process::ExitCode;

use client::Client;
use options::{Options, USAGE};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("bare: {error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let done = Client::connect(&options).and_then(|mut client| match options.rate {
        None => client.closed(options.requests),
        Some(rate) => client.paced(options.requests, rate),
    });
    match done {
        Ok(dropped) => {
            println!("Complete requests: {}", options.requests - dropped);
            println!("Dropped requests: {dropped}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bare: {error}");
            ExitCode::FAILURE
        }
    }
}
