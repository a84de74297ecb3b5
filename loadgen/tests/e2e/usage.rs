//! Wrong usage: refused with code 2 and what would be right, before anything is sent.

use crate::byte_server::{ByteServer, answer};
use crate::program::loadgen;

/// Runs each command line, with the server's URL in place of `URL`.
#[track_caller]
fn refused(cases: &[(&[&str], &str)]) {
    let server = ByteServer::answering(answer(200, "1"));
    let url = server.url("/");
    for (arguments, expected) in cases {
        let given = arguments.iter().map(|argument| argument.replace("URL", &url));
        let given: Vec<_> = given.collect();
        let given: Vec<_> = given.iter().map(String::as_str).collect();
        let ended = loadgen(&given).exited(2);
        assert!(ended.stderr.contains(expected), "{given:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{given:?}");
    }
    assert_eq!(server.accepted(), 0, "a connection was made");
}

#[test]
fn a_flag_of_ab_that_has_no_meaning_is_refused_with_the_reason() {
    let reason = "the kernel sizes the buffers of sockets by itself";
    refused(&[(&["-b", "8192", "URL"], reason), (&["-b", "8192"], reason)]);
}

#[test]
fn options_about_connections_are_refused_where_they_have_no_meaning() {
    refused(&[
        (&["--connect-to", "a:80:b", "URL"], "expected HOST1:PORT1:HOST2:PORT2"),
        (&["--resolve", "a:80", "URL"], "expected HOST:PORT:ADDRESS"),
        (&["-B", "localhost", "URL"], "invalid IP address"),
        (&["-4", "-6", "URL"], "cannot be used with"),
        (
            &["-6", "-B", "127.0.0.2", "URL"],
            "-B/--bind 127.0.0.2 cannot connect to the kind of address",
        ),
        (&["--unix-socket", "/s", "--resolve", "a:80:127.0.0.1", "URL"], "cannot be used with"),
        (
            &["--client", "reqwest", "-B", "127.0.0.2", "URL"],
            "-B/--bind is for loadgen's own client",
        ),
        (&["--unix-socket", "/s"], "--unix-socket is about a service of your own: expected a URL"),
        (&["-4"], "-4/--ipv4 is about a service of your own: expected a URL"),
    ]);
}

#[test]
fn options_about_tls_are_refused_where_they_cannot_be_kept_to() {
    let folder = tempfile::tempdir().unwrap();
    let no_pem = folder.path().join("no.pem");
    std::fs::write(&no_pem, "no certificate").unwrap();
    let no_pem = no_pem.to_str().unwrap();
    let https = "https://127.0.0.1:9/";
    refused(&[
        (&["-f", "TLS1.3", "URL"], "-f/--tls-version is about TLS: expected a URL with https://"),
        (&["-I"], "-I/--no-sni is about TLS: expected a URL with https://"),
        (&["--insecure", "URL"], "--insecure is about TLS: expected a URL with https://"),
        (&["-f", "TLS1.1", https], "expected TLS1.2, TLS1.3 or ALL"),
        (
            &["-Z", "ECDHE-RSA-AES128-SHA", https],
            "expected some of TLS_AES_256_GCM_SHA384:TLS_AES_128",
        ),
        (
            &["-f", "1.2", "-Z", "TLS_AES_128_GCM_SHA256", "--insecure", https],
            "no cipher of -Z fits the TLS version of -f",
        ),
        (&["-E", "/no/me.pem", https], "--cert: cannot read /no/me.pem"),
        (&["--key", "me.pem", https], "--cert <FILE>"),
        (&["--cacert", no_pem, https], "no.pem: expected certificates in PEM"),
        (&["-E", no_pem, https], "no.pem: there is no key in it: expected --key FILE"),
        (&["--cacert", no_pem, "--insecure", https], "cannot be used with"),
    ]);
}

#[test]
fn unknown_options_come_with_what_may_have_been_meant() {
    refused(&[
        (&["--requsts", "5", "URL"], "'--requests'"),
        (&["--concurency", "5", "URL"], "'--concurrency'"),
        (&["--no-keepalive", "URL"], "'--no-keep-alive'"),
        (&["--extrat", "last", "--read", "/x", "URL"], "'--extract'"),
        (&["-j", "URL"], "unexpected argument '-j'"),
        (&["URL", "http://other/"], "`http://other/` is one argument too many"),
        (&["URL", "-n", "5", "-c", "2", "10"], "`10` is one argument too many"),
    ]);
}

#[test]
fn numbers_and_times_out_of_range_are_refused() {
    let number = "expected a whole number above zero";
    let time = "expected a time above zero such as 30, 500ms, 10s or 2m";
    refused(&[
        (&["-n", "0", "URL"], number),
        (&["-n", "1e4", "URL"], number),
        (&["-n", "-5", "URL"], "'-5'"),
        (&["-c", "0", "URL"], number),
        (&["-c", "many", "URL"], number),
        (&["--threads", "0", "URL"], "expected a number from 1 to"),
        (&["--threads", "100000", "URL"], "expected a number from 1 to"),
        (&["-n", "5", "-c", "6", "URL"], "-c 6 is more than the 5 requests"),
        (&["-n", "199", "-c", "200"], "-c 200 is more than the 199 requests"),
        (&["-t", "1", "-n", "5", "-c", "6", "URL"], "-c 6 is more than the 5 requests"),
        (&["-t", "0", "URL"], time),
        (&["-t", "-1", "URL"], "'-1'"),
        (&["-t", "soon", "URL"], time),
        (&["--duration", "5 parsecs", "URL"], time),
        (&["--duration", "1000000h", "URL"], time),
        (&["-s", "nan", "URL"], time),
        (&["-s", "inf", "URL"], time),
        (&["-v", "300", "URL"], "-v <LEVEL>"),
    ]);
}

#[test]
fn urls_that_are_none_are_refused() {
    let expected = "expected http://HOST[:PORT]/PATH";
    refused(&[
        (&[""], expected),
        (&["http://"], expected),
        (&["http://[::1"], expected),
        (&["localhost:99999"], expected),
        (&["a b"], expected),
        (&["ftp://localhost/"], "ftp:// is not supported: expected http://"),
        (&["http://me:secret@localhost/"], "expected -A user:password"),
        (
            &["--read", "ftp://localhost/", "URL"],
            "--read ftp://localhost/: ftp:// is not supported",
        ),
        (&["--read", "http://", "URL"], "--read http://: "),
    ]);
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let embedded = "--mode and --race-window are for the server that a run without URL starts";
    refused(&[
        (&["--mode", "racy", "URL"], embedded),
        (&["--race-window", "1us", "URL"], embedded),
        (&["--read", "/state"], "--read needs a URL of your own"),
        (&["--extract", "last"], "--extract needs a URL of your own"),
        (&["--extract", "last", "URL"], "--read URL, but --read is missing"),
        (&["-k", "--no-keep-alive", "URL"], "'-k' cannot be used with '--no-keep-alive'"),
        (&["-i", "-p", "body", "URL"], "'-i' cannot be used with '-p <FILE>'"),
        (&["-i", "-m", "GET", "URL"], "'-i' cannot be used with '--method <METHOD>'"),
        (&["-p", "body", "-u", "body", "URL"], "'-p <FILE>' cannot be used with '-u <FILE>'"),
        (&["-p", "body", "--data", "x", "URL"], "'-p <FILE>' cannot be used with '--data"),
        (&["-t", "1", "--duration", "1", "URL"], "'-t <TIME>' cannot be used with '--duration"),
    ]);
}

#[test]
fn values_that_mean_nothing_are_refused() {
    refused(&[
        (&["-H", "no colon", "URL"], "expected `Name: value`"),
        (&["-H", "a b: c", "URL"], "`a b` is not a header name"),
        (&["-H", "a: b\nc", "URL"], "has a character that is not allowed in a header"),
        (&["-H", "Content-Length: 5", "URL"], "follows from the content: leave it out"),
        (&["-H", "transfer-encoding: chunked", "URL"], "follows from the content"),
        (&["-C", "a\nb", "URL"], "-C: the value has a character that is not allowed in a header"),
        (&["-T", "a\nb", "URL"], "-T: the value has a character that is not allowed in a header"),
        (&["-A", "me", "URL"], "expected user:password"),
        (&["-m", "a b", "URL"], "invalid HTTP method"),
        (
            &["--extract", "total", "--read", "/", "URL"],
            "expected only, last, json:/POINTER, regex:",
        ),
        (&["--extract", r"regex:\d+", "--read", "/", "URL"], "expected a group around the number"),
        (&["--mode", "mutx"], "expected one of racy, load-store, go-map, mutex, rwlock, atomic"),
        (&["--mode", "racy,"], "`` is not a mode"),
        (&["--race-window", "wide"], "expected none, yield, spin:N or a duration"),
    ]);
}

#[test]
fn files_that_cannot_be_used_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (missing, below_missing) = (path("missing"), path("missing/report.json"));
    let here = directory.path().to_str().unwrap();
    refused(&[
        (&["-p", &missing, "URL"], &format!("cannot read {missing}: No such file")),
        (&["-u", &missing, "URL"], &format!("cannot read {missing}: No such file")),
        (&["-p", here, "URL"], &format!("cannot read {here}: ")),
        (&["--output", &below_missing, "URL"], &format!("--output: cannot write {below_missing}")),
        (&["--output", here, "URL"], &format!("--output: cannot write {here}")),
    ]);
}

#[test]
fn a_run_that_is_refused_leaves_an_earlier_report_alone() {
    let mut earlier = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut earlier, b"earlier").unwrap();
    let path = earlier.path().to_str().unwrap();
    refused(&[
        (&["--output", path, "-b", "1", "URL"], "-b"),
        (&["--output", path, "-n", "5", "-c", "9", "URL"], "-c 9"),
    ]);
    assert_eq!(std::fs::read(earlier.path()).unwrap(), b"earlier");
}

#[test]
fn help_and_version_are_no_errors() {
    for argument in ["-h", "--help"] {
        let ended = loadgen(&[argument]).exited(0);
        for word in ["Usage: loadgen [OPTIONS] [URL]", "--concurrency", "--read", "Exit codes:"] {
            assert!(ended.stdout.contains(word), "{argument}: {word}");
        }
        // What is refused is not offered.
        assert!(!ended.stdout.contains("-b "), "{argument}");
        assert_eq!(ended.stderr, "");
    }
    for argument in ["-V", "--version"] {
        let ended = loadgen(&[argument]).exited(0);
        assert_eq!(ended.stdout, concat!("loadgen ", env!("CARGO_PKG_VERSION"), "\n"));
    }
}

#[test]
fn a_run_that_cannot_be_judged_while_it_goes_on_does_not_end_at_its_first_anomaly() {
    let first = |options: &[&'static str]| [&["--first"], options].concat();
    let models = "expected counter, fetch-and-add or bounded";
    let cases = [
        (first(&["URL"]), models),
        (first(&["--read", "/get", "URL"]), "--first needs --model MODEL"),
        (
            first(&["--read", "/get", "--model", "register", "URL?v={value}"]),
            "a register is only judged when the run is over",
        ),
        (first(&["--read", "/get", "--model", "set", "URL?v={value}"]), models),
        (first(&["--workload", "jobs"]), models),
        (first(&["--read", "/get", "--model", "counter", "URL"]), "--reads SHARE"),
        (
            first(&["--model", "bounded:5", "--history-limit", "0", "URL"]),
            "--history-limit 0 keeps none",
        ),
    ];
    let cases: Vec<_> = cases.iter().map(|(arguments, text)| (&arguments[..], *text)).collect();
    refused(&cases);
}
