//! A history with its verdicts.

use std::time::{Duration, Instant};

use check::{History, Judgement, Limits, Model, Verdict};

use crate::plan::Effort;

/// A history, and what was found of each of its objects.
#[derive(Debug)]
pub struct Judged {
    /// What the operations mean.
    pub model: Model,
    /// The operations.
    pub history: History,
    /// For each object of the history.
    pub judgements: Vec<Judgement>,
    /// How long that took.
    pub took: Duration,
}

impl Judged {
    /// Judges `history`, on all cores.
    #[must_use]
    pub fn new(history: History, model: Model, effort: Effort) -> Self {
        let begun = Instant::now();
        let expired = || begun.elapsed() > effort.timeout;
        let Effort { memory_bytes, certify, .. } = effort;
        let limits = Limits { certify, memory_bytes, expired: &expired };
        let judgements = check::judge(&history, model, &limits);
        Self { model, history, judgements, took: begun.elapsed() }
    }

    /// Invalid where an object is; otherwise unknown where one is.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let any = |verdict| self.judgements.iter().any(|judged| judged.verdict == verdict);
        if any(Verdict::Invalid) {
            Verdict::Invalid
        } else if any(Verdict::Unknown) {
            Verdict::Unknown
        } else {
            Verdict::Valid
        }
    }

    /// Why the first object that is unknown is.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.judgements.iter().find_map(|judged| judged.reason.as_deref())
    }

    /// How many operations were judged.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.history.objects.iter().map(|object| object.operations.len()).sum()
    }

    /// The operations of each object in an order that explains every answer, where the verdict is
    /// valid and such orders were asked for.
    #[must_use]
    pub fn certificate(&self) -> Option<History> {
        let objects = self.history.objects.iter().zip(&self.judgements);
        let ordered = objects.map(|(object, judged)| {
            let operation = |index: &u32| object.operations[*index as usize];
            let operations = judged.order.as_ref()?.iter().map(operation).collect();
            Some(check::Object { operations, ..object.clone() })
        });
        Some(History { objects: ordered.collect::<Option<_>>()? })
    }
}
