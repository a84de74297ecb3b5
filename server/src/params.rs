//! The parameters `name`, `val` and `id`, taken strictly.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The longest name of a counter, in bytes.
pub(crate) const MAX_NAME_BYTES: usize = 128;

/// The counter that a request is about.
pub(crate) fn name(query: &str) -> Result<String, String> {
    let name = parameter(query, "name")?;
    if name.is_empty() {
        return Err("parameter `name` is empty: expected a counter's name".to_owned());
    }
    if name.len() > MAX_NAME_BYTES {
        return Err(format!(
            "parameter `name` has {} bytes: expected at most {MAX_NAME_BYTES}",
            name.len()
        ));
    }
    if name.chars().any(char::is_control) {
        return Err("parameter `name` contains a control character".to_owned());
    }
    Ok(name)
}

/// The value that a counter is set to.
pub(crate) fn value(query: &str) -> Result<i64, String> {
    let text = parameter(query, "val")?;
    text.parse().map_err(|_| {
        format!(
            "parameter `val` is `{text}`: expected an integer from {} to {}",
            i64::MIN,
            i64::MAX
        )
    })
}

/// The id that a request gives to what it adds, if it gives one.
pub(crate) fn optional_id(query: &str) -> Result<Option<i64>, String> {
    find(query, "id")?.map(|text| id(&text)).transpose()
}

/// The id that a request gives to what it adds.
pub(crate) fn required_id(query: &str) -> Result<i64, String> {
    id(&parameter(query, "id")?)
}

/// An id, as it stands in a path or a query.
pub(crate) fn id(text: &str) -> Result<i64, String> {
    text.parse()
        .ok()
        .filter(|id| *id >= 0)
        .ok_or_else(|| format!("the id is `{text}`: expected an integer from 0 to {}", i64::MAX))
}

/// The one value of `key`, which must be there.
fn parameter(query: &str, key: &str) -> Result<String, String> {
    find(query, key)?.ok_or_else(|| format!("parameter `{key}` is missing: expected `{key}=…`"))
}

/// The one value of `key`, if it is there, with percent signs and pluses decoded.
fn find(query: &str, key: &str) -> Result<Option<String>, String> {
    let mut found = None;
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if name != key {
            continue;
        }
        if found.replace(value).is_some() {
            return Err(format!("parameter `{key}` is given twice: expected one"));
        }
    }
    let Some(raw) = found else { return Ok(None) };
    let spaced = if raw.contains('+') { Cow::from(raw.replace('+', " ")) } else { Cow::from(raw) };
    let decoded = percent_decode_str(&spaced).decode_utf8();
    let decoded = decoded.map_err(|_| format!("parameter `{key}` is not UTF-8"))?;
    Ok(Some(decoded.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_decoded() {
        assert_eq!(name("name=x"), Ok("x".to_owned()));
        assert_eq!(name("val=1&name=a+b%20c%C3%A9&other"), Ok("a b cé".to_owned()));
        assert_eq!(name("name=a=b"), Ok("a=b".to_owned()));
    }

    #[test]
    fn a_bad_name_is_refused_with_the_reason() {
        let long = format!("name={}", "x".repeat(MAX_NAME_BYTES + 1));
        for (query, reason) in [
            ("", "missing"),
            ("names=x", "missing"),
            ("name=", "empty"),
            ("name", "empty"),
            ("name=a&name=b", "twice"),
            ("name=%ff", "UTF-8"),
            ("name=a%0Ab", "control"),
            (long.as_str(), "128"),
        ] {
            let error = name(query).unwrap_err();
            assert!(error.contains(reason), "{query}: {error}");
        }
        assert!(name(&long[..long.len() - 1]).is_ok());
    }

    #[test]
    fn a_value_is_an_i64() {
        assert_eq!(value("val=-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(value("val=9223372036854775807"), Ok(i64::MAX));
        for query in ["", "val=", "val=9223372036854775808", "val=1.5", "val=x", "val=1&val=1"] {
            assert!(value(query).is_err(), "{query}");
        }
    }

    #[test]
    fn an_id_is_an_integer_that_is_not_negative() {
        assert_eq!(required_id("id=9223372036854775807"), Ok(i64::MAX));
        assert_eq!(optional_id("other=1"), Ok(None));
        assert_eq!(optional_id("id=0"), Ok(Some(0)));
        for query in ["id=", "id=-1", "id=9223372036854775808", "id=x", "id=1&id=2", "id=%ff"] {
            assert!(optional_id(query).is_err(), "{query}");
            assert!(required_id(query).is_err(), "{query}");
        }
        assert!(required_id("").unwrap_err().contains("missing"));
    }
}
