//! `loadgen`: the command line around the library.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use check::files::{ReadError, Reader, Recorded};
use loadgen::cli::{self, Check, Command, Output, Runs, Session};
use loadgen::output::{JsonOutput, show, write_files};
use loadgen::progress::Progress;
use loadgen::report::{Checked, Section, Unread};
use loadgen::supervise::supervise;
use loadgen::{Exit, Judged, Plan, Report, RunError, Signal, suite, tell};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let command = cli::parse(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let result = match command {
        Command::Server(options) => server::cli::run(&options).map(|()| Exit::Success),
        Command::Supervise(options) => {
            supervise(&options).map(|()| Exit::Success).map_err(anyhow::Error::from)
        }
        Command::Check(check) => judge_again(check),
        Command::Load(session) => load(session),
    };
    let exit = result.unwrap_or_else(|error| {
        tell(format_args!("loadgen: {error:#}"));
        Exit::Incomplete
    });
    ExitCode::from(exit as u8)
}

const CANNOT_WRITE: &str = "cannot write what was asked for beside the report";

/// Everything but the requests happens on this thread.
fn load(session: Session) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(async {
        let interrupt = Signal::new();
        tokio::spawn(listen_for_interrupts(interrupt.clone()));
        let Session { runs, output, journals: _journals, warnings } = session;
        for warning in warnings {
            tell(format_args!("loadgen: warning: {warning}"));
        }
        match runs {
            Runs::Url(plan) => {
                let report = run(&plan, "", &interrupt, &output).await?;
                show(&report, || report.text(output.details), output.json)
                    .context("cannot write the report")?;
                write_files(output.files, &[Section::of(&report)]).context(CANNOT_WRITE)?;
                Ok(Exit::of(report.findings()))
            }
            Runs::Specimens(plans) => {
                let run_one =
                    async |plan: &Plan, name: &str| run(plan, name, &interrupt, &output).await;
                let comparison = suite::run(plans, &interrupt, run_one).await?;
                show(&comparison, || comparison.text(output.details), output.json)
                    .context("cannot write the report")?;
                let sections: Vec<_> = comparison.runs.iter().map(Section::of).collect();
                write_files(output.files, &sections).context(CANNOT_WRITE)?;
                Ok(Exit::of(&comparison.findings))
            }
        }
    })
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
fn judge_again(check: Check) -> anyhow::Result<Exit> {
    const CANNOT_SHOW: &str = "cannot write the verdict";
    let Check { history, model, initial, effort, json, files } = check;
    let json = json.then_some(JsonOutput::Stdout);
    let reader = Reader { model, initial, memory_bytes: effort.memory_bytes };
    let Recorded { model, history, starts } = match read(&history, &reader) {
        Ok(read) => read,
        Err(error) => {
            tell(format_args!("loadgen: {}: {error}", history.display()));
            if !matches!(error, ReadError::Memory { .. }) {
                return Ok(Exit::Usage);
            }
            // It may well be a history, of which nothing is known.
            let unread = Unread::new(error.to_string());
            show(&unread, || unread.text(), json).context(CANNOT_SHOW)?;
            return Ok(Exit::Invalid);
        }
    };
    let begun = Instant::now();
    let judged = Judged::new(history, model, effort, &|| begun.elapsed());
    let checked = Checked::new(judged, &starts);
    show(&checked, || checked.text(), json).context(CANNOT_SHOW)?;
    let judged = Some(&checked.judged);
    let section = Section { title: "history", report: None, judged };
    write_files(files, &[section]).context(CANNOT_WRITE)?;
    Ok(Exit::of(&checked.judged.findings()))
}

fn read(path: &Path, reader: &Reader) -> Result<Recorded, ReadError> {
    if path.as_os_str() == "-" {
        return reader.read(io::stdin().lock());
    }
    reader.read(File::open(path)?)
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
        tell("loadgen: waiting for the answers in flight; once more ends it at once");
    }
}
