//! A counter server that dies when it is told to: this test binary, started again.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Request;
use axum::middleware::{self, Next};
use nix::sys::signal::{Signal, raise};

use crate::counter::{service, specimen};

/// How to start one, and where it is going to answer.
pub(crate) struct Mortal {
    pub(crate) command: String,
    pub(crate) url: String,
}

impl Mortal {
    pub(crate) fn immortal() -> Self {
        Self::start_with("never")
    }

    /// Dies of `signal` when the increment of that number arrives.
    pub(crate) fn dying_at(increment: u64, signal: Signal) -> Self {
        Self::start_with(&format!("{increment} signal {}", signal as i32))
    }

    /// Exits with `status` when the increment of that number arrives.
    pub(crate) fn exiting_at(increment: u64, status: i32) -> Self {
        Self::start_with(&format!("{increment} exit {status}"))
    }

    fn start_with(death: &str) -> Self {
        let port = free_port();
        let program = std::env::current_exe().unwrap();
        let command = format!(
            "env MORTAL_PORT={port} MORTAL_DEATH='{death}' {} --ignored --exact --nocapture mortal::serve",
            program.display()
        );
        Self { command, url: format!("http://127.0.0.1:{port}/inc?name=i") }
    }
}

/// A port that is free now; nothing else here asks for one of these.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[derive(Clone, Copy)]
enum Death {
    Never,
    Signal { at: u64, signal: i32 },
    Exit { at: u64, status: i32 },
}

impl Death {
    fn parse(text: &str) -> Self {
        match text.split(' ').collect::<Vec<_>>()[..] {
            [at, "signal", signal] => {
                Self::Signal { at: at.parse().unwrap(), signal: signal.parse().unwrap() }
            }
            [at, "exit", status] => {
                Self::Exit { at: at.parse().unwrap(), status: status.parse().unwrap() }
            }
            _ => Self::Never,
        }
    }

    fn strike(self, increment: u64) {
        match self {
            Self::Signal { at, signal } if increment >= at => {
                raise(Signal::try_from(signal).unwrap()).unwrap();
            }
            Self::Exit { at, status } if increment >= at => std::process::exit(status),
            Self::Never | Self::Signal { .. } | Self::Exit { .. } => {}
        }
    }
}

#[test]
#[ignore = "the server that other tests start"]
fn serve() {
    let Ok(port) = std::env::var("MORTAL_PORT") else { panic!("it is for other tests to start") };
    let death = Death::parse(&std::env::var("MORTAL_DEATH").unwrap());
    let increments = Arc::new(AtomicU64::new(0));
    let count = move |request: Request, next: Next| {
        let increments = Arc::clone(&increments);
        async move {
            if request.uri().path() == "/inc" {
                let increment = increments.fetch_add(1, Ordering::Relaxed) + 1;
                if increment == 1 {
                    eprintln!("first increment");
                }
                death.strike(increment);
            }
            next.run(request).await
        }
    };
    let app = server::app(&service(specimen("atomic"))).layer(middleware::from_fn(count));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await.unwrap();
        server::serve(listener, app, std::future::pending()).await.unwrap();
    });
}
