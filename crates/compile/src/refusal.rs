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
