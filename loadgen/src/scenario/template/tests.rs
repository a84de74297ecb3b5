//! What stands for a variable, and what it is in a request.

use std::collections::HashSet;

use super::super::pick::Pick;
use super::super::variables::{Draw, Name};
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
    filled(&Template::parse(text.as_bytes(), &VALUE(), Escape::None).unwrap(), &mut values)
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
    let literal = Template::parse(b"{value}", &Variables::default(), Escape::None).unwrap();
    assert!(
        literal.is_constant()
            && !Template::parse(b"{{seq}}", &Variables::default(), Escape::None)
                .unwrap()
                .is_constant()
    );
}

#[test]
fn a_name_that_is_none_is_refused_with_those_that_are() {
    for text in ["{{user}}", "{{rand}}", "{{rand 5..1}}", "{{rand a..b}}", "{{}}", "{{Seq}}"] {
        let error =
            Template::parse(text.as_bytes(), &VALUE(), Escape::None).unwrap_err().to_string();
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
        let template = Template::parse(text.as_bytes(), &VALUE(), Escape::None).unwrap();
        assert_eq!(filled(&template, &mut of_client(0, 0)), expected);
    }
}

#[test]
fn what_is_at_random_differs_by_client_and_is_the_same_again_by_seed() {
    let template =
        Template::parse(b"{{uuid}} {{rand 1..1000000}}", &Variables::default(), Escape::None)
            .unwrap();
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
    let template = Template::parse(b"{{rand 1..10}}", &Variables::default(), Escape::None).unwrap();
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
    let picks: Vec<Pick> = picks.into_iter().map(|pick| pick.parse().unwrap()).collect();
    let (variables, draws) = (Variables::of_picks(&picks), Draw::all(&picks));
    let parse = |text: &str| Template::parse(text.as_bytes(), &variables, Escape::Url).unwrap();
    let [url, key] = [parse("/{{sku}}/{{user}}?k={{key}}"), parse("{{sku}}/{{user}}?k={{ key }}")];
    assert!(key.is_one() && !key.is_constant() && !parse("{{sku}}{{rand 1..2}}").is_one());
    let mut values = Values::of_client(1, 1, &variables);
    let mut seen = HashSet::new();
    for number in 0..100 {
        values.next(number, 0);
        values.draw(&draws);
        let [url, key] = [&url, &key].map(|template| filled(template, &mut values));
        assert_eq!(url, format!("/{key}"));
        assert!(seen.insert(key), "each has another key");
    }
    let error = Template::parse(b"{{skus}}", &variables, Escape::None).unwrap_err().to_string();
    assert!(error.contains("expected {{sku}}, {{key}}, {{user}}, {{seq}}, "), "{error}");
}

#[test]
fn a_number_may_be_added_to_what_is_kept() {
    let names = [Name::new("n", None, None), Name::new("n-1", None, None)].into();
    let variables = Variables { names, ..Variables::default() };
    let filled_with = |text: &str, n: &str| {
        let mut values = Values::of_client(0, 0, &variables);
        values.set(0, n.as_bytes());
        values.set(1, b"own");
        let text = in_url(text);
        let template = Template::parse(text.as_bytes(), &variables, Escape::Json).unwrap();
        filled(&template, &mut values)
    };
    for (text, n, expected) in [
        ("{{n + 1}}", "41", "42"),
        ("{{n+1}} and {{ n - 50 }}", "41", "42 and -9"),
        ("%7B%7Bn%20%2B%201%7D%7D", "-1", "0"),
        // A name is itself first.
        ("{{n-1}}", "41", "own"),
        // What is no number must not be taken for one.
        ("{{n + 1}}", "", "NaN"),
        ("{{n + 1}}", "1.5", "NaN"),
        ("{{n + 1}}", "\"a\"", "NaN"),
        ("{{n + 1}}", "9223372036854775807", "NaN"),
    ] {
        assert_eq!(filled_with(text, n), expected, "{text} of {n}");
    }
    for text in ["{{m + 1}}", "{{n + n}}", "{{n +}}", "{{n + 1 + 1}}", "{{n + -1}}", "{{n * 2}}"] {
        assert!(Template::parse(text.as_bytes(), &variables, Escape::None).is_err(), "{text}");
    }
    assert!(variables.is_number("n + 1") && !variables.is_number("n"));
    assert!(!variables.is_number("m + 1"));
}
