//! Which part of the view is where.

use ratatui::layout::{Constraint, Layout, Rect};

/// A part of the view, from top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Head,
    Rate,
    Latency,
    /// The histogram, and beside it statuses and errors.
    Answers,
    Totals,
    Stalls,
    Thresholds,
    Findings,
    Messages,
    Foot,
}

/// How many lines there are to show of what is not always there.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) stalls: bool,
    pub(super) thresholds: usize,
    pub(super) findings: usize,
    pub(super) messages: usize,
}

/// Whether every part has the rows that are meant for it.
enum Room {
    Enough,
    Scarce,
}

/// Rows of the parts that always take as many: head, latency, totals and foot.
const FIXED: u16 = 3 + 3 + 2 + 1;
/// What the rate takes beside its sparkline.
const RATE_LINE: u16 = 1;
/// Fewer rows of the histogram, its heading included, say nothing.
const LEAST_ANSWERS: u16 = 4;
/// From so many rows on, an empty one stands between parts.
const SPACIOUS: u16 = 26;

/// The parts that there are, and the place of each.
pub(super) fn parts(wanted: &Wanted, area: Rect) -> Vec<(Part, Rect)> {
    let (rows, gap) = rows(wanted, area.height);
    let heights = rows.iter().map(|(_, rows)| Constraint::Length(*rows));
    let areas = Layout::vertical(heights).spacing(gap).split(area);
    rows.iter().map(|(part, _)| *part).zip(areas.iter().copied()).collect()
}

/// The parts, how many rows each has, and how many are between them.
fn rows(wanted: &Wanted, height: u16) -> (Vec<(Part, u16)>, u16) {
    let spacious = (height >= SPACIOUS).then(|| rows_between(wanted, height, 1));
    match spacious {
        Some((rows, Room::Enough)) => (rows, 1),
        _ => (rows_between(wanted, height, 0).0, 0),
    }
}

/// The parts, with `gap` rows between them, and how many rows each has: the histogram what the others
/// leave.
fn rows_between(wanted: &Wanted, height: u16, gap: u16) -> (Vec<(Part, u16)>, Room) {
    let stalls = u16::from(wanted.stalls);
    let all = height.saturating_sub(FIXED + RATE_LINE + stalls);
    let most = |count: usize, least: u16, share: u16| {
        let most = (all / share).max(least);
        u16::try_from(count).map_or(most, |count| count.min(most))
    };
    let mut sparkline = (all / 5).clamp(1, 6);
    let mut thresholds = most(wanted.thresholds, 2, 5);
    let mut findings = most(wanted.findings, 2, 5);
    let mut messages = most(wanted.messages, 2, 4);
    let shown = |rows: u16| u16::from(rows > 0);
    let gaps = |parts: [u16; 3]| {
        let parts: u16 = parts.into_iter().map(shown).sum();
        gap * (5 + stalls + parts)
    };
    let mut room = Room::Enough;
    let answers = loop {
        let others = sparkline + thresholds + findings + messages;
        let left = all.saturating_sub(others + gaps([thresholds, findings, messages]));
        // Whatever has most gives first.
        let most = [&mut messages, &mut findings, &mut thresholds, &mut sparkline];
        let richest = most.into_iter().max_by_key(|rows| **rows);
        match richest.filter(|rows| **rows > 1 && left < LEAST_ANSWERS) {
            Some(rows) => {
                *rows -= 1;
                room = Room::Scarce;
            }
            None => break left,
        }
    };
    let parts = [
        (Part::Head, 3),
        (Part::Rate, RATE_LINE + sparkline),
        (Part::Latency, 3),
        (Part::Answers, answers),
        (Part::Totals, 2),
        (Part::Stalls, stalls),
        (Part::Thresholds, thresholds),
        (Part::Findings, findings),
        (Part::Messages, messages),
        (Part::Foot, 1),
    ];
    (parts.into_iter().filter(|(_, rows)| *rows > 0).collect(), room)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn everything_has_room_from_20_rows_on(
            height in 20..80_u16,
            stalls in any::<bool>(),
            thresholds in 0..9_usize,
            findings in 0..9_usize,
            messages in 0..20_usize,
        ) {
            let wanted = Wanted { stalls, thresholds, findings, messages };
            let parts = parts(&wanted, Rect::new(0, 0, 60, height));
            for ((part, rows), (_, area)) in rows(&wanted, height).0.into_iter().zip(&parts) {
                prop_assert_eq!(rows, area.height, "{:?}", part);
            }
            let has = |part| parts.iter().any(|(other, _)| *other == part);
            prop_assert_eq!(has(Part::Stalls), stalls);
            prop_assert_eq!(has(Part::Thresholds), thresholds > 0);
            prop_assert_eq!(has(Part::Findings), findings > 0);
            prop_assert_eq!(has(Part::Messages), messages > 0);
            let (last, foot) = parts.last().unwrap();
            prop_assert_eq!((*last, foot.bottom()), (Part::Foot, height));
            let answers = parts.iter().find(|(part, _)| *part == Part::Answers).unwrap().1;
            prop_assert!(answers.height >= 3, "{:?}", answers);
        }
    }
}
