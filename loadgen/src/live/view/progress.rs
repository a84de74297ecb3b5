//! What runs, how far it is, and how fast.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{LineGauge, RenderDirection, Sparkline, SparklineBar, Widget};

use super::{Theme, View};
use crate::live::model::{Bar, Phase};
use crate::live::units;

impl View<'_> {
    pub(super) fn draw_head(&self, area: Rect, buffer: &mut Buffer) {
        let [title, time, gauge] = Layout::vertical([Constraint::Length(1); 3]).areas(area);
        let model = self.model;
        let name = if model.name.is_empty() { "" } else { &format!("  {}", model.name) };
        let [target, name_area] =
            Layout::horizontal([Constraint::Fill(1), Constraint::Length(width(name))]).areas(title);
        Line::styled(model.target.as_str(), Theme::heading()).render(target, buffer);
        Line::styled(name, Theme::heading()).render(name_area, buffer);

        let elapsed = units::clock(model.elapsed(self.now));
        let elapsed = match (model.phase, model.left(self.now)) {
            (Phase::Before, _) => "not begun".to_owned(),
            (Phase::Load, Some(left)) => format!("{elapsed}, {} left", units::clock(left)),
            (Phase::Load, None) => elapsed,
            (Phase::After(_), _) => format!("{elapsed}, over: judging"),
        };
        Line::raw(model.shape.as_str()).render(time, buffer);
        Line::raw(elapsed).right_aligned().render(time, buffer);

        if let Some(share) = model.share(self.now) {
            LineGauge::default()
                .ratio(share)
                .filled_symbol("█")
                .unfilled_symbol("░")
                .filled_style(self.theme.bars())
                .render(gauge, buffer);
        }
    }

    pub(super) fn draw_rate(&self, area: Rect, buffer: &mut Buffer) {
        let [line, sparkline] =
            Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
        let columns = usize::from(sparkline.width);
        // The newest is the first, at the right.
        let seconds = self.model.seconds.iter().rev().take(columns);
        let most = seconds.clone().map(|bar| bar.ok).max().unwrap_or(0);
        let bar = |Bar { ok, is_amiss }: &Bar| {
            let style = if *is_amiss { self.theme.bad() } else { self.theme.bars() };
            SparklineBar::from(*ok).style(Some(style))
        };
        self.rate(most).render(line, buffer);
        Sparkline::default()
            .data(seconds.map(bar).collect::<Vec<_>>())
            .max(most.max(1))
            .direction(RenderDirection::RightToLeft)
            .render(sparkline, buffer);
    }

    /// What the rate is, was at most in the seconds that are drawn, and is to be.
    fn rate(&self, most: u64) -> Line<'static> {
        let mut line = Line::from(Span::styled("ok/s  ", Theme::heading()));
        let rate = self.model.last.as_ref().map_or("–".to_owned(), |last| units::count(last.ok));
        line.push_span(rate);
        if let Some(asked) = self.model.rate_asked {
            let decimals = usize::from(asked < 10.0 && asked.fract() > 0.0);
            line.push_span(format!(" of {asked:.decimals$} asked for"));
        }
        if most > 0 {
            line.push_span(format!(", peak {}", units::count(most)));
        }
        line
    }
}

fn width(text: &str) -> u16 {
    u16::try_from(Line::raw(text).width()).unwrap_or(u16::MAX)
}
