//! The seconds of a load, and what happened in them, for the script of the page.

use serde_json::{Value, json};

use super::super::{Report, SecondSummary};
use crate::judge::Ended;

/// Fewer seconds show nothing over time.
const LEAST: usize = 3;

/// The columns of the series; `None` where there is too little of it.
pub(super) fn series(report: &Report) -> Option<Value> {
    let seconds = &report.series;
    if seconds.len() < LEAST {
        return None;
    }
    let counts = |of: fn(&SecondSummary) -> u64| seconds.iter().map(of).collect::<Vec<_>>();
    let times = |of: fn(&SecondSummary) -> Option<u64>| seconds.iter().map(of).collect::<Vec<_>>();
    Some(json!({
        "ok": counts(|second| second.ok),
        "fail": counts(|second| second.fail),
        "unknown": counts(|second| second.unknown),
        "dropped": counts(|second| second.dropped),
        "p50_us": times(|second| second.p50_us),
        "p99_us": times(|second| second.p99_us),
    }))
}

/// What happened beside requests, each with its times in nanoseconds since the start.
pub(super) fn events(report: &Report) -> Vec<Value> {
    let event = |title: String, from_s: f64, to_s: f64| json!({ "title": title, "spans": [[from_s * 1e9, to_s * 1e9]] });
    #[expect(clippy::cast_precision_loss, reason = "a run has fewer than 2^52 seconds")]
    let warm_up_s = report.series.iter().take_while(|second| second.warm_up > 0).count() as f64;
    let warm_up = (warm_up_s > 0.0).then(|| event("warm-up".to_owned(), 0.0, warm_up_s));
    let stall = report.stall.as_ref().map(|stall| {
        let title = match stall.count {
            1 => "the target stalled".to_owned(),
            count => format!("the first of {count} stalls"),
        };
        event(title, stall.at_s, stall.at_s + stall.for_s)
    });
    let end = report.server.as_ref().and_then(|server| match &server.ended {
        Ended::Running => None,
        Ended::Exited { after, .. } | Ended::Signal { after, .. } => {
            let after_s = after.as_secs_f64();
            Some(event("the server ended".to_owned(), after_s, after_s))
        }
    });
    warm_up.into_iter().chain(stall).chain(end).collect()
}
