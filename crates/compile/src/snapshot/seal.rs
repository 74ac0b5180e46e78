//! Puts a body under its signed envelope, and adds signatures. The reader is `waft::envelope`.

use std::collections::BTreeMap;

use ed25519_compact::{KeyPair, PublicKey};
use waft::envelope::{ALG_EDDSA, Envelope, Signature, TAG, claim, header};
use waft::kind::Kind;
use waft::manifest::{CHUNK_BYTES, Digest, FORMAT, digest_of, key};
use waft::verify::signed_message;
use waft::{Code, Refusal, limits, preview};

use super::cbor::Writer;
use crate::keys;

/// What a new snapshot, or another document, claims. Times are seconds since 1970.
#[derive(Clone, Debug)]
pub struct Claims {
    /// The project.
    pub project: String,
    /// The environment.
    pub environment: String,
    /// The version: higher than any before. Of a token or a pointer, that of the snapshot it is made for; of other documents, their
    /// number.
    pub version: u64,
    /// When it was made.
    pub issued: u64,
    /// From when on it may be adopted.
    pub not_before: Option<u64>,
    /// Until when it may be adopted.
    pub expires: u64,
}

/// A snapshot of a body, not yet signed. `lists` are the digests of its list files.
pub fn seal(claims: &Claims, body: &[u8], lists: &[Digest]) -> Vec<u8> {
    unsigned(claims, Kind::Snapshot, body, lists)
}

/// [`seal`], of a release: all signatures are over the digest of the snapshot that was live.
pub fn seal_on(base: &Digest, claims: &Claims, body: &[u8], lists: &[Digest]) -> Vec<u8> {
    let header = header_on(Some(base), claims, Kind::Snapshot.content_type());
    assemble(&header, &manifest(body, lists), &[], body)
}

/// A preview token, not yet signed: the variants to show, by flag.
pub fn preview(claims: &Claims, shown: &BTreeMap<String, String>) -> Vec<u8> {
    let head = Writer::default().array(1 + 2 * shown.len()).unsigned(preview::FORMAT);
    let body = shown.iter().fold(head, |writer, (flag, variant)| writer.text(flag).text(variant));
    unsigned(claims, Kind::Preview, &body.into_bytes(), &[])
}

fn unsigned(claims: &Claims, kind: Kind, body: &[u8], lists: &[Digest]) -> Vec<u8> {
    assemble(&body_header(claims, kind.content_type()), &manifest(body, lists), &[], body)
}

/// Adds a signature in a role to any of them. A key signs in one role: signing again replaces its signature.
pub fn sign(file: &[u8], key: &KeyPair, role: &str) -> Result<Vec<u8>, Refusal> {
    let message = to_sign(file, &key.pk, role)?;
    attach(file, &key.pk, role, *key.sk.sign(message, None))
}

/// The bytes that a key signs in a role.
pub fn to_sign(file: &[u8], key: &PublicKey, role: &str) -> Result<Vec<u8>, Refusal> {
    message(file, &keys::kid(key), role)
}

/// See [`to_sign`], of a key by its id.
pub(super) fn message(file: &[u8], kid: &[u8; 16], role: &str) -> Result<Vec<u8>, Refusal> {
    let envelope = Envelope::read(file)?;
    let mut message = Vec::new();
    let protected = signer_header(kid, role);
    signed_message(envelope.protected, &protected, envelope.payload, |part| message.extend_from_slice(part));
    Ok(message)
}

/// Adds a signature that was made elsewhere, over [`to_sign`]; one that does not match is refused.
pub fn attach(file: &[u8], key: &PublicKey, role: &str, signature: [u8; 64]) -> Result<Vec<u8>, Refusal> {
    if key.verify(to_sign(file, key, role)?, &ed25519_compact::Signature::new(signature)).is_err() {
        return Err(Code::BadSignature.into());
    }
    put(file, keys::kid(key), role, signature)
}

/// Attaches a signature of the key with an id, in the place of an earlier one.
pub(super) fn put(file: &[u8], kid: [u8; 16], role: &str, signature: [u8; 64]) -> Result<Vec<u8>, Refusal> {
    let envelope = Envelope::read(file)?;
    let protected = signer_header(&kid, role);
    let mut signatures = envelope.signatures;
    signatures.retain(|other| other.kid != kid);
    // In order of their ids, as they are.
    let at = signatures.partition_point(|other| other.kid < kid);
    signatures.insert(at, Signature { protected: &protected, kid, role: role.as_bytes(), signature });
    if signatures.len() > limits::SIGNATURES {
        return Err(Code::TooLarge.into());
    }
    Ok(assemble(envelope.protected, envelope.payload, &signatures, envelope.body))
}

pub(super) fn assemble(protected: &[u8], payload: &[u8], signatures: &[Signature<'_>], body: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default().tag(TAG).array(4).bytes(protected).map(0).bytes(payload).array(signatures.len());
    for signature in signatures {
        writer = writer.array(3).bytes(signature.protected).map(0).bytes(&signature.signature);
    }
    writer.raw(body).into_bytes()
}

pub(super) fn body_header(claims: &Claims, content_type: &str) -> Vec<u8> {
    header_on(None, claims, content_type)
}

/// Map keys stand in ascending order of their encodings: 2 before 3 before 15, -65538 before -65539.
fn header_on(base: Option<&Digest>, claims: &Claims, content_type: &str) -> Vec<u8> {
    let mut writer = Writer::default().map(3);
    writer = writer.integer(header::CRIT).array(1).integer(header::CLAIMS);
    writer = writer.integer(header::CONTENT_TYPE).text(content_type);
    writer = writer.integer(header::CLAIMS);
    writer = writer.map(5 + usize::from(claims.not_before.is_some()) + usize::from(base.is_some()));
    writer = writer.integer(claim::ISS).text(&claims.project);
    writer = writer.integer(claim::AUD).text(&claims.environment);
    writer = writer.integer(claim::EXP).unsigned(claims.expires);
    if let Some(not_before) = claims.not_before {
        writer = writer.integer(claim::NBF).unsigned(not_before);
    }
    writer = writer.integer(claim::IAT).unsigned(claims.issued);
    writer = writer.integer(claim::VERSION).unsigned(claims.version);
    if let Some(base) = base {
        writer = writer.integer(claim::BASE).bytes(base);
    }
    writer.into_bytes()
}

fn signer_header(kid: &[u8; 16], role: &str) -> Vec<u8> {
    let mut writer = Writer::default().map(4);
    writer = writer.integer(header::ALG).integer(ALG_EDDSA);
    writer = writer.integer(header::CRIT).array(1).integer(header::ROLE);
    writer = writer.integer(header::KID).bytes(kid);
    writer.integer(header::ROLE).text(role).into_bytes()
}

fn manifest(body: &[u8], lists: &[Digest]) -> Vec<u8> {
    let mut chunk = CHUNK_BYTES;
    loop {
        let digests: Vec<u8> = body.chunks(chunk as usize).flat_map(|chunk| digest_of(&[chunk])).collect();
        let mut writer = Writer::default().map(if lists.is_empty() { 4 } else { 5 });
        writer = writer.integer(key::FORMAT).unsigned(FORMAT);
        writer = writer.integer(key::LENGTH).unsigned(body.len() as u64);
        writer = writer.integer(key::CHUNK).unsigned(chunk);
        writer = writer.integer(key::DIGESTS).bytes(&digests);
        if !lists.is_empty() {
            writer = writer.integer(key::LISTS).bytes(&lists.concat());
        }
        let manifest = writer.into_bytes();
        if manifest.len() <= limits::MANIFEST_BYTES {
            return manifest;
        }
        chunk *= 2;
    }
}
