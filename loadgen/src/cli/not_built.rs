//! ab's flags that are not built yet: known by name, so that none is ever ignored.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// Takes the flags, hidden, so that a command line with one parses as ab's would.
#[derive(Debug)]
pub(super) struct NotBuilt;

/// The flag (and clap's name for it), whether it takes a value, and what it does in ab.
const FLAGS: [(&str, bool, &str); 14] = [
    ("P", true, "proxy authentication"),
    ("X", true, "a proxy"),
    ("b", true, "the size of socket buffers"),
    ("B", true, "the address to bind to"),
    ("w", false, "HTML output"),
    ("x", true, "attributes of the HTML table"),
    ("y", true, "attributes of the HTML rows"),
    ("z", true, "attributes of the HTML cells"),
    ("g", true, "a TSV file of all requests"),
    ("e", true, "a CSV file of percentiles"),
    ("Z", true, "TLS ciphers"),
    ("f", true, "the TLS version"),
    ("E", true, "a TLS client certificate"),
    ("I", false, "no TLS server name"),
];

/// Refuses the first of the flags that is given.
pub(super) fn refuse(matches: &ArgMatches) -> Result<(), String> {
    let given = |(flag, takes_value, _): &&(&str, bool, &str)| {
        if *takes_value { matches.contains_id(flag) } else { matches.get_flag(flag) }
    };
    match FLAGS.iter().find(given) {
        Some((flag, _, meaning)) => Err(format!("-{flag} ({meaning}) is not built yet")),
        None => Ok(()),
    }
}

impl Args for NotBuilt {
    fn augment_args(command: Command) -> Command {
        command.args(FLAGS.map(|(flag, takes_value, _)| {
            let action = if takes_value { ArgAction::Set } else { ArgAction::SetTrue };
            Arg::new(flag).short(flag.chars().next()).action(action).hide(true)
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for NotBuilt {
    fn from_arg_matches(_: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self)
    }

    fn update_from_arg_matches(&mut self, _: &ArgMatches) -> Result<(), clap::Error> {
        Ok(())
    }
}
