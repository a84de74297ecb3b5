//! What a file says that always holds.

use std::time::Duration;

use url::Url;

use super::document::Document;
use super::error::{Wrong, unknown};
use super::names::Names;
use super::state::{self, list_rule};
use crate::invariant;
use crate::plan::{Invariants, Watched};

/// The invariants of `document`, and what is read for them.
pub(super) fn all(document: &Document, names: &Names, target: &Url) -> Result<Invariants, Wrong> {
    let mut all = Vec::new();
    let known = known(document);
    for invariant in &document.invariants {
        let wrong =
            |why: String| Wrong::new(invariant.place, format!("`{}`: {why}", invariant.value));
        for name in invariant::names(&invariant.value).map_err(wrong)? {
            if name != "before" && !known.contains(&name.as_str()) {
                return Err(wrong(unknown("there is no value and no step", &name, &known)));
            }
        }
        all.push(invariant.value.clone());
    }
    if all.is_empty() {
        return Ok(Invariants::default());
    }
    let mut watched = Vec::new();
    let mut settle = Duration::ZERO;
    for (name, said) in document.state.iter() {
        let read = state::read(document, said, names, target)?;
        let own = match (&said.value, &said.each) {
            (Some(_), _) => Some((name.to_owned(), read.how.extract.clone(), None)),
            (None, Some(_)) => {
                Some((name.to_owned(), read.how.extract.clone(), read.how.by_key.clone()))
            }
            (None, None) => None,
        };
        let mut values: Vec<_> = own.into_iter().collect();
        for (value, at) in said.values.iter() {
            values.push((value.to_owned(), list_rule(at)?, None));
        }
        settle = settle.max(read.settle);
        watched.push(Watched { read, values });
    }
    Ok(Invariants { all, watched, settle })
}

/// What invariants may speak of.
fn known(document: &Document) -> Vec<&str> {
    let states = document.state.iter();
    let values = states.flat_map(|(name, state)| {
        let is_value = state.value.is_some() || state.each.is_some();
        state.values.names().into_iter().chain(is_value.then_some(name))
    });
    let flow = document.flow.iter().filter_map(|step| Some(step.name.as_ref()?.value.as_str()));
    values.chain(document.steps.names()).chain(flow).collect()
}
