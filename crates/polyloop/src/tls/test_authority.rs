//! An authority for tests, whose certificates live as long as the test.

use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};

/// How many authorities there are; it pairs with nothing, being only a number.
static AUTHORITIES: AtomicU32 = AtomicU32::new(0);

/// An authority that a test makes and its clients trust. Its functions panic where a test would.
#[allow(missing_debug_implementations, reason = "it holds a key")]
pub struct TestAuthority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key, as the text of PEM files.
#[derive(Clone)]
#[allow(missing_debug_implementations, reason = "it holds a key")]
pub struct TestIdentity {
    /// The certificate.
    pub certificate: String,
    /// The private key.
    pub key: String,
}

impl TestAuthority {
    /// Makes an authority.
    #[allow(clippy::new_without_default, reason = "each one is another")]
    pub fn new() -> TestAuthority {
        let mut params = params(&[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // Authorities of one name would be taken for each other.
        let number = AUTHORITIES.fetch_add(1, Ordering::Relaxed);
        let name = format!("polyloop test authority {number}");
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer =
            CertifiedIssuer::self_signed(params, key()).expect("a self-signed certificate");
        TestAuthority { issuer }
    }

    /// Gives what clients have to trust, as the text of a PEM file.
    pub fn root(&self) -> String {
        self.issuer.pem()
    }

    /// Issues a certificate for a server of these names or addresses.
    pub fn server(&self, names: &[&str]) -> TestIdentity {
        self.issue(params(names), ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// Issues a certificate that ended with the year 2001.
    pub fn expired_server(&self, names: &[&str]) -> TestIdentity {
        let mut params = params(names);
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
        self.issue(params, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// Issues a certificate for a client.
    pub fn client(&self, name: &str) -> TestIdentity {
        self.issue(params(&[name]), ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn issue(
        &self,
        mut params: CertificateParams,
        purpose: ExtendedKeyUsagePurpose,
    ) -> TestIdentity {
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![purpose];
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("a signed certificate");
        TestIdentity { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).expect("names that certificates can hold")
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}
