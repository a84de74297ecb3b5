//! What the catalogue expects of a specimen, clause by clause.

use check::{AnomalyKind, Bounds};

use super::*;
use crate::judge::Serialised;

/// What the judgement of a run says that an expectation may rest on.
#[derive(Debug, Clone)]
struct Said {
    verdict: Verdict,
    lost: Option<Bounds>,
    is_serialised: bool,
    kinds: Vec<FindingKind>,
}

impl Said {
    /// Nothing is wrong.
    fn nothing() -> Self {
        let lost = Some(Bounds { min: 0, max: 0 });
        Self { verdict: Verdict::Valid, lost, is_serialised: false, kinds: vec![] }
    }

    fn verdict(self, verdict: Verdict) -> Self {
        Self { verdict, ..self }
    }

    fn lost(self, min: u64, max: u64) -> Self {
        Self { lost: Some(Bounds { min, max }), ..self }
    }

    fn serialised(self) -> Self {
        Self { is_serialised: true, ..self }
    }

    fn and(mut self, kind: FindingKind) -> Self {
        self.kinds.push(kind);
        self
    }

    fn judgement(self) -> Judgement {
        let Self { verdict, lost, is_serialised, kinds } = self;
        let mut judgement = judgement(&plan(None), facts());
        let correctness = judgement.correctness.take().unwrap();
        judgement.correctness = Some(Correctness { verdict, lost, ..correctness });
        let serialised = Serialised { service_time_us: 2000, requests_per_s: 500.0 };
        judgement.serialised = is_serialised.then_some(serialised);
        let finding = |kind| Finding::one(kind, Severity::Suspect, "it is said");
        judgement.findings = kinds.into_iter().map(finding).collect();
        judgement
    }
}

/// What makes a run no clean one, whatever else is said of it.
const UNCLEAN: [FindingKind; 6] = [
    CutShort,
    Died,
    NothingOk,
    Output("go-race"),
    FindingKind::Stalled { recovered: false },
    FindingKind::Stalled { recovered: true },
];

#[track_caller]
fn assert_expected(of: (&str, &str), said: &Said, expected: bool) {
    let (workload, mode) = of;
    let is_expected = is_as_expected(specimen(workload, mode), &said.clone().judgement());
    assert_eq!(is_expected, expected, "{mode}: {said:?}");
}

/// A specimen with each expectation.
const CORRECT: (&str, &str) = ("counter", "mutex");
const LOSES: (&str, &str) = ("counter", "racy");
const OVERSELLS: (&str, &str) = ("booking", "racy");
const CRASHES: (&str, &str) = ("counter", "go-map");
const HANGS: (&str, &str) = ("mistakes", "lock-twice");
const SERIALISES: (&str, &str) = ("results", "lock-before-sleep");

fn oversell() -> Said {
    Said::nothing().verdict(Verdict::Invalid).and(FindingKind::Anomaly(AnomalyKind::Oversell))
}

#[test]
fn each_clause_of_an_expectation_counts() {
    use Verdict::{Invalid, Unknown};
    let said = Said::nothing;
    let anomaly = |kind| said().verdict(Invalid).and(FindingKind::Anomaly(kind));
    let stalled = |recovered| FindingKind::Stalled { recovered };
    for (of, said, expected) in [
        (CORRECT, said(), true),
        (CORRECT, said().verdict(Unknown), false),
        (CORRECT, said().verdict(Invalid), false),
        (CORRECT, said().serialised(), false),
        (SERIALISES, said().serialised(), true),
        (SERIALISES, said(), false),
        (SERIALISES, said().serialised().verdict(Unknown), false),
        (SERIALISES, said().serialised().verdict(Invalid), false),
        (LOSES, said().verdict(Invalid).lost(1, 9), true),
        // By the totals alone some are lost whatever the history says.
        (LOSES, said().lost(9, 9), true),
        (LOSES, said().verdict(Invalid).lost(0, 9), false),
        (LOSES, Said { lost: None, ..anomaly(AnomalyKind::LostUpdate) }, false),
        (OVERSELLS, oversell(), true),
        (OVERSELLS, anomaly(AnomalyKind::PhantomSuccess), true),
        (OVERSELLS, anomaly(AnomalyKind::LostUpdate).lost(1, 9), false),
        (OVERSELLS, said(), false),
        (CRASHES, said().and(Died).and(Output("go-fatal")), true),
        (CRASHES, said().and(Died), false),
        (CRASHES, said().and(Output("go-fatal")), false),
        (CRASHES, said().and(CutShort).and(Output("go-fatal")), false),
        (HANGS, said().and(stalled(false)), true),
        (HANGS, said().and(stalled(true)), false),
        (HANGS, said().and(CutShort), false),
        (HANGS, said(), false),
    ] {
        assert_expected(of, &said, expected);
    }
}

#[test]
fn a_run_that_is_not_clean_shows_neither_correctness_nor_a_race() {
    let lost = Said::nothing().verdict(Verdict::Invalid).lost(1, 9);
    for (of, said) in [
        (CORRECT, Said::nothing()),
        (SERIALISES, Said::nothing().serialised()),
        (LOSES, lost),
        (OVERSELLS, oversell()),
    ] {
        assert_expected(of, &said, true);
        for kind in UNCLEAN {
            assert_expected(of, &said.clone().and(kind), false);
        }
    }
}

#[test]
fn a_run_that_was_not_judged_is_as_nobody_expects() {
    for (workload, mode) in [CORRECT, LOSES, OVERSELLS, CRASHES, HANGS, SERIALISES] {
        let all = Said::nothing().lost(1, 1).and(Died).and(Output("go-fatal"));
        let mut judgement = all.and(FindingKind::Stalled { recovered: false }).judgement();
        judgement.correctness = None;
        assert!(!is_as_expected(specimen(workload, mode), &judgement), "{mode}");
    }
}
