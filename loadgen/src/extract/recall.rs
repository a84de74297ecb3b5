//! The answer whose number was found last, so that the next one need not be parsed that differs from it
//! in this number alone.
//!
//! Most answers of a counter are such. In JSON, a whole number in place of a whole number leaves everything
//! else what it was, so that to compare bytes is enough.

use std::cell::RefCell;

use super::content::Body;
use super::json::{Json, Pointed};
use super::number::Decimal;
use super::rule::Extract;

/// A longer answer is not kept.
const MOST_BYTES: usize = 4096;

/// More digits may not fit into what counts them.
const MOST_DIGITS: usize = 15;

/// After so many answers none of which was like the one before, no more are kept.
const MOST_MISSES: u32 = 64;

/// An answer, but for its number.
struct Known {
    /// The place that was named; `None` for that of the only number.
    pointer: Option<String>,
    content_type: String,
    before: Vec<u8>,
    behind: Vec<u8>,
}

#[derive(Default)]
struct Last {
    known: Option<Known>,
    /// How many answers in a row were not like the one before.
    misses: u32,
}

thread_local! {
    /// One for all clients of a worker: most often they all ask the same.
    static LAST: RefCell<Last> = RefCell::default();
}

/// The number that `rule` finds in `body`, where that is like the last one that was kept.
pub(super) fn number(rule: &Extract, body: &Body<'_>) -> Option<Decimal> {
    let named = Named::by(rule)?;
    LAST.with_borrow_mut(|last| {
        let known = last.known.as_ref()?;
        let is_like = known.pointer.as_deref() == named.pointer()
            && known.content_type == body.content_type
            && body.encoding.is_empty()
            && body.is_whole;
        let rest = body.bytes.strip_prefix(&*known.before)?;
        let digits = rest.strip_suffix(&*known.behind).filter(|_| is_like)?;
        let number = whole_number(digits)?;
        last.misses = 0;
        Some(number.into())
    })
}

/// Keeps `body`, whose `text` is as it came and in which `rule` has found a number.
pub(super) fn keep(rule: &Extract, body: &Body<'_>, text: &str) {
    let Some(named) = Named::by(rule) else { return };
    LAST.with_borrow_mut(|last| {
        last.misses = last.misses.saturating_add(1);
        if last.misses > MOST_MISSES || text.len() > MOST_BYTES || !body.encoding.is_empty() {
            last.known = None;
            return;
        }
        last.known = place(named, text).map(|place| Known {
            pointer: named.pointer().map(str::to_owned),
            content_type: body.content_type.to_owned(),
            before: text.as_bytes()[..place.start].to_vec(),
            behind: text.as_bytes()[place.end..].to_vec(),
        });
    });
}

/// A place in JSON.
#[derive(Clone, Copy)]
enum Named<'r> {
    /// That of the only number.
    Only,
    At(&'r str),
}

impl<'r> Named<'r> {
    /// What `rule` names; `None` where that is no such place.
    fn by(rule: &'r Extract) -> Option<Self> {
        match rule {
            Extract::Only => Some(Self::Only),
            Extract::Json(pointer) => Some(Self::At(pointer)),
            _ => None,
        }
    }

    fn pointer(self) -> Option<&'r str> {
        match self {
            Self::Only => None,
            Self::At(pointer) => Some(pointer),
        }
    }
}

/// Where the number stands in `text`, if nothing else depends on what it is.
fn place(named: Named<'_>, text: &str) -> Option<std::ops::Range<usize>> {
    let json = Json::parse(text)?;
    let digits = match named {
        Named::Only => only(&json)?,
        Named::At(pointer) => match json.pointer(pointer) {
            Pointed::To(Json::Number(digits)) => *digits,
            _ => return None,
        },
    };
    whole_number(digits.as_bytes())?;
    let start = digits.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let place = start..start + digits.len();
    // Whether a member of such a name tells of an error depends on its number.
    let before = text.get(..start)?.to_ascii_lowercase();
    let may_tell_error =
        ["error", "exception", "fault", "\\u"].iter().any(|word| before.contains(word));
    (text.get(place.clone()) == Some(digits) && !may_tell_error).then_some(place)
}

/// The only number of a document, as it is written.
fn only<'t>(json: &Json<'t>) -> Option<&'t str> {
    let mut found = None;
    let mut count = 0;
    json.walk(&mut |_, value| {
        if let Json::Number(digits) = value {
            count += 1;
            found = Some(*digits);
        }
    });
    found.filter(|_| count == 1)
}

/// A number as JSON writes whole ones, without a sign.
fn whole_number(digits: &[u8]) -> Option<i64> {
    let is_plain = match digits {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.len() < MOST_DIGITS && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    is_plain.then(|| digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::{Found, Heard, Steps};
    use super::*;

    fn heard<'t>(text: &'t str, content_type: &'t str) -> Heard<'t> {
        let (bytes, limit) = (text.as_bytes(), 1 << 20);
        let body = Body { bytes, is_whole: true, limit, content_type, encoding: "" };
        let steps = Steps::default();
        Heard { status: 200, head: b"", body, field: None, steps }
    }

    const TEXTS: [&str; 16] = [
        "{\"value\":N}",
        "{\"value\":N,\"name\":\"i\"}",
        "{\"name\":\"i\",\"value\": N }\n",
        "{\"value\":\"N\"}",
        "{\"error\":N}",
        "{\"value\":N,\"error\":1}",
        "{\"\\u0065rror\":N}",
        "{\"data\":{\"value\":N}}",
        "{\"value\":N,\"other\":N}",
        "{\"value\":-N}",
        "{\"value\":N.5}",
        "{\"value\":0N}",
        "[N]",
        "N",
        "N\n",
        "no JSON N",
    ];
    const RULES: [&str; 4] = ["only", "json:/value", "json:/data/value", "last"];
    const TYPES: [&str; 4] = ["application/json", "text/plain", "text/html", ""];

    proptest! {
        /// Whatever came before it, an answer has the number that it has.
        #[test]
        fn what_is_recalled_is_what_would_be_found(
            answers in prop::collection::vec(
                (select(&TEXTS[..]), prop_oneof![0..20_u64, any::<u64>()], select(&RULES[..]), select(&TYPES[..])),
                1..60,
            )
        ) {
            LAST.take();
            // Most answers are like the one before.
            for (template, number, rule, content_type) in answers {
                let rule: Extract = rule.parse().unwrap();
                for number in [number, number / 7, 0, 1] {
                    let text = template.replace('N', &number.to_string());
                    let heard = heard(&text, content_type);
                    let found = rule.number(&heard);
                    let afresh = match heard.body.text() {
                        Ok(text) => rule.number_in(&heard, &text),
                        Err(reason) => reason.into(),
                    };
                    prop_assert_eq!(found, afresh, "{} in {}", rule, text);
                }
            }
        }
    }

    #[test]
    fn an_answer_that_differs_in_its_number_alone_is_not_parsed() {
        LAST.take();
        let body = |text| heard(text, "application/json").body;
        assert_eq!(
            Extract::Only.number(&heard("{\"a\":7}", "application/json")),
            Found::Value(7.into())
        );
        assert_eq!(number(&Extract::Only, &body("{\"a\":1234}")), Some(1234.into()));
        for text in
            ["{\"a\":-1}", "{\"a\":01}", "{\"a\":1.5}", "{\"a\":}", "{\"b\":7}", "{\"a\":7} "]
        {
            assert_eq!(number(&Extract::Only, &body(text)), None, "{text}");
        }
        let other = Extract::Json("/a".to_owned());
        assert_eq!(number(&other, &body("{\"a\":7}")), None, "by another rule");
        assert_eq!(number(&Extract::Only, &heard("{\"a\":7}", "text/plain").body), None);
    }

    #[test]
    fn answers_that_are_never_alike_are_kept_no_more() {
        LAST.take();
        for number in 0..=MOST_MISSES {
            let text = format!("{{\"id\":\"{number}\",\"a\":{number}}}");
            assert!(matches!(Extract::Only.number(&heard(&text, "")), Found::Value(_)));
            LAST.with_borrow(|last| assert_eq!(last.known.is_some(), number < MOST_MISSES));
        }
    }
}
