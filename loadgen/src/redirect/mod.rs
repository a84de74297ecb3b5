//! Where an answer leads: which request follows a redirect, if any does. The rule is pure.

mod hop;
#[cfg(test)]
mod tests;
mod trail;

use http::Method;
use thiserror::Error;
use url::Url;

pub(crate) use hop::{First, Hop, follow};
pub(crate) use trail::Trail;

/// More redirects than this are not followed: who needs as many is most likely led in a circle.
pub(crate) const MOST: u32 = 20;

/// A longer Location is no place.
const MOST_LOCATION_BYTES: usize = 8 * 1024;

/// What a redirect changes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) url: Url,
    pub(crate) method: Method,
    /// Whether all else is as it was at first: the content, and what the head says of it.
    pub(crate) is_whole: bool,
}

/// Why an answer is not followed. Each is said behind its status, in parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Unfollowed {
    #[error("no redirect")]
    NoRedirect,
    #[error("a redirect; `follow: 1` would follow it")]
    NotAsked,
    #[error("a redirect, and its answers rule says what it means")]
    Declared,
    #[error("a redirect, and no more are followed")]
    TooMany,
    #[error("a redirect without a Location")]
    NoLocation,
    #[error("a redirect with several Locations")]
    SeveralLocations,
    #[error("a redirect, whose Location is {0}")]
    Outside(#[from] Outside),
}

/// Why a link is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Outside {
    #[error("no URL")]
    NoUrl,
    #[error("a URL with credentials")]
    Credentials,
    #[error("of another scheme, host or port")]
    Elsewhere,
}

/// Whether an answer with this status may lead to another request.
pub(crate) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Whether a redirect with this status says that nothing was done: the same is to be asked elsewhere.
pub(crate) fn says_undone(status: u16) -> bool {
    matches!(status, 307 | 308)
}

/// The request that follows an answer to what was `asked`, by its `status` and the bytes of its `head`
/// (RFC 9110, section 15.4).
pub(crate) fn next(status: u16, head: &[u8], asked: &Asked) -> Result<Asked, Unfollowed> {
    if !is_redirect(status) {
        return Err(Unfollowed::NoRedirect);
    }
    let url = within(&asked.url, location(head)?)?;
    let becomes_get = match status {
        303 => asked.method != Method::HEAD,
        301 | 302 => asked.method == Method::POST,
        _ => false,
    };
    let method = if becomes_get { Method::GET } else { asked.method.clone() };
    let is_whole = asked.is_whole && !becomes_get && status != 303;
    Ok(Asked { url, method, is_whole })
}

/// Where a `link` on the page `from` leads, which is to be of the same origin.
pub(crate) fn within(from: &Url, link: &str) -> Result<Url, Outside> {
    let mut url = from.join(link).map_err(|_| Outside::NoUrl)?;
    // A `blob:` has the origin of what is in it.
    if url.scheme() != from.scheme() || url.origin() != from.origin() {
        return Err(Outside::Elsewhere);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Outside::Credentials);
    }
    url.set_fragment(None);
    Ok(url)
}

/// The only Location in the bytes of a complete head.
fn location(head: &[u8]) -> Result<&str, Unfollowed> {
    let lines = head.split(|byte| *byte == b'\n').skip(1).map(<[u8]>::trim_ascii_end);
    let mut lines = lines.peekable();
    let mut found = None;
    while let Some(line) = lines.next() {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        if !line[..colon].eq_ignore_ascii_case(b"location") {
            continue;
        }
        let goes_on = lines.peek().is_some_and(|next| matches!(next.first(), Some(b' ' | b'\t')));
        if goes_on {
            return Err(Outside::NoUrl.into());
        }
        if found.replace(line[colon + 1..].trim_ascii()).is_some() {
            return Err(Unfollowed::SeveralLocations);
        }
    }
    let found = found.filter(|value| !value.is_empty()).ok_or(Unfollowed::NoLocation)?;
    // A parser of URLs drops some of them without a word.
    let is_plain = found.len() <= MOST_LOCATION_BYTES && !found.iter().any(u8::is_ascii_control);
    let text = std::str::from_utf8(found).ok().filter(|_| is_plain);
    text.ok_or(Outside::NoUrl.into())
}
