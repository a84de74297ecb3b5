//! A report in which text from outside stands wherever it can: what it is must make no difference to the
//! structure of anything.

use std::time::Duration;

use check::history::{NIL, Op, Outcome};
use check::{History, Model, Object, Operation};
use proptest::prelude::*;

use super::section::Expected;
use super::{Report, Section, StepSummary};
use crate::judge::tests::{facts, plan};
use crate::judge::{Finding, FindingKind, Judged, Proof, Severity, judge};
use crate::plan::Effort;

/// Runs with text from outside: one that lost updates, a history, and a specimen.
pub(super) struct Hostile {
    report: Report,
    judged: Judged,
    text: String,
}

impl Hostile {
    pub(super) fn new(text: &str) -> Self {
        let duplicate = |key: &str| Object {
            key: key.to_owned(),
            operations: vec![add(0, 1, 0, 20), add(1, 1, 10, 30)],
            ..Object::default()
        };
        let history = History { objects: vec![duplicate(text), duplicate("other")] };
        let effort =
            Effort { timeout: Duration::from_mins(1), memory_bytes: 1 << 20, certify: false };
        let judged = Judged::new(history, Model::FetchAndAdd, effort, &|| Duration::ZERO);
        Self { report: lost(text), judged, text: text.to_owned() }
    }

    pub(super) fn sections(&self) -> Vec<Section<'_>> {
        let run = Section { title: self.text.as_str().into(), ..Section::of(&self.report) };
        let history =
            Section { title: self.text.as_str().into(), ..Section::of_history(&self.judged) };
        let expected = Expected { is_met: false, sentence: self.text.clone() };
        let specimen = Section { expected: Some(expected), ..run.clone() };
        vec![run, history, specimen]
    }
}

fn add(client: u32, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    let (op, outcome) = (Op::Add, Outcome::Ok);
    Operation { call_ns, return_ns, arg: 1, new: NIL, result, client, op, outcome }
}

/// A run that lost two updates of ten, and was interrupted.
pub(super) fn lost(text: &str) -> Report {
    let plan = plan(None);
    let mut facts = facts().lost().interrupted();
    let judgement = judge(&plan, &mut facts, &|| Duration::ZERO);
    let mut report = Report::new(&plan, facts, judgement);
    report.target.url.set_path(text);
    report.making.command = Some(text.to_owned());
    report.document.server_software = Some(text.to_owned());
    report.partial = Some(text.to_owned());
    report.requests.errors.insert(text.to_owned(), 1);
    report.steps = vec![StepSummary::of_us(text, &[3, 5]), StepSummary::of_us("other", &[])];
    report.judgement.findings.push(Finding {
        kind: FindingKind::Output("panic"),
        severity: Severity::Suspect,
        count: 1,
        text: text.to_owned(),
        proof: Proof::Output(vec![text.to_owned()]),
    });
    report
}

/// Text that is nothing to us, and markup to somebody.
pub(super) fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "<",
            ">",
            "&",
            "\"",
            "'",
            "]]>",
            "<!--",
            "-->",
            "</system-out>",
            "</table>",
            "<script>",
            "`",
            "```",
            "````",
            "~~~",
            "|",
            "||",
            "\\|",
            "\\",
            "*",
            "**",
            "_",
            "#",
            "## ",
            "- ",
            "+ ",
            "1. ",
            "[a](http://b)",
            "![a]",
            "<a>",
            "&amp;",
            "&#10;",
            "\n",
            "\r\n",
            "\n\n",
            "\t",
            "    ",
            "=",
            "=1+1",
            "@",
            "$$",
            "\u{0}",
            "\u{1b}[31m",
            "\u{85}",
            "\u{202e}",
            "\u{fffe}",
            "\u{ffff}",
            "\u{feff}",
            "http://a.b",
            ":smile:",
            "| --- |",
            "---",
        ])
        .prop_map(str::to_owned),
        ".{0,3}".prop_map(|text| text),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}
