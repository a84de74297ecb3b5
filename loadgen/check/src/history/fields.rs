//! One line of a history: a flat JSON object, read without an allocation.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::{NEVER, NIL, Op, Outcome};

/// The fields of an operation, as far as they are there.
#[derive(Debug, Default)]
pub(super) struct Fields<'l> {
    pub(super) client: Option<u32>,
    pub(super) call: Option<u64>,
    /// [`NEVER`] where it is null.
    pub(super) returned: Option<u64>,
    pub(super) op: Option<Op>,
    pub(super) key: Option<Cow<'l, str>>,
    pub(super) arg: Option<Json>,
    pub(super) result: Option<Json>,
    pub(super) outcome: Option<Outcome>,
}

/// A value that an argument or a result may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Integer(i64),
    /// Integers; [`NIL`] stands for null.
    List(Vec<i64>),
}

/// What is wrong with a line.
pub(super) type Problem = String;

impl<'l> Fields<'l> {
    /// Reads a line. Fields come in any order, and unknown ones are passed over.
    pub(super) fn read(line: &'l [u8]) -> Result<Self, Problem> {
        let line = str::from_utf8(line).map_err(|error| {
            format!("no UTF-8 after byte {}: expected JSON", error.valid_up_to())
        })?;
        let mut cursor = Cursor { line, at: 0 };
        let mut fields = Self::default();
        cursor.expect(b'{', "a JSON object")?;
        if cursor.take(b'}') {
            return cursor.end().map(|()| fields);
        }
        loop {
            let name = cursor.string()?;
            cursor.expect(b':', "a colon after a field's name")?;
            fields.field(&name, &mut cursor).map_err(|problem| format!("\"{name}\" {problem}"))?;
            if cursor.take(b'}') {
                return cursor.end().map(|()| fields);
            }
            cursor.expect(b',', "a comma or the end of the object")?;
        }
    }

    fn field(&mut self, name: &str, cursor: &mut Cursor<'l>) -> Result<(), Problem> {
        match name {
            "client" => {
                let number = cursor.unsigned("a number")?;
                let client = u32::try_from(number)
                    .map_err(|_| format!("is {number}: expected a number up to {}", u32::MAX))?;
                once(&mut self.client, client)
            }
            "call" => once(&mut self.call, cursor.unsigned("nanoseconds")?),
            "return" => {
                let is_null = cursor.word("null");
                let returned =
                    if is_null { NEVER } else { cursor.unsigned("nanoseconds or null")? };
                once(&mut self.returned, returned)
            }
            "op" => {
                let op = match &*cursor.named("add, read, write, cas or take")? {
                    "add" => Op::Add,
                    "read" => Op::Read,
                    "write" => Op::Write,
                    "cas" => Op::Cas,
                    "take" => Op::Take,
                    other => {
                        return Err(format!(
                            "is \"{other}\": expected add, read, write, cas or take"
                        ));
                    }
                };
                once(&mut self.op, op)
            }
            "key" => once(&mut self.key, cursor.named("a string")?),
            "arg" => once(&mut self.arg, cursor.json()?),
            "result" => once(&mut self.result, cursor.json()?),
            "outcome" => {
                let outcome = match &*cursor.named("ok, fail or unknown")? {
                    "ok" => Outcome::Ok,
                    "fail" => Outcome::Fail,
                    "unknown" => Outcome::Unknown,
                    other => return Err(format!("is \"{other}\": expected ok, fail or unknown")),
                };
                once(&mut self.outcome, outcome)
            }
            _ => cursor.pass_over(),
        }
    }
}

fn once<T>(field: &mut Option<T>, value: T) -> Result<(), Problem> {
    if field.replace(value).is_some() { Err("comes twice".to_owned()) } else { Ok(()) }
}

/// A place in a line.
struct Cursor<'l> {
    line: &'l str,
    at: usize,
}

impl<'l> Cursor<'l> {
    /// The next byte that is no space; 0 at the end.
    fn peek(&mut self) -> u8 {
        let bytes = self.line.as_bytes();
        while let Some(b' ' | b'\t' | b'\r') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied().unwrap_or_default()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, expected: &str) -> Result<(), Problem> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn end(&mut self) -> Result<(), Problem> {
        if self.peek() == 0 && self.at == self.line.len() {
            Ok(())
        } else {
            Err(self.unexpected("the end of the line"))
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.peek();
        let found = self.line[self.at..].starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// What is here instead of what was `expected`.
    fn unexpected(&mut self, expected: &str) -> Problem {
        self.peek();
        let rest = self.line[self.at..].trim_end();
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
        let bytes = self.line.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(Cow::Borrowed(&self.line[start..self.at - 1]));
                }
                b'\\' | 0..0x20 => break,
                _ => self.at += 1,
            }
        }
        // Escapes are rare enough to be left to the library.
        self.at = start - 1;
        self.parsed::<String>("a string").map(Cow::Owned)
    }

    /// A string as a value, told as `expected` where there is none.
    fn named(&mut self, expected: &str) -> Result<Cow<'l, str>, Problem> {
        if self.peek() != b'"' {
            return Err(self.unexpected(expected));
        }
        self.string()
    }

    fn parsed<T: serde::Deserialize<'l>>(&mut self, expected: &str) -> Result<T, Problem> {
        let mut values = serde_json::Deserializer::from_str(&self.line[self.at..]).into_iter();
        match values.next() {
            Some(Ok(value)) => {
                self.at += values.byte_offset();
                Ok(value)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn pass_over(&mut self) -> Result<(), Problem> {
        self.peek();
        self.parsed::<IgnoredAny>("a JSON value").map(drop)
    }

    fn unsigned(&mut self, expected: &str) -> Result<u64, Problem> {
        self.peek();
        match self.digits() {
            Some(number) => Ok(number),
            None => Err(self.unexpected(expected)),
        }
    }

    /// A whole number as JSON has it; where there is none the place stays.
    fn digits(&mut self) -> Option<u64> {
        let digits = &self.line.as_bytes()[self.at..];
        let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_fraction = matches!(digits.get(count), Some(b'.' | b'e' | b'E'));
        if count == 0 || is_fraction || (digits[0] == b'0' && count > 1) {
            return None;
        }
        let number = digits[..count].iter().try_fold(0_u64, |number, digit| {
            number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
        })?;
        self.at += count;
        Some(number)
    }

    fn integer(&mut self) -> Option<i64> {
        let start = self.at;
        let is_negative = self.line[start..].starts_with('-');
        self.at += usize::from(is_negative);
        let number = self.digits().and_then(|number| {
            let number = i128::from(number);
            i64::try_from(if is_negative { -number } else { number }).ok()
        });
        // The least of all stands for none.
        let number = number.filter(|number| *number != NIL);
        if number.is_none() {
            self.at = start;
        }
        number
    }

    fn json(&mut self) -> Result<Json, Problem> {
        const EXPECTED: &str = "an integer, true, false, null or a list of integers";
        match self.peek() {
            b'n' if self.word("null") => Ok(Json::Null),
            b't' if self.word("true") => Ok(Json::Bool(true)),
            b'f' if self.word("false") => Ok(Json::Bool(false)),
            b'[' => {
                self.at += 1;
                self.list()
            }
            _ => {
                let integer = self.integer().map(Json::Integer);
                integer.ok_or_else(|| self.unexpected(EXPECTED))
            }
        }
    }

    fn list(&mut self) -> Result<Json, Problem> {
        let mut list = Vec::new();
        if self.take(b']') {
            return Ok(Json::List(list));
        }
        loop {
            self.peek();
            let element = if self.word("null") { Some(NIL) } else { self.integer() };
            list.push(element.ok_or_else(|| self.unexpected("an integer"))?);
            if self.take(b']') {
                return Ok(Json::List(list));
            }
            self.expect(b',', "a comma or the end of the list")?;
        }
    }
}

/// How much of a line an error shows.
const SHOWN_CHARS: usize = 40;
