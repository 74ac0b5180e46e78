//! What a page trusts: which project and environment, whose keys, in which roles.

use alloc::vec::Vec;

use crate::error::{Code, Refusal};
use crate::limits;
use crate::snapshot::kind::Kind;
use crate::snapshot::table::{f64_at, u8_at, u16_at};

/// A page's trust. Its fields are public to read; [`Trust::new`] is the only way to make one, and refuses one that
/// requires nothing.
#[derive(Clone, Debug)]
pub struct Trust {
    project: Vec<u8>,
    environment: Vec<u8>,
    min_version: u64,
    max_jump: u64,
    require: Vec<Requirement>,
}

/// How many distinct keys must have signed in a role.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// The role, such as `publisher`.
    pub role: Vec<u8>,
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
    /// Checks a trust: it requires at least one signature of snapshots, each requirement can be met, and no public key stands in
    /// two requirements or twice in one; there are at most [`limits::TRUST_REQUIREMENTS`], of [`limits::TRUST_KEYS`] each. Otherwise [`Code::InvalidTrust`].
    ///
    /// `min_version` is the lowest version accepted (0 for any); `max_jump` how far a version may be above the
    /// highest seen ([`limits::MAX_JUMP`] is the usual one).
    pub fn new(
        project: impl Into<Vec<u8>>,
        environment: impl Into<Vec<u8>>,
        min_version: u64,
        max_jump: u64,
        require: Vec<Requirement>,
    ) -> Result<Self, Refusal> {
        if require.iter().all(|one| one.kind() != Kind::Snapshot) || require.len() > limits::TRUST_REQUIREMENTS {
            return Err(Code::InvalidTrust.into());
        }
        let mut seen: Vec<Key> = Vec::new();
        for requirement in &require {
            let keys = requirement.keys.len();
            if requirement.at_least == 0 || requirement.at_least > keys || keys > limits::TRUST_KEYS {
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
        Ok(Trust { project: project.into(), environment: environment.into(), min_version, max_jump, require })
    }

    /// Reads the form in which trust crosses the border to wasm: texts project and environment, doubles minVersion and
    /// maxJump, then for each requirement a text role, a byte atLeast, a byte with the number of keys, and for each key its
    /// id (16 bytes) and itself (32). A text is its length in 16 bits, little endian, and its bytes.
    ///
    /// Whatever is wrong with it is [`Code::InvalidTrust`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        read(bytes).ok_or(Code::InvalidTrust)?
    }

    /// The project whose snapshots are accepted.
    pub fn project(&self) -> &[u8] {
        &self.project
    }

    /// The environment whose snapshots are accepted.
    pub fn environment(&self) -> &[u8] {
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
    /// What it is of: snapshots, unless its role is that of another kind.
    pub fn kind(&self) -> Kind {
        Kind::of_role(&self.role)
    }

    /// The key of this id, if its signature counts here.
    pub fn key(&self, kid: &[u8; 16]) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid == *kid)
    }
}

fn read(mut bytes: &[u8]) -> Option<Result<Trust, Refusal>> {
    let (project, environment) = (text(&mut bytes)?, text(&mut bytes)?);
    let numbers = take(&mut bytes, 16)?;
    let mut require = Vec::new();
    while !bytes.is_empty() {
        let role = text(&mut bytes)?;
        let counts = take(&mut bytes, 2)?;
        let (at_least, count) = (u8_at(counts, 0).into(), usize::from(u8_at(counts, 1)));
        let mut keys = Vec::new();
        for _ in 0..count {
            let (kid, public) = (take(&mut bytes, 16)?.try_into().ok()?, take(&mut bytes, 32)?.try_into().ok()?);
            keys.push(Key { kid, public });
        }
        require.push(Requirement { role: role.to_vec(), at_least, keys });
    }
    Some(Trust::new(project, environment, f64_at(numbers, 0) as u64, f64_at(numbers, 8) as u64, require))
}

fn text<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u16_at(take(bytes, 2)?, 0);
    take(bytes, length.into())
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (first, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(first)
}
