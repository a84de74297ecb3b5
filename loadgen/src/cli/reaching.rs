//! Where connections go, and from where.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use url::{Host, Url};

use super::values;
use crate::plan::{Client, Connecting, Detour, Family, Known, Naming, Tls};

/// The options about connections.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct ReachingArguments {
    /// Longest time for a connection: the lookup of the name if there is one, TCP and TLS [default:
    /// that of --timeout]
    #[arg(long, value_name = "TIME", value_parser = values::duration, help_heading = CONNECTIONS)]
    connect_timeout: Option<Duration>,

    /// Connect to HOST2:PORT2 if the URL says HOST1:PORT1. HOST1 and PORT1 may be empty (any); so
    /// may HOST2 and PORT2 (unchanged). IPv6 addresses in brackets; repeatable
    #[arg(long, value_name = "HOST1:PORT1:HOST2:PORT2", value_parser = detour, help_heading = CONNECTIONS)]
    connect_to: Vec<Detour>,

    /// Use these addresses (separated by commas) for a host instead of looking it up; * stands for
    /// any host; repeatable
    #[arg(long, value_name = "HOST:PORT:ADDRESS", value_parser = known, help_heading = CONNECTIONS)]
    resolve: Vec<Known>,

    /// Look up the host's name again for new connections, at most twice a second, and use its
    /// addresses in turn
    #[arg(long, help_heading = CONNECTIONS)]
    re_resolve: bool,

    /// Use all addresses of the host's name in turn [default: the one that worked before]
    #[arg(long, help_heading = CONNECTIONS)]
    all_addresses: bool,

    /// Connect only to IPv4 addresses
    #[arg(short = '4', long, conflicts_with = "ipv6", help_heading = CONNECTIONS)]
    ipv4: bool,

    /// Connect only to IPv6 addresses
    #[arg(short = '6', long, help_heading = CONNECTIONS)]
    ipv6: bool,

    /// Connect from this local address, or from several in turn (separated by commas), which gives
    /// more local ports; repeatable
    #[arg(short = 'B', long, value_name = "ADDRESS", value_delimiter = ',', help_heading = CONNECTIONS)]
    bind: Vec<IpAddr>,

    /// Connect to a Unix socket at this path; the URL still says what is requested
    #[arg(long, value_name = "PATH", conflicts_with_all = ["connect_to", "resolve", "bind", "ipv4", "ipv6", "all_addresses", "re_resolve"], help_heading = CONNECTIONS)]
    unix_socket: Option<PathBuf>,
}

const CONNECTIONS: &str = "Connections";

impl ReachingArguments {
    /// How connections to `url` are made, by `client`, and through `proxy` where there is one.
    pub(super) fn connecting(
        &self,
        url: Option<&Url>,
        client: Client,
        tls: Option<Tls>,
        proxy: Option<Url>,
    ) -> Result<Connecting, String> {
        self.refuse(url, client)?;
        let family = match (self.ipv4, self.ipv6) {
            (true, _) => Some(Family::V4),
            (_, true) => Some(Family::V6),
            _ => None,
        };
        Ok(Connecting {
            timeout: self.connect_timeout,
            re_resolves: self.re_resolve,
            naming: Naming {
                proxy,
                socket: self.unix_socket.as_deref().map(Arc::<Path>::from),
                detours: self.connect_to.clone(),
                known: self.resolve.clone(),
                family,
            },
            spreads: self.all_addresses,
            from: self.bind.clone(),
            tls,
        })
    }

    /// Refuses what has no meaning for what is to be reached.
    fn refuse(&self, url: Option<&Url>, client: Client) -> Result<(), String> {
        let own_alone = [
            ("--re-resolve", self.re_resolve),
            ("--all-addresses", self.all_addresses),
            ("--connect-to", !self.connect_to.is_empty()),
            ("-B/--bind", !self.bind.is_empty()),
            ("--unix-socket", self.unix_socket.is_some()),
        ];
        let first = own_alone.into_iter().find_map(|(option, is_given)| is_given.then_some(option));
        if let (Client::Reqwest, Some(option)) = (client, first) {
            return Err(format!(
                "{option} is for loadgen's own client: reqwest makes its connections itself"
            ));
        }
        if url.is_none() {
            let others = [
                ("--resolve", !self.resolve.is_empty()),
                ("-4/--ipv4", self.ipv4),
                ("-6/--ipv6", self.ipv6),
            ];
            let mut all = own_alone.into_iter().chain(others);
            if let Some((option, _)) = all.find(|(_, is_given)| *is_given) {
                return Err(format!("{option} is about a service of your own: expected a URL"));
            }
        }
        let is_name = matches!(url.and_then(Url::host), None | Some(Host::Domain(_)));
        if self.re_resolve && !is_name {
            let host = url.and_then(Url::host_str).unwrap_or_default();
            return Err(format!(
                "--re-resolve asks for the addresses of a name: {host} is an address"
            ));
        }
        if let Some(from) = self.bind.iter().find(|from| self.is_excluded(from)) {
            return Err(format!(
                "-B/--bind {from} cannot connect to the kind of address asked for (-4 or -6)"
            ));
        }
        Ok(())
    }

    fn is_excluded(&self, from: &IpAddr) -> bool {
        if from.is_ipv4() { self.ipv6 } else { self.ipv4 }
    }
}

/// `HOST1:PORT1:HOST2:PORT2`, of which each part may be empty.
fn detour(text: &str) -> Result<Detour, String> {
    let expected = || "expected HOST1:PORT1:HOST2:PORT2, each of which may be empty".to_owned();
    let parts = parts(text);
    let [from_host, from_port, to_host, to_port] = parts[..] else { return Err(expected()) };
    let host = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let port = |text: &str| match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| expected()),
    };
    Ok(Detour {
        from_host: host(from_host),
        from_port: port(from_port)?,
        to_host: host(to_host),
        to_port: port(to_port)?,
    })
}

/// `HOST:PORT:ADDRESS[,ADDRESS]...`.
fn known(text: &str) -> Result<Known, String> {
    let expected = || "expected HOST:PORT:ADDRESS[,ADDRESS]..., or * for HOST".to_owned();
    let mut parts = text.splitn(3, ':');
    let (Some(host), Some(port), Some(addresses)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(expected());
    };
    let port = port.parse().map_err(|_| expected())?;
    let address = |text: &str| text.trim_matches(['[', ']']).parse().map_err(|_| expected());
    let addresses = addresses.split(',').map(address).collect::<Result<_, _>>()?;
    let host = match host {
        "" => return Err(expected()),
        "*" => None,
        host => Some(host.to_owned()),
    };
    Ok(Known { host, port, addresses })
}

/// What stands between colons, but for those in brackets, which are taken off.
fn parts(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let is_between = |c: char| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        c == ':' && depth == 0
    };
    text.split(is_between).map(|part| part.trim_matches(['[', ']'])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detour_has_four_parts_each_of_which_may_be_empty() {
        let detour = |text| {
            let Detour { from_host, from_port, to_host, to_port } = detour(text)?;
            Ok::<_, String>((from_host, from_port, to_host, to_port))
        };
        let host = |text: &str| Some(text.to_owned());
        for (text, expected) in [
            ("a:80:b:81", (host("a"), Some(80), host("b"), Some(81))),
            ("::b:", (None, None, host("b"), None)),
            (":443::8443", (None, Some(443), None, Some(8443))),
            ("[::1]:80:[fe80::2]:81", (host("::1"), Some(80), host("fe80::2"), Some(81))),
        ] {
            assert_eq!(detour(text), Ok(expected), "{text}");
        }
        for text in ["", "a:80", "a:80:b", "a:80:b:81:c", "a:x:b:81", "a:80:b:65536"] {
            assert!(detour(text).unwrap_err().contains("HOST1:PORT1:HOST2:PORT2"), "{text}");
        }
    }

    #[test]
    fn a_known_name_has_addresses() {
        let [four, six] = ["127.0.0.1", "::1"].map(|ip| ip.parse::<IpAddr>().unwrap());
        for (text, host, addresses) in [
            ("a:80:127.0.0.1", Some("a"), vec![four]),
            ("*:80:::1", None, vec![six]),
            ("a:80:[::1],127.0.0.1", Some("a"), vec![six, four]),
        ] {
            let expected = Known { host: host.map(str::to_owned), port: 80, addresses };
            assert_eq!(known(text), Ok(expected), "{text}");
        }
        for text in ["", "a:80", "a:80:", "a:80:b", ":80:127.0.0.1", "a:x:127.0.0.1"] {
            assert!(known(text).unwrap_err().contains("HOST:PORT:ADDRESS"), "{text}");
        }
    }
}
