//! Loads of our own server: what each of its workloads takes, so that nobody has to say it.

use std::time::Duration;

use check::Model;
use clap::ArgMatches;
use http::{HeaderValue, Method};
use store::{WORKLOADS, Workload};
use url::Url;

use super::load::Defaults;
use super::options::{ALL, Options};
use super::presets::Preset;
use super::service::{Served, launch, program, subject};
use super::{Journals, documents, judging, load, outputs};
use crate::extract::Extract;
use crate::plan::{Invariants, Plan, Reading, Specimen, StateRead, Subject, Thresholds};
use crate::scenario::{PLACEHOLDER, Place};

/// A plan for each specimen that is asked for, each with a server of its own.
pub(super) fn plans(
    options: &Options,
    matches: &ArgMatches,
    journals: &mut Journals,
) -> Result<Vec<(Specimen, Plan)>, String> {
    if options.server.exec.is_some() {
        return Err("--exec needs the URL at which the server is going to listen".to_owned());
    }
    if documents::are_asked_for(options) {
        return documents::plans(options, matches, journals);
    }
    refuse_what_a_workload_says(options)?;
    let program = program()?;
    let mut plans = Vec::new();
    for stored in specimens(options)? {
        let (specimen, workload) = (Specimen::from(stored), stored.workload);
        let saves = workload.persists;
        let arguments =
            if saves { vec!["--journal".into(), journals.make()?.into()] } else { Vec::new() };
        let served = Served { specimen, arguments, saves, restarts: saves };
        let subject = Subject::Launched(launch(options, &program, served));
        let plan = plan(options, matches, workload, subject)?;
        plans.push((specimen, Plan { specimen: Some(specimen), ..plan }));
    }
    let has_database = options.specimens.database.is_some() || documents::has_default();
    if options.specimens.workload.as_deref() == Some(ALL) && has_database {
        plans.extend(documents::plans(options, matches, journals)?);
    }
    Ok(plans)
}

/// The plan for a server of ours at `url`, which serves `workload`.
pub(super) fn plan_at(
    options: &Options,
    matches: &ArgMatches,
    workload: &Workload,
    url: &Url,
) -> Result<Plan, String> {
    refuse_what_a_workload_says(options)?;
    let subject = subject(options, url, workload.persists)?;
    if workload.persists && !subject.restarts() {
        return Err(format!(
            "--workload {} ends the server and starts it again: --exec says how, or leave out \
             the URL",
            workload.name
        ));
    }
    plan(options, matches, workload, subject)
}

/// The workload that is named, if one is.
pub(super) fn workload(options: &Options) -> Result<Option<&'static Workload>, String> {
    match options.specimens.workload.as_deref() {
        Some(ALL) | None => Ok(None),
        Some(name) => Workload::named(name).map(Some).map_err(|error| error.to_string()),
    }
}

fn specimens(options: &Options) -> Result<Vec<store::Specimen>, String> {
    if options.specimens.workload.as_deref() == Some(ALL) {
        if !options.specimens.mode.is_empty() {
            return Err("--workload all runs every mode: leave out --mode".to_owned());
        }
        return Ok(WORKLOADS.into_iter().flat_map(Workload::specimens).collect());
    }
    let workload = workload(options)?.unwrap_or(WORKLOADS[0]);
    if options.specimens.mode.iter().any(|name| name == ALL) {
        return Ok(workload.specimens().collect());
    }
    if options.specimens.mode.is_empty() {
        let default: Result<Vec<_>, _> =
            DEFAULT_MODES.iter().map(|mode| workload.specimen(mode)).collect();
        return Ok(default.unwrap_or_else(|_| workload.specimens().collect()));
    }
    let named = options.specimens.mode.iter().map(|name| workload.specimen(name));
    named.collect::<Result<_, _>>().map_err(|error| error.to_string())
}

/// The modes of a run without URL: the damage, and the cure.
const DEFAULT_MODES: [&str; 2] = ["racy", "mutex"];

/// What the request that updates asks for: without a value where the answer is to name it.
fn update(options: &Options, preset: &Preset) -> &'static str {
    match preset.update.split_once('?') {
        Some((path, query)) if options.judging.result.is_some() && query.contains(PLACEHOLDER) => {
            path
        }
        _ => preset.update,
    }
}

fn refuse_what_a_workload_says(options: &Options) -> Result<(), String> {
    let given = [
        ("--read", options.judging.read.is_some()),
        ("--extract", options.judging.extract.is_some()),
        ("--next-page", options.judging.next_page.is_some()),
        ("--writes", options.judging.writes),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(format!(
            "{option} needs a URL of your own: for our server, the workload says what is written \
             and read"
        )),
        None => Ok(()),
    }
}

fn plan(
    options: &Options,
    matches: &ArgMatches,
    workload: &Workload,
    subject: Subject,
) -> Result<Plan, String> {
    let preset = Preset::of(workload);
    if workload.persists && options.judging.reads.is_some() {
        return Err(format!(
            "--reads: {} saves later what it acknowledges, so only the last read has to show it",
            workload.name
        ));
    }
    if preset.takes_ids && options.judging.result.is_some() {
        return Err(format!(
            "--result: the client chooses the ids of {}; the service chooses those of jobs and \
             mistakes",
            workload.name
        ));
    }
    options.request.refuse_turns()?;
    let mut call = options.request.call(matches)?;
    if preset.posts && options.request.method.is_none() && call.method == Method::GET {
        call.method = Method::POST;
    }
    let asked = call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept"));
    if !asked {
        let json = HeaderValue::from_static("application/json");
        call.headers.push(("Accept".to_owned(), json));
    }
    let update = update(options, preset);
    if update.contains(PLACEHOLDER) {
        call.variables.has_value = true;
    }
    // A counter answers with the new value if it is asked for JSON, and if it is to answer at all.
    let answers = !asked && call.method != Method::HEAD;
    let model = model(options, workload, preset, answers)?;
    // In whatever form was asked for instead, there is nothing but one number or one list.
    let extract = if asked { Extract::Last } else { Extract::Json(preset.place.to_owned()) };
    let share = options.judging.reads.unwrap_or(preset.reads);
    let name = preset.key.to_owned();
    let mut judging = judging::judging(options, (name, model), Some(share))?;
    if model == Model::FetchAndAdd && options.judging.result.is_none() {
        judging.result = Some(extract.clone());
    }
    let read = StateRead {
        place: Place::Path(preset.read.into()),
        how: Reading::of_one(call.for_reading(), extract),
        // Our servers have applied what they acknowledge.
        settle: options.judging.settle.unwrap_or(Duration::ZERO),
        lags: false,
    };
    let Preset { requests, concurrency, ramp_up, .. } = *preset;
    let defaults = Defaults { requests, concurrency, ramp_up };
    let load = load(options, matches, &defaults)?.kept_as(&call);
    let reads = Some((&read, share)).filter(|_| share > 0.0);
    let known = preset.answers.parse().expect("there is a test");
    let update = (Place::Path(update.into()), call, judging::answers(options, &known));
    let scenario = judging::scenario(update, Some(&judging), reads, load.timeout);
    let (specimen, reads, judging) = (None, vec![read], Some(judging));
    let is_exclusive = judging::is_exclusive(options, &subject);
    let timings = outputs::timings(options, &load)?;
    let thresholds = Thresholds::default();
    Ok(Plan {
        subject,
        specimen,
        scenario,
        reads,
        load,
        judging,
        is_exclusive,
        invariants: Invariants::default(),
        thresholds,
        timings,
    })
}

fn model(
    options: &Options,
    workload: &Workload,
    preset: &Preset,
    answers: bool,
) -> Result<Model, String> {
    let usual = (preset.model)(&(workload.defaults)());
    match options.judging.model {
        None if usual == Model::FetchAndAdd && !answers => Ok(Model::Counter),
        None => Ok(usual),
        Some(model) if model == usual => Ok(model),
        Some(Model::Counter) if usual == Model::FetchAndAdd => Ok(Model::Counter),
        Some(model) => {
            let also = if usual == Model::FetchAndAdd { "counter or " } else { "" };
            Err(format!(
                "the workload {} is not judged as {model}: expected {also}{usual}",
                workload.name
            ))
        }
    }
}
