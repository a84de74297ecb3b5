//! The steps of a file, and in which order they are taken.

use std::time::Duration;

use check::history::Op;
use url::Url;

use super::at::{At, Place};
use super::document::{Answer, Document, Means, Step as Said};
use super::does::operation;
use super::error::{Wrong, unknown};
use super::names::Names;
use super::plan::Judged;
use super::request::request;
use super::state::{self, rule};
use super::text::Text;
use crate::cli::values;
use crate::scenario::{Answers, Argued, Keep, Mix, Order, Step, Word};

/// What is known of every step.
pub(super) struct Steps<'d> {
    pub(super) document: &'d Document,
    pub(super) names: &'d Names,
    pub(super) target: &'d Url,
    pub(super) judged: &'d [Judged<'d>],
    /// How long a request may take that does not say it itself.
    pub(super) timeout: Duration,
    /// How many redirects of a request are followed that does not say it itself.
    pub(super) follow: u32,
}

impl Steps<'_> {
    /// What each client does once.
    pub(super) fn opening(&self) -> Result<Vec<Step>, Wrong> {
        let steps = self.document.session.iter().zip(1..);
        steps
            .map(|(said, number)| {
                if let Some(does) = &said.does {
                    let why = "what a session does is not judged: expected does in another step";
                    return Err(Wrong::new(does.place, why));
                }
                refuse_share(said)?;
                if let Some(together) = &said.together {
                    let why = "each client opens its own session: leave out together";
                    return Err(Wrong::new(together.place, why));
                }
                self.step(said, &called(said, "session", number))
            })
            .collect()
    }

    /// What lets the service begin anew.
    pub(super) fn reset(&self) -> Result<Option<Step>, Wrong> {
        self.document.reset.as_ref().map(|said| self.step(said, "reset")).transpose()
    }

    /// What clients do, and in which order.
    pub(super) fn all(&self) -> Result<(Vec<Step>, Order), Wrong> {
        let Document { steps, flow, pause, .. } = self.document;
        match (steps.0.is_empty(), flow.is_empty()) {
            (true, true) => {
                let why = "there is nothing to send: expected steps, or a flow";
                Err(Wrong::new(Place::default(), why))
            }
            (false, false) => {
                let why = "expected either steps, which share the requests, or a flow, whose steps \
                           follow one another, not both";
                Err(Wrong::new(Place::default(), why))
            }
            (false, true) => self.mixed(pause.as_ref()),
            (true, false) => self.in_order(pause.as_ref()),
        }
    }

    fn mixed(&self, pause: Option<&At<Text>>) -> Result<(Vec<Step>, Order), Wrong> {
        if let Some(pause) = pause {
            return Err(Wrong::new(pause.place, "pause is only for a flow, between its steps"));
        }
        let named: Vec<_> = self.document.steps.iter().collect();
        let shares = shares(&named)?;
        let mut order: Vec<usize> = (0..named.len()).collect();
        // What is left is the first one's: that of one that has no share of its own.
        let first = named.iter().position(|(_, step)| step.share.is_none()).unwrap_or(0);
        order.swap(0, first);
        let mut steps = Vec::new();
        let mut mix = Mix::default();
        for index in order {
            let (name, said) = named[index];
            let mut step = self.step(said, name)?;
            let mut draws = self.names.common(&self.document.pick)?;
            draws.append(&mut step.draws);
            if !steps.is_empty() {
                mix = mix.with(shares[index]);
            }
            steps.push(Step { draws, ..step });
        }
        Ok((steps, Order::Mixed(mix)))
    }

    fn in_order(&self, pause: Option<&At<Text>>) -> Result<(Vec<Step>, Order), Wrong> {
        let mut steps = Vec::new();
        for (said, number) in self.document.flow.iter().zip(1..) {
            refuse_share(said)?;
            let mut step = self.step(said, &called(said, "step", number))?;
            if number == 1 {
                let mut draws = self.names.common(&self.document.pick)?;
                draws.append(&mut step.draws);
                step.draws = draws;
            }
            steps.push(step);
        }
        let pause = match pause {
            Some(pause) => between(&pause.value).ok_or_else(|| {
                Wrong::new(
                    pause.place,
                    format!("`{}`: expected a time, as 1s, or 1s..3s", pause.value),
                )
            })?,
            None => (Duration::ZERO, Duration::ZERO),
        };
        let order = Order::Flow { steps: steps.len(), pause };
        Ok((steps, order))
    }

    fn step(&self, said: &Said, name: &str) -> Result<Step, Wrong> {
        let timeout = match &said.timeout {
            Some(time) => {
                values::duration(&time.value).map_err(|why| Wrong::new(time.place, why))?
            }
            None => self.timeout,
        };
        let mut step = if let Some(read) = &said.read {
            self.reading(read, timeout)?
        } else {
            let (place, call) = request(self.document, said, name, self.names, self.target)?;
            Step { judged: None, op: Op::Read, ..Step::plain(place, call, timeout) }
        };
        if let Some(does) = &said.does {
            let index = self.judged_by(does)?;
            let Judged { model, decimals, .. } = self.judged[index];
            let operation = operation(does, model, decimals, self.names)?;
            step.op = operation.op;
            step.meaning = operation.meaning;
            step.argued = operation.argued;
            step.key = operation.key;
            step.judged = Some(index);
        }
        name.clone_into(&mut step.name);
        step.cookies = self.names.cookies();
        step.follow = self.follow(said)?;
        step.draws = self.names.draws(&said.pick)?;
        for (name, at) in said.keep.iter() {
            let (slot, extract) = (self.names.slot(name), rule(at)?);
            step.keeps.push(Keep { slot, name: name.to_owned(), extract });
        }
        step.answers = answers(said)?;
        if let Some(together) = &said.together {
            step.together = many(together)?;
            let adds_the_same = step.op == Op::Add && matches!(step.argued, Argued::Value(_));
            if adds_the_same {
                let why = "all of them would add the same element, but each element may be added \
                           only once: leave out together";
                return Err(Wrong::new(together.place, why));
            }
        }
        Ok(step)
    }

    /// How many redirects of a request are followed.
    fn follow(&self, said: &Said) -> Result<u32, Wrong> {
        match &said.follow {
            Some(follow) if said.read.is_some() => {
                let why = "a state is read without following redirects: leave out follow";
                Err(Wrong::new(follow.place, why))
            }
            Some(At { value, place }) => values::redirects(&value.to_string())
                .map_err(|why| Wrong::new(*place, format!("`{value}`: {why}"))),
            None => Ok(if said.read.is_some() { 0 } else { self.follow }),
        }
    }

    /// A step that reads the state called `read`.
    fn reading(&self, read: &At<String>, timeout: Duration) -> Result<Step, Wrong> {
        let states = &self.document.state;
        let Some(state) = states.get(&read.value) else {
            let message = unknown("there is no state", &read.value, &states.names());
            return Err(Wrong::new(read.place, message));
        };
        let wrong = |why: &str| Err(Wrong::new(read.place, why));
        let of_it = |judged: &Judged<'_>| judged.state == Some(read.value.as_str());
        let Some(index) = self.judged.iter().position(of_it) else {
            return wrong(
                "nothing is judged by this state: expected a state that something is judged by",
            );
        };
        let judged = &self.judged[index];
        if state.each.is_some() && !state::is_of_one(judged.model) {
            return wrong(
                "this state is of many objects: expected a get with does: read, of one of them",
            );
        }
        if state.next.is_some() {
            return wrong("this state is read in pages, which do not show one moment");
        }
        let read = state::read(self.document, state, self.names, self.target)?;
        let model = Some(judged.model);
        let found = (&read.how.extract, read.how.by_key.as_ref());
        let step = Step::reading(read.place, read.how.call, model, found, timeout);
        Ok(Step { judged: Some(index), ..step })
    }

    /// The index of what a request `does` something with.
    fn judged_by(&self, does: &At<super::document::Does>) -> Result<usize, Wrong> {
        let subject = does.value.deed(does.place)?.subject;
        self.judged.iter().position(|judged| judged.name == subject).ok_or_else(|| {
            let names = self.document.judge.names();
            let message = unknown("nothing that is judged is called", subject, &names);
            Wrong::new(does.place, message)
        })
    }
}

/// How many clients send the same: 2 at least.
fn many(together: &At<Text>) -> Result<usize, Wrong> {
    let many = together.value.parse().ok().filter(|many| *many > 1);
    many.ok_or_else(|| {
        let why = format!("`{}`: expected a whole number above 1", together.value);
        Wrong::new(together.place, why)
    })
}

/// The name of a step in a list.
fn called(said: &Said, what: &str, number: usize) -> String {
    said.name.as_ref().map_or_else(|| format!("{what} {number}"), |name| name.value.clone())
}

fn refuse_share(said: &Said) -> Result<(), Wrong> {
    match &said.share {
        Some(share) => Err(Wrong::new(
            share.place,
            "each of these steps is taken once in a round: leave out share",
        )),
        None => Ok(()),
    }
}

/// The share of each step of all requests; those that say none have what is left, in equal parts.
fn shares(steps: &[(&str, &Said)]) -> Result<Vec<f64>, Wrong> {
    let mut given = Vec::new();
    for (name, step) in steps {
        if let Some(own) = &step.name {
            let why = format!("the step is called {name} already: leave out this name");
            return Err(Wrong::new(own.place, why));
        }
        given.push(match &step.share {
            Some(share) => {
                Some(whole_share(&share.value).map_err(|why| Wrong::new(share.place, why))?)
            }
            None => None,
        });
    }
    let sum: f64 = given.iter().flatten().sum();
    let open = given.iter().filter(|share| share.is_none()).count();
    let last = steps.iter().rev().find_map(|(_, step)| step.share.as_ref());
    let place = last.map(|share| share.place).unwrap_or_default();
    let percent = |share: f64| format!("{}%", (share * 1000.0).round() / 10.0);
    if open > 0 && sum >= 1.0 - TINY {
        let why = format!(
            "the shares are {} together, and nothing is left for the other steps",
            percent(sum)
        );
        return Err(Wrong::new(place, why));
    }
    if open == 0 && (sum - 1.0).abs() > TINY {
        let why = format!("the shares are {} together: expected 100%", percent(sum));
        return Err(Wrong::new(place, why));
    }
    #[expect(clippy::cast_precision_loss, reason = "steps are few")]
    let each = (1.0 - sum) / open.max(1) as f64;
    Ok(given.into_iter().map(|share| share.unwrap_or(each)).collect())
}

/// What is lost in adding percentages up.
const TINY: f64 = 1e-9;

fn whole_share(text: &str) -> Result<f64, String> {
    if text.trim() == "100%" { Ok(1.0) } else { values::share(text) }
}

/// The ends of a time such as `1s..3s`, or `1s`.
fn between(text: &str) -> Option<(Duration, Duration)> {
    let time = |text: &str| values::duration(text.trim()).ok();
    match text.split_once("..") {
        Some((least, most)) => {
            let (least, most) = (time(least)?, time(most)?);
            (least <= most).then_some((least, most))
        }
        None => time(text).map(|time| (time, time)),
    }
}

/// What the answers to a step mean.
fn answers(said: &Said) -> Result<Answers, Wrong> {
    let mut all = Answers::default();
    for Answer { status, has, means } in &said.answers {
        let place = has.as_ref().map_or(status.place, |has| has.place);
        // As people write what they compare.
        let has = has.as_ref().map(|has| has.value.replacen(" == ", "=", 1));
        let one = Answers::one(&status.value, has.as_deref(), word(means.value));
        all = all.before(&one.map_err(|error| Wrong::new(place, error.to_string()))?);
    }
    if let Some(expect) = &said.expect {
        let expected = Answers::expecting(&expect.value.replacen(" == ", "=", 1));
        let expected = expected.map_err(|error| Wrong::new(expect.place, error.to_string()))?;
        all = all.before(&expected);
    }
    Ok(all)
}

fn word(means: Means) -> Word {
    match means {
        Means::Applied => Word::Applied,
        Means::Refused => Word::Refused,
        Means::Empty => Word::Empty,
        Means::Same => Word::Same,
        Means::NotApplied => Word::NotApplied,
        Means::Unknown => Word::Unknown,
    }
}
