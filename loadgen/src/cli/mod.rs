//! The command line: the only place that parses it.

mod compare;
mod curl;
mod documents;
mod echo;
mod file;
mod generated;
mod help;
mod journals;
mod judging;
mod library;
mod load;
mod options;
mod outputs;
mod presets;
mod proxies;
mod rates;
mod reaching;
mod recording;
mod refusal;
mod request;
mod run;
mod schema;
mod service;
mod shell;
mod specimens;
mod suggestion;
mod table;
#[cfg(test)]
mod tests;
mod thresholds;
mod tls;
mod values;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use check::Model;
use check::files::Given;
use check::history::Op;
use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use url::Url;

use crate::output::Outputs;
use crate::plan::{Effort, Plan, Specimen, Subject, Thresholds};
use crate::report::{Details, Screen, TableStyle};
use crate::secrets;
use crate::subject::supervise;
pub use compare::Compare;
pub use generated::Generated;
pub use journals::Journals;
pub use library::ParsePlanError;
use load::{Defaults, load};
use options::{CheckOptions, Cli, Options, Subcommand};
pub use refusal::refusal;
use service::service;

/// What the command line asks for.
#[derive(Debug)]
pub enum Command {
    /// To be the server that a run without URL starts.
    Server(server::cli::Options),
    /// To stand between loadgen and a server under test.
    Supervise(supervise::Options),
    /// To judge a history again.
    Check(Check),
    /// To set reports side by side.
    Compare(Compare),
    /// To print what is made from the definition of the command line.
    Generate(Generated),
    /// To send a load.
    Load(Session),
    /// To say what a load would be.
    DryRun(Session),
}

/// One or several runs, and how they are shown.
#[derive(Debug)]
pub struct Session {
    /// What is run.
    pub runs: Runs,
    /// How it is shown.
    pub output: Output,
    /// What the runs need for as long as they last.
    pub journals: Journals,
    /// What may not be meant like that.
    pub warnings: Vec<String>,
}

/// What a session runs.
#[derive(Debug)]
pub enum Runs {
    /// One run against a URL.
    Url(Plan),
    /// So many runs, one after the other.
    Repeated(Plan, u32),
    /// A run for each specimen, one after the other.
    Specimens(Vec<(Specimen, Plan)>),
}

/// How the results are shown.
#[derive(Debug)]
pub struct Output {
    /// No progress.
    pub quiet: bool,
    /// Progress on the whole terminal, where that is asked for.
    pub live: Option<Live>,
    /// From 2 on the request and a head of each status are shown.
    pub verbosity: u8,
    /// What of the report is shown.
    pub details: Details,
    /// What ab's table looks like.
    pub table: TableStyle,
    /// The command line, its secrets masked.
    pub command: String,
    /// What is written where.
    pub outputs: Outputs,
}

/// How a run is shown on the whole terminal.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    /// Whether it has colours.
    pub has_colors: bool,
}

/// A history that is judged again.
#[derive(Debug)]
pub struct Check {
    /// Where it is: `-` is standard input.
    pub history: PathBuf,
    /// What the operations mean, where it is not to say so itself.
    pub model: Option<Model>,
    /// What every object was at first, where that counts before what the history says.
    pub initial: Option<Given>,
    /// How much is spent on the verdict.
    pub effort: Effort,
    /// How it is shown.
    pub screen: Screen,
    /// The command line, its secrets masked.
    pub command: String,
    /// What is written where.
    pub outputs: Outputs,
}

/// Reads a command line, the program's name first.
///
/// # Errors
/// When it is wrong, or asks for help or the version; the error knows its message and exit code.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, clap::Error> {
    let wrong = |message| Cli::command().error(ErrorKind::ValueValidation, message);
    let arguments = curl::expanded(arguments.into_iter().collect()).map_err(wrong)?;
    let matches = help::command().try_get_matches_from(&arguments)?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    if cli.options.outputs.show_secrets {
        secrets::show();
    }
    let listed = cli.options.request.list(cli.options.url.as_ref()).map_err(wrong)?;
    cli.options.url = cli.options.url.or(listed);
    match cli.command {
        Some(Subcommand::Check(options)) => {
            return check(options, &arguments).map(Command::Check).map_err(wrong);
        }
        Some(Subcommand::Run(run)) => {
            if run.options.outputs.show_secrets {
                secrets::show();
            }
            let matches = matches.subcommand_matches("run").unwrap_or(&matches);
            return run::run(*run, matches, &arguments).map_err(wrong);
        }
        Some(Subcommand::Compare(options)) => {
            return compare::compare(&options, &arguments).map(Command::Compare).map_err(wrong);
        }
        Some(Subcommand::Init { har, url, hosts }) => {
            let text = match har {
                Some(path) => recording::scenario(&path, url.as_ref(), &hosts).map_err(wrong)?,
                None => file::EXAMPLE.to_owned(),
            };
            return Ok(Command::Generate(Generated::Help(text)));
        }
        Some(Subcommand::Completions { shell }) => {
            return Ok(Command::Generate(Generated::Completions(shell)));
        }
        Some(Subcommand::Help { topic }) => {
            let text = help::about(topic.as_deref());
            return text.map(|text| Command::Generate(Generated::Help(text))).map_err(wrong);
        }
        Some(Subcommand::Schema { of }) => {
            return Ok(Command::Generate(Generated::Help(of.text())));
        }
        Some(Subcommand::Man { command }) => {
            let manual = Generated::manual(command.as_deref());
            return manual.map(Command::Generate).map_err(wrong);
        }
        Some(Subcommand::Server(options)) => return Ok(Command::Server(options)),
        Some(Subcommand::Supervise(options)) => return Ok(Command::Supervise(options)),
        None => {}
    }
    let session = session(&cli.options, &matches, &arguments).map_err(wrong)?;
    Ok(if cli.options.outputs.dry_run { Command::DryRun(session) } else { Command::Load(session) })
}

fn check(options: CheckOptions, arguments: &[OsString]) -> Result<Check, String> {
    let outputs = outputs::of_check(&options)?;
    let CheckOptions { history, model, initial, effort, color, .. } = options;
    let (screen, command) = (Screen::of_stdout(color), echo::command_line(arguments));
    Ok(Check { history, model, initial, effort: effort.effort(), screen, command, outputs })
}

/// The session that the options describe, or what is wrong with them.
fn session(
    options: &Options,
    matches: &ArgMatches,
    arguments: &[OsString],
) -> Result<Session, String> {
    refuse_near_commands(matches, !options.surplus.is_empty())?;
    if let Some(surplus) = options.surplus.first() {
        return Err(format!("`{surplus}` is one argument too many: expected one URL"));
    }
    documents::refuse_elsewhere(options)?;
    let mut journals = Journals::default();
    let mut runs = match &options.url {
        Some(url) => Runs::Url(url_plan(url, options, matches)?),
        None => Runs::Specimens(specimens::plans(options, matches, &mut journals)?),
    };
    follow(&mut runs, options);
    finished(runs, options, arguments, journals)
}

/// The session of `runs`, with what the options say of its thresholds and of what is shown.
fn finished(
    mut runs: Runs,
    options: &Options,
    arguments: &[OsString],
    journals: Journals,
) -> Result<Session, String> {
    limit(&mut runs, options)?;
    let single = match &runs {
        Runs::Url(_) => true,
        Runs::Repeated(..) => false,
        Runs::Specimens(plans) => plans.len() == 1,
    };
    if let (false, Some(option)) = (single, outputs::of_one_run(options)) {
        let instead = if matches!(runs, Runs::Repeated(..)) {
            "leave out --repeat"
        } else {
            "pick one with --mode"
        };
        return Err(format!("{option} is for one run only: {instead}"));
    }
    let kinds = match &runs {
        Runs::Url(plan) | Runs::Repeated(plan, _) => plan.kinds(),
        Runs::Specimens(plans) => match plans.as_slice() {
            [(_, plan)] => plan.kinds(),
            _ => &[],
        },
    };
    let outputs = outputs::of_load(options, kinds)?;
    if let Runs::Url(Plan { subject: Subject::Launched(launch), .. })
    | Runs::Repeated(Plan { subject: Subject::Launched(launch), .. }, _) = &mut runs
    {
        launch.log.clone_from(&outputs.log);
    }
    let output = Output {
        command: echo::command_line(arguments),
        quiet: options.outputs.quiet,
        live: options
            .outputs
            .live
            .then(|| Live { has_colors: options.outputs.color.is_on_stderr() }),
        verbosity: options.outputs.verbosity,
        details: Details {
            percentiles: !options.outputs.no_percentiles,
            deviations: !options.outputs.no_deviations,
            document_length: !options.outputs.variable_length,
            screen: Screen::of_stdout(options.outputs.color),
        },
        table: outputs::table_style(options),
        outputs,
    };
    let warnings = match &runs {
        Runs::Url(plan) => judging::warning(plan).into_iter().collect(),
        Runs::Repeated(..) | Runs::Specimens(_) => Vec::new(),
    };
    Ok(Session { runs, output, journals, warnings })
}

/// Lets requests be followed to where their answers lead, as the options say, but for reads of the state.
fn follow(runs: &mut Runs, options: &Options) {
    let Some(most) = options.request.follow else { return };
    let give = |plan: &mut Plan| {
        let steps = plan.scenario.steps.iter_mut();
        steps.filter(|step| step.op != Op::Read).for_each(|step| step.follow = most);
    };
    match runs {
        Runs::Url(plan) | Runs::Repeated(plan, _) => give(plan),
        Runs::Specimens(plans) => plans.iter_mut().for_each(|(_, plan)| give(plan)),
    }
}

/// Gives the runs the thresholds of the options.
fn limit(runs: &mut Runs, options: &Options) -> Result<(), String> {
    let (all, abort) = (options.judging.thresholds.clone(), options.judging.abort_on_threshold);
    let thresholds = Thresholds { all, abort };
    let give = |plan: &mut Plan| {
        thresholds::refuse_unmeasured(&thresholds, plan)?;
        plan.thresholds.clone_from(&thresholds);
        Ok(())
    };
    match runs {
        Runs::Url(plan) | Runs::Repeated(plan, _) => give(plan),
        Runs::Specimens(plans) => plans.iter_mut().try_for_each(|(_, plan)| give(plan)),
    }
}

/// A URL that is a word, and nearly the name of a command, is one that was mistyped; the more so where
/// something follows it, as it `has_more`.
fn refuse_near_commands(matches: &ArgMatches, has_more: bool) -> Result<(), String> {
    let given = matches.get_raw("url").into_iter().flatten().next();
    let Some(word) = given.and_then(|word| word.to_str()) else { return Ok(()) };
    if !word.chars().all(|c| c.is_ascii_alphabetic()) {
        return Ok(());
    }
    let cli = Cli::command();
    let commands = cli.get_subcommands().filter(|command| !command.is_hide_set());
    // Many a host is called nearly as the shortest of them.
    let names = commands.map(clap::Command::get_name).filter(|name| has_more || name.len() > 3);
    match suggestion::nearest(word, names).filter(|name| *name != word) {
        Some(name) => Err(format!(
            "`{word}` is not a command: did you mean `{name}`? A host of that name is http://{word}/"
        )),
        None => Ok(()),
    }
}

/// How many requests a concurrency implies. ab has 1 request, which its -c 1 keeps here, and refuses
/// every other -c without -n. 200 is what hey and oha send.
fn requests_over(concurrency: usize) -> u64 {
    const LEAST: u64 = 200;
    const EACH: u64 = 10;
    match concurrency {
        1 => 1,
        concurrency => LEAST.max(EACH.saturating_mul(concurrency as u64)),
    }
}

fn url_plan(url: &Url, options: &Options, matches: &ArgMatches) -> Result<Plan, String> {
    if !options.specimens.mode.is_empty() || options.specimens.race_window.is_some() {
        return Err("--mode and --race-window are for the server that a run without URL starts: \
                    leave out either them or the URL"
            .to_owned());
    }
    if options.specimens.workload.as_deref() == Some(options::ALL) {
        return Err("--workload all starts a server for each: leave out the URL".to_owned());
    }
    if documents::are_asked_for(options) {
        return documents::plan_at(options, matches, url);
    }
    if let Some(workload) = specimens::workload(options)? {
        return specimens::plan_at(options, matches, workload, url);
    }
    load::refuse_endless(options)?;
    let requests =
        options.load.concurrency.map_or(1, |concurrency| requests_over(concurrency.get()));
    let defaults = Defaults { requests, concurrency: 1, ramp_up: Duration::ZERO };
    let load = load(options, matches, &defaults)?;
    judging::service_plan(options, matches, service(url, options)?, load)
}
