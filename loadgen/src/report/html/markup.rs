//! Pieces of HTML.

use std::fmt::{self, Write as _};

use check::Verdict;

use crate::escape::marks;

/// Text that comes from outside, made harmless in content and in quoted attributes.
pub(in crate::report) struct Escaped<'t>(pub(in crate::report) &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        marks(self.0).chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c => f.write_char(c),
        })
    }
}

/// Several lines of such text, with line breaks of our own.
pub(super) struct EscapedLines<'t>(pub(super) &'t str);

impl fmt::Display for EscapedLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.split_inclusive('\n').try_for_each(|line| match line.strip_suffix('\n') {
            Some(line) => writeln!(f, "{}", Escaped(line)),
            None => write!(f, "{}", Escaped(line)),
        })
    }
}

/// A number whose digits are set in groups of three, by style alone: as text it is what it was.
pub(super) struct Grouped(pub(super) String);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = self.0.split_at(self.0.find('.').unwrap_or(self.0.len()));
        let digits = whole.trim_start_matches('-');
        let first = whole.len() - digits.len() + (digits.len() + 2) % 3 + 1;
        f.write_str(&whole[..first.min(whole.len())])?;
        for group in whole.as_bytes()[first.min(whole.len())..].chunks(3) {
            write!(f, "<span class=\"g\">{}</span>", String::from_utf8_lossy(group))?;
        }
        f.write_str(fraction)
    }
}

/// A number of the report, with the path at which its JSON form has it.
pub(super) fn of(path: &str, value: impl fmt::Display) -> String {
    format!("<span class=\"n\" data-of=\"{path}\">{}</span>", Grouped(value.to_string()))
}

/// A verdict, told by its sign and its words, not by colour alone.
pub(super) fn verdict(verdict: Verdict, text: &str) -> String {
    let (class, sign) = match verdict {
        Verdict::Valid => ("valid", "✓"),
        Verdict::Invalid => ("invalid", "✗"),
        Verdict::Unknown => ("unknown", "?"),
    };
    let sign = format!("<span class=\"sign\" aria-hidden=\"true\">{sign}</span>");
    format!("<p class=\"verdict {class}\">{sign}<span>{}</span></p>", Escaped(text))
}

/// A count with what it counts.
pub(super) fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}
