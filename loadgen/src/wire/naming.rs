//! Where names lead: to the addresses that the system knows, or that the user gives.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::path::Path;
use std::sync::Arc;

use url::Url;

use super::Address;
use super::endpoint::Resolve;

/// Where names lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Naming {
    /// The proxy that takes all connections, and passes on what is sent over them.
    pub proxy: Option<Url>,
    /// The socket that takes all connections, whatever their names.
    pub socket: Option<Arc<Path>>,
    /// Places that stand for others, of which the first that fits counts.
    pub detours: Vec<Detour>,
    /// Addresses of names; the last that fits counts.
    pub known: Vec<Known>,
    /// The kind of addresses that count; `None` for both.
    pub family: Option<Family>,
}

/// A place that stands for another, as curl's `--connect-to` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detour {
    /// For connections to this host; `None` for any.
    pub from_host: Option<String>,
    /// For connections to this port; `None` for any.
    pub from_port: Option<u16>,
    /// They go to this host; `None` leaves it what it is.
    pub to_host: Option<String>,
    /// They go to this port; `None` leaves it what it is.
    pub to_port: Option<u16>,
}

/// What a name's addresses are, as curl's `--resolve` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The name; `None` for any.
    pub host: Option<String>,
    /// At this port.
    pub port: u16,
    /// There is at least one.
    pub addresses: Vec<IpAddr>,
}

/// A kind of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Naming {
    /// Finds the addresses of the host of `url`, without keeping this thread from anything else.
    ///
    /// # Errors
    /// When the host has none, or the system does not say.
    pub(crate) async fn resolve(&self, url: &Url) -> io::Result<Vec<Address>> {
        let resolve = self.resolver(url);
        let found = tokio::task::spawn_blocking(move || resolve());
        found.await.map_err(io::Error::other)?
    }

    /// What finds the addresses of the host of `url`, at any time. It blocks while the system looks.
    pub(crate) fn resolver(&self, url: &Url) -> Arc<Resolve> {
        let (naming, (host, port)) = (self.clone(), self.place(url));
        Arc::new(move || naming.addresses(&host, port))
    }

    /// Where connections to the host of `url` go, by name and port.
    fn place(&self, url: &Url) -> (String, u16) {
        let url = self.proxy.as_ref().unwrap_or(url);
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let port = url.port_or_known_default();
        let port = port.unwrap_or(if url.scheme().starts_with("socks") { 1080 } else { 80 });
        match self.detours.iter().find(|detour| detour.is_for(host, port)) {
            Some(Detour { to_host, to_port, .. }) => {
                (to_host.as_deref().unwrap_or(host).to_owned(), to_port.unwrap_or(port))
            }
            None => (host.to_owned(), port),
        }
    }

    fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<Address>> {
        if let Some(socket) = &self.socket {
            return Ok(vec![Address::Unix(Arc::clone(socket))]);
        }
        let found: Vec<SocketAddr> = match self.known.iter().rfind(|known| known.is_for(host, port))
        {
            Some(known) => known.addresses.iter().map(|ip| SocketAddr::new(*ip, port)).collect(),
            None => (host, port).to_socket_addrs()?.collect(),
        };
        let counts = |address: &SocketAddr| match self.family {
            None => true,
            Some(family) => address.is_ipv4() == (family == Family::V4),
        };
        let counting: Vec<_> = found.into_iter().filter(counts).map(Address::Tcp).collect();
        match self.family {
            Some(family) if counting.is_empty() => {
                let kind = if family == Family::V4 { "IPv4" } else { "IPv6" };
                Err(io::Error::other(format!("it has no {kind} address")))
            }
            _ => Ok(counting),
        }
    }
}

impl Detour {
    fn is_for(&self, host: &str, port: u16) -> bool {
        self.from_host.as_deref().is_none_or(|from| from.eq_ignore_ascii_case(host))
            && self.from_port.is_none_or(|from| from == port)
    }
}

impl Known {
    fn is_for(&self, host: &str, port: u16) -> bool {
        self.port == port && self.host.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detour(from: (Option<&str>, Option<u16>), to: (Option<&str>, Option<u16>)) -> Detour {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Detour { from_host: owned(from.0), from_port: from.1, to_host: owned(to.0), to_port: to.1 }
    }

    fn found(naming: &Naming, url: &str) -> Result<Vec<String>, String> {
        let found = naming.resolver(&url.parse().unwrap())();
        let texts = |addresses: Vec<Address>| addresses.iter().map(ToString::to_string).collect();
        found.map(texts).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_detour_that_fits_counts_and_leaves_what_it_does_not_name() {
        let detours = vec![
            detour((Some("a.example"), Some(80)), (Some("127.0.0.1"), None)),
            detour((None, Some(443)), (Some("127.0.0.2"), Some(8443))),
            detour((Some("c.example"), None), (Some("::1"), Some(1))),
            detour((Some("127.0.0.3"), None), (None, Some(81))),
        ];
        let naming = Naming { detours, ..Naming::default() };
        for (url, expected) in [
            ("http://A.example/", "127.0.0.1:80"),
            ("https://a.example/", "127.0.0.2:8443"),
            ("http://c.example:7/", "[::1]:1"),
            ("http://127.0.0.3:7/", "127.0.0.3:81"),
            ("http://127.0.0.4:7/", "127.0.0.4:7"),
            ("http://[::1]:7/", "[::1]:7"),
        ] {
            assert_eq!(found(&naming, url), Ok(vec![expected.to_owned()]), "{url}");
        }
    }

    #[test]
    fn a_name_that_is_known_is_not_looked_up() {
        let [one, two, six] = ["127.0.0.1", "127.0.0.2", "::1"].map(|ip| ip.parse().unwrap());
        let known = |host: Option<&str>, addresses| Known {
            host: host.map(str::to_owned),
            port: 80,
            addresses,
        };
        let known = vec![
            known(None, vec![two]),
            known(Some("no.such.name"), vec![one]),
            known(Some("no.such.name"), vec![six, two]),
        ];
        let mut naming = Naming { known, ..Naming::default() };
        let strings = |texts: &[&str]| Ok(texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(found(&naming, "http://other/"), strings(&["127.0.0.2:80"]));
        let url = "http://No.such.name/";
        assert_eq!(found(&naming, url), strings(&["[::1]:80", "127.0.0.2:80"]));
        naming.family = Some(Family::V4);
        assert_eq!(found(&naming, url), strings(&["127.0.0.2:80"]));
        naming.family = Some(Family::V6);
        assert_eq!(found(&naming, url), strings(&["[::1]:80"]));
        assert_eq!(found(&naming, "http://other/"), Err("it has no IPv6 address".to_owned()));
        // A place that a detour leads to may be known, too.
        naming.family = None;
        naming.detours = vec![detour((Some("x"), Some(443)), (Some("no.such.name"), Some(80)))];
        assert_eq!(found(&naming, "https://x/"), strings(&["[::1]:80", "127.0.0.2:80"]));
    }

    #[test]
    fn a_socket_takes_all_connections() {
        let naming = Naming { socket: Some(Path::new("/run/app").into()), ..Naming::default() };
        assert_eq!(found(&naming, "http://no.such.name/"), Ok(vec!["unix:/run/app".to_owned()]));
        let address: Address = "unix:/run/app".to_owned().try_into().unwrap();
        assert_eq!(address, Address::Unix(Path::new("/run/app").into()));
    }
}
