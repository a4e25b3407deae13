//! Certificates that were given in place of Mozilla's roots: authorities, or the server's own.
//!
//! `openssl req -x509` makes a certificate that a server shows although it says of itself that it is an authority. OpenSSL,
//! and so Python, accepts it where it is trusted; webpki does not. Here it is accepted where the server's certificate is
//! one of the given ones byte by byte, after webpki has checked its dates, and where it is for this server by name and
//! for servers by its extensions.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::der::{Value, values};

const SEQUENCE: u8 = 0x30;
const EXTENSIONS: u8 = 0xa3;
const HOST_NAME: u8 = 0x82;
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SERVER_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];

/// webpki's verifier, and beside it the certificates that servers may show although they are authorities.
#[derive(Debug)]
pub(super) struct Verifier {
    webpki: Arc<WebPkiServerVerifier>,
    own: Vec<Own>,
}

/// A given certificate that is for servers.
#[derive(Debug)]
struct Own {
    certificate: CertificateDer<'static>,
    /// What the server is called, where no other name of a host is told; OpenSSL then takes it too.
    common_name: Option<String>,
}

impl Verifier {
    pub(super) fn new(
        given: &[CertificateDer<'static>],
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        for certificate in given {
            roots.add(certificate.clone())?;
        }
        let webpki = WebPkiServerVerifier::builder_with_provider(roots.into(), provider);
        Ok(Self {
            webpki: webpki
                .build()
                .map_err(|error| Error::General(error.to_string()))?,
            own: given.iter().filter_map(Own::read).collect(),
        })
    }

    fn verify_own(
        &self,
        certificate: &CertificateDer<'_>,
        name: &ServerName<'_>,
        refusal: Error,
    ) -> Result<ServerCertVerified, Error> {
        let own = self.own.iter().find(|own| own.certificate == *certificate);
        let own = own.ok_or(refusal)?;
        match (&own.common_name, name) {
            (Some(common_name), ServerName::DnsName(name))
                if common_name.eq_ignore_ascii_case(name.as_ref()) => {}
            _ => verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?,
        }
        Ok(ServerCertVerified::assertion())
    }
}

/// Whether each of them can be trusted.
///
/// # Errors
/// Which one can't, and why.
pub(super) fn check(given: &[CertificateDer<'static>]) -> Result<(), crate::call::Error> {
    for (index, certificate) in given.iter().enumerate() {
        let added = RootCertStore::empty().add(certificate.clone());
        added.map_err(|error| {
            let (number, all) = (index + 1, given.len());
            let text = format!("root certificate {number} of {all} can't be used: {error}");
            crate::call::Error::config_source(&text, error)
        })?;
    }
    Ok(())
}

/// Whether webpki has nothing against a server's certificate but that it is an authority's. Its dates are in order then.
fn is_authority_only(error: &Error) -> bool {
    let Error::InvalidCertificate(CertificateError::Other(other)) = error else {
        return false;
    };
    other.0.downcast_ref() == Some(&webpki::Error::CaUsedAsEndEntity)
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.webpki.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            Err(error) if is_authority_only(&error) => {
                self.verify_own(end_entity, server_name, error)
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
        self.webpki
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}

impl Own {
    /// `None` for what can't be read, or is not for servers.
    fn read(certificate: &CertificateDer<'static>) -> Option<Self> {
        let whole = values(certificate)?;
        let fields = values(values(whole.first()?.content)?.first()?.content)?;
        let extensions = match fields.iter().find(|field| field.tag == EXTENSIONS) {
            Some(field) => values(values(field.content)?.first()?.content)?,
            None => Vec::new(),
        };
        let key_usage = extension(&extensions, KEY_USAGE);
        let extended = extension(&extensions, EXTENDED_KEY_USAGE);
        if !key_usage.is_none_or(signs_or_encrypts) || !extended.is_none_or(is_for_servers) {
            return None;
        }
        let names = extension(&extensions, SUBJECT_ALT_NAME);
        let common_name = if names.is_some_and(has_host_name) {
            None
        } else {
            common_name(&fields)
        };
        Some(Self {
            certificate: certificate.clone(),
            common_name,
        })
    }
}

/// What is in the extension with this identifier.
fn extension<'a>(extensions: &[Value<'a>], identifier: &[u8]) -> Option<&'a [u8]> {
    extensions.iter().find_map(|extension| {
        let parts = values(extension.content)?;
        let is_it = parts.first()?.content == identifier;
        is_it.then(|| parts.last().map(|value| value.content))?
    })
}

/// Whether a key may be used in a handshake: for signatures, or to encrypt or agree on keys.
fn signs_or_encrypts(key_usage: &[u8]) -> bool {
    const HANDSHAKE: u8 = 0b1010_1000;
    let bits = values(key_usage).and_then(|bits| bits.first()?.content.get(1).copied());
    bits.is_some_and(|bits| bits & HANDSHAKE != 0)
}

fn is_for_servers(extended_key_usage: &[u8]) -> bool {
    let purposes = values(extended_key_usage).and_then(|list| values(list.first()?.content));
    purposes.is_some_and(|list| list.iter().any(|purpose| purpose.content == SERVER_AUTH))
}

fn has_host_name(subject_alt_name: &[u8]) -> bool {
    let names = values(subject_alt_name).and_then(|list| values(list.first()?.content));
    names.is_some_and(|list| list.iter().any(|name| name.tag == HOST_NAME))
}

/// The last common name of the subject, the fourth of the fields that are sequences:
/// algorithm, issuer, validity, subject.
fn common_name(fields: &[Value<'_>]) -> Option<String> {
    let subject = fields.iter().filter(|field| field.tag == SEQUENCE).nth(3)?;
    let names = values(subject.content)?;
    names.iter().rev().find_map(|set| {
        let pair = values(values(set.content)?.first()?.content)?;
        let [kind, text] = pair.as_slice() else {
            return None;
        };
        let is_it = kind.content == COMMON_NAME;
        is_it.then(|| String::from_utf8(text.content.to_vec()).ok())?
    })
}
