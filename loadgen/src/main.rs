//! `loadgen`: the command line around the library.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use check::{History, Model, files};
use loadgen::cli::{self, Check, Command, Output, Runs, Session};
use loadgen::output::{JsonOutput, show, write_files};
use loadgen::progress::Progress;
use loadgen::report::{Checked, Section};
use loadgen::secrets::masked;
use loadgen::supervise::supervise;
use loadgen::{Conclusion, Exit, Judged, Plan, Report, RunError, Signal, suite, tell, tell_lines};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let conclusion = match cli::parse(arguments.clone()) {
        Ok(command) => run_command(command),
        Err(error) => cli::refusal(&error, &arguments).unwrap_or_else(|| error.exit()),
    };
    if conclusion.exit != Exit::Success {
        tell(&conclusion);
    }
    ExitCode::from(conclusion.exit as u8)
}

fn run_command(command: Command) -> Conclusion {
    let result = match command {
        Command::Server(options) => server::cli::run(&options).map(|()| Conclusion::success()),
        Command::Supervise(options) => {
            supervise(&options).map(|()| Conclusion::success()).map_err(anyhow::Error::from)
        }
        Command::Check(check) => judge_again(check),
        Command::Load(session) => load(session),
    };
    result.unwrap_or_else(|error| {
        let text = format!("{error:#}");
        let run_error = error.downcast_ref::<RunError>();
        // The reason is the last line.
        let details = run_error.map(RunError::details).unwrap_or_default();
        if !details.is_empty() {
            tell_lines(details.trim_start_matches('\n'));
        }
        let exit = run_error.map_or(Exit::Incomplete, RunError::exit);
        Conclusion { exit, reason: masked(text.trim_end_matches(&details)) }
    })
}

const CANNOT_WRITE: &str = "cannot write what was asked for beside the report";

/// Everything but the requests happens on this thread.
fn load(session: Session) -> anyhow::Result<Conclusion> {
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
                Ok(report.conclusion())
            }
            Runs::Specimens(plans) => {
                let run_one =
                    async |plan: &Plan, name: &str| run(plan, name, &interrupt, &output).await;
                let mut comparison = suite::run(plans, &interrupt, run_one).await?;
                comparison.making.command = Some(output.command.clone());
                show(&comparison, || comparison.text(output.details), output.json)
                    .context("cannot write the report")?;
                let sections: Vec<_> = comparison.runs.iter().map(Section::of).collect();
                write_files(output.files, &sections).context(CANNOT_WRITE)?;
                Ok(comparison.conclusion())
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
    let mut report = loadgen::run(plan, interrupt, &mut |observed| progress.show(observed)).await?;
    report.making.command = Some(output.command.clone());
    progress.finish(report.requests.sent);
    if output.verbosity >= 2 {
        tell_lines(report.sample.text());
    }
    Ok(report)
}

/// Judges a history again.
fn judge_again(check: Check) -> anyhow::Result<Conclusion> {
    let Check { history, model, effort, json, screen, command, files } = check;
    let (model, history) = match read(&history, model) {
        Ok(read) => read,
        Err(error) => {
            let reason = format!("{}: {error}", history.display());
            return Ok(Conclusion { exit: Exit::Usage, reason });
        }
    };
    let begun = Instant::now();
    let mut checked = Checked::new(Judged::new(history, model, effort, &|| begun.elapsed()));
    checked.making.command = Some(command);
    show(&checked, || checked.text(screen), json.then_some(JsonOutput::Stdout))
        .context("cannot write the verdict")?;
    let judged = Some(&checked.judged);
    let section = Section { title: "history".into(), report: None, judged };
    write_files(files, &[section]).context(CANNOT_WRITE)?;
    Ok(checked.conclusion())
}

fn read(path: &Path, model: Option<Model>) -> Result<(Model, History), files::ReadError> {
    if path.as_os_str() == "-" {
        return files::read(io::stdin().lock(), model);
    }
    files::read(File::open(path)?, model)
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
