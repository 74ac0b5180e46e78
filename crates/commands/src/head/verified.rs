//! `waft verify` of a head: each document by itself, and what they are together.

use serde_json::{Value as Json, json};
use waft::head::file::Head;
use waft::head::freshness::{Known, Taken, take};
use waft::{Refusal, Trust, Verified, verify};
use waft_compile::keys;
use waft_ruleset::clock::text_of_seconds;

use crate::exit::Exit;
use crate::host::Host;
use crate::input;

/// The head that a file is; `None` if it is none, but a snapshot or anything else.
pub(crate) fn head(bytes: &[u8]) -> Option<Head<'_>> {
    Head::read(bytes).ok().filter(|head| head.kills.is_some() || head.pointer.is_some())
}

/// Prints what was verified, or the first refusal. A head without a pointer is one where the trust asks for none.
pub(crate) fn run(path: &str, head: &Head<'_>, trust: &Trust, now: i64, host: &dyn Host) -> Exit {
    match tell(head, trust, now) {
        Ok(told) => {
            host.json(&told.to_string());
            Exit::Done
        }
        Err(refused) => input::refuse(host, path, refused),
    }
}

fn tell(head: &Head<'_>, trust: &Trust, now: i64) -> Result<Json, Refusal> {
    // The number of the trust is not known here: a pointer may ask for any.
    let Taken { kills, pointer } = take(head, trust, now, &Known { trust: u64::MAX, ..Known::default() });
    let mut told = json!({});
    if let Some(kills) = kills {
        let kills = kills?;
        let flags: Vec<_> = kills.flags().into_iter().map(String::from_utf8_lossy).collect();
        told["kills"] = json!({ "number": kills.number(), "digest": keys::to_text(kills.digest()), "flags": flags });
    }
    let asks = trust.require().iter().any(|one| one.kind() == waft::kind::Kind::Pointer);
    if !asks && head.pointer.is_none() {
        return Ok(told);
    }
    let pointer = pointer?;
    let live = pointer.live();
    told["pointer"] = json!({
        "version": live.version,
        "digest": keys::to_text(&live.digest),
        "kills": live.kills,
        "trust": live.trust,
        "expires": text_of_seconds(pointer.expires()),
    });
    if let Some(snapshot) = head.snapshot {
        let snapshot = verify(snapshot.to_vec(), trust, now, None).and_then(Verified::whole)?;
        pointer.vouches(snapshot.version(), snapshot.digest())?;
        told["snapshot"] = json!({ "version": snapshot.version(), "digest": keys::to_text(snapshot.digest()) });
    }
    Ok(told)
}
