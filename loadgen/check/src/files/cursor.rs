//! JSON, value by value, in a line: the numbers and lists that a history is of.

mod lists;

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Number;

use crate::tokens::is_integer;

/// How much of a line an error shows.
const SHOWN_CHARS: usize = 40;
/// So many digits are below 2⁶⁴, whichever they are.
const DIGITS_THAT_FIT: usize = 19;

/// What is wrong with a line.
pub(super) type Problem = String;

/// A value that an argument or a result may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Integer(i64),
    /// Two integers; [`NIL`](crate::history::NIL) stands for null.
    Pair([i64; 2]),
    /// Any other number of integers; [`NIL`](crate::history::NIL) stands for null.
    List(Vec<i64>),
    /// A string, or a number that is no integer of ours, as it is written.
    Text(String),
    /// A list with a string in it.
    Values(Vec<Json>),
    /// The same, kept among lists under this index.
    Kept(i64),
    /// An object of integers.
    Amounts(Vec<(String, i64)>),
}

/// A place in a line.
pub(super) struct Cursor<'l> {
    line: &'l [u8],
    at: usize,
}

impl<'l> Cursor<'l> {
    /// The start of a line, which is UTF-8.
    pub(super) fn new(line: &'l [u8]) -> Result<Self, Problem> {
        str::from_utf8(line).map_err(|error| {
            format!("not UTF-8 after byte {}: expected JSON", error.valid_up_to())
        })?;
        Ok(Self::unchecked(line))
    }

    /// The start of a line that may be no UTF-8: only its strings are looked at, and not what is passed
    /// over.
    pub(super) fn unchecked(line: &'l [u8]) -> Self {
        Self { line, at: 0 }
    }

    /// Passes over `text`; `None` if something else is here, be it space.
    #[inline]
    pub(super) fn after(&mut self, text: &str) -> Option<()> {
        let rest = self.line.get(self.at..)?;
        let is_here = rest.starts_with(text.as_bytes());
        self.at += if is_here { text.len() } else { 0 };
        is_here.then_some(())
    }

    /// Reads an object, of which `field` reads the value of each field.
    #[inline]
    pub(super) fn object(
        &mut self,
        mut field: impl FnMut(&str, &mut Self) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.expect(b'{', "a JSON object")?;
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            let name = self.string()?;
            self.expect(b':', "a colon after a field's name")?;
            field(&name, self).map_err(|problem| format!("{} {problem}", shown(&name)))?;
            if self.take(b'}') {
                return Ok(());
            }
            self.expect(b',', "a comma or the end of the object")?;
        }
    }

    /// The next byte that is no space; 0 at the end.
    fn peek(&mut self) -> u8 {
        while let Some(b' ' | b'\t' | b'\r') = self.line.get(self.at) {
            self.at += 1;
        }
        self.line.get(self.at).copied().unwrap_or_default()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, expected: &str) -> Result<(), Problem> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    pub(super) fn end(&mut self) -> Result<(), Problem> {
        if self.peek() == 0 && self.at == self.line.len() {
            Ok(())
        } else {
            Err(self.unexpected("the end of the line"))
        }
    }

    pub(super) fn word(&mut self, word: &str) -> bool {
        self.peek();
        let found = self.line[self.at..].starts_with(word.as_bytes());
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// True or false.
    pub(super) fn truth(&mut self) -> Result<bool, Problem> {
        match () {
            () if self.word("true") => Ok(true),
            () if self.word("false") => Ok(false),
            () => Err(self.unexpected("true or false")),
        }
    }

    /// What is here instead of what was `expected`.
    pub(super) fn unexpected(&mut self, expected: &str) -> Problem {
        self.peek();
        let rest = String::from_utf8_lossy(self.line[self.at..].trim_ascii_end());
        if rest.is_empty() {
            return format!("the line ends: expected {expected}");
        }
        let shown = rest.chars().take(SHOWN_CHARS).filter(|c| !c.is_control());
        let found: String = shown.collect();
        format!("at byte {}: `{found}`: expected {expected}", self.at)
    }

    fn string(&mut self) -> Result<Cow<'l, str>, Problem> {
        self.expect(b'"', "a string")?;
        let start = self.at;
        let rest = &self.line[start..];
        let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
        if let Some(length) = end
            && rest[length] == b'"'
            && let Ok(string) = str::from_utf8(&rest[..length])
        {
            self.at += length + 1;
            return Ok(Cow::Borrowed(string));
        }
        // Escapes are rare enough to be left to the library.
        self.at = start - 1;
        self.parsed::<String>("a string").map(Cow::Owned)
    }

    /// A string as a value, told as `expected` where there is none.
    pub(super) fn named(&mut self, expected: &str) -> Result<Cow<'l, str>, Problem> {
        if self.peek() != b'"' {
            return Err(self.unexpected(expected));
        }
        self.string()
    }

    fn parsed<T: serde::Deserialize<'l>>(&mut self, expected: &str) -> Result<T, Problem> {
        let mut values = serde_json::Deserializer::from_slice(&self.line[self.at..]).into_iter();
        match values.next() {
            Some(Ok(value)) => {
                self.at += values.byte_offset();
                Ok(value)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    pub(super) fn pass_over(&mut self) -> Result<(), Problem> {
        self.peek();
        self.parsed::<IgnoredAny>("a JSON value").map(drop)
    }

    pub(super) fn unsigned(&mut self, expected: &str) -> Result<u64, Problem> {
        self.peek();
        match self.digits() {
            Some(number) => Ok(number),
            None => Err(self.unexpected(expected)),
        }
    }

    /// A whole number as JSON has it; where there is none the place stays.
    fn digits(&mut self) -> Option<u64> {
        let digits = self.line.get(self.at..)?;
        let (mut number, mut count) = (0_u64, 0);
        while let Some(digit @ b'0'..=b'9') = digits.get(count) {
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            count += 1;
        }
        let is_fraction = matches!(digits.get(count), Some(b'.' | b'e' | b'E'));
        if count == 0 || is_fraction || (digits[0] == b'0' && count > 1) {
            return None;
        }
        if count > DIGITS_THAT_FIT {
            number = str::from_utf8(&digits[..count]).ok()?.parse().ok()?;
        }
        self.at += count;
        Some(number)
    }

    fn integer(&mut self) -> Option<i64> {
        let start = self.at;
        let is_negative = self.line.get(start) == Some(&b'-');
        self.at += usize::from(is_negative);
        let number = self.digits().and_then(|number| {
            let number = i128::from(number);
            i64::try_from(if is_negative { -number } else { number }).ok()
        });
        // The least of all mean something else.
        let number = number.filter(|number| is_integer(*number));
        if number.is_none() {
            self.at = start;
        }
        number
    }

    pub(super) fn json(&mut self) -> Result<Json, Problem> {
        const EXPECTED: &str = "a number, a string, true, false, null or a list";
        match self.peek() {
            b't' if self.word("true") => Ok(Json::Bool(true)),
            b'f' if self.word("false") => Ok(Json::Bool(false)),
            b'[' => {
                self.at += 1;
                self.list()
            }
            b'{' => self.amounts(),
            _ => self.value(EXPECTED),
        }
    }

    /// A value that is neither a list nor true or false.
    fn value(&mut self, expected: &str) -> Result<Json, Problem> {
        match self.peek() {
            b'n' if self.word("null") => Ok(Json::Null),
            b'"' => self.string().map(|text| Json::Text(text.into_owned())),
            _ => match self.integer() {
                Some(integer) => Ok(Json::Integer(integer)),
                None => self.number(expected).map(Json::Text),
            },
        }
    }

    /// A number, as it is written.
    fn number(&mut self, expected: &str) -> Result<String, Problem> {
        let start = self.at;
        self.parsed::<Number>(expected)?;
        let text = str::from_utf8(&self.line[start..self.at]);
        Ok(text.map_err(|_| self.unexpected(expected))?.trim_ascii().to_owned())
    }
}

/// A string as an error shows it.
pub(super) fn shown(text: &str) -> String {
    let rest = if text.chars().nth(SHOWN_CHARS).is_some() { "…" } else { "" };
    let start: String = text.chars().take(SHOWN_CHARS).filter(|c| !c.is_control()).collect();
    format!("\"{start}{rest}\"")
}
