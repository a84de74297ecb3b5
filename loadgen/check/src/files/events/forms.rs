//! The forms of a text of EDN, one at a time: one after another, or in one vector or list.

use std::io::{BufRead, ErrorKind};

use super::super::error::ReadError;
use super::super::lines::MAX_BYTES;
use super::super::memory::Memory;

#[cfg(test)]
mod tests;

/// Deeper nesting is no history.
const MAX_DEPTH: usize = 64;

/// Finds where forms begin and end; what is in them is left to a parser.
pub(super) struct Forms<R> {
    input: R,
    /// The line of the next byte, from 1.
    line: u64,
    /// What ends the vector or list that all forms are in.
    close: Option<u8>,
    begun: bool,
    ended: bool,
    /// The form that is being read, without comments.
    form: Vec<u8>,
    /// What ends each collection that is open in it, and the line that it begins on.
    open: Vec<(u8, u64)>,
    /// How many tags and discards wait for what they are of.
    prefixes: usize,
    /// Bounds a form.
    memory: Memory,
}

impl<R: BufRead> Forms<R> {
    /// The forms of `input`, which begins on the line called `line`.
    pub(super) fn new(input: R, line: u64, memory: Memory) -> Self {
        let (form, open) = (Vec::new(), Vec::new());
        let (begun, ended, prefixes) = (false, false, 0);
        Self { input, line, close: None, begun, ended, form, open, prefixes, memory }
    }

    /// The next form, and the line that it begins on; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &str)>, ReadError> {
        let mut discards = 0_usize;
        let mut first = self.line;
        self.form.clear();
        loop {
            let Some(byte) = self.peek()? else { return self.end().map(|()| None) };
            if self.form.is_empty() {
                first = self.line;
            }
            let is_outermost = self.open.is_empty();
            if self.ended && !is_blank(byte) && byte != b';' {
                return Err(self.unexpected(byte, "nothing after the last event"));
            }
            let is_whole = match byte {
                _ if !self.begun && matches!(byte, b'[' | b'(') => {
                    self.close = Some(closing(byte));
                    self.consume();
                    false
                }
                _ if is_outermost && self.form.is_empty() && self.close == Some(byte) => {
                    (self.close, self.ended) = (None, true);
                    self.consume();
                    false
                }
                b'#' => self.dispatch(&mut discards)?,
                _ => self.token(byte)?,
            };
            self.begun |= !is_blank(byte) && byte != b';';
            if !is_whole {
                continue;
            }
            self.prefixes = 0;
            if self.open.is_empty() {
                if discards == 0 {
                    return self.text(first).map(|text| Some((first, text)));
                }
                discards -= 1;
                if discards == 0 {
                    self.form.clear();
                }
            }
        }
    }

    /// Reads on by one token that is no dispatch; whether a form ends with it.
    fn token(&mut self, byte: u8) -> Result<bool, ReadError> {
        match byte {
            b';' => {
                while self.peek()?.is_some_and(|byte| !matches!(byte, b'\n' | b'\r')) {
                    self.consume();
                }
                Ok(false)
            }
            byte if is_blank(byte) => {
                if self.form.is_empty() {
                    self.consume();
                } else {
                    self.keep(byte)?;
                }
                Ok(false)
            }
            b'[' | b'(' | b'{' => {
                self.open.push((closing(byte), self.line));
                self.prefixes = 0;
                self.nest()?;
                self.keep(byte).map(|()| false)
            }
            b']' | b')' | b'}' => match self.open.pop() {
                Some((expected, _)) if expected == byte => self.keep(byte).map(|()| true),
                Some((expected, line)) => {
                    let expected = char::from(expected);
                    Err(self
                        .unexpected(byte, &format!("`{expected}` to close what line {line} opens")))
                }
                None => Err(self.unexpected(byte, "an event")),
            },
            b'"' => self.string().map(|()| true),
            b'\\' => {
                self.keep(byte)?;
                if let Some(byte) = self.peek()? {
                    self.keep(byte)?;
                }
                self.atom().map(|()| true)
            }
            _ => self.atom().map(|()| true),
        }
    }

    /// Reads on behind `#`: a set, a discard, a tag, or a number that is none.
    fn dispatch(&mut self, discards: &mut usize) -> Result<bool, ReadError> {
        self.keep(b'#')?;
        match self.peek()? {
            Some(b'{') => Ok(false),
            // A number that is none, as ##NaN: of the parser's kinds it is nearest to a symbol.
            Some(b'#') => {
                self.form.pop();
                self.consume();
                self.atom().map(|()| true)
            }
            Some(b'_') => {
                *discards += usize::from(self.open.is_empty());
                self.prefixes += 1;
                self.nest()?;
                self.keep(b'_').map(|()| false)
            }
            _ => {
                self.prefixes += 1;
                self.nest()?;
                self.atom().map(|()| false)
            }
        }
    }

    fn string(&mut self) -> Result<(), ReadError> {
        let line = self.line;
        self.keep(b'"')?;
        while let Some(byte) = self.peek()? {
            self.keep(byte)?;
            match byte {
                b'"' => return Ok(()),
                b'\\' => {
                    if let Some(byte) = self.peek()? {
                        self.keep(byte)?;
                    }
                }
                _ => {}
            }
        }
        let problem = format!("the file ends: expected `\"` to close what line {line} opens");
        Err(ReadError::at(self.line, problem))
    }

    fn atom(&mut self) -> Result<(), ReadError> {
        let start = self.form.len();
        while let Some(byte) = self.peek()? {
            if is_blank(byte) || b"[](){}\";".contains(&byte) {
                break;
            }
            self.keep(byte)?;
        }
        // A whole number of any size or a decimal one, which the parser does not know.
        let atom = &self.form[start..];
        let is_number = matches!(atom, [b'0'..=b'9', ..] | [b'+' | b'-', b'0'..=b'9', ..]);
        if is_number && matches!(atom, [.., b'0'..=b'9' | b'.', b'N' | b'M']) {
            self.form.pop();
        }
        Ok(())
    }

    fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        loop {
            match self.input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ReadError::cut(self.line, error)),
                Ok(bytes) => return Ok(bytes.first().copied()),
            }
        }
    }

    fn consume(&mut self) {
        // What was peeked at is there; reading it again cannot fail.
        if let Ok([byte, ..]) = self.input.fill_buf() {
            self.line += u64::from(*byte == b'\n');
            self.input.consume(1);
        }
    }

    fn keep(&mut self, byte: u8) -> Result<(), ReadError> {
        if self.form.len() == MAX_BYTES {
            let problem = format!("longer than {MAX_BYTES} bytes: expected one event");
            return Err(ReadError::at(self.line, problem));
        }
        if self.form.len() == self.form.capacity() {
            self.memory.check(self.line, 2 * self.form.len())?;
        }
        self.form.push(byte);
        self.line += u64::from(byte == b'\n');
        self.input.consume(1);
        Ok(())
    }

    /// Refuses what is nested so deeply that it could be no history.
    fn nest(&self) -> Result<(), ReadError> {
        if self.open.len() + self.prefixes <= MAX_DEPTH {
            return Ok(());
        }
        let problem = "nested too deeply: expected a map for each event";
        Err(ReadError::at(self.line, problem))
    }

    fn end(&self) -> Result<(), ReadError> {
        let open = self.open.last().map(|(close, line)| (*close, Some(*line)));
        let problem = match open.or(self.close.map(|close| (close, None))) {
            Some((close, Some(line))) => {
                format!(
                    "the file ends: expected `{}` to close what line {line} opens",
                    close as char
                )
            }
            Some((close, None)) => format!("the file ends: expected `{}`", close as char),
            None if self.form.is_empty() => return Ok(()),
            None => "the file ends: expected a form after the tag or discard".to_owned(),
        };
        Err(ReadError::at(self.line, problem))
    }

    fn text(&self, first: u64) -> Result<&str, ReadError> {
        str::from_utf8(&self.form).map_err(|error| {
            let before = &self.form[..error.valid_up_to()];
            let line = first + memchr::memchr_iter(b'\n', before).count() as u64;
            ReadError::at(line, "not UTF-8: expected EDN")
        })
    }

    fn unexpected(&self, byte: u8, expected: &str) -> ReadError {
        let found = char::from(byte).escape_debug();
        ReadError::at(self.line, format!("`{found}`: expected {expected}"))
    }
}

/// What EDN takes for space.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b'\t'..=b'\r')
}

/// What ends a collection that begins so.
fn closing(open: u8) -> u8 {
    match open {
        b'[' => b']',
        b'(' => b')',
        _ => b'}',
    }
}
