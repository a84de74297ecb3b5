//! `loadgen`: the command line around the library.

#![forbid(unsafe_code)]

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use loadgen::cli::{self, Command, JsonOutput, Output, Runs, Session};
use loadgen::progress::Progress;
use loadgen::{Comparison, Exit, Plan, Report, RunError, Signal};
use serde::Serialize;
use store::Mode;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let command = cli::parse(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let result = match command {
        Command::Server(options) => server::cli::run(&options).map(|()| Exit::Success),
        Command::Load(session) => load(session),
    };
    let exit = result.unwrap_or_else(|error| {
        eprintln!("loadgen: {error:#}");
        Exit::Incomplete
    });
    ExitCode::from(exit as u8)
}

/// Everything but the requests happens on this thread.
fn load(session: Session) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(async {
        let interrupt = Signal::new();
        tokio::spawn(listen_for_interrupts(interrupt.clone()));
        let Session { runs, mut output } = session;
        match runs {
            Runs::Url(plan) => {
                let report = run(&plan, "", &interrupt, &output).await?;
                show(&report, || report.text(output.details), output.json.take())?;
                Ok(Exit::from(&report))
            }
            Runs::Modes(plans) => {
                let runs = run_modes(plans, &interrupt, &output).await?;
                let comparison = Comparison::new(runs);
                show(&comparison, || comparison.text(output.details), output.json.take())?;
                Ok(Exit::from(&comparison))
            }
        }
    })
}

/// Runs the modes in turn; an interrupt ends the one that runs, and those behind it are left out.
async fn run_modes(
    plans: Vec<(&'static Mode, Plan)>,
    interrupt: &Signal<()>,
    output: &Output,
) -> Result<Vec<(&'static Mode, Report)>, RunError> {
    let mut runs = Vec::new();
    for (mode, plan) in plans {
        runs.push((mode, run(&plan, mode.name, interrupt, output).await?));
        if interrupt.raised().is_some() {
            break;
        }
    }
    Ok(runs)
}

async fn run(
    plan: &Plan,
    name: &str,
    interrupt: &Signal<()>,
    output: &Output,
) -> Result<Report, RunError> {
    let mut progress = if output.quiet {
        Progress::silent()
    } else {
        Progress::new(name, plan.load.requests, plan.load.duration)
    };
    let report = loadgen::run(plan, interrupt, &mut |completed| progress.update(completed)).await?;
    progress.finish(report.requests.sent);
    if output.verbosity >= 2 {
        eprintln!("Request:\n{}", report.sample.request);
        for (status, head) in &report.sample.heads {
            eprintln!("First answer with status {status}:\n{head}");
        }
    }
    Ok(report)
}

/// Writes a report where it was asked for.
fn show(
    report: &impl Serialize,
    text: impl FnOnce() -> String,
    json: Option<JsonOutput>,
) -> anyhow::Result<()> {
    let written = match json {
        Some(JsonOutput::Stdout) => write_json(report, io::stdout().lock()),
        Some(JsonOutput::File(file)) => {
            write_json(report, file).and_then(|()| io::stdout().lock().write_all(text().as_bytes()))
        }
        None => io::stdout().lock().write_all(text().as_bytes()),
    };
    match written {
        // Whoever read it has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write the report"),
    }
}

fn write_json(report: &impl Serialize, mut sink: impl io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut sink, report)?;
    sink.write_all(b"\n")?;
    sink.flush()
}

/// The first SIGINT or SIGTERM asks the run to end, the second ends the process.
async fn listen_for_interrupts(interrupt: Signal<()>) -> io::Result<()> {
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    loop {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
        }
        if !interrupt.raise(()) {
            std::process::exit(i32::from(Exit::Incomplete as u8));
        }
        eprintln!("loadgen: waiting for the answers in flight; once more ends it at once");
    }
}
