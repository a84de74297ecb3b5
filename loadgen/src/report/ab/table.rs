//! ab's `-w`: the report as a table of HTML.

use std::fmt;
use std::io::{self, Write};

use maud::Render as _;

use super::super::html::Outside;
use super::super::{Part, Parts, Report, Requests, Section, Throughput, TlsSummary};
use crate::secrets::masked_path;

/// What the tags of the table have, as ab's `-x`, `-y` and `-z` give it.
#[derive(Debug, Clone)]
pub struct TableStyle {
    /// Attributes of the table.
    pub table: String,
    /// Attributes of each row.
    pub row: String,
    /// Attributes of each cell.
    pub cell: String,
}

impl Default for TableStyle {
    fn default() -> Self {
        Self { table: String::new(), row: String::new(), cell: "bgcolor=white".to_owned() }
    }
}

/// Writes a table for each of `sections` that is a run: ab's rows, then what was judged. The document's
/// length is a number only where that is asked for and it did not vary.
///
/// # Errors
/// When `file` cannot be written.
pub fn write_table(
    sections: &[Section<'_>],
    style: &TableStyle,
    has_length: bool,
    file: &mut dyn Write,
) -> io::Result<()> {
    for report in sections.iter().filter_map(|section| section.report) {
        let mut table = Table { style, file: &mut *file };
        writeln!(table.file, "\n\n<table {}>", style.table)?;
        table.target(report, has_length)?;
        table.counts(report)?;
        table.rates(report)?;
        if let Some(parts) = &report.parts_us {
            table.times(parts)?;
        }
        for field in report.end_fields().into_iter().chain(report.correctness_fields()) {
            table.row(field.label.trim_start(), field.value)?;
        }
        writeln!(table.file, "</table>")?;
    }
    Ok(())
}

/// A table that is being written.
struct Table<'t> {
    style: &'t TableStyle,
    file: &'t mut dyn Write,
}

impl Table<'_> {
    fn row(&mut self, label: &str, value: impl fmt::Display) -> io::Result<()> {
        let Self { style: TableStyle { row, cell, .. }, file } = self;
        let [label, value] = [label, &value.to_string()].map(|text| Outside(text).render().0);
        writeln!(
            file,
            "<tr {row}><th colspan=2 {cell}>{label}</th><td colspan=2 {cell}>{value}</td></tr>"
        )
    }

    fn target(&mut self, report: &Report, has_length: bool) -> io::Result<()> {
        let Report { target, document, tls, .. } = report;
        self.row("Server Software:", document.server_software.as_deref().unwrap_or_default())?;
        self.row("Server Hostname:", target.url.host_str().unwrap_or_default())?;
        self.row("Server Port:", target.url.port_or_known_default().unwrap_or_default())?;
        let tls = tls.iter().flat_map(TlsSummary::fields);
        for field in tls.chain(target.specimen_fields()) {
            self.row(&field.label, field.value)?;
        }
        self.row("Document Path:", masked_path(&target.url))?;
        match document.bytes.filter(|_| has_length && !document.varies) {
            Some(bytes) => self.row("Document Length:", format!("{bytes} bytes")),
            None => self.row("Document Length:", "Variable"),
        }
    }

    fn counts(&mut self, report: &Report) -> io::Result<()> {
        let Report { plan, requests, throughput, .. } = report;
        let Requests { error_groups: groups, .. } = requests;
        let failed = requests.sent - requests.answered();
        self.row("Concurrency Level:", plan.concurrency)?;
        self.row("Time taken for tests:", format!("{:.3} seconds", report.elapsed_s))?;
        self.row("Complete requests:", requests.answered())?;
        self.row("Failed requests:", failed)?;
        if failed > 0 {
            let TableStyle { row, cell, .. } = self.style;
            writeln!(
                self.file,
                "<tr {row}><td colspan=4 {cell} >   (Connect: {}, Length: {}, Exceptions: {})</td></tr>",
                groups.connect,
                groups.length,
                groups.receive + groups.exceptions
            )?;
        }
        if requests.non_2xx() > 0 {
            self.row("Non-2xx responses:", requests.non_2xx())?;
        }
        if plan.keep_alive {
            self.row("Keep-Alive requests:", requests.kept_alive)?;
        }
        self.row("Total transferred:", format!("{} bytes", throughput.bytes_read))?;
        if throughput.body_bytes_written > 0 {
            self.row("Total body sent:", throughput.bytes_written)?;
        }
        self.row("HTML transferred:", format!("{} bytes", throughput.body_bytes_read))
    }

    fn rates(&mut self, report: &Report) -> io::Result<()> {
        let Throughput { requests_per_s, bytes_read_per_s, bytes_written_per_s, .. } =
            report.throughput;
        let Some(rate) = requests_per_s else { return Ok(()) };
        let (read, written) = (bytes_read_per_s / 1024.0, bytes_written_per_s / 1024.0);
        self.row("Requests per second:", format!("{rate:.2}"))?;
        self.row("Transfer rate:", format!("{read:.2} kb/s received"))?;
        if report.throughput.body_bytes_written == 0 {
            return Ok(());
        }
        let TableStyle { row, cell, .. } = self.style;
        for (rate, what) in [(written, "sent"), (read + written, "total")] {
            writeln!(
                self.file,
                "<tr {row}><td colspan=2 {cell}>&nbsp;</td>\
                 <td colspan=2 {cell}>{rate:.2} kb/s {what}</td></tr>"
            )?;
        }
        Ok(())
    }

    fn times(&mut self, parts: &Parts) -> io::Result<()> {
        let TableStyle { row, cell, .. } = self.style;
        writeln!(self.file, "<tr {row}><th {cell} colspan=4>Connection Times (ms)</th></tr>")?;
        writeln!(
            self.file,
            "<tr {row}><th {cell}>&nbsp;</th> <th {cell}>min</th>   <th {cell}>avg</th>   \
             <th {cell}>max</th></tr>"
        )?;
        let Parts { connect, processing, total, .. } = parts;
        for (label, part) in [("Connect:", connect), ("Processing:", processing), ("Total:", total)]
        {
            let Part { min, mean, max, .. } = *part;
            writeln!(
                self.file,
                "<tr {row}><th {cell}>{label}</th><td {cell}>{:>5}</td><td {cell}>{:>5.0}</td>\
                 <td {cell}>{:>5}</td></tr>",
                rounded_ms(min),
                mean / 1000.0,
                rounded_ms(max)
            )?;
        }
        Ok(())
    }
}

/// As ab rounds.
fn rounded_ms(us: u64) -> u64 {
    us.saturating_add(500) / 1000
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::hostile::{self, Hostile, lost};
    use super::*;

    fn written(sections: &[Section<'_>], style: &TableStyle) -> String {
        let mut file = Vec::new();
        write_table(sections, style, true, &mut file).unwrap();
        String::from_utf8(file).unwrap()
    }

    /// The tags, in order.
    fn tags(html: &str) -> Vec<&str> {
        html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default()).collect()
    }

    #[test]
    fn it_is_as_ab_writes_it() {
        let report = lost("x");
        let text = written(&[Section::of(&report)], &TableStyle::default());
        for line in [
            "\n\n<table >\n",
            "<tr ><th colspan=2 bgcolor=white>Server Software:</th><td colspan=2 bgcolor=white>x</td></tr>\n",
            "<tr ><th colspan=2 bgcolor=white>Complete requests:</th><td colspan=2 bgcolor=white>10</td></tr>\n",
            "<tr ><th bgcolor=white colspan=4>Connection Times (ms)</th></tr>\n",
            "<tr ><th bgcolor=white>&nbsp;</th> <th bgcolor=white>min</th>   <th bgcolor=white>avg</th>   <th bgcolor=white>max</th></tr>\n",
            "<tr ><th bgcolor=white>Connect:</th><td bgcolor=white>    0</td><td bgcolor=white>    0</td><td bgcolor=white>    0</td></tr>\n",
            "<tr ><th colspan=2 bgcolor=white>Correctness:</th><td colspan=2 bgcolor=white>INVALID: 2 updates lost</td></tr>\n",
            "</table>\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
        let [table, row, cell] = ["border=1", "class=r", "class=c"].map(str::to_owned);
        let styled = written(&[Section::of(&report)], &TableStyle { table, row, cell });
        assert!(styled.starts_with("\n\n<table border=1>\n<tr class=r><th colspan=2 class=c>"));
        assert!(!styled.contains("bgcolor"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn whatever_is_said_the_structure_is_the_same(text in hostile::text()) {
            let of = |text: &str| {
                let hostile = Hostile::new(text);
                let text = written(&hostile.sections(), &TableStyle::default());
                tags(&text).iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>()
            };
            prop_assert_eq!(of(&text), of("plain"));
        }
    }
}
