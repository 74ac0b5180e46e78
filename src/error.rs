//! Why a snapshot was refused: a closed code and, where bytes are to blame, a position.

/// Why a snapshot (or the trust it was checked against) was refused.
///
/// Numbers are permanent: they cross the border to JavaScript and appear in logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Code {
    /// The bytes do not follow docs/snapshot-format.md.
    Malformed = 1,
    /// The file is larger than [`crate::limits::SNAPSHOT_BYTES`], or than a limit inside it.
    TooLarge = 2,
    /// The manifest names a format this engine does not know.
    UnsupportedFormat = 3,
    /// There is no signature at all.
    Unsigned = 4,
    /// None of the signatures is by a key that trust lists.
    UnknownKey = 5,
    /// A signature by a trusted key does not match.
    BadSignature = 6,
    /// Too few valid signatures for a role that trust requires.
    RoleMissing = 7,
    /// The snapshot belongs to another project.
    WrongProject = 8,
    /// The snapshot belongs to another environment.
    WrongEnvironment = 9,
    /// A newer version was seen before, or trust asks for a newer one.
    RolledBack = 10,
    /// The version seen before had this number and other contents.
    VersionConflict = 11,
    /// The version is too far above the highest seen to be an honest successor.
    VersionJump = 12,
    /// The snapshot's `nbf` is in the future.
    NotYetValid = 13,
    /// The snapshot's `exp` has passed.
    Expired = 14,
    /// A chunk of the body is not the one the manifest names.
    DigestMismatch = 15,
    /// Trust itself cannot be read, or requires nothing.
    InvalidTrust = 16,
    /// The head has no pointer, or less than its pointer names.
    HeadIncomplete = 17,
}

impl Code {
    /// Every code, in the order of their numbers.
    pub const ALL: [Code; 17] = [
        Code::Malformed,
        Code::TooLarge,
        Code::UnsupportedFormat,
        Code::Unsigned,
        Code::UnknownKey,
        Code::BadSignature,
        Code::RoleMissing,
        Code::WrongProject,
        Code::WrongEnvironment,
        Code::RolledBack,
        Code::VersionConflict,
        Code::VersionJump,
        Code::NotYetValid,
        Code::Expired,
        Code::DigestMismatch,
        Code::InvalidTrust,
        Code::HeadIncomplete,
    ];

    /// The code as it is written in JSON and docs.
    pub const fn name(self) -> &'static str {
        match self {
            Code::Malformed => "MALFORMED",
            Code::TooLarge => "TOO_LARGE",
            Code::UnsupportedFormat => "UNSUPPORTED_FORMAT",
            Code::Unsigned => "UNSIGNED",
            Code::UnknownKey => "UNKNOWN_KEY",
            Code::BadSignature => "BAD_SIGNATURE",
            Code::RoleMissing => "ROLE_MISSING",
            Code::WrongProject => "WRONG_PROJECT",
            Code::WrongEnvironment => "WRONG_ENVIRONMENT",
            Code::RolledBack => "ROLLED_BACK",
            Code::VersionConflict => "VERSION_CONFLICT",
            Code::VersionJump => "VERSION_JUMP",
            Code::NotYetValid => "NOT_YET_VALID",
            Code::Expired => "EXPIRED",
            Code::DigestMismatch => "DIGEST_MISMATCH",
            Code::InvalidTrust => "INVALID_TRUST",
            Code::HeadIncomplete => "HEAD_INCOMPLETE",
        }
    }
}

/// A refusal: what is wrong and, for [`Code::Malformed`], the byte where reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The closed code.
    pub code: Code,
    /// Bytes from the start of the item being read (snapshot, trust or table); 0 where no byte is to blame.
    #[cfg(feature = "positions")]
    pub at: u32,
}

impl Refusal {
    /// A refusal for which no single byte is to blame.
    pub const fn new(code: Code) -> Self {
        Refusal::from_byte(code, 0)
    }

    /// [`Code::Malformed`] at a byte.
    pub const fn malformed(at: usize) -> Self {
        Refusal::from_byte(Code::Malformed, at)
    }

    const fn from_byte(code: Code, _at: usize) -> Self {
        Refusal {
            code,
            #[cfg(feature = "positions")]
            at: _at as u32,
        }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Refusal::new(code)
    }
}
