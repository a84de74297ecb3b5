//! Where a list that comes in pages goes on.

use std::fmt;
use std::str::FromStr;

use super::content::Heard;
use super::found::{Found, Reason};
use super::head::headers;
use super::json::{Json, Pointed, segment};
use super::rule::{Extract, ParseExtractError};

/// Where an answer says which page comes next.
#[derive(Debug, Clone)]
pub enum Next {
    /// In a Link field, whose relation is `next` (RFC 8288).
    Link,
    /// Where a rule finds a link.
    At(Extract),
    /// Where a rule finds what stands for it in a parameter of the query.
    Parameter(String, Extract),
}

/// Where the next page is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Leads<'n> {
    /// Where this link leads.
    To(String),
    /// Where the first page is, with this value for this parameter of the query.
    With(&'n str, String),
}

impl Next {
    /// Where the page behind the one that was `heard` is; nothing where that is the last.
    pub(crate) fn of(&self, heard: &Heard<'_>) -> Found<Leads<'_>> {
        match self {
            Self::Link => match link(heard.head) {
                Some(link) => Found::Value(Leads::To(link)),
                None => Found::Nothing,
            },
            Self::At(rule) => said(rule, heard).and_then(|text| {
                if is_link(&text) {
                    Found::Value(Leads::To(text))
                } else {
                    Reason::NoLink(text.into()).into()
                }
            }),
            Self::Parameter(name, rule) => said(rule, heard).map(|text| Leads::With(name, text)),
        }
    }
}

/// The text that `rule` finds. What is missing, empty, null or false says that there is none.
fn said(rule: &Extract, heard: &Heard<'_>) -> Found<String> {
    if let Extract::Json(pointer) = rule {
        let text = match heard.body.text() {
            Ok(text) => text,
            Err(reason) => return reason.into(),
        };
        let Some(json) = Json::parse(&text) else { return Reason::NotJson.into() };
        return match json.pointer(pointer) {
            Pointed::Nothing
            | Pointed::Nowhere(Reason::NoSuchPlace)
            | Pointed::To(Json::Null | Json::Bool(false)) => Found::Nothing,
            Pointed::Nowhere(reason) => reason.into(),
            Pointed::To(Json::String(text)) if text.trim().is_empty() => Found::Nothing,
            Pointed::To(Json::String(text)) => Found::Value(text.trim().to_owned()),
            Pointed::To(Json::Number(number)) => Found::Value((*number).to_owned()),
            Pointed::To(_) => Reason::NoText.into(),
        };
    }
    let field = rule.field_in(heard.head);
    match rule.text(&Heard { field: field.as_deref(), ..*heard }) {
        Found::Unreadable(Reason::NoHeader | Reason::NoMatch | Reason::NoText) => Found::Nothing,
        found => found,
    }
}

/// Whether `text` is written as links are. A number of a page, or a cursor, would lead somewhere, too.
fn is_link(text: &str) -> bool {
    let starts = ["/", "?", "./", "../", "http://", "https://"];
    starts.iter().any(|start| text.starts_with(start))
}

/// Where the first link of relation `next` in the Link fields of `head` leads.
fn link(head: &[u8]) -> Option<String> {
    headers(head, "link").find_map(|field| {
        let mut rest = Some(field.as_str());
        while let Some(text) = rest {
            let (target, behind) = text.trim_start().strip_prefix('<')?.split_once('>')?;
            let (parameters, others) = split_unquoted(behind, ',');
            if is_next(parameters) {
                return Some(target.trim().to_owned());
            }
            rest = others;
        }
        None
    })
}

/// Whether a link with these parameters is of relation `next`; the first `rel` of several counts.
fn is_next(parameters: &str) -> bool {
    let mut rest = Some(parameters);
    while let Some(text) = rest {
        let (parameter, others) = split_unquoted(text, ';');
        if let Some((name, all)) = parameter.split_once('=')
            && name.trim().eq_ignore_ascii_case("rel")
        {
            let mut all = all.trim().trim_matches('"').split_ascii_whitespace();
            return all.any(|one| one.eq_ignore_ascii_case("next"));
        }
        rest = others;
    }
    false
}

/// What is before the first `separator` outside of quotes, and what is behind it.
fn split_unquoted(text: &str, separator: char) -> (&str, Option<&str>) {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, one) in text.char_indices() {
        match one {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if one == separator && !is_quoted => {
                return (&text[..at], Some(&text[at + one.len_utf8()..]));
            }
            _ => {}
        }
    }
    (text, None)
}

impl Heard<'_> {
    /// What says, by itself, that the list in the answer is one page of several: as most services that
    /// have pages do. A list of which the rest is elsewhere says nothing of what is not in it.
    pub(crate) fn goes_on(&self) -> Option<Reason> {
        if link(self.head).is_some() {
            return Some(Reason::GoesOn("link".into()));
        }
        let may = |name: &str| {
            let name = name.as_bytes();
            self.body.bytes.windows(name.len()).any(|part| part.eq_ignore_ascii_case(name))
        };
        // Most lists are looked at no further.
        if !self.body.encoding.is_empty() || may("next") || may("more") {
            let text = self.body.text().ok()?;
            let json = Json::parse(&text)?;
            return said_to_go_on(&json, "").map(|place| Reason::GoesOn(place.into()));
        }
        None
    }
}

/// Where `json` says that it goes on, as a rule, or as a pointer where it says no more than that.
fn said_to_go_on(json: &Json<'_>, place: &str) -> Option<String> {
    let Json::Object(members) = json else { return None };
    members.iter().find_map(|(name, value)| {
        let here = format!("{place}/{}", segment(name));
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        match (plain.to_ascii_lowercase().as_str(), value) {
            ("hasmore" | "hasnext" | "hasnextpage", Json::Bool(true)) => Some(here),
            (
                "next" | "nextpage" | "nextpageurl" | "nexturl" | "nextlink" | "odatanextlink",
                Json::String(text),
            ) if is_link(text) => Some(format!("json:{here}")),
            (
                "nextcursor" | "nextpagetoken" | "nexttoken" | "nextpagecursor",
                Json::String(text),
            ) if !text.trim().is_empty() => Some(format!("json:{here}")),
            ("next", Json::Object(_)) => match value.pointer("/href") {
                Pointed::To(Json::String(_)) => Some(format!("json:{here}/href")),
                _ => None,
            },
            ("links" | "paging" | "pagination" | "meta" | "pageinfo" | "page", Json::Object(_))
                if place.is_empty() =>
            {
                said_to_go_on(value, &here)
            }
            _ => None,
        }
    })
}

impl FromStr for Next {
    type Err = ParseExtractError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "link" {
            return Ok(Self::Link);
        }
        match text.split_once('=') {
            Some((name, rule)) if !name.is_empty() && !name.contains(':') => {
                Ok(Self::Parameter(name.to_owned(), rule.parse()?))
            }
            _ => text.parse().map(Self::At),
        }
    }
}

/// As it is given on the command line.
impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link => f.write_str("link"),
            Self::At(rule) => rule.fmt(f),
            Self::Parameter(name, rule) => write!(f, "{name}={rule}"),
        }
    }
}

#[cfg(test)]
mod tests;
