//! The values of many objects in one answer.

use super::content::Heard;
use super::find::at_pointer;
use super::found::{Found, Reason};
use super::json::{Json, Pointed};
use super::number::Decimal;
use super::rule::Extract;

/// Where in each element of a list its key and its value stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByKey {
    /// An RFC 6901 pointer to its key; without it the members of an object are the elements, by their
    /// names.
    pub key: Option<String>,
    /// A pointer to its value; without it the element itself is.
    pub value: Option<String>,
}

impl ByKey {
    /// Of each element of what `list` leads to its key and its number.
    pub(crate) fn numbers(
        &self,
        list: &Extract,
        heard: &Heard<'_>,
    ) -> Found<Vec<(String, Decimal)>> {
        let Extract::Json(pointer) = list else { return Reason::NoList.into() };
        let text = match heard.body.text() {
            Ok(text) => text,
            Err(reason) => return reason.into(),
        };
        at_pointer(&text, pointer, |json| match self.all(json) {
            Ok(all) => Found::Value(all),
            Err(reason) => reason.into(),
        })
    }

    fn all(&self, list: &Json<'_>) -> Result<Vec<(String, Decimal)>, Reason> {
        let mut all: Vec<(String, Decimal)> = match (list, &self.key) {
            (Json::Array(elements), Some(key)) => {
                let element = |one: &Json<'_>| Ok((name(at(one, Some(key))?)?, self.number(one)?));
                elements.iter().map(element).collect::<Result<_, _>>()?
            }
            (Json::Object(members), None) => {
                let member = |(name, one): &(_, Json<'_>)| {
                    let name: &std::borrow::Cow<'_, str> = name;
                    Ok((name.clone().into_owned(), self.number(one)?))
                };
                members.iter().map(member).collect::<Result<_, _>>()?
            }
            _ => return Err(Reason::NoList),
        };
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        match all.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(twice) => Err(Reason::Duplicate(twice[0].0.as_str().into())),
            None => Ok(all),
        }
    }

    fn number(&self, element: &Json<'_>) -> Result<Decimal, Reason> {
        at(element, self.value.as_ref())?.number()
    }
}

fn at<'j, 't>(element: &'j Json<'t>, pointer: Option<&String>) -> Result<&'j Json<'t>, Reason> {
    let Some(pointer) = pointer else { return Ok(element) };
    match element.pointer(pointer) {
        Pointed::To(found) => Ok(found),
        Pointed::Nothing => Err(Reason::NoSuchPlace),
        Pointed::Nowhere(reason) => Err(reason),
    }
}

fn name(json: &Json<'_>) -> Result<String, Reason> {
    match json {
        Json::String(text) => Ok(text.clone().into_owned()),
        Json::Number(number) => Ok((*number).to_owned()),
        _ => Err(Reason::NoText),
    }
}
