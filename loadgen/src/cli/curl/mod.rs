//! A pasted `curl` command, as the options that say the same.

mod flags;

use std::ffi::OsString;

use crate::secrets::masked;
use flags::{FLAGS, Means, Special};

/// The command line with the options that `--curl COMMAND` stands for in its place.
///
/// # Errors
/// When the command is none, or has something that a load cannot take over: that is named.
pub(super) fn expanded(arguments: Vec<OsString>) -> Result<Vec<OsString>, String> {
    let mut expanded = Vec::with_capacity(arguments.len());
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        let attached = argument.to_str().and_then(|text| text.strip_prefix("--curl="));
        let command = match attached {
            Some(command) => Some(command.to_owned()),
            None if argument == "--curl" => rest.next().and_then(|next| next.into_string().ok()),
            None => None,
        };
        match command {
            Some(command) => expanded.extend(options(&command)?.into_iter().map(OsString::from)),
            None => expanded.push(argument),
        }
    }
    Ok(expanded)
}

/// The options that say what `command` does.
fn options(command: &str) -> Result<Vec<String>, String> {
    let words = shell_words::split(&without_line_ends(command));
    let words = words.map_err(|_| "--curl: a quote has no end".to_owned())?;
    let mut words = words.into_iter();
    if words.next().is_none_or(|first| first != "curl" && !first.ends_with("/curl")) {
        return Err("--curl takes a command that begins with curl".to_owned());
    }
    let mut request = Pasted::default();
    while let Some(word) = words.next() {
        request.word(&word, &mut words)?;
    }
    request.options()
}

/// A command over several lines, as a shell puts them together.
fn without_line_ends(command: &str) -> String {
    command.replace("\\\r\n", " ").replace("\\\n", " ")
}

/// So many redirects are followed where the command does not say how many: curl's own 50 lead nowhere.
const MOST_REDIRECTS: &str = "10";

/// What has been read of a command.
#[derive(Default)]
struct Pasted {
    options: Vec<String>,
    url: Option<String>,
    data: Vec<String>,
    has_binary: bool,
    has_type: bool,
    is_get: bool,
    redirects: Redirects,
}

/// Whether redirects are followed, and how many at most.
#[derive(Default)]
struct Redirects {
    are_followed: bool,
    most: Option<String>,
}

impl Pasted {
    fn word(&mut self, word: &str, rest: &mut impl Iterator<Item = String>) -> Result<(), String> {
        if let Some(long) = word.strip_prefix("--") {
            // curl takes no `--name=value`.
            let means = FLAGS.iter().find(|(_, name, _)| *name == long).map(|flag| flag.2);
            return self.flag(word, means, None, rest);
        }
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            return self.set_url(word);
        };
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            let means = FLAGS.iter().find(|(short, ..)| *short == Some(letter)).map(|flag| flag.2);
            let name = format!("-{letter}");
            if means.is_some_and(Means::takes_value) {
                let attached = Some(letters.as_str()).filter(|text| !text.is_empty());
                return self.flag(&name, means, attached, rest);
            }
            self.flag(&name, means, None, rest)?;
        }
        Ok(())
    }

    fn flag(
        &mut self,
        name: &str,
        means: Option<Means>,
        attached: Option<&str>,
        rest: &mut impl Iterator<Item = String>,
    ) -> Result<(), String> {
        let mut value = || {
            let found = attached.map(str::to_owned).or_else(|| rest.next());
            found.ok_or_else(|| format!("--curl: {name} has no value"))
        };
        match means {
            Some(Means::Nothing) => {}
            Some(Means::NothingOfValue) => drop(value()?),
            Some(Means::Flag(ours)) => self.options.push(ours.to_owned()),
            Some(Means::Same(ours)) => {
                let value = value()?;
                if ours == "-H" {
                    self.header(&value)?;
                }
                self.options.extend([ours.to_owned(), value]);
            }
            Some(Means::Header(ours)) => {
                self.options.extend(["-H".to_owned(), format!("{ours}: {}", value()?)]);
            }
            Some(Means::Special(special)) => {
                let value =
                    if Means::Special(special).takes_value() { value()? } else { String::new() };
                self.special(special, value)?;
            }
            Some(Means::Refused(why)) => {
                return Err(format!("--curl: {name} is not supported: {why}"));
            }
            None => {
                return Err(format!(
                    "--curl: {name} is not supported: leave it out, or say it in loadgen's own options"
                ));
            }
        }
        Ok(())
    }

    fn header(&mut self, value: &str) -> Result<(), String> {
        let name = value.split([':', ';']).next().unwrap_or_default();
        self.has_type |= name.eq_ignore_ascii_case("content-type");
        let takes_away = value.trim_end().ends_with([':', ';']) && !value.starts_with('@');
        if takes_away {
            return Err(format!("--curl: -H '{value}' is not supported: it has no value"));
        }
        Ok(())
    }

    fn special(&mut self, special: Special, value: String) -> Result<(), String> {
        match special {
            Special::Url => return self.set_url(&value),
            Special::Get => self.is_get = true,
            Special::Location => self.redirects.are_followed = true,
            Special::MaxRedirs => self.redirects.most = Some(value),
            Special::Compressed => {
                let codings = "Accept-Encoding: gzip, deflate, br, zstd";
                self.options.extend(["-H".to_owned(), codings.to_owned()]);
            }
            Special::Cookie if !value.contains('=') => {
                return Err(
                    "--curl: -b with a file is not supported: expected name=value".to_owned()
                );
            }
            Special::Cookie => self.options.extend(["-H".to_owned(), format!("Cookie: {value}")]),
            Special::FormString if value.contains("=@") || value.contains("=<") => {
                return Err(
                    "--curl: --form-string with a value that begins with @ or < is not supported"
                        .to_owned(),
                );
            }
            Special::FormString => self.options.extend(["--form".to_owned(), value]),
            Special::Data if value.starts_with('@') => {
                return Err(
                    "--curl: -d @FILE drops the ends of lines: expected --data-binary @FILE"
                        .to_owned(),
                );
            }
            Special::DataRaw if value.starts_with('@') => {
                return Err("--curl: --data-raw with a value that begins with @ is not supported"
                    .to_owned());
            }
            Special::DataBinary => {
                self.has_binary |= value.starts_with('@');
                self.data.push(value);
            }
            Special::Data | Special::DataRaw => self.data.push(value),
        }
        Ok(())
    }

    fn set_url(&mut self, url: &str) -> Result<(), String> {
        match self.url.replace(url.to_owned()) {
            None => Ok(()),
            Some(first) => {
                let [first, url] = [&first, url].map(masked);
                Err(format!("--curl: expected one URL, not {first} and {url}"))
            }
        }
    }

    fn options(mut self) -> Result<Vec<String>, String> {
        let mut url = self.url.take().ok_or("--curl: there is no URL in the command")?;
        if self.has_binary && self.data.len() > 1 {
            return Err("--curl: a file beside other data is not supported".to_owned());
        }
        let data = (!self.data.is_empty()).then(|| self.data.join("&"));
        match data {
            Some(data) if self.is_get => {
                let joint = if url.contains('?') { '&' } else { '?' };
                url = format!("{url}{joint}{}", data.replace(' ', "+"));
            }
            Some(data) => {
                self.options.extend(["--data".to_owned(), data]);
                if !self.has_type {
                    self.options
                        .extend(["-T", "application/x-www-form-urlencoded"].map(str::to_owned));
                }
            }
            None => {}
        }
        // Without -L, curl follows none.
        if self.redirects.are_followed {
            let most = self.redirects.most.unwrap_or_else(|| MOST_REDIRECTS.to_owned());
            self.options.extend(["--follow".to_owned(), most]);
        }
        self.options.push(url);
        Ok(self.options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_taken_over(command: &str, expected: &[&str]) {
        assert_eq!(
            options(command).as_deref(),
            Ok(&expected.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()[..]),
            "{command}"
        );
    }

    #[test]
    fn a_pasted_command_becomes_the_options_that_say_the_same() {
        const FORM: &str = "application/x-www-form-urlencoded";
        for (command, expected) in [
            ("curl http://h/", &["http://h/"][..]),
            (
                "curl -X POST -H 'a: b' -d '{\"x\":1}' -H 'Content-Type: application/json' https://h/p",
                &[
                    "--method",
                    "POST",
                    "-H",
                    "a: b",
                    "-H",
                    "Content-Type: application/json",
                    "--data",
                    "{\"x\":1}",
                    "https://h/p",
                ],
            ),
            (
                "curl -sSfXPUT -da=1 -d b=2 h",
                &["--method", "PUT", "--data", "a=1&b=2", "-T", FORM, "h"],
            ),
            (
                "curl 'https://h/' \\\n  -H 'a: b' \\\n  --compressed",
                &["-H", "a: b", "-H", "Accept-Encoding: gzip, deflate, br, zstd", "https://h/"],
            ),
            ("curl -u me:secret -k --url h", &["-A", "me:secret", "--insecure", "h"]),
            (
                "curl -b 'a=1; b=2' -A x -e y h",
                &["-H", "Cookie: a=1; b=2", "-H", "User-Agent: x", "-H", "Referer: y", "h"],
            ),
            ("curl -G -d 'a=b c' 'h/?x=1'", &["h/?x=1&a=b+c"]),
            (
                "curl --data-binary @f -o /dev/null -w '%{http_code}' h",
                &["--data", "@f", "-T", FORM, "h"],
            ),
            (
                "curl --json '{}' -F a=b -m 5 --http2 -x p:1 h",
                &["--json", "{}", "--form", "a=b", "-s", "5", "--http2", "--proxy", "p:1", "h"],
            ),
            ("/usr/bin/curl -I h", &["-i", "h"]),
            ("curl -sL h", &["--follow", "10", "h"]),
            ("curl --max-redirs 3 --location -k h", &["--insecure", "--follow", "3", "h"]),
            ("curl --max-redirs 3 h", &["h"]),
        ] {
            is_taken_over(command, expected);
        }
    }

    #[test]
    fn what_is_not_taken_over_is_named() {
        for (command, expected) in [
            ("wget http://h/", "begins with curl"),
            ("curl", "no URL"),
            ("curl 'h", "a quote has no end"),
            ("curl --location-trusted h", "a load stays with one service: expected -L"),
            ("curl --retry 3 h", "--retry is not supported"),
            ("curl --unknown h", "--unknown is not supported"),
            ("curl -Z h", "-Z is not supported"),
            ("curl -d @f h", "-d @FILE drops the ends of lines"),
            ("curl --data-raw @f h", "--data-raw with a value that begins with @"),
            ("curl -H 'Accept:' h", "-H 'Accept:' is not supported"),
            ("curl -b jar h", "-b with a file"),
            ("curl a b", "expected one URL, not a and b"),
            ("curl h -X", "-X has no value"),
            ("curl --data-binary @f -d a=b h", "a file beside other data"),
        ] {
            let error = options(command).unwrap_err();
            assert!(error.contains(expected), "{command}: {error}");
        }
    }

    #[test]
    fn it_stands_where_its_options_would() {
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        for line in [
            &["loadgen", "--curl", "curl -k h", "-n", "5"][..],
            &["loadgen", "--curl=curl -k h", "-n", "5"],
        ] {
            let expected = words(&["loadgen", "--insecure", "h", "-n", "5"]);
            assert_eq!(expanded(words(line)), Ok(expected));
        }
    }
}
