//! Proxies: what goes wrong with them.

use std::error::Error;

use thiserror::Error;

/// Why a proxy made no way to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum ProxyError {
    /// It wants to know who we are, or to hear of somebody else.
    #[error("proxy: it wants other credentials")]
    Credentials,
    /// It does not lead there.
    #[error("proxy: it refused the way to the target (CONNECT)")]
    Refused,
    /// It cannot be reached itself.
    #[error("proxy: it takes no connection")]
    Unreached,
    /// It does not lead there, or speaks no SOCKS.
    #[error("proxy: it refused the way to the target (SOCKS)")]
    Socks,
}

impl ProxyError {
    /// What `error`, which ended an attempt to connect, says of a proxy; `None` where it says nothing.
    /// The client beneath reqwest has no public names for it.
    pub(super) fn of(error: &dyn Error) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(found) = cause {
            let text = found.to_string();
            if text == "tunnel error: proxy authorization required" {
                return Some(Self::Credentials);
            }
            if text == "tunnel error: unsuccessful" {
                return Some(Self::Refused);
            }
            // What the system said of the connection to the proxy is not told.
            if text.starts_with("SOCKS") && text.contains("underlying connection") {
                return Some(Self::Unreached);
            }
            if text.starts_with("SOCKS") {
                return Some(Self::Socks);
            }
            cause = found.source();
        }
        None
    }

    /// What would help.
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::Credentials => "-P USER:PASSWORD says who we are",
            Self::Unreached => "expected a proxy that listens there",
            Self::Refused | Self::Socks => {
                "it may allow only other hosts and ports, or be another kind of proxy"
            }
        }
    }
}
