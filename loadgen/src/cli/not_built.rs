//! ab's flags that are not built yet: known by name, so that none is ever ignored.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// Takes the flags, hidden, so that a command line with one parses as ab's would.
#[derive(Debug)]
pub(super) struct NotBuilt;

/// A flag that is not built.
struct Flag {
    /// The flag, which is clap's name for it, too.
    name: &'static str,
    takes_value: bool,
    /// What it does in ab.
    meaning: &'static str,
    /// Why it is not there, and what to do instead.
    instead: &'static str,
}

const fn flag(
    name: &'static str,
    takes_value: bool,
    meaning: &'static str,
    instead: &'static str,
) -> Flag {
    Flag { name, takes_value, meaning, instead }
}

const PROXY: &str = "proxies are planned; until then, load the target directly";

#[rustfmt::skip] // a flag is a line
const FLAGS: [Flag; 3] = [
    flag("P", true,  "proxy authentication", PROXY),
    flag("X", true,  "a proxy", PROXY),
    flag("b", true,  "the size of socket buffers", "the kernel sizes them by itself; sysctl net.ipv4.tcp_wmem and tcp_rmem set its bounds"),
];

/// Refuses the first of the flags that is given.
pub(super) fn refuse(matches: &ArgMatches) -> Result<(), String> {
    let given = |flag: &&Flag| {
        if flag.takes_value { matches.contains_id(flag.name) } else { matches.get_flag(flag.name) }
    };
    match FLAGS.iter().find(given) {
        Some(Flag { name, meaning, instead, .. }) => {
            Err(format!("-{name} ({meaning}) is not built yet: {instead}"))
        }
        None => Ok(()),
    }
}

impl Args for NotBuilt {
    fn augment_args(command: Command) -> Command {
        command.args(FLAGS.map(|Flag { name, takes_value, .. }| {
            let action = if takes_value { ArgAction::Set } else { ArgAction::SetTrue };
            Arg::new(name).short(name.chars().next()).action(action).hide(true)
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
