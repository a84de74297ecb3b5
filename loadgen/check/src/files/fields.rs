//! One operation of a history: a flat JSON object, read without an allocation.

use std::borrow::Cow;

use super::cursor::{Cursor, Json, Problem, shown};
use crate::history::{NEVER, Op, Outcome};

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
    pub(super) assumed: Option<bool>,
}

impl<'l> Fields<'l> {
    /// Reads a line. Fields come in any order, and unknown ones are passed over.
    pub(super) fn read(line: &'l [u8]) -> Result<Self, Problem> {
        if let Some(fields) = Self::as_written(&mut Cursor::unchecked(line)) {
            return Ok(fields);
        }
        let mut cursor = Cursor::new(line)?;
        let mut fields = Self::default();
        cursor.object(|name, cursor| fields.field(name, cursor))?;
        cursor.end()?;
        Ok(fields)
    }

    /// The fields of a line as [`write`](super::write()) makes it, which most are: what comes next is
    /// known, and need not be looked up. `None` where it is any other line.
    fn as_written(cursor: &mut Cursor<'l>) -> Option<Self> {
        let mut fields = Self::default();
        cursor.after("{\"client\":")?;
        fields.client = Some(client(cursor).ok()?);
        cursor.after(",\"call\":")?;
        fields.call = Some(time(cursor, "nanoseconds").ok()?);
        cursor.after(",\"return\":")?;
        fields.returned = Some(returned(cursor).ok()?);
        cursor.after(",\"op\":")?;
        fields.op = Some(op(cursor).ok()?);
        cursor.after(",\"key\":")?;
        fields.key = Some(cursor.named("a string").ok()?);
        cursor.after(",\"arg\":")?;
        fields.arg = Some(cursor.json().ok()?);
        cursor.after(",\"result\":")?;
        fields.result = Some(cursor.json().ok()?);
        cursor.after(",\"outcome\":")?;
        fields.outcome = Some(outcome(cursor).ok()?);
        cursor.after("}")?;
        cursor.end().ok()?;
        Some(fields)
    }

    fn field(&mut self, name: &str, cursor: &mut Cursor<'l>) -> Result<(), Problem> {
        match name {
            "client" => once(&mut self.client, client(cursor)?),
            "call" => once(&mut self.call, time(cursor, "nanoseconds")?),
            "return" => once(&mut self.returned, returned(cursor)?),
            "op" => once(&mut self.op, op(cursor)?),
            "key" => once(&mut self.key, cursor.named("a string")?),
            "arg" => once(&mut self.arg, cursor.json()?),
            "result" => once(&mut self.result, cursor.json()?),
            "outcome" => once(&mut self.outcome, outcome(cursor)?),
            "assumed" => once(&mut self.assumed, cursor.truth()?),
            _ => cursor.pass_over(),
        }
    }
}

fn client(cursor: &mut Cursor<'_>) -> Result<u32, Problem> {
    let number = cursor.unsigned("a number")?;
    u32::try_from(number).map_err(|_| format!("is {number}: expected a number up to {}", u32::MAX))
}

fn returned(cursor: &mut Cursor<'_>) -> Result<u64, Problem> {
    if cursor.word("null") { Ok(NEVER) } else { time(cursor, "nanoseconds or null") }
}

/// [`NEVER`] is no time.
fn time(cursor: &mut Cursor<'_>, expected: &str) -> Result<u64, Problem> {
    match cursor.unsigned(expected)? {
        NEVER => Err(format!("is {NEVER}: expected {expected} below that")),
        time => Ok(time),
    }
}

fn op(cursor: &mut Cursor<'_>) -> Result<Op, Problem> {
    const EXPECTED: &str = "add, read, write, cas, take, give or move";
    const OPS: [(&str, Op); 7] = [
        ("\"add\"", Op::Add),
        ("\"read\"", Op::Read),
        ("\"write\"", Op::Write),
        ("\"cas\"", Op::Cas),
        ("\"take\"", Op::Take),
        ("\"give\"", Op::Give),
        ("\"move\"", Op::Move),
    ];
    one_of(&OPS, EXPECTED, cursor)
}

fn outcome(cursor: &mut Cursor<'_>) -> Result<Outcome, Problem> {
    const EXPECTED: &str = "ok, fail or unknown";
    const OUTCOMES: [(&str, Outcome); 3] =
        [("\"ok\"", Outcome::Ok), ("\"fail\"", Outcome::Fail), ("\"unknown\"", Outcome::Unknown)];
    one_of(&OUTCOMES, EXPECTED, cursor)
}

/// What the string that is here is one of the `names` of, which are in quotes.
#[inline]
fn one_of<T: Copy>(
    names: &[(&str, T)],
    expected: &str,
    cursor: &mut Cursor<'_>,
) -> Result<T, Problem> {
    if let Some((_, of)) = names.iter().find(|(name, _)| cursor.after(name).is_some()) {
        return Ok(*of);
    }
    // Behind space, written with escapes, or none of them.
    let found = cursor.named(expected)?;
    let is_found = |(name, _): &&(&str, T)| name[1..name.len() - 1] == *found;
    names
        .iter()
        .find(is_found)
        .map(|(_, of)| *of)
        .ok_or_else(|| format!("is {}: expected {expected}", shown(&found)))
}

/// Sets a field that must not be set.
pub(super) fn once<T>(field: &mut Option<T>, value: T) -> Result<(), Problem> {
    if field.replace(value).is_some() { Err("comes twice".to_owned()) } else { Ok(()) }
}
