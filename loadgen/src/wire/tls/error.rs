//! What goes wrong with TLS, in words that help.

use std::fmt;
use std::io;

use rustls::{AlertDescription, CertificateError, Error};

/// What went wrong with TLS.
#[derive(Debug)]
pub(crate) struct TlsError {
    text: String,
    hint: Option<&'static str>,
}

const TRUST: &str = "--cacert FILE says which certificates to trust, --insecure trusts any";
const NAME: &str = "the URL's host has to be one that the certificate names (--connect-to and --resolve say where \
     that is), or --insecure accepts any";
const TIME: &str = "--insecure accepts it anyway";
const CLIENT: &str = "--cert FILE and --key FILE say what to show it";
const VERSION: &str = "it may want another version (-f) or other ciphers (-Z)";
const ALPN: &str = "--http2 offers HTTP/2, and HTTP/1.1 is offered without it";
const PLAIN: &str = "expected http:// if the target speaks no TLS";

impl TlsError {
    /// Why `error` ended a handshake, or a connection behind one; `None` where that was not for any
    /// reason of TLS.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref::<Error>().map(Self::new)
    }

    /// The connection ended within the handshake, as `error` says.
    pub(super) fn broken_off(error: &io::Error) -> Self {
        let text = match error.kind() {
            io::ErrorKind::UnexpectedEof => "closed within the handshake".to_owned(),
            kind => format!("{kind} within the handshake"),
        };
        Self { text, hint: Some("it may speak no TLS, or want another certificate of ours") }
    }

    fn new(error: &Error) -> Self {
        let (text, hint) = match error {
            Error::InvalidCertificate(certificate) => {
                let (text, hint) = certificate_words(certificate);
                (format!("certificate {text}"), hint)
            }
            Error::AlertReceived(alert) => {
                let (text, hint) = alert_words(*alert);
                (format!("the target {text}"), hint)
            }
            Error::InvalidMessage(_) => ("the target does not speak it".to_owned(), Some(PLAIN)),
            Error::PeerIncompatible(why) => {
                (format!("the target has no version or cipher of ours ({why:?})"), Some(VERSION))
            }
            Error::NoCertificatesPresented => {
                ("the target has no certificate".to_owned(), Some(TRUST))
            }
            other => (other.to_string(), None),
        };
        Self { text, hint }
    }

    /// What would help, where anything is known to.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        self.hint
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TLS: {}", self.text)
    }
}

fn certificate_words(error: &CertificateError) -> (String, Option<&'static str>) {
    let (text, hint) = match error {
        CertificateError::UnknownIssuer => ("of an unknown issuer", TRUST),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ("has expired", TIME)
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("is not valid yet", TIME)
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ("is for another name", NAME)
        }
        CertificateError::BadSignature => ("has a wrong signature", TRUST),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            ("is not for a server", TRUST)
        }
        // What rustls takes its rules from says so, and has no name that could be matched.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            ("is an authority's own, and not trusted", TRUST)
        }
        other => return (format!("is not taken: {other}"), Some(TRUST)),
    };
    (text.to_owned(), Some(hint))
}

fn alert_words(alert: AlertDescription) -> (String, Option<&'static str>) {
    let (text, hint) = match alert {
        AlertDescription::CertificateRequired => ("wants a certificate of ours", CLIENT),
        AlertDescription::BadCertificate
        | AlertDescription::DecryptError
        | AlertDescription::CertificateUnknown
        | AlertDescription::CertificateExpired
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::UnknownCA => ("does not take our certificate", CLIENT),
        AlertDescription::ProtocolVersion => ("does not speak this version", VERSION),
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            ("has no version or cipher of ours, or wants a certificate of ours", VERSION)
        }
        AlertDescription::UnrecognisedName => ("knows no host of this name", NAME),
        AlertDescription::NoApplicationProtocol => ("speaks no protocol that was offered", ALPN),
        other => return (format!("refuses ({other:?})"), None),
    };
    (text.to_owned(), Some(hint))
}
