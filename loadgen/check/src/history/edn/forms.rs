//! The forms of a text, and the lines they begin on.

use clojure_reader::edn::{self, Edn};

use super::super::error::ReadError;

/// Deeper nesting is no history.
const MAX_DEPTH: usize = 64;

/// The forms of a text, one after another or in one vector or list.
pub(super) struct Forms<'t> {
    text: &'t str,
    rest: &'t str,
    /// What ends the vector that the forms are in.
    close: Option<char>,
    line: u64,
}

impl<'t> Forms<'t> {
    pub(super) fn new(text: &'t str) -> Result<Self, ReadError> {
        shallow(text)?;
        let mut forms = Self { text, rest: text, close: None, line: 1 };
        forms.pass_space();
        forms.close = match forms.rest.chars().next() {
            Some('[') => Some(']'),
            Some('(') => Some(')'),
            _ => None,
        };
        if forms.close.is_some() {
            forms.pass(1);
        }
        Ok(forms)
    }

    /// The next form and the line that it begins on.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Edn<'t>)>, ReadError> {
        self.pass_space();
        let first = self.rest.chars().next();
        match (first, self.close) {
            (None, None) => return Ok(None),
            (None, Some(close)) => {
                return Err(ReadError::at(self.line, format!("the file ends: expected `{close}`")));
            }
            (Some(first), Some(close)) if first == close => {
                self.pass(1);
                self.close = None;
                self.pass_space();
                if self.rest.is_empty() {
                    return Ok(None);
                }
                return Err(ReadError::at(self.line, format!("text after the last `{close}`")));
            }
            _ => {}
        }
        let line = self.line;
        let (form, rest) = edn::read(self.rest).map_err(|error| {
            let within = error.line.map_or(0, |line| line as u64 - 1);
            ReadError::at(line + within, format!("no EDN: {:?}", error.code))
        })?;
        self.pass(self.rest.len() - rest.len());
        Ok(Some((line, form)))
    }

    fn pass(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at(bytes);
        self.line += newlines(passed.as_bytes());
        self.rest = rest;
        debug_assert!(self.text.ends_with(rest));
    }

    /// Passes over what means nothing: space, commas and comments.
    fn pass_space(&mut self) {
        loop {
            let blank = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            self.pass(self.rest.len() - blank.len());
            if !self.rest.starts_with(';') {
                return;
            }
            self.pass(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }
}

/// Refuses what is nested so deeply that it could be no history.
fn shallow(text: &str) -> Result<(), ReadError> {
    let (mut depth, mut line, mut in_string, mut in_comment, mut escaped) =
        (0_usize, 1, false, false, false);
    for byte in text.bytes() {
        line += u64::from(byte == b'\n');
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'\n' => in_comment = false,
            _ if in_comment => {}
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b';' => in_comment = true,
            b'[' | b'(' | b'{' => depth += 1,
            b']' | b')' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(ReadError::at(line, "nested too deeply: expected maps of an event each"));
        }
    }
    Ok(())
}

/// How many lines end in `bytes`.
pub(super) fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}
