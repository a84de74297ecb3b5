//! How a run is drawn: its parts one below the other, in whatever room there is.

mod answers;
mod layout;
mod progress;

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget};

use super::model::{Model, Stall, Stalls};
use super::units;
use crate::subject::Finding;
use crate::threshold::Checked;
use layout::{Part, Wanted};

/// How many of the last messages are shown at most.
pub(super) const MOST_MESSAGES: usize = 20;

/// A run as it is drawn.
pub(super) struct View<'v> {
    pub(super) model: &'v Model,
    pub(super) now: Duration,
    /// What was told on standard error, safe to show.
    pub(super) messages: Vec<String>,
    /// Whether keys that are typed are read.
    pub(super) takes_keys: bool,
    pub(super) theme: Theme,
}

/// What text looks like that means something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    pub(super) has_colors: bool,
}

impl Theme {
    fn heading() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    fn good(self) -> Style {
        self.colored(Color::Green)
    }

    /// Bold as well: without colours nothing else tells.
    fn bad(self) -> Style {
        self.colored(Color::Red).add_modifier(Modifier::BOLD)
    }

    fn bars(self) -> Style {
        self.colored(Color::Cyan)
    }

    /// What the eye is to be drawn to.
    fn alarm(self) -> Style {
        self.bad().add_modifier(Modifier::REVERSED)
    }

    fn colored(self, color: Color) -> Style {
        if self.has_colors { Style::new().fg(color) } else { Style::new() }
    }
}

impl Widget for &View<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let wanted = Wanted {
            stalls: self.model.stalls != Stalls::default(),
            thresholds: self.model.whole.thresholds.len(),
            findings: self.model.findings.len(),
            messages: self.messages.len(),
        };
        for (part, area) in layout::parts(&wanted, area) {
            self.draw(part, area, buffer);
        }
    }
}

impl View<'_> {
    fn draw(&self, part: Part, area: Rect, buffer: &mut Buffer) {
        let rows = usize::from(area.height);
        match part {
            Part::Head => self.draw_head(area, buffer),
            Part::Rate => self.draw_rate(area, buffer),
            Part::Latency => Paragraph::new(self.latency()).render(area, buffer),
            Part::Answers => self.draw_answers(area, buffer),
            Part::Totals => Paragraph::new(self.totals()).render(area, buffer),
            Part::Stalls => self.stalls().render(area, buffer),
            Part::Thresholds => Paragraph::new(self.thresholds(rows)).render(area, buffer),
            Part::Findings => Paragraph::new(self.findings(rows)).render(area, buffer),
            Part::Messages => {
                let skipped = self.messages.len().saturating_sub(rows);
                let last = self.messages[skipped..].iter().map(|text| Line::raw(text.as_str()));
                Paragraph::new(last.collect::<Vec<_>>()).render(area, buffer);
            }
            Part::Foot => {
                let keys = if self.takes_keys { "q or Ctrl-C" } else { "Ctrl-C" };
                let foot = format!("{keys} ends the run and reports it");
                Line::styled(foot, Style::new()).right_aligned().render(area, buffer);
            }
        }
    }

    fn stalls(&self) -> Line<'static> {
        let Stalls { now, over, longest } = &self.model.stalls;
        if let Some(Stall { since, in_flight, others_answered }) = now {
            let silent_s = self.now.saturating_sub(*since).as_secs_f64();
            let text = if *others_answered {
                format!(" {in_flight} waiting for {silent_s:.1} s while others are answered ")
            } else {
                format!(" STALLED: no answer for {silent_s:.1} s, {in_flight} in flight ")
            };
            return Line::styled(text, self.theme.alarm());
        }
        let times = if *over == 1 { "once" } else { &format!("{} times", units::count(*over)) };
        let text = format!("stalled {times}, for {:.1} s at most", longest.as_secs_f64());
        Line::styled(text, self.theme.bad())
    }

    /// Those that are crossed first, where there is no room for all.
    fn thresholds(&self, rows: usize) -> Vec<Line<'static>> {
        let mut all: Vec<_> = self.model.whole.thresholds.iter().collect();
        if all.len() > rows {
            all.sort_by_key(|checked| checked.holds);
        }
        let line = |checked: &&Checked| {
            let (mark, style) = match (checked.holds, checked.value) {
                (true, _) => ('✓', self.theme.good()),
                (false, Some(_)) => ('✗', self.theme.bad()),
                // It is only known at the end.
                (false, None) => ('·', Style::new()),
            };
            let text = crate::escape::line(&checked.threshold.text);
            Line::styled(format!("{mark} {text} ({})", checked.value()), style)
        };
        with_rest(&all, rows, line)
    }

    fn findings(&self, rows: usize) -> Vec<Line<'static>> {
        let line = |finding: &Finding| {
            let Finding { kind, count, line, .. } = finding;
            let count = units::count(*count);
            let text = format!("✗ server: {count} × {kind}: {}", crate::escape::line(line));
            Line::styled(text, self.theme.bad())
        };
        let findings = &self.model.findings;
        with_rest(findings, rows, line)
    }
}

/// A line for each of `all`; where there are more than `rows`, the last line begins with how many more.
fn with_rest<T>(
    all: &[T],
    rows: usize,
    line: impl FnMut(&T) -> Line<'static>,
) -> Vec<Line<'static>> {
    let mut lines: Vec<_> = all.iter().take(rows).map(line).collect();
    let more = all.len() - lines.len();
    if let Some(last) = lines.last_mut().filter(|_| more > 0) {
        last.spans.insert(0, Span::raw(format!("[+{more}] ")));
    }
    lines
}
