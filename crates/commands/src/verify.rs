//! `waft verify`: whether a page with this trust would adopt a snapshot, or take a head.

use serde_json::json;
use waft::{Code, Program, Seen, Verified, verify};

use crate::exit::{Exit, fail};
use crate::head::verified;
use crate::host::Host;
use crate::{input, release};
use waft_compile::keys;
use waft_ruleset::clock::text_of_seconds;

/// What to verify, against what.
#[derive(Clone, Debug)]
pub struct Options {
    /// The snapshot's file.
    pub snapshot: String,
    /// The file of TRUST.json.
    pub trust: String,
    /// The highest version seen before.
    pub seen_version: Option<u64>,
    /// The digest of that version, in base64url.
    pub seen_digest: Option<String>,
    /// The moment, as RFC 3339; the present one if absent.
    pub now: Option<String>,
}

/// Prints what was verified, or `{"code":...}`.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let read = || -> Result<_, String> {
        let trust = input::read_trust(host, &options.trust)?;
        let now = input::moment(host, "--now", options.now.as_deref())?;
        let digest = match &options.seen_digest {
            None => None,
            Some(text) => Some(
                keys::from_text::<32>(text)
                    .ok_or("--seen-digest: expected 32 bytes in base64url, as `waft inspect` prints")?,
            ),
        };
        let seen = options.seen_version.map(|version| Seen { version, digest });
        Ok((input::file(host, &options.snapshot)?, trust, now, seen))
    };
    let (bytes, trust, now, seen) = match read() {
        Ok(read) => read,
        Err(message) => return fail(host, &message),
    };
    if let Some(head) = verified::head(&bytes) {
        return verified::run(&options.snapshot, &head, &trust, now, host);
    }
    match verify(bytes, &trust, now, seen).and_then(Verified::whole).and_then(Program::new) {
        Ok(program) => {
            let snapshot = program.snapshot();
            // A page that has seen none measures no jump if trust has no floor: what it may adopt is settled here.
            if let Some(message) = release::jump(snapshot.version(), &trust) {
                host.json(&json!({ "code": Code::VersionJump.name() }).to_string());
                return fail(host, &format!("{}: refused, {message}", options.snapshot));
            }
            let told = json!({
                "project": String::from_utf8_lossy(snapshot.project()),
                "environment": String::from_utf8_lossy(snapshot.environment()),
                "version": snapshot.version(),
                "issued": text_of_seconds(snapshot.issued()),
                "expires": text_of_seconds(snapshot.expires()),
                "digest": keys::to_text(snapshot.digest()),
            });
            host.json(&told.to_string());
            Exit::Done
        }
        Err(refusal) => input::refuse(host, &options.snapshot, refusal),
    }
}
