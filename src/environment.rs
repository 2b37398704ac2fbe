//! Facts that only the program around the engine knows: whom it trusts, through which proxy it reaches others, and where it keeps
//! what is not in the database. Rust sees neither the trust store nor the proxy of a JVM.

use std::fmt;
use std::path::PathBuf;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::Url;

use crate::config::Secret;
use crate::decide::zones::Zone;
use crate::error::{Error, ErrorKind, Result};

/// The settings of the host program. Empty: the system's certificates, no proxy, and nothing is kept beside the database.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// In place of the system's certificates. `parent.caFile` adds to either.
    pub trust_anchors: Option<TrustAnchors>,
    /// The proxy of all requests to the parent.
    pub proxy: Option<Proxy>,
    /// A directory of this server alone, which is not copied with its database: it keeps the node's id, too (see
    /// [`identity`](crate::identity)).
    pub data_directory: Option<PathBuf>,
    /// The zone that the host program's times are in.
    pub zone: Option<HostZone>,
}

/// The time zone of the host program, for the years to come.
#[derive(Clone, Debug)]
pub struct HostZone {
    /// Such as `Africa/Nairobi`.
    pub name: String,
    /// From when (milliseconds since 1970) its clocks on the wall are how many seconds ahead of UTC, in order of time.
    pub offsets: Vec<(i64, i32)>,
}

impl HostZone {
    /// As it is at that time, milliseconds since 1970; nothing when that is before all that is known.
    pub fn at(&self, time: i64) -> Option<Zone> {
        let (_, offset_seconds) = self.offsets.iter().rev().find(|(from, _)| *from <= time)?;
        Some(Zone { name: Some(self.name.clone()), offset_seconds: *offset_seconds })
    }
}

/// The certificates that a parent's certificate may be issued by.
#[derive(Clone, Debug)]
pub struct TrustAnchors(Vec<CertificateDer<'static>>);

impl TrustAnchors {
    /// Reads certificates in PEM form. Trust stores hold certificates that are too old or too odd to be used; they are
    /// left out with a warning, since nobody may need them.
    ///
    /// Errors: `Configuration` when it is not PEM.
    pub fn from_pem(pem: &str) -> Result<TrustAnchors> {
        let read = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<std::result::Result<Vec<_>, _>>();
        let certificates = read.map_err(|error| wrong(format!("trusted certificates: not in PEM form: {error}")))?;
        Ok(TrustAnchors::from_der(certificates.into_iter().map(|certificate| certificate.to_vec())))
    }

    /// Takes certificates in DER form, as [`from_pem`](TrustAnchors::from_pem) does.
    pub fn from_der(certificates: impl IntoIterator<Item = Vec<u8>>) -> TrustAnchors {
        let certificates = certificates.into_iter().map(CertificateDer::from);
        TrustAnchors(certificates.filter(is_usable).collect())
    }

    /// Each of them in DER form.
    pub(crate) fn der(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(AsRef::as_ref)
    }
}

fn is_usable(certificate: &CertificateDer<'static>) -> bool {
    let usable = RootCertStore::empty().add(certificate.clone());
    if let Err(why) = &usable {
        log::warn!("a certificate of the host program's trust store cannot be used, and is not trusted: {why}");
    }
    usable.is_ok()
}

/// An HTTP proxy.
#[derive(Clone)]
pub struct Proxy {
    url: Url,
    credentials: Option<(String, Secret)>,
}

impl Proxy {
    /// A proxy that is spoken to at this address, such as `http://proxy.example.org:3128`.
    ///
    /// Errors: `Configuration` when it is not an http or https address, or holds credentials.
    pub fn new(url: &str) -> Result<Proxy> {
        let parsed = Url::parse(url).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.host().is_some()
                && url.username().is_empty()
                && url.password().is_none()
        });
        // It is not repeated: it may hold a password.
        let url = parsed.ok_or_else(|| wrong("proxy: must be an http or https address without a user".to_string()))?;
        Ok(Proxy { url, credentials: None })
    }

    /// The same proxy, which asks for a user name and password.
    pub fn with_credentials(mut self, username: String, password: Secret) -> Proxy {
        self.credentials = Some((username, password));
        self
    }

    /// Its address, without credentials.
    pub fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn credentials(&self) -> Option<(&str, &str)> {
        self.credentials.as_ref().map(|(username, password)| (username.as_str(), password.expose()))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.url)
    }
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_an_address_and_its_password_is_never_printed() {
        for wrong in ["proxy.example.org:3128", "socks5://proxy.example.org", "http://sync:secret@proxy.example.org"] {
            let error = Proxy::new(wrong).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Configuration);
            assert!(!error.message.contains("secret"));
        }
        let proxy = Proxy::new("http://proxy.example.org:3128").unwrap();
        let proxy = proxy.with_credentials("sync".to_string(), Secret::new("secret".to_string()));
        assert_eq!(format!("{proxy:?}"), "http://proxy.example.org:3128/");
    }
}
