//! What still holds where the answers are not linearizable, and what does not.

use check::{Consistency, Judgement, Object, Verdict, Weaker};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::anomaly::line;
use super::layout::{Field, detail};
use super::witness::exchange;
use crate::judge::Judged;

/// Whether something weaker than linearizability holds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConsistencySummary {
    /// What is asked for.
    pub kind: Consistency,
    /// Whether it holds of every object.
    pub holds: bool,
    /// The first object of which it does not; `None` where it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Operations that show it, as a history has them; none where it holds, or where that takes more.
    pub example: Vec<Value>,
    /// In words, with the example.
    #[serde(skip)]
    text: String,
}

/// From the strongest to the weakest.
const ALL: [Consistency; 4] = [
    Consistency::Sequential,
    Consistency::ReadYourWrites,
    Consistency::MonotonicReads,
    Consistency::Eventual,
];

impl ConsistencySummary {
    /// What holds of all objects of a history that is invalid, and what does not hold of some, the
    /// strongest first. What is not known of one of them is not said to hold.
    pub(super) fn of_history(judged: &Judged) -> Vec<Self> {
        if judged.verdict() != Verdict::Invalid {
            return Vec::new();
        }
        ALL.into_iter().filter_map(|kind| Self::of(judged, kind)).collect()
    }

    fn of(judged: &Judged, kind: Consistency) -> Option<Self> {
        let objects = judged.history.objects.iter().zip(&judged.judgements);
        // An object that is valid has all of it.
        let mut open = objects.filter(|(_, judgement)| judgement.verdict != Verdict::Valid);
        let named = name(judged, kind);
        let broken = open.clone().find_map(|(object, judgement)| {
            let weaker = said(judgement, kind).filter(|weaker| !weaker.holds)?;
            Some((object, weaker))
        });
        if let Some((object, weaker)) = broken {
            let text = in_words(object, weaker)
                .map_or(named.clone(), |example| format!("{named} ({example})"));
            let example = weaker.example.iter().map(|index| line(object, *index)).collect();
            let key = Some(object.key.clone());
            return Some(Self { kind, holds: false, key, example, text });
        }
        open.all(|(_, judgement)| said(judgement, kind).is_some()).then(|| Self {
            kind,
            holds: true,
            key: None,
            example: Vec::new(),
            text: named,
        })
    }

    /// A line of what holds, and one of what does not, unless that is all; none where nothing is
    /// known.
    pub(super) fn lines(all: &[Self]) -> Vec<(&'static str, String)> {
        let (holds, others): (Vec<_>, Vec<_>) = all.iter().partition(|one| one.holds);
        let texts = |all: &[&Self]| all.iter().map(|one| &*one.text).collect::<Vec<_>>().join(", ");
        match (holds.as_slice(), others.as_slice()) {
            ([], []) => Vec::new(),
            ([], _) => vec![("Still holds", "nothing".to_owned())],
            (holds, []) => vec![("Still holds", texts(holds))],
            (holds, others) => {
                vec![("Still holds", texts(holds)), ("Does not hold", texts(others))]
            }
        }
    }

    /// The same as lines of a report.
    pub(super) fn fields(all: &[Self]) -> impl Iterator<Item = Field> {
        Self::lines(all).into_iter().map(|(label, text)| detail(label, text))
    }
}

fn said(judgement: &Judgement, kind: Consistency) -> Option<&Weaker> {
    judgement.weaker.iter().find(|weaker| weaker.consistency == kind)
}

/// What it is called. Of several objects each may be in an order of its own.
fn name(judged: &Judged, kind: Consistency) -> String {
    let is_each = kind == Consistency::Sequential && judged.history.objects.len() > 1;
    let of_each = if is_each { " of each object" } else { "" };
    // What a state comes to at last is a total in some models, and a value in others.
    format!("{}{of_each}", judged.kinds[0].model.consistency(kind))
}

/// As in `client 3: add 1 → ok, then read → 0`; `None` without an example.
fn in_words(object: &Object, weaker: &Weaker) -> Option<String> {
    let operations = weaker.example.iter().map(|index| &object.operations[*index as usize]);
    let client = operations.clone().next()?.client;
    let exchanges: Vec<_> = operations.map(|one| exchange(object, one)).collect();
    Some(format!("client {client}: {}", exchanges.join(", then ")))
}
