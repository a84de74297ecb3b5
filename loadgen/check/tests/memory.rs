//! What reading a history takes is bounded, whatever is in it: alone in its process, so that nothing
//! else is counted.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{self, Read};

use loadgen_check::Model;
use loadgen_check::files::{ReadError, Reader};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// What a history may need here.
const LIMIT_BYTES: usize = 16 << 20;

/// What is allowed beside it: vectors that grow have room for twice as many, and buffers.
const ALLOWED_BYTES: usize = 2 * LIMIT_BYTES + (6 << 20);

/// So much is read at most, so that a test fails where nothing stops.
const INPUT_BYTES: u64 = 128 << 20;

/// A file whose parts are made when they are read.
struct Made<F> {
    part: F,
    next: u64,
    bytes: io::Cursor<Vec<u8>>,
}

impl<F: Fn(u64) -> Option<String>> Read for Made<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.bytes.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            let Some(part) = (self.part)(self.next) else { return Ok(0) };
            self.next += 1;
            self.bytes = io::Cursor::new(part.into_bytes());
        }
    }
}

fn made(part: impl Fn(u64) -> Option<String>) -> impl Read {
    Made { part, next: 0, bytes: io::Cursor::default() }
}

/// Of a file that begins with a header of ours.
fn lines(line: impl Fn(u64) -> String) -> impl Read {
    let header = "{\"schema\":\"loadgen/history/1\"}\n";
    made(move |nth| Some(if nth == 0 { header.to_owned() } else { line(nth) }))
}

/// Reads what is too long, and holds what that took against what it may take.
fn stops(what: &str, model: Model, input: impl Read) {
    let before_bytes = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let reader = Reader { model: Some(model), memory_bytes: LIMIT_BYTES, ..Reader::default() };
    let error = reader.read(input.take(INPUT_BYTES)).unwrap_err();
    assert!(matches!(error, ReadError::Memory { .. }), "{what}: {error}");
    let taken_bytes = ALLOCATED.peak_usage() - before_bytes;
    assert!(taken_bytes < ALLOWED_BYTES, "{what}: {taken_bytes} bytes");
}

fn numbers(count: u64, first: u64, between: &str) -> String {
    (first..first + count).map(|number| number.to_string()).collect::<Vec<_>>().join(between)
}

/// An operation of this key that returned `result`.
fn operation(op: &str, key: u64, result: &str) -> String {
    format!(
        "{{\"client\":0,\"call\":1,\"return\":2,\"op\":\"{op}\",\"key\":\"{key}\",\"arg\":null,\
         \"result\":{result},\"outcome\":\"ok\"}}\n"
    )
}

fn history(kind: &str, process: u64, value: &str) -> String {
    format!("{{:process {process}, :type :{kind}, :f :read, :value {value}, :time 1}}\n")
}

fn list_of_edn(process: u64, value: &str) -> String {
    history("invoke", process, "nil") + &history("ok", process, value)
}

#[test]
fn a_history_takes_the_memory_that_it_may() {
    stops("operations", Model::Register, lines(|_| operation("read", 0, "null")));
    stops("keys", Model::Register, lines(|nth| operation("read", nth, "null")));
    let other = |nth: u64| format!("[{}]", numbers(100, 100 * nth, ","));
    stops("lists", Model::Set, lines(move |nth| operation("read", 0, &other(nth))));
    stops("lists of keys", Model::Set, lines(move |nth| operation("read", nth, &other(nth))));
    let long = |nth: u64| (nth == 0).then(|| "{\"schema\":\"loadgen/history/1\"}\n".to_owned());
    let start = "{\"client\":0,\"call\":1,\"return\":2,\"op\":\"read\",\"key\":\"0\",\"result\":[";
    let long_line = made(move |nth| {
        long(nth).or_else(|| Some(if nth == 1 { start.to_owned() } else { "1,".repeat(1000) }))
    });
    stops("a long line", Model::Set, long_line);
    // Not longer than a line may be, but for what is in it.
    let list = format!("[{}0]", "1,".repeat(2 << 20));
    stops("a list", Model::Set, lines(move |_| operation("read", 0, &list)));
    let header = made(|nth| {
        let start = "{\"schema\":\"loadgen/history/1\",\"initial\":{\"i\":[";
        (nth < 4000).then(|| if nth == 0 { start.to_owned() } else { "1,".repeat(1000) })
    });
    stops("a header", Model::Set, header);

    stops("events", Model::Register, made(|_| Some(list_of_edn(0, "1"))));
    let open = made(|nth| Some(history("invoke", nth, "nil")));
    stops("operations without an end", Model::Register, open);
    let lists = made(|nth| Some(list_of_edn(0, &format!("[{}]", numbers(100, 100 * nth, " ")))));
    stops("lists of events", Model::Set, lists);
    let list = format!("[{}]", "1 ".repeat(1 << 20));
    stops("a list of an event", Model::Set, made(move |_| Some(list_of_edn(0, &list))));
    let list = format!("[{}0]", "1,".repeat(1 << 20));
    let json = move |nth: u64| {
        let kind = if nth.is_multiple_of(2) { "invoke" } else { "ok" };
        let value = if kind == "ok" { &list } else { "null" };
        Some(format!(
            "{{\"process\":0,\"type\":\"{kind}\",\"f\":\"read\",\"value\":{value},\"time\":1}}\n"
        ))
    };
    stops("a list of an event in JSON", Model::Set, made(json));
    let form = made(|nth| Some(if nth == 0 { "[{:value [".to_owned() } else { "1 ".repeat(1000) }));
    stops("a long form", Model::Set, form);
    lists_that_grow_take_little();
}

/// Lists that each hold the one before: whole, they would take ten times as much as they may.
fn lists_that_grow_take_little() {
    let line = |nth: u64| operation("read", 0, &format!("[{}]", numbers(50 * nth, 0, ",")));
    let header = "{\"schema\":\"loadgen/history/1\"}\n";
    let grown = made(move |nth| match nth {
        0 => Some(header.to_owned()),
        1..=1_000 => Some(line(nth)),
        _ => None,
    });
    let reader = Reader { model: Some(Model::Set), memory_bytes: LIMIT_BYTES, ..Reader::default() };
    let lists = reader.read(grown).unwrap().history.objects.remove(0).lists;
    let whole = lists.all().map(loadgen_check::List::len).sum::<usize>() * size_of::<i64>();
    assert!(whole > 10 * LIMIT_BYTES && lists.heap_bytes() < LIMIT_BYTES / 4, "{whole}");
}
