//! How an exploration bears out what is claimed of a mode.

use std::panic;

use crate::explore::{Exploration, explore};
use crate::outcome::{self, OutcomeOf};
use crate::{Claim, Conflict, Model, Scenario, Subject, deadlock, quiet};

pub(crate) fn check<S: Subject>(model: &Model, scenario: &'static Scenario<S>, test: &str) {
    let finding = match model.claim {
        Claim::DataRace if scenario.conflict != Conflict::None => has_data_race(model, scenario),
        Claim::FatalError if scenario.conflict != Conflict::None => {
            ends_the_process(model, scenario)
        }
        Claim::LosesUpdates | Claim::Oversells | Claim::AnswersFalsely
            if scenario.conflict == Conflict::Writes =>
        {
            shows_the_anomaly(model, scenario)
        }
        Claim::Deadlock => deadlock::deadlocks(model, scenario, test),
        _ => holds(model, scenario),
    };
    let scenario = test.rsplit("::").next().unwrap_or(test);
    println!("model {} {} {scenario}: {finding}", model.workload, model.catalogued().name);
}

fn holds<S: Subject>(model: &Model, scenario: &'static Scenario<S>) -> String {
    let explained = outcome::explained(scenario);
    let allowed = explained.clone();
    let exploration = explore(model, scenario, None, move |outcome| allowed.contains(outcome));
    // Cells alone are no point where loom would switch threads: reads of them have one interleaving.
    let least = if scenario.conflict == Conflict::None { 1 } else { 2 };
    let exploration = complete(exploration, least);
    all_reached(&exploration, &explained);
    assert_nobody_died(&exploration);
    format!("held in {exploration}")
}

fn shows_the_anomaly<S: Subject>(model: &Model, scenario: &'static Scenario<S>) -> String {
    let claimed = model.claim.anomaly();
    let explained = outcome::explained(scenario);
    let allowed = explained.clone();
    let anomaly = |outcome: &OutcomeOf<S>| S::anomaly(scenario.start, scenario.threads, outcome);
    let exploration = explore(model, scenario, None, move |outcome| {
        allowed.contains(outcome) || anomaly(outcome) == claimed
    });
    let exploration = complete(exploration, 2);
    assert_nobody_died(&exploration);
    // Not every order need be reached, nor is it: where a thread loads and then writes an atomic,
    // loom passes over some orders of its loads. The anomaly is proof enough.
    let mut count = 0;
    let mut first = usize::MAX;
    for (outcome, times, at) in &exploration.seen.outcomes {
        if anomaly(outcome) == claimed {
            count += times;
            first = first.min(*at);
        }
    }
    let anomaly = claimed.unwrap_or_default();
    assert!(count > 0, "no interleaving {anomaly} in {exploration}");
    if model.claim == Claim::AnswersFalsely {
        assert_eq!(count, exploration.seen.interleavings, "every interleaving {anomaly}");
    }
    caught(first, &exploration, &format!("{anomaly} in {count}"))
}

fn ends_the_process<S: Subject>(model: &Model, scenario: &'static Scenario<S>) -> String {
    const FATAL: &str = "fatal error: ";
    let explained = outcome::explained(scenario);
    let allowed = explained.clone();
    let exploration =
        explore(model, scenario, Some(FATAL), move |outcome| allowed.contains(outcome));
    let exploration = complete(exploration, 2);
    // Who finds the store full does so in every order; elsewhere the threads may miss each other.
    if scenario.conflict != Conflict::Full {
        all_reached(&exploration, &explained);
    }
    let first = exploration.seen.first_fatal.unwrap_or_default();
    assert!(first > 0, "no fatal error in {exploration}");
    // Whichever comes second notices; each thread is that in some interleaving.
    let message = format!("{FATAL}{}", scenario.conflict.message());
    for (thread, messages) in exploration.seen.messages.iter().enumerate() {
        assert_eq!(*messages, [message.as_str()], "how thread {thread} ended");
    }
    caught(first, &exploration, &format!("{message} in {}", exploration.seen.fatal))
}

fn has_data_race<S: Subject>(model: &Model, scenario: &'static Scenario<S>) -> String {
    const DATA_RACE: &str = "Causality violation: ";
    let exploration = explore(model, scenario, Some(DATA_RACE), |_| true);
    let Some(panic) = &exploration.stopped_by else {
        panic!("no data race in {exploration}");
    };
    match quiet::message(&**panic) {
        Some(message) if message.contains(DATA_RACE) => {
            format!("caught after {exploration} (data race of {})", racing_lines(message))
        }
        _ => panic!("stopped by something else than a data race in {exploration}"),
    }
}

/// Where the two accesses of a race are, from loom's message.
fn racing_lines(message: &str) -> String {
    let lines: Vec<_> = message.lines().filter_map(|line| line.split_once(" @ ")).collect();
    lines.iter().map(|(_, location)| *location).collect::<Vec<_>>().join(" and ")
}

/// Passes on an exploration that was not stopped and that had interleavings enough to say
/// something: where loom sees no synchronisation it runs a single one, which proves nothing.
fn complete<S: Subject>(mut exploration: Exploration<S>, least: usize) -> Exploration<S> {
    if let Some(panic) = exploration.stopped_by.take() {
        panic::resume_unwind(panic);
    }
    assert!(exploration.seen.interleavings >= least, "loom found nothing to interleave");
    exploration
}

/// It does not say much that nothing was wrong where the threads met in some ways only.
fn all_reached<S: Subject>(exploration: &Exploration<S>, explained: &[OutcomeOf<S>]) {
    for outcome in explained {
        let reached = exploration.seen.outcomes.iter().any(|(seen, ..)| seen == outcome);
        assert!(reached, "no interleaving reached {outcome:?}");
    }
}

fn assert_nobody_died<S: Subject>(exploration: &Exploration<S>) {
    assert_eq!(exploration.seen.fatal, 0, "fatal errors: {:?}", exploration.seen.messages);
}

fn caught<S: Subject>(first: usize, exploration: &Exploration<S>, finding: &str) -> String {
    let plural = if first == 1 { "" } else { "s" };
    let (scope, seconds) = (exploration.scope(), exploration.elapsed.as_secs_f64());
    format!("caught after {first} interleaving{plural}, {seconds:.2} s ({finding} of {scope})")
}
