//! Witnesses and verdicts of objects, as text.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Duration;

use check::{Anomaly, Judgement, Names, Object, Verdict};
use maud::{Markup, html};

use super::markup::{Outside, counted, grouped, heads, plain, verdict};
use crate::judge::Judged;
use crate::report::witness::{Row, Table, Witness, client_name, left_out};

/// The most witnesses and objects that are shown.
const MOST_WITNESSES: usize = 12;
const MOST_OBJECTS: usize = 50;

/// A witness that is shown.
pub(super) struct Shown<'j> {
    /// The index of its object.
    pub(super) object_index: usize,
    pub(super) anomaly: &'j Anomaly,
    object: &'j Object,
    pub(super) witness: Witness<'j>,
}

/// The witnesses to show: the first of each kind before others, otherwise the earliest first.
pub(super) fn chosen(judged: &Judged) -> Vec<Shown<'_>> {
    let mut kinds = BTreeSet::new();
    let mut proven = proven(judged);
    proven.sort_by_key(|(.., anomaly)| anomaly.times_ns.first().copied());
    let (mut chosen, others): (Vec<_>, Vec<_>) =
        proven.into_iter().partition(|(.., anomaly)| kinds.insert(anomaly.kind));
    chosen.extend(others);
    chosen.truncate(MOST_WITNESSES);
    let shown = chosen.into_iter().map(|(object_index, object, anomaly)| Shown {
        object_index,
        anomaly,
        object,
        witness: Witness::new(object, judged.model_of(object_index), anomaly),
    });
    shown.collect()
}

/// All anomalies that operations prove.
fn proven(judged: &Judged) -> Vec<(usize, &Object, &Anomaly)> {
    let objects = judged.history.objects.iter().zip(&judged.judgements).enumerate();
    let anomalies = objects.flat_map(|(index, (object, judgement))| {
        judgement.anomalies.iter().map(move |anomaly| (index, object, anomaly))
    });
    anomalies.filter(|(.., anomaly)| !anomaly.witness.is_empty()).collect()
}

/// The sentence, the place for a drawing and the table of each witness.
pub(super) fn proofs(judged: &Judged, shown: &[Shown<'_>]) -> Markup {
    let others = (proven(judged).len() - shown.len()) as u64;
    html! {
        @if !shown.is_empty() {
            section.proofs {
                h2 { "Why" }
                @for one in shown { (proof(one)) }
                @if others > 0 {
                    p.note {
                        (counted(others, "anomaly is", "anomalies are")) " proven in the same way, but not shown."
                    }
                }
            }
        }
    }
}

fn proof(shown: &Shown<'_>) -> Markup {
    let Shown { anomaly, object, witness, .. } = shown;
    let Names { one, several, .. } = anomaly.kind.names();
    let origin_s = Duration::from_nanos(witness.origin_ns()).as_secs_f64();
    html! {
        article {
            h3 {
                @if anomaly.count == 1 { "1 " (one) } @else {
                    "The first of " (grouped(anomaly.count)) " " (several)
                }
                " " span.of { "of " code { bdi { (Outside(&object.key)) } } }
            }
            p.why { (Outside(&witness.why.sentence)) }
            div.chart {}
            div.wide { (operations(&witness.table(), witness.why.wrong)) }
            p.note { "0 is " (format!("{origin_s:.6}")) " s into the run" }
        }
    }
}

/// The operations of a witness, in a column for each client where there is room.
fn operations(table: &Table, wrong: Option<u32>) -> Markup {
    let columns = if table.has_columns() { table.clients.len() } else { 1 };
    let clients: Vec<_> =
        table.clients.iter().map(|client| html! { (client_name(*client)) }).collect();
    html! {
        table.operations {
            @if table.has_columns() { (heads(&clients)) }
            tbody {
                @for row in &table.rows {
                    @match row {
                        Row::Operation { index, client, exchange, interval } => {
                            @let is_wrong = Some(*index) == wrong;
                            @let column = if table.has_columns() { *client } else { 0 };
                            tr.wrong[is_wrong] {
                                @for _ in 0..column { td {} }
                                td {
                                    span.exchange {
                                        @if is_wrong { (wrong_sign()) " " }
                                        @if !table.has_columns() { (client_name(table.clients[*client])) " " }
                                        (Outside(exchange))
                                    }
                                    " " span.interval { (Outside(interval)) }
                                }
                                @for _ in column + 1..columns { td {} }
                            }
                        }
                        Row::LeftOut(count) => {
                            tr { td.note colspan=(columns) { (left_out(*count)) } }
                        }
                    }
                }
            }
        }
    }
}

/// The sign of the operation at which no order is left.
fn wrong_sign() -> Markup {
    html! { span.sign role="img" aria-label="impossible:" { "✗" } }
}

/// The verdict on each object, the worst first.
pub(super) fn objects(judged: &Judged) -> Markup {
    let mut objects: Vec<_> = judged.history.objects.iter().zip(&judged.judgements).collect();
    objects.sort_by_key(|(_, judgement)| {
        let severity = match judgement.verdict {
            Verdict::Invalid => 2,
            Verdict::Unknown => 1,
            Verdict::Valid => 0,
        };
        let first_ns = judgement.anomalies.iter().filter_map(|one| one.times_ns.first()).min();
        (Reverse(severity), first_ns.copied())
    });
    let others = objects.len().saturating_sub(MOST_OBJECTS) as u64;
    let columns = ["Object", "Operations", "Verdict", "Anomalies"].map(|name| html! { (name) });
    html! {
        section.objects {
            h2 { "The history, object by object" }
            div.wide {
                table {
                    (heads(&columns))
                    tbody {
                        @for (one, judgement) in objects.iter().take(MOST_OBJECTS) {
                            (object(one, judgement))
                        }
                    }
                }
            }
            @if others > 0 {
                p.note { (counted(others, "object is", "objects are")) " not shown." }
            }
        }
    }
}

fn object(object: &Object, judgement: &Judgement) -> Markup {
    let text = match judgement.verdict {
        Verdict::Valid => "VALID",
        Verdict::Invalid => "INVALID",
        Verdict::Unknown => "UNKNOWN",
    };
    html! {
        tr {
            th scope="row" { code { bdi { (Outside(&object.key)) } } }
            td { (plain(object.operations.len())) }
            td { (verdict(judgement.verdict, text)) }
            td {
                (Outside(judgement.reason.as_deref().unwrap_or_default()))
                ul { @for anomaly in &judgement.anomalies { li { (anomalies(anomaly)) } } }
            }
        }
    }
}

/// How many there are of a kind, and when the first was.
fn anomalies(anomaly: &Anomaly) -> Markup {
    let Names { one, several, .. } = anomaly.kind.names();
    let first_ns = anomaly.times_ns.first();
    html! {
        (counted(anomaly.count, one, several))
        @if let Some(first_ns) = first_ns {
            ", the first at "
            span.n { (format!("{:.6}", Duration::from_nanos(*first_ns).as_secs_f64())) }
            " s"
        }
    }
}
