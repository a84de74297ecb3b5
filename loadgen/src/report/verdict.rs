//! The verdict as text, and what it rests on.

use check::{Bounds, Lost, Verdict};

use super::layout::{Field, Screen, detail, field};
use super::{
    AnomalySummary, ConsistencySummary, Correctness, HistorySummary, KindSummary, Report, witness,
};
use crate::state::Source;

impl Report {
    /// The verdict and what it rests on; nothing where nothing was judged.
    pub(super) fn correctness_fields(&self) -> Vec<Field> {
        let Some(correctness) = &self.correctness else { return Vec::new() };
        let Correctness { acknowledged, unknown, before, after, lost, excess, .. } = correctness;
        let words = correctness.model.words();
        let or_none = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let mut fields =
            vec![field("Correctness:", headline(correctness)).toned(correctness.verdict)];
        fields.extend(KindSummary::fields(&correctness.kinds));
        if correctness.history.is_some() && correctness.kinds.is_empty() {
            fields.push(field("   Model:", correctness.model));
        }
        if let Some(unit) = correctness.unit {
            fields.push(field("   Amounts:", format!("in units of {unit}")));
        }
        fields.push(field("   Acknowledged:", acknowledged));
        fields.extend(correctness.kinds.iter().filter_map(|kind| {
            let source = source_text(kind.read_from.as_ref()?);
            Some(detail(&format!("{} read from", kind.name), source))
        }));
        // How our own server is read its workload says.
        let is_own = self.target.mode.is_some() || !correctness.kinds.is_empty();
        if let Some(source) = correctness.read_from.as_ref().filter(|_| !is_own) {
            fields.push(detail(&read_from_label(words.before), source_text(source)));
        }
        if let Some(before) = before {
            let restarted = if self.plan.restart { ", after a restart" } else { "" };
            let after = or_none(after.map(|value| format!("{value}{restarted}")));
            fields.extend([detail(words.before, before), detail(words.after, after)]);
        }
        if correctness.before.is_some() && correctness.model.is_counted() {
            let lost = or_none(lost.map(|lost| lost_text(lost, *acknowledged)));
            fields.push(detail(words.lost.label, lost));
        }
        if let Some(excess) = excess.filter(|excess| excess.max > 0) {
            let value = format!("{} (an excess hides losses)", bounds_text(excess));
            fields.push(field("   Excess updates:", value));
        }
        fields.push(field("   Unknown outcomes:", unknown));
        let Correctness { undeclared, unreadable, .. } = correctness;
        if *undeclared > 0 {
            let value = format!("{undeclared} (--answers says what their statuses mean)");
            fields.push(field("   Undeclared refusals:", value));
        }
        if *unreadable > 0 {
            fields.push(field("   Unreadable answers:", unreadable));
        }
        fields.extend(correctness.invariants.iter().map(|one| {
            let holds = match one.holds {
                Some(true) => "holds",
                Some(false) => "DOES NOT HOLD",
                None => "is not known",
            };
            let value = format!("{} {holds}: {}", one.text, one.why);
            detail("Invariant", value.trim_end_matches(": "))
        }));
        let several = correctness.history.as_ref().is_some_and(|history| history.objects > 1);
        fields.extend(AnomalySummary::fields(&correctness.anomalies, several));
        fields.extend(ConsistencySummary::fields(&correctness.consistency));
        match (&correctness.history, &correctness.reason) {
            (Some(history), _) => fields.push(field("   History:", history_text(history))),
            (None, Some(reason)) if correctness.verdict != Verdict::Unknown => {
                fields.push(field("   History:", reason));
            }
            (None, _) => {}
        }
        fields
    }

    /// For each anomaly the operations that prove the first of its kind, and why they do.
    pub(super) fn witnesses(&self, screen: Screen) -> Vec<Vec<String>> {
        self.judged().map(|judged| witness::blocks(judged, screen)).unwrap_or_default()
    }
}

/// The verdict in a line.
pub(super) fn headline(correctness: &Correctness) -> String {
    let excess = correctness.excess.map_or(0, |excess| excess.min);
    match (correctness.verdict, &correctness.reason) {
        (Verdict::Valid, _) => format!("VALID{}", how_valid(correctness)),
        (Verdict::Invalid, _) if correctness.lost.is_some_and(Bounds::is_certain) => {
            let lost = correctness.lost.map(bounds_text).unwrap_or_default();
            let Lost { one, several, .. } = &correctness.model.words().lost;
            format!("INVALID: {lost} {}", if lost == "1" { one } else { several })
        }
        (Verdict::Invalid, _) if excess > 0 => {
            format!("INVALID: {excess} more than were asked for")
        }
        (Verdict::Invalid, _) if correctness.anomalies.is_empty() => broken(correctness),
        (verdict, reason) => in_words(verdict, &correctness.anomalies, reason.as_deref()),
    }
}

/// A verdict on a history: what was found, or why it is not known.
pub(super) fn in_words(
    verdict: Verdict,
    anomalies: &[AnomalySummary],
    reason: Option<&str>,
) -> String {
    match (verdict, reason) {
        (Verdict::Valid, _) => "VALID".to_owned(),
        (Verdict::Invalid, _) => AnomalySummary::all_counted(anomalies),
        (Verdict::Unknown, Some(reason)) => format!("UNKNOWN: {reason}"),
        (Verdict::Unknown, None) => "UNKNOWN".to_owned(),
    }
}

/// Which invariant does not hold.
fn broken(correctness: &Correctness) -> String {
    let mut broken = correctness.invariants.iter().filter(|one| one.holds == Some(false));
    let first = broken.next().map_or("", |one| one.text.as_str());
    match broken.count() {
        0 => format!("INVALID: `{first}` does not hold"),
        more => format!("INVALID: `{first}` and {more} more do not hold"),
    }
}

/// What a valid verdict leaves open, and what it waited for.
fn how_valid(correctness: &Correctness) -> String {
    let settled = correctness.settled_s.zip(correctness.first_read);
    let settled =
        settled.map(|(after_s, first)| format!(" after {after_s:.1} s (first read {first})"));
    let lost = correctness.lost.filter(|lost| lost.max > 0).map(|lost| {
        let several = &correctness.model.words().lost.several;
        let parts = [
            (correctness.unknown, "outcome is unknown", "outcomes are unknown"),
            (correctness.undeclared, "refusal is undeclared", "refusals are undeclared"),
        ];
        let parts = parts.iter().filter(|(count, ..)| *count > 0);
        let parts: Vec<_> = parts
            .map(|(count, one, several)| {
                format!("{count} {}", if *count == 1 { one } else { several })
            })
            .collect();
        format!(": {} {several}, as {}", bounds_text(lost), parts.join(" and "))
    });
    [settled, lost].into_iter().flatten().collect()
}

/// What is read, as a label: `Counter read from` beside `Counter before`.
fn read_from_label(before: &str) -> String {
    let noun = before.strip_suffix(" before").unwrap_or("State");
    format!("{noun} read from")
}

/// Where the state was read, and by which rule.
fn source_text(source: &Source) -> String {
    let Source { url, rule, is_only } = source;
    match (is_only, rule.as_str()) {
        (true, "only") => format!("{url} (the only number in it)"),
        (true, rule) => format!("{url} by {rule} (the only one in it)"),
        (false, rule) => format!("{url} by {rule}"),
    }
}

fn history_text(history: &HistorySummary) -> String {
    let HistorySummary { operations, objects, judged_in_s, .. } = *history;
    let on = if objects > 1 { format!(" on {objects} objects") } else { String::new() };
    format!("{operations} operations{on} judged in {judged_in_s:.3} seconds")
}

pub(super) fn bounds_text(bounds: Bounds) -> String {
    let Bounds { min, max } = bounds;
    if min == max { min.to_string() } else { format!("{min} to {max}") }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn lost_text(lost: Bounds, acknowledged: u64) -> String {
    if lost.min == 0 || acknowledged == 0 {
        return bounds_text(lost);
    }
    let share = 100.0 * lost.min as f64 / acknowledged as f64;
    let at_least = if lost.min == lost.max { "" } else { "at least " };
    format!("{} ({at_least}{share:.1}% of acknowledged)", bounds_text(lost))
}
