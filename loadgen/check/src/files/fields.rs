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
        let mut fields = Self::default();
        let mut cursor = Cursor::new(line)?;
        cursor.object(|name, cursor| fields.field(name, cursor))?;
        cursor.end()?;
        Ok(fields)
    }

    fn field(&mut self, name: &str, cursor: &mut Cursor<'l>) -> Result<(), Problem> {
        match name {
            "client" => {
                let number = cursor.unsigned("a number")?;
                let client = u32::try_from(number)
                    .map_err(|_| format!("is {number}: expected a number up to {}", u32::MAX))?;
                once(&mut self.client, client)
            }
            "call" => once(&mut self.call, time(cursor, "nanoseconds")?),
            "return" => {
                let is_null = cursor.word("null");
                let returned = if is_null { NEVER } else { time(cursor, "nanoseconds or null")? };
                once(&mut self.returned, returned)
            }
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

/// [`NEVER`] is no time.
fn time(cursor: &mut Cursor<'_>, expected: &str) -> Result<u64, Problem> {
    match cursor.unsigned(expected)? {
        NEVER => Err(format!("is {NEVER}: expected {expected} below that")),
        time => Ok(time),
    }
}

fn op(cursor: &mut Cursor<'_>) -> Result<Op, Problem> {
    const EXPECTED: &str = "add, read, write, cas or take";
    match &*cursor.named(EXPECTED)? {
        "add" => Ok(Op::Add),
        "read" => Ok(Op::Read),
        "write" => Ok(Op::Write),
        "cas" => Ok(Op::Cas),
        "take" => Ok(Op::Take),
        other => Err(format!("is {}: expected {EXPECTED}", shown(other))),
    }
}

fn outcome(cursor: &mut Cursor<'_>) -> Result<Outcome, Problem> {
    const EXPECTED: &str = "ok, fail or unknown";
    match &*cursor.named(EXPECTED)? {
        "ok" => Ok(Outcome::Ok),
        "fail" => Ok(Outcome::Fail),
        "unknown" => Ok(Outcome::Unknown),
        other => Err(format!("is {}: expected {EXPECTED}", shown(other))),
    }
}

/// Sets a field that must not be set.
pub(super) fn once<T>(field: &mut Option<T>, value: T) -> Result<(), Problem> {
    if field.replace(value).is_some() { Err("comes twice".to_owned()) } else { Ok(()) }
}
