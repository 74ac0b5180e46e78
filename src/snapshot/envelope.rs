//! The signed envelope: a COSE_Sign message (RFC 9052, section 4.1) that the body follows.
//!
//! ```text
//!  D8 62                          tag 98, COSE_Sign
//!  84                             array of 4
//!    bstr  { 2: [15], 3: type, 15: claims }          protected header of the body
//!    A0                                              unprotected header: always empty
//!    bstr  manifest                                  payload
//!    array of signatures, in order of kid
//!      83  bstr { 1: alg, 2: [role], 4: kid, role }  protected header of the signer
//!          A0
//!          bstr (64)                                 Ed25519 signature
//!  body                                              see manifest
//! ```

use alloc::vec::Vec;

use crate::error::{Code, Refusal};
use crate::limits;
use crate::snapshot::cbor::Reader;
pub use crate::snapshot::kind::Kind;

/// COSE_Sign.
pub const TAG: u64 = 98;
/// COSE header parameters (RFC 9052, table 3; RFC 9597 for the claims).
pub mod header {
    /// The algorithm of a signature.
    pub const ALG: i64 = 1;
    /// What a reader must understand.
    pub const CRIT: i64 = 2;
    /// The content type of the payload.
    pub const CONTENT_TYPE: i64 = 3;
    /// The key that signed.
    pub const KID: i64 = 4;
    /// The CWT claims.
    pub const CLAIMS: i64 = 15;
    /// For which role the signer signed: a private parameter.
    pub const ROLE: i64 = -65_537;
}
/// CWT claims (RFC 8392, table 1).
pub mod claim {
    /// The project.
    pub const ISS: i64 = 1;
    /// The environment.
    pub const AUD: i64 = 3;
    /// Not adopted from this second on.
    pub const EXP: i64 = 4;
    /// Not adopted before this second.
    pub const NBF: i64 = 5;
    /// Made at this second.
    pub const IAT: i64 = 6;
    /// The snapshot's version: a private claim.
    pub const VERSION: i64 = -65_538;
    /// The digest of the snapshot that was live when this one was proposed: a private claim, which no page looks at.
    pub const BASE: i64 = -65_539;
}
/// EdDSA as RFC 9053 names it: written, because other COSE libraries know it.
pub const ALG_EDDSA: i64 = -8;
/// Ed25519 as RFC 9864 names it: accepted.
pub const ALG_ED25519: i64 = -19;

/// An envelope, taken apart and not yet believed.
pub struct Envelope<'a> {
    /// What it is around.
    pub kind: Kind,
    /// The body's protected header, encoded.
    pub protected: &'a [u8],
    /// What that header says.
    pub claims: Claims<'a>,
    /// The manifest, encoded.
    pub payload: &'a [u8],
    /// In order of kid.
    pub signatures: Vec<Signature<'a>>,
    /// What follows the envelope.
    pub body: &'a [u8],
}

/// The claims of an envelope. Times are seconds since 1970, texts are UTF-8 that is not checked.
#[derive(Clone, Copy)]
pub struct Claims<'a> {
    /// The project (`iss`).
    pub project: &'a [u8],
    /// The environment (`aud`).
    pub environment: &'a [u8],
    /// The version; of a preview token or a pointer, that of the snapshot it was made for; of a kill list or a trust document, its
    /// number.
    pub version: u64,
    /// When it was made (`iat`).
    pub issued: u64,
    /// From when on it may be adopted (`nbf`).
    pub not_before: Option<u64>,
    /// Until when it may be adopted (`exp`).
    pub expires: u64,
}

/// One signature, not yet checked.
pub struct Signature<'a> {
    /// The signer's protected header, encoded.
    pub protected: &'a [u8],
    /// The key's id: the first 16 bytes of the SHA-256 of the public key.
    pub kid: [u8; 16],
    /// The role that the signer took.
    pub role: &'a [u8],
    /// The Ed25519 signature.
    pub signature: [u8; 64],
}

impl<'a> Envelope<'a> {
    /// Reads an envelope and the bytes that follow it. Nothing is verified here.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        if bytes.len() > limits::SNAPSHOT_BYTES {
            return Err(Code::TooLarge.into());
        }
        let mut cbor = Reader::new(bytes);
        cbor.tag(TAG);
        let items = cbor.array();
        cbor.require(items == 4);
        let protected = cbor.bytes();
        cbor.ok()?;
        let (kind, claims) = read_body_header(protected)?;
        cbor.empty_map();
        let payload = cbor.bytes();
        if payload.len() > limits::MANIFEST_BYTES {
            return Err(Code::TooLarge.into());
        }
        let count = cbor.array();
        if count > limits::SIGNATURES as u64 {
            return Err(Code::TooLarge.into());
        }
        let mut signatures: Vec<Signature<'a>> = Vec::new();
        for _ in 0..count {
            let signature = Signature::read(&mut cbor)?;
            // One order of signatures, and each key once: the same signers give the same bytes.
            cbor.require(signatures.last().is_none_or(|last| last.kid < signature.kid));
            signatures.push(signature);
        }
        cbor.ok()?;
        Ok(Envelope { kind, protected, claims, payload, signatures, body: cbor.rest() })
    }
}

impl<'a> Signature<'a> {
    fn read(cbor: &mut Reader<'a>) -> Result<Self, Refusal> {
        let items = cbor.array();
        cbor.require(items == 3);
        let protected = cbor.bytes();
        cbor.empty_map();
        let signature = cbor.array_of();
        cbor.ok()?;

        let (mut kid, mut role, mut alg) = (None, None, false);
        let mut header = Reader::new(protected);
        header.map(|cbor, key| match key {
            header::ALG => alg = matches!(cbor.integer(), ALG_EDDSA | ALG_ED25519),
            header::CRIT => critical(cbor, header::ROLE),
            header::KID => kid = Some(cbor.array_of()),
            header::ROLE => role = Some(cbor.text()),
            _ => cbor.skip(),
        });
        header.end()?;
        match (kid, role, alg) {
            (Some(kid), Some(role), true) => Ok(Signature { protected, kid, role, signature }),
            _ => Err(header.malformed()),
        }
    }
}

fn read_body_header(bytes: &[u8]) -> Result<(Kind, Claims<'_>), Refusal> {
    let (mut content_type, mut claims) = (&[][..], None);
    let mut header = Reader::new(bytes);
    header.map(|cbor, key| match key {
        header::CRIT => critical(cbor, header::CLAIMS),
        header::CONTENT_TYPE => content_type = cbor.text(),
        header::CLAIMS => claims = read_claims(cbor),
        _ => cbor.skip(),
    });
    header.end()?;
    let Some(kind) = Kind::of_type(content_type) else { return Err(header.malformed()) };
    Ok((kind, claims.ok_or(header.malformed())?))
}

fn read_claims<'a>(cbor: &mut Reader<'a>) -> Option<Claims<'a>> {
    let (mut project, mut environment) = (None, None);
    let (mut version, mut issued, mut not_before, mut expires) = (None, None, None, None);
    cbor.map(|cbor, key| match key {
        claim::ISS => project = Some(cbor.text()),
        claim::AUD => environment = Some(cbor.text()),
        claim::EXP => expires = Some(cbor.unsigned()),
        claim::NBF => not_before = Some(cbor.unsigned()),
        claim::IAT => issued = Some(cbor.unsigned()),
        claim::VERSION => version = Some(cbor.unsigned()),
        _ => cbor.skip(),
    });
    let claims = match (project, environment, version, issued, expires) {
        (Some(project), Some(environment), Some(version), Some(issued), Some(expires))
            if version <= limits::VERSION =>
        {
            Some(Claims { project, environment, version, issued, not_before, expires })
        }
        _ => None,
    };
    cbor.require(claims.is_some());
    claims
}

/// A `crit` array names at least one parameter, and only what is understood here; anything else must stop us (RFC 9052,
/// section 3.1).
fn critical(cbor: &mut Reader<'_>, known: i64) {
    let items = cbor.array();
    cbor.require(items == 1);
    let parameter = cbor.integer();
    cbor.require(parameter == known);
}
