//! `waft head refresh`: a new freshness pointer, which says that a snapshot is live.

use ed25519_compact::KeyPair;
use waft::head::file::Head;
use waft::head::freshness::{Known, take};
use waft::head::kills::Kills;
use waft::head::pointer::{Live, Pointer};
use waft::kind::Kind;
use waft::{Refusal, Trust, limits};
use waft_compile::head::Documents;
use waft_compile::{refusal, snapshot};
use waft_ruleset::clock;

use super::kill;
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::release::AHEAD;
use crate::trust::reach::{Reached, reach};
use crate::{again, input, secret};

/// How long a pointer vouches, in milliseconds, unless said: a day, which hourly refreshes renew long before.
pub const LIFETIME: i64 = 24 * 3_600_000;

/// What is live, and who says so.
#[derive(Clone, Debug)]
pub struct Options {
    /// The head's file; created if missing.
    pub head: String,
    /// The live snapshot's file.
    pub snapshot: String,
    /// The file of TRUST.json.
    pub trust: String,
    /// The trust documents that pages walk through from it.
    pub trust_documents: Vec<String>,
    /// The secret key's PEM file.
    pub key: String,
    /// The least number of the trust document; if absent, that of the last of these, or of the last pointer.
    pub trust_number: Option<u64>,
    /// Until when it vouches, as RFC 3339.
    pub expires: Option<String>,
}

/// Signs a pointer, and puts it into the head.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match refresh(options, host) {
        Ok(message) => {
            host.err(&message);
            Exit::Done
        }
        Err(message) => fail(host, &message),
    }
}

fn refresh(options: &Options, host: &dyn Host) -> Result<String, String> {
    let Options { head: path, snapshot, .. } = options;
    let now = host.now();
    let Reached { trust, number, .. } = reach(host, &options.trust, &options.trust_documents, now)?;
    let pair = secret::key(host, &options.key)?;
    let expires = input::expires(host, options.expires.as_deref(), now, LIFETIME)?;
    let longest = i64::try_from(limits::POINTER_SECONDS).unwrap_or(i64::MAX).saturating_mul(1_000);
    if expires <= now || expires - now > longest {
        return Err("--expires: expected a moment within the next 48 hours".to_owned());
    }
    let program = input::program(input::file(host, snapshot)?, &trust, now)
        .map_err(|refused| format!("{snapshot}: refused, {}", refusal::sentence(refused)))?;
    check_clock(program.snapshot().issued(), now)?;
    let (version, digest) = (program.snapshot().version(), *program.snapshot().digest());
    let live = Live { version, digest, kills: 0, trust: options.trust_number.unwrap_or(number) };
    again::settled(path, || {
        let found = super::read(host, path)?;
        kill::tell_revoked(host, path, &found.documents, &trust);
        if let Some(ending) = kill::ending(&found.documents, &trust, now) {
            host.err(&format!("waft: warning: {path}: {ending}"));
        }
        let (documents, pointer) = next(&found.documents, &live, &trust, &pair, [now, expires])
            .map_err(|message| format!("{path}: {message}; nothing was written"))?;
        let until = clock::text_of_seconds(pointer.expires());
        let told = format!("{path}: version {version} is live until {until}, with kill list {}", pointer.live().kills);
        Ok(super::write(host, path, &found, &documents)?.map(|()| told))
    })
}

/// Refuses a clock that is behind the live snapshot, which was made at `issued`, in seconds since 1970: the pointer would be over before
/// pages have it. `now` is in milliseconds.
pub fn check_clock(issued: u64, now: i64) -> Result<(), String> {
    let now = input::seconds(now);
    if issued <= now.saturating_add(AHEAD) {
        return Ok(());
    }
    let [issued, now] = [issued, now].map(clock::text_of_seconds);
    Err(format!(
        "the live snapshot was made at {issued}, and it is {now} here: check the clock of this machine; no pointer was signed"
    ))
}

/// The head with a new pointer, and that pointer. Of `live`, kill and trust numbers are raised to those of the head. `[now, expires]`
/// are milliseconds since 1970.
pub fn next(
    documents: &Documents,
    live: &Live,
    trust: &Trust,
    pair: &KeyPair,
    [now, expires]: [i64; 2],
) -> Result<(Documents, Pointer), String> {
    let refused = |what: &str, refused: Refusal| format!("{what}: {}", refusal::sentence(refused));
    let kills = documents.kills(trust);
    let kills = super::unless_revoked(kills).map_err(|error| refused("its kill list is refused", error))?;
    let last = documents.pointer(trust);
    let last = super::unless_revoked(last).map_err(|error| refused("its pointer is refused", error))?;
    let last = last.as_ref().map(Pointer::live);
    if let Some(least) = last.map(|last| last.kills).filter(|least| *least > 0 && kills.is_none()) {
        return Err(format!(
            "the last pointer names kill list {least}, and no key that the trust lists has signed one: restore the published head, or, \
             after the key was taken out, sign the next list with `waft kill`"
        ));
    }
    let live = Live {
        kills: live.kills.max(kills.as_ref().map_or(0, Kills::number)),
        trust: live.trust.max(last.map_or(0, |last| last.trust)),
        ..*live
    };
    let claims = super::claims(trust, live.version, input::seconds(now), input::seconds(expires));
    let document = super::sign(&snapshot::pointer(&claims, &live), Kind::Pointer, trust, pair)?;
    let listed = documents.get(Kind::Kills).filter(|_| kills.is_some());
    let head = Head { pointer: Some(&document), kills: listed, snapshot: None };
    let known = Known { live: last, kills: kills.as_ref(), trust: live.trust, version: 0 };
    // Nobody is to rely on a pointer that pages refuse.
    let pointer = take(&head, trust, now, &known)
        .pointer
        .map_err(|error| refused("pages would refuse the new pointer", error))?;
    let mut documents = documents.clone();
    documents.put(Kind::Pointer, document);
    Ok((documents, pointer))
}
