//! `loadgen`: the command line around the library.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use anyhow::Context as _;
use check::files::{ReadError, Reader, Recorded};
use loadgen::cli::{self, Check, Command, Compare, Generated, Output, Runs, Session};
use loadgen::compare::{self, Changes};
use loadgen::destination::{Destination, Written};
use loadgen::live::{self, Live};
use loadgen::output::{Outputs, Results, Unwritten};
use loadgen::progress::Progress;
use loadgen::report::{Checked, ComparedReports, Repeated, Screen, Section, TableStyle, Unread};
use loadgen::secrets::masked;
use loadgen::supervise::supervise;
use loadgen::{
    Conclusion, Exit, Finding, Judged, Plan, Report, RunError, Signal, suite, tell, tell_lines,
};
use server::interrupts::Interrupts;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
        Command::Check(check) => Ok(judge_again(check)),
        Command::Compare(compare) => Ok(compare_reports(compare)),
        Command::Generate(generated) => print(&generated).map(|()| Conclusion::success()),
        Command::Load(session) => load(session),
        Command::DryRun(session) => tell_plans(&session).map(|()| Conclusion::success()),
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

/// Prints what the runs of a session would do.
fn tell_plans(session: &Session) -> anyhow::Result<()> {
    let plans: Vec<&Plan> = match &session.runs {
        Runs::Url(plan) | Runs::Repeated(plan, _) => vec![plan],
        Runs::Specimens(plans) => plans.iter().map(|(_, plan)| plan).collect(),
    };
    let screen = session.output.details.screen;
    let texts: Vec<_> = plans.into_iter().map(|plan| loadgen::dry_run(plan, screen)).collect();
    std::io::stdout()
        .write_all(texts.join("\n").as_bytes())
        .context("cannot write to standard output")
}

/// Everything but the requests happens on this thread.
fn load(session: Session) -> anyhow::Result<Conclusion> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let interrupt = Signal::new();
    listen_for_interrupts(interrupt.clone()).context("cannot listen for signals")?;
    runtime.block_on(async {
        let Session { runs, output, journals: _journals, warnings } = session;
        for warning in warnings {
            tell(format_args!("loadgen: warning: {warning}"));
        }
        let live = begin_live(&output, &interrupt);
        match runs {
            Runs::Url(plan) => {
                let report = run(&plan, "", &interrupt, &output, live.as_ref()).await?;
                drop(live);
                let results = Results {
                    sections: &[Section::of(&report)],
                    text: &|| report.text(output.details),
                    json: &|| serde_json::to_string_pretty(&report),
                    missing: None,
                    table: &output.table,
                    has_length: output.details.document_length,
                };
                let unwritten = output.outputs.write(&results);
                Ok(conclude(report.conclusion(), report.findings(), &unwritten))
            }
            Runs::Repeated(plan, times) => {
                let repeated = repeat(plan, times, &interrupt, &output, live.as_ref()).await?;
                drop(live);
                let sections = repeated.sections();
                let results = Results {
                    sections: &sections,
                    text: &|| repeated.text(output.details),
                    json: &|| serde_json::to_string_pretty(&repeated),
                    missing: None,
                    table: &output.table,
                    has_length: output.details.document_length,
                };
                let unwritten = output.outputs.write(&results);
                Ok(conclude(repeated.conclusion(), &repeated.findings(), &unwritten))
            }
            Runs::Specimens(plans) => {
                let run_one = async |plan: &Plan, name: &str| {
                    run(plan, name, &interrupt, &output, live.as_ref()).await
                };
                let mut comparison = suite::run(plans, &interrupt, run_one).await?;
                drop(live);
                comparison.making.command = Some(output.command.clone());
                let sections = comparison.sections();
                let results = Results {
                    sections: &sections,
                    text: &|| comparison.text(output.details),
                    json: &|| serde_json::to_string_pretty(&comparison),
                    missing: comparison.partial.as_deref(),
                    table: &output.table,
                    has_length: output.details.document_length,
                };
                let unwritten = output.outputs.write(&results);
                Ok(conclude(comparison.conclusion(), &comparison.findings, &unwritten))
            }
        }
    })
}

/// Names what could not be written, and says how the program ends: `conclusion`, unless that weighs
/// less.
fn conclude(conclusion: Conclusion, findings: &[Finding], unwritten: &[Unwritten]) -> Conclusion {
    let Some((last, others)) = unwritten.split_last() else { return conclusion };
    for output in others {
        tell(format_args!("loadgen: {output}"));
    }
    let exit = Exit::of_unwritten(findings);
    if conclusion.exit == exit {
        tell(format_args!("loadgen: {last}"));
        return conclusion;
    }
    Conclusion { exit, reason: last.to_string() }
}

/// Takes the terminal for the runs of a session, where that is asked for and can be.
fn begin_live(output: &Output, interrupt: &Signal<()>) -> Option<Live> {
    let cli::Live { has_colors } = output.live?;
    let interrupt = interrupt.clone();
    let live = Live::begin(has_colors, move || ask_to_end(&interrupt));
    let unfit = |unfit| tell(format_args!("loadgen: no --live, as {unfit}"));
    live.map_err(unfit).ok()
}

/// Runs of `plan`, one after the other, each with other values at random.
async fn repeat(
    mut plan: Plan,
    times: u32,
    interrupt: &Signal<()>,
    output: &Output,
    live: Option<&Live>,
) -> Result<Repeated, RunError> {
    let mut runs = Vec::new();
    for number in 1..=times {
        let report = run(&plan, &format!("run {number}"), interrupt, output, live).await?;
        let is_over = report.partial.is_some();
        runs.push(report);
        if is_over {
            break;
        }
        plan.begin_anew();
    }
    Ok(Repeated::new(runs))
}

/// One run, with its progress.
async fn run(
    plan: &Plan,
    name: &str,
    interrupt: &Signal<()>,
    output: &Output,
    live: Option<&Live>,
) -> Result<Report, RunError> {
    let mut progress = match live {
        Some(live) => Progress::live(live, plan, name),
        None if output.quiet => Progress::silent(),
        None => {
            let (requests, duration) = plan.extent();
            Progress::new(name, requests, duration)
        }
    };
    let mut report = loadgen::run(plan, interrupt, &mut |observed| progress.show(observed)).await?;
    report.making.command = Some(output.command.clone());
    progress.finish(report.requests.sent - report.requests.followed);
    if output.verbosity >= 2 {
        tell_lines(report.sample.text());
    }
    Ok(report)
}

/// Judges a history again.
fn judge_again(check: Check) -> Conclusion {
    let Check { history, model, initial, effort, screen, command, outputs } = check;
    let reader = Reader { model, initial, memory_bytes: effort.memory_bytes };
    let Recorded { model, history, starts } = match read(&history, &reader) {
        Ok(read) => read,
        Err(error) => return unread(&history, &error, screen, &outputs),
    };
    let begun = Instant::now();
    let judged = Judged::new(history, model, effort, &|| begun.elapsed());
    let mut checked = Checked::new(judged, &starts);
    checked.making.command = Some(command);
    let results = Results {
        sections: &[Section::of_history(&checked.judged)],
        text: &|| checked.text(screen),
        json: &|| serde_json::to_string_pretty(&checked),
        missing: None,
        table: &TableStyle::default(),
        has_length: false,
    };
    let unwritten = outputs.write(&results);
    conclude(checked.conclusion(), &checked.judged.findings(), &unwritten)
}

/// What is said of a history that was not read. One that needs too much memory may well be one, of
/// which nothing is known; anything else is no history.
fn unread(path: &Path, error: &ReadError, screen: Screen, outputs: &Outputs) -> Conclusion {
    let reason = format!("{}: {error}", path.display());
    if !matches!(error, ReadError::Memory { .. }) {
        return Conclusion { exit: Exit::Usage, reason };
    }
    let unread = Unread::new(error.to_string());
    let results = Results {
        sections: &[],
        text: &|| unread.text(screen),
        json: &|| serde_json::to_string_pretty(&unread),
        missing: Some(&reason),
        table: &TableStyle::default(),
        has_length: false,
    };
    let unwritten = outputs.write(&results);
    conclude(Conclusion { exit: Exit::Invalid, reason }, &[], &unwritten)
}

/// Prints what is made from the definition of the command line.
fn print(generated: &Generated) -> anyhow::Result<()> {
    let written = Destination::Stdout.write(&mut |out| {
        generated.write(out)?;
        Ok(Written::Yes)
    });
    written.map(|_| ()).context("cannot write to standard output")
}

fn read(path: &Path, reader: &Reader) -> Result<Recorded, ReadError> {
    if path.as_os_str() == "-" {
        return reader.read(io::stdin().lock());
    }
    reader.read(File::open(path)?)
}

/// Sets reports side by side. Files that are no reports, and runs that cannot be compared, are wrong
/// usage.
fn compare_reports(compare: Compare) -> Conclusion {
    let changes = match changes(&compare) {
        Ok(changes) => changes,
        Err(error) => return Conclusion { exit: Exit::Usage, reason: error.to_string() },
    };
    let mut compared = ComparedReports::new(changes, compare.fail_on_regression);
    compared.making.command = Some(compare.command);
    let results = Results {
        sections: &[],
        text: &|| compared.text(compare.screen),
        json: &|| serde_json::to_string_pretty(&compared),
        missing: None,
        table: &TableStyle::default(),
        has_length: false,
    };
    conclude(compared.conclusion(), &[], &compare.outputs.write(&results))
}

fn changes(compare: &Compare) -> anyhow::Result<Changes> {
    let baseline = compare::read(&compare.baseline)?;
    let candidate = compare::read(&compare.candidate)?;
    Ok(compare::compare(&baseline, &candidate, compare.force)?)
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
                ask_to_end(&interrupt);
            }
        });
    });
    Ok(())
}

/// Asks the run to end; the second time, ends the process.
fn ask_to_end(interrupt: &Signal<()>) {
    if !interrupt.raise(()) {
        live::give_back();
        std::process::exit(i32::from(Exit::Incomplete as u8));
    }
    tell("loadgen: waiting for the answers in flight; interrupt again to end it at once");
}
