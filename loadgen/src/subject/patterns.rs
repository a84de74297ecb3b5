//! What recognises a finding in a line of output.
//!
//! A line is a finding where it has the shape of what a runtime itself prints. A log line that only
//! contains the words, behind a timestamp or in a field of JSON, is what a program said of something.

use std::sync::LazyLock;

use regex::RegexSet;

/// What recognises a finding.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) kind: &'static str,
    /// What matches a line of it.
    shape: &'static str,
    /// Which of the lines that follow belong to it.
    pub(super) detail: Detail,
    broken: Broken,
}

/// The lines after a finding that belong to it.
#[derive(Debug)]
pub(super) enum Detail {
    None,
    /// Up to a line that begins with this.
    UpTo(&'static str),
    /// As long as they are indented, and the first that is not, which names the failure.
    Indented,
}

/// How the line that names the failure says that the other end of a connection has gone.
#[derive(Debug)]
enum Broken {
    Never,
    Begins(&'static [&'static str]),
    Has(&'static [&'static str]),
    Ends(&'static [&'static str]),
}

const NEVER: Broken = Broken::Never;
const GO: Broken = Broken::Ends(&[": broken pipe", ": connection reset by peer"]);
const PYTHON: Broken = Broken::Begins(&["BrokenPipeError", "ConnectionResetError"]);
const NODE: Broken = Broken::Has(&["write EPIPE", "read ECONNRESET", "write ECONNRESET"]);
const JAVA: Broken = Broken::Has(&[
    "java.io.IOException: Broken pipe",
    "java.io.IOException: Connection reset by peer",
    "java.net.SocketException: Broken pipe",
    "java.net.SocketException: Connection reset",
]);

#[rustfmt::skip] // a pattern is a line
static PATTERNS: [Pattern; 17] = {
    use Detail::{Indented, None, UpTo};
    [
        pattern("go-fatal",         r"^fatal error: .",                                       None,               NEVER),
        pattern("go-panic",         r"^panic: ",                                              None,               NEVER),
        pattern("go-panic",         GO_SERVING,                                               None,               GO),
        pattern("go-race",          r"^WARNING: DATA RACE$",                                  UpTo("Goroutine "), NEVER),
        pattern("tsan",             r"^WARNING: ThreadSanitizer: .+ \(pid=\d+\)$",            UpTo("SUMMARY: "),  NEVER),
        pattern("asan",             r"^==[^= ]*\d+==ERROR: AddressSanitizer: .",              UpTo("SUMMARY: "),  NEVER),
        pattern("lsan",             r"^==[^= ]*\d+==ERROR: LeakSanitizer: .",                 UpTo("SUMMARY: "),  NEVER),
        pattern("tsan",             r"^==[^= ]*\d+==ERROR: ThreadSanitizer: .",               UpTo("SUMMARY: "),  NEVER),
        pattern("sanitizer",        r"^SUMMARY: (Thread|Address|Leak)Sanitizer: .",           None,               NEVER),
        pattern("rust-panic",       RUST_PANIC,                                               None,               NEVER),
        pattern("rust-fatal",       r"^fatal runtime error: .",                               None,               NEVER),
        pattern("python-traceback", r"^[ +|]*(Exception Group )?Traceback \(most recent call last\):$", Indented, PYTHON),
        pattern("node-rejection",   r"^\(node:\d+\) UnhandledPromiseRejection\w*: ",          None,               NODE),
        pattern("node-rejection",   r"^\[?UnhandledPromiseRejection: This error originated ", None,               NODE),
        pattern("node-fatal",       r"^FATAL ERROR: .+ - (JavaScript heap|process) out of memory$", None,         NEVER),
        pattern("node-fatal",       r"^FATAL ERROR: \w+::\S+ .",                              None,               NEVER),
        pattern("java-exception",   r#"^Exception in thread ".*" [\p{L}_$][\w$.]*(: .*)?$"#,  None,               JAVA),
    ]
};

/// Go's `log` puts its flags in front: the date, the time and the place, any of them.
const GO_SERVING: &str = r"^(\d{4}/\d\d/\d\d )?(\d\d:\d\d:\d\d(\.\d+)? )?([^ :]+\.go:\d+: )?http: panic serving \S+:\d+: ";
/// Since Rust 1.91 with the thread's id; until 1.72 with the message before the place.
const RUST_PANIC: &str = r"^(thread '.*' (\(\d+\) )?panicked at ('|.+:\d+:\d+:?$)|thread '.*' (\(\d+\) )?has overflowed its stack$)";

static SHAPES: LazyLock<RegexSet> = LazyLock::new(|| {
    let shapes = PATTERNS.iter().map(|pattern| pattern.shape);
    RegexSet::new(shapes).expect("every shape is a regular expression")
});

const fn pattern(
    kind: &'static str,
    shape: &'static str,
    detail: Detail,
    broken: Broken,
) -> Pattern {
    Pattern { kind, shape, detail, broken }
}

impl Pattern {
    /// The pattern that `line` matches.
    pub(super) fn of(line: &str) -> Option<&'static Self> {
        SHAPES.matches(line).iter().next().map(|index| &PATTERNS[index])
    }

    /// Whether `failure`, the line that names the failure, says that the other end of a connection
    /// has gone.
    pub(super) fn is_broken_connection(&self, failure: &str) -> bool {
        let any = |texts: &[&str], says: fn(&str, &str) -> bool| {
            texts.iter().any(|text| says(failure, text))
        };
        match self.broken {
            Broken::Never => false,
            Broken::Begins(texts) => any(texts, |line, text| line.starts_with(text)),
            Broken::Has(texts) => any(texts, |line, text| line.contains(text)),
            Broken::Ends(texts) => any(texts, |line, text| line.ends_with(text)),
        }
    }
}

impl Detail {
    /// Whether `line`, after others that did, belongs to the finding.
    pub(super) fn continues(&self, line: &str) -> bool {
        match self {
            Self::None => false,
            Self::UpTo(end) => !line.starts_with(end),
            Self::Indented => true,
        }
    }

    /// Whether `line`, which belongs to the finding, is the last that does, and names the failure.
    pub(super) fn ends_with(&self, line: &str) -> bool {
        match self {
            Self::None | Self::UpTo(_) => false,
            Self::Indented => !line.starts_with(char::is_whitespace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_connection_is_told_from_other_failures() {
        let python = "Traceback (most recent call last):";
        let go = "http: panic serving 1.2.3.4:5: ";
        let node = "(node:7) UnhandledPromiseRejectionWarning: ";
        let java = "Exception in thread \"a\" java.io.IOException";
        for (line, failure, expected) in [
            (go, "write tcp 1->2: write: broken pipe", true),
            (go, "read tcp 1->2: read: connection reset by peer", true),
            (go, "broken pipe: no such seat", false),
            (python, "BrokenPipeError: [Errno 32] Broken pipe", true),
            (python, "ConnectionResetError: [Errno 104]", true),
            (python, "ValueError: not a BrokenPipeError", false),
            (node, "Warning: Error: write EPIPE", true),
            (node, "Warning: Error: read ECONNRESET", true),
            (node, "Warning: Error: connect ECONNREFUSED", false),
            (java, "\"a\" java.io.IOException: Broken pipe", true),
            (java, "\"a\" java.io.IOException: Connection reset by peer", true),
            (java, "\"a\" java.io.IOException: No space left on device", false),
            // A whole process that ends for it does not take its clients' hanging up well.
            ("panic: ", "write tcp 1->2: write: broken pipe", false),
        ] {
            let pattern = Pattern::of(line).unwrap();
            assert_eq!(pattern.is_broken_connection(failure), expected, "{line}{failure}");
        }
    }

    /// What each runtime prints, and lines of others with the same words in them.
    #[rustfmt::skip] // a pattern is a block
    const CASES: [(&str, &[&str], &[&str]); 12] = [
        ("go-fatal",
            &["fatal error: concurrent map writes", "fatal error: all goroutines are asleep - deadlock!",
              "fatal error: stack overflow"],
            &["main.c:1:10: fatal error: x.h: No such file or directory", "2026/11/21 10:00:00 fatal error: no config",
              r#"{"level":"error","msg":"fatal error: concurrent map writes"}"#]),
        ("go-panic",
            &["panic: runtime error: index out of range [3] with length 3", "panic: main.err{} [recovered]",
              "http: panic serving 127.0.0.1:40000: oh", "2026/11/21 10:00:00 http: panic serving 127.0.0.1:40000: oh",
              "10:00:00.123456 main.go:17: http: panic serving [::1]:40000: write tcp 1->2: write: broken pipe"],
            &["2026/11/21 10:00:00 panic: no", "don't panic: it is well", "recovered from http: panic serving the others",
              r#"{"msg":"http: panic serving 127.0.0.1:40000: oh"}"#]),
        ("go-race",
            &["WARNING: DATA RACE"],
            &["WARNING: DATA RACE detection is off", "10:00 WARNING: DATA RACE", "\"WARNING: DATA RACE\""]),
        ("tsan",
            &["WARNING: ThreadSanitizer: data race (pid=9337)", "==17==ERROR: ThreadSanitizer: SEGV on unknown address 0x0",
              "WARNING: ThreadSanitizer: lock-order-inversion (potential deadlock) (pid=1)"],
            &["WARNING: ThreadSanitizer: is not built in", "10:00 WARNING: ThreadSanitizer: data race (pid=1)"]),
        ("asan",
            &["==17==ERROR: AddressSanitizer: heap-use-after-free on address 0x1 at pc 0x2 bp 0x3 sp 0x4",
              "==app17==ERROR: AddressSanitizer: SEGV on unknown address"],
            &["last night: ERROR: AddressSanitizer: heap-use-after-free", r#"{"log":"==17==ERROR: AddressSanitizer: x"}"#]),
        ("lsan",
            &["==17==ERROR: LeakSanitizer: detected memory leaks"],
            &["ERROR: LeakSanitizer: is for amd64", "10:00 ==17==ERROR: LeakSanitizer: detected memory leaks"]),
        ("sanitizer",
            &["SUMMARY: ThreadSanitizer: data race src/racy.rs:40:5 in racy",
              "SUMMARY: AddressSanitizer: 7 byte(s) leaked in 1 allocation(s).",
              "SUMMARY: LeakSanitizer: 7 byte(s) leaked in 1 allocation(s)."],
            &["SUMMARY: 3 requests", "10:00 SUMMARY: AddressSanitizer: heap-use-after-free"]),
        ("rust-panic",
            &["thread 'main' panicked at src/main.rs:2:5:", "thread 'tokio-rt-worker' (77) panicked at src/main.rs:2:5:",
              "thread '<unnamed>' panicked at 'oh no', src/main.rs:2:5", "thread 'main' panicked at 'two lines:",
              "thread 'main' (9) has overflowed its stack"],
            &["INFO the worker panicked at noon", "thread 'main' panicked at the sight of it",
              r#"{"msg":"thread 'main' panicked at src/main.rs:2:5:"}"#, "10:00 thread 'main' panicked at src/main.rs:2:5:"]),
        ("rust-fatal",
            &["fatal runtime error: stack overflow, aborting"],
            &["10:00 fatal runtime error: stack overflow", r#"{"msg":"fatal runtime error: x"}"#]),
        ("python-traceback",
            &["Traceback (most recent call last):", "  + Exception Group Traceback (most recent call last):",
              "    | Traceback (most recent call last):"],
            &["ERROR Traceback (most recent call last):", r#"{"exc":"Traceback (most recent call last):\n  File"}"#,
              "it said: Traceback (most recent call last):", "Traceback (most recent call last): see above"]),
        ("node-rejection",
            &["(node:7) UnhandledPromiseRejectionWarning: Error: write EPIPE",
              "[UnhandledPromiseRejection: This error originated either by throwing inside of an async function"],
            &["10:00 no UnhandledPromiseRejection: all is well", r#"{"name":"UnhandledPromiseRejection"}"#,
              "UnhandledPromiseRejection is caught by us"]),
        ("node-fatal",
            &["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
              "FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory",
              "FATAL ERROR: NewSpace::Rebalance Allocation failed - process out of memory",
              "FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal"],
            &["FATAL ERROR: the shop is closed", "10:00 FATAL ERROR: Reached heap limit - JavaScript heap out of memory",
              "level=info msg=\"retry after FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal\""]),
    ];
    const JAVA_CASES: (&str, &[&str], &[&str]) = (
        "java-exception",
        &[
            r#"Exception in thread "main" java.lang.RuntimeException: boom"#,
            r#"Exception in thread "http-nio-8080-exec-1" java.lang.OutOfMemoryError: Java heap space"#,
            r#"Exception in thread "main" java.lang.StackOverflowError"#,
            r#"Exception in thread "worker @coroutine#2" Broken"#,
        ],
        &[
            // Python's, whose traceback follows.
            "Exception in thread Thread-1 (work):",
            r#"Exception in thread "main" was caught"#,
            "Exception in thread pool: retrying",
            r#"10:00 ERROR Exception in thread "main" java.lang.RuntimeException: boom"#,
            r#"{"msg":"Exception in thread \"main\" java.lang.RuntimeException: boom"}"#,
        ],
    );

    #[test]
    fn what_a_runtime_prints_is_told_from_what_only_has_its_words() {
        for (kind, real, near) in CASES.into_iter().chain([JAVA_CASES]) {
            for line in real {
                assert_eq!(Pattern::of(line).map(|pattern| pattern.kind), Some(kind), "{line}");
            }
            for line in near {
                assert_eq!(Pattern::of(line).map(|pattern| pattern.kind), None, "{line}");
            }
        }
        let untested = PATTERNS.iter().find(|pattern| {
            !CASES.iter().chain([&JAVA_CASES]).any(|(kind, ..)| *kind == pattern.kind)
        });
        assert!(untested.is_none(), "{untested:?}");
    }
}
