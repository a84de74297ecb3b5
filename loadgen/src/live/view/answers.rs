//! What was answered, and how fast.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget};

use super::{Theme, View, with_rest};
use crate::live::histogram::Bucket;
use crate::live::model::{Latency, Whole};
use crate::live::units;
use crate::record::Outcomes;

/// Columns of what a bucket spans, and of the share that it has.
const SPAN: usize = 11;
const SHARE: usize = 5;

impl View<'_> {
    pub(super) fn latency(&self) -> Vec<Line<'static>> {
        let last = self.model.last.as_ref().map(Latency::of).unwrap_or_default();
        let row = |label: &str, [p50, p99, max]: [String; 3]| {
            format!("{label:<12}{p50:>12}{p99:>12}{max:>12}")
        };
        let heading = row("latency", ["p50", "p99", "max"].map(str::to_owned));
        vec![
            Line::styled(heading, Theme::heading()),
            Line::raw(row("last second", times(last))),
            Line::raw(row("whole run", times(self.model.whole.latency))),
        ]
    }

    pub(super) fn draw_answers(&self, area: Rect, buffer: &mut Buffer) {
        let columns = [Constraint::Fill(3), Constraint::Length(2), Constraint::Fill(2)];
        let [left, _, right] = Layout::horizontal(columns).areas(area);
        // The heading is one of them.
        let rows = usize::from(area.height.saturating_sub(1));
        Paragraph::new(self.histogram(rows, left.width.into())).render(left, buffer);
        Paragraph::new(self.statuses(rows)).render(right, buffer);
    }

    fn histogram(&self, rows: usize, columns: usize) -> Vec<Line<'static>> {
        let mut lines = vec![Line::styled("latencies, whole run", Theme::heading())];
        let Some(histogram) = &self.model.whole.histogram else { return lines };
        let buckets = histogram.buckets(rows);
        let whole: u64 = buckets.iter().map(|bucket| bucket.count).sum();
        let most = buckets.iter().map(|bucket| bucket.count).max().unwrap_or(0);
        let room = columns.saturating_sub(SPAN + 1 + SHARE);
        lines.extend(buckets.into_iter().take(rows).map(|Bucket { from_us, to_us, count }| {
            let bar = bar(count, most, room);
            Line::from_iter([
                Span::raw(format!("{:>SPAN$} ", units::range(from_us, to_us))),
                Span::styled(format!("{bar:<room$}"), self.theme.bars()),
                Span::raw(format!("{:>SHARE$}", units::percent(count, whole))),
            ])
        }));
        lines
    }

    /// Statuses in their order, and behind them what came instead of answers.
    fn statuses(&self, rows: usize) -> Vec<Line<'static>> {
        let Whole { statuses, failures, .. } = &self.model.whole;
        let heading = Line::styled("status and errors", Theme::heading());
        let status = |(status, count): &(u16, u64)| {
            let is_error = *status >= 400;
            (format!("{status}: {}", units::count(*count)), is_error)
        };
        let failure =
            |(name, count): &(String, u64)| (format!("{} × {name}", units::count(*count)), true);
        let all: Vec<_> = statuses.iter().map(status).chain(failures.iter().map(failure)).collect();
        let line = |(text, is_error): &(String, bool)| {
            let style = if *is_error { self.theme.bad() } else { self.theme.good() };
            Line::styled(text.clone(), style)
        };
        let rest = with_rest(&all, rows, line);
        std::iter::once(heading).chain(rest).collect()
    }

    pub(super) fn totals(&self) -> Vec<Line<'static>> {
        let Whole { outcomes, warm_up, acknowledged, in_flight, dropped, .. } = &self.model.whole;
        let Outcomes { ok, fail, unknown } = *outcomes;
        let amiss = |name: &str, count: u64| {
            let text = format!("   {name} {}", units::count(count));
            if count > 0 { Span::styled(text, self.theme.bad()) } else { Span::raw(text) }
        };
        let outcomes = Line::from_iter([
            Span::raw(format!("ok {}", units::count(ok))),
            amiss("fail", fail),
            amiss("unknown", unknown),
            amiss("dropped", *dropped),
        ]);
        let warm_up = match warm_up {
            0 => String::new(),
            _ => format!("   warm-up {}", units::count(*warm_up)),
        };
        let updates = format!(
            "acknowledged updates {}   in flight {}{warm_up}",
            units::count(*acknowledged),
            units::count(*in_flight)
        );
        vec![outcomes, Line::raw(updates)]
    }
}

/// The cells of a row of latencies. A percentile among requests that were dropped is longer than any.
fn times(Latency { p50_us, p99_us, max_us }: Latency) -> [String; 3] {
    let Some(max_us) = max_us else { return ["–", "–", "–"].map(str::to_owned) };
    let max = units::time(max_us);
    let among = |us: Option<u64>| us.map_or_else(|| format!("> {max}"), units::time);
    [among(p50_us), among(p99_us), max.clone()]
}

/// A bar of so many eighths of a column that the one for `most` takes all of `columns`, and one for
/// anything at least one.
fn bar(count: u64, most: u64, columns: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let room = columns as u64 * 8;
    let eighths = u128::from(count) * u128::from(room) / u128::from(most.max(1));
    let eighths = usize::try_from(eighths).unwrap_or(0).max(usize::from(count > 0 && room > 0));
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        let bars = [(8, 8, 2), (4, 8, 2), (3, 8, 2), (0, 8, 2), (1, 1000, 2), (1, 8, 0)];
        let bars = bars.map(|(count, most, columns)| bar(count, most, columns));
        assert_eq!(bars, ["██", "█", "▊", "", "▏", ""]);
    }

    #[test]
    fn what_was_dropped_took_longer_than_any() {
        let latency = Latency { p50_us: Some(1500), p99_us: None, max_us: Some(20_000) };
        assert_eq!(times(latency), ["1.50 ms", "> 20.0 ms", "20.0 ms"]);
        assert_eq!(times(Latency::default()), ["–", "–", "–"]);
    }
}
