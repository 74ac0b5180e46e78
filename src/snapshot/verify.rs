//! The one gate: only [`verify`] makes a [`Verified`], and only a `Verified` becomes a program.

use alloc::vec::Vec;

use waft_crypto::Verifier;

use crate::error::{Code, Refusal};
use crate::limits;
use crate::snapshot::body::Body;
use crate::snapshot::envelope::{Claims, Envelope, Kind, Signature};
use crate::snapshot::manifest::{Digest, Manifest, digest_of};
use crate::snapshot::trust::{Requirement, Trust};

/// A moment at which no document is too old or too new: of what was adopted before. A clock that was set back since then, or runs ahead, undoes nothing.
pub const KEPT: i64 = i64::MIN;

/// The highest version that was adopted before, per project, environment and epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its number.
    pub version: u64,
    /// Its [`Verified::digest`], where the host kept it.
    pub digest: Option<Digest>,
}

/// A snapshot, or another document, that trust accepts at some moment. There is no other way to one than [`verify`].
#[derive(Debug)]
pub struct Verified {
    kind: Kind,
    body: Body,
    project: Vec<u8>,
    environment: Vec<u8>,
    version: u64,
    issued: u64,
    expires: u64,
    digest: Digest,
    /// The digests of list files; or the payload, where that is all that is signed.
    lists: Vec<u8>,
}

/// Checks a snapshot against a page's trust, at a moment (milliseconds since 1970), knowing the highest version
/// adopted before; or another kind of document, which has signatures of a role of its own, and whose version is compared with nothing
/// here.
///
/// In this order: the envelope's form, the signatures, the claims, the body's digests; the first that fails gives the
/// code. Nothing of the body is read before its digest matched; of a body over [`limits::WHOLE_BYTES`], each chunk's digest is
/// compared when the chunk is first used, and [`Body::advance`] looks at the rest.
pub fn verify(mut bytes: Vec<u8>, trust: &Trust, now: i64, seen: Option<Seen>) -> Result<Verified, Refusal> {
    let envelope = Envelope::read(&bytes)?;
    check_signatures(&envelope, trust)?;
    let digest = digest_of(&[envelope.protected, envelope.payload]);
    check_claims(&envelope, &digest, trust, now, seen)?;
    let Manifest { length, chunk, digests, lists } = if cfg!(feature = "head") && envelope.kind.is_payload() {
        // It is all that is signed: it stands in the place of lists, and a body behind it would not be signed.
        Manifest { length: 0, chunk: 1, digests: &[], lists: envelope.payload }
    } else {
        Manifest::read(envelope.payload)?
    };
    let (kind, Claims { version, issued, expires, .. }) = (envelope.kind, envelope.claims);
    let start = bytes.len() - envelope.body.len();
    let (project, environment) = (envelope.claims.project.to_vec(), envelope.claims.environment.to_vec());
    let (digests, lists) = (digests.to_vec(), lists.to_vec());
    // In place: a copy would take as much memory again.
    bytes.drain(..start);
    let body = Body::new(bytes, length, chunk, digests)?;
    if body.length() <= limits::WHOLE_BYTES {
        body.whole()?;
    }
    Ok(Verified { kind, body, project, environment, version, issued, expires, digest, lists })
}

fn check_signatures(envelope: &Envelope<'_>, trust: &Trust) -> Result<(), Refusal> {
    if envelope.signatures.is_empty() {
        return Err(Code::Unsigned.into());
    }
    if !envelope.signatures.iter().any(|signature| trust.lists(&signature.kid)) {
        return Err(Code::UnknownKey.into());
    }
    // What is no snapshot needs the signatures of the role that is for it, a snapshot all others.
    let mut asked = false;
    for requirement in trust.require().iter().filter(|one| one.kind() == envelope.kind) {
        asked = true;
        let mut valid = 0;
        for signature in &envelope.signatures {
            if counts(envelope, signature, requirement)? {
                valid += 1;
            }
        }
        if valid < requirement.at_least {
            return Err(Code::RoleMissing.into());
        }
    }
    // Every trust asks something of a snapshot.
    if asked { Ok(()) } else { Err(Code::RoleMissing.into()) }
}

/// Whether a signature counts towards a requirement: it names that role, trust lists its key there, and it is valid.
/// One that would count and is not valid refuses the whole snapshot.
fn counts(envelope: &Envelope<'_>, signature: &Signature<'_>, requirement: &Requirement) -> Result<bool, Refusal> {
    let Some(key) = requirement.key(&signature.kid) else { return Ok(false) };
    if signature.role != requirement.role {
        return Ok(false);
    }
    let mut verifier = Verifier::new(&key.public, &signature.signature).ok_or(Code::BadSignature)?;
    signed_message(envelope.protected, signature.protected, envelope.payload, |part| verifier.update(part));
    if verifier.verify() { Ok(true) } else { Err(Code::BadSignature.into()) }
}

/// The bytes that a signer signs, in parts: the Sig_structure of RFC 9052, section 4.4, with no external data.
pub fn signed_message(body_protected: &[u8], signer_protected: &[u8], payload: &[u8], mut part: impl FnMut(&[u8])) {
    part(b"\x85\x69Signature");
    for bytes in [body_protected, signer_protected, &[], payload] {
        let length = bytes.len() as u32;
        // The head of a byte string in its shortest form: in front of so many of the length's last bytes.
        let (head, width) = match length {
            0..24 => (0x40 | length as u8, 0),
            24..256 => (0x58, 1),
            256..65_536 => (0x59, 2),
            _ => (0x5a, 4),
        };
        part(&[head]);
        part(length.to_be_bytes().get(4 - width..).unwrap_or(&[]));
        part(bytes);
    }
}

fn check_claims(
    Envelope { kind, claims, .. }: &Envelope<'_>,
    digest: &Digest,
    trust: &Trust,
    now: i64,
    seen: Option<Seen>,
) -> Result<(), Refusal> {
    let refuse = |code: Code| Err(Refusal::new(code));
    if claims.project != trust.project() {
        return refuse(Code::WrongProject);
    }
    if claims.environment != trust.environment() {
        return refuse(Code::WrongEnvironment);
    }
    if *kind == Kind::Snapshot {
        check_version(claims.version, digest, trust, seen)?;
    }
    let seconds = u64::try_from(now.div_euclid(1_000)).unwrap_or(0);
    if now != KEPT && claims.not_before.is_some_and(|not_before| seconds < not_before) {
        return refuse(Code::NotYetValid);
    }
    if now != KEPT && seconds >= claims.expires {
        return refuse(Code::Expired);
    }
    // A link that leaks is good for so long at most, also one that says that it is made later than it was.
    let made = claims.issued.min(seconds + limits::PREVIEW_AHEAD_SECONDS);
    if *kind == Kind::Preview && claims.expires.saturating_sub(made) > limits::PREVIEW_SECONDS {
        return refuse(Code::TooLarge);
    }
    Ok(())
}

fn check_version(version: u64, digest: &Digest, trust: &Trust, seen: Option<Seen>) -> Result<(), Refusal> {
    let floor = seen.map_or(0, |seen| seen.version).max(trust.min_version());
    if version < floor {
        return Err(Code::RolledBack.into());
    }
    if let Some(Seen { version: highest, digest: Some(known) }) = seen
        && highest == version
        && known != *digest
    {
        return Err(Code::VersionConflict.into());
    }
    // Without a floor there is nothing to measure a jump from: a project may number from wherever it likes.
    if floor > 0 && version - floor > trust.max_jump() { Err(Code::VersionJump.into()) } else { Ok(()) }
}

impl Verified {
    /// Checks at once what is left of a large body.
    pub fn whole(self) -> Result<Self, Refusal> {
        self.body.whole()?;
        Ok(self)
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What a document of a head says, or a trust document: see docs/snapshot-format.md. Of others, the digests of list files.
    pub fn payload(&self) -> &[u8] {
        &self.lists
    }

    /// A snapshot's table, or what a preview token says: see docs/snapshot-format.md.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The project that the snapshot belongs to, in UTF-8.
    pub fn project(&self) -> &[u8] {
        &self.project
    }

    /// The environment that it was compiled for, in UTF-8.
    pub fn environment(&self) -> &[u8] {
        &self.environment
    }

    /// The version that was claimed and signed.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// When the snapshot was made, in seconds since 1970.
    pub fn issued(&self) -> u64 {
        self.issued
    }

    /// From which second on it may no longer be adopted.
    pub fn expires(&self) -> u64 {
        self.expires
    }

    /// The digest of a list file.
    pub fn list_digest(&self, file: usize) -> Option<&[u8]> {
        self.lists.chunks_exact(32).nth(file)
    }

    /// What tells it from another of the same version: the first 32 bytes of the SHA-512 of the body's protected
    /// header and the manifest. Signatures may be added without changing it.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }
}
