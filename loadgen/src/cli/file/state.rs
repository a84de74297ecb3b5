//! Where a file says that the state is read.

use check::Model;
use http::Method;
use url::Url;

use super::at::At;
use super::document::{Document, Each, State};
use super::error::Wrong;
use super::names::Names;
use super::request::{headers, url};
use crate::cli::judging::SETTLE;
use crate::cli::values;
use crate::extract::{Extract, Next};
use crate::plan::{ByKey, Reading, StateRead};
use crate::scenario::{Call, Escape, Place, Template, in_url};

/// How `state` is read, which is that of objects of `model`.
pub(super) fn read(
    document: &Document,
    state: &State,
    names: &Names,
    target: &Url,
) -> Result<StateRead, Wrong> {
    let State { get, headers: own, value, each, settle, next, .. } = state;
    let wrong = |why: &str| Wrong::new(get.place, why);
    let url = url(target, get, names)?;
    let asked = in_url(&url[url::Position::BeforePath..]);
    if !Template::of(asked.as_bytes(), &names.variables, Escape::Url).is_constant() {
        return Err(wrong("the state is read at one place: expected a path without variables"));
    }
    let extract = match (value, each) {
        (Some(_), Some(_)) => return Err(wrong("expected either value or each, not both")),
        (Some(value), None) => list_rule(value)?,
        (None, Some(each)) => rule(&each.of)?,
        (None, None) => Extract::Only,
    };
    let by_key = each.as_ref().map(by_key).transpose()?;
    let given = match settle {
        Some(settle) => Some(
            values::duration_or_zero(&settle.value).map_err(|why| Wrong::new(settle.place, why))?,
        ),
        None => None,
    };
    let call = Call {
        headers: headers(&document.headers, own, names)?,
        variables: names.variables.clone(),
        ..Call::new(Method::GET, None)
    };
    let next = next.as_ref().map(next_page).transpose()?;
    let cookies = names.cookies();
    Ok(StateRead {
        place: Place::Url(url),
        how: Reading { judged: None, call, extract, by_key, next, cookies },
        settle: given.unwrap_or(SETTLE),
        lags: given.is_some_and(|settle| !settle.is_zero()),
    })
}

pub(super) fn by_key(each: &Each) -> Result<ByKey, Wrong> {
    let pointer = |at: &Option<At<String>>| match at {
        None => Ok(None),
        Some(at) => match rule(at)? {
            Extract::Json(pointer) => Ok(Some(pointer)),
            _ => Err(Wrong::new(at.place, format!("`{}`: expected json:/POINTER", at.value))),
        },
    };
    if !matches!(rule(&each.of)?, Extract::Json(_)) {
        return Err(Wrong::new(
            each.of.place,
            format!("`{}`: expected json:/POINTER", each.of.value),
        ));
    }
    Ok(ByKey { key: pointer(&each.key)?, value: pointer(&each.value)? })
}

pub(super) fn rule(text: &At<String>) -> Result<Extract, Wrong> {
    checked(text, values::rule)
}

/// The same of a rule that may be of a list.
pub(super) fn list_rule(text: &At<String>) -> Result<Extract, Wrong> {
    checked(text, values::list_rule)
}

/// Where the next page is.
fn next_page(text: &At<String>) -> Result<Next, Wrong> {
    checked(text, values::next_page)
}

fn checked<T>(text: &At<String>, rule: fn(&str) -> Result<T, String>) -> Result<T, Wrong> {
    rule(&text.value).map_err(|why| Wrong::new(text.place, format!("`{}`: {why}", text.value)))
}

/// Whether a state that has many parts is that of one object of `model`.
pub(super) fn is_of_one(model: Model) -> bool {
    matches!(model, Model::Accounts { .. })
}

/// Whether an object of `model` has a state that can be read.
pub(super) fn has_state(model: Model) -> bool {
    !matches!(model, Model::Unique | Model::Once | Model::Lock)
}
