//! The server's options, for its own binary and for any other that contains it.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::Context;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use store::{CATALOGUE, Expectation, Mode, RaceWindow};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How the server runs.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// How the counters are protected
    #[arg(long, value_name = "MODE", default_value = "mutex", value_parser = mode_parser())]
    pub mode: &'static Mode,

    /// What the racy modes do between read and write: none, yield, spin:N or a duration
    #[arg(long, value_name = "WINDOW", default_value_t)]
    pub race_window: RaceWindow,

    /// The address to listen on; port 0 takes a free one and prints it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,

    /// Threads that answer requests [default: one per core]
    #[arg(long, value_name = "N")]
    pub worker_threads: Option<NonZeroUsize>,

    /// End when standard input does, so that a server started by a program never outlives it
    #[arg(long, hide = true)]
    pub exit_with_stdin: bool,
}

/// Takes a mode by its name in the catalogue, and lists the catalogue in the help.
#[must_use]
pub fn mode_parser() -> impl TypedValueParser<Value = &'static Mode> {
    let names = CATALOGUE.iter().map(|mode| {
        let expected = match mode.expectation {
            Expectation::Correct => "correct",
            Expectation::LosesUpdates => "loses updates",
            Expectation::Crashes => "crashes",
        };
        PossibleValue::new(mode.name).help(format!("{} ({expected})", mode.summary))
    });
    PossibleValuesParser::new(names).try_map(|name| name.parse::<&'static Mode>())
}

/// How long requests in flight may take to end after SIGINT or SIGTERM.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// Serves until SIGINT or SIGTERM, then answers what is in flight and returns.
///
/// # Errors
/// When the address cannot be listened on.
pub fn run(options: &Options) -> anyhow::Result<()> {
    if options.exit_with_stdin {
        std::thread::spawn(exit_with_stdin);
    }
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = options.worker_threads {
        runtime.worker_threads(threads.get());
    }
    let runtime = runtime.enable_all().build().context("cannot start the runtime")?;
    runtime.block_on(listen_and_serve(options))
}

async fn listen_and_serve(options: &Options) -> anyhow::Result<()> {
    // Before the address is printed: whoever reads it may send a signal at once.
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    println!("listening on http://{}", listener.local_addr()?);

    let (draining, drained) = tokio::sync::oneshot::channel();
    let shutdown = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        // Received by nobody only when serving has ended by itself.
        let _ = draining.send(());
    };
    let give_up = async {
        match drained.await {
            Ok(()) => tokio::time::sleep(DRAIN_LIMIT).await,
            Err(_) => std::future::pending().await,
        }
    };
    let app = crate::app(options.mode, options.race_window);
    tokio::select! {
        served = crate::serve(listener, app, shutdown) => served.context("cannot serve"),
        () = give_up => {
            eprintln!("requests were still in flight after {} s", DRAIN_LIMIT.as_secs());
            Ok(())
        }
    }
}

/// Returns from the process when the other end of stdin is gone, however that came about.
fn exit_with_stdin() {
    // An error means the same as the end: nobody is there.
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    std::process::exit(0);
}
