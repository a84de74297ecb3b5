//! How TLS is to be spoken.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{CipherSuite, SupportedProtocolVersion};

use super::suggestion;
use crate::plan::{Identity, Tls, TlsOptions, Trust};
use crate::wire::tls::{VERSIONS, all_versions, ciphers};

/// The options about TLS.
#[derive(Args, Debug)]
pub(super) struct TlsArguments {
    /// Trust only the certificates in this file (PEM) and those that they signed, instead of the
    /// ones that this machine trusts; repeatable
    #[arg(long, value_name = "FILE", conflicts_with = "insecure", help_heading = TLS)]
    cacert: Vec<PathBuf>,

    /// Accept any certificate: anybody may then answer in place of the target
    #[arg(long, help_heading = TLS)]
    insecure: bool,

    /// Client certificate (PEM), for a target that asks for one, with its key unless --key names
    /// that
    #[arg(short = 'E', long, value_name = "FILE", help_heading = TLS)]
    cert: Option<PathBuf>,

    /// Key of that certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "cert", help_heading = TLS)]
    key: Option<PathBuf>,

    /// TLS version to offer: TLS1.2, TLS1.3 or ALL
    #[arg(short = 'f', long = "tls-version", value_name = "VERSION", value_parser = versions, help_heading = TLS)]
    versions: Option<Versions>,

    /// Ciphers to offer, by their OpenSSL names, separated by colons
    #[arg(short = 'Z', long, value_name = "CIPHERS", value_parser = cipher_list, help_heading = TLS)]
    ciphers: Option<Ciphers>,

    /// Do not send the host's name in the handshake
    #[arg(short = 'I', long, help_heading = TLS)]
    no_sni: bool,

    /// Whether connections resume earlier TLS sessions if the target allows it; off makes each
    /// handshake a full one
    #[arg(long, value_name = "WHEN", help_heading = TLS)]
    tls_session_reuse: Option<Switch>,
}

const TLS: &str = "TLS";

/// A thing that is done, or is not.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Switch {
    On,
    Off,
}

#[derive(Debug, Clone)]
struct Versions(Vec<&'static SupportedProtocolVersion>);

#[derive(Debug, Clone)]
struct Ciphers(Vec<CipherSuite>);

impl TlsArguments {
    /// TLS as it is to be spoken, with `protocol` above it; `None` where it is not: `is_spoken` says whether
    /// any URL asks for it.
    pub(super) fn tls(
        &self,
        is_spoken: bool,
        protocol: &'static str,
    ) -> Result<Option<Tls>, String> {
        if !is_spoken {
            return match self.first_given() {
                Some(option) => Err(format!("{option} is about TLS: expected a URL with https://")),
                None => Ok(None),
            };
        }
        let options = TlsOptions {
            trust: self.trust()?,
            identity: self.identity()?,
            versions: self
                .versions
                .as_ref()
                .map_or_else(all_versions, |versions| versions.0.clone()),
            ciphers: self.ciphers.as_ref().map_or_else(Vec::new, |ciphers| ciphers.0.clone()),
            protocol,
            sends_name: !self.no_sni,
            resumes: self.tls_session_reuse != Some(Switch::Off),
        };
        Tls::new(options).map(Some).map_err(|error| error.to_string())
    }

    fn first_given(&self) -> Option<&'static str> {
        let Self { cacert, insecure, cert, key, versions, ciphers, no_sni, tls_session_reuse } =
            self;
        let all = [
            ("--cacert", !cacert.is_empty()),
            ("--insecure", *insecure),
            ("-E/--cert", cert.is_some()),
            ("--key", key.is_some()),
            ("-f/--tls-version", versions.is_some()),
            ("-Z/--ciphers", ciphers.is_some()),
            ("-I/--no-sni", *no_sni),
            ("--tls-session-reuse", tls_session_reuse.is_some()),
        ];
        all.into_iter().find_map(|(option, is_given)| is_given.then_some(option))
    }

    fn trust(&self) -> Result<Trust, String> {
        if self.insecure {
            return Ok(Trust::Anybody);
        }
        if self.cacert.is_empty() {
            return Ok(Trust::System);
        }
        let all = self.cacert.iter().map(|path| certificates("--cacert", path));
        Ok(Trust::Only(all.collect::<Result<Vec<_>, _>>()?.concat()))
    }

    fn identity(&self) -> Result<Option<Identity>, String> {
        let Some(cert) = &self.cert else { return Ok(None) };
        let (option, path) = match &self.key {
            Some(key) => ("--key", key),
            None => ("--cert", cert),
        };
        let key = PrivateKeyDer::from_pem_file(path).map_err(|error| match error {
            pem::Error::NoItemsFound if option == "--cert" => {
                format!("--cert {}: there is no key in it: expected --key FILE", path.display())
            }
            error => not_read(option, path, &error, "a private key"),
        })?;
        Ok(Some(Identity { chain: certificates("--cert", cert)?, key }))
    }
}

/// All certificates in a file; at least one.
fn certificates(option: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let failed = |error| not_read(option, path, &error, "certificates");
    let found = CertificateDer::pem_file_iter(path).map_err(failed)?;
    let found: Vec<_> = found.collect::<Result<_, _>>().map_err(failed)?;
    if found.is_empty() { Err(failed(pem::Error::NoItemsFound)) } else { Ok(found) }
}

fn not_read(option: &str, path: &Path, error: &pem::Error, expected: &str) -> String {
    let path = path.display();
    match error {
        pem::Error::Io(error) => format!("{option}: cannot read {path}: {error}"),
        pem::Error::NoItemsFound => format!("{option} {path}: expected {expected} in PEM"),
        error => format!("{option} {path}: expected {expected} in PEM, and found {error}"),
    }
}

/// A version by ab's name for it.
fn versions(text: &str) -> Result<Versions, String> {
    if text.eq_ignore_ascii_case("all") {
        return Ok(Versions(all_versions()));
    }
    let is_it = |name: &str| {
        let short = name.trim_start_matches("TLS");
        [name, short].iter().any(|name| text.eq_ignore_ascii_case(name))
    };
    match VERSIONS.iter().find(|(name, _)| is_it(name)) {
        Some((_, version)) => Ok(Versions(vec![*version])),
        None => {
            Err("expected TLS1.2, TLS1.3 or ALL: older ones are broken, and not supported"
                .to_owned())
        }
    }
}

fn cipher_list(text: &str) -> Result<Ciphers, String> {
    let known: Vec<_> = ciphers().collect();
    let cipher = |name: &str| {
        let found = known.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
        found.map(|(_, suite)| *suite).ok_or_else(|| {
            let names: Vec<_> = known.iter().map(|(name, _)| name.as_str()).collect();
            let expected = format!("expected some of {}", names.join(":"));
            suggestion::add(expected, name, &names)
        })
    };
    text.split([':', ',']).map(cipher).collect::<Result<_, _>>().map(Ciphers)
}
