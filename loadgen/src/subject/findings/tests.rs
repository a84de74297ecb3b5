use super::*;

fn seen(output: &str) -> Vec<Sighting> {
    let mut findings = Findings::default();
    output.lines().for_each(|line| findings.read(line));
    findings.take()
}

fn found(output: &str) -> Vec<Finding> {
    findings(seen(output), false)
}

fn traceback(exception: &str) -> String {
    format!("Traceback (most recent call last):\n  File \"a.py\", line 1\n{exception}\n")
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
        ("SUMMARY: AddressSanitizer: heap-use-after-free src/racy.rs:40:5 in racy", "sanitizer"),
        ("==17==ERROR: LeakSanitizer: detected memory leaks", "lsan"),
        ("SUMMARY: LeakSanitizer: 7 byte(s) leaked in 1 allocation(s).", "sanitizer"),
        ("SUMMARY: AddressSanitizer: 7 byte(s) leaked in 1 allocation(s).", "sanitizer"),
        ("thread 'main' panicked at src/main.rs:2:5:", "rust-panic"),
        ("thread 'tokio-rt-worker' (77) panicked at src/main.rs:2:5:", "rust-panic"),
        ("fatal runtime error: stack overflow", "rust-fatal"),
        ("Traceback (most recent call last):", "python-traceback"),
        ("(node:7) UnhandledPromiseRejectionWarning: oh", "node-rejection"),
        ("[UnhandledPromiseRejection: This error originated either", "node-rejection"),
        ("FATAL ERROR: v8::Something Out of it", "node-fatal"),
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
    let findings = found(&format!("{race}{}fatal error: x\n", race.replace("0x00c0", "0x00d0")));
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
    let findings = found("WARNING: DATA RACE\n  main.inc()\nfatal error: concurrent map writes\n");
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
    assert_eq!(findings.take().len(), MAX_FINDINGS);
    let mut findings = Findings::default();
    findings.read("WARNING: DATA RACE");
    (0..10_000).for_each(|_| findings.read("  main.inc()"));
    assert_eq!(findings.take()[0].detail.len(), MAX_DETAIL_LINES);
}

/// All tracebacks begin alike.
#[test]
fn a_traceback_is_told_from_others_by_its_exception() {
    let [broken, value] = ["BrokenPipeError: [Errno 32] Broken pipe", "ValueError: no seat 7"];
    let deep = format!("{}RecursionError: too deep\n", "  f()\n".repeat(200));
    let output = [broken, value, broken, "ValueError: no seat 8", value].map(traceback).concat();
    let findings = found(&(output + "Traceback (most recent call last):\n" + &deep));
    let told: Vec<_> = findings
        .iter()
        .map(|finding| (finding.detail.last().unwrap().as_str(), finding.count))
        .collect();
    assert_eq!(told, [(broken, 2), (value, 3), ("RecursionError: too deep", 1)]);
}

#[test]
fn a_broken_connection_counts_unless_we_hung_up() {
    let broken = traceback("ConnectionResetError: [Errno 104] Connection reset by peer");
    let go = "http: panic serving 1.2.3.4:5: write tcp 1.2.3.4:6: write: broken pipe\n";
    let output = format!("{broken}{}{go}", traceback("ValueError: no"));
    let provoked = |hung_up| -> Vec<_> {
        let findings = findings(seen(&output), hung_up).into_iter();
        findings.map(|finding| (finding.kind, finding.provoked)).collect()
    };
    let all = ["python-traceback", "python-traceback", "go-panic"];
    assert_eq!(provoked(false), all.map(|kind| (kind, None)));
    let hang_up = Some(Provoked::HangUp);
    let counted_first = [(all[0], None), ("python-traceback", hang_up), ("go-panic", hang_up)];
    assert_eq!(provoked(true), counted_first);
}

/// What is said after a server was told to end at this moment, and what that provokes.
#[track_caller]
fn assert_said_at(moment: Moment, expected: &[(&str, u64, Option<Provoked>)]) {
    let mut read = Findings::default();
    let lines = [
        "panic: a",
        "==1==ERROR: LeakSanitizer: b",
        "SUMMARY: AddressSanitizer: 3 byte(s) leaked in 1",
    ];
    read.read(lines[0]);
    read.at(moment);
    for line in lines {
        read.read(line);
    }
    let findings = findings(read.take(), true);
    let told: Vec<_> =
        findings.iter().map(|finding| (finding.kind, finding.count, finding.provoked)).collect();
    assert_eq!(told, expected, "{moment:?}");
}

#[test]
fn what_is_said_when_told_to_end_counts_of_a_server_that_has_to_save() {
    let leak = [("lsan", 1, None), ("sanitizer", 1, None)];
    let [lsan, summary] = leak;
    let stop = Some(Provoked::Stop);
    assert_said_at(Moment::Running, &[("go-panic", 2, None), lsan, summary]);
    assert_said_at(Moment::Saving, &[("go-panic", 2, None), lsan, summary]);
    let apart = [("go-panic", 1, None), lsan, summary, ("go-panic", 1, stop)];
    assert_said_at(Moment::Ending, &apart);
}

#[test]
fn a_server_that_died_was_told_nothing() {
    let mut read = Findings::default();
    read.at(Moment::Ending);
    read.read("panic: a");
    read.was_never_told();
    assert_eq!(findings(read.take(), true)[0].provoked, None);
}

#[test]
fn what_was_seen_until_now_is_told_when_there_is_more() {
    let (mut findings_so_far, mut known) = (Findings::default(), 0);
    let mut told = |line: &str| {
        findings_so_far.read(line);
        let seen = findings_so_far.since(&mut known)?;
        let found = findings(seen, false).into_iter();
        Some(found.map(|one| (one.line, one.count, one.detail.len())).collect::<Vec<_>>())
    };
    assert_eq!(told("listening"), None);
    // It may go on, and is told as far as it is.
    let panic = |count| ("panic: oh".to_owned(), count, 0);
    assert_eq!(told("panic: oh"), Some(vec![panic(1)]));
    assert_eq!(told("panic: oh"), Some(vec![panic(2)]));
    let race = |lines| ("WARNING: DATA RACE".to_owned(), 1, lines);
    assert_eq!(told("WARNING: DATA RACE"), Some(vec![panic(2), race(0)]));
    assert_eq!(told("  main.go:1"), Some(vec![panic(2), race(1)]));
    assert_eq!(told("Goroutine 7"), Some(vec![panic(2), race(1)]));
    assert_eq!(told("all is well"), None);
    assert_eq!(findings_so_far.take().len(), 2);
}
