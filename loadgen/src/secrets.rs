//! Secrets, which are shown as `***` wherever a request, a URL or a command line is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, PoisonError, RwLock};

use regex::{Captures, Regex};
use url::Url;

use crate::scenario::in_url;

/// What stands for a secret.
const MASK: &str = "***";

/// Whether the user wants to see them: one wish for the whole program, as they may be in any text.
static ARE_SHOWN: AtomicBool = AtomicBool::new(false);

/// Shows secrets as they are from now on.
pub fn show() {
    ARE_SHOWN.store(true, Ordering::Relaxed);
}

/// Texts that are secrets wherever they stand: what a scenario has from the environment.
static TEXTS: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// Hides `secret` from now on, wherever it stands; one that is too short would be in many words.
pub(crate) fn hide(secret: &str) {
    const LEAST: usize = 4;
    if secret.len() >= LEAST {
        TEXTS.write().unwrap_or_else(PoisonError::into_inner).push(secret.to_owned());
    }
}

/// What stands for `secret`.
pub(crate) fn hidden(secret: &str) -> &str {
    if are_shown() { secret } else { MASK }
}

fn are_shown() -> bool {
    ARE_SHOWN.load(Ordering::Relaxed)
}

/// The end of a name whose value is a secret, and a whole name or its last word.
const NAME: &str = r"(?:[a-z0-9_.\[-]*(?:tokens?|secrets?|passwords?|passwd|passphrase|api[-_]?keys?|signature|credentials?|private[-_]?key|access[-_]?key)|(?:[a-z0-9]+[-_.\[])*(?:key|sig|code|auth|authorization|pass|pwd|pw|jwt|otp|sid|session|session[-_]?id))\]?";

static IS_NAME: LazyLock<Regex> = LazyLock::new(|| regex(&format!("^{NAME}$")));
/// `name=value` in a query, a form or a command line; the name may be percent-encoded.
static PAIR: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(^|[?&;\s"'`{(,])([a-z0-9_.%\[\]-]+)=([^&;#\s"'`]+)"#));
/// `"name": "value"` in JSON.
static MEMBER: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r#""({NAME})"(\s*:\s*)("(?:[^"\\]|\\.)*"|[0-9.]+)"#)));
/// A header field on a line of its own.
static FIELD: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^([a-z0-9!#$%&'*+.^_|~-]+):[^\r\n]*"));
/// The password of a URL.
static USER: LazyLock<Regex> =
    LazyLock::new(|| regex(r"([a-z][a-z0-9+.-]*://[^/@\s:?#]*):[^/\s?#]*@"));

fn regex(pattern: &str) -> Regex {
    Regex::new(&format!("(?i){pattern}")).expect("the pattern is well formed")
}

/// Any text: passwords in URLs, values of queries, forms and JSON, and header fields at the
/// beginning of lines.
#[must_use]
pub fn masked(text: &str) -> String {
    if are_shown() {
        return text.to_owned();
    }
    let hidden = TEXTS.read().unwrap_or_else(PoisonError::into_inner);
    let text = hidden.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK));
    let text = USER.replace_all(&text, format!("${{1}}:{MASK}@"));
    let text = FIELD.replace_all(&text, |field: &Captures<'_>| {
        if is_secret_header(&field[1]) {
            format!("{}: {MASK}", &field[1])
        } else {
            field[0].to_owned()
        }
    });
    let text = MEMBER.replace_all(&text, format!("\"${{1}}\"${{2}}\"{MASK}\""));
    let text = PAIR.replace_all(&text, |pair: &Captures<'_>| {
        let (before, name) = (&pair[1], &pair[2]);
        let decoded = url::form_urlencoded::parse(name.as_bytes()).next();
        let decoded = decoded.map_or(name.into(), |(name, _)| name);
        if IS_NAME.is_match(decoded.trim_start_matches('-')) {
            format!("{before}{name}={MASK}")
        } else {
            pair[0].to_owned()
        }
    });
    text.into_owned()
}

/// The path and query of a URL, with its variables as they were written.
#[must_use]
pub fn masked_path(url: &Url) -> String {
    masked(&in_url(&url[url::Position::BeforePath..url::Position::AfterQuery]))
}

/// Whether the values of a header called `name` are secrets.
pub(crate) fn is_secret_header(name: &str) -> bool {
    const NO_SECRETS: [&str; 2] = ["Idempotency-Key", "Status-Code"];
    let is = |known: &&str| name.eq_ignore_ascii_case(known);
    let known = ["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Cookie2"];
    known.iter().any(is) || IS_NAME.is_match(name) && !NO_SECRETS.iter().any(is)
}

/// A command line, word by word: what follows a word such as `--token` is a secret, too.
pub(crate) fn masked_words<'w>(words: impl IntoIterator<Item = &'w str>) -> Vec<String> {
    let mut follows = false;
    let mask = |word: &str| {
        let is_secret = follows && !word.starts_with('-');
        let shown = if is_secret { hidden(word).to_owned() } else { masked(word) };
        let name = word.strip_prefix('-').map(|name| name.trim_start_matches('-'));
        follows = name.is_some_and(|name| IS_NAME.is_match(name));
        shown
    };
    words.into_iter().map(mask).collect()
}

/// A command line as a shell has it.
#[must_use]
pub fn masked_command(command: &str) -> String {
    match shell_words::split(command) {
        Ok(words) => shell_words::join(masked_words(words.iter().map(String::as_str))),
        Err(_) => masked(command),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_nothing_else_is() {
        for (text, expected) in [
            ("http://me:pa@ss@host/x?y=1", "http://me:***@host/x?y=1"),
            ("/a?token=T0P&name=i&KEY=T0P#x", "/a?token=***&name=i&KEY=***#x"),
            ("/a?X-Amz-Signature=T0P;api_key=T0P", "/a?X-Amz-Signature=***;api_key=***"),
            (
                "?accessToken=T0P&client_secret=T0P&code=T0P",
                "?accessToken=***&client_secret=***&code=***",
            ),
            ("?monkey=1&decode=2&keys=3&design=4", "?monkey=1&decode=2&keys=3&design=4"),
            ("Authorization: Bearer T0P\r\nHost: a", "Authorization: ***\r\nHost: a"),
            (
                "GET / HTTP/1.1\r\nCOOKIE: a=T0P\r\nx-api-key:T0P",
                "GET / HTTP/1.1\r\nCOOKIE: ***\r\nx-api-key: ***",
            ),
            ("Set-Cookie: sid=T0P; Path=/", "Set-Cookie: ***"),
            ("Idempotency-Key: 7", "Idempotency-Key: 7"),
            ("{\"password\": \"T0\\\"P\", \"n\": 1}", "{\"password\": \"***\", \"n\": 1}"),
            ("--db-password=T0P TOKEN=T0P", "--db-password=*** TOKEN=***"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn names_in_urls_may_be_encoded() {
        let url = |text: &str| Url::parse(text).unwrap();
        assert_eq!(
            masked(url("http://a/b?%74oken=T0P&c=d").as_str()),
            "http://a/b?%74oken=***&c=d"
        );
        assert_eq!(masked_path(&url("http://u:T0P@a/b?c=d&key=T0P#e")), "/b?c=d&key=***");
        assert_eq!(masked_path(&url("http://a/")), "/");
        assert_eq!(masked_path(&url("http://a/{{sku}}/b?n={{n}}")), "/{{sku}}/b?n={{n}}");
    }

    #[test]
    fn a_word_may_say_that_the_next_is_a_secret() {
        assert_eq!(
            masked_command("env API_TOKEN=T0P app --token T0P --port 80 --db postgres://u:T0P@h/d"),
            "env 'API_TOKEN=***' app --token '***' --port 80 --db 'postgres://u:***@h/d'"
        );
        assert_eq!(masked_command("app --key --port 80"), "app --key --port 80");
    }
}
