//! The request: its method, headers and content.

use std::path::PathBuf;

use http::{HeaderValue, Method};

use super::options::Options;
use super::values;
use crate::plan::Template;

/// The request that the options describe.
pub(super) fn template(options: &Options) -> Result<Template, String> {
    let from_file = |path: &Option<PathBuf>| -> Result<Option<Vec<u8>>, String> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
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
    Ok(Template {
        method: options.method.clone().unwrap_or(implied),
        headers: headers(options, body.is_some())?,
        body,
        keep_alive: !options.no_keep_alive,
        first_value: None,
    })
}

fn headers(options: &Options, has_body: bool) -> Result<Vec<(String, HeaderValue)>, String> {
    let mut headers = options.headers.clone();
    let mut add = |name: &str, value: &str, option: &str| {
        let value = HeaderValue::from_str(value)
            .map_err(|_| format!("{option}: `{value}` cannot stand in a header"))?;
        headers.push((name.to_owned(), value));
        Ok::<(), String>(())
    };
    if !options.cookies.is_empty() {
        add("Cookie", &options.cookies.join("; "), "-C")?;
    }
    if let Some(credentials) = &options.credentials {
        add("Authorization", &values::basic(credentials), "-A")?;
    }
    let given = options.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    match &options.content_type {
        Some(content_type) => add("Content-Type", content_type, "-T")?,
        None if has_body && !given => add("Content-Type", "text/plain", "-T")?,
        None => {}
    }
    Ok(headers)
}
