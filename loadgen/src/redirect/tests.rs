use std::time::Duration;

use http::HeaderValue;
use proptest::prelude::*;

use super::*;
use crate::extract::{Body, Heard, Steps};
use crate::plan::Connecting;
use crate::scenario::{Call, Escape, Place, Step, Told, Values, Variables, Word, verbatim_url};
use crate::timers::Timers;
use crate::wire::http1::Http1;
use crate::wire::http2::Http2;
use crate::wire::reqwest::Reqwest;
use crate::wire::{Dialer, Driver};

const BASE: &str = "http://shop.example:8080/cart/add?sku=1";

fn asked(method: Method) -> Asked {
    Asked { url: BASE.parse().unwrap(), method, is_whole: true }
}

fn head(location: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 302 Found\r\nLocation: ", location, b"\r\nServer: x\r\n\r\n"].concat()
}

fn led(location: &str) -> Result<String, Unfollowed> {
    next(302, &head(location.as_bytes()), &asked(Method::GET)).map(|next| next.url.to_string())
}

#[test]
fn the_method_and_content_that_follow_are_those_that_the_status_says() {
    use Method as M;
    let get = |is_whole| Some((M::GET, is_whole));
    for (status, method, expected) in [
        (303, M::POST, get(false)),
        (303, M::PUT, get(false)),
        (303, M::GET, get(false)),
        (303, M::HEAD, Some((M::HEAD, false))),
        (301, M::POST, get(false)),
        (302, M::POST, get(false)),
        (301, M::GET, get(true)),
        (302, M::PUT, Some((M::PUT, true))),
        (302, M::DELETE, Some((M::DELETE, true))),
        (307, M::POST, Some((M::POST, true))),
        (308, M::PUT, Some((M::PUT, true))),
        (200, M::POST, None),
        (300, M::POST, None),
        (304, M::GET, None),
        (305, M::GET, None),
        (306, M::GET, None),
        (309, M::GET, None),
        (201, M::POST, None),
    ] {
        let next = next(status, &head(b"/done"), &asked(method.clone()));
        let next = next.map(|Asked { method, is_whole, .. }| (method, is_whole)).ok();
        assert_eq!(next, expected, "{status} to {method}");
        assert_eq!(is_redirect(status), expected.is_some(), "{status}");
    }
    // What was left out once does not come back.
    let page = Asked { is_whole: false, ..asked(M::GET) };
    assert!(!next(307, &head(b"/done"), &page).unwrap().is_whole);
}

#[test]
fn a_location_leads_to_the_same_service_or_nowhere() {
    for (location, expected) in [
        ("/done", "http://shop.example:8080/done"),
        ("done?a=b#part", "http://shop.example:8080/cart/done?a=b"),
        ("?a=b", "http://shop.example:8080/cart/add?a=b"),
        ("../x", "http://shop.example:8080/x"),
        ("#part", "http://shop.example:8080/cart/add?sku=1"),
        ("//shop.example:8080/x", "http://shop.example:8080/x"),
        ("HTTP://SHOP.example:8080/x", "http://shop.example:8080/x"),
        ("/ä b", "http://shop.example:8080/%C3%A4%20b"),
        ("/a:b", "http://shop.example:8080/a:b"),
    ] {
        assert_eq!(led(location).as_deref(), Ok(expected), "{location}");
    }
    for location in [
        "https://shop.example:8080/x",
        "http://shop.example/x",
        "http://shop.example:80/x",
        "http://evil.example:8080/x",
        "//evil/",
        "/\\evil/",
        "\\\\evil/",
        "http:\\\\evil",
        "http://shop.example:8080@evil/",
        "http://shop.example.:8080/",
        "ws://shop.example:8080/x",
        "javascript:alert(1)",
        "data:text/plain,x",
        "file:///etc/passwd",
        // Whose origin is that of what is in it.
        "blob:http://shop.example:8080/x",
    ] {
        assert_eq!(led(location), Err(Outside::Elsewhere.into()), "{location}");
    }
    for location in
        ["http://me@shop.example:8080/", "//:pw@shop.example:8080/", "//a:b@shop.example:8080"]
    {
        assert_eq!(led(location), Err(Outside::Credentials.into()), "{location}");
    }
    for location in [
        "http://",
        "http://[::1/",
        "///evil/",
        "//shop.example:99999/",
        "/a\tb",
        "/a\0b",
        "/a\x7fb",
    ] {
        assert_eq!(led(location), Err(Outside::NoUrl.into()), "{location:?}");
    }
    assert_eq!(led(""), Err(Unfollowed::NoLocation));
    assert_eq!(led("  \t"), Err(Unfollowed::NoLocation));
    assert_eq!(led(&format!("/{}", "a".repeat(MOST_LOCATION_BYTES - 1))).map(drop), Ok(()));
    assert_eq!(led(&"a".repeat(MOST_LOCATION_BYTES + 1)), Err(Outside::NoUrl.into()));
}

#[test]
fn there_is_one_location_on_one_line() {
    let led = |lines: &str| {
        let head = format!("HTTP/1.1 302 Found\r\n{lines}\r\n");
        next(302, head.as_bytes(), &asked(Method::GET)).map(|next| next.url.path().to_owned())
    };
    assert_eq!(led("A: b\r\nLOCATION:/x\r\n").as_deref(), Ok("/x"));
    assert_eq!(led("X-Location: /x\r\n"), Err(Unfollowed::NoLocation));
    assert_eq!(led("Content-Location: /x\r\n"), Err(Unfollowed::NoLocation));
    assert_eq!(led("Location: /x\r\nlocation: /x\r\n"), Err(Unfollowed::SeveralLocations));
    assert_eq!(led("Location: /x\r\n\t/y\r\n"), Err(Outside::NoUrl.into()));
    assert_eq!(led("A: b\r\n Location: /x\r\nLocation: /y\r\n").as_deref(), Ok("/y"));
    let head = head(b"/\xff\xfe");
    assert_eq!(next(302, &head, &asked(Method::GET)), Err(Outside::NoUrl.into()));
}

proptest! {
    /// Wherever it is led, it stays with the service, and its request has one line for where it goes.
    #[test]
    fn no_location_leads_elsewhere(
        location in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            "(http|https|blob|)(:|)[/\\\\]{0,3}(evil|shop\\.example|u:p@shop\\.example)(:8080|)[/?#@]?.{0,8}"
                .prop_map(String::into_bytes),
        ],
        status in prop::sample::select(vec![301, 302, 303, 307, 308]),
    ) {
        if let Ok(next) = next(status, &head(&location), &asked(Method::POST)) {
            prop_assert_eq!(next.url.origin(), BASE.parse::<Url>().unwrap().origin());
            prop_assert_eq!(next.url.scheme(), "http");
            prop_assert!(next.url.username().is_empty() && next.url.password().is_none());
            prop_assert!(next.url.fragment().is_none());
            prop_assert!(next.url.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let _inside = runtime.enter();
            let driver = Http1::new(true, Dialer::new(Timers::current(), None));
            let url = verbatim_url(next.url);
            let message = driver.encode(&url, &Call::new(next.method, None));
            let shown = driver.show(&message);
            let (line, _) = shown.split_once("\r\n").unwrap();
            prop_assert_eq!(line.split(' ').count(), 3, "{}", line);
            prop_assert!(!driver.varies(&message), "{}", line);
        }
    }
}

/// A POST of which everything differs from one request to the next.
fn varied() -> Step {
    let place = Place::Url("http://shop.example/a/{{rand 1..99999}}?k={{uuid}}".parse().unwrap());
    let headers = [
        ("X-Key", "{{uuid}} {{{{seq}}"),
        ("Content-Type", "text/{{rand 1..99999}}"),
        ("If-Match", "\"{{seq}}\""),
        ("Authorization", "Bearer {{rand 1..99999}}"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), HeaderValue::from_static(value)));
    let call = Call {
        headers: headers.into(),
        escape: Some(Escape::None),
        ..Call::new(Method::POST, Some(b"{{uuid}} {{rand 1..99999}} {{seq}} {{{{seq}}".to_vec()))
    };
    Step { follow: 2, ..Step::plain(place, call, Duration::from_secs(1)) }
}

fn heard(status: u16, head: &[u8]) -> Heard<'_> {
    let (body, steps) = (Body::default(), Steps::default());
    Heard { status, head, body, field: None, steps }
}

/// What `driver` sends for a step, and what it sends behind a redirect with this status and Location.
fn sent<D: Driver>(driver: &D, step: &Step, status: u16, location: &str) -> (String, String) {
    let base = "http://shop.example/".parse().unwrap();
    let mut values = Values::of_client(3, 7, &Variables::default());
    values.next(41, 1000);
    // Something is drawn before, as other requests are.
    values.within(Duration::ZERO, Duration::from_secs(1));
    values.mark();
    let (place, call) = step.turn(0);
    let mut message = driver.encode(&place.on(&base), call);
    driver.fill(&mut message, &mut values);
    let head = head(location.as_bytes());
    let first = First { step, turn: 0, base: &base };
    let hop = follow(driver, first, None, &heard(status, &head), &mut values).unwrap();
    assert!(!driver.varies(&hop.message), "nothing in it is drawn once more");
    assert_eq!(driver.sizes(&hop.message).body_bytes > 0, status == 307);
    (driver.show(&message), driver.show(&hop.message))
}

/// Within a runtime, which connections need that are not made here.
fn with_drivers(test: impl Fn(&Http1, &Http2, &Reqwest)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let dialer = || Dialer::new(Timers::current(), None);
    let reqwest = Reqwest::new(true, &BASE.parse().unwrap(), &Connecting::default());
    test(&Http1::new(true, dialer()), &Http2::new(1, true, dialer()), &reqwest);
}

#[test]
fn what_is_repeated_is_the_same_to_the_last_byte() {
    let step = varied();
    with_drivers(|http1, http2, reqwest| {
        for (first, again) in [
            sent(http1, &step, 307, "#again"),
            sent(http2, &step, 307, "#again"),
            sent(reqwest, &step, 307, "#again"),
        ] {
            assert!(first.contains("{{seq}}"), "{first}");
            assert_eq!(first, again);
        }
    });
}

#[test]
fn a_page_is_asked_for_with_the_credentials_and_without_the_content() {
    let step = varied();
    with_drivers(|http1, http2, reqwest| {
        for (first, page) in [
            sent(http1, &step, 303, "/done?{{seq}}={value}%7B%7Buuid%7D%7D"),
            sent(http2, &step, 303, "/done?{{seq}}={value}%7B%7Buuid%7D%7D"),
            sent(reqwest, &step, 303, "/done?{{seq}}={value}%7B%7Buuid%7D%7D"),
        ] {
            let (first, page) = (first.to_lowercase(), page.to_lowercase());
            let field = |text: &str, name: &str| {
                let line = text.lines().find(|line| line.starts_with(&format!("{name}: ")));
                line.map(str::to_owned)
            };
            for name in ["authorization", "x-key"] {
                assert!(field(&page, name).is_some(), "{page}");
                assert_eq!(field(&first, name), field(&page, name));
            }
            for name in ["content-type", "content-length", "if-match"] {
                assert_eq!(field(&page, name), None, "{page}");
            }
            // What a service says is no variable of ours.
            let expected = "/done?%7b%7bseq}}=%7bvalue}%7b%7buuid%7d%7d";
            assert!(page.contains("get") && page.contains(expected), "{page}");
        }
    });
}

#[test]
fn what_its_user_declares_is_not_followed_nor_are_more_than_are_asked_for() {
    let plain = varied();
    let rule = |text: &str| Step { answers: text.parse().unwrap(), ..plain.clone() };
    let mut values = Values::of_client(0, 1, &Variables::default());
    let base = "http://shop.example/".parse().unwrap();
    let head = head(b"/done");
    let begun = Trail::begin(&plain, 0, &base, &mut values);
    let after = |trail: &Trail, step: &Step, status| {
        trail.next(step, &heard(status, &head)).map(|next| next.url().path().to_owned())
    };
    assert_eq!(after(&begun, &plain, 302).as_deref(), Ok("/done"));
    for text in ["302=applied", "3xx=unknown", "302 header:location=/done = refused"] {
        assert_eq!(after(&begun, &rule(text), 302), Err(Unfollowed::Declared), "{text}");
    }
    for text in ["303=applied", "200=unknown", "302 header:location=/no = refused"] {
        assert!(after(&begun, &rule(text), 302).is_ok(), "{text}");
    }
    let once = begun.next(&plain, &heard(302, &head)).unwrap();
    let twice = once.next(&plain, &heard(302, &head)).unwrap();
    assert_eq!(after(&twice, &plain, 302), Err(Unfollowed::TooMany));
    assert_eq!(after(&twice, &plain, 200), Err(Unfollowed::NoRedirect));
    let none = Step { follow: 0, ..plain.clone() };
    assert_eq!(after(&begun, &none, 302), Err(Unfollowed::NotAsked));
}

#[test]
fn a_refusal_behind_a_redirect_that_may_have_come_of_it_is_none() {
    let step = varied();
    let values = Values::of_client(0, 1, &Variables::default());
    let base = "http://shop.example/".parse().unwrap();
    let head = head(b"/done");
    let told = |statuses: &[u16], told| {
        let mut trail = Trail::begin(&step, 0, &base, &mut values.clone());
        for status in statuses {
            trail = trail.next(&step, &heard(*status, &head)).unwrap();
        }
        trail.told(told)
    };
    let unknown = Told::Declared(Word::Unknown);
    for statuses in [&[301][..], &[302], &[303], &[303, 307], &[307, 302]] {
        assert_eq!(told(statuses, Told::Assumed), unknown, "{statuses:?}");
    }
    assert_eq!(told(&[307, 308], Told::Assumed), Told::Assumed, "nothing was done before");
    for word in [Word::Applied, Word::NotApplied, Word::Refused] {
        assert_eq!(told(&[303], Told::Declared(word)), Told::Declared(word));
    }
}
