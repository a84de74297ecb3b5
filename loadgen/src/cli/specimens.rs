//! Loads of our own server: what each of its workloads takes, so that nobody has to say it.

use std::path::Path;
use std::sync::Arc;

use check::Model;
use clap::ArgMatches;
use http::{HeaderValue, Method};
use store::{Specimen, WORKLOADS, Workload};
use url::Url;

use super::options::{ALL, Options};
use super::presets::Preset;
use super::request::call;
use super::{exec, judging, load, program};
use crate::extract::Extract;
use crate::plan::{PLACEHOLDER, Plan, Read, Target};

/// A plan for each specimen that is asked for, each with a server of its own.
pub(super) fn plans(
    options: &Options,
    matches: &ArgMatches,
) -> Result<Vec<(Specimen, Plan)>, String> {
    if options.exec.is_some() {
        return Err("--exec needs the URL at which the server is going to listen".to_owned());
    }
    refuse_what_a_workload_says(options)?;
    let program = program()?;
    let plan = |specimen: Specimen| {
        let preset = Preset::of(specimen.workload);
        let target = embedded(options, &program, specimen, preset)?;
        Ok((specimen, plan(options, matches, specimen.workload, preset, target)?))
    };
    specimens(options)?.into_iter().map(plan).collect()
}

/// The plan for a server of ours at `url`, which serves `workload`.
pub(super) fn url_plan(
    options: &Options,
    matches: &ArgMatches,
    workload: &Workload,
    url: &Url,
) -> Result<Plan, String> {
    refuse_what_a_workload_says(options)?;
    let preset = Preset::of(workload);
    let at = |path: &str| url.join(path).map_err(|error| format!("{url}: {error}"));
    let read = Read { url: at(preset.read)?, extract: Extract::LastInteger };
    let exec = exec(options, workload.persists)?;
    if workload.persists && exec.is_none() {
        return Err(format!(
            "--workload {} ends the server and starts it again: --exec says how, or leave out \
             the URL",
            workload.name
        ));
    }
    let target = Target::Url { url: at(update(options, preset))?, read: Some(read), exec };
    plan(options, matches, workload, preset, target)
}

/// The workload that is named, if one is.
pub(super) fn workload(options: &Options) -> Result<Option<&'static Workload>, String> {
    match options.workload.as_deref() {
        Some(ALL) | None => Ok(None),
        Some(name) => Workload::named(name).map(Some).map_err(|error| error.to_string()),
    }
}

fn specimens(options: &Options) -> Result<Vec<Specimen>, String> {
    if options.workload.as_deref() == Some(ALL) {
        if !options.mode.is_empty() {
            return Err("--workload all runs every mode: leave out --mode".to_owned());
        }
        return Ok(WORKLOADS.into_iter().flat_map(Workload::specimens).collect());
    }
    let workload = workload(options)?.unwrap_or(WORKLOADS[0]);
    if options.mode.iter().any(|name| name == ALL) {
        return Ok(workload.specimens().collect());
    }
    if options.mode.is_empty() {
        let default: Result<Vec<_>, _> =
            DEFAULT_MODES.iter().map(|mode| workload.specimen(mode)).collect();
        return Ok(default.unwrap_or_else(|_| workload.specimens().collect()));
    }
    let named = options.mode.iter().map(|name| workload.specimen(name));
    named.collect::<Result<_, _>>().map_err(|error| error.to_string())
}

/// The modes of a run without URL: the damage, and the cure.
const DEFAULT_MODES: [&str; 2] = ["racy", "mutex"];

fn embedded(
    options: &Options,
    program: &Path,
    specimen: Specimen,
    preset: &Preset,
) -> Result<Target, String> {
    let journal = || {
        let file = tempfile::NamedTempFile::with_prefix("loadgen-");
        let file = file.map_err(|error| format!("cannot make a temporary file: {error}"))?;
        Ok::<_, String>(Arc::new(file.into_temp_path()))
    };
    Ok(Target::Embedded {
        program: program.to_owned(),
        specimen,
        race_window: options.race_window,
        update: update(options, preset),
        read: preset.read,
        journal: specimen.workload.persists.then(journal).transpose()?,
    })
}

/// What the request that updates asks for: without a value where the answer is to name it.
fn update(options: &Options, preset: &Preset) -> &'static str {
    match preset.update.split_once('?') {
        Some((path, query)) if options.result.is_some() && query.contains(PLACEHOLDER) => path,
        _ => preset.update,
    }
}

fn refuse_what_a_workload_says(options: &Options) -> Result<(), String> {
    let given = [
        ("--read", options.read.is_some()),
        ("--extract", options.extract.is_some()),
        ("--writes", options.writes),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(format!(
            "{option} needs a URL of your own: how our server is written to and read, its \
             workload says"
        )),
        None => Ok(()),
    }
}

fn plan(
    options: &Options,
    matches: &ArgMatches,
    workload: &Workload,
    preset: &Preset,
    target: Target,
) -> Result<Plan, String> {
    if workload.persists && options.reads.is_some() {
        return Err(format!(
            "--reads: {} saves later what it acknowledges: only the last read is to show it",
            workload.name
        ));
    }
    if preset.takes_ids && options.result.is_some() {
        return Err(format!(
            "--result: {} are added by ids of the client's choice; the service chooses those of jobs \
             and mistakes",
            workload.name
        ));
    }
    let mut call = call(options, matches)?;
    if preset.posts && options.method.is_none() && call.method == Method::GET {
        call.method = Method::POST;
    }
    let asked = call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept"));
    if !asked {
        let json = HeaderValue::from_static("application/json");
        call.headers.push(("Accept".to_owned(), json));
    }
    if update(options, preset).contains(PLACEHOLDER) {
        call.is_filled = true;
    }
    // A counter answers with the new value if it is asked for JSON, and if it is to answer at all.
    let answers = !asked && call.method != Method::HEAD;
    let model = model(options, workload, preset, answers)?;
    Ok(Plan {
        target,
        first_value: judging::first_value(),
        reads: options.reads.unwrap_or(preset.reads),
        load: load(options, matches, (preset.requests, preset.concurrency))?.kept_as(&call),
        call,
        key: preset.key.to_owned(),
        judging: Some(judging::judging(options, model)?),
    })
}

fn model(
    options: &Options,
    workload: &Workload,
    preset: &Preset,
    answers: bool,
) -> Result<Model, String> {
    let usual = (preset.model)(&(workload.defaults)());
    match options.model {
        None if usual == Model::FetchAndAdd && !answers => Ok(Model::Counter),
        None => Ok(usual),
        Some(model) if model == usual => Ok(model),
        Some(Model::Counter) if usual == Model::FetchAndAdd => Ok(Model::Counter),
        Some(model) => {
            let also = if usual == Model::FetchAndAdd { "counter or " } else { "" };
            Err(format!("the workload {} is no {model}: expected {also}{usual}", workload.name))
        }
    }
}
