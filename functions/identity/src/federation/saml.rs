//! SAML metadata: who the identity provider is, and with which certificates it signs.
//!
//! Sources: OASIS "Metadata for the SAML V2.0" (EntityDescriptor, IDPSSODescriptor,
//! KeyDescriptor) and W3C "XML Signature Syntax and Processing" (X509Data).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fisc_shared::Error;
use jiff::Timestamp;
use roxmltree::{Document, Node};
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::Decode;
use x509_cert::time::Time;

use super::GET_SAML_PROVIDER;

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// What decides of a metadata document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Metadata {
    /// The issuers.
    pub(super) entity_ids: Vec<String>,
    /// The certificates with which they sign.
    pub(super) signing: Vec<Validity>,
}

/// The life of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

impl Metadata {
    /// Reads a document. `provider` is for messages.
    pub(super) fn parse(text: &str, provider: &str) -> Result<Self, Error> {
        let unreadable = |problem: String| Error::Answer {
            action: GET_SAML_PROVIDER,
            field: format!("a readable SAMLMetadataDocument of {provider}: {problem}"),
        };
        let document = Document::parse(text).map_err(|error| unreadable(error.to_string()))?;
        let mut metadata = Self { entity_ids: Vec::new(), signing: Vec::new() };
        // Other roles of the same system (a service provider, a token service) and the signature
        // of the document have certificates of their own.
        for descriptor in
            document.descendants().filter(|node| is(node, METADATA, "IDPSSODescriptor"))
        {
            let entity = descriptor.parent().and_then(|entity| entity.attribute("entityID"));
            let entity = entity.ok_or_else(|| unreadable("entityID is missing".to_owned()))?;
            metadata.entity_ids.push(entity.trim().to_owned());
            let keys = descriptor.children().filter(|node| is(node, METADATA, "KeyDescriptor"));
            // A key without a use is for everything.
            for key in keys.filter(|key| key.attribute("use").is_none_or(|kind| kind == "signing"))
            {
                for data in key.descendants().filter(|node| is(node, SIGNATURE, "X509Data")) {
                    metadata.signing.extend(signing(&data).map_err(&unreadable)?);
                }
            }
        }
        if metadata.entity_ids.is_empty() {
            return Err(unreadable("no identity provider is in it".to_owned()));
        }
        Ok(metadata)
    }
}

fn is(node: &Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.is_element()
        && node.tag_name().namespace() == Some(namespace)
        && node.tag_name().name() == name
}

/// The certificates of a key. It may come with the authorities that issued it, which live longer
/// and say nothing of it.
fn signing(data: &Node<'_, '_>) -> Result<Vec<Validity>, String> {
    let certificates = data
        .children()
        .filter(|node| is(node, SIGNATURE, "X509Certificate"))
        .map(|node| certificate(node.text().unwrap_or_default()))
        .collect::<Result<Vec<_>, _>>()?;
    let issued_by = |one: &CertificateInner<Raw>| {
        certificates.iter().map(CertificateInner::tbs_certificate).any(|other| {
            other.issuer() != other.subject() && other.issuer() == one.tbs_certificate().subject()
        })
    };
    let own = certificates.iter().filter(|one| !issued_by(one));
    Ok(own
        .map(|one| {
            let validity = one.tbs_certificate().validity();
            Validity { from: time(validity.not_before), until: time(validity.not_after) }
        })
        .collect())
}

/// Reads a certificate as its issuer wrote it (`Raw`): only its names and dates are of interest, not
/// whether its serial number keeps to the rules.
fn certificate(text: &str) -> Result<CertificateInner<Raw>, String> {
    let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let der = STANDARD
        .decode(text)
        .map_err(|error| format!("an X509Certificate is not base64: {error}"))?;
    CertificateInner::from_der(&der)
        .map_err(|error| format!("an X509Certificate cannot be read: {error}"))
}

/// "No end" (9999-12-31) is later than any time that can be computed with.
fn time(time: Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}
