//! The command line, as it is shown: quoted for a shell, its secrets masked.

use std::ffi::OsString;
use std::path::Path;

use clap::CommandFactory as _;

use super::options::Cli;
use crate::escape;
use crate::secrets::{hidden, is_secret_header, masked, masked_command};

/// A word of a command line, or the value in it, and how it is shown.
pub(super) struct Word {
    pub(super) given: String,
    pub(super) shown: String,
    /// Where in both the value of an option begins.
    pub(super) value: usize,
}

/// The whole line; the program by its name alone.
pub(super) fn command_line(arguments: &[OsString]) -> String {
    let program = arguments.first().and_then(|program| Path::new(program).file_name());
    let program = program.map_or("loadgen".into(), |name| name.to_string_lossy());
    let words = words(arguments);
    let words = words.iter().map(|word| word.shown.as_str());
    escape::line(&shell_words::join(std::iter::once(&*program).chain(words)))
}

/// The words behind the program's name.
pub(super) fn words(arguments: &[OsString]) -> Vec<Word> {
    let takes_value = values_taken();
    // The option whose value is the next word.
    let mut open: Option<String> = None;
    let mut words = Vec::new();
    for argument in arguments.iter().skip(1) {
        let given = argument.to_string_lossy().into_owned();
        let option = match open.take() {
            Some(name) => Some((name, 0)),
            None => match opened(&given, &takes_value) {
                Some((name, Some(value))) => Some((name, value)),
                Some((name, None)) => {
                    open = Some(name);
                    None
                }
                None => None,
            },
        };
        let (shown, value) = match option {
            Some((name, value)) => {
                (given[..value].to_owned() + &masked_value(&name, &given[value..]), value)
            }
            None => (masked_plain(&given), 0),
        };
        words.push(Word { given, shown, value });
    }
    words
}

/// The names of options that take values, with their dashes.
fn values_taken() -> Vec<String> {
    let cli = Cli::command();
    let commands = std::iter::once(&cli).chain(cli.get_subcommands());
    let options = commands.flat_map(clap::Command::get_arguments);
    let options = options.filter(|option| option.get_action().takes_values());
    let names = options.flat_map(|option| {
        let short = option.get_short().map(|short| format!("-{short}"));
        let long = option.get_long().map(|long| format!("--{long}"));
        short.into_iter().chain(long)
    });
    names.collect()
}

/// The option that takes a value in this word: its name, and where in the word the value begins, if
/// it does not follow.
fn opened(word: &str, takes_value: &[String]) -> Option<(String, Option<usize>)> {
    let takes = |name: &str| takes_value.iter().any(|taking| taking == name);
    if word.starts_with("--") {
        let (name, start) = match word.find('=') {
            Some(end) => (&word[..end], Some(end + 1)),
            None => (word, None),
        };
        return takes(name).then(|| (name.to_owned(), start));
    }
    let flags = word.strip_prefix('-')?;
    let (at, flag) = flags.char_indices().find(|(_, flag)| takes(&format!("-{flag}")))?;
    let start = 1 + at + flag.len_utf8();
    let start = if word[start..].starts_with('=') { start + 1 } else { start };
    Some((format!("-{flag}"), (start < word.len()).then_some(start)))
}

fn masked_value(option: &str, value: &str) -> String {
    match option {
        // Where a secret stands is none.
        "-A" | "--bearer" | "-P" | "--proxy-user" | "-H" | "--header" if value.starts_with('@') => {
            value.to_owned()
        }
        "-A" | "--bearer" | "-P" | "--proxy-user" => hidden(value).to_owned(),
        "-C" => match value.split_once('=') {
            Some((name, cookie)) => format!("{name}={}", hidden(cookie)),
            None => hidden(value).to_owned(),
        },
        "-H" | "--header" => match value.split_once(':') {
            Some((name, field)) if is_secret_header(name.trim()) => {
                format!("{name}: {}", hidden(field.trim_start()))
            }
            _ => masked(value),
        },
        "--exec" => masked_command(value),
        _ => masked_plain(value),
    }
}

/// A URL may have no scheme, but a password all the same.
fn masked_plain(text: &str) -> String {
    let text = masked(text);
    let authority = text.split(['/', '?', '#']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':'));
    match user {
        Some((name, password)) if !text.contains("://") => {
            let rest = &text[name.len() + 1 + password.len()..];
            format!("{name}:{}{rest}", hidden(password))
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(arguments: &[&str]) -> String {
        let arguments = ["/usr/bin/loadgen"].iter().chain(arguments).map(OsString::from);
        command_line(&arguments.collect::<Vec<_>>())
    }

    #[test]
    fn a_command_line_is_shown_without_its_secrets() {
        for (arguments, expected) in [
            (&["-n", "5", "x/?a b"][..], "loadgen -n 5 'x/?a b'"),
            (&["-A", "me:T0P", "x"], "loadgen -A '***' x"),
            (&["-Ame:T0P", "x"], "loadgen '-A***' x"),
            (&["-kAme:T0P", "x"], "loadgen '-kA***' x"),
            (&["-kA", "me:T0P", "x"], "loadgen -kA '***' x"),
            (&["-A", "@env:CREDENTIALS", "x"], "loadgen -A @env:CREDENTIALS x"),
            (&["-P", "me:T0P"], "loadgen -P '***'"),
            (&["--proxy-user=me:T0P"], "loadgen '--proxy-user=***'"),
            (&["--proxy", "me:T0P@p:1"], "loadgen --proxy 'me:***@p:1'"),
            (&["--proxy", "socks5://me:T0P@p:1"], "loadgen --proxy 'socks5://me:***@p:1'"),
            (&["-C", "sid=T0P"], "loadgen -C 'sid=***'"),
            (&["-C", "T0P"], "loadgen -C '***'"),
            (&["-H", "Authorization: Bearer T0P"], "loadgen -H 'Authorization: ***'"),
            (&["--header=x-api-key:T0P"], "loadgen '--header=x-api-key: ***'"),
            (&["-H", "X-One: 1"], "loadgen -H 'X-One: 1'"),
            (&["me:T0P@host/x"], "loadgen 'me:***@host/x'"),
            (&["http://me:T0P@host/x?token=T0P"], "loadgen 'http://me:***@host/x?token=***'"),
            (&["--read", "/a?access_token=T0P"], "loadgen --read '/a?access_token=***'"),
            (&["--data", "password=T0P&a=1"], "loadgen --data 'password=***&a=1'"),
            (&["--exec", "app -k --token=T0P"], r"loadgen --exec 'app -k '\''--token=***'\'"),
            (&["--data", "a\n\u{1b}b"], r"loadgen --data 'a\n\u{1b}b'"),
        ] {
            let shown = shown(arguments);
            assert!(!shown.contains("T0P"), "{shown}");
            assert!(shown.starts_with(expected), "{shown}: {expected}");
        }
    }
}
