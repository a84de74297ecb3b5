//! The request: its method, headers and content.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use http::{HeaderValue, Method};

use super::options::Options;
use super::values::{self, Fields};
use crate::scenario::Call;

/// The request that the options describe.
pub(super) fn call(options: &Options, matches: &ArgMatches) -> Result<Call, String> {
    let from_file = |path: &Option<PathBuf>| -> Result<Option<Vec<u8>>, String> {
        let read = |path: &PathBuf| {
            content(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
        };
        path.as_ref().map(read).transpose()
    };
    let (implied, body) = if options.head {
        (Method::HEAD, None)
    } else if options.put.is_some() {
        (Method::PUT, from_file(&options.put)?)
    } else if options.post.is_some() {
        (Method::POST, from_file(&options.post)?)
    } else if let Some(data) = &options.data {
        (Method::POST, Some(data.clone().into_bytes()))
    } else {
        (Method::GET, None)
    };
    let method = options.method.clone().unwrap_or(implied);
    let headers = headers(options, matches, body.is_some())?;
    Ok(Call { method, headers, body, is_filled: false })
}

/// The longest content of a request: all of it is in memory.
const MAX_CONTENT_BYTES: u64 = 256 << 20;

/// What is in a file, which may have no end.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let count = File::open(path)?.take(MAX_CONTENT_BYTES + 1).read_to_end(&mut content)?;
    if count as u64 > MAX_CONTENT_BYTES {
        let limit = MAX_CONTENT_BYTES >> 20;
        return Err(io::Error::other(format!("it is longer than {limit} MiB")));
    }
    Ok(content)
}

/// A header field, and where on the command line it stands.
struct Given {
    position: usize,
    name: String,
    value: HeaderValue,
}

/// The header fields, of which several options are sources. Two sources of one field that can only
/// be there once make one field: the last named counts. Cookies are joined.
fn headers(
    options: &Options,
    matches: &ArgMatches,
    has_body: bool,
) -> Result<Vec<(String, HeaderValue)>, String> {
    let mut given = given(options, matches)?;
    let has = |name: &str| given.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    if has_body && !has("Content-Type") {
        given.push(Given {
            position: usize::MAX,
            name: "Content-Type".to_owned(),
            value: HeaderValue::from_static("text/plain"),
        });
    }
    given.sort_by_key(|field| field.position);
    for (name, is_source) in [
        ("Content-Type", options.content_type.is_some()),
        ("Authorization", options.credentials.is_some()),
    ] {
        if is_source {
            keep_the_last(&mut given, name);
        }
    }
    join_cookies(&mut given)?;
    Ok(given.into_iter().map(|field| (field.name, field.value)).collect())
}

/// The fields of `-H`, `-C`, `-A` and `-T`.
fn given(options: &Options, matches: &ArgMatches) -> Result<Vec<Given>, String> {
    let positions = |id: &str| matches.indices_of(id).into_iter().flatten();
    let of = |(position, fields): (usize, &Fields)| -> Vec<_> {
        let given = |(name, value): (String, HeaderValue)| Given { position, name, value };
        fields.0.iter().cloned().map(given).collect()
    };
    let mut given: Vec<_> = positions("headers").zip(&options.headers).flat_map(of).collect();
    let mut add = |option: &str, position, name: &str, text: &str| {
        let value = HeaderValue::from_str(text)
            .map_err(|_| format!("{option}: a character of the value may stand in no header"))?;
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
        .map_err(|error| format!("the cookies together are no header field: {error}"))?;
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
