//! Pieces of HTML. Whatever is put into a template is escaped by it.

use std::fmt::Display;

use check::Verdict;
use maud::{Markup, Render, html};

use crate::escape::marks;

/// Text that comes from outside: what nobody could see of it, or what would reorder a line, is shown.
pub(in crate::report) struct Outside<'t>(pub(in crate::report) &'t str);

impl Render for Outside<'_> {
    fn render_to(&self, page: &mut String) {
        marks(self.0).render_to(page);
    }
}

/// Several lines of such text, with line breaks of our own.
pub(super) struct OutsideLines<'t>(pub(super) &'t str);

impl Render for OutsideLines<'_> {
    fn render_to(&self, page: &mut String) {
        for line in self.0.split_inclusive('\n') {
            let text = line.strip_suffix('\n');
            Outside(text.unwrap_or(line)).render_to(page);
            page.push_str(if text.is_some() { "\n" } else { "" });
        }
    }
}

/// A number whose digits are set in groups of three, by style alone: as text it is what it was.
pub(super) fn grouped(number: impl Display) -> Markup {
    let number = number.to_string();
    let (whole, fraction) = number.split_at(number.find('.').unwrap_or(number.len()));
    let digits = whole.trim_start_matches('-');
    let first = (whole.len() - digits.len() + (digits.len() + 2) % 3 + 1).min(whole.len());
    let groups = whole.as_bytes()[first..].chunks(3);
    html! {
        (&whole[..first])
        @for group in groups { span.g { (String::from_utf8_lossy(group)) } }
        (fraction)
    }
}

/// A number of its own.
pub(super) fn plain(value: impl Display) -> Markup {
    html! { span.n { (grouped(value)) } }
}

/// A number of the report, with the path at which its JSON form has it.
pub(super) fn of(path: &str, value: impl Display) -> Markup {
    html! { span.n data-of=(path) { (grouped(value)) } }
}

/// What a number counts.
pub(super) fn unit(name: &str) -> Markup {
    html! { " " span.unit { (name) } }
}

/// A verdict, told by its sign and its words, not by colour alone.
pub(super) fn verdict(verdict: Verdict, text: &str) -> Markup {
    let (class, sign) = match verdict {
        Verdict::Valid => ("valid", "✓"),
        Verdict::Invalid => ("invalid", "✗"),
        Verdict::Unknown => ("unknown", "?"),
    };
    html! {
        p class={ "verdict " (class) } {
            span.sign aria-hidden="true" { (sign) }
            span { (Outside(text)) }
        }
    }
}

/// The heads of a table's columns.
pub(super) fn heads(heads: &[Markup]) -> Markup {
    html! { thead { tr { @for head in heads { th scope="col" { (head) } } } } }
}

/// A count with what it counts.
pub(super) fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}
