//! Completions and manual pages, as shells and `man` take them.

use std::process::Command;

use crate::program::{PROGRAM, loadgen};
use crate::services::leave_out;

/// Has a real bash complete the last of `words`, by the completions of the program.
fn completed(words: &[&str]) -> Vec<String> {
    const SCRIPT: &str = r#"
        source <("$PROGRAM" completions bash) || exit 1
        function=$(complete -p loadgen | sed -n 's/.*-F \([^ ]*\).*/\1/p')
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        "$function" loadgen "${COMP_WORDS[$COMP_CWORD]}" "${COMP_WORDS[$((COMP_CWORD - 1))]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", SCRIPT, "bash"]).args(words).env("PROGRAM", PROGRAM);
    let output = bash.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && stderr.is_empty(), "{stderr}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_options_values_and_commands() {
    assert_eq!(completed(&["loadgen", "--conc"]), ["--concurrency"]);
    assert_eq!(completed(&["loadgen", "--color", "al"]), ["always"]);
    assert_eq!(completed(&["loadgen", "compl"]), ["completions"]);
    assert_eq!(completed(&["loadgen", "check", "--jun"]), ["--junit"]);
    // What is hidden is nobody's.
    assert_eq!(completed(&["loadgen", "superv"]), [""]);
    assert!(!completed(&["loadgen", "-"]).contains(&"-b".to_owned()));
}

#[test]
fn man_shows_the_page_without_a_complaint() {
    if Command::new("man").arg("--version").output().is_err() {
        return leave_out("there is no man (scripts/setup installs it)");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("loadgen.1");
    std::fs::write(&path, loadgen(&["man"]).exited(0).stdout).unwrap();
    let mut man = Command::new("man");
    man.args(["--warnings", "-l"]).arg(&path).env("MANWIDTH", "200").env("LC_ALL", "C.UTF-8");
    let output = man.output().unwrap();
    let (text, complaints) = (String::from_utf8(output.stdout).unwrap(), output.stderr);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&complaints));
    assert!(text.contains("--concurrency") && text.contains("NAME"), "{text}");
    assert!(complaints.is_empty(), "{}", String::from_utf8_lossy(&complaints));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    for what in [&["man"][..], &["completions", "bash"]] {
        let script =
            format!("{PROGRAM} {} | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}", what.join(" "));
        let output = Command::new("bash").args(["--norc", "-c", &script]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
