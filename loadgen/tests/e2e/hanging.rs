//! A server under test that hangs: this test binary, started again.

use std::io::{Write as _, stderr};

use tokio::signal::unix::{SignalKind, signal};

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::mortal::free_port;

/// How to start one, and where it is going to answer.
pub(crate) struct Hanging {
    pub(crate) command: String,
    pub(crate) url: String,
}

impl Hanging {
    /// Hangs after some increments. Asked for its locks by SIGUSR1, of which it says that it may
    /// be, it writes `told`.
    pub(crate) fn that_tells(told: &str) -> Self {
        Self::start_with(&format!("HANGING_TELLS='{told}'"))
    }

    /// Hangs, and would die of SIGUSR1.
    pub(crate) fn mute() -> Self {
        Self::start_with("HANGING_MUTE=1")
    }

    fn start_with(variable: &str) -> Self {
        let port = free_port();
        let program = std::env::current_exe().unwrap();
        let command = format!(
            "env HANGING_PORT={port} {variable} {} --ignored --exact --nocapture hanging::serve",
            program.display()
        );
        Self { command, url: format!("http://127.0.0.1:{port}/inc") }
    }
}

#[test]
#[ignore = "the server that other tests start"]
fn serve() {
    let Ok(port) = std::env::var("HANGING_PORT") else { panic!("it is for other tests to start") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let told = std::env::var("HANGING_TELLS").ok();
        let mut asked = told.map(|told| (told, signal(SignalKind::user_defined1()).unwrap()));
        // Before anyone can connect.
        if asked.is_some() {
            eprintln!("SIGUSR1 tells who holds which lock");
        }
        let _server = ByteServer::start_at(format!("127.0.0.1:{port}"), |number, _| match number {
            ..=20 => Reaction::Answer(answer(200, &number.to_string())),
            _ => Reaction::Stall,
        });
        loop {
            match &mut asked {
                Some((told, asked)) => {
                    asked.recv().await;
                    writeln!(stderr(), "asked\n{told}\nWARNING: DATA RACE").unwrap();
                }
                None => std::future::pending().await,
            }
        }
    });
}
