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

mod kept;
mod lines;

use std::borrow::Cow;
use std::io::{self, BufRead, Write};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Examples, Operations, Pace, Reached, Record, Series, Step, Thread, Timing, Timings};
use kept::{Keeping, Line, read_operations};
pub(crate) use lines::ReadError;
use lines::{Lines, no_header, shown};

const SCHEMA: &str = "loadgen/record/1";

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
                write_line(&Line::new(operation, object, kept.pool()), file)?;
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
        let mut lines = Lines::of(file);
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
            return Err(ReadError::Surplus { line: lines.number() });
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
