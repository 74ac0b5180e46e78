//! TLS to PostgreSQL: `sslmode` and `sslrootcert` of a URL, as libpq has them.
//!
//!     disable               never
//!     prefer (the default)  if the server offers it; whoever answers
//!     require               always; whoever answers, unless sslrootcert says whose certificate it must be
//!     verify-ca             the certificate must be signed by one of sslrootcert
//!     verify-full           and must be for the URL's host
//!
//! `sslrootcert` is a PEM file, or `system`: what this machine trusts, the default where a certificate is verified.

use std::sync::Arc;

use postgres::Config;
use postgres::config::SslMode;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What a URL says of TLS.
pub(super) struct Tls {
    mode: Mode,
    roots: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// Takes `sslmode` and `sslrootcert` out of a URL.
pub(super) fn read(url: &str) -> Result<(String, Tls), String> {
    let mut tls = Tls { mode: Mode::Prefer, roots: None };
    let Some((front, query)) = url.split_once('?') else { return Ok((url.to_owned(), tls)) };
    let mut others = Vec::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
        match name {
            "sslmode" => tls.mode = Mode::named(&value)?,
            "sslrootcert" => tls.roots = Some(value.into_owned()),
            _ => others.push(pair),
        }
    }
    let mark = if others.is_empty() { "" } else { "?" };
    Ok((format!("{front}{mark}{}", others.join("&")), tls))
}

impl Mode {
    fn named(name: &str) -> Result<Self, String> {
        Ok(match name {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            other => {
                let modes = "disable, prefer, require, verify-ca or verify-full";
                return Err(format!("sslmode={other}: expected {modes}"));
            }
        })
    }
}

impl Tls {
    /// What makes TLS of a connection, if there may be any. The configuration is told whether there must be.
    pub(super) fn connector(self, config: &mut Config) -> Result<Option<MakeRustlsConnect>, String> {
        let (mode, verified) = match (self.mode, &self.roots) {
            (Mode::Disable, _) => (SslMode::Disable, None),
            (Mode::Prefer, _) => (SslMode::Prefer, None),
            (Mode::Require, None) => (SslMode::Require, None),
            (Mode::Require | Mode::VerifyCa, _) => (SslMode::Require, Some(false)),
            (Mode::VerifyFull, _) => (SslMode::Require, Some(true)),
        };
        config.ssl_mode(mode);
        if mode == SslMode::Disable {
            return Ok(None);
        }
        let provider = Arc::new(ring::default_provider());
        let roots = match verified {
            Some(name) => Some(Roots::read(self.roots.as_deref().unwrap_or("system"), name, &provider)?),
            None => None,
        };
        let verifier = Arc::new(Verifier { provider: Arc::clone(&provider), roots });
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let tls = tls.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        Ok(Some(MakeRustlsConnect::new(tls)))
    }
}

/// Certificates that are trusted.
#[derive(Debug)]
struct Roots {
    certificates: Vec<CertificateDer<'static>>,
    chains: Arc<WebPkiServerVerifier>,
    /// Whether a certificate must be for the host.
    name: bool,
}

impl Roots {
    fn read(path: &str, name: bool, provider: &Arc<CryptoProvider>) -> Result<Self, String> {
        let certificates = if path == "system" {
            rustls_native_certs::load_native_certs().certs
        } else {
            let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
            read.map_err(|error| format!("sslrootcert={path}: {error}: give a PEM file with the server's authority"))?
        };
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates.iter().cloned());
        let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider)).build();
        let chains = chains.map_err(|error| format!("sslrootcert={path}: {error}: it has no certificate"))?;
        Ok(Self { certificates, chains, name })
    }
}

/// Verifies a server's certificate as far as the mode asks for it. That the server has its key is verified always.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    roots: Option<Roots>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(roots) = &self.roots else { return Ok(ServerCertVerified::assertion()) };
        match roots.chains.verify_server_cert(certificate, between, host, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !roots.name => Ok(ServerCertVerified::assertion()),
            // One that signed itself, as PostgreSQL's manual makes it, is its own authority, which webpki takes for no server's.
            Err(Error::InvalidCertificate(CertificateError::Other(_))) if roots.certificates.contains(certificate) => {
                if roots.name {
                    let parsed = rustls::server::ParsedCertificate::try_from(certificate)?;
                    rustls::client::verify_server_name(&parsed, host)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_tls_are_taken_out_of_a_url() {
        let check = |url: &str, rest: &str, mode: Mode, roots: Option<&str>| {
            let (left, tls) = read(url).unwrap();
            assert!(left == rest && tls.mode == mode && tls.roots.as_deref() == roots, "{url}: {left}");
        };
        check("postgres://a@b/c", "postgres://a@b/c", Mode::Prefer, None);
        check("postgres://a@b/c?sslmode=require", "postgres://a@b/c", Mode::Require, None);
        check(
            "postgres://a@b/c?host=/run&sslrootcert=/etc/a%20b.pem&sslmode=verify-full&port=1",
            "postgres://a@b/c?host=/run&port=1",
            Mode::VerifyFull,
            Some("/etc/a b.pem"),
        );
        assert!(read("postgres://a@b/c?sslmode=allow").err().unwrap().contains("expected disable, prefer"));
    }
}
