//! A step's request: where it goes, and what it consists of.

use http::header::HeaderName;
use http::{HeaderValue, Method};
use url::Url;

use super::at::{At, Place as At2};
use super::content::content;
use super::document::{Document, Step};
use super::error::Wrong;
use super::named::Named;
use super::names::Names;
use super::text::Text;
use crate::cli::request::with_cookies;
use crate::scenario::{Call, Escape, Place, Template, in_url};

/// The methods of a step, and where each goes.
fn methods(step: &Step) -> [(Method, Option<&At<String>>); 5] {
    [
        (Method::GET, step.get.as_ref()),
        (Method::POST, step.post.as_ref()),
        (Method::PUT, step.put.as_ref()),
        (Method::PATCH, step.patch.as_ref()),
        (Method::DELETE, step.delete.as_ref()),
    ]
}

/// The request of `step`, which is called `name` and stands somewhere behind `place`.
pub(super) fn request(
    document: &Document,
    step: &Step,
    name: &str,
    names: &Names,
    target: &Url,
) -> Result<(Place, Call), Wrong> {
    let given: Vec<_> =
        methods(step).into_iter().filter_map(|(method, path)| Some((method, path?))).collect();
    let (method, path) = match &given[..] {
        [only] => only,
        [_, (_, second), ..] => {
            return Err(Wrong::new(second.place, format!("{name}: expected one method")));
        }
        [] => {
            let message = format!("{name}: expected get, post, put, patch or delete, with a path");
            return Err(Wrong::new(At2::default(), message));
        }
    };
    let url = url(target, path, names)?;
    let content = content(step, &names.variables)?;
    let mut headers = headers(&document.headers, &step.headers, names)?;
    let mut default = |name: &str, value: &'static str| {
        if !headers.iter().any(|(known, _): &(String, _)| known.eq_ignore_ascii_case(name)) {
            headers.push((name.to_owned(), HeaderValue::from_static(value)));
        }
    };
    if let Some(media_type) = content.as_ref().and_then(|content| content.media_type) {
        default("Content-Type", media_type);
    }
    if step.json.is_some() {
        default("Accept", "application/json");
    }
    let escape = content.as_ref().map(|content| content.escape);
    let body = content.map(|content| content.bytes);
    let variables = names.variables.clone();
    let call = Call { method: method.clone(), headers, body, variables, escape };
    call.has_known_variables()
        .map_err(|error| Wrong::new(path.place, format!("{name}: {error}")))?;
    Ok((Place::Url(url), call))
}

/// `path` behind the target's own. What has one text is that text, since reports show it.
pub(super) fn url(target: &Url, path: &At<String>, names: &Names) -> Result<Url, Wrong> {
    let wrong = |why: &str| Wrong::new(path.place, format!("`{}`: {why}", path.value));
    if !path.value.starts_with('/') {
        return Err(wrong("expected a path, as in /orders"));
    }
    let (before, _) = target.as_str().split_once(['?', '#']).unwrap_or((target.as_str(), ""));
    let path_text = names.variables.with_constants(&path.value);
    let text = format!("{}{path_text}", before.trim_end_matches('/'));
    let url = Url::parse(&text).map_err(|error| wrong(&error.to_string()))?;
    let asked = in_url(&url[url::Position::BeforePath..]);
    let known = Template::parse(asked.as_bytes(), &names.variables, Escape::Url);
    known.map_err(|error| wrong(&error.to_string()))?;
    Ok(url)
}

/// The fields of every request, and those of one, which replace them.
pub(super) fn headers(
    common: &Named<At<Text>>,
    own: &Named<At<Text>>,
    names: &Names,
) -> Result<Vec<(String, HeaderValue)>, Wrong> {
    let is_replaced = |name: &str| own.names().iter().any(|own| own.eq_ignore_ascii_case(name));
    let common = common.iter().filter(|(name, _)| !is_replaced(name));
    let fields = common.chain(own.iter()).map(|(name, value)| field(name, value, names));
    let mut fields: Vec<_> = fields.collect::<Result<_, _>>()?;
    if names.cookies().is_some() {
        with_cookies(&mut fields);
    }
    Ok(fields)
}

fn field(name: &str, value: &At<Text>, names: &Names) -> Result<(String, HeaderValue), Wrong> {
    let wrong = |why: String| Wrong::new(value.place, format!("the header {name}: {why}"));
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| wrong("this cannot be the name of a header".to_owned()))?;
    Template::parse(value.value.as_bytes(), &names.variables, Escape::Header)
        .map_err(|error| wrong(error.to_string()))?;
    let value = HeaderValue::from_str(&value.value)
        .map_err(|_| wrong("expected a line of printable ASCII".to_owned()))?;
    Ok((name.to_owned(), value))
}
