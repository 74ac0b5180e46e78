//! Refusals in words. The core knows codes alone; this is where there is room for text.

use waft::{Code, Refusal};

/// What a refusal means and what would mend it.
pub fn sentence(refusal: Refusal) -> String {
    let text = match refusal.code {
        Code::Malformed => {
            return format!("it is not a well-formed snapshot (byte {}): build it again with `waft build`", refusal.at);
        }
        Code::TooLarge => {
            "it is larger than the format allows, a token that is valid for more than 30 days, or a pointer for more than 48 hours"
        }
        Code::UnsupportedFormat => "its format is newer than this waft: update waft",
        Code::Unsigned => "it has no signature: add one with `waft sign`",
        Code::UnknownKey => "none of its signatures was made with a key that trust lists",
        Code::BadSignature => "a signature does not match: the file was changed after it was signed",
        Code::RoleMissing => {
            "too few valid signatures for a role that trust requires: add them with `waft sign --role`"
        }
        Code::WrongProject => "it belongs to another project",
        Code::WrongEnvironment => "it was built for another environment",
        Code::RolledBack => "a newer version was seen before, or trust asks for a newer one",
        Code::VersionConflict => "its version was seen before with other contents: give each build its own version",
        Code::VersionJump => "its version is too far above the highest seen",
        Code::NotYetValid => "it is not valid yet",
        Code::Expired => "it has expired: build and sign a new one",
        Code::DigestMismatch => "its body is not the one that was signed",
        Code::HeadIncomplete => {
            "it lacks a freshness pointer, or has an older kill list or trust than its pointer names: run `waft head refresh`"
        }
        Code::InvalidTrust => "trust requires nothing, or lists one key for two roles",
    };
    text.to_owned()
}

/// [`sentence`], of a trust document.
pub fn of_trust(refusal: Refusal) -> String {
    let text = match refusal.code {
        Code::Malformed => return format!("it is not a well-formed trust document (byte {})", refusal.at),
        Code::TooLarge => {
            "it is larger than 8 kB, or there are more than 64 or 256 kB of documents: build pages with a later trust"
        }
        Code::RoleMissing => {
            "too few signatures of root: it needs the threshold of the trust before it, and its own: add them with `waft sign --role root`"
        }
        Code::UnknownKey => "none of its signatures was made by root of the trust before it",
        Code::RolledBack => "its number, its epoch or, within an epoch, its `minVersion` is lower than before",
        Code::VersionConflict => "it is another document of the number that the trust before it has",
        Code::VersionJump => "a document in between is missing, or its epoch is not the next",
        Code::InvalidTrust => {
            "it would lock pages out: root and a role that signs snapshots need as many keys as they require, and no key has two roles"
        }
        Code::UnsupportedFormat
        | Code::Unsigned
        | Code::BadSignature
        | Code::WrongProject
        | Code::WrongEnvironment
        | Code::NotYetValid
        | Code::Expired
        | Code::HeadIncomplete
        | Code::DigestMismatch => return sentence(refusal),
    };
    text.to_owned()
}
