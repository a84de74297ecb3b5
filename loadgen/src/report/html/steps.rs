//! What came of each step, where there are several.

use maud::{Markup, html};

use super::markup::{Outside, heads, of, unit};
use crate::report::StepSummary;
use crate::report::connection_times::ms;

/// The steps, a row each; nothing where there are none.
pub(super) fn steps(steps: &[StepSummary]) -> Markup {
    if steps.is_empty() {
        return Markup::default();
    }
    let counts = ["Step", "Requests", "Ok", "Fail", "Unknown"].map(|name| html! { (name) });
    let times = ["50 %", "99 %", "Longest"].map(|name| html! { (name) (unit("ms")) });
    let columns: Vec<_> = counts.into_iter().chain(times).collect();
    html! {
        section.steps {
            h2 { "Steps" }
            div.wide {
                table {
                    (heads(&columns))
                    tbody { @for (index, one) in steps.iter().enumerate() { (step(index, one)) } }
                }
            }
        }
    }
}

fn step(index: usize, step: &StepSummary) -> Markup {
    let StepSummary { name, sent, ok, fail, unknown, latency_us, .. } = step;
    let path = |key: &str| format!("steps.{index}.{key}");
    let counts = [("sent", sent), ("ok", ok), ("fail", fail), ("unknown", unknown)];
    let times = latency_us.as_ref();
    let [p50, p99] = [times.and_then(|times| times.p50), times.and_then(|times| times.p99)];
    let times = [("p50", p50), ("p99", p99), ("max", times.map(|times| times.max))];
    html! {
        tr {
            th scope="row" { bdi { (Outside(name)) } }
            @for (key, count) in counts { td { (of(&path(key), count)) } }
            @for (key, us) in times {
                td {
                    @match us {
                        Some(us) => (of(&path(&format!("latency_us.{key}")), format!("{:.3}", ms(us)))),
                        None => "–",
                    }
                }
            }
        }
    }
}
