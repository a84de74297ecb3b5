//! The values of options.

use std::env::VarError;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use check::Model;
use http::{HeaderName, HeaderValue};
use url::Url;

use super::{shell, suggestion};
use crate::extract::{Extract, Next, Written};
use crate::plan::{Client, ShellHint};
use crate::redirect;

/// A URL of HTTP, with or without TLS; without a scheme it is one without.
pub(super) fn url(text: &str) -> Result<Url, String> {
    // What stands before the first `://` is a scheme only if it looks like one: a query may hold
    // a URL of its own.
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let has_scheme =
        text.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(in_scheme));
    let url = if has_scheme { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    let url =
        url.map_err(|error| format!("{error}: expected http://HOST[:PORT]/PATH, or https://"))?;
    match url.scheme() {
        "http" | "https" => {}
        other => {
            return Err(format!("{other}:// is not supported: expected http:// or https://"));
        }
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("credentials do not belong in the URL: expected -A user:password".to_owned());
    }
    Ok(url)
}

/// A URL, or a path on the host of `base`.
pub(super) fn url_relative_to(base: &Url, text: &str) -> Result<Url, String> {
    let parsed = if text.starts_with('/') {
        base.join(text).map_err(|error| error.to_string())
    } else {
        url(text)
    };
    parsed.map_err(|error| format!("--read {text}: {error}"))
}

/// Attributes of an HTML tag, which end where they should: nothing of what follows is theirs.
pub(super) fn attributes(text: &str) -> Result<String, String> {
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (_, '<' | '>') => return Err(format!("expected attributes, without `{c}`")),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    match quote {
        Some(open) => Err(format!("expected attributes: the closing {open} is missing")),
        None => Ok(text.to_owned()),
    }
}

/// A whole number above zero.
pub(super) fn count<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "expected a whole number above zero".to_owned())
}

/// How many redirects are followed, at most.
pub(super) fn redirects(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number <= redirect::MOST);
    number.ok_or_else(|| {
        format!(
            "expected a whole number up to {}: more redirects than that lead in a circle",
            redirect::MOST
        )
    })
}

/// More threads than serve any purpose, and few enough for each to run at once.
pub(super) const MAX_THREADS: usize = 256;

/// A client, by its name.
pub(super) fn client(text: &str) -> Result<Client, String> {
    let known = [Client::Http1, Client::Reqwest];
    let found = known.into_iter().find(|client| client.name() == text);
    let names = known.map(Client::name);
    found.ok_or_else(|| suggestion::add("expected http1 or reqwest", text, &names))
}

/// A model, by its name.
pub(super) fn model(text: &str) -> Result<Model, String> {
    let spellings = Model::spellings();
    let names: Vec<_> = spellings.iter().filter_map(|name| name.split([':', '[']).next()).collect();
    text.parse::<Model>().map_err(|error| suggestion::add(error, text, &names))
}

/// A rule that says where one number or text stands.
pub(super) fn rule(text: &str) -> Result<Extract, String> {
    match list_rule(text)? {
        Extract::Every(_) => Err("[*] names many values: expected the place of one".to_owned()),
        one => Ok(one),
    }
}

/// A rule that says where one number or text stands, or a list of them.
pub(super) fn list_rule(text: &str) -> Result<Extract, String> {
    let names = ["only", "last", "json", "regex", "header", "prom"];
    text.parse::<Extract>().map_err(|error| suggestion::add(error, text, &names))
}

/// Where an answer says which page comes next.
pub(super) fn next_page(text: &str) -> Result<Next, String> {
    text.parse::<Next>().map_err(|_| {
        "expected link, json:/POINTER or header:NAME of a link, or PARAMETER=json:/POINTER"
            .to_owned()
    })
}

/// How much is added or taken.
pub(super) fn amount(text: &str) -> Result<Written, String> {
    let expected =
        || format!("expected a number such as 3, or 12.50, with {MOST_DECIMALS} decimals at most");
    Written::of([text]).filter(|one| one.decimals <= MOST_DECIMALS).ok_or_else(expected)
}

/// Amounts with more decimals leave too little room before the point.
pub(super) const MOST_DECIMALS: u8 = 9;

/// `model` where what is left of something is counted in steps of so many `decimals`.
pub(super) fn model_in_steps(model: Model, decimals: u8) -> Result<Model, String> {
    let too_large = || format!("{model} is too large for amounts with {decimals} decimals");
    if let Model::Accounts { floor: Some(floor) } = model {
        let floor = floor.checked_mul(10_i64.pow(u32::from(decimals)));
        return floor.map(|floor| Model::Accounts { floor: Some(floor) }).ok_or_else(too_large);
    }
    let Model::Bounded { capacity: Some(capacity) } = model else { return Ok(model) };
    let capacity = capacity.checked_mul(10_u64.pow(u32::from(decimals)));
    let capacity = capacity.filter(|capacity| u32::try_from(*capacity).is_ok());
    capacity.map(|capacity| Model::Bounded { capacity: Some(capacity) }).ok_or_else(too_large)
}

/// A number of threads.
pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let threads = text.parse().ok().filter(|threads: &NonZeroUsize| threads.get() <= MAX_THREADS);
    threads.ok_or_else(|| format!("expected a number from 1 to {MAX_THREADS}"))
}

/// A time above zero: a plain number is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let expected = || "expected a time above zero such as 30, 500ms, 10s or 2m".to_owned();
    let parsed = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|_| expected())?,
        Err(_) => humantime::parse_duration(text).map_err(|_| expected())?,
    };
    if parsed.is_zero() || parsed > LONGEST { Err(expected()) } else { Ok(parsed) }
}

/// A time, or 0.
pub(super) fn duration_or_zero(text: &str) -> Result<Duration, String> {
    if matches!(text.trim(), "0" | "0s" | "0ms") { Ok(Duration::ZERO) } else { duration(text) }
}

/// Beyond this the clock's arithmetic would have to be checked everywhere.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// A share of requests: a percentage, above 0 and below 100.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    let share = percent.map(|percent| percent / 100.0).filter(|share| *share > 0.0 && *share < 1.0);
    share.ok_or_else(|| "expected a percentage above 0% and below 100%, such as 5%".to_owned())
}

/// A percentage that is not below 0.
pub(super) fn percentage(text: &str) -> Result<f64, String> {
    let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    let percent = percent.filter(|percent| percent.is_finite() && *percent >= 0.0);
    percent.ok_or_else(|| "expected a percentage such as 5%".to_owned())
}

/// An amount of memory in bytes.
pub(super) fn size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..].to_ascii_lowercase()[..] {
        "" | "b" => Some(1),
        "k" | "kib" => Some(1 << 10),
        "m" | "mib" => Some(1 << 20),
        "g" | "gib" => Some(1 << 30),
        "kb" => Some(1_000),
        "mb" => Some(1_000_000),
        "gb" => Some(1_000_000_000),
        _ => None,
    };
    let number = digits.trim().parse::<usize>().ok().filter(|number| *number > 0);
    let bytes = number.zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    bytes.ok_or_else(|| "expected a size such as 512MiB or 2GB".to_owned())
}

/// Header fields: the one that is given, or those that a file or a variable has, a line each.
#[derive(Debug, Clone)]
pub(super) struct Fields(pub(super) Vec<(String, HeaderValue)>);

/// A header field, or where header fields stand. Their content is not in an error's text.
pub(super) fn headers(text: &str) -> Result<Fields, String> {
    let Some(place) = text.strip_prefix('@') else {
        return header(text).map(|field| Fields(vec![field]));
    };
    let content = content_of(place)?;
    let lines = content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let field = |(index, line)| {
        header(line).map_err(|_| format!("line {} of {place} is not a header field", index + 1))
    };
    lines.map(field).collect::<Result<_, _>>().map(Fields)
}

/// A header field. How the content is delimited is for loadgen to say.
fn header(text: &str) -> Result<(String, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("expected `Name: value`, or @FILE")?;
    let name = name.trim();
    let parsed: HeaderName = name.parse().map_err(|_| format!("`{name}` is not a header name"))?;
    if parsed == http::header::CONTENT_LENGTH || parsed == http::header::TRANSFER_ENCODING {
        return Err(format!("{name} follows from the content: leave it out"));
    }
    let value = HeaderValue::from_str(value.trim()).map_err(|_| {
        format!("the value of {name} has a character that is not allowed in a header")
    })?;
    Ok((name.to_owned(), value))
}

/// What a file has, or the environment variable behind `env:`. Secrets that are given so are on no
/// list of processes.
fn content_of(place: &str) -> Result<String, String> {
    let Some(name) = place.strip_prefix("env:") else {
        return std::fs::read_to_string(place)
            .map_err(|error| format!("cannot read {place}: {error}"));
    };
    std::env::var(name).map_err(|error| match error {
        VarError::NotPresent => format!("the environment variable {name} is not set"),
        VarError::NotUnicode(_) => format!("the environment variable {name} is not UTF-8"),
    })
}

/// A program and its arguments.
#[derive(Debug, Clone)]
pub(super) struct CommandLine {
    pub(super) words: Vec<OsString>,
    pub(super) shell_hint: Option<ShellHint>,
}

/// Words as a shell splits them. No shell runs them: `sh -c '…'` does.
pub(super) fn command_line(text: &str) -> Result<CommandLine, String> {
    let words = shell_words::split(text).map_err(|error| error.to_string())?;
    if words.is_empty() {
        return Err("expected a program and its arguments".to_owned());
    }
    let words = words.into_iter().map(OsString::from).collect();
    Ok(CommandLine { words, shell_hint: shell::hint(text) })
}

/// `user:password`, `@FILE` or `@env:NAME`. The content of a file is not in an error's text.
pub(super) fn credentials(text: &str) -> Result<String, String> {
    let Some(place) = text.strip_prefix('@') else {
        let expected = "expected user:password, @FILE or @env:NAME";
        return if text.contains(':') { Ok(text.to_owned()) } else { Err(expected.to_owned()) };
    };
    let content = content_of(place)?;
    let credentials = content.trim_end_matches(['\r', '\n']);
    let is_one_line = credentials.contains(':') && !credentials.contains(['\r', '\n']);
    let expected = || format!("expected one line user:password in {place}");
    is_one_line.then(|| credentials.to_owned()).ok_or_else(expected)
}

/// A token, `@FILE` or `@env:NAME`. The content of a file is not in an error's text.
pub(super) fn token(text: &str) -> Result<String, String> {
    let Some(place) = text.strip_prefix('@') else { return Ok(text.to_owned()) };
    let content = content_of(place)?;
    let token = content.trim();
    let is_one_line = !token.is_empty() && !token.contains(['\r', '\n']);
    is_one_line.then(|| token.to_owned()).ok_or_else(|| format!("expected one line in {place}"))
}

/// The value of an Authorization header (RFC 7617).
pub(super) fn basic(credentials: &str) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_needs_no_scheme() {
        for (text, expected) in [
            ("localhost", "http://localhost/"),
            ("localhost:8000/a?b#c", "http://localhost:8000/a?b#c"),
            ("HTTP://LOCALHOST:80/A", "http://localhost/A"),
            ("[::1]:8000", "http://[::1]:8000/"),
            // What looks like a scheme further on is none.
            ("localhost/?to=https://other/", "http://localhost/?to=https://other/"),
            ("HTTPS://localhost:443", "https://localhost/"),
            ("localhost:8000/http://other/", "http://localhost:8000/http://other/"),
            ("http://localhost/?to=ftp://other/", "http://localhost/?to=ftp://other/"),
        ] {
            assert_eq!(url(text).map(|url| url.to_string()).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_http_url_is_refused_with_what_would_be() {
        for (text, expected) in [
            ("", "expected http://HOST"),
            ("://localhost", "expected http://HOST"),
            ("http://", "expected http://HOST"),
            ("localhost:http", "expected http://HOST"),
            ("ws+unix://localhost", "ws+unix:// is not supported: expected http:// or https://"),
            ("me@localhost", "expected -A user:password"),
            ("http://:secret@localhost", "expected -A user:password"),
        ] {
            let error = url(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_plain_number_is_seconds() {
        for (text, ms) in
            [("30", 30_000), ("0.2", 200), (".5", 500), ("500ms", 500), ("2m", 120_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "0", "0s", "-1", "1x", "s", "nan", "inf", "1e300", "9000h"] {
            assert!(duration(text).unwrap_err().contains("such as 30, 500ms"), "{text}");
        }
    }

    #[test]
    fn counts_are_whole_and_above_zero() {
        assert_eq!(count::<NonZeroUsize>("12").map(NonZeroUsize::get), Ok(12));
        for text in ["", "0", "-1", "1.5", "1e3", "many", "99999999999999999999"] {
            assert!(count::<NonZeroUsize>(text).unwrap_err().contains("whole number"), "{text}");
        }
        let most = MAX_THREADS.to_string();
        assert_eq!(threads(&most).map(NonZeroUsize::get), Ok(MAX_THREADS));
        for text in ["0", "257", "x"] {
            assert!(threads(text).unwrap_err().contains("from 1 to 256"), "{text}");
        }
    }

    #[test]
    fn a_percentage_has_its_sign() {
        for (text, expected) in [("5%", 5.0), ("0%", 0.0), ("2.5 %", 2.5), ("150%", 150.0)] {
            assert_eq!(percentage(text), Ok(expected), "{text}");
        }
        for text in ["", "%", "5", "-1%", "nan%", "inf%", "5%%", "five%"] {
            assert_eq!(percentage(text).unwrap_err(), "expected a percentage such as 5%", "{text}");
        }
    }

    #[test]
    fn a_header_field_has_a_name_and_a_value() {
        let parts = |text: &str| {
            header(text).map(|(name, value)| format!("{name}={}", value.to_str().unwrap()))
        };
        for (text, expected) in [
            ("X-One: 1", "X-One=1"),
            ("x:1", "x=1"),
            ("Empty:", "Empty="),
            ("Time:  12:30 ", "Time=12:30"),
        ] {
            assert_eq!(parts(text).as_deref(), Ok(expected), "{text}");
        }
        for text in ["X", ": 1", "a b: 1", "x: a\nb", "Content-Length: 1", "TRANSFER-encoding: x"] {
            assert!(header(text).is_err(), "{text}");
        }
    }

    #[test]
    fn credentials_are_encoded_whole() {
        assert!(credentials("me").is_err());
        // RFC 7617's own examples; a password may hold colons.
        for (text, expected) in [
            ("Aladdin:open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ("test:123\u{a3}", "Basic dGVzdDoxMjPCow=="),
            ("a:b:c", "Basic YTpiOmM="),
        ] {
            assert_eq!(credentials(text).map(|c| basic(&c)).as_deref(), Ok(expected));
        }
    }
}
