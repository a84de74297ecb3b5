//! `loadgen run`: the file of a scenario, over which options win.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use clap::ArgMatches;
use clap::parser::ValueSource;
use http::HeaderValue;
use url::Url;

use super::file::{self, Document, Planned, Settings};
use super::generated::Generated;
use super::load::{Defaults, load};
use super::options::{Options, RunOptions};
use super::{Command, Journals, Runs, finished, judging, outputs, requests_over, service};
use crate::plan::{Judging, Load, Plan, Subject, Thresholds};
use crate::scenario::{Call, Scenario};

/// What the command asks for.
pub(super) fn run(
    run: RunOptions,
    matches: &ArgMatches,
    arguments: &[OsString],
) -> Result<Command, String> {
    let RunOptions { file: path, check, sets, repeat, reset, mut options } = run;
    refuse(matches)?;
    let mut document = file::read(&path).map_err(|error| error.to_string())?;
    if let Some(reset) = &reset {
        document.reset = Some(file::reset(reset).map_err(|why| format!("--reset {why}"))?);
    }
    let of_file = |wrong: file::Wrong| wrong.of(&path).to_string();
    if options.url.is_none() {
        options.url = Some(file::target(&document, folder(&path), &sets).map_err(of_file)?);
    }
    file::fill(&mut options, &document).map_err(of_file)?;
    let source = Source { document: &document, path: &path, sets };
    let plan = plan(source, &options, matches)?;
    if check {
        return Ok(Command::Generate(Generated::Help(format!("{}: right\n", path.display()))));
    }
    let is_dry = options.outputs.dry_run;
    let runs = match repeat {
        Some(times) if !is_dry => Runs::Repeated(plan, times.get()),
        _ => Runs::Url(plan),
    };
    let session = finished(runs, &options, arguments, Journals::default())?;
    Ok(if is_dry { Command::DryRun(session) } else { Command::Load(session) })
}

/// The plan of the run.
fn plan(source: Source<'_>, options: &Options, matches: &ArgMatches) -> Result<Plan, String> {
    let concurrency = options.load.concurrency;
    let requests = concurrency.map_or(1, |concurrency| requests_over(concurrency.get()));
    let defaults = Defaults { requests, concurrency: 1, ramp_up: Duration::ZERO };
    let url = options.url.as_ref().expect("it was filled in");
    let plan = source.plan(service::subject(options, url, false)?, options, matches, &defaults)?;
    if plan.subject.restarts() && !plan.invariants.is_empty() {
        return Err(
            "--restart: invariants are for a service that keeps running: leave out either it or the \
             invariants"
                .to_owned(),
        );
    }
    Ok(plan)
}

/// What says what is sent and judged.
pub(super) struct Source<'d> {
    pub(super) document: &'d Document,
    /// Where it is, or what it is called.
    pub(super) path: &'d Path,
    /// The texts of variables, by their names.
    pub(super) sets: Vec<(String, String)>,
}

impl Source<'_> {
    /// The plan of a run against `subject`, over which the options win.
    pub(super) fn plan(
        self,
        subject: Subject,
        options: &Options,
        matches: &ArgMatches,
        defaults: &Defaults,
    ) -> Result<Plan, String> {
        super::load::refuse_endless(options)?;
        let load = load(options, matches, defaults)?;
        let is_exclusive = self.document.exclusive || judging::is_exclusive(options, &subject);
        let Planned { scenario, mut reads, judging, invariants } =
            self.planned(&subject.url(), options, matches, &load)?;
        if let Some(settle) = options.judging.settle {
            for read in &mut reads {
                read.settle = settle;
            }
        }
        let load = sized(load.kept_as(&scenario.first().call), &scenario)?;
        let timings = outputs::timings(options, &load)?;
        let (specimen, thresholds) = (None, Thresholds::default());
        Ok(Plan {
            subject,
            specimen,
            scenario,
            reads,
            load,
            judging,
            is_exclusive,
            invariants,
            thresholds,
            timings,
        })
    }

    /// What it comes to against `target`, with what the options add to it.
    fn planned(
        self,
        target: &Url,
        options: &Options,
        matches: &ArgMatches,
        load: &Load,
    ) -> Result<Planned, String> {
        let Self { document, path, sets } = self;
        let settings = Settings {
            folder: folder(path).to_owned(),
            sets,
            timeout: load.timeout,
            follow: options.request.follow.unwrap_or_default(),
            seed: options.load.seed,
            first_value: judging::first_value(),
            judging: Judging {
                kinds: Vec::new(),
                result: None,
                history_limit: options.judging.history_limit,
                effort: options.judging.effort.effort(),
                ends_at_first: false,
            },
        };
        let planned = file::plan(document, target, settings);
        let mut planned = planned.map_err(|wrong| wrong.of(path).to_string())?;
        if options.judging.history.is_some() && planned.judging.is_none() {
            return Err(format!("--history: {} judges nothing", path.display()));
        }
        let given = options.request.given_headers(matches)?;
        let Planned { scenario, reads, invariants, .. } = &mut planned;
        let watched = invariants.watched.iter_mut().map(|watched| &mut watched.read.how.call);
        let states = reads.iter_mut().map(|read| &mut read.how.call);
        for call in calls(scenario).chain(states).chain(watched) {
            replace(&mut call.headers, &given);
        }
        Ok(planned)
    }
}

/// Where a file is.
fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// A load whose clients all open a session is bounded, and one whose clients wait for one another has
/// as many as it takes on each thread.
fn sized(load: Load, scenario: &Scenario) -> Result<Load, String> {
    const MOST: usize = 1000;
    if !scenario.opening.is_empty() && load.concurrency > MOST {
        return Err(format!(
            "each of {} clients would open a session: expected at most {MOST} clients (-c)",
            load.concurrency
        ));
    }
    let together = scenario.steps.iter().map(|step| step.together).max().unwrap_or(1);
    if together == 1 {
        return Ok(load);
    }
    if load.shape.is_open() {
        return Err(
            "together: clients that wait for one another cannot keep a rate: leave out either it or \
                    rate"
                .to_owned(),
        );
    }
    if load.concurrency < together {
        return Err(format!(
            "together: {together} clients send the same, but there are only {}: expected at least \
             as many clients (-c)",
            load.concurrency
        ));
    }
    Ok(Load { threads: load.threads.min(load.concurrency / together), ..load })
}

/// What every request of a scenario consists of.
fn calls(scenario: &mut Scenario) -> impl Iterator<Item = &mut Call> {
    let Scenario { reset, opening, steps, .. } = scenario;
    reset.iter_mut().chain(opening).chain(steps).map(|step| &mut step.call)
}

/// Replaces those of `headers` that are `given`.
fn replace(headers: &mut Vec<(String, HeaderValue)>, given: &[(String, HeaderValue)]) {
    let is_given = |name: &str| given.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    headers.retain(|(name, _)| !is_given(name));
    headers.extend_from_slice(given);
}

/// Options that say what the file says, and nothing that it could leave open.
const SAID_BY_FILE: [(&str, &str); 33] = [
    ("method", "--method"),
    ("head", "-i"),
    ("post", "-p"),
    ("put", "-u"),
    ("data", "--data"),
    ("picks", "--pick"),
    ("csv_data", "--csv-data"),
    ("keep_cookies", "--keep-cookies"),
    ("amount", "--amount"),
    ("body_lines", "--body-lines"),
    ("urls", "--urls"),
    ("shuffle", "--shuffle"),
    ("curl", "--curl"),
    ("json", "--json"),
    ("form", "--form"),
    ("data_urlencode", "--data-urlencode"),
    ("content_type", "-T"),
    ("read", "--read"),
    ("extract", "--extract"),
    ("next_page", "--next-page"),
    ("model", "--model"),
    ("result", "--result"),
    ("answers", "--answers"),
    ("expect", "--expect"),
    ("object", "--object"),
    ("reads", "--reads"),
    ("writes", "--writes"),
    ("first", "--first"),
    ("mode", "--mode"),
    ("race_window", "--race-window"),
    ("workload", "--workload"),
    ("database", "--database"),
    ("servers", "--servers"),
];

/// The options that are given and say what a file says.
pub(super) fn said(matches: &ArgMatches) -> impl Iterator<Item = &'static str> {
    let is_given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let given = SAID_BY_FILE.iter().filter(move |(id, _)| is_given(id));
    given.map(|(_, option)| *option)
}

fn refuse(matches: &ArgMatches) -> Result<(), String> {
    match said(matches).next() {
        Some(option) => {
            Err(format!("{option}: the file says what is sent and judged: leave out the option"))
        }
        None => Ok(()),
    }
}
