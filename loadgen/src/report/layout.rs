//! How text is laid out: fields, tables, lines that fit a screen, and colours.

use std::borrow::Cow;
use std::fmt;
use std::io::{IsTerminal, stderr, stdout};

use anstyle::{AnsiColor, Style};
use check::Verdict;
use unicode_width::UnicodeWidthStr;

use crate::escape;

/// Where text is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Screen {
    /// How many characters a line may have; `None` where it may have any number.
    pub columns: Option<usize>,
    /// Whether verdicts and findings have colours.
    pub has_colors: bool,
}

/// When text has colours.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set; elsewhere if `CLICOLOR_FORCE` is set
    Auto,
    /// Everywhere, also in files and pipes
    Always,
    /// Nowhere
    Never,
}

impl Color {
    /// Whether standard error has colours.
    #[must_use]
    pub fn is_on_stderr(self) -> bool {
        self.is_on(&stderr())
    }

    fn is_on(self, output: &impl IsTerminal) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => is_colored(output),
        }
    }
}

impl Screen {
    /// Standard output, with colours as asked for.
    #[must_use]
    pub fn of_stdout(color: Color) -> Self {
        let has_colors = color.is_on(&stdout());
        let size = terminal_size::terminal_size_of(stdout());
        let columns = size.map(|(width, _)| usize::from(width.0)).filter(|columns| *columns > 0);
        Self { columns, has_colors }
    }

    /// The same without colours: what is painted afterwards is measured before.
    fn fits(self, line: &str) -> bool {
        self.columns.is_none_or(|columns| width(line) <= columns)
    }

    /// The widest line that is good to read, or that fits.
    pub(super) fn at_most(self, columns: usize) -> usize {
        self.columns.map_or(columns, |screen| screen.min(columns))
    }

    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        let style = if self.has_colors { tone.style() } else { Style::new() };
        if text.is_empty() { String::new() } else { format!("{style}{text}{style:#}") }
    }
}

/// Whether the environment wants colours there. That this is CI, which `anstream` takes as a yes,
/// says nothing of a terminal that calls itself dumb.
fn is_colored(output: &impl IsTerminal) -> bool {
    use anstyle_query::{clicolor, clicolor_force, no_color, term_supports_ansi_color};
    let may_be = output.is_terminal() && term_supports_ansi_color() && clicolor() != Some(false);
    !no_color() && (clicolor_force() || may_be)
}

/// What a piece of text means, which its colour shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Plain,
    Good,
    Bad,
    Doubtful,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Good => AnsiColor::Green.on_default().bold(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Doubtful => AnsiColor::Yellow.on_default().bold(),
        }
    }
}

impl From<Verdict> for Tone {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Valid => Self::Good,
            Verdict::Invalid => Self::Bad,
            Verdict::Unknown => Self::Doubtful,
        }
    }
}

/// A line of a report: what it tells, and the value. Both are safe to show.
pub(super) struct Field {
    pub(super) label: Cow<'static, str>,
    pub(super) value: String,
    pub(super) tone: Tone,
}

/// The column at which values start.
pub(super) const LABEL_WIDTH: usize = 24;
/// Where values start on a screen that is narrower than twice the labels.
const NARROW_INDENT: usize = 6;

pub(super) fn field(label: impl Into<Cow<'static, str>>, value: impl fmt::Display) -> Field {
    let (label, value) = (label.into(), escape::line(&value.to_string()));
    Field { label, value, tone: Tone::Plain }
}

/// A line below another, about what `name` says.
pub(super) fn detail(name: &str, value: impl fmt::Display) -> Field {
    field(format!("   {}:", escape::line(name)), value)
}

impl Field {
    pub(super) fn toned(self, tone: impl Into<Tone>) -> Self {
        Self { tone: tone.into(), ..self }
    }
}

/// The lines of `fields`. A value that is too wide goes on below where it starts.
pub(super) fn lines(fields: Vec<Field>, screen: Screen) -> Vec<String> {
    fields.into_iter().flat_map(|field| field_lines(field, screen)).collect()
}

fn field_lines(Field { label, value, tone }: Field, screen: Screen) -> Vec<String> {
    let line = format!("{label:<LABEL_WIDTH$}{value}");
    if screen.fits(line.trim_end()) {
        let line = format!("{label:<LABEL_WIDTH$}{}", screen.paint(tone, &value));
        return vec![line.trim_end().to_owned()];
    }
    let columns = screen.at_most(usize::MAX);
    let is_narrow = columns < 2 * LABEL_WIDTH;
    let indent = if is_narrow { NARROW_INDENT } else { LABEL_WIDTH };
    let parts = wrap(&value, columns.saturating_sub(indent)).into_iter();
    let part = |part: String| format!("{:indent$}{}", "", screen.paint(tone, &part));
    let mut lines: Vec<_> = parts.map(part).collect();
    if is_narrow {
        if !label.is_empty() {
            lines.insert(0, label.trim_end().to_owned());
        }
    } else if let Some(first) = lines.first_mut() {
        *first = format!("{label:<LABEL_WIDTH$}{}", first.trim_start());
    }
    lines
}

/// `text` in lines of at most `columns` characters, where its words allow.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// A cell of a table.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) tone: Tone,
}

/// A cell, whose text may come from outside.
pub(super) fn cell(text: impl fmt::Display) -> Cell {
    Cell { text: escape::line(&text.to_string()), tone: Tone::Plain }
}

impl Cell {
    pub(super) fn toned(self, tone: impl Into<Tone>) -> Self {
        Self { tone: tone.into(), ..self }
    }
}

/// How a table is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid<'g> {
    /// What each line begins with.
    pub(super) indent: &'g str,
    /// What stands between columns.
    pub(super) gap: &'g str,
    /// Columns whose cells are aligned to the right.
    pub(super) right: &'g [usize],
}

impl Grid<'_> {
    /// Rows of cells as lines. The cells of a row that has fewer than others may be wider than their
    /// columns. `None` where a line does not fit.
    pub(super) fn lines(&self, rows: &[Vec<Cell>], screen: Screen) -> Option<Vec<String>> {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width_of = |column: usize| {
            let cells = rows.iter().filter(|row| row.len() == columns).map(|row| &row[column]);
            cells.map(|cell| width(&cell.text)).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..columns).map(width_of).collect();
        rows.iter().map(|row| self.line(row, &widths, screen)).collect()
    }

    fn line(&self, row: &[Cell], widths: &[usize], screen: Screen) -> Option<String> {
        let (mut plain, mut line) = (self.indent.to_owned(), self.indent.to_owned());
        for (column, (Cell { text, tone }, to_fill)) in row.iter().zip(widths).enumerate() {
            let gap = if column == 0 { "" } else { self.gap };
            let padding = " ".repeat(to_fill.saturating_sub(width(text)));
            let (before, after) = if self.right.contains(&column) {
                (padding, String::new())
            } else {
                (String::new(), padding)
            };
            plain.push_str(&[gap, &before, text, &after].concat());
            line.push_str(&[gap, &before, &screen.paint(*tone, text), &after].concat());
        }
        screen.fits(plain.trim_end()).then(|| line.trim_end().to_owned())
    }
}

/// How many columns of a terminal `text` takes.
pub(super) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn screen(columns: usize) -> Screen {
        Screen { columns: Some(columns), has_colors: false }
    }

    #[test]
    fn values_go_on_below_where_they_start() {
        let of = |columns| {
            let value = "one two three four five six seven eight";
            lines(vec![field("Label:", value)], screen(columns)).join("\n")
        };
        assert_eq!(of(80), "Label:                  one two three four five six seven eight");
        assert_eq!(
            of(50),
            "Label:                  one two three four five\n                        six seven eight"
        );
        let narrow = "Label:\n      one two three four five six seven\n      eight";
        assert_eq!(of(40), narrow);
    }

    #[test]
    fn a_colour_has_no_width() {
        let screen = Screen { columns: Some(31), has_colors: true };
        let shown = lines(vec![field("Correctness:", "INVALID").toned(Tone::Bad)], screen);
        assert_eq!(shown, ["Correctness:            \u{1b}[1m\u{1b}[31mINVALID\u{1b}[0m"]);
        let grid = Grid { indent: "", gap: "  ", right: &[1] };
        let rows = [vec![cell("a"), cell("17").toned(Tone::Good)], vec![cell("bcd"), cell("1")]];
        let plain = Screen { columns: None, has_colors: false };
        assert_eq!(grid.lines(&rows, plain).unwrap(), ["a    17", "bcd   1"]);
        assert_eq!(
            grid.lines(&rows, Screen { has_colors: true, ..plain }).unwrap()[0],
            "a    \u{1b}[1m\u{1b}[32m17\u{1b}[0m"
        );
        assert_eq!(grid.lines(&rows, self::screen(6)), None);
    }

    #[test]
    fn what_comes_from_outside_makes_no_line_of_its_own() {
        let shown = lines(vec![field("A:", "x\nCorrectness: VALID\x1b[2J")], Screen::default());
        assert_eq!(shown, ["A:                      x\\nCorrectness: VALID\\u{1b}[2J"]);
    }
}
