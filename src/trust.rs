//! What a page trusts: which project and environment, whose keys, in which roles.

use alloc::string::String;
use alloc::vec::Vec;

use crate::cbor::Reader;
use crate::error::{Code, Refusal};
use crate::limits;

/// A page's trust. Its fields are public to read; [`Trust::new`] is the only way to make one, and refuses one that
/// requires nothing.
#[derive(Clone, Debug)]
pub struct Trust {
    project: String,
    environment: String,
    min_version: u64,
    max_jump: u64,
    require: Vec<Requirement>,
}

/// How many distinct keys must have signed in a role.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// The role, such as `publisher`.
    pub role: String,
    /// How many of the keys must have signed: at least 1.
    pub at_least: usize,
    /// Whose signature counts in this role.
    pub keys: Vec<Key>,
}

/// A public key and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The first 16 bytes of the SHA-256 of `public`.
    pub kid: [u8; 16],
    /// The Ed25519 public key.
    pub public: [u8; 32],
}

impl Trust {
    /// Checks a trust: it requires at least one signature, each requirement can be met, and no public key stands in
    /// two requirements or twice in one. Otherwise [`Code::InvalidTrust`].
    ///
    /// `min_version` is the lowest version accepted (0 for any); `max_jump` how far a version may be above the
    /// highest seen ([`limits::MAX_JUMP`] is the usual one).
    pub fn new(
        project: String,
        environment: String,
        min_version: u64,
        max_jump: u64,
        require: Vec<Requirement>,
    ) -> Result<Self, Refusal> {
        let mut seen: Vec<Key> = Vec::new();
        for requirement in &require {
            if requirement.at_least == 0 || requirement.at_least > requirement.keys.len() {
                return Err(Code::InvalidTrust.into());
            }
            for key in &requirement.keys {
                // One key for one role only: otherwise one thief could be publisher and approver.
                if seen.iter().any(|other| other.public == key.public || other.kid == key.kid) {
                    return Err(Code::InvalidTrust.into());
                }
                seen.push(*key);
            }
        }
        if require.is_empty() || require.len() > limits::TRUST_REQUIREMENTS {
            return Err(Code::InvalidTrust.into());
        }
        Ok(Trust { project, environment, min_version, max_jump, require })
    }

    /// Reads the form in which trust crosses the border to wasm: a CBOR array
    /// `[project, environment, minVersion, maxJump, [[role, atLeast, [[kid, publicKey], ...]], ...]]`.
    ///
    /// Whatever is wrong with it is [`Code::InvalidTrust`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        read(bytes).map_err(|refusal| Refusal { code: Code::InvalidTrust, ..refusal })
    }

    /// The project whose snapshots are accepted.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The environment whose snapshots are accepted.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The lowest version accepted.
    pub fn min_version(&self) -> u64 {
        self.min_version
    }

    /// How far a version may be above the highest seen.
    pub fn max_jump(&self) -> u64 {
        self.max_jump
    }

    /// All of these must be met.
    pub fn require(&self) -> &[Requirement] {
        &self.require
    }

    /// Whether any requirement lists this key.
    pub fn lists(&self, kid: &[u8; 16]) -> bool {
        self.require.iter().any(|requirement| requirement.key(kid).is_some())
    }
}

impl Requirement {
    /// The key of this id, if its signature counts here.
    pub fn key(&self, kid: &[u8; 16]) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid == *kid)
    }
}

fn read(bytes: &[u8]) -> Result<Trust, Refusal> {
    let mut cbor = Reader::new(bytes);
    array_of(&mut cbor, 5)?;
    let project = String::from(cbor.text()?);
    let environment = String::from(cbor.text()?);
    let min_version = cbor.unsigned()?;
    let max_jump = cbor.unsigned()?;
    let mut require = Vec::new();
    for _ in 0..at_most(&mut cbor, limits::TRUST_REQUIREMENTS)? {
        array_of(&mut cbor, 3)?;
        let role = String::from(cbor.text()?);
        let at_least = usize::try_from(cbor.unsigned()?).unwrap_or(usize::MAX);
        let mut keys = Vec::new();
        for _ in 0..at_most(&mut cbor, limits::TRUST_KEYS)? {
            array_of(&mut cbor, 2)?;
            keys.push(Key { kid: cbor.array_of()?, public: cbor.array_of()? });
        }
        require.push(Requirement { role, at_least, keys });
    }
    cbor.end()?;
    Trust::new(project, environment, min_version, max_jump, require)
}

fn array_of(cbor: &mut Reader<'_>, length: u64) -> Result<(), Refusal> {
    if cbor.array()? == length { Ok(()) } else { Err(cbor.malformed()) }
}

fn at_most(cbor: &mut Reader<'_>, most: usize) -> Result<u64, Refusal> {
    match cbor.array()? {
        length if length <= most as u64 => Ok(length),
        _ => Err(cbor.malformed()),
    }
}
