//! What ab writes to files and as HTML, beside what we do: the same lines with other numbers in them.

use std::process::Command;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::loadgen;
use crate::services::leave_out;

/// Answers as any server does that does not keep connections, as ab without `-k` asks for.
fn server() -> ByteServer {
    ByteServer::start(|_, _| Reaction::AnswerAndClose(answer(200, "hello")))
}

/// What ab prints, where it is installed.
fn ab(arguments: &[&str]) -> Option<String> {
    let Ok(output) = Command::new("ab").args(arguments).output() else {
        leave_out("there is no ab (scripts/setup installs it)");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Every number as a `0`: what is left is what there is besides.
fn without_numbers(text: &str) -> String {
    let mut shape = String::new();
    for c in text.chars() {
        let is_digit = c.is_ascii_digit();
        if is_digit && shape.ends_with('0') {
            continue;
        }
        shape.push(if is_digit { '0' } else { c });
    }
    shape
}

/// Both write a file of `option`: what ab writes, and what we do.
fn files(option: &str) -> Option<[String; 2]> {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let [theirs, ours] =
        ["ab", "loadgen"].map(|name| folder.path().join(name).display().to_string());
    let url = server.url("/x");
    ab(&["-q", "-n", "30", "-c", "3", option, &theirs, &url])?;
    loadgen(&["-q", "-n", "30", "-c", "3", "--no-keep-alive", option, &ours, &url]).exited(0);
    Some([theirs, ours].map(|path| std::fs::read_to_string(path).unwrap()))
}

#[test]
fn percentiles_are_in_its_rows() {
    let Some([theirs, ours]) = files("-e") else { return };
    let percentages = |text: &str| -> Vec<String> {
        text.lines().map(|line| without_numbers(line.split_once(',').unwrap().1)).collect()
    };
    let labels = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split_once(',').unwrap().0.to_owned()).collect()
    };
    assert_eq!(labels(&ours), labels(&theirs));
    assert_eq!(percentages(&ours), percentages(&theirs));
}

#[test]
fn requests_are_in_its_columns_and_its_order() {
    let Some([theirs, ours]) = files("-g") else { return };
    // A day, a month and the zone's time are the same.
    let shape = |text: &str| -> Vec<String> { text.lines().map(without_numbers).collect() };
    assert_eq!(shape(&ours), shape(&theirs));
    let hour = |text: &str| text.lines().nth(1).unwrap()[..13].to_owned();
    let seconds = |text: &str| -> i64 {
        text.lines().nth(1).unwrap().split('\t').nth(1).unwrap().parse().unwrap()
    };
    // Unless an hour begins between the two.
    if seconds(&theirs) / 3600 == seconds(&ours) / 3600 {
        assert_eq!(hour(&ours), hour(&theirs));
    }
    let totals = ours.lines().skip(1).map(|line| line.split('\t').nth(4).unwrap());
    let totals: Vec<u64> = totals.map(|total| total.parse().unwrap()).collect();
    assert!(totals.len() == 30 && totals.is_sorted(), "{totals:?}");
}

#[test]
fn the_table_has_its_rows() {
    let server = server();
    let url = server.url("/x");
    let style = ["-w", "-x", "border=1", "-y", "class=r", "-z", "class='c'"];
    let Some(theirs) = ab(&[&["-q", "-n", "30", "-c", "3"], &style[..], &[&url]].concat()) else {
        return;
    };
    let load = ["-q", "-n", "30", "-c", "3", "--no-keep-alive"];
    let ours = loadgen(&[&load, &style[..], &[&url]].concat()).exited(0).stdout;
    let (_, theirs) = theirs.split_once("<table").unwrap();
    let (_, ours) = ours.split_once("<table").unwrap();
    // Numbers are aligned with blanks.
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(|line| without_numbers(&line.replace(' ', ""))).collect()
    };
    assert_eq!(lines(ours), lines(theirs));
}
