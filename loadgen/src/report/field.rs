//! Lines of a report: a label, and a value in a column of its own.

use std::borrow::Cow;
use std::fmt;

/// A line of a report: what it tells, and the value.
pub(super) struct Field {
    pub(super) label: Cow<'static, str>,
    pub(super) value: String,
}

/// The column at which values start.
pub(super) const LABEL_WIDTH: usize = 24;

pub(super) fn field(label: impl Into<Cow<'static, str>>, value: impl fmt::Display) -> Field {
    Field { label: label.into(), value: value.to_string() }
}

/// A line below another, about what `name` says.
pub(super) fn detail(name: &str, value: impl fmt::Display) -> Field {
    field(format!("   {name}:"), value)
}

/// The lines of `fields`.
pub(super) fn lines(fields: Vec<Field>) -> Vec<String> {
    let line = |Field { label, value }| format!("{label:<LABEL_WIDTH$}{value}");
    fields.into_iter().map(|field| line(field).trim_end().to_owned()).collect()
}

/// A name that comes from outside, without what a terminal would obey.
pub(super) fn printable(name: &str) -> String {
    let is_plain = |c: char| {
        !c.is_control() && !matches!(c, '\u{200e}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    name.chars()
        .map(|c| if is_plain(c) { c.to_string() } else { c.escape_default().to_string() })
        .collect()
}
