//! `waft trust verify`: what a page with this trust makes of trust documents.

use serde_json::json;
use waft::anchor::walk;

use super::read;
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::input;
use waft_compile::{keys, refusal};

/// What a page starts from, and what it is offered.
#[derive(Clone, Debug)]
pub struct Options {
    /// The page's own trust: TRUST.json, or the document it was made of.
    pub trust: String,
    /// The documents, in order of their numbers.
    pub documents: Vec<String>,
    /// The moment, as RFC 3339; the present one if absent.
    pub now: Option<String>,
}

/// Prints what the page trusts then, or `{"code":...}`.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let Options { trust, documents, now } = options;
    let read = || -> Result<_, String> {
        let built_in = read(host, trust)?.anchor().map_err(|one| format!("{trust}: {}", refusal::of_trust(one)))?;
        let bytes = documents.iter().map(|path| input::file(host, path)).collect::<Result<Vec<_>, _>>()?;
        Ok((built_in, bytes, input::moment(host, "--now", now.as_deref())?))
    };
    let (built_in, bytes, now) = match read() {
        Ok(read) => read,
        Err(message) => return fail(host, &message),
    };
    let (reached, refused) = walk(&built_in, &bytes.iter().map(Vec::as_slice).collect::<Vec<_>>(), now);
    if let Some(refusal) = refused {
        host.json(&json!({ "code": refusal.code.name(), "number": reached.number() }).to_string());
        let after = format!("after number {}", reached.number());
        return fail(host, &format!("{after}: the next document is refused, {}", refusal::of_trust(refusal)));
    }
    let told =
        json!({ "number": reached.number(), "epoch": reached.epoch(), "digest": keys::to_text(reached.digest()) });
    host.json(&told.to_string());
    Exit::Done
}
