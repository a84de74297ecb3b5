//! Witnesses and verdicts of objects, as text.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::Duration;

use check::{Anomaly, Judgement, Names, Object, Verdict};

use super::markup::{Escaped, Grouped, counted, verdict};
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
pub(super) fn write_proofs(
    judged: &Judged,
    shown: &[Shown<'_>],
    page: &mut impl Write,
) -> io::Result<()> {
    if shown.is_empty() {
        return Ok(());
    }
    writeln!(page, "<section class=\"proofs\"><h2>Why</h2>")?;
    for one in shown {
        write_proof(one, page)?;
    }
    let others = proven(judged).len() - shown.len();
    if others > 0 {
        let others = counted(others as u64, "anomaly is", "anomalies are");
        writeln!(page, "<p class=\"note\">{others} proven likewise, and not shown.</p>")?;
    }
    writeln!(page, "</section>")
}

fn write_proof(shown: &Shown<'_>, page: &mut impl Write) -> io::Result<()> {
    let Shown { anomaly, object, witness, .. } = shown;
    let Names { one, several, .. } = anomaly.kind.names();
    let number = match anomaly.count {
        1 => format!("1 {one}"),
        count => format!("The first of {} {several}", Grouped(count.to_string())),
    };
    writeln!(
        page,
        "<article>\n<h3>{number} <span class=\"of\">of <code><bdi>{}</bdi></code></span></h3>\n\
         <p class=\"why\">{}</p>\n<div class=\"chart\"></div>\n<div class=\"wide\">",
        Escaped(&object.key),
        Escaped(&witness.why.sentence)
    )?;
    write_table(&witness.table(), witness.why.wrong, page)?;
    let origin_s = Duration::from_nanos(witness.origin_ns()).as_secs_f64();
    writeln!(page, "</div>\n<p class=\"note\">0 is {origin_s:.6} s into the run</p>\n</article>")
}

fn write_table(table: &Table, wrong: Option<u32>, page: &mut impl Write) -> io::Result<()> {
    write!(page, "<table class=\"operations\">")?;
    let columns = if table.has_columns() { table.clients.len() } else { 1 };
    if table.has_columns() {
        write!(page, "<thead><tr>")?;
        for client in &table.clients {
            write!(page, "<th scope=\"col\">{}</th>", client_name(*client))?;
        }
        write!(page, "</tr></thead>")?;
    }
    write!(page, "<tbody>")?;
    for row in &table.rows {
        match row {
            Row::Operation { index, client, exchange, interval } => {
                let is_wrong = Some(*index) == wrong;
                let (class, mark) = if is_wrong { (" class=\"wrong\"", WRONG) } else { ("", "") };
                let (empty, name) = match table.clients[*client] {
                    _ if table.has_columns() => (*client, String::new()),
                    number => (0, client_name(number) + " "),
                };
                write!(
                    page,
                    "<tr{class}>{}<td><span class=\"exchange\">{mark}{name}{}</span> \
                     <span class=\"interval\">{}</span></td>{}</tr>",
                    "<td></td>".repeat(empty),
                    Escaped(exchange),
                    Escaped(interval),
                    "<td></td>".repeat(columns - empty - 1)
                )?;
            }
            Row::LeftOut(count) => {
                let text = left_out(*count);
                write!(page, "<tr><td colspan=\"{columns}\" class=\"note\">{text}</td></tr>")?;
            }
        }
    }
    writeln!(page, "</tbody></table>")
}

/// The sign of the operation at which no order is left.
const WRONG: &str = "<span class=\"sign\" role=\"img\" aria-label=\"impossible:\">✗</span> ";

/// The verdict on each object, the worst first.
pub(super) fn write_objects(judged: &Judged, page: &mut impl Write) -> io::Result<()> {
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
    writeln!(
        page,
        "<section class=\"objects\"><h2>The history, object by object</h2><div class=\"wide\"><table><thead><tr>\
         <th scope=\"col\">Object</th><th scope=\"col\">Operations</th>\
         <th scope=\"col\">Verdict</th><th scope=\"col\">Anomalies</th></tr></thead><tbody>"
    )?;
    for (object, judgement) in objects.iter().take(MOST_OBJECTS) {
        write_object(object, judgement, page)?;
    }
    writeln!(page, "</tbody></table></div>")?;
    let others = objects.len().saturating_sub(MOST_OBJECTS);
    if others > 0 {
        let others = counted(others as u64, "object is", "objects are");
        writeln!(page, "<p class=\"note\">{others} not shown.</p>")?;
    }
    writeln!(page, "</section>")
}

fn write_object(object: &Object, judgement: &Judgement, page: &mut impl Write) -> io::Result<()> {
    let text = match judgement.verdict {
        Verdict::Valid => "VALID",
        Verdict::Invalid => "INVALID",
        Verdict::Unknown => "UNKNOWN",
    };
    write!(
        page,
        "<tr><th scope=\"row\"><code><bdi>{}</bdi></code></th><td><span class=\"n\">{}</span></td>\
         <td>{}</td><td>{}<ul>",
        Escaped(&object.key),
        Grouped(object.operations.len().to_string()),
        verdict(judgement.verdict, text),
        Escaped(judgement.reason.as_deref().unwrap_or_default())
    )?;
    for anomaly in &judgement.anomalies {
        let Names { one, several, .. } = anomaly.kind.names();
        write!(page, "<li>{}", counted(anomaly.count, one, several))?;
        if let Some(first_ns) = anomaly.times_ns.first() {
            let first_s = Duration::from_nanos(*first_ns).as_secs_f64();
            write!(page, ", the first at <span class=\"n\">{first_s:.6}</span> s")?;
        }
        write!(page, "</li>")?;
    }
    writeln!(page, "</ul></td></tr>")
}
