//! `loadgen`: the command line around the library.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use anyhow::Context as _;
use check::{History, Model, files};
use loadgen::cli::{self, Check, Command, Output, Runs, Session};
use loadgen::output::{Outputs, Results};
use loadgen::progress::Progress;
use loadgen::report::{Checked, Section};
use loadgen::supervise::supervise;
use loadgen::{Exit, Finding, Judged, Plan, Report, RunError, Signal, suite, tell};
use server::interrupts::Interrupts;

fn main() -> ExitCode {
    let command = cli::parse(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let result = match command {
        Command::Server(options) => server::cli::run(&options).map(|()| Exit::Success),
        Command::Supervise(options) => {
            supervise(&options).map(|()| Exit::Success).map_err(anyhow::Error::from)
        }
        Command::Check(check) => Ok(judge_again(check)),
        Command::Load(session) => load(session),
    };
    let exit = result.unwrap_or_else(|error| {
        tell(format_args!("loadgen: {error:#}"));
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
    let interrupt = Signal::new();
    listen_for_interrupts(interrupt.clone()).context("cannot listen for signals")?;
    runtime.block_on(async {
        let Session { runs, output, journals: _journals } = session;
        match runs {
            Runs::Url(plan) => {
                let report = run(&plan, "", &interrupt, &output).await?;
                let results = Results {
                    sections: &[Section::of(&report)],
                    text: &|| report.text(output.details),
                    json: &|| serde_json::to_string_pretty(&report),
                };
                Ok(write(&output.outputs, &results, report.findings()))
            }
            Runs::Specimens(plans) => {
                let run_one =
                    async |plan: &Plan, name: &str| run(plan, name, &interrupt, &output).await;
                let comparison = suite::run(plans, &interrupt, run_one).await?;
                let sections: Vec<_> = comparison.runs.iter().map(Section::of).collect();
                let results = Results {
                    sections: &sections,
                    text: &|| comparison.text(output.details),
                    json: &|| serde_json::to_string_pretty(&comparison),
                };
                Ok(write(&output.outputs, &results, &comparison.findings))
            }
        }
    })
}

/// Writes the results, names what could not be written, and says what the exit code is.
fn write(outputs: &Outputs, results: &Results<'_>, findings: &[Finding]) -> Exit {
    let unwritten = outputs.write(results);
    for output in &unwritten {
        tell(format_args!("loadgen: {output}"));
    }
    if unwritten.is_empty() { Exit::of(findings) } else { Exit::of_unwritten(findings) }
}

/// One run, with its progress.
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
    let report = loadgen::run(plan, interrupt, &mut |observed| progress.show(observed)).await?;
    progress.finish(report.requests.sent);
    if output.verbosity >= 2 {
        tell(format_args!("Request:\n{}", report.sample.request));
        for (status, head) in &report.sample.heads {
            tell(format_args!("First answer with status {status}:\n{head}"));
        }
    }
    Ok(report)
}

/// Judges a history again.
fn judge_again(check: Check) -> Exit {
    let Check { history, model, effort, outputs } = check;
    let (model, history) = match read(&history, model) {
        Ok(read) => read,
        Err(error) => {
            tell(format_args!("loadgen: {}: {error}", history.display()));
            return Exit::Usage;
        }
    };
    let begun = Instant::now();
    let checked = Checked::new(Judged::new(history, model, effort, &|| begun.elapsed()));
    let section = Section { title: "history", report: None, judged: Some(&checked.judged) };
    let results = Results {
        sections: &[section],
        text: &|| checked.text(),
        json: &|| serde_json::to_string_pretty(&checked),
    };
    write(&outputs, &results, &checked.judged.findings())
}

fn read(path: &Path, model: Option<Model>) -> Result<(Model, History), files::ReadError> {
    if path.as_os_str() == "-" {
        return files::read(io::stdin().lock(), model);
    }
    files::read(File::open(path)?, model)
}

/// The first SIGINT, SIGTERM or SIGHUP asks the run to end, the second ends the process.
///
/// They are listened for on a thread of their own: whatever this one is busy with, the second is
/// not waited for.
fn listen_for_interrupts(interrupt: Signal<()>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut interrupts = runtime.block_on(async { Interrupts::listen() })?;
    thread::spawn(move || {
        runtime.block_on(async {
            loop {
                interrupts.next().await;
                if !interrupt.raise(()) {
                    std::process::exit(i32::from(Exit::Incomplete as u8));
                }
                tell("loadgen: waiting for the answers in flight; once more ends it at once");
            }
        });
    });
    Ok(())
}
