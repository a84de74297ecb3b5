//! Help: a short one, all of it, and topics.

use clap::{Arg, Command, CommandFactory as _};

use super::options::Cli;
use super::suggestion;

/// A topic, and the heading of its options.
const TOPICS: [(&str, &str); 8] = [
    ("load", "Load"),
    ("requests", "Request"),
    ("connections", "Connections"),
    ("tls", "TLS"),
    ("judging", "Judging"),
    ("server", "Server under test"),
    ("specimens", "Specimens"),
    ("output", "Output"),
];

const EXIT_CODES: &str = "exit-codes";

/// The options that most runs take: the others are left out of `-h`.
const COMMON: [&str; 20] = [
    "url",
    "requests",
    "concurrency",
    "duration",
    "rate",
    "method",
    "data",
    "json",
    "headers",
    "bearer",
    "insecure",
    "read",
    "model",
    "answers",
    "exec",
    "workload",
    "mode",
    "output",
    "html",
    "dry_run",
];

/// The command line, whose `-h` fits a screen.
pub(super) fn command() -> Command {
    let is_common = |arg: &Arg| COMMON.contains(&arg.get_id().as_str());
    let hide = |arg: Arg| if is_common(&arg) { arg } else { arg.hide_short_help(true) };
    Cli::command().mut_args(hide)
}

/// What is to be read about `topic`: the options of a heading, a command, or the exit codes; without
/// one, everything.
pub(super) fn about(topic: Option<&str>) -> Result<String, String> {
    let mut program = Cli::command();
    let Some(topic) = topic else { return Ok(program.render_long_help().to_string()) };
    if topic == EXIT_CODES {
        return Ok(exit_codes());
    }
    if let Some((_, heading)) = TOPICS.iter().find(|(name, _)| *name == topic) {
        return Ok(of_heading(heading));
    }
    program.build();
    if let Some(command) = program.find_subcommand_mut(topic) {
        return Ok(command.render_long_help().to_string());
    }
    let topics = TOPICS.iter().map(|(name, _)| *name).chain([EXIT_CODES]);
    let commands = program.get_subcommands().filter(|command| !command.is_hide_set());
    let names: Vec<_> = topics.chain(commands.map(Command::get_name)).collect();
    let expected = format!("`{topic}` is not a topic: expected {}", names.join(", "));
    Err(suggestion::add(expected, topic, &names))
}

/// The options under this heading, and nothing else of the program's help.
fn of_heading(heading: &str) -> String {
    let hide = |arg: Arg| {
        let is_there = arg.get_help_heading() == Some(heading);
        if is_there { arg } else { arg.hide(true) }
    };
    let program = Cli::command().mut_args(hide).mut_subcommands(|command| command.hide(true));
    let mut program = program
        .override_usage("loadgen [OPTIONS] [URL]")
        .about(None::<&str>)
        .long_about(None::<&str>)
        .after_help(None::<&str>)
        .disable_help_flag(true);
    program.render_long_help().to_string()
}

fn exit_codes() -> String {
    "0  the run came to its end; the verdict is valid, or there was nothing to judge;\n   \
        and every threshold held\n\
     1  the verdict is invalid; or a verdict was asked for, and it is unknown, or the target\n   \
        stalled; or the server's output says that something went wrong\n\
     2  wrong usage; no load was sent\n\
     3  the target could not be reached, died or answered no request successfully, or the run\n   \
        was cut short\n\
     4  a threshold was crossed, or `compare` found a regression\n\n\
     If several of these are true, the first in this order counts: 1 if the answers prove an\n\
     anomaly; 3; 1 for everything else; 4. If the code is not 0, the last line on standard error\n\
     says why.\n"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_short_help_has_the_common_options_and_is_short() {
        let short = command().render_help().to_string();
        assert!(short.lines().count() < 100, "{short}");
        for option in ["--requests", "--concurrency", "--read", "--model", "--exec", "--json"] {
            assert!(short.contains(option), "{option}: {short}");
        }
        assert!(!short.contains("--stages") && !short.contains("--ciphers"), "{short}");
        let ids = Cli::command().get_arguments().map(|arg| arg.get_id().to_string()).collect();
        let ids: BTreeSet<String> = ids;
        assert!(COMMON.iter().all(|common| ids.contains(*common)));
    }

    /// Each option is under the heading of one topic.
    #[test]
    fn topics_have_all_options() {
        let texts: Vec<_> = TOPICS.iter().map(|(topic, _)| about(Some(topic)).unwrap()).collect();
        let program = Cli::command();
        let shown = program.get_arguments().filter(|arg| !arg.is_hide_set());
        for long in shown.filter_map(Arg::get_long) {
            let name = format!("--{long}");
            let has = |text: &&String| text.split([' ', '\n', ',', '=']).any(|word| word == name);
            assert_eq!(texts.iter().filter(has).count().min(1), 1, "{name}");
        }
        assert!(texts[0].contains("--stages") && !texts[0].contains("--cacert"), "{}", texts[0]);
        assert!(about(Some("check")).unwrap().contains("--initial"));
        assert!(about(Some(EXIT_CODES)).unwrap().starts_with("0  the run came to its end"));
        assert!(about(None).unwrap().contains("--stages"));
        let error = about(Some("judgin")).unwrap_err();
        assert!(error.contains("did you mean `judging`"), "{error}");
    }
}
