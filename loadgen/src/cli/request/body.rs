//! The content of a request.

use http::Method;
use url::form_urlencoded::byte_serialize;

use super::RequestArguments;
use super::files::{given, of_file};
use super::form::form;
use crate::scenario::{Escape, in_url};

/// The content of a request, and what follows from it.
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) method: Method,
    /// Its type, unless another is given.
    pub(super) media_type: String,
    /// The type that is asked for, unless another is given.
    pub(super) accept: Option<&'static str>,
    /// How variables are written in it; `None` where it is sent as it is: it may be no text.
    pub(super) escape: Option<Escape>,
}

/// The content that the options describe.
pub(super) fn content(options: &RequestArguments) -> Result<Option<Content>, String> {
    let text = |bytes, method| Content {
        bytes,
        method,
        media_type: "text/plain".to_owned(),
        accept: None,
        escape: Some(Escape::None),
    };
    let literal = |bytes, method| Content { escape: None, ..text(bytes, method) };
    Ok(if let Some(path) = &options.put {
        Some(literal(of_file(path)?, Method::PUT))
    } else if let Some(path) = &options.post {
        Some(literal(of_file(path)?, Method::POST))
    } else if let Some(data) = &options.data {
        Some(text(given(data)?, Method::POST))
    } else if options.body_lines.is_some() {
        // Each line in its turn: they are read once, since they may come out of a pipe.
        Some(text(Vec::new(), Method::POST))
    } else if let Some(json) = &options.json {
        let media_type = JSON.to_owned();
        let json = text(given(json)?, Method::POST);
        Some(Content { media_type, accept: Some(JSON), escape: Some(Escape::Json), ..json })
    } else if !options.form.is_empty() {
        let (bytes, media_type) = form(&options.form)?;
        let has_file = options.form.iter().any(|part| part.contains("=@") || part.contains("=<"));
        let escape = (!has_file).then_some(Escape::None);
        Some(Content { media_type, escape, ..text(bytes, Method::POST) })
    } else if !options.data_urlencode.is_empty() {
        let fields: Vec<_> = options.data_urlencode.iter().map(|field| encoded(field)).collect();
        let bytes = fields.into_iter().collect::<Result<Vec<_>, _>>()?.join("&").into_bytes();
        let media_type = "application/x-www-form-urlencoded".to_owned();
        Some(Content { media_type, escape: Some(Escape::Form), ..text(bytes, Method::POST) })
    } else {
        None
    })
}

const JSON: &str = "application/json";

/// A field of a form, as curl's `--data-urlencode` reads it: the name is taken as it is, the value is
/// encoded.
fn encoded(field: &str) -> Result<String, String> {
    let at = field.find(['=', '@']);
    let (name, value) = match at.map(|at| (&field[..at], &field[at..])) {
        None => ("", field.as_bytes().to_vec()),
        Some((name, value)) => match value.strip_prefix('=') {
            Some(value) => (name, value.as_bytes().to_vec()),
            None => (name, given(value)?),
        },
    };
    // As curl does it; a plus would be a space as well.
    let value = byte_serialize(&value).collect::<String>().replace('+', "%20");
    // Variables stand where their names do.
    let value = in_url(&value);
    Ok(if name.is_empty() { value } else { format!("{name}={value}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_encoded_as_curl_does_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text");
        std::fs::write(&path, "a b&c").unwrap();
        let from_file = format!("name@{}", path.display());
        for (field, expected) in [
            ("a b", "a%20b"),
            ("=a=b", "a%3Db"),
            ("n=a&b c+d/\u{e9}", "n=a%26b%20c%2Bd%2F%C3%A9"),
            ("n=", "n="),
            ("id={value}", "id={value}"),
            (from_file.as_str(), "name=a%20b%26c"),
        ] {
            assert_eq!(encoded(field).as_deref(), Ok(expected), "{field}");
        }
        assert!(encoded("name@/no/such/file").unwrap_err().contains("cannot read /no/such/file"));
    }
}
