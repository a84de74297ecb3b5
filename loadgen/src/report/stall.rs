//! Times at which the target did nothing, and what it had done before.

use std::time::Duration;

use check::history::NEVER;
use check::{Object, Operation};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use server::locks::{Fact, Party, Role};

use super::anomaly::{arg, outcome_name, result};
use super::layout::{Field, Tone, field};
use super::witness::{exchange, left_out};
use crate::escape;
use crate::judge::Judged;
use crate::watch::{Asked, Stalled};

/// A target that did nothing for a while with requests in flight, its process being alive.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Stall {
    /// How often it did.
    pub count: u64,
    /// When the first began: when the target last did something, or could have; since the start.
    pub at_s: f64,
    /// How long the first lasted, until the end of the run at most.
    pub for_s: f64,
    /// How long the longest lasted.
    pub longest_s: f64,
    /// Requests in flight when the first was noticed.
    pub in_flight: u64,
    /// Whether the target answered again after the last.
    pub recovered: bool,
    /// Whether the run was ended for it.
    pub ended_run: bool,
    /// The last operations completed before the first, the latest first; `None` where no history
    /// says.
    pub last_completed: Option<Vec<Completed>>,
    /// What it was asked in its silence: `state` or `request`; `None` where it was asked nothing.
    pub asked: Option<&'static str>,
    /// Whether it answered that; `None` where it was asked nothing.
    pub asked_answered: Option<bool>,
    /// Whether other requests were answered in that time: then `at_s` is when the first of those
    /// that were not was sent.
    pub others_answered: bool,
    /// Who held which lock then and who waited, as the server said; `None` where it does not tell.
    pub locks: Option<Vec<Fact>>,
}

/// An operation that was answered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Completed {
    /// Whose it was.
    pub client: u32,
    /// What was asked for: `add`, `read`, `write`, `cas` or `take`.
    pub op: &'static str,
    /// What was added or written; `null` where that is nothing.
    pub arg: Value,
    /// What was answered; `null` where that is nothing.
    pub result: Value,
    /// `ok`, `fail`, or `unknown` after an answer that does not say whether it was applied.
    pub outcome: &'static str,
    /// When it began, since the start.
    pub call_ns: u64,
    /// When its answer was complete.
    pub return_ns: u64,
    /// Request and answer in words.
    #[serde(skip)]
    exchange: String,
}

/// How many of the operations before a stall are shown, and of the threads that wait in it.
const SHOWN: usize = 5;

impl Stall {
    pub(super) fn new(stalled: Stalled, ended_run: bool, judged: Option<&Judged>) -> Self {
        let Stalled { stalls, locks, asked } = stalled;
        let first = stalls.first;
        Self {
            count: stalls.count,
            at_s: first.at.as_secs_f64(),
            for_s: first.lasted.as_secs_f64(),
            longest_s: stalls.longest.as_secs_f64(),
            in_flight: first.in_flight,
            recovered: stalls.recovered,
            ended_run,
            last_completed: match judged {
                _ if !first.ever_answered => Some(Vec::new()),
                Some(judged) => Some(last_completed(&judged.history.objects, first.at)),
                None => None,
            },
            asked: asked.map(|(asked, _)| match asked {
                Asked::State => "state",
                Asked::Request => "request",
            }),
            asked_answered: asked.map(|(_, answered)| answered),
            others_answered: first.others_answered,
            locks,
        }
    }

    /// The stall in a line.
    pub(super) fn headline(&self) -> String {
        let Self { count, at_s, for_s, longest_s, in_flight, .. } = self;
        if self.others_answered {
            let requests = if *in_flight == 1 { "request has" } else { "requests have" };
            return format!(
                "{in_flight} {requests} waited for {for_s:.1} s while others were answered"
            );
        }
        let more = match count {
            1 => String::new(),
            _ => format!("; {count} times in all, for up to {longest_s:.1} s"),
        };
        let end = if self.recovered { "; then it went on" } else { "" };
        format!(
            "nothing completed for {for_s:.1} s, from {at_s:.3} seconds into the run on{more}{end}"
        )
    }

    /// The headline as a field of its own.
    pub(super) fn field(&self) -> Field {
        field("Stalled:", self.headline()).toned(Tone::Bad)
    }

    /// The block about the stall, line by line.
    pub(super) fn fields(&self) -> Vec<Field> {
        let mut fields = vec![self.field()];
        if !self.others_answered {
            fields.push(field("   Requests in flight:", self.in_flight));
        }
        fields.extend(self.probe().map(|probe| field("   Probe:", probe)));
        if let Some(completed) = &self.last_completed {
            let mut lines: Vec<_> = completed.iter().map(Completed::line).collect();
            if lines.is_empty() {
                lines.push("none".to_owned());
            }
            fields.extend(labelled("   Last completed:", lines));
        }
        fields.extend(labelled("   Locks:", self.lock_lines()));
        fields
    }

    /// What came of asking, in words.
    fn probe(&self) -> Option<String> {
        let what = match self.asked? {
            "state" => "a read of the state",
            _ => "another request",
        };
        let came = if self.asked_answered? { "was answered" } else { "was not answered either" };
        Some(format!("{what} {came}"))
    }

    /// Who holds each lock, those of them who wait for another, and some of the others who wait.
    pub(super) fn lock_lines(&self) -> Vec<String> {
        let Some(facts) = &self.locks else { return Vec::new() };
        if facts.is_empty() {
            return vec!["no named lock is held".to_owned()];
        }
        let holders: Vec<_> = facts.iter().filter_map(holder).collect();
        let mut others = 0;
        let is_shown = |fact: &&Fact| match &fact.role {
            Role::HeldBy(_) => true,
            Role::Waiting(party) if holders.contains(&party.thread) => true,
            Role::Waiting(_) => {
                others += 1;
                others <= SHOWN
            }
        };
        let mut lines: Vec<_> =
            facts.iter().filter(is_shown).map(|fact| escape::line(&sentence(fact))).collect();
        let left = facts.len() - lines.len();
        lines.extend((left > 0).then(|| left_out(left)));
        lines
    }
}

/// The thread that holds the lock, where `fact` says which.
fn holder(fact: &Fact) -> Option<u64> {
    match &fact.role {
        Role::HeldBy(party) => party.as_ref().map(|party| party.thread),
        Role::Waiting(_) => None,
    }
}

fn sentence(Fact { lock, role }: &Fact) -> String {
    let who = |Party { thread, operation, .. }: &Party| format!("thread {thread} in {operation}");
    let since = |party: &Party| {
        let seconds = Duration::from_millis(party.for_ms).as_secs_f64();
        format!("for {seconds:.1} s")
    };
    match role {
        Role::HeldBy(None) => format!("lock `{lock}`: held by nobody"),
        Role::HeldBy(Some(party)) => {
            format!("lock `{lock}`: held by {}, {}", who(party), since(party))
        }
        Role::Waiting(party) => format!("lock `{lock}`: {} waits, {}", who(party), since(party)),
    }
}

/// Lines of which the first has a label.
fn labelled(
    label: &'static str,
    lines: impl IntoIterator<Item = String>,
) -> impl Iterator<Item = Field> {
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    labels.zip(lines).map(|(label, line)| field(label, line))
}

/// The last operations of `objects` that were answered by `at`, the latest first.
fn last_completed(objects: &[Object], at: Duration) -> Vec<Completed> {
    let at_ns = u64::try_from(at.as_nanos()).unwrap_or(NEVER - 1);
    let operations = objects
        .iter()
        .flat_map(|object| object.operations.iter().map(move |operation| (object, operation)))
        .filter(|(_, operation)| operation.return_ns <= at_ns);
    // A history may have millions of operations, of which a few are wanted.
    let mut latest = Vec::with_capacity(SHOWN + 1);
    for (object, operation) in operations {
        let later = |(_, other): &(&Object, &Operation)| other.return_ns >= operation.return_ns;
        let place = latest.partition_point(later);
        if place < SHOWN {
            latest.insert(place, (object, operation));
            latest.truncate(SHOWN);
        }
    }
    latest.into_iter().map(|(object, operation)| Completed::new(object, operation)).collect()
}

impl Completed {
    fn new(object: &Object, operation: &Operation) -> Self {
        let Operation { client, op, outcome, call_ns, return_ns, .. } = *operation;
        Self {
            client,
            op: op.name(),
            arg: arg(object, operation),
            result: result(object, operation),
            outcome: outcome_name(outcome),
            call_ns,
            return_ns,
            exchange: exchange(object, operation),
        }
    }

    fn line(&self) -> String {
        let Self { client, exchange, .. } = self;
        let return_s = Duration::from_nanos(self.return_ns).as_secs_f64();
        format!("{exchange} by client {client}, {return_s:.3} seconds into the run")
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::{Screen, lines};
    use super::*;

    #[test]
    fn a_circle_of_locks_is_shown_however_many_wait() {
        let party = |thread, for_ms| Party { thread, operation: "add".to_owned(), for_ms };
        let fact = |lock: &str, role| Fact { lock: lock.to_owned(), role };
        let waiting = |lock, thread| fact(lock, Role::Waiting(party(thread, 2000)));
        let held = |lock, thread| fact(lock, Role::HeldBy(Some(party(thread, 2100))));
        // Each of the two that hold one waits for the other, and so do many more.
        let mut locks = vec![held("jobs", 1)];
        locks.extend((2..10).map(|thread| waiting("jobs", thread)));
        locks.push(waiting("jobs", 11));
        locks.extend([held("calls", 11), waiting("calls", 10), waiting("calls", 1)]);
        locks.push(fact("announcements", Role::HeldBy(None)));
        let stall = Stall {
            count: 3,
            at_s: 0.312,
            for_s: 2.04,
            longest_s: 4.1,
            in_flight: 50,
            recovered: true,
            ended_run: false,
            last_completed: None,
            asked: Some("state"),
            asked_answered: Some(false),
            others_answered: false,
            locks: Some(locks),
        };
        let text = lines(stall.fields(), Screen::default()).join("\n");
        let expected = "\
Stalled:                nothing completed for 2.0 s, from 0.312 seconds into the run on; 3 times in all, for up to 4.1 s; then it went on
   Requests in flight:  50
   Probe:               a read of the state was not answered either
   Locks:               lock `jobs`: held by thread 1 in add, for 2.1 s
                        lock `jobs`: thread 2 in add waits, for 2.0 s
                        lock `jobs`: thread 3 in add waits, for 2.0 s
                        lock `jobs`: thread 4 in add waits, for 2.0 s
                        lock `jobs`: thread 5 in add waits, for 2.0 s
                        lock `jobs`: thread 6 in add waits, for 2.0 s
                        lock `jobs`: thread 11 in add waits, for 2.0 s
                        lock `calls`: held by thread 11 in add, for 2.1 s
                        lock `calls`: thread 1 in add waits, for 2.0 s
                        lock `announcements`: held by nobody
                        … 4 more";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_last_that_were_answered_before_a_stall_are_kept() {
        let add = |client: u32, return_ns: u64| Operation {
            call_ns: 10,
            return_ns,
            arg: 1,
            new: check::history::NIL,
            result: i64::from(client),
            client,
            op: check::history::Op::Add,
            outcome: check::history::Outcome::Ok,
        };
        let times_ns = [50, 20, NEVER, 70, 30, 60, 40, 101, 100];
        let operations = (0..).zip(times_ns).map(|(client, at_ns)| add(client, at_ns)).collect();
        let objects = [Object { operations, ..Object::default() }];
        let completed = last_completed(&objects, Duration::from_nanos(100));
        let times_ns: Vec<_> = completed.iter().map(|one| one.return_ns).collect();
        assert_eq!(times_ns, [100, 70, 60, 50, 40]);
        assert_eq!(completed[0].line(), "add 1 → 8 by client 8, 0.000 seconds into the run");
    }
}
