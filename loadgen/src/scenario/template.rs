//! Text with variables: what differs from one request to the next.

use std::convert::Infallible;
use std::ops::RangeInclusive;
use std::sync::Arc;

use thiserror::Error;

use super::pick::{self, Pick, Variables};

/// What stands for a request's own value, where it has one; `{{value}}` is the same.
pub const PLACEHOLDER: &str = "{value}";

/// Text in which `{{NAME}}` stands for what a variable is in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    Variable(Variable),
}

/// What has a value of its own in each request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Variable {
    /// A number that no other request has, nor one of an earlier run: 16 digits.
    Value,
    /// Which request it is: 1, 2, …
    Seq,
    /// Which client sends it: 0, 1, …
    Client,
    /// A UUID of version 4.
    Uuid,
    /// One of these, each as likely as another.
    Rand(RangeInclusive<i64>),
    /// What was picked for the request, by its place among the picks.
    Picked(usize),
}

/// What the variables of a client's requests are made from.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    client: u32,
    random: fastrand::Rng,
    seq: u64,
    value: u64,
    picks: Arc<[Pick]>,
    /// What was picked for this request.
    picked: Vec<Vec<u8>>,
}

/// A name in double braces that stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "there is no variable {{{{{name}}}}}: expected {known}{{{{seq}}}}, {{{{client}}}}, \
     {{{{uuid}}}}, {{{{rand 1..100}}}} or {{{{value}}}}; {{{{{{{{ stands for {{{{"
)]
pub struct UnknownVariable {
    name: String,
    /// Those of the user's own.
    known: String,
}

impl UnknownVariable {
    fn new(name: String, picks: &[Pick]) -> Self {
        let known: Vec<_> = picks.iter().map(|pick| format!("{{{{{}}}}}, ", pick.name)).collect();
        Self { name, known: known.concat() }
    }
}

const OPEN: &[u8] = b"{{";
const CLOSE: &[u8] = b"}}";

impl Template {
    /// `text` with its `variables`, of which [`PLACEHOLDER`] may be one.
    ///
    /// # Errors
    /// When a name in double braces is none.
    pub(crate) fn parse(text: &[u8], variables: &Variables) -> Result<Self, UnknownVariable> {
        Self::read(text, |rest| {
            if rest.starts_with(b"{{{{") {
                return Ok(Some((Piece::Text(OPEN.to_vec()), OPEN.len() * 2)));
            }
            Ok(variable(rest, &variables.picks)?.or_else(|| placeholder(rest, variables.has_value)))
        })
    }

    /// The same, where a name that is none stands for itself.
    pub(crate) fn of(text: &[u8], variables: &Variables) -> Self {
        Self::parse(text, variables).unwrap_or_else(|_| Self::literal(text, variables.has_value))
    }

    /// `text` as it is, but for [`PLACEHOLDER`] where it `has_value`.
    pub(crate) fn literal(text: &[u8], has_value: bool) -> Self {
        let placeholder = |rest: &[u8]| Ok::<_, Infallible>(placeholder(rest, has_value));
        Self::read(text, placeholder).unwrap_or_else(|never| match never {})
    }

    /// `text` in pieces: what `piece` finds at a beginning, and how long it is there; elsewhere text.
    fn read<E>(
        text: &[u8],
        piece: impl Fn(&[u8]) -> Result<Option<(Piece, usize)>, E>,
    ) -> Result<Self, E> {
        let mut template = Self(Vec::new());
        let mut rest = text;
        while let Some(first) = rest.first() {
            let (piece, length) = piece(rest)?.unwrap_or_else(|| (Piece::Text(vec![*first]), 1));
            template.push(piece);
            rest = &rest[length..];
        }
        Ok(template)
    }

    /// Whether it is the same in each request.
    pub(crate) fn is_constant(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// Whether wherever it stands in a request it is the same: nothing in it is drawn in its place.
    pub(crate) fn is_one(&self) -> bool {
        let is_drawn =
            |piece: &Piece| matches!(piece, Piece::Variable(Variable::Uuid | Variable::Rand(_)));
        !self.0.iter().any(is_drawn)
    }

    /// Appends the text as it is in the request that `values` are of.
    pub(crate) fn fill(&self, into: &mut Vec<u8>, values: &mut Values) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => into.extend_from_slice(text),
                Piece::Variable(variable) => values.append(variable, into),
            }
        }
    }

    fn push(&mut self, piece: Piece) {
        match (self.0.last_mut(), piece) {
            (Some(Piece::Text(known)), Piece::Text(text)) => known.extend_from_slice(&text),
            (_, piece) => self.0.push(piece),
        }
    }
}

/// Part of a URL, with braces in place of those that are percent-encoded, where they are a variable's.
pub(crate) fn in_url(text: &str) -> String {
    let first = |text: &str, words: [&'static str; 2]| {
        let places = words.into_iter().filter_map(|word| Some((text.find(word)?, word.len())));
        places.min()
    };
    let (mut decoded, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((begin, open)) = first(rest, ["{{", "%7B%7B"])
        && let behind = &rest[begin + open..]
        && let Some((end, close)) = first(behind, ["}}", "%7D%7D"])
    {
        let name = behind[..end].replace("%20", " ").replace('+', " ");
        decoded.extend([&rest[..begin], "{{", &name, "}}"]);
        rest = &behind[end + close..];
    }
    decoded.push_str(rest);
    decoded.replace("%7Bvalue%7D", PLACEHOLDER)
}

/// The variable at the beginning of `text`, and how long what stands for it is.
fn variable(text: &[u8], picks: &[Pick]) -> Result<Option<(Piece, usize)>, UnknownVariable> {
    let Some(rest) = text.strip_prefix(OPEN) else { return Ok(None) };
    let Some(length) = rest.windows(CLOSE.len()).position(|part| part == CLOSE) else {
        return Ok(None);
    };
    let name = String::from_utf8_lossy(&rest[..length]).into_owned();
    let own = picks.iter().position(|pick| pick.name == name.trim()).map(Variable::Picked);
    let variable = own.or_else(|| named(name.trim()));
    let variable = variable.ok_or_else(|| UnknownVariable::new(name, picks))?;
    Ok(Some((Piece::Variable(variable), OPEN.len() + length + CLOSE.len())))
}

/// [`PLACEHOLDER`], where it is one and stands at the beginning of `text`.
fn placeholder(text: &[u8], has_value: bool) -> Option<(Piece, usize)> {
    let is_value = has_value && text.starts_with(PLACEHOLDER.as_bytes());
    is_value.then_some((Piece::Variable(Variable::Value), PLACEHOLDER.len()))
}

fn named(name: &str) -> Option<Variable> {
    match name {
        "value" => Some(Variable::Value),
        "seq" => Some(Variable::Seq),
        "client" => Some(Variable::Client),
        "uuid" => Some(Variable::Uuid),
        name => {
            let range = pick::range(name.strip_prefix("rand ")?)?;
            (!range.is_empty()).then_some(Variable::Rand(range))
        }
    }
}

impl Values {
    /// Those of the requests of one client, from a seed: the same seed, the same values.
    pub(crate) fn of_client(client: u32, seed: u64, variables: &Variables) -> Self {
        // Seeds that differ little make generators that do not.
        let mut first = fastrand::Rng::with_seed(seed);
        let random = fastrand::Rng::with_seed(first.u64(..) ^ (u64::from(client) << 1 | 1));
        let picks = Arc::clone(&variables.picks);
        let picked = vec![Vec::new(); picks.len()];
        Self { client, random, seq: 1, value: 0, picks, picked }
    }

    /// Those of a request that stands for all of them.
    pub(crate) fn example(variables: &Variables) -> Self {
        let mut values = Self::of_client(0, 0, variables);
        values.pick();
        values
    }

    /// The same client's for its request with this `number` among all, from 0, and this `value`.
    pub(crate) fn next(&mut self, number: u64, value: u64) {
        (self.seq, self.value) = (number + 1, value);
        self.pick();
    }

    fn pick(&mut self) {
        for (pick, picked) in self.picks.iter().zip(&mut self.picked) {
            picked.clear();
            pick.draw(&mut self.random, picked);
        }
    }

    /// The value of the request.
    #[cfg(test)]
    pub(crate) fn value(&self) -> u64 {
        self.value
    }

    fn append(&mut self, variable: &Variable, into: &mut Vec<u8>) {
        match variable {
            Variable::Value => into.extend_from_slice(format!("{:016}", self.value).as_bytes()),
            Variable::Seq => decimal(into, self.seq),
            Variable::Client => decimal(into, u64::from(self.client)),
            Variable::Uuid => into.extend_from_slice(uuid(self.random.u128(..)).as_bytes()),
            Variable::Rand(range) => {
                into.extend_from_slice(self.random.i64(range.clone()).to_string().as_bytes());
            }
            Variable::Picked(place) => into.extend_from_slice(&self.picked[*place]),
        }
    }
}

fn decimal(into: &mut Vec<u8>, number: u64) {
    into.extend_from_slice(number.to_string().as_bytes());
}

/// A UUID of these bits, but for those that say that it is one at random (RFC 9562, section 5.4).
pub(super) fn uuid(bits: u128) -> String {
    const VERSION: u128 = 0x4 << 76;
    const VARIANT: u128 = 0b10 << 62;
    let bits = bits & !(0xf << 76) & !(0b11 << 62) | VERSION | VARIANT;
    let digits = format!("{bits:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn filled(template: &Template, values: &mut Values) -> String {
        let mut text = Vec::new();
        template.fill(&mut text, values);
        String::from_utf8(text).unwrap()
    }

    fn of_client(client: u32, seed: u64) -> Values {
        Values::of_client(client, seed, &Variables::default())
    }

    const VALUE: fn() -> Variables = || Variables { has_value: true, ..Variables::default() };

    fn once(text: &str) -> String {
        let mut values = of_client(7, 1);
        values.next(41, 123);
        filled(&Template::parse(text.as_bytes(), &VALUE()).unwrap(), &mut values)
    }

    #[test]
    fn each_variable_is_what_its_name_says() {
        for (text, expected) in [
            ("", ""),
            ("plain {x} } {", "plain {x} } {"),
            ("{{seq}}", "42"),
            ("a{{ seq }}b{{client}}", "a42b7"),
            ("{{value}}", "0000000000000123"),
            ("{value}", "0000000000000123"),
            ("{\"a\":{\"b\":{{seq}}}}", "{\"a\":{\"b\":42}}"),
            ("{{rand 5..5}}", "5"),
            ("{{rand -3..-3}}", "-3"),
            ("{{{{seq}}", "{{seq}}"),
            ("{{seq", "{{seq"),
        ] {
            assert_eq!(once(text), expected, "{text}");
        }
        let literal = Template::parse(b"{value}", &Variables::default()).unwrap();
        assert!(
            literal.is_constant()
                && !Template::parse(b"{{seq}}", &Variables::default()).unwrap().is_constant()
        );
    }

    #[test]
    fn a_name_that_is_none_is_refused_with_those_that_are() {
        for text in ["{{user}}", "{{rand}}", "{{rand 5..1}}", "{{rand a..b}}", "{{}}", "{{Seq}}"] {
            let error = Template::parse(text.as_bytes(), &VALUE()).unwrap_err().to_string();
            assert!(error.contains(text) && error.contains("{{rand 1..100}}"), "{error}");
            assert!(error.ends_with("{{{{ stands for {{"), "{error}");
        }
    }

    #[test]
    fn a_url_may_have_them_encoded_and_keeps_what_is_none() {
        for (url, expected) in [
            ("http://h/{{seq}}?a={{rand 1..1}}", "/1?a=1"),
            ("http://h/%7B%7Bseq%7D%7D?a={{rand+1..1}}", "/1?a=1"),
            ("http://h/{value}/{{value}}", "/0000000000000000/0000000000000000"),
            ("http://h/%7Ba%7D?b=%7D%7D", "/%7Ba%7D?b=%7D%7D"),
        ] {
            let url: url::Url = url.parse().unwrap();
            let text = in_url(&url[url::Position::BeforePath..]);
            let template = Template::parse(text.as_bytes(), &VALUE()).unwrap();
            assert_eq!(filled(&template, &mut of_client(0, 0)), expected);
        }
    }

    #[test]
    fn what_is_at_random_differs_by_client_and_is_the_same_again_by_seed() {
        let template =
            Template::parse(b"{{uuid}} {{rand 1..1000000}}", &Variables::default()).unwrap();
        let of = |client, seed| filled(&template, &mut of_client(client, seed));
        assert_eq!(of(3, 9), of(3, 9));
        let all: HashSet<_> =
            (0..100).flat_map(|client| (0..100).map(move |seed| (client, seed))).collect();
        let made: HashSet<_> = all.iter().map(|(client, seed)| of(*client, *seed)).collect();
        assert_eq!(made.len(), all.len());
        for text in made {
            let (uuid, number) = text.split_once(' ').unwrap();
            let parts: Vec<_> = uuid.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{uuid}");
            assert!(&uuid[14..15] == "4" && "89ab".contains(&uuid[19..20]), "{uuid}");
            assert!((1..=1_000_000).contains(&number.parse::<i64>().unwrap()));
        }
    }

    #[test]
    fn every_number_of_a_range_comes_about_as_often() {
        let template = Template::parse(b"{{rand 1..10}}", &Variables::default()).unwrap();
        let mut values = of_client(0, 1);
        let mut counts = [0_u32; 10];
        for _ in 0..10_000 {
            let number: usize = filled(&template, &mut values).parse().unwrap();
            counts[number - 1] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
    }

    #[test]
    fn what_is_picked_is_the_same_all_over_a_request_and_another_in_the_next() {
        let picks = ["sku=1..1000000", "key=uuid", "user=ann,bob"];
        let picks: Arc<[Pick]> = picks.into_iter().map(|pick| pick.parse().unwrap()).collect();
        let variables = Variables { has_value: false, picks };
        let parse = |text: &str| Template::parse(text.as_bytes(), &variables).unwrap();
        let [url, key] =
            [parse("/{{sku}}/{{user}}?k={{key}}"), parse("{{sku}}/{{user}}?k={{ key }}")];
        assert!(key.is_one() && !key.is_constant() && !parse("{{sku}}{{rand 1..2}}").is_one());
        let mut values = Values::of_client(1, 1, &variables);
        let mut seen = HashSet::new();
        for number in 0..100 {
            values.next(number, 0);
            let [url, key] = [&url, &key].map(|template| filled(template, &mut values));
            assert_eq!(url, format!("/{key}"));
            assert!(seen.insert(key), "each has another key");
        }
        let error = Template::parse(b"{{skus}}", &variables).unwrap_err().to_string();
        assert!(error.contains("expected {{sku}}, {{key}}, {{user}}, {{seq}}, "), "{error}");
    }
}
