//! The values of options.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue};
use url::Url;

/// An `http` URL, with or without its scheme.
pub(super) fn url(text: &str) -> Result<Url, String> {
    let url =
        if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    let url = url.map_err(|error| format!("{error}: expected http://HOST[:PORT]/PATH"))?;
    match url.scheme() {
        "http" => {}
        "https" => return Err("https is not built yet: expected http://".to_owned()),
        other => return Err(format!("{other}:// is not spoken here: expected http://")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("credentials do not belong into the URL: expected -A user:password".to_owned());
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

/// A time above zero: a plain number is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let expected = || "expected a time above zero such as 30, 500ms, 10s or 2m".to_owned();
    let parsed = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|_| expected())?,
        Err(_) => humantime::parse_duration(text).map_err(|_| expected())?,
    };
    if parsed.is_zero() || parsed > LONGEST { Err(expected()) } else { Ok(parsed) }
}

/// Beyond this the clock's arithmetic would have to be checked everywhere.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// A header field. How the content is delimited is for loadgen to say.
pub(super) fn header(text: &str) -> Result<(String, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("expected `Name: value`")?;
    let name = name.trim();
    let parsed: HeaderName = name.parse().map_err(|_| format!("`{name}` is no header name"))?;
    if parsed == http::header::CONTENT_LENGTH || parsed == http::header::TRANSFER_ENCODING {
        return Err(format!("{name} follows from the content: leave it out"));
    }
    let value = HeaderValue::from_str(value.trim())
        .map_err(|_| format!("the value of {name} has a character that no header may have"))?;
    Ok((name.to_owned(), value))
}

/// `user:password`.
pub(super) fn credentials(text: &str) -> Result<String, String> {
    if text.contains(':') { Ok(text.to_owned()) } else { Err("expected user:password".to_owned()) }
}

/// The value of an Authorization header (RFC 7617).
pub(super) fn basic(credentials: &str) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}
