//! Runs without a URL: the counter server, protected or not, as a child process.

use std::time::{Duration, Instant};
use std::{fs, thread};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use store::Expectation;

use crate::counter::counter;
use crate::program::{Ended, Process, command, loadgen, until_seen};
use crate::text::{blanked, replaced, same_as_stored};

/// How often a run may come out another way, since races are not made to order.
const TRIES: usize = 5;

/// Runs the program until it is as expected.
#[track_caller]
pub(crate) fn as_expected(arguments: &[&str]) -> Ended {
    let what = format!("{arguments:?}: as expected");
    until_seen(TRIES, || loadgen(arguments), |ended| ended.code() == 0, what)
}

#[test]
fn the_damage_and_the_cure_side_by_side() {
    let ended = as_expected(&["-n", "20000", "-c", "200", "-q"]);
    same_as_stored("two_modes", &losses_blanked(&ended.stdout));
    assert_eq!(ended.stderr, "");

    // Whatever the numbers, the columns begin where their headings do.
    let body: Vec<_> = ended.stdout.lines().take_while(|line| !line.is_empty()).collect();
    let columns = ["racy", "mutex"].map(|mode| body[0].find(mode).unwrap());
    for line in body {
        let starts = |column: usize| {
            column >= line.len()
                || !line[column..].starts_with(' ') && line[..column].ends_with(' ')
        };
        assert!(columns.into_iter().all(starts), "{line}");
    }
}

/// How much a race lost, and what follows from it.
fn losses_blanked(report: &str) -> String {
    replaced(
        &blanked(report),
        &[
            (r"\d+ updates lost", "LOST updates lost"),
            (r"\d+ \(\d+\.\d% of acknowledged\)", "LOST (SHARE of acknowledged)"),
            (
                r"\d+ of (\d+) acknowledged updates were lost",
                "LOST of $1 acknowledged updates were lost",
            ),
            (r"after \d+ requests?, ", "after SOME requests, "),
            (r"values:( +)\d+, the first \S+", "values:${1}COUNT, the first TIME"),
            (r"judged in \S+", "judged in TIME"),
            // Who lost to whom, and when.
            (r"0 is \S+ seconds", "0 is TIME seconds"),
            (r"(?m)^   client \d+ +client \d+$", "   client A  client B"),
            (r"(?m)^( +)add 1 → \d+  \[.*\]$", "   add 1 → VALUE [TIMES]"),
            (r"(?s)Client \d+'s add returned \d+ and so did client [^.]*\.", "WHY."),
            // What else a loss may show itself as.
            (r"(?m)^   (Stale reads|Order violations):.*\n", ""),
            (r"(Counter after: +)\d+( +)(\d+)", "${1}COUNT$2$3"),
            // The widths of the columns follow from the numbers.
            (r"(\S)   +", "$1  "),
        ],
    )
}

#[test]
fn every_mode_in_a_table() {
    let ended = as_expected(&["--mode", "all", "-n", "3000", "-c", "50", "-q"]);
    let (table, conclusions) = ended.stdout.split_once("\n\n").unwrap();
    let rows: Vec<_> = table.lines().map(row_blanked).collect();
    let text = format!("{}\n\n{}", rows.join("\n"), losses_blanked(conclusions));
    same_as_stored("every_mode", &text);
    let modes = rows[1..].iter().map(|row| row.split(' ').next().unwrap());
    assert!(modes.eq(counter().modes.iter().map(|mode| mode.name)), "{table}");
}

/// A row of the table: what was measured is blanked out, and what a correct mode counted is not.
fn row_blanked(row: &str) -> String {
    let mut cells = row.split_whitespace();
    let Some(name) = cells.next() else { return String::new() };
    let mode = counter().modes.iter().find(|mode| mode.name == name);
    let counted = mode.is_some_and(|mode| mode.expectation == Expectation::Correct);
    let cells = cells.enumerate().map(|(column, cell)| {
        let number = cell == "-" || cell.parse::<f64>().is_ok();
        if number && !(counted && column >= 3) { "#" } else { cell }
    });
    std::iter::once(name).chain(cells).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_server_that_dies_takes_no_line_of_the_other_column() {
    let ended = as_expected(&["--mode", "mutex,go-map", "-n", "3000", "-c", "50", "-q"]);
    let labels = ended.stdout.lines().take_while(|line| !line.is_empty());
    let mut labels: Vec<_> = labels.map(|line| line[..24].trim_end()).collect();
    labels.retain(|label| !label.is_empty());
    let count = labels.len();
    labels.sort_unstable();
    labels.dedup();
    assert_eq!(labels.len(), count, "a label comes twice: {}", ended.stdout);
}

#[test]
fn a_correct_mode_is_valid_alone_and_in_full() {
    for mode in counter().modes.iter().filter(|mode| mode.expectation == Expectation::Correct) {
        let ended = loadgen(&["--mode", mode.name, "-n", "500", "-c", "20", "-q"]).exited(0);
        for line in [
            &*format!("\nServer Mode:            {}\n", mode.name),
            "\nCorrectness:            VALID\n   Model:               fetch-and-add\n   Acknowledged:        500\n",
            "\n   Counter after:       500\n",
            "all 500 acknowledged updates are in the counter (as expected)\n",
        ] {
            assert!(ended.stdout.contains(line), "{line}: {}", ended.stdout);
        }
    }
}

#[test]
fn go_map_dies_of_its_fatal_error_which_is_told_once() {
    let arguments = ["--mode", "go-map", "-n", "20000", "-c", "50"];
    let ended = as_expected(&arguments);
    let fatal = "fatal error: concurrent map writes";
    assert_eq!(ended.stderr.matches(fatal).count(), 1, "{}", ended.stderr);
    assert_eq!(ended.stdout.matches(fatal).count(), 1, "{}", ended.stdout);
    for line in ["\n   Ended:               exit status 2 after ", "(as expected)\n"] {
        assert!(ended.stdout.contains(line), "{line}: {}", ended.stdout);
    }

    // Resets are no reason to stop here: its death is.
    let arguments = [&arguments, ["-q", "-r", "--output", "-"].as_slice()].concat();
    let comparison = as_expected(&arguments).json();
    let run = &comparison["runs"][0];
    assert_eq!(run["server"]["ended"]["how"], "exited");
    assert_eq!(run["server"]["ended"]["status"], 2);
    assert_eq!(run["server"]["findings"].as_array().unwrap().len(), 1);
    assert_eq!(run["server"]["findings"][0]["line"], fatal);
    assert_eq!(run["correctness"]["verdict"], "unknown");
    // The 50 in flight at its death, and few that were refused until it was noticed: five on
    // each connection would be a second's worth.
    let requests = &run["requests"];
    let failed = requests["fail"].as_u64().unwrap() + requests["unknown"].as_u64().unwrap();
    assert!((1..=220).contains(&failed), "{requests}");
}

#[test]
fn a_race_that_does_no_harm_is_not_as_expected_and_says_so() {
    for (mode, expected) in [("racy", "lose updates"), ("go-map", "crash")] {
        // One after the other they cannot race, whatever the window.
        let arguments = ["--mode", mode, "-n", "100", "-c", "1", "-q"];
        let ended = loadgen(&arguments).exited(1);
        let conclusion = format!(
            "{mode}: all 100 acknowledged updates are in the counter \
             (NOT as expected: it should {expected})\n"
        );
        assert!(ended.stdout.ends_with(&conclusion), "{}", ended.stdout);
        let arguments = [&arguments, ["--output", "-"].as_slice()].concat();
        let comparison = loadgen(&arguments).exited(1).json();
        assert_eq!(comparison["as_expected"], false);
        assert_eq!(comparison["runs"][0]["correctness"]["verdict"], "valid");
    }
}

#[test]
fn a_counter_that_refuses_every_request_is_not_called_correct() {
    let ended = loadgen(&["--mode", "mutex", "-n", "20", "-m", "DELETE", "-q"]).exited(3);
    let conclusion = "\nmutex: not one request was answered well (NOT as expected)\n";
    assert!(ended.stdout.ends_with(conclusion), "{}", ended.stdout);
}

#[test]
fn a_race_without_a_window_is_told_as_it_came_out() {
    let arguments = ["--mode", "racy", "--race-window", "none", "-n", "5000", "-c", "50", "-q"];
    let ended = loadgen(&arguments);
    let (code, lost) = (ended.code(), ended.stdout.contains("INVALID: "));
    assert_eq!(code, i32::from(!lost), "{}", ended.stdout);
    assert_eq!(ended.stdout.contains("were lost (as expected)"), lost, "{}", ended.stdout);
    assert_eq!(ended.stdout.contains("(NOT as expected"), !lost, "{}", ended.stdout);
}

#[test]
fn an_expected_death_does_not_hide_what_is_not_as_expected() {
    // The server of go-map dies as it should, which is no reason for a 3.
    let arguments = ["--mode", "racy,go-map", "--race-window", "none", "-n", "3000", "-c", "50"];
    let ended = loadgen(&[&arguments, ["-q"].as_slice()].concat());
    let surprises = ended.stdout.contains("NOT as expected");
    ended.exited(i32::from(surprises));
}

#[test]
fn a_run_that_is_killed_leaves_no_server_behind() {
    let process = Process::spawn(command(&["--mode", "mutex", "--duration", "60", "-c", "20"]));
    process.wait_for_stderr("Completed 10000 requests\n");
    let servers = children(process.pid().as_raw());
    assert_eq!(servers.len(), 1, "{servers:?}");
    let server = Pid::from_raw(servers[0]);
    process.signal(Signal::SIGKILL);
    let killed = Instant::now();
    let mut ended = false;
    while !ended && killed.elapsed() < Duration::from_secs(2) {
        ended = has_ended(server.as_raw());
        thread::sleep(Duration::from_millis(2));
    }
    if !ended {
        // Nor shall this test.
        kill(server, Signal::SIGKILL).unwrap();
    }
    assert!(ended, "the server outlives its parent");
}

#[test]
fn a_run_that_ends_leaves_no_server_behind() {
    let comparison = as_expected(&["-n", "4000", "-c", "50", "-q", "--output", "-"]).json();
    assert_eq!(comparison["runs"].as_array().unwrap().len(), 2);
    for run in comparison["runs"].as_array().unwrap() {
        let server = run["server"]["pid"].as_i64().unwrap();
        assert!(has_ended(server.try_into().unwrap()), "{}", run["target"]["mode"]);
        assert_eq!(run["server"]["ended"]["how"], "running");
        assert_eq!(run["server"]["ended"]["status"], Value::Null);
    }
}

/// The processes that `parent` has started.
pub(crate) fn children(parent: i32) -> Vec<i32> {
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let pid: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        (stat(pid)?.1 == parent).then_some(pid)
    });
    processes.collect()
}

/// A process that nobody has waited for yet has ended all the same.
fn has_ended(pid: i32) -> bool {
    stat(pid).is_none_or(|(state, _)| state == 'Z')
}

/// The state of a process, and its parent (`man 5 proc_pid_stat`).
fn stat(pid: i32) -> Option<(char, i32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before it may contain anything.
    let mut fields = stat.rsplit(')').next()?.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}
