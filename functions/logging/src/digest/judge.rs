//! Judging one digest: its shape, its place, its signature, and its successor's link to it.

use super::{
    Cause, ChainKind, Error, Problem, ProblemCode, Request,
    document::{Document, Hash, decode_hex},
    keys::KeyRing,
    read::{DigestFile, DigestRead},
    signature::{ALGORITHM, verifies},
};

/// What a later digest says about the one before it.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// `None` when it holds none, or none that is hexadecimal.
    pub(super) hash: Option<Hash>,
    pub(super) signature: Option<String>,
    /// The later digest can be believed.
    pub(super) trusted: bool,
}

/// A digest in the chain, and the place it was read from.
pub(super) struct Place<'a> {
    pub(super) kind: ChainKind,
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
}

/// The judgement about one digest.
pub(super) struct Judgement {
    pub(super) presence: Presence,
    pub(super) problems: Vec<Problem>,
    /// There was no signature to verify, because the store keeps none.
    pub(super) unverifiable: bool,
}

/// What is at the digest's place.
pub(super) enum Presence {
    /// Nothing.
    Absent,
    /// Something that cannot be believed. If it is a digest at all, what it says is here.
    Untrusted(Option<Box<Document>>),
    /// A digest to go on from.
    Trusted(Box<Document>),
}

/// Judges a digest that was read at `place`, given what its successor says about it.
pub(super) async fn judge(
    request: &Request,
    keys: &mut KeyRing<'_>,
    place: &Place<'_>,
    read: DigestRead,
    link: Option<&Link>,
) -> Result<Judgement, Error> {
    let mut problems = Vec::new();
    let mut problem = |code, cause| {
        problems.push(Problem {
            code,
            bucket: place.bucket.to_owned(),
            key: Some(place.key.to_owned()),
            cause,
        });
    };
    let mut unverifiable = false;
    let presence = match read {
        DigestRead::Absent => {
            problem(ProblemCode::DigestMissing, Cause::NotFound);
            Presence::Absent
        }
        DigestRead::Unreadable(cause) => {
            problem(ProblemCode::DigestMalformed, cause);
            Presence::Untrusted(None)
        }
        DigestRead::File(file) => {
            let DigestFile { metadata, document, sha256, trailing } = *file;
            if request.is_full() && trailing {
                problem(ProblemCode::DigestMalformed, Cause::TrailingBytes);
            }
            let signature = match &metadata {
                None => Source::Successor(link),
                Some(metadata) => Source::Metadata(metadata),
            };
            let proof = match &document {
                Err(cause) => Proof::Failed(ProblemCode::DigestMalformed, cause.clone()),
                Ok(document) => match out_of_place(place, document, &signature) {
                    Some(cause) => Proof::Failed(ProblemCode::DigestMalformed, cause),
                    None => prove(request, keys, place, document, &sha256, &signature).await?,
                },
            };
            let trusted = match proof {
                Proof::Given => true,
                Proof::Unavailable => {
                    unverifiable = true;
                    true
                }
                Proof::Failed(code, cause) => {
                    problem(code, cause);
                    false
                }
            };
            // What is no document at all has been reported, and differs from any hash.
            if let Some(link) =
                link.filter(|link| request.is_full() && link.trusted && document.is_ok())
            {
                let signature =
                    metadata.as_ref().and_then(|metadata| metadata.signature.as_deref());
                if let Some(cause) = broken_link(link, &sha256, signature) {
                    problem(ProblemCode::DigestLinkMismatch, cause);
                }
            }
            match document.ok().map(Box::new) {
                Some(document) if trusted => Presence::Trusted(document),
                document => Presence::Untrusted(document),
            }
        }
    };
    Ok(Judgement { presence, problems, unverifiable })
}

/// Where a digest's signature is.
enum Source<'a> {
    Metadata(&'a super::Metadata),
    /// A copy without metadata: the successor repeats it.
    Successor(Option<&'a Link>),
}

enum Proof {
    Given,
    /// There is no signature at hand.
    Unavailable,
    Failed(ProblemCode, Cause),
}

fn out_of_place(place: &Place<'_>, document: &Document, source: &Source<'_>) -> Option<Cause> {
    if document.bucket != place.bucket || document.key != place.key {
        let belongs = super::text::quote(&format!("s3://{}/{}", document.bucket, document.key));
        return Some(Cause::Moved { belongs });
    }
    let backfill = place.kind == ChainKind::Backfill;
    match source {
        Source::Metadata(metadata) if backfill && metadata.backfill_time().is_none() => {
            Some(Cause::BackfillTimestamp)
        }
        _ => None,
    }
}

async fn prove(
    request: &Request,
    keys: &mut KeyRing<'_>,
    place: &Place<'_>,
    document: &Document,
    sha256: &Hash,
    source: &Source<'_>,
) -> Result<Proof, Error> {
    let invalid = |cause| Ok(Proof::Failed(ProblemCode::DigestSignatureInvalid, cause));
    let (signature, algorithm, written) = match source {
        Source::Metadata(metadata) => {
            let (Some(signature), Some(algorithm)) =
                (&metadata.signature, &metadata.signature_algorithm)
            else {
                return invalid(Cause::SignatureAbsent);
            };
            (signature, Some(algorithm), metadata.backfill_time())
        }
        Source::Successor(Some(Link { signature: Some(signature), .. })) => {
            (signature, document.signature_algorithm.as_ref(), None)
        }
        Source::Successor(_) => return Ok(Proof::Unavailable),
    };
    // The AWS CLI does not look at the algorithm.
    if let Some(other) = algorithm.filter(|name| request.is_full() && *name != ALGORITHM) {
        return invalid(Cause::SignatureAlgorithm(super::text::quote(other)));
    }
    let key = match place.kind {
        ChainKind::Standard => keys.standard(&document.fingerprint).await?,
        ChainKind::Backfill => keys.backfill(&document.fingerprint, written, document.end).await?,
    };
    let Some(key) = key else {
        return invalid(Cause::UnknownKey(super::text::quote(&document.fingerprint)));
    };
    let Some(signature) = decode_hex(signature) else {
        return invalid(Cause::SignatureNotHex);
    };
    let verified = verifies(key, document, sha256, &signature).ok_or_else(|| {
        Error::UnusableKey { fingerprint: super::text::quote(&document.fingerprint) }
    })?;
    Ok(match source {
        _ if verified => Proof::Given,
        // The fault may as well be in the successor, which is known to be damaged.
        Source::Successor(Some(link)) if !link.trusted => Proof::Unavailable,
        _ => Proof::Failed(ProblemCode::DigestSignatureInvalid, Cause::SignatureMismatch),
    })
}

/// Whether the successor was linked to another file. In a copy without metadata the signature
/// comes from the link itself.
fn broken_link(link: &Link, sha256: &Hash, signature: Option<&str>) -> Option<Cause> {
    match link.hash {
        None => return Some(Cause::LinkHashAbsent),
        Some(hash) if hash != *sha256 => return Some(Cause::LinkHash),
        Some(_) => {}
    }
    let linked = link.signature.as_deref().unwrap_or_default();
    let differs = |signature: &str| !signature.eq_ignore_ascii_case(linked);
    signature.is_some_and(differs).then_some(Cause::LinkSignature)
}
