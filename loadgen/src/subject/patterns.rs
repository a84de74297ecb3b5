//! What recognises a finding in a line of output.

/// What recognises a finding.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) kind: &'static str,
    place: Place,
    text: &'static str,
    /// Which of the lines that follow belong to it.
    pub(super) detail: Detail,
    broken: Broken,
}

/// Where in a line a pattern's text stands.
#[derive(Debug)]
enum Place {
    Start,
    /// Behind whatever a logger or a process id puts in front.
    Anywhere,
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
static PATTERNS: [Pattern; 15] = {
    use Detail::{Indented, None, UpTo};
    use Place::{Anywhere, Start};
    [
        pattern("go-fatal",         Start,    "fatal error: ",                       None,               NEVER),
        pattern("go-panic",         Start,    "panic: ",                             None,               NEVER),
        pattern("go-panic",         Anywhere, "http: panic serving ",                None,               GO),
        pattern("go-race",          Start,    "WARNING: DATA RACE",                  UpTo("Goroutine "), NEVER),
        pattern("tsan",             Start,    "WARNING: ThreadSanitizer: ",          UpTo("SUMMARY: "),  NEVER),
        pattern("asan",             Anywhere, "ERROR: AddressSanitizer: ",           UpTo("SUMMARY: "),  NEVER),
        pattern("lsan",             Anywhere, "ERROR: LeakSanitizer: ",              UpTo("SUMMARY: "),  NEVER),
        pattern("sanitizer",        Start,    "SUMMARY: ThreadSanitizer: ",          None,               NEVER),
        pattern("sanitizer",        Start,    "SUMMARY: AddressSanitizer: ",         None,               NEVER),
        pattern("rust-panic",       Anywhere, " panicked at ",                       None,               NEVER),
        pattern("rust-fatal",       Start,    "fatal runtime error: ",               None,               NEVER),
        pattern("python-traceback", Anywhere, "Traceback (most recent call last):",  Indented,           PYTHON),
        pattern("node-rejection",   Anywhere, "UnhandledPromiseRejection",           None,               NODE),
        pattern("node-fatal",       Anywhere, "FATAL ERROR: ",                       None,               NEVER),
        pattern("java-exception",   Anywhere, "Exception in thread ",                None,               JAVA),
    ]
};

const fn pattern(
    kind: &'static str,
    place: Place,
    text: &'static str,
    detail: Detail,
    broken: Broken,
) -> Pattern {
    Pattern { kind, place, text, detail, broken }
}

impl Pattern {
    /// The pattern that `line` matches.
    pub(super) fn of(line: &str) -> Option<&'static Self> {
        PATTERNS.iter().find(|pattern| pattern.matches(line))
    }

    fn matches(&self, line: &str) -> bool {
        match self.place {
            Place::Start => line.starts_with(self.text),
            Place::Anywhere => line.contains(self.text),
        }
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
        for (line, failure, expected) in [
            ("http: panic serving ", "write tcp 1->2: write: broken pipe", true),
            ("http: panic serving ", "read tcp 1->2: read: connection reset by peer", true),
            ("http: panic serving ", "broken pipe: no such seat", false),
            ("Traceback (most recent call last):", "BrokenPipeError: [Errno 32] Broken pipe", true),
            ("Traceback (most recent call last):", "ConnectionResetError: [Errno 104]", true),
            ("Traceback (most recent call last):", "ValueError: not a BrokenPipeError", false),
            ("UnhandledPromiseRejection", "Warning: Error: write EPIPE", true),
            ("UnhandledPromiseRejection", "Warning: Error: read ECONNRESET", true),
            ("UnhandledPromiseRejection", "Warning: Error: connect ECONNREFUSED", false),
            ("Exception in thread ", "\"a\" java.io.IOException: Broken pipe", true),
            ("Exception in thread ", "\"a\" java.io.IOException: Connection reset by peer", true),
            ("Exception in thread ", "\"a\" java.io.IOException: No space left on device", false),
            // A whole process that ends for it does not take its clients' hanging up well.
            ("panic: ", "write tcp 1->2: write: broken pipe", false),
        ] {
            let pattern = Pattern::of(line).unwrap();
            assert_eq!(pattern.is_broken_connection(failure), expected, "{line}{failure}");
        }
    }
}
