//! The cookies of a session.

use std::fmt;

use cookie_store::CookieStore;
use url::Url;

/// What a header of cookies stands for in a request: those of the client's session.
pub const COOKIES: &str = "cookies";

/// The cookies that a client keeps.
#[derive(Clone, Default)]
pub(crate) struct Jar(CookieStore);

/// A session is known by its cookies: they are shown nowhere.
impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jar(..)")
    }
}

impl Jar {
    /// Keeps what an answer from `url` sets by its `head`, which may be that a cookie is gone.
    pub(crate) fn keep(&mut self, url: &Url, head: &[u8]) {
        for line in head.split(|byte| *byte == b'\n').skip(1) {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            if line[..colon].eq_ignore_ascii_case(b"set-cookie") {
                let value = String::from_utf8_lossy(&line[colon + 1..]);
                // What is no cookie, or is not for this service, is none of its.
                let _ = self.0.parse(value.trim(), url);
            }
        }
    }

    /// The cookies that a request to `url` has.
    pub(crate) fn text(&self, url: &Url) -> String {
        let pairs = self.0.get_request_values(url).map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_kept_for_where_they_belong_until_they_are_gone() {
        let url = |path: &str| Url::parse(&format!("http://shop.example{path}")).unwrap();
        let mut jar = Jar::default();
        assert_eq!(jar.text(&url("/")), "");
        let head =
            b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=1; Path=/\r\nset-cookie: cart=2; Path=/shop\r\n\
                     Set-Cookie: x=3; Domain=elsewhere.org\r\nSet-Cookie: s=4; Secure\r\n\r\n";
        jar.keep(&url("/login"), head);
        assert_eq!(jar.text(&url("/other")), "sid=1");
        let mut both: Vec<_> = jar.text(&url("/shop/1")).split("; ").map(str::to_owned).collect();
        both.sort();
        assert_eq!(both, ["cart=2", "sid=1"]);
        jar.keep(&url("/"), b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=5; Path=/\r\n\r\n");
        assert_eq!(jar.text(&url("/")), "sid=5");
        jar.keep(&url("/"), b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=; Max-Age=0; Path=/\r\n\r\n");
        assert_eq!(jar.text(&url("/")), "");
        assert_eq!(format!("{jar:?}"), "Jar(..)");
    }
}
