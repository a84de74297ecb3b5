//! The header fields of a request.

use clap::ArgMatches;
use http::HeaderValue;

use super::RequestArguments;
use super::body::Content;
use crate::cli::values::{self, Fields};

/// A header field, and where on the command line it stands.
struct Given {
    position: usize,
    name: String,
    value: HeaderValue,
}

/// The header fields, of which several options are sources. Two sources of one field that can only
/// be there once make one field: the last named counts. Cookies are joined.
pub(super) fn headers(
    options: &RequestArguments,
    matches: &ArgMatches,
    content: Option<&Content>,
) -> Result<Vec<(String, HeaderValue)>, String> {
    let mut given = given(options, matches)?;
    if let Some(Content { media_type, accept, .. }) = content {
        let defaults = [("Content-Type", Some(media_type.as_str())), ("Accept", *accept)];
        for (name, value) in defaults {
            if given.iter().any(|field| field.name.eq_ignore_ascii_case(name)) {
                continue;
            }
            let value = value.map(HeaderValue::from_str).transpose();
            let value = value.map_err(|_| {
                format!("{name}: it has a character that is not allowed in a header")
            })?;
            let name = name.to_owned();
            given.extend(value.map(|value| Given { position: usize::MAX, name, value }));
        }
    }
    given.sort_by_key(|field| field.position);
    for (name, is_source) in [
        ("Content-Type", options.content_type.is_some()),
        ("Authorization", options.credentials.is_some() || options.bearer.is_some()),
    ] {
        if is_source {
            keep_the_last(&mut given, name);
        }
    }
    join_cookies(&mut given)?;
    Ok(given.into_iter().map(|field| (field.name, field.value)).collect())
}

/// The fields of `-H`, `-C`, `-A`, `--bearer` and `-T`.
fn given(options: &RequestArguments, matches: &ArgMatches) -> Result<Vec<Given>, String> {
    let positions = |id: &str| matches.indices_of(id).into_iter().flatten();
    let of = |(position, fields): (usize, &Fields)| -> Vec<_> {
        let given = |(name, value): (String, HeaderValue)| Given { position, name, value };
        fields.0.iter().cloned().map(given).collect()
    };
    let mut given: Vec<_> = positions("headers").zip(&options.headers).flat_map(of).collect();
    let mut add = |option: &str, position, name: &str, text: &str| {
        let value = HeaderValue::from_str(text).map_err(|_| {
            format!("{option}: the value has a character that is not allowed in a header")
        })?;
        given.push(Given { position, name: name.to_owned(), value });
        Ok::<(), String>(())
    };
    for (position, cookie) in positions("cookies").zip(&options.cookies) {
        add("-C", position, "Cookie", cookie)?;
    }
    let last = |id: &str| positions(id).last().unwrap_or_default();
    if let Some(credentials) = &options.credentials {
        add("-A", last("credentials"), "Authorization", &values::basic(credentials))?;
    }
    if let Some(token) = &options.bearer {
        add("--bearer", last("bearer"), "Authorization", &format!("Bearer {token}"))?;
    }
    if let Some(content_type) = &options.content_type {
        add("-T", last("content_type"), "Content-Type", content_type)?;
    }
    Ok(given)
}

fn keep_the_last(given: &mut Vec<Given>, name: &str) {
    let is_it = |field: &Given| field.name.eq_ignore_ascii_case(name);
    let last = given.iter().filter(|field| is_it(field)).map(|field| field.position).max();
    given.retain(|field| !is_it(field) || Some(field.position) == last);
}

/// A request has one field of cookies (RFC 6265, section 5.4).
fn join_cookies(given: &mut Vec<Given>) -> Result<(), String> {
    let is_cookie = |field: &Given| field.name.eq_ignore_ascii_case("Cookie");
    let cookies: Vec<_> =
        given.iter().filter(|field| is_cookie(field)).map(|field| field.value.as_bytes()).collect();
    if cookies.len() < 2 {
        return Ok(());
    }
    let joined = HeaderValue::from_bytes(&cookies.join(&b"; "[..]))
        .map_err(|error| format!("the cookies together do not make a header field: {error}"))?;
    let first = given.iter().position(is_cookie);
    let mut index = 0;
    given.retain(|field| {
        let is_kept = !is_cookie(field) || Some(index) == first;
        index += 1;
        is_kept
    });
    if let Some(first) = first {
        given[first].value = joined;
    }
    Ok(())
}
