//! A file as a plan.

use std::path::{Path, PathBuf};

use check::Model;
use check::history::Op;
use url::Url;

use super::at::{At, Place};
use super::document::{Document, FullJudge, Judge};
use super::error::{Wrong, unknown};
use super::invariants;
use super::names::{Names, all_steps};
use super::state;
use super::steps::Steps;
use super::text::Text;
use crate::cli::values;
use crate::extract::{Decimal, Extract};
use crate::plan::{Invariants, Judging, Kind, Reading, StateRead};
use crate::scenario::{Escape, Meaning, Scenario, Step, Template, Values};
use crate::state::State;

/// What is judged: what it is called, by which model, and which state is its own.
#[derive(Debug)]
pub(super) struct Judged<'d> {
    pub(super) name: &'d str,
    pub(super) model: Model,
    pub(super) state: Option<&'d str>,
    initial: Option<State>,
    /// With how many decimals amounts are written at most.
    pub(super) decimals: u8,
    place: Place,
}

/// What the options add to a file.
#[derive(Debug)]
pub(in crate::cli) struct Settings {
    /// Where the file is.
    pub(in crate::cli) folder: PathBuf,
    /// The texts of variables, by their names.
    pub(in crate::cli) sets: Vec<(String, String)>,
    /// How long a request may take that does not say it itself.
    pub(in crate::cli) timeout: std::time::Duration,
    /// How many redirects of a request are followed that does not say it itself.
    pub(in crate::cli) follow: u32,
    pub(in crate::cli) seed: u64,
    /// The value of the first request.
    pub(in crate::cli) first_value: u64,
    /// How histories are judged, but for what is.
    pub(in crate::cli) judging: Judging,
}

/// What a run of a file consists of, beside the load.
#[derive(Debug)]
pub(in crate::cli) struct Planned {
    pub(in crate::cli) scenario: Scenario,
    pub(in crate::cli) reads: Vec<StateRead>,
    pub(in crate::cli) judging: Option<Judging>,
    pub(in crate::cli) invariants: Invariants,
}

/// The service that `document` names.
pub(in crate::cli) fn target(
    document: &Document,
    folder: &Path,
    sets: &[(String, String)],
) -> Result<Url, Wrong> {
    let Some(At { value, place }) = &document.target else {
        let why = "target is missing: expected target: http://HOST[:PORT] here, or a URL on the command line";
        return Err(Wrong::new(Place::default(), why));
    };
    let wrong = |why: String| Wrong::new(*place, format!("`{value}`: {why}"));
    let names = Names::of(document, folder, sets)?;
    let template = Template::parse(value.as_bytes(), &names.variables, Escape::None);
    let template = template.map_err(|error| wrong(error.to_string()))?;
    if !template.is_constant() {
        return Err(wrong("expected one service, the same for each request".to_owned()));
    }
    let mut text = Vec::new();
    template.fill(&mut text, &mut Values::example(&names.variables));
    values::url(&String::from_utf8_lossy(&text)).map_err(wrong)
}

/// What a run of `document` against `target` consists of.
pub(in crate::cli) fn plan(
    document: &Document,
    target: &Url,
    settings: Settings,
) -> Result<Planned, Wrong> {
    let Settings { folder, sets, timeout, follow, seed, first_value, judging } = settings;
    let names = Names::of(document, &folder, &sets)?;
    let judged = document.judge.iter().map(|(name, at)| self::judged(document, name, at));
    let judged: Vec<_> = judged.collect::<Result<_, _>>()?;
    let steps = Steps { document, names: &names, target, judged: &judged, timeout, follow };
    let (reset, opening) = (steps.reset()?, steps.opening()?);
    let (all, order) = steps.all()?;
    let mut reads = Vec::new();
    for (index, judged) in judged.iter().enumerate() {
        let state = judged.state.and_then(|state| document.state.get(state));
        let read = state.map(|state| state::read(document, state, &names, target)).transpose()?;
        let own = all.iter().filter(|step| step.judged == Some(index));
        complete(judged, &own.collect::<Vec<_>>(), read.as_ref())?;
        reads.extend(read.map(|mut read| {
            read.how.judged = Some(index);
            read
        }));
    }
    refuse_unused(document, &judged)?;
    let invariants = invariants::all(document, &names, target)?;
    let variables = names.variables.clone();
    let scenario = Scenario { reset, opening, steps: all, order, variables, first_value, seed };
    let kinds: Vec<_> = judged.into_iter().map(Judged::kind).collect();
    let judging = (!kinds.is_empty()).then_some(Judging { kinds, ..judging });
    Ok(Planned { scenario, reads, judging, invariants })
}

impl Judged<'_> {
    fn kind(self) -> Kind {
        let Self { name, model, initial, decimals, .. } = self;
        Kind { name: name.to_owned(), model, initial, decimals }
    }
}

/// What `document` judges under this `name`.
fn judged<'d>(
    document: &'d Document,
    name: &'d str,
    At { value, place }: &'d At<Judge>,
) -> Result<Judged<'d>, Wrong> {
    let wrong = |why: String| Wrong::new(*place, why);
    let (model, named, initial, decimals) = match value {
        Judge::Model(model) => (model, None, None, None),
        Judge::Full(FullJudge { model, state, initial, decimals }) => {
            (model, state.as_deref(), initial.as_ref(), *decimals)
        }
    };
    let model = values::model(model).map_err(wrong)?;
    let decimals = decimals.map(|decimals| of_amounts(model, decimals)).transpose();
    let decimals = decimals.map_err(wrong)?.unwrap_or(0);
    let model = values::model_in_steps(model, decimals).map_err(wrong)?;
    let states = &document.state;
    let state = match named {
        Some(named) if states.get(named).is_none() => {
            return Err(wrong(unknown("there is no state", named, &states.names())));
        }
        Some(named) => Some(named),
        None => states.names().into_iter().find(|state| *state == name),
    };
    if let (Some(state), false) = (state, state::has_state(model)) {
        return Err(wrong(format!(
            "{model} is judged only by answers: leave out the state {state}"
        )));
    }
    let initial = initial.map(|initial| at_first(model, initial, decimals));
    let initial = initial.transpose().map_err(wrong)?;
    if let (Some(_), Some(state)) = (&initial, state) {
        return Err(wrong(format!(
            "the state {state} says what was there at first: leave out initial"
        )));
    }
    Ok(Judged { name, model, state, initial, decimals, place: *place })
}

/// How many `decimals` are counted of an object of `model`.
fn of_amounts(model: Model, decimals: u8) -> Result<u8, String> {
    match model {
        Model::Counter | Model::FetchAndAdd | Model::Bounded { .. } | Model::Accounts { .. } => {}
        _ => return Err(format!("decimals: a {model} has no amounts")),
    }
    if decimals > values::MOST_DECIMALS {
        return Err(format!("decimals: {decimals}: expected {} at most", values::MOST_DECIMALS));
    }
    Ok(decimals)
}

/// What an object of `model` is at first, in whose numbers so many `decimals` are counted.
fn at_first(model: Model, initial: &Text, decimals: u8) -> Result<State, String> {
    let text = initial.to_string();
    match model {
        Model::Counter | Model::FetchAndAdd | Model::Bounded { .. } => {
            let number = Decimal::of(&text);
            let is_counted = |one: &Decimal| {
                let steps = one.times_ten_to(decimals);
                steps.is_some_and(|steps| steps.to_integer().is_some())
            };
            let expected = match decimals {
                0 => "a whole number".to_owned(),
                _ => format!("a number with {decimals} decimals at most"),
            };
            number
                .filter(is_counted)
                .map(State::Number)
                .ok_or_else(|| format!("initial: {text}: expected {expected} for a {model}"))
        }
        Model::Register | Model::Versioned => Ok(State::Text(text)),
        Model::Accounts { .. } => {
            Err("initial: the state says what is in accounts at first: leave out initial"
                .to_owned())
        }
        _ => Err(format!(
            "initial: a {model} is empty at first, or its state says what is in it: leave out \
             initial"
        )),
    }
}

/// Refuses a state that is `read` in a way that does not fit what is judged, which `is_many` objects or one.
fn fits(judged: &Judged<'_>, is_many: bool, read: &StateRead) -> Result<(), String> {
    let Judged { name, model, .. } = *judged;
    let Reading { extract, by_key, next, .. } = &read.how;
    let (is_list, is_of_one) = (Meaning::is_list(model), state::is_of_one(model));
    match by_key {
        _ if !is_list && matches!(extract, Extract::Every(_)) => Err(format!(
            "{name} is judged as {model}, and its state names many values: expected the place of one"
        )),
        // The state of each would be a list of its own.
        _ if is_many && is_list => Err(format!(
            "{name} is many objects, and each would be a {model}: expected one, without of: in the steps"
        )),
        None if next.is_some() && !is_list => Err(format!(
            "{name} is judged as {model}, and its state is one value: expected each, or no next"
        )),
        None if is_of_one => Err(format!(
            "{name} is judged as {model}: expected each in its state, with the key and the value of an \
             account"
        )),
        None if is_many => {
            Err(format!("{name} is many objects: expected each in its state, with key and value"))
        }
        Some(_) if !is_many && !is_of_one => Err(format!(
            "{name} is one object, and its state has each: expected value, or of: in the steps"
        )),
        _ => Ok(()),
    }
}

/// Refuses what cannot be judged by what these `steps` do with it, and by what is `read`.
fn complete(judged: &Judged<'_>, steps: &[&Step], read: Option<&StateRead>) -> Result<(), Wrong> {
    let Judged { name, model, ref initial, place, .. } = *judged;
    let wrong = |why: String| Err(Wrong::new(place, why));
    if !steps.iter().any(|step| step.op != Op::Read) {
        return wrong(format!("no step changes {name}: expected does: in one of them"));
    }
    let keyed = steps.iter().filter(|step| step.key.is_some()).count();
    if keyed > 0 && keyed < steps.len() {
        let all = steps.iter().filter(|step| step.key.is_none());
        let others: Vec<_> = all.map(|step| step.name.as_str()).collect();
        return wrong(format!(
            "{name} is one of many in some steps and not in {}: expected of: in all of them, or in none",
            others.join(", ")
        ));
    }
    if let Some(read) = read {
        fits(judged, keyed > 0, read).map_err(|why| Wrong::new(place, why))?;
    }
    let has_start = read.is_some() || initial.is_some();
    let needs_start = !matches!(
        model,
        Model::Bounded { capacity: Some(_) } | Model::Unique | Model::Once | Model::Lock
    );
    if needs_start && !has_start {
        let instead = match model {
            Model::Bounded { .. } => ", or initial, or bounded:N",
            Model::Counter | Model::FetchAndAdd | Model::Register | Model::Versioned => {
                ", or initial"
            }
            _ => "",
        };
        return wrong(format!(
            "{name} is judged as {model}, and nothing says what was there at first: expected a state called {name}{instead}"
        ));
    }
    let is_read = read.is_some() || steps.iter().any(|step| step.op == Op::Read);
    let needs_reads = matches!(model, Model::Counter | Model::Register | Model::Set);
    if needs_reads && !is_read {
        return wrong(format!(
            "{name} is judged as {model}, and nothing reads it: expected a state called {name}, or a step that reads it"
        ));
    }
    Ok(())
}

/// Refuses states that nobody asks for.
fn refuse_unused(document: &Document, judged: &[Judged<'_>]) -> Result<(), Wrong> {
    let is_used = |name: &str| {
        judged.iter().any(|judged| judged.state == Some(name))
            || !document.invariants.is_empty()
            || all_steps(document)
                .any(|step| step.read.as_ref().is_some_and(|read| read.value == name))
    };
    match document.state.iter().find(|(name, _)| !is_used(name)) {
        Some((name, state)) => {
            let names = document.judge.names();
            let message = unknown("nothing is judged by the state", name, &names);
            Err(Wrong::new(state.get.place, message))
        }
        None => Ok(()),
    }
}
