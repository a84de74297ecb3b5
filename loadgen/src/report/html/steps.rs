//! What came of each step, where there are several.

use std::io::{self, Write};

use super::markup::{Escaped, of};
use crate::report::StepSummary;
use crate::report::connection_times::ms;

/// The steps, a row each; nothing where there are none.
pub(super) fn write_steps(steps: &[StepSummary], page: &mut impl Write) -> io::Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    writeln!(
        page,
        "<section class=\"steps\"><h2>Steps</h2>\n<div class=\"wide\"><table><thead><tr>\
         <th scope=\"col\">Step</th><th scope=\"col\">Requests</th><th scope=\"col\">Ok</th>\
         <th scope=\"col\">Fail</th><th scope=\"col\">Unknown</th>"
    )?;
    for time in ["50 %", "99 %", "Longest"] {
        write!(page, "<th scope=\"col\">{time} <span class=\"unit\">ms</span></th>")?;
    }
    writeln!(page, "</tr></thead><tbody>")?;
    for (index, step) in steps.iter().enumerate() {
        write_step(index, step, page)?;
    }
    writeln!(page, "</tbody></table></div></section>")
}

fn write_step(index: usize, step: &StepSummary, page: &mut impl Write) -> io::Result<()> {
    let StepSummary { name, sent, ok, fail, unknown, latency_us, .. } = step;
    let path = |key: &str| format!("steps.{index}.{key}");
    write!(page, "<tr><th scope=\"row\"><bdi>{}</bdi></th>", Escaped(name))?;
    for (key, count) in [("sent", sent), ("ok", ok), ("fail", fail), ("unknown", unknown)] {
        write!(page, "<td>{}</td>", of(&path(key), count))?;
    }
    let times = latency_us.as_ref();
    let [p50, p99] = [times.and_then(|times| times.p50), times.and_then(|times| times.p99)];
    for (key, us) in [("p50", p50), ("p99", p99), ("max", times.map(|times| times.max))] {
        let shown = us.map_or("–".to_owned(), |us| {
            of(&path(&format!("latency_us.{key}")), format!("{:.3}", ms(us)))
        });
        write!(page, "<td>{shown}</td>")?;
    }
    writeln!(page, "</tr>")
}
