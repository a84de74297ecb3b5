//! Records in files: a line of counts and histograms, then a line for each operation, and one for the
//! times of each request where those are kept.
//!
//! ```text
//! {"schema":"loadgen/record/1","steps":[…],"warm_up":[…],"last_end_ns":…,"operations":{"kept":{…}},…}
//! {"client":0,"call":1200,"return":5400,"op":"add","arg":1,"new":null,"result":1,"outcome":"ok"}
//! [1000,0,150,200]
//! ```
//!
//! An operation is written as in a history, with the list that a read returned as its result.
//! Times are in microseconds: due, connect, wait, total.

use std::borrow::Cow;
use std::io::{self, BufRead, Read as _, Write};
use std::time::Duration;

use check::history::{NEVER, NIL, Op, Outcome};
use check::{Operation, Pool};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::time::Instant;

use super::{
    Examples, Excess, Operations, Pace, Reached, Record, Room, Series, Step, Thread, Timing,
    Timings,
};

const SCHEMA: &str = "loadgen/record/1";

/// The longest line that is read: a set's list may be long.
const MAX_LINE_BYTES: u64 = 64 * 1024 * 1024;
/// The most that an error repeats of what it found.
const MAX_SHOWN_CHARS: usize = 200;

/// Why a file is no record.
#[derive(Debug, Error)]
pub(crate) enum ReadError {
    /// It cannot be read.
    #[error("line {line}: cannot be read: {error}")]
    Io {
        /// The line that was being read, from 1.
        line: u64,
        error: io::Error,
    },
    /// A line is longer than any that a record has.
    #[error("line {line}: longer than {MAX_LINE_BYTES} bytes")]
    TooLong {
        /// Its number, from 1.
        line: u64,
    },
    /// A line is not what it should be.
    #[error("line {line}: {problem}")]
    Malformed {
        /// Its number, from 1.
        line: u64,
        /// What was found and what was expected.
        problem: String,
    },
    /// It is a file of another kind, or of a later version.
    #[error("expected the schema {SCHEMA}, found {found:?}")]
    Schema {
        /// What it says of itself.
        found: String,
    },
    /// Its numbers contradict each other.
    #[error("the counts contradict each other: expected one outcome and one latency per request")]
    Contradictory,
    /// It ends too early.
    #[error("expected {expected} {what}, found {found}")]
    Cut {
        /// Of what.
        what: &'static str,
        /// How many the first line announces.
        expected: u64,
        /// How many lines follow it.
        found: u64,
    },
    /// It goes on behind its end.
    #[error("line {line}: expected no more lines than the first one announces")]
    Surplus {
        /// The number of the first line too many.
        line: u64,
    },
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'r> {
    schema: Cow<'r, str>,
    steps: Cow<'r, [Step]>,
    warm_up: Cow<'r, [Step]>,
    first_due_ns: Option<u64>,
    last_end_ns: Option<u64>,
    unasked: u64,
    pace: Option<Box<Pace>>,
    series: Cow<'r, Series>,
    examples: Cow<'r, Examples>,
    reached: Cow<'r, Reached>,
    threads: Cow<'r, [Thread]>,
    operations: Vec<Keeping>,
    timings: KeepingTimes,
}

/// What follows behind the operations.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum KeepingTimes {
    Off,
    Overflowed,
    Kept {
        /// The times of how many requests.
        count: u64,
        /// How many could have been kept.
        room: u64,
    },
}

/// What follows the first line.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Keeping {
    Off,
    Overflowed,
    /// There was no memory for more than so many.
    Full(u64),
    Kept {
        /// How many operations.
        count: u64,
        /// How many could have been kept.
        room: u64,
        /// How much memory they may take.
        room_bytes: usize,
        /// How many answers could not be read.
        unreadable: u64,
        /// The values that are no integers, in the order of their tokens.
        #[serde(default)]
        texts: Vec<String>,
        /// The accounts, in the order of their numbers.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        accounts: Vec<i64>,
        /// What the objects are called that the operations are about, where there are many.
        #[serde(default)]
        keys: Vec<String>,
    },
}

/// A line of one operation.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    client: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<u32>,
    call: u64,
    #[serde(rename = "return")]
    return_ns: Option<u64>,
    #[serde(with = "OpName")]
    op: Op,
    arg: Option<i64>,
    new: Option<i64>,
    result: Option<Returned>,
    #[serde(with = "OutcomeName")]
    outcome: Outcome,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Returned {
    Number(i64),
    List(Vec<i64>),
    Balances { balances: Vec<(i64, i64)> },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Op", rename_all = "lowercase")]
enum OpName {
    Add,
    Read,
    Write,
    Cas,
    Take,
    Give,
    Move,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Outcome", rename_all = "lowercase")]
enum OutcomeName {
    Ok,
    Fail,
    Unknown,
}

impl Record {
    /// Writes the record.
    ///
    /// # Errors
    /// When `file` cannot be written.
    pub(crate) fn write(&self, file: &mut impl Write) -> io::Result<()> {
        let Self {
            steps,
            warm_up,
            first_due,
            last_end,
            unasked,
            pace,
            series,
            examples,
            reached,
            threads,
            operations,
            timings,
            started,
        } = self;
        let nanoseconds =
            |time: Duration| u64::try_from(time.as_nanos()).expect("no run lasts 584 years");
        let header = Header {
            schema: SCHEMA.into(),
            steps: steps.into(),
            warm_up: warm_up.into(),
            first_due_ns: first_due.map(|due| nanoseconds(due - *started)),
            last_end_ns: last_end.map(nanoseconds),
            unasked: *unasked,
            pace: pace.clone(),
            series: Cow::Borrowed(series),
            examples: Cow::Borrowed(examples),
            reached: Cow::Borrowed(reached),
            threads: threads.into(),
            operations: operations.iter().map(Keeping::of).collect(),
            timings: match timings {
                Timings::Off => KeepingTimes::Off,
                Timings::Overflowed => KeepingTimes::Overflowed,
                Timings::On(kept) => KeepingTimes::Kept { count: kept.count(), room: kept.room() },
            },
        };
        write_line(&header, file)?;
        for kept in self.operations.iter().filter_map(Operations::kept) {
            for (operation, object) in kept.iter_with_objects() {
                let line = Line { object, ..Line::new(operation, kept.pool()) };
                write_line(&line, file)?;
            }
        }
        if let Timings::On(kept) = timings {
            for timing in kept.iter() {
                write_line(timing, file)?;
            }
        }
        Ok(())
    }

    /// Reads a record that [`write`](Self::write) wrote. What is recorded into it from now on is
    /// counted from `started`.
    ///
    /// # Errors
    /// When `file` cannot be read, or is no record.
    pub(crate) fn read(file: impl BufRead, started: Instant) -> Result<Self, ReadError> {
        let mut lines = Lines { file, number: 0, line: Vec::new() };
        let first = lines.next()?.unwrap_or_default();
        let header: Header<'_> = match serde_json::from_slice(first) {
            Ok(header) => header,
            Err(error) => return Err(no_header(first, &error)),
        };
        if header.schema != SCHEMA {
            return Err(ReadError::Schema { found: shown(&header.schema) });
        }
        let record = Self {
            steps: header.steps.into_owned(),
            warm_up: header.warm_up.into_owned(),
            first_due: header.first_due_ns.map(|ns| started + Duration::from_nanos(ns)),
            last_end: header.last_end_ns.map(Duration::from_nanos),
            unasked: header.unasked,
            pace: header.pace,
            series: header.series.into_owned(),
            examples: header.examples.into_owned(),
            reached: Box::new(header.reached.into_owned()),
            threads: header.threads.into_owned(),
            operations: header
                .operations
                .into_iter()
                .map(|keeping| read_operations(keeping, &mut lines))
                .collect::<Result<_, _>>()?,
            timings: read_timings(header.timings, &mut lines)?,
            started,
        };
        if lines.next()?.is_some() {
            return Err(ReadError::Surplus { line: lines.number });
        }
        let is_sound = record.steps.len() == record.warm_up.len()
            && record.all().all(Step::sums_agree)
            && record.series.seconds().iter().all(|one| one.is_sound(record.steps.len()));
        if is_sound { Ok(record) } else { Err(ReadError::Contradictory) }
    }
}

fn write_line(line: &impl Serialize, file: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *file, line)?;
    file.write_all(b"\n")
}

/// The operations that the first line announces.
fn read_operations(
    keeping: Keeping,
    lines: &mut Lines<impl BufRead>,
) -> Result<Operations, ReadError> {
    let (mut operations, expected) = match keeping {
        Keeping::Off => (Operations::Off, 0),
        Keeping::Overflowed => (Operations::Overflowed(Excess::Operations), 0),
        Keeping::Full(kept) => (Operations::Overflowed(Excess::Memory { kept }), 0),
        Keeping::Kept { count, room, room_bytes, unreadable, texts, accounts, keys } => {
            let room = Room { operations: room, bytes: room_bytes };
            let mut pool = Pool::default();
            for text in &texts {
                pool.tokens.of(text);
            }
            for account in accounts {
                pool.balances.number(account);
            }
            let mut operations = Operations::resumed(room, unreadable, pool);
            for key in &keys {
                operations.object(key.as_bytes());
            }
            (operations, count)
        }
    };
    for found in 0..expected {
        let line: Line = lines.parsed(ReadError::Cut { what: "operations", expected, found })?;
        operations.record(line.object, |pool| line.into_operation(pool));
    }
    Ok(operations)
}

/// The times of requests that the first line announces.
fn read_timings(
    keeping: KeepingTimes,
    lines: &mut Lines<impl BufRead>,
) -> Result<Timings, ReadError> {
    let (room, expected) = match keeping {
        KeepingTimes::Off => return Ok(Timings::Off),
        KeepingTimes::Overflowed => return Ok(Timings::Overflowed),
        KeepingTimes::Kept { count, room } => (room, count),
    };
    let mut timings = Timings::new(Some(room));
    for found in 0..expected {
        let cut = ReadError::Cut { what: "times of requests", expected, found };
        timings.keep(lines.parsed::<Timing>(cut)?);
    }
    Ok(timings)
}

impl Keeping {
    fn of(operations: &Operations) -> Self {
        match operations {
            Operations::Off => Self::Off,
            Operations::Overflowed(Excess::Operations) => Self::Overflowed,
            Operations::Overflowed(Excess::Memory { kept }) => Self::Full(*kept),
            Operations::On(kept) => {
                let Room { operations: room, bytes: room_bytes } = kept.room();
                Self::Kept {
                    count: kept.iter().count() as u64,
                    room,
                    room_bytes,
                    unreadable: kept.unreadable(),
                    texts: kept.pool().tokens.texts().map(str::to_owned).collect(),
                    accounts: kept.pool().balances.accounts().to_vec(),
                    keys: kept.keys().map(str::to_owned).collect(),
                }
            }
        }
    }
}

impl Line {
    fn new(operation: &Operation, pool: &Pool) -> Self {
        let Operation { call_ns, return_ns, arg, new, result, client, op, outcome } = *operation;
        let value = |value: i64| (value != NIL).then_some(value);
        Self {
            client,
            object: None,
            call: call_ns,
            return_ns: (return_ns != NEVER).then_some(return_ns),
            op,
            arg: value(arg),
            new: value(new),
            result: match (operation.list(&pool.lists), operation.row(&pool.balances)) {
                (Some(list), _) => Some(Returned::List(list.elements().collect())),
                (None, Some(row)) => {
                    let balances = row.of(&pool.balances).collect();
                    Some(Returned::Balances { balances })
                }
                (None, None) => value(result).map(Returned::Number),
            },
            outcome,
        }
    }

    fn into_operation(self, pool: &mut Pool) -> Operation {
        let Self { client, call, return_ns, op, arg, new, result, outcome, .. } = self;
        let result = match result {
            None => NIL,
            Some(Returned::Number(number)) => number,
            Some(Returned::List(list)) => pool.lists.push(&list),
            Some(Returned::Balances { balances }) => pool.balances.push(&balances),
        };
        Operation {
            call_ns: call,
            return_ns: return_ns.unwrap_or(NEVER),
            arg: arg.unwrap_or(NIL),
            new: new.unwrap_or(NIL),
            result,
            client,
            op,
            outcome,
        }
    }
}

/// The lines of a file, in bounded memory.
struct Lines<R> {
    file: R,
    /// The number of the last line, from 1.
    number: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The next line; `None` after the last.
    fn next(&mut self) -> Result<Option<&[u8]>, ReadError> {
        self.number += 1;
        let line = self.number;
        self.line.clear();
        let mut limited = (&mut self.file).take(MAX_LINE_BYTES + 1);
        limited.read_until(b'\n', &mut self.line).map_err(|error| ReadError::Io { line, error })?;
        if self.line.len() as u64 > MAX_LINE_BYTES {
            return Err(ReadError::TooLong { line });
        }
        Ok((!self.line.is_empty()).then_some(&self.line))
    }

    /// What the next line says; `cut` is what is wrong where there is none.
    fn parsed<T: for<'l> Deserialize<'l>>(&mut self, cut: ReadError) -> Result<T, ReadError> {
        let number = self.number + 1;
        let line = self.next()?.ok_or(cut)?;
        serde_json::from_slice(line).map_err(|error| malformed(number, &error.to_string()))
    }
}

/// Why `line` is not the first of a record: another schema is told apart from nonsense.
fn no_header(line: &[u8], error: &serde_json::Error) -> ReadError {
    let json: Option<serde_json::Value> = serde_json::from_slice(line).ok();
    match json.as_ref().and_then(|json| json["schema"].as_str()) {
        Some(found) if found != SCHEMA => ReadError::Schema { found: shown(found) },
        _ => malformed(1, &error.to_string()),
    }
}

fn malformed(line: u64, problem: &str) -> ReadError {
    ReadError::Malformed { line, problem: shown(problem) }
}

/// The beginning of a text that may be of any length.
fn shown(text: &str) -> String {
    text.chars().take(MAX_SHOWN_CHARS).collect()
}
