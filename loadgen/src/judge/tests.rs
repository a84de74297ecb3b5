//! What is found of a run, and which exit code follows.

mod expectation;
mod totals;

use check::Model;
use store::Workload;
use tokio::time::Instant;
use url::Url;

use super::expectation::{is_as_expected, surprises};
use super::*;
use crate::Exit;
use crate::cli::{self, Command, Runs};
use crate::plan::{Effort, Judging, Kind, Specimen};
use crate::record::{Begin, End, Record, Span};
use crate::resources::Meter;
use crate::scenario::Told;
use crate::state::{Before, ReadError, State};
use crate::subject::{Fate, Findings, HowEnded, ServerEnd};
use crate::watch::{Stall, Stalled, Stalls};
use crate::wire::{Answer, Failure, Sizes};

const URL: &str = "http://127.0.0.1:8000/inc";

/// A plan of ten requests whose operations are judged as `model`, where there is one.
pub(crate) fn plan(model: Option<Model>) -> Plan {
    let effort = Effort { timeout: Duration::from_mins(1), memory_bytes: 1 << 20, certify: false };
    let judging = |model| Judging {
        kinds: vec![Kind { name: "i".to_owned(), model, initial: None, decimals: 0 }],
        result: None,
        history_limit: 0,
        effort,
        ends_at_first: false,
    };
    let arguments = ["loadgen", "-n", "10", "--read", "/get", URL].map(Into::into);
    match cli::parse(arguments) {
        Ok(Command::Load(session)) => match session.runs {
            Runs::Url(plan) => Plan { judging: model.map(judging), ..plan },
            Runs::Repeated(..) | Runs::Specimens(_) => panic!("it has a URL"),
        },
        other => panic!("{other:?}"),
    }
}

/// Updates that were answered with `status`, as many as said, and one timeout where said.
fn record(answers: &[(u16, u64)], timeout: bool) -> Record {
    let now = Instant::now();
    let mut record = Record::new(1, None, now);
    let begin = Begin::at(now, 0, Sizes::default());
    for (status, count) in answers {
        let answer = Answer {
            status: *status,
            first_byte: now,
            finished: now,
            bytes: 50,
            body_bytes: 2,
            keep_alive: true,
        };
        let end = End { told: Told::by_status(*status), within: true, at: Duration::ZERO };
        (0..*count).for_each(|_| record.answered(&begin, &answer, end));
    }
    if timeout {
        record.failed(&begin, now, &Failure::Timeout, &[]);
    }
    record
}

/// A run with nothing wrong: ten updates, and the state grew by ten.
pub(crate) fn facts() -> Facts {
    Facts {
        url: Url::parse(URL).unwrap(),
        request: "GET /inc HTTP/1.1".to_owned(),
        record: record(&[(200, 10)], false),
        span: Span { elapsed: Duration::from_secs(1), drain: Duration::ZERO },
        usage: Meter::start().read(),
        stop: None,
        before: Some(Before { first: State::Number(0.into()), state: State::Number(0.into()) }),
        sources: Vec::new(),
        after: None,
        watched: None,
        server: None,
        stalled: None,
    }
    .then(Ok(10))
}

/// What went wrong in a run.
impl Facts {
    /// The state after it was this.
    fn then(mut self, number: Result<i64, ReadError>) -> Self {
        let state = number.map(|number| State::Number(number.into()));
        let (called, returned) = (Duration::ZERO, Duration::ZERO);
        self.after = Some(After::once(LastRead { called, returned, state }));
        self
    }

    fn unread(self) -> Self {
        self.then(Err(ReadError::NoAnswer("oh".to_owned())))
    }

    pub(crate) fn lost(self) -> Self {
        self.then(Ok(8))
    }

    fn failed(self) -> Self {
        Self { record: record(&[(500, 3)], true), ..self }
    }

    fn stopped(self, reason: StopReason) -> Self {
        Self { stop: Some(reason), ..self }
    }

    pub(crate) fn interrupted(self) -> Self {
        self.stopped(StopReason::Interrupted)
    }

    fn hung(self, recovered: bool) -> Self {
        let at = Duration::from_millis(300);
        let (in_flight, ever_answered, others_answered) = (4, true, false);
        let stall = Stall { at, lasted: at, in_flight, ever_answered, others_answered };
        let mut stalls = Stalls::one(stall);
        stalls.recovered = recovered;
        Self { stalled: Some(Stalled { stalls, locks: None, asked: None }), ..self }
    }

    /// The server ended like this, or ran on, and said this.
    fn served(self, fate: Fate, says: &str) -> Self {
        let mut findings = Findings::default();
        says.lines().for_each(|line| findings.read(line));
        let end = ServerEnd {
            command: "./app".to_owned(),
            pid: 7,
            fate,
            left_behind: 0,
            seen: findings.take(),
            output: None,
        };
        Self { server: Some((end, Duration::from_millis(200))), ..self }
    }

    fn crashed(self) -> Self {
        self.served(killed(), "fatal error: oh")
    }
}

fn killed() -> Fate {
    Fate::Died(HowEnded::Signal(9))
}

fn judgement(plan: &Plan, mut facts: Facts) -> Judgement {
    judge(plan, &mut facts, &|| Duration::ZERO)
}

/// The kinds of the findings, and the exit code.
fn found(facts: Facts) -> (Vec<FindingKind>, Exit) {
    let judgement = judgement(&plan(None), facts);
    let kinds = judgement.findings.iter().map(|finding| finding.kind).collect();
    (kinds, Exit::of(&judgement.findings))
}

const LOST: FindingKind = FindingKind::Anomaly(check::AnomalyKind::LostUpdate);
use FindingKind::{CutShort, Died, NothingOk, Output, Undecided};

#[test]
fn each_thing_that_is_wrong_is_found_and_has_its_code() {
    let stalled = |recovered| FindingKind::Stalled { recovered };
    for (facts, kinds, exit) in [
        (facts(), vec![], Exit::Success),
        (Facts { before: None, after: None, ..facts() }, vec![], Exit::Success),
        (facts().lost(), vec![LOST], Exit::Invalid),
        (facts().unread(), vec![Undecided], Exit::Invalid),
        (facts().interrupted(), vec![CutShort], Exit::Incomplete),
        (facts().served(killed(), ""), vec![Died], Exit::Incomplete),
        (facts().failed().then(Ok(0)), vec![Undecided, NothingOk], Exit::Incomplete),
        (facts().served(Fate::Ran, "WARNING: DATA RACE"), vec![Output("go-race")], Exit::Invalid),
        // Of a run that goes on the requests show what a stall did.
        (facts().hung(true), vec![stalled(true)], Exit::Success),
        (facts().hung(false).stopped(StopReason::Stalled), vec![stalled(false)], Exit::Invalid),
        // It has a name of its own, even where nothing was ever answered.
        (
            facts().failed().unread().hung(false).stopped(StopReason::Stalled),
            vec![Undecided, stalled(false)],
            Exit::Invalid,
        ),
    ] {
        assert_eq!(found(facts), (kinds, exit));
    }
}

#[test]
fn what_the_answers_prove_holds_however_the_run_ended() {
    let lost = || facts().lost();
    let dead = StopReason::Dead("refused".to_owned());
    for facts in [lost().interrupted(), lost().stopped(dead), lost().crashed()] {
        let (kinds, exit) = found(facts);
        assert_eq!((kinds[0], exit), (LOST, Exit::Invalid), "{kinds:?}");
    }
    // A crash alone is one, whatever the server said, and though the state is not known.
    let kinds = vec![Undecided, Died, Output("go-fatal")];
    assert_eq!(found(facts().crashed().unread()), (kinds, Exit::Incomplete));
}

#[test]
fn a_finding_says_what_it_is_and_what_proves_it() {
    let race = "WARNING: DATA RACE";
    let exited = Fate::Died(HowEnded::Exited(3));
    let facts = facts().lost().served(exited, &[race; 2].join("\n"));
    let findings = judgement(&plan(None), facts).findings;
    let told: Vec<_> =
        findings.iter().map(|one| (one.count, one.text.as_str(), one.proof.clone())).collect();
    let died = "the server ended: exit status 3 after 10 requests, 0.200 seconds into the run";
    assert_eq!(
        told,
        [
            (2, "2 lost updates", Proof::Totals),
            (1, died, Proof::Itself),
            (2, race, Proof::Output(vec![race.to_owned()])),
        ]
    );
}

#[test]
fn what_died_did_not_also_stall() {
    let aborted = Fate::Died(HowEnded::Signal(6));
    let facts = facts().hung(false).stopped(StopReason::Stalled).served(aborted, "");
    let judgement = judgement(&plan(None), facts);
    assert!(!judgement.ended_by_stall && judgement.is_incomplete());
    let early = judgement.early_end().unwrap();
    assert!(early.starts_with("the server ended: signal SIGABRT after 10 requests"), "{early}");
}

fn specimen(workload: &str, mode: &str) -> Specimen {
    Workload::named(workload).unwrap().specimen(mode).unwrap().into()
}

#[test]
fn a_specimen_is_held_against_the_catalogue() {
    for (workload, mode, facts, code) in vec![
        ("counter", "mutex", facts(), 0),
        ("counter", "mutex", facts().lost(), 1),
        ("counter", "mutex", facts().interrupted(), 3),
        // Proven, however it ended.
        ("counter", "mutex", facts().lost().interrupted(), 1),
        ("counter", "mutex", facts().hung(true), 1),
        ("counter", "racy", facts().lost(), 0),
        ("counter", "racy", facts(), 1),
        // It was to lose some; it was not to be cut.
        ("counter", "racy", facts().lost().interrupted(), 3),
        ("counter", "go-map", facts().crashed(), 0),
        ("counter", "go-map", facts(), 1),
        ("mistakes", "lock-twice", facts().hung(false), 0),
        ("mistakes", "lock-twice", facts().hung(true), 1),
        // Nobody saw it serve one at a time.
        ("mistakes", "lock-over-slow-call", facts(), 1),
    ] {
        let specimen = specimen(workload, mode);
        let judgement = judgement(&plan(None), facts);
        let surprises = surprises(specimen, &judgement);
        assert_eq!(Exit::of(&surprises) as u8, code, "{mode}: {surprises:?}");
        assert_eq!(is_as_expected(specimen, &judgement), code == 0, "{mode}");
    }
}

/// One behind a database may serve one at a time or many: that is no surprise.
#[test]
fn of_some_specimens_the_pace_is_not_expected() {
    let correct = specimen("counter", "mutex");
    let mut judgement = judgement(&plan(None), facts());
    judgement.serialised = Some(Serialised { service_time_us: 2000, requests_per_s: 500.0 });
    assert!(!is_as_expected(correct, &judgement));
    assert!(is_as_expected(Specimen { has_known_pace: false, ..correct }, &judgement));
    judgement.serialised = None;
    assert!(is_as_expected(Specimen { has_known_pace: false, ..correct }, &judgement));
}

#[test]
fn an_oversell_is_what_the_status_alone_can_prove() {
    let booking = specimen("booking", "racy");
    let model = Some(Model::Bounded { capacity: Some(8) });
    let oversold = || Facts { before: None, after: None, ..facts() };
    let judgement = judgement(&plan(model), oversold());
    assert!(is_as_expected(booking, &judgement), "{:?}", judgement.findings);
    assert!(surprises(booking, &judgement).is_empty());
    let enough = self::judgement(&plan(Some(Model::Bounded { capacity: Some(10) })), oversold());
    assert!(!is_as_expected(booking, &enough), "{:?}", enough.findings);
}

#[test]
fn what_ended_a_run_and_is_not_borne_out_cut_it_short() {
    use check::history::{NIL, Op, Outcome};
    use check::incremental::{Incremental, Standing};
    let mut early = Incremental::new(Model::FetchAndAdd, None, false).unwrap();
    let (op, outcome, arg, new) = (Op::Add, Outcome::Ok, 1, NIL);
    let (client, call_ns, return_ns, result) = (0, 0, 1, 2);
    early.begin(client, op, call_ns);
    early.end(check::Operation { call_ns, return_ns, arg, new, result, client, op, outcome });
    let Standing::Invalid(proof) = early.look(2).clone() else { panic!("1 was skipped") };
    // No history was kept.
    let proved = || StopReason::Proved(proof.clone());
    assert_eq!(found(facts().stopped(proved())), (vec![CutShort], Exit::Incomplete));
    // That updates were lost is proved all the same.
    let (kinds, exit) = found(facts().lost().stopped(proved()));
    assert_eq!((kinds, exit), (vec![LOST, CutShort], Exit::Invalid));
}
