//! What the requests mean, and what they are so that they can be judged.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use check::Model;
use check::incremental::Incremental;
use clap::ArgMatches;
use http::Method;
use url::Url;

use super::options::Options;
use super::outputs;
use super::request::Turns;
use super::service::Service;
use super::values;
use crate::extract::{Decimal, Extract, Written};
use crate::plan::{Invariants, Judging, Kind, Load, Plan, Reading, StateRead, Subject, Thresholds};
use crate::scenario::{
    Amount, Answers, Argued, Argument, COOKIES, Call, Escape, Key, Meaning, PLACEHOLDER, Place,
    Scenario, Step, Template, UnknownVariable, Variables, in_url,
};
use crate::secrets::masked_path;

/// The plan for a service, all that it takes being there.
pub(super) fn service_plan(
    options: &Options,
    matches: &ArgMatches,
    service: Service,
    load: Load,
) -> Result<Plan, String> {
    let Service { url, read, subject } = service;
    let call = options.request.call(matches)?;
    refuse(options, &url, read.as_ref().map(|(url, _)| url), &call)?;
    let turns = options.request.turns(&url, &call, options.load.seed)?;
    let has_value = is_filled(options, &turns)?;
    let filled = |(url, mut call): (Url, Call)| {
        call.variables.has_value = has_value;
        (url, call)
    };
    let Turns { first, others } = turns;
    let (url, call) = filled(first);
    let others = others.into_iter().map(filled);
    let others = others.map(|(url, call)| (Place::Url(url), call)).collect();
    let judging = options
        .judging
        .model
        // Its name is shown wherever an operation is.
        .map(|model| judging(options, (masked_path(&url), model), options.judging.reads))
        .transpose()?;
    let settle = options.judging.settle.unwrap_or(SETTLE);
    let read = read.map(|(url, extract)| {
        let next = options.judging.next_page.clone();
        let how = Reading { next, ..Reading::of_one(call.for_reading(), extract) };
        StateRead { place: Place::Url(url), how, settle, lags: false }
    });
    let is_exclusive = is_exclusive(options, &subject);
    let load = load.kept_as(&call);
    let reads = read.as_ref().zip(options.judging.reads);
    let update = (Place::Url(url), call, answers(options, &Answers::default()));
    let key = object_key(options, &update.1.variables)?;
    let scenario = scenario(update, judging.as_ref(), reads, load.timeout);
    let mut scenario = Scenario { seed: options.load.seed, ..scenario };
    let draws = options.request.draws(&scenario.variables);
    let argued = argued(options)?;
    let cookies = scenario.variables.slot(COOKIES);
    let update = &mut scenario.steps[0];
    *update = Step { others, draws, cookies, key, argued, ..update.clone() };
    let timings = outputs::timings(options, &load)?;
    let thresholds = Thresholds::default();
    Ok(Plan {
        subject,
        specimen: None,
        scenario,
        reads: read.into_iter().collect(),
        load,
        judging,
        is_exclusive,
        invariants: Invariants::default(),
        thresholds,
        timings,
    })
}

/// Refuses what contradicts itself, or lacks what it takes, of a load of `call` to `url`.
fn refuse(options: &Options, url: &Url, read: Option<&Url>, call: &Call) -> Result<(), String> {
    if options.judging.history.is_some() && options.judging.model.is_none() {
        return Err("--history needs --model MODEL, which says what the requests are".to_owned());
    }
    refuse_model(options, read.is_some())?;
    let has_list = options.judging.model.is_some_and(Meaning::is_list);
    if let Some(rule @ Extract::Every(_)) = options.judging.extract.as_ref().filter(|_| !has_list) {
        return Err(format!(
            "--extract {rule} names many values: expected the place of one, or --model set"
        ));
    }
    if options.judging.next_page.is_some() {
        refuse_pages(options, read.is_some() && has_list)?;
    }
    if options.judging.result.is_some() && options.judging.model.is_none() {
        return Err("--result needs --model MODEL, which says what a result is".to_owned());
    }
    if options.judging.reads.is_some() {
        let Some(read) = read else {
            return Err("--reads says how many requests ask for --read URL, but --read is missing"
                .to_owned());
        };
        if read.origin() != url.origin() {
            return Err(format!("--reads asks for {read} over the connections to another host"));
        }
    }
    if let Some(read) = read.filter(|read| *read == url && call.method == Method::GET) {
        return Err(format!(
            "--read asks for {read} with GET, as the load does: each read would be an update as well. \
             Expected a URL that only reads"
        ));
    }
    if options.judging.first && options.judging.model.is_none() {
        return Err(format!("--first needs --model MODEL, which says what an anomaly is: {FIRST}"));
    }
    if options.request.urls.is_some() && (read.is_some() || options.judging.model.is_some()) {
        return Err(
            "--urls asks for several places, but only one can be judged: leave out either it, or \
                    --read and --model"
                .to_owned(),
        );
    }
    if let Some(read) = read.filter(|read| varies(read, &call.variables)) {
        return Err(format!("--read {read}: the state is read at one place, without variables"));
    }
    Ok(())
}

/// Refuses pages of what is no list, and those that would have to be of one moment.
fn refuse_pages(options: &Options, is_list: bool) -> Result<(), String> {
    if !is_list {
        return Err(
            "--next-page is for the list that --read URL reads: expected --model set or dispense"
                .to_owned(),
        );
    }
    if options.judging.reads.is_some() {
        return Err(
            "--reads with --next-page: pages that are read during the load do not show one moment"
                .to_owned(),
        );
    }
    Ok(())
}

/// Refuses a model that lacks what it takes, or takes what the options cannot say.
fn refuse_model(options: &Options, is_read: bool) -> Result<(), String> {
    match options.judging.model {
        Some(model @ (Model::Unique | Model::Once)) if is_read => {
            return Err(format!(
                "--model {model} is judged only by the answers to its updates: leave out --read"
            ));
        }
        Some(Model::Versioned) => return Err(VERSIONED.to_owned()),
        Some(Model::Lock) => return Err(LOCK.to_owned()),
        Some(model @ Model::Accounts { .. }) => {
            return Err(format!(
                "--model {model}: a request of the command line does not say how much it moves, and \
                 between which accounts; one of a scenario does: loadgen run FILE"
            ));
        }
        Some(Model::Once) if options.judging.object.is_none() => {
            return Err(
                "--model once needs --object TEXT: what is done once for each of what?".to_owned()
            );
        }
        Some(model) if model.needs_initial() && !is_read => {
            return Err(no_initial(options, model));
        }
        Some(Model::Bounded { .. } | Model::Unique | Model::Once) | None => {}
        Some(Model::Dispense | Model::Queue) if options.judging.reads.is_some() => {
            return Err(
                "--reads: only the answers say what is handed out: leave out --reads".to_owned()
            );
        }
        Some(model) if !is_read => {
            return Err(format!(
                "--model {model} needs --read URL, which says what was there at first"
            ));
        }
        Some(_) => {}
    }
    Ok(())
}

/// That nothing says how much of something there is that is judged as `model`.
fn no_initial(options: &Options, model: Model) -> String {
    match &options.judging.object {
        Some(object) => {
            format!("--model {model}: how many are there of each {object}? Expected {model}:N")
        }
        None => format!(
            "--model {model}: how many are there? Expected --read URL, where it is read before the \
             load, or {model}:N"
        ),
    }
}

/// How much each update adds or takes, where that is not one.
fn argued(options: &Options) -> Result<Argued, String> {
    let Some(written @ Written { least: amount, decimals, .. }) = options.judging.amount else {
        return Ok(Argued::Nothing);
    };
    let wrong = |why: &str| Err(format!("--amount {amount}: {why}"));
    match options.judging.model {
        Some(Model::Counter | Model::FetchAndAdd) => {}
        Some(Model::Bounded { .. }) if amount > Decimal::default() => {}
        Some(Model::Bounded { .. }) if decimals > 0 => return wrong("expected more than 0"),
        Some(Model::Bounded { .. }) => return wrong("expected at least 1"),
        Some(model) => return wrong(&format!("an update of a {model} has no amount")),
        None => return wrong("it needs --model counter, fetch-and-add or bounded"),
    }
    if options.judging.first {
        return wrong("amounts are judged when the run is over: leave out --first");
    }
    if !written.fit(decimals) {
        return wrong("it has more digits than 64 bits hold");
    }
    let written = Argument::constant(&amount.to_string());
    Ok(Argued::Amount(Amount { written, decimals }))
}

/// Which of many objects a request with these `variables` is about.
fn object_key(options: &Options, variables: &Variables) -> Result<Option<Key>, String> {
    let Some(text) = &options.judging.object else { return Ok(None) };
    let wrong = |why: &str| Err(format!("--object {text}: {why}"));
    if options.judging.read.is_some() {
        return wrong(
            "each object is judged by its own answers, but --read reads all of them: leave out \
             --read",
        );
    }
    if options.judging.first {
        return wrong("objects are judged when the run is over: leave out --first");
    }
    Key::parse(text, variables).map(Some).map_err(|error| format!("--object {text}: {error}"))
}

/// After a second without a change, a state is what it is going to be.
pub(super) const SETTLE: Duration = Duration::from_secs(1);

/// Whether nobody else changes what the requests change: so it is with a server that is started.
pub(super) fn is_exclusive(options: &Options, subject: &Subject) -> bool {
    options.judging.exclusive || matches!(subject, Subject::Launched(_))
}

/// What answers mean: what the options say, and what is known of the service.
pub(super) fn answers(options: &Options, known: &Answers) -> Answers {
    let given = options.judging.answers.iter().chain(&options.judging.expect);
    let given = given.cloned().reduce(|all, more| all.before(&more));
    given.unwrap_or_default().before(known)
}

/// Whether each update has a value of its own, as its model and the request must agree on.
fn is_filled(options: &Options, turns: &Turns) -> Result<bool, String> {
    let takes_values = match options.judging.model {
        Some(Model::Register) => true,
        Some(Model::Set) => options.judging.result.is_none(),
        Some(model @ (Model::Counter | Model::FetchAndAdd | Model::Bounded { .. }))
            if options.judging.writes =>
        {
            return Err(format!(
                "--writes gives each update its own value, which a {model} does not take: expected \
                 --model register or set"
            ));
        }
        Some(_) | None => options.judging.writes,
    };
    let all = || turns.others.iter().chain([&turns.first]);
    for (url, call) in all() {
        let known =
            call.has_known_variables().and_then(|()| has_known_variables(url, &call.variables));
        known.map_err(|error| error.to_string())?;
        // In content it may be meant.
        if !takes_values && is_in_head(url, call) {
            return Err(UNFILLED.to_owned());
        }
        let is_there =
            || is_in_head(url, call) || call.body.as_deref().is_some_and(holds_placeholder);
        if takes_values && !is_there() && !has_value(url, call) {
            return Err(format!(
                "each update needs its own value: expected {PLACEHOLDER} in the URL, a header or \
                 the data"
            ));
        }
    }
    Ok(takes_values)
}

/// What clients do that update with `update`, and read with a share of their requests.
pub(super) fn scenario(
    (place, call, answers): (Place, Call, Answers),
    judging: Option<&Judging>,
    reads: Option<(&StateRead, f64)>,
    timeout: Duration,
) -> Scenario {
    let model = judging.map(|judging| judging.kinds[0].model);
    let result = judging.and_then(|judging| judging.result.as_ref());
    let update = Step { answers, ..Step::updating(place, call, model, result, timeout) };
    let read = reads.map(|(read, share)| {
        let (place, call) = (read.place.clone(), read.how.call.clone());
        (Step::reading(place, call, model, (&read.how.extract, None), timeout), share)
    });
    let scenario = Scenario::new(update, first_value());
    match read {
        Some((read, share)) => scenario.with(read, share),
        None => scenario,
    }
}

/// How the operations on an object with this name and of this model are judged, of which `reads` read.
pub(super) fn judging(
    options: &Options,
    (name, model): (String, Model),
    reads: Option<f64>,
) -> Result<Judging, String> {
    if options.judging.first {
        can_end_at_first(options, model, reads)?;
    }
    let result = match (model, &options.judging.result) {
        (Model::FetchAndAdd, None) => Some(Extract::Only),
        (Model::Unique | Model::Once | Model::Dispense | Model::Queue, None) => {
            return Err(format!(
                "--model {model} needs --result RULE: where do answers carry the value, as in json:/id?"
            ));
        }
        (
            Model::FetchAndAdd
            | Model::Bounded { .. }
            | Model::Set
            | Model::Unique
            | Model::Once
            | Model::Dispense
            | Model::Queue,
            result,
        ) => result.clone(),
        (_, None) => None,
        (model, Some(_)) => {
            return Err(format!("--result: the answers to updates of a {model} carry no result"));
        }
    };
    let effort = options.judging.effort.effort();
    let (history_limit, ends_at_first) = (options.judging.history_limit, options.judging.first);
    let decimals = options.judging.amount.map_or(0, |amount| amount.decimals);
    let model = values::model_in_steps(model, decimals);
    let model = model.map_err(|why| format!("--amount: {why}"))?;
    let kinds = vec![Kind { name, model, initial: None, decimals }];
    Ok(Judging { kinds, result, history_limit, effort, ends_at_first })
}

const VERSIONED: &str = "--model versioned: a request of the command line cannot carry the version that an \
                         earlier answer had; one of a scenario can: loadgen run FILE";

const LOCK: &str = "--model lock: the clients of the command line do not give back what they hold; those of a \
                    scenario do: loadgen run FILE";

const FIRST: &str = "expected counter, fetch-and-add or bounded";

/// Whether an anomaly can be proved while the load goes on.
fn can_end_at_first(options: &Options, model: Model, reads: Option<f64>) -> Result<(), String> {
    if !Incremental::covers(model) {
        return Err(format!("--first: a {model} is only judged when the run is over: {FIRST}"));
    }
    if options.judging.history_limit == 0 {
        let why = "--first judges requests one by one, but --history-limit 0 keeps none of them";
        return Err(why.to_owned());
    }
    // Their answers carry nothing.
    let tells_nothing = model == Model::Counter && reads.is_none_or(|share| share <= 0.0);
    if tells_nothing {
        let why = "--first: the answers to updates of a counter carry nothing that could be wrong: \
                   --reads SHARE lets some of the requests read";
        return Err(why.to_owned());
    }
    Ok(())
}

/// What is to be said of a plan that is not wrong, and perhaps not meant.
pub(super) fn warning(plan: &Plan) -> Option<String> {
    let call = &plan.scenario.first().call;
    let is_unfilled =
        !call.variables.has_value && call.body.as_deref().is_some_and(holds_placeholder);
    is_unfilled.then(|| UNFILLED.to_owned())
}

const UNFILLED: &str = "{value} is in the request, but nothing fills it: --writes gives each update \
                        its own value, and so do --model register and set";

/// Whether [`PLACEHOLDER`] stands in `text`, apart from where it is a variable in any case.
fn holds_placeholder(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text).replace("{{value}}", "");
    text.as_bytes().windows(PLACEHOLDER.len()).any(|window| window == PLACEHOLDER.as_bytes())
}

/// What may have variables of a URL.
fn path(url: &Url) -> String {
    in_url(&url[url::Position::BeforePath..])
}

fn has_known_variables(url: &Url, variables: &Variables) -> Result<(), UnknownVariable> {
    Template::parse(path(url).as_bytes(), variables, Escape::Url).map(drop)
}

fn varies(url: &Url, variables: &Variables) -> bool {
    !Template::of(path(url).as_bytes(), variables, Escape::Url).is_constant()
}

/// Whether any variable is the request's own value.
fn has_value(url: &Url, call: &Call) -> bool {
    let path = path(url);
    let values = call.headers.iter().map(|(_, value)| value.as_bytes());
    let content = call.body.as_deref().filter(|_| call.escape.is_some());
    let mut texts = values.chain(content).chain([path.as_bytes()]);
    texts.any(|text| String::from_utf8_lossy(text).contains("{{value}}"))
}

/// Whether the place of a value is in the URL or in a header.
fn is_in_head(url: &Url, call: &Call) -> bool {
    holds_placeholder(path(url).as_bytes())
        || call.headers.iter().any(|(_, value)| holds_placeholder(value.as_bytes()))
}

/// Values that no earlier run against the same service wrote: microseconds, with 16 digits until
/// the year 2286.
pub(super) fn first_value() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_micros()).unwrap_or_default().clamp(LEAST_VALUE, GREATEST_VALUE)
}

const LEAST_VALUE: u64 = 1_000_000_000_000_000;
const GREATEST_VALUE: u64 = 9_000_000_000_000_000;
