//! The lines of a server's output that say that something went wrong.

use serde::Serialize;

/// What recognises a finding.
struct Pattern {
    kind: &'static str,
    place: Place,
    text: &'static str,
    /// Which of the lines that follow belong to it.
    detail: Detail,
}

/// Where in a line a pattern's text stands.
enum Place {
    Start,
    /// Behind whatever a logger or a process id puts in front.
    Anywhere,
}

/// The lines after a finding that belong to it.
#[derive(Debug)]
enum Detail {
    None,
    /// Up to a line that begins with this.
    UpTo(&'static str),
    /// As long as they are indented, and the first that is not.
    Indented,
}

#[rustfmt::skip] // a pattern is a line
static PATTERNS: [Pattern; 15] = {
    use Detail::{Indented, None, UpTo};
    use Place::{Anywhere, Start};
    [
        pattern("go-fatal",         Start,    "fatal error: ",                       None),
        pattern("go-panic",         Start,    "panic: ",                             None),
        pattern("go-panic",         Anywhere, "http: panic serving ",                None),
        pattern("go-race",          Start,    "WARNING: DATA RACE",                  UpTo("Goroutine ")),
        pattern("tsan",             Start,    "WARNING: ThreadSanitizer: ",          UpTo("SUMMARY: ")),
        pattern("asan",             Anywhere, "ERROR: AddressSanitizer: ",           UpTo("SUMMARY: ")),
        pattern("lsan",             Anywhere, "ERROR: LeakSanitizer: ",              UpTo("SUMMARY: ")),
        pattern("sanitizer",        Start,    "SUMMARY: ThreadSanitizer: ",          None),
        pattern("sanitizer",        Start,    "SUMMARY: AddressSanitizer: ",         None),
        pattern("rust-panic",       Anywhere, " panicked at ",                       None),
        pattern("rust-fatal",       Start,    "fatal runtime error: ",               None),
        pattern("python-traceback", Anywhere, "Traceback (most recent call last):",  Indented),
        pattern("node-rejection",   Anywhere, "UnhandledPromiseRejection",           None),
        pattern("node-fatal",       Anywhere, "FATAL ERROR: ",                       None),
        pattern("java-exception",   Anywhere, "Exception in thread ",                None),
    ]
};

const fn pattern(kind: &'static str, place: Place, text: &'static str, detail: Detail) -> Pattern {
    Pattern { kind, place, text, detail }
}

/// A line that says that something went wrong, and how often it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What recognised it.
    pub kind: &'static str,
    /// How often it came.
    pub count: u64,
    /// The line, as it first came.
    pub line: String,
    /// What followed the first one: the stacks of a data race, say.
    pub detail: Vec<String>,
}

/// Reads a server's output line by line and keeps what matters, once.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    found: Vec<Finding>,
    /// The finding whose detail the next lines are, and where that ends.
    open: Option<(usize, &'static Detail)>,
}

/// Different findings that are kept; a server that fails in more ways than this is understood.
const MAX_FINDINGS: usize = 100;
/// Lines of detail that are kept: two stacks, usually.
const MAX_DETAIL_LINES: usize = 60;

impl Findings {
    /// Takes the next line of output.
    pub(crate) fn read(&mut self, line: &str) {
        let open = self.open.take();
        if let Some(pattern) = PATTERNS.iter().find(|pattern| pattern.matches(line)) {
            self.add(pattern, line);
        } else if let Some((index, detail)) = open
            && detail.continues(line)
        {
            let kept = &mut self.found[index].detail;
            if kept.len() < MAX_DETAIL_LINES {
                kept.extend((!line.is_empty()).then(|| line.to_owned()));
                self.open = Some((index, detail)).filter(|_| !detail.ends_with(line));
            }
        }
    }

    /// What was found, in the order in which it first came.
    pub(crate) fn found(&self) -> &[Finding] {
        &self.found
    }

    /// Counts a finding again where its line differs in numbers alone: addresses, times, processes.
    fn add(&mut self, pattern: &'static Pattern, line: &str) {
        let same = |finding: &&mut Finding| {
            finding.kind == pattern.kind && without_numbers(&finding.line) == without_numbers(line)
        };
        if let Some(finding) = self.found.iter_mut().find(same) {
            finding.count += 1;
        } else if self.found.len() < MAX_FINDINGS {
            self.open = Some((self.found.len(), &pattern.detail));
            let line = line.to_owned();
            self.found.push(Finding { kind: pattern.kind, count: 1, line, detail: Vec::new() });
        }
    }
}

impl Pattern {
    fn matches(&self, line: &str) -> bool {
        match self.place {
            Place::Start => line.starts_with(self.text),
            Place::Anywhere => line.contains(self.text),
        }
    }
}

impl Detail {
    /// Whether `line`, after others that did, belongs to the finding.
    fn continues(&self, line: &str) -> bool {
        match self {
            Self::None => false,
            Self::UpTo(end) => !line.starts_with(end),
            Self::Indented => true,
        }
    }

    /// Whether `line`, which belongs to the finding, is the last that does.
    fn ends_with(&self, line: &str) -> bool {
        match self {
            Self::None | Self::UpTo(_) => false,
            Self::Indented => !line.starts_with(char::is_whitespace),
        }
    }
}

/// The line without its digits and the letters of hexadecimal numbers.
fn without_numbers(line: &str) -> String {
    let is_hexadecimal = |word: &str| word.starts_with("0x");
    line.split(' ')
        .filter(|word| !is_hexadecimal(word))
        .flat_map(|word| word.chars().filter(|c| !c.is_ascii_digit()).chain([' ']))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(output: &str) -> Vec<Finding> {
        let mut findings = Findings::default();
        output.lines().for_each(|line| findings.read(line));
        findings.found
    }

    #[test]
    fn every_runtime_is_recognised() {
        for (line, kind) in [
            ("fatal error: concurrent map writes", "go-fatal"),
            ("panic: runtime error: index out of range [3]", "go-panic"),
            ("2026/11/21 10:00:00 http: panic serving 127.0.0.1:40000: oh", "go-panic"),
            ("WARNING: DATA RACE", "go-race"),
            ("WARNING: ThreadSanitizer: data race (pid=123)", "tsan"),
            ("SUMMARY: ThreadSanitizer: data race src/racy.rs:40:5 in racy", "sanitizer"),
            ("==17==ERROR: AddressSanitizer: heap-use-after-free on 0x1", "asan"),
            ("thread 'main' panicked at src/main.rs:2:5:", "rust-panic"),
            ("thread 'tokio-rt-worker' (77) panicked at src/main.rs:2:5:", "rust-panic"),
            ("fatal runtime error: stack overflow", "rust-fatal"),
            ("Traceback (most recent call last):", "python-traceback"),
            ("(node:7) UnhandledPromiseRejectionWarning: oh", "node-rejection"),
            ("[UnhandledPromiseRejection: This error originated", "node-rejection"),
            ("FATAL ERROR: Reached heap limit", "node-fatal"),
            ("Exception in thread \"main\" java.lang.Error", "java-exception"),
        ] {
            let findings = found(line);
            assert_eq!(findings.len(), 1, "{line}");
            assert_eq!((findings[0].kind, findings[0].count), (kind, 1), "{line}");
            assert_eq!(findings[0].line, line);
        }
    }

    #[test]
    fn an_ordinary_log_has_no_findings() {
        let log =
            "listening on :8000\nGET /inc 200\nno fatal error: yet\nall is well, don't panic: ok\n";
        assert_eq!(found(log), []);
    }

    #[test]
    fn a_data_race_keeps_the_stacks_of_the_first_and_counts_the_rest() {
        let race = "==================\nWARNING: DATA RACE\nRead at 0x00c0 by goroutine 8:\n  main.inc()\n\n\
                    Previous write at 0x00c0 by goroutine 7:\n  main.inc()\n\n\
                    Goroutine 8 (running) created at:\n  main.main()\n==================\n";
        let findings =
            found(&format!("{race}{}fatal error: x\n", race.replace("0x00c0", "0x00d0")));
        assert_eq!(findings.len(), 2);
        assert_eq!((findings[0].kind, findings[0].count), ("go-race", 2));
        let detail = &findings[0].detail;
        assert_eq!(detail.len(), 4);
        assert!(detail[0].starts_with("Read at") && detail[3].contains("main.inc"));
        assert_eq!(findings[1].kind, "go-fatal");
    }

    #[test]
    fn sanitizer_reports_end_with_their_summary_which_counts_by_place() {
        let report = |pid: u32, place: &str| {
            format!(
                "WARNING: ThreadSanitizer: data race (pid={pid})\n  Write of size 8\n\
                 SUMMARY: ThreadSanitizer: data race {place}\n"
            )
        };
        let findings =
            found(&(report(1, "a.rs in f") + &report(2, "a.rs in f") + &report(3, "b.rs in g")));
        let counts: Vec<_> = findings.iter().map(|finding| (finding.kind, finding.count)).collect();
        assert_eq!(counts, [("tsan", 3), ("sanitizer", 2), ("sanitizer", 1)]);
        assert_eq!(findings[0].detail, ["  Write of size 8"]);
    }

    #[test]
    fn a_traceback_ends_with_the_exception() {
        let findings = found(
            "Traceback (most recent call last):\n  File \"a.py\", line 1\n    f()\nValueError: no\nGET / 500\n",
        );
        assert_eq!(findings[0].detail.last().unwrap(), "ValueError: no");
    }

    #[test]
    fn a_finding_within_the_detail_of_another_counts() {
        let findings =
            found("WARNING: DATA RACE\n  main.inc()\nfatal error: concurrent map writes\n");
        let kinds: Vec<_> = findings.iter().map(|finding| finding.kind).collect();
        assert_eq!(kinds, ["go-race", "go-fatal"]);
        assert_eq!(findings[0].detail, ["  main.inc()"]);
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let mut findings = Findings::default();
        for letter in ('a'..='z').chain('A'..='Z') {
            for other in 'a'..='z' {
                findings.read(&format!("panic: {letter}{other}"));
            }
        }
        assert_eq!(findings.found.len(), MAX_FINDINGS);
        let mut findings = Findings::default();
        findings.read("WARNING: DATA RACE");
        (0..10_000).for_each(|_| findings.read("  main.inc()"));
        assert_eq!(findings.found[0].detail.len(), MAX_DETAIL_LINES);
    }
}
