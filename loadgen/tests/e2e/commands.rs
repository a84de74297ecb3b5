//! Every command of loadgen in README and docs is one that loadgen takes: those that send a load are asked what they
//! would send, and all others are run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{PROGRAM, Process, command, loadgen};

/// Where a command stands.
struct Found {
    page: String,
    words: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md"), root().join("docs/scenarios/README.md")];
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|page| page.unwrap().path());
    pages.extend(docs.filter(|page| page.extension().is_some_and(|extension| extension == "md")));
    // The guide's are run one after the other, by a test of its own.
    pages.retain(|page| !page.ends_with("first-scenario.md"));
    pages
}

/// The blocks of a page, each with what stands behind its fence.
pub(crate) fn blocks(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let fenced = text.split("\n```").enumerate().filter(|(number, _)| number % 2 == 1);
    fenced.map(|(_, block)| block.split_once('\n').unwrap_or_default())
}

/// The words of a line that is a command of loadgen: without what a shell does with its output.
fn words(line: &str) -> Option<Vec<String>> {
    let line = line.trim().trim_start_matches("- ");
    let arguments = line.strip_prefix("loadgen ")?;
    let arguments = arguments.split(" > ").next()?;
    let words = shell_words::split(arguments).ok()?;
    // A row of a table begins with its name, too.
    (!words.first()?.starts_with(|c: char| c.is_ascii_digit())).then_some(words)
}

/// The lines of a text of YAML that is folded, which ends where it is indented less, in one.
fn unfolded(block: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines: Vec<String> = Vec::new();
    let mut folded = None;
    for line in block.lines() {
        match (folded, lines.last_mut()) {
            (Some(parent), Some(last)) if indent(line) > parent => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => {
                folded = line.ends_with(": >").then(|| indent(line));
                lines.push(if folded.is_some() { String::new() } else { line.to_owned() });
            }
        }
    }
    lines.join("\n")
}

fn commands() -> Vec<Found> {
    let mut found = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let page = page.file_name().unwrap().to_string_lossy().into_owned();
        for (_, block) in blocks(&text) {
            let block = unfolded(&block.replace("\\\n", " "));
            let commands = block.lines().filter_map(words);
            found.extend(commands.map(|words| Found { page: page.clone(), words }));
        }
    }
    found
}

/// What a browser records of one request.
const RECORDING: &str = r#"{"log":{"version":"1.2","creator":{"name":"b","version":"1"},"entries":[{
    "startedDateTime":"2026-01-01T00:00:00.000Z","time":1,"cache":{},
    "timings":{"send":0,"wait":1,"receive":0},
    "request":{"method":"POST","url":"http://127.0.0.1:8000/buy","httpVersion":"HTTP/1.1","cookies":[],
        "headers":[],"queryString":[],"headersSize":-1,"bodySize":0},
    "response":{"status":200,"statusText":"OK","httpVersion":"HTTP/1.1","cookies":[],"headers":[],
        "content":{"size":0,"mimeType":"text/plain"},"redirectURL":"","headersSize":-1,"bodySize":0}}]}}"#;

/// A folder with the files that the pages speak of.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    put("shop.yaml", &loadgen(&["init"]).exited(0).stdout);
    let documents = fs::read_to_string(root().join("docs/documents.md")).unwrap();
    let (_, visits) = blocks(&documents).find(|(language, _)| *language == "yaml").unwrap();
    put("visits.yaml", visits);
    put("token", "t");
    put("shop.har", RECORDING);
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    put("server.pem", &certified.cert.pem());
    let run = loadgen(&["-q", "--mode", "mutex", "-n", "100", "-c", "5", "--output", "-"]);
    let report = run.exited(0).stdout;
    for name in ["main.json", "pr.json", "main-1.json", "main-2.json", "pr-1.json", "pr-2.json"] {
        put(name, &report);
    }
    std::os::unix::fs::symlink(root().join("docs"), folder.path().join("docs")).unwrap();
    folder
}

/// What stands for something else on a page.
fn meant(word: &str) -> String {
    let word = match word.strip_prefix("…/") {
        Some(path) => format!("http://127.0.0.1:8000/{path}"),
        None => word.replace("127.0.0.1:PORT", "127.0.0.1:8000"),
    };
    if word.starts_with("/tmp/server-") { "server.pem".to_owned() } else { word }
}

/// A server that a page starts, on a port that is free, and its URL.
fn started(words: &[String]) -> (Process, String) {
    let kept = words.iter().scan(false, |is_value, word| {
        let is_listen = std::mem::replace(is_value, word == "--listen") || word == "--listen";
        Some((!is_listen).then_some(word.as_str()))
    });
    let words: Vec<_> = kept.flatten().chain(["--listen", "127.0.0.1:0"]).collect();
    let server = Process::spawn(command(&words));
    let url = server.url();
    (server, url)
}

#[test]
fn every_command_of_the_pages_is_right() {
    let folder = folder();
    let commands = commands();
    assert!(commands.len() > 50, "only {} commands were found", commands.len());
    for Found { page, words } in &commands {
        let command = words.join(" ");
        // This build has no other database.
        if command.contains("--database postgres") {
            continue;
        }
        let mut words: Vec<_> = words.iter().map(|word| meant(word)).collect();
        if words[0] == "server" {
            started(&words);
            continue;
        }
        if words.iter().any(|word| word == "…") {
            words.retain(|word| word != "…");
            words.extend(["--read", "/n", "http://127.0.0.1:8000/"].map(str::to_owned));
        }
        let sends = !["compare", "completions", "man", "init", "schema"].contains(&&*words[0]);
        if sends && !words.iter().any(|word| word == "--check" || word == "--dry-run") {
            words.push("--dry-run".to_owned());
        }
        // A shell has made files of a pattern that is not quoted.
        let words = words.iter().map(|word| if word == "pr-*.json" { "pr-1.json" } else { word });
        let run = Command::new(PROGRAM).args(words).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{page}: {command}\n{said}");
    }
}

#[test]
fn what_the_pages_ask_of_a_server_by_hand_is_answered() {
    let mut asked = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for (_, block) in blocks(&text) {
            let Some(server) = block.lines().find_map(words).filter(|words| words[0] == "server")
            else {
                continue;
            };
            let (_server, url) = started(&server);
            for line in block.lines().filter_map(|line| line.strip_prefix("curl ")) {
                let line = line.replace("http://127.0.0.1:8000", &url);
                let mut curl = Command::new("curl");
                curl.args(["--silent", "--fail"]).args(shell_words::split(&line).unwrap());
                let answered = curl.output().unwrap();
                assert!(answered.status.success(), "{}: curl {line}", page.display());
                asked += 1;
            }
        }
    }
    assert!(asked >= 2, "only {asked} commands of curl were found");
}

#[test]
fn links_between_pages_lead_somewhere() {
    let pages = pages().into_iter().chain([root().join("docs/first-scenario.md")]);
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            if file.starts_with("http") || file.contains(' ') {
                continue;
            }
            let target =
                if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link}", page.display());
            if !anchor.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                let headings = text.lines().filter(|line| line.starts_with('#'));
                let is_there = headings.map(slug).any(|slug| slug == anchor);
                assert!(is_there, "{}: {link}", page.display());
            }
        }
    }
}

/// The anchor of a heading.
fn slug(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
