//! The proxy that requests go through.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use clap::Args;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Url;

use super::values;

/// The options about a proxy.
#[derive(Args, Debug)]
pub(super) struct ProxyArguments {
    /// Send requests through this proxy (http://, https://, socks5://, or socks5h://, which looks
    /// up names itself), with an ordinary client, reqwest. env: use the proxy that the environment
    /// names (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`); otherwise the environment is
    /// ignored
    #[arg(long, value_name = "URL|env", value_parser = choice, help_heading = CONNECTIONS)]
    proxy: Option<Choice>,

    /// The same for an HTTP proxy, written as in ab
    #[arg(short = 'X', value_name = "HOST[:PORT]", value_parser = place, conflicts_with = "proxy", help_heading = CONNECTIONS)]
    http_proxy: Option<Url>,

    /// Credentials `user:password` for the proxy; @FILE and @env:NAME keep them out of the process
    /// list
    #[arg(short = 'P', long, value_name = "CREDENTIALS", value_parser = values::credentials, help_heading = CONNECTIONS)]
    proxy_user: Option<String>,
}

const CONNECTIONS: &str = "Connections";

/// Which proxy.
#[derive(Debug, Clone)]
enum Choice {
    This(Url),
    Environment,
}

const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

impl ProxyArguments {
    /// The proxy that requests to `url` go through, if they go through any.
    pub(super) fn proxy(&self, url: Option<&Url>) -> Result<Option<Url>, String> {
        let chosen = match (&self.proxy, &self.http_proxy) {
            (Some(Choice::This(proxy)), _) | (None, Some(proxy)) => Some(proxy.clone()),
            (Some(Choice::Environment), _) => url.map(of_environment).transpose()?.flatten(),
            (None, None) => None,
        };
        let is_asked_for = self.proxy.is_some() || self.http_proxy.is_some();
        if self.proxy_user.is_some() && !is_asked_for {
            return Err("-P/--proxy-user is for a proxy: expected --proxy URL".to_owned());
        }
        if is_asked_for && url.is_none() {
            return Err("--proxy leads to a service of your own: expected a URL".to_owned());
        }
        let Some(mut proxy) = chosen else { return Ok(None) };
        if let Some(credentials) = &self.proxy_user {
            identify(&mut proxy, credentials)?;
        }
        Ok(Some(proxy))
    }
}

/// Puts `user:password` into the URL of a proxy.
fn identify(proxy: &mut Url, credentials: &str) -> Result<(), String> {
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let set = proxy.set_username(user).and_then(|()| proxy.set_password(Some(password)));
    set.map_err(|()| format!("the proxy {proxy} takes no credentials"))
}

fn choice(text: &str) -> Result<Choice, String> {
    match text {
        "env" => Ok(Choice::Environment),
        text => proxy_url(text).map(Choice::This),
    }
}

/// What ab's -X has.
fn place(text: &str) -> Result<Url, String> {
    if text.contains("://") {
        return Err("expected HOST or HOST:PORT; --proxy takes a URL".to_owned());
    }
    proxy_url(text)
}

/// The URL of a proxy; it is one of HTTP where no scheme says otherwise.
fn proxy_url(text: &str) -> Result<Url, String> {
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let expected = || format!("expected a URL with {}://, or env", SCHEMES.join("://, "));
    let url: Url = text.parse().map_err(|_| expected())?;
    let is_known = SCHEMES.contains(&url.scheme()) && url.has_host();
    if is_known { Ok(url) } else { Err(expected()) }
}

/// The proxy that the environment names for `url`.
fn of_environment(url: &Url) -> Result<Option<Url>, String> {
    let to = url.as_str().parse().map_err(|_| format!("{url} cannot go through a proxy"))?;
    let Some(named) = Matcher::from_env().intercept(&to) else { return Ok(None) };
    let mut proxy = proxy_url(&named.uri().to_string())?;
    if let Some(credentials) = credentials(&named) {
        identify(&mut proxy, &credentials)?;
    }
    Ok(Some(proxy))
}

fn credentials(named: &Intercept) -> Option<String> {
    if let Some((user, password)) = named.raw_auth() {
        return Some(format!("{user}:{password}"));
    }
    let coded = named.basic_auth()?.to_str().ok()?.strip_prefix("Basic ")?;
    String::from_utf8(BASE64_STANDARD.decode(coded).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_url_and_one_of_http_where_it_does_not_say() {
        for (text, expected) in [
            ("a:3128", "http://a:3128/"),
            ("a", "http://a/"),
            ("http://u:p@a:1", "http://u:p@a:1/"),
            ("socks5://a:1080", "socks5://a:1080"),
            ("socks5h://[::1]:1080", "socks5h://[::1]:1080"),
        ] {
            assert_eq!(proxy_url(text).unwrap().as_str(), expected);
        }
        for text in ["ftp://a", "http://", "socks4://a", "a b"] {
            assert!(proxy_url(text).unwrap_err().contains("socks5h://, or env"), "{text}");
        }
        assert!(place("http://a").unwrap_err().contains("--proxy takes a URL"));
    }

    #[test]
    fn credentials_are_put_into_the_url() {
        for (scheme, expected) in [("http", "http://u:p%3Aq@a/"), ("socks5", "socks5://u:p%3Aq@a")]
        {
            let mut proxy = proxy_url(&format!("{scheme}://a")).unwrap();
            identify(&mut proxy, "u:p:q").unwrap();
            assert_eq!(proxy.as_str(), expected);
        }
    }
}
