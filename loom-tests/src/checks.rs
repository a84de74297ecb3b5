//! How an exploration bears out what is claimed of a mode.

use std::panic;

use crate::explore::{Exploration, explore};
use crate::outcome::{self, Outcome};
use crate::quiet;
use crate::scenarios::Scenario;
use crate::{Claim, Model};

pub(crate) fn check(model: &Model, scenario: &'static Scenario) {
    match model.claim {
        Claim::DataRace => has_data_race(model, scenario),
        Claim::FatalError => ends_the_process(model, scenario),
        Claim::LosesUpdates if scenario.can_lose_an_update() => loses_updates(model, scenario),
        Claim::LosesUpdates | Claim::Holds => holds(model, scenario),
    }
}

fn holds(model: &Model, scenario: &'static Scenario) {
    let explained = outcome::explained(scenario);
    let allowed = explained.clone();
    let exploration = explore(model, scenario, None, move |outcome| allowed.contains(outcome));
    let exploration = complete(exploration, &explained);
    assert_nobody_died(&exploration);
    report(&exploration, "every one explained");
}

fn loses_updates(model: &Model, scenario: &'static Scenario) {
    let explained = outcome::explained(scenario);
    let allowed = explained.clone();
    let exploration = explore(model, scenario, None, move |outcome| {
        allowed.contains(outcome) || outcome.is_short(&allowed)
    });
    let exploration = complete(exploration, &explained);
    assert_nobody_died(&exploration);
    let outcomes = exploration.seen.outcomes.iter();
    let short: usize = outcomes.filter(|(o, _)| o.is_short(&explained)).map(|(_, n)| n).sum();
    assert!(short > 0, "no update lost in {exploration}");
    report(&exploration, &format!("an update lost in {short}"));
}

fn ends_the_process(model: &Model, scenario: &'static Scenario) {
    const FATAL: &str = "fatal error: ";
    let explained = outcome::explained(scenario);
    let allowed = explained.clone();
    let exploration =
        explore(model, scenario, Some(FATAL), move |outcome| allowed.contains(outcome));
    let exploration = complete(exploration, &explained);
    assert!(exploration.seen.fatal > 0, "no fatal error in {exploration}");
    // Whichever comes second notices; each thread is that in some interleaving.
    let message = format!("{FATAL}{}", scenario.conflict());
    for (thread, messages) in exploration.seen.messages.iter().enumerate() {
        assert_eq!(*messages, [message.as_str()], "how thread {thread} ended");
    }
    report(&exploration, &format!("{message} in {}", exploration.seen.fatal));
}

fn has_data_race(model: &Model, scenario: &'static Scenario) {
    const DATA_RACE: &str = "Causality violation: ";
    let exploration = explore(model, scenario, Some(DATA_RACE), |_| true);
    let Some(panic) = &exploration.stopped_by else {
        panic!("no data race in {exploration}");
    };
    match quiet::message(&**panic) {
        Some(message) if message.contains(DATA_RACE) => {
            report(&exploration, &format!("data race of {}", racing_lines(message)));
        }
        _ => panic!("stopped by something else than a data race in {exploration}"),
    }
}

/// Where the two accesses of a race are, from loom's message.
fn racing_lines(message: &str) -> String {
    let lines: Vec<_> = message.lines().filter_map(|line| line.split_once(" @ ")).collect();
    lines.iter().map(|(_, location)| *location).collect::<Vec<_>>().join(" and ")
}

/// Passes on an exploration that was not stopped and that showed enough to say something.
fn complete(mut exploration: Exploration, explained: &[Outcome]) -> Exploration {
    if let Some(panic) = exploration.stopped_by.take() {
        panic::resume_unwind(panic);
    }
    // Where loom sees no synchronisation it runs a single interleaving, which proves nothing.
    assert!(exploration.seen.interleavings > 1, "loom found nothing to interleave");
    // Nor does it say much that nothing was wrong where the threads met in some ways only.
    for outcome in explained {
        let reached = exploration.seen.outcomes.iter().any(|(seen, _)| seen == outcome);
        assert!(reached, "no interleaving reached {outcome:?}");
    }
    exploration
}

fn assert_nobody_died(exploration: &Exploration) {
    assert_eq!(exploration.seen.fatal, 0, "fatal errors: {:?}", exploration.seen.messages);
}

/// Ends in the middle of a line, which the test runner completes.
fn report(exploration: &Exploration, finding: &str) {
    print!("{exploration}, {finding}: ");
}
