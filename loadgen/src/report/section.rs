//! What one run, or one history, has to show: the unit of the page and of the reports for CI.

use std::borrow::Cow;

use check::Verdict;

use super::verdict::{headline, in_words};
use super::{AnomalySummary, Report};
use crate::judge::{Finding, Judged};
use crate::secrets::masked;

/// A run, or a history without one.
#[derive(Debug, Clone)]
pub struct Section<'s> {
    /// What tells it from the others on the page.
    pub title: Cow<'s, str>,
    /// What was measured.
    pub report: Option<&'s Report>,
    /// The history and its verdicts.
    pub judged: Option<&'s Judged>,
    /// What was expected of it, where it is a specimen's.
    pub(super) expected: Option<Expected>,
}

/// Whether a specimen did what the catalogue says of it.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) is_met: bool,
    /// What it did, in a sentence that says whether that was expected.
    pub(super) sentence: String,
}

impl<'s> Section<'s> {
    /// A run, with its history where one was kept.
    #[must_use]
    pub fn of(report: &'s Report) -> Self {
        let title = match report.target.mode {
            Some(mode) => mode.into(),
            None => masked(report.target.url.as_str()).into(),
        };
        Self { title, report: Some(report), judged: report.judged(), expected: None }
    }

    /// A history that is judged without a run.
    #[must_use]
    pub fn of_history(judged: &'s Judged) -> Self {
        Self { title: "history".into(), report: None, judged: Some(judged), expected: None }
    }

    /// The verdict and what it says; `None` where nothing was judged.
    pub(super) fn verdict(&self) -> Option<(Verdict, String)> {
        if let Some(report) = self.report {
            let correctness = report.correctness.as_ref()?;
            return Some((correctness.verdict, headline(correctness)));
        }
        let judged = self.judged?;
        let anomalies: Vec<_> = AnomalySummary::of_history(judged).collect();
        let verdict = judged.verdict();
        Some((verdict, in_words(verdict, &anomalies, judged.reason())))
    }

    /// Everything that is not right.
    pub(super) fn findings(&self) -> Vec<Finding> {
        match (self.report, self.judged) {
            (Some(report), _) => report.findings().to_vec(),
            (None, Some(judged)) => judged.findings(),
            (None, None) => Vec::new(),
        }
    }

    /// Whether what was found is what was expected: then it is no failure.
    pub(super) fn is_as_expected(&self) -> bool {
        self.expected.as_ref().is_some_and(|expected| expected.is_met)
    }
}
