//! The content of an answer as text of a known kind.

use std::borrow::Cow;

use super::coding;
use super::found::Reason;
use super::json::Json;
use super::prom;
use super::steps::Steps;

/// The content of an answer as it came, and what its head says of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Body<'r> {
    /// As far as it was kept.
    pub(crate) bytes: &'r [u8],
    /// Whether that is all of it.
    pub(crate) is_whole: bool,
    /// More than this is neither kept nor decoded.
    pub(crate) limit: usize,
    /// Content-Type; empty where there is none.
    pub(crate) content_type: &'r str,
    /// Content-Encoding; empty where there is none.
    pub(crate) encoding: &'r str,
}

/// What a text is.
#[derive(Debug)]
pub(super) enum Kind {
    /// It says so, and is not.
    NotJson,
    Html,
    Xml,
    /// A page of metrics.
    Metrics,
    Text,
}

impl<'r> Body<'r> {
    /// The text, decoded; there is some.
    pub(crate) fn text(&self) -> Result<Cow<'r, str>, Reason> {
        let text = self.text_if_any()?;
        if text.trim_ascii().is_empty() { Err(Reason::Empty) } else { Ok(text) }
    }

    /// The text, decoded, which may be empty.
    pub(crate) fn text_if_any(&self) -> Result<Cow<'r, str>, Reason> {
        if !self.is_whole {
            return Err(Reason::TooLong(self.limit));
        }
        let bytes = coding::decoded(self.bytes, self.encoding, self.limit)?;
        coding::text(bytes, self.charset())
    }

    /// The same, or what of it can be shown.
    pub(crate) fn shown(&self) -> String {
        match self.text() {
            Ok(text) => text.into_owned(),
            Err(_) => String::from_utf8_lossy(self.bytes).into_owned(),
        }
    }

    fn charset(&self) -> Option<&'r str> {
        let parameters = self.content_type.split(';').skip(1).filter_map(|p| p.split_once('='));
        let mut named = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
        named.next().map(|(_, value)| value.trim().trim_matches(['"', '\'']))
    }

    /// The media type without its parameters, in lower case.
    fn media_type(&self) -> String {
        let media_type = self.content_type.split(';').next().unwrap_or_default();
        media_type.trim().to_ascii_lowercase()
    }

    /// `text` as JSON: an object, an array or a number, or whatever the head calls JSON.
    pub(super) fn json<'t>(&self, text: &'t str) -> Result<Json<'t>, Kind> {
        let media_type = self.media_type();
        let is_json = media_type.ends_with("/json") || media_type.ends_with("+json");
        match Json::parse(text) {
            Some(json) if is_json => return Ok(json),
            Some(json @ (Json::Object(_) | Json::Array(_))) => return Ok(json),
            // `1.010` as text may be a thousand and ten.
            Some(json @ Json::Number(number)) if !may_be_grouped(number) => return Ok(json),
            _ if is_json => return Err(Kind::NotJson),
            _ => {}
        }
        let start: String = text.trim_start().chars().take(15).collect();
        let start = start.to_ascii_lowercase();
        let says_metrics = media_type == "application/openmetrics-text"
            || self.content_type.contains("version=0.0.4");
        Err(match media_type.as_str() {
            "text/html" | "application/xhtml+xml" => Kind::Html,
            _ if media_type.ends_with("/xml") || media_type.ends_with("+xml") => Kind::Xml,
            _ if start.starts_with("<?xml") => Kind::Xml,
            _ if start.starts_with('<') => Kind::Html,
            _ if says_metrics || prom::is_metrics(text) => Kind::Metrics,
            _ => Kind::Text,
        })
    }
}

fn may_be_grouped(number: &str) -> bool {
    let unsigned = number.trim_start_matches('-');
    unsigned.split_once('.').is_some_and(|(whole, decimals)| {
        decimals.len() == 3 && whole.len() <= 3 && !whole.starts_with('0')
    })
}

/// What was kept of a complete answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard<'r> {
    pub(crate) status: u16,
    /// The head, where it was wanted.
    pub(crate) head: &'r [u8],
    /// The content, where it was wanted.
    pub(crate) body: Body<'r>,
    /// The value of the header field that was wanted.
    pub(crate) field: Option<&'r str>,
    /// What numbers count.
    pub(crate) steps: Steps,
}
