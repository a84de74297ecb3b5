//! Requests that differ: variables, lists of URLs and contents, and pasted commands.

use std::collections::{BTreeMap, HashSet};
use std::io::Write as _;

use serde_json::Value;

use crate::byte_server::{ByteServer, answer};
use crate::program::loadgen;
use crate::report::report;

/// The requests that arrive where the program is run with `arguments`, URL standing for the server's.
fn arrived(arguments: &[&str]) -> Vec<String> {
    let server = ByteServer::answering(answer(200, ""));
    let url = server.url("");
    let arguments: Vec<_> = arguments.iter().map(|word| word.replace("URL", &url)).collect();
    report(0, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let text = |request: Vec<u8>| String::from_utf8(request).unwrap();
    server.requests().into_iter().map(text).collect()
}

fn file(content: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file
}

fn path(file: &tempfile::NamedTempFile) -> &str {
    file.path().to_str().unwrap()
}

fn counted<T: Ord>(all: impl IntoIterator<Item = T>) -> BTreeMap<T, u32> {
    let mut counts = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

#[test]
fn every_request_has_variables_of_its_own() {
    const CONTENT: &str =
        r#"{"seq":{{seq}},"client":{{client}},"id":"{{uuid}}","rand":{{rand 1..3}}}"#;
    for client in ["http1", "reqwest"] {
        let load = ["-n", "120", "-c", "6", "--threads", "2", "--client", client];
        let requests = arrived(&[&load[..], &["--json", CONTENT, "URL/a/{{seq}}"]].concat());
        assert_eq!(requests.len(), 120);
        let (mut seqs, mut ids, mut others) = (HashSet::new(), HashSet::new(), HashSet::new());
        for request in requests {
            let (head, content) = request.split_once("\r\n\r\n").unwrap();
            let sent: Value = serde_json::from_str(content).unwrap();
            let seq = sent["seq"].as_u64().unwrap();
            assert!(head.starts_with(&format!("POST /a/{seq} HTTP/1.1\r\n")), "{head}");
            let length = format!("content-length: {}", content.len());
            assert!(head.to_ascii_lowercase().contains(&length), "{head} {content}");
            assert!(seqs.insert(seq) && ids.insert(sent["id"].to_string()), "{content}");
            others.insert((sent["client"].as_u64().unwrap(), sent["rand"].as_i64().unwrap()));
        }
        assert_eq!(
            (seqs.len(), *seqs.iter().min().unwrap(), *seqs.iter().max().unwrap()),
            (120, 1, 120)
        );
        assert!(others.iter().all(|(client, rand)| *client < 6 && (1..=3).contains(rand)));
        assert!(others.len() > 6, "{others:?}");
    }
}

#[test]
fn what_is_at_random_is_the_same_again_with_the_same_seed() {
    let by = |seed: &str| arrived(&["-n", "20", "--data", "{{uuid}}", "--seed", seed, "URL/"]);
    let contents = |requests: &[String]| -> Vec<String> {
        requests.iter().map(|request| content(request).to_owned()).collect()
    };
    let (one, again, other) = (by("7"), by("7"), by("8"));
    assert_eq!(contents(&one), contents(&again));
    assert!(contents(&one).iter().all(|id| !contents(&other).contains(id)));
}

fn content(request: &str) -> &str {
    request.split_once("\r\n\r\n").unwrap().1
}

#[test]
fn the_urls_of_a_file_take_turns() {
    let list = file("# three of them\n/a\nPOST /b?c=d\nURL/e/{{seq}}\n");
    let server = ByteServer::answering(answer(200, ""));
    let text = std::fs::read_to_string(list.path()).unwrap().replace("URL", &server.url(""));
    let list = file(&text);
    for more in [&[][..], &["--shuffle"]] {
        let arguments = ["-n", "9", "-c", "3", "--urls", path(&list), &server.url("/")];
        let report = report(0, &[&arguments[..], more].concat());
        assert_eq!(report.count("/plan/turns"), 3);
    }
    let requests = server.requests();
    let lines = requests.iter().map(|request| {
        let line = String::from_utf8_lossy(request).lines().next().unwrap().to_owned();
        if line.starts_with("GET /e/") { "GET /e/".to_owned() } else { line }
    });
    let expected = [("GET /a HTTP/1.1", 6), ("GET /e/", 6), ("POST /b?c=d HTTP/1.1", 6)];
    let expected = expected.map(|(line, count)| (line.to_owned(), count)).into();
    assert_eq!(counted(lines), expected);
}

#[test]
fn a_file_of_urls_needs_no_other() {
    let server = ByteServer::answering(answer(200, ""));
    let list = file(&format!("{}\n/b\n", server.url("/a")));
    assert_eq!(report(0, &["-n", "4", "--urls", path(&list)]).requests().ok, 4);
    let lines: Vec<_> = server.requests().iter().map(|request| request[4..6].to_vec()).collect();
    assert_eq!(lines, [b"/a", b"/b", b"/a", b"/b"]);
}

#[test]
fn the_lines_of_a_file_are_contents_in_turn() {
    let list = file("one\ntwo {{seq}}\n\nthree\n");
    let requests = arrived(&["-n", "6", "--body-lines", path(&list), "-T", "x/y", "URL/"]);
    let contents: Vec<_> = requests.iter().map(|request| content(request)).collect();
    assert_eq!(contents, ["one", "two 2", "three", "one", "two 5", "three"]);
    for (request, content) in requests.iter().zip(contents) {
        assert!(request.starts_with("POST / ") && request.contains("\r\nContent-Type: x/y\r\n"));
        assert!(
            request.contains(&format!("\r\nContent-Length: {}\r\n", content.len())),
            "{request}"
        );
    }
    let shuffled = arrived(&["-n", "3", "--body-lines", path(&list), "--shuffle", "URL/"]);
    assert_eq!(shuffled.iter().filter(|request| content(request).starts_with("two")).count(), 1);
}

#[test]
fn a_pasted_command_is_sent_as_curl_would_and_its_secrets_are_shown_to_nobody() {
    let server = ByteServer::answering(answer(200, ""));
    let url = server.url("/a");
    let command = format!(
        "curl -sX PUT -H 'Authorization: Bearer hidden' \\\n  -b 'sid=hidden' -d 'a=b' -d 'c=d' '{url}'"
    );
    let ended = loadgen(&["-q", "-n", "3", "--curl", &command]).exited(0);
    assert!(
        !ended.stdout.contains("hidden") && !ended.stderr.contains("hidden"),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("--method PUT -H 'Authorization: ***'"), "{}", ended.stdout);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    let sent = String::from_utf8_lossy(&requests[0]);
    for part in [
        "PUT /a HTTP/1.1\r\n",
        "\r\nAuthorization: Bearer hidden\r\n",
        "\r\nCookie: sid=hidden\r\n",
        "\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        "\r\n\r\na=b&c=d",
    ] {
        assert!(sent.contains(part), "{sent}");
    }
    let refused = loadgen(&["--curl", &format!("curl --location-trusted {url}")]).exited(2);
    assert!(refused.stderr.contains("a load stays with one service"), "{}", refused.stderr);
}

/// What comes out of a pipe can be read once.
#[test]
fn lists_may_come_out_of_a_pipe() {
    let server = ByteServer::answering(answer(200, ""));
    let [url, program] = [server.url(""), crate::program::PROGRAM.to_owned()];
    let script = format!(
        "{program} -q -n 4 --urls <(printf '/a\\n/b\\n') {url} && \
         {program} -q -n 2 --urls <(printf '{url}/c\\n/d\\n') && \
         {program} -q -n 2 --body-lines <(printf 'one\\ntwo\\n') {url}"
    );
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let requests: Vec<_> = server.requests().into_iter().map(String::from_utf8).collect();
    let requests: Vec<_> = requests.into_iter().map(Result::unwrap).collect();
    let paths = ["/a", "/b", "/a", "/b", "/c", "/d", "/", "/"];
    let asked = requests.iter().map(|request| request.split(' ').nth(1).unwrap());
    assert!(asked.eq(paths), "{requests:?}");
    assert_eq!([content(&requests[6]), content(&requests[7])], ["one", "two"]);
}
