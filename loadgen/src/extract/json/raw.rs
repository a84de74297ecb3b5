//! From text to values, a level at a time: what is not a list or a map is kept as it is written.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Json;

/// Deeper than this nothing is read: as deep as `serde_json` goes by itself. Each level is read once
/// more.
const MAX_DEPTH: usize = 127;

/// The value that all of `text` is.
pub(super) fn parse(text: &str) -> Option<Json<'_>> {
    value(serde_json::from_str(text).ok()?, MAX_DEPTH)
}

fn value(raw: &RawValue, depth: usize) -> Option<Json<'_>> {
    let text = raw.get();
    Some(match text.as_bytes().first()? {
        b'n' => Json::Null,
        b't' => Json::Bool(true),
        b'f' => Json::Bool(false),
        b'"' => Json::String(serde_json::from_str::<Text<'_>>(text).ok()?.0),
        b'[' => {
            let depth = depth.checked_sub(1)?;
            let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            Json::Array(elements.into_iter().map(|one| value(one, depth)).collect::<Option<_>>()?)
        }
        b'{' => {
            let depth = depth.checked_sub(1)?;
            let Members(members) = serde_json::from_str(text).ok()?;
            let member = |(name, raw)| Some((name, value(raw, depth)?));
            Json::Object(members.into_iter().map(member).collect::<Option<_>>()?)
        }
        _ => Json::Number(text),
    })
}

/// A string that is copied only if it has escapes.
#[derive(Deserialize)]
struct Text<'t>(#[serde(borrow)] Cow<'t, str>);

/// The members of an object, those of the same name too: a map would keep the last of them.
struct Members<'t>(Vec<(Cow<'t, str>, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Text(name), raw)) = map.next_entry()? {
                    members.push((name, raw));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}
