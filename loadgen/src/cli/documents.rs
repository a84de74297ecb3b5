//! Loads of our documents: servers over one database, and in each mode the scenario that suits it.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use clap::ArgMatches;
use documents::{Address, Backend, Expectation, Mode};
use store::Expectation as Expected;
use url::Url;

use super::Journals;
use super::file::{self, Document};
use super::load::Defaults;
use super::options::{ALL, Options};
use super::run::{self, Source};
use super::service::{Served, launch, program, subject};
use crate::plan::{Plan, Specimen, Subject};

/// What is asked of the documents of a service that changes them by itself.
const MIXED: &str = include_str!("documents/mixed.yaml");
const CLIENT_SIDE: &str = include_str!("documents/client-side.yaml");
const CLIENT_SIDE_IF_MATCH: &str = include_str!("documents/client-side-if-match.yaml");
const ACKNOWLEDGE_FIRST: &str = include_str!("documents/acknowledge-first.yaml");

/// What counts where the options say nothing: enough for a race, and soon over where all wait for one.
const DEFAULTS: Defaults = Defaults { requests: 500, concurrency: 20, ramp_up: Duration::ZERO };

/// Whether `--workload` names the documents.
pub(super) fn are_asked_for(options: &Options) -> bool {
    options.specimens.workload.as_deref() == Some(documents::WORKLOAD)
}

/// A plan for each mode that is asked for, each with servers of its own.
pub(super) fn plans(
    options: &Options,
    matches: &ArgMatches,
    journals: &mut Journals,
) -> Result<Vec<(Specimen, Plan)>, String> {
    refuse(matches)?;
    let (program, servers) = (program()?, servers(options));
    let database = options.specimens.database.clone().map(Address::settled);
    let backend = database.as_ref().map_or(Backend::Sqlite, Address::backend);
    let plan = |mode: &'static Mode| {
        let expectation = match mode.expectation(backend, servers) {
            Some(Expectation::Correct) => Expected::Correct,
            _ => Expected::LosesUpdates,
        };
        let specimen = Specimen {
            workload: documents::WORKLOAD,
            mode: mode.name,
            expectation,
            has_known_pace: false,
        };
        let restarts = mode.acknowledges_first();
        let database = match &database {
            Some(database) => Some(database.clone()),
            // It is to outlive the server.
            None if restarts => Some(Address::file(journals.folder()?.join("documents.db"))),
            None => None,
        };
        let mut arguments = Vec::new();
        if servers > 1 {
            arguments.extend(["--servers".into(), servers.to_string().into()]);
        }
        if let Some(database) = &database {
            arguments.extend([OsString::from("--database"), database.in_full()]);
        }
        let served = Served { specimen, arguments, saves: false, restarts };
        let subject = Subject::Launched(launch(options, &program, served));
        let document = scenario(mode, backend)?;
        let plan = self::plan(options, matches, &document, subject)?;
        Ok((specimen, Plan { specimen: Some(specimen), ..plan }))
    };
    modes(options, backend)?.into_iter().map(plan).collect()
}

/// The plan for documents that are served at `url`, in whatever mode.
pub(super) fn plan_at(options: &Options, matches: &ArgMatches, url: &Url) -> Result<Plan, String> {
    refuse(matches)?;
    if let Some(option) = given(options) {
        return Err(format!(
            "{option} is for the server that a run without URL starts: leave out either it or the URL"
        ));
    }
    plan(options, matches, &parsed(MIXED)?, subject(options, url, false)?)
}

/// Refuses what is for documents alone where others are asked for.
pub(super) fn refuse_elsewhere(options: &Options) -> Result<(), String> {
    if are_asked_for(options) || options.specimens.workload.as_deref() == Some(ALL) {
        return Ok(());
    }
    match given(options) {
        Some(option) => Err(format!(
            "{option}: only documents are kept in a database: leave it out, or see --workload documents"
        )),
        None => Ok(()),
    }
}

/// The first option that is given and for documents alone.
fn given(options: &Options) -> Option<&'static str> {
    let all = [
        ("--database", options.specimens.database.is_some()),
        ("--servers", options.specimens.servers.is_some()),
    ];
    all.into_iter().find_map(|(option, given)| given.then_some(option))
}

/// Whether documents can be kept without naming a database.
pub(super) fn has_default() -> bool {
    cfg!(feature = "sqlite")
}

fn servers(options: &Options) -> usize {
    options.specimens.servers.map_or(1, std::num::NonZero::get)
}

/// The modes that are asked for, of those that a database can have.
fn modes(options: &Options, backend: Backend) -> Result<Vec<&'static Mode>, String> {
    let named = &options.specimens.mode;
    if named.is_empty() || named.iter().any(|name| name == ALL) {
        return Ok(backend.modes().collect());
    }
    let mode = |name: &String| {
        let mode = Mode::named(name).map_err(|error| error.to_string())?;
        backend.check(mode).map_err(|error| error.to_string())?;
        Ok(mode)
    };
    named.iter().map(mode).collect()
}

/// What suits a mode on a database.
fn scenario(mode: &Mode, backend: Backend) -> Result<Document, String> {
    let mut document = parsed(match () {
        () if mode.acknowledges_first() => ACKNOWLEDGE_FIRST,
        () if mode.must_compare() => CLIENT_SIDE_IF_MATCH,
        () if mode.is_client_side() => CLIENT_SIDE,
        () => MIXED,
    })?;
    if !mode.has_transfers(backend) {
        document.steps.leave_out("transfer");
        document.judge.leave_out("accounts");
        document.state.leave_out("accounts");
    }
    Ok(document)
}

fn parsed(text: &str) -> Result<Document, String> {
    file::parse(text).map_err(|wrong| wrong.of(Path::new(documents::WORKLOAD)).to_string())
}

/// The plan for what `document` asks of documents that are served by `subject`.
fn plan(
    options: &Options,
    matches: &ArgMatches,
    document: &Document,
    subject: Subject,
) -> Result<Plan, String> {
    let source = Source { document, path: Path::new(documents::WORKLOAD), sets: Vec::new() };
    let mut plan = source.plan(subject, options, matches, &DEFAULTS)?;
    for read in &mut plan.reads {
        read.place = read.place.anywhere();
        // Our servers have applied what they acknowledge, or lose it.
        read.settle = options.judging.settle.unwrap_or(Duration::ZERO);
    }
    Ok(Plan { scenario: plan.scenario.anywhere(), ..plan })
}

/// Refuses what says what the workload says.
fn refuse(matches: &ArgMatches) -> Result<(), String> {
    let own = ["--workload", "--mode", "--race-window", "--database", "--servers"];
    match run::said(matches).find(|option| !own.contains(option)) {
        Some(option) => Err(format!(
            "{option}: the workload says what is sent to documents and how it is judged: leave out \
             either it or the workload"
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use documents::{BACKENDS, MODES};

    use super::*;

    #[test]
    fn every_mode_has_a_scenario_that_is_right() {
        for (backend, mode) in
            BACKENDS.into_iter().flat_map(|backend| MODES.iter().map(move |mode| (backend, mode)))
        {
            let document = scenario(mode, backend).unwrap();
            file::is_right(&document).unwrap();
            let transfers = document.steps.get("transfer").is_some();
            let is_mixed = !mode.is_client_side() && !mode.acknowledges_first();
            assert_eq!(
                transfers,
                is_mixed && mode.has_transfers(backend),
                "{backend} {}",
                mode.name
            );
        }
    }
}
