//! What is wrong with a command line, in a line.

use std::ffi::OsString;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::options::Cli;
use super::{echo, suggestion};
use crate::escape;
use crate::exit::{Conclusion, Exit};
use crate::secrets::masked;

/// What `error` says of the command line, without the secrets that stand in it.
///
/// `None` where it is no error but asks for help or the version.
#[must_use]
pub fn refusal(error: &clap::Error, arguments: &[OsString]) -> Option<Conclusion> {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return None;
    }
    let option = suggested_option(error);
    // What is obeyed by a terminal goes first: without the styles that are clap's, what is left of
    // it would not be known again.
    let (obeyed, masks): (Vec<_>, Vec<_>) =
        unlike(arguments).into_iter().partition(|(given, _)| escape::line(given) != *given);
    let styled = error.render().ansi().to_string();
    let styled = obeyed.iter().fold(styled, |text, (given, shown)| text.replace(given, shown));
    let mut text = anstream::adapter::strip_str(&styled).to_string();
    if option.is_some() {
        text = without_tips(&text);
    }
    for (given, shown) in masks {
        // A short one may be part of any word.
        text = match given.chars().count() {
            ..=3 => text.replace(&format!("'{given}'"), &format!("'{shown}'")),
            _ => text.replace(&given, &shown),
        };
    }
    let hint = option.map(|option| format!("; did you mean '{option}'?")).unwrap_or_default();
    Some(Conclusion { exit: Exit::Usage, reason: one_line(&masked(&text)) + &hint })
}

/// What is given, and how it is shown, wherever that differs; the longest first.
fn unlike(arguments: &[OsString]) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for echo::Word { given, shown, value } in echo::words(arguments) {
        pairs.push((given[value..].to_owned(), escape::line(&shown[value..])));
        pairs.push((given, escape::line(&shown)));
    }
    pairs.retain(|(given, shown)| given != shown && !given.is_empty());
    pairs.sort_by_key(|(given, _)| std::cmp::Reverse(given.len()));
    pairs
}

/// The option that may have been meant by one that there is not.
fn suggested_option(error: &clap::Error) -> Option<String> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else { return None };
    let word = given.strip_prefix("--")?;
    let word = word.split('=').next().unwrap_or(word);
    let cli = Cli::command();
    let options = cli.get_arguments().filter_map(clap::Arg::get_long);
    suggestion::nearest(word, options).map(|name| format!("--{name}"))
}

fn without_tips(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("tip:"));
    lines.collect::<Vec<_>>().join("\n")
}

/// clap's message in one line, without what it says of the usage in general.
fn one_line(text: &str) -> String {
    let text = text.split("\n\nUsage:").next().unwrap_or(text);
    let text = text.split("\n\nFor more information").next().unwrap_or(text);
    let text = text.trim().strip_prefix("error: ").unwrap_or(text.trim());
    let mut joined = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let gap = match joined.chars().last() {
            None => "",
            Some(':') => " ",
            Some(_) => "; ",
        };
        joined = joined + gap + line;
    }
    joined
}
