//! Whose certificates are taken.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::{NoTls, Trust};

/// What says whether a certificate is taken.
pub(super) fn verifier(
    trust: Trust,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, NoTls> {
    let chains = |roots: RootCertStore| {
        WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider)).build()
    };
    let whom = match trust {
        Trust::Anybody => Whom::Anybody,
        Trust::System => {
            let found = rustls_native_certs::load_native_certs();
            let mut roots = RootCertStore::empty();
            // One that nobody can read hides none of the others.
            roots.add_parsable_certificates(found.certs);
            let chains = chains(roots).map_err(|_| {
                let errors: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
                NoTls::NoRoots(errors.join(", "))
            })?;
            Whom::Known { chains, certificates: Vec::new() }
        }
        Trust::Only(certificates) => {
            let mut roots = RootCertStore::empty();
            for certificate in &certificates {
                roots.add(certificate.clone()).map_err(NoTls::CaCert)?;
            }
            let no_root = |error| NoTls::CaCert(Error::General(format!("{error}")));
            Whom::Known { chains: chains(roots).map_err(no_root)?, certificates }
        }
    };
    Ok(Arc::new(Verifier { provider: Arc::clone(provider), whom }))
}

/// Takes certificates, as long as whoever shows one has its key.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    whom: Whom,
}

/// Whose are taken.
#[derive(Debug)]
enum Whom {
    Anybody,
    /// Those that somebody who is trusted has signed, and these.
    Known {
        chains: Arc<WebPkiServerVerifier>,
        certificates: Vec<CertificateDer<'static>>,
    },
}

impl ServerCertVerifier for Verifier {
    /// As rustls, but for a certificate that is trusted itself: `openssl req -x509` makes one that may
    /// sign others, which rustls takes from no server. curl does, and so do we, as long as its time has
    /// come and not gone (rustls looks at that first) and it is for this host.
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Whom::Known { chains, certificates } = &self.whom else {
            return Ok(ServerCertVerified::assertion());
        };
        let verified =
            chains.verify_server_cert(certificate, intermediates, name, ocsp_response, now);
        match verified {
            Err(error) if certificates.contains(certificate) && !is_about_time(&error) => {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn is_about_time(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }
        )
    )
}
