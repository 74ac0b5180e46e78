//! The trust that pages reach by trust documents. Whoever signs for pages starts from the trust that they were built with, as they do.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use waft::Trust;
use waft::anchor::walk;
use waft::envelope::Envelope;
use waft_compile::{keys, refusal};

use crate::host::Host;
use crate::input;

/// Who holds which key, by the key's id: of TRUST.json, and of the trust documents behind it.
pub type Holders = BTreeMap<String, String>;

/// A trust, and what documents say of it.
pub(crate) struct Reached {
    pub(crate) trust: Trust,
    /// The number of the last document; 0 if none was given.
    pub(crate) number: u64,
    pub(crate) holders: Holders,
}

/// Walks from TRUST.json through trust documents, in whatever order they were given. All of them must be taken.
pub(crate) fn reach(host: &dyn Host, path: &str, documents: &[String], now: i64) -> Result<Reached, String> {
    let text = input::text(host, path)?;
    if documents.is_empty() {
        return Ok(Reached { trust: input::read_trust(host, path)?, number: 0, holders: holders(&text, []) });
    }
    let built_in = super::read(host, path)?.anchor().map_err(|one| format!("{path}: {}", refusal::of_trust(one)))?;
    if !built_in.has_root() {
        return Err(format!("{path}: pages whose trust has no role root take no trust documents"));
    }
    let mut found = documents.iter().map(|path| read(host, path)).collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|(number, ..)| *number);
    let bytes: Vec<&[u8]> = found.iter().map(|(.., bytes)| bytes.as_slice()).collect();
    let (reached, refused) = walk(&built_in, &bytes, now);
    if let Some(refused) = refused {
        let next = found.iter().find(|(number, ..)| *number > reached.number());
        let file = next.or(found.first()).map_or(path, |(_, file, _)| file);
        return Err(format!("{file}: refused, {}", refusal::of_trust(refused)));
    }
    Ok(Reached { trust: reached.trust().clone(), number: reached.number(), holders: holders(&text, bytes) })
}

fn read<'p>(host: &dyn Host, path: &'p str) -> Result<(u64, &'p str, Vec<u8>), String> {
    let bytes = input::file(host, path)?;
    super::document(path, &bytes)?.ok_or_else(|| format!("{path}: not a trust document, which `waft trust` writes"))?;
    let number = Envelope::read(&bytes).map_or(0, |envelope| envelope.claims.version);
    Ok((number, path, bytes))
}

/// The holders that TRUST.json and documents name. Nothing is verified: names are for people.
pub fn holders<'d>(trust: &str, documents: impl IntoIterator<Item = &'d [u8]>) -> Holders {
    let json: Json = serde_json::from_str(trust.strip_prefix('\u{feff}').unwrap_or(trust)).unwrap_or_default();
    let named = json.get("holders").and_then(Json::as_object).into_iter().flatten();
    let mut holders: Holders = named.filter_map(|(kid, name)| Some((kid.clone(), name.as_str()?.to_owned()))).collect();
    for document in documents.into_iter().filter_map(|bytes| super::document("", bytes).ok().flatten()) {
        for (kid, holder) in document.roles.into_values().flat_map(|role| role.keys) {
            holders.insert(keys::to_text(&kid), holder.name);
        }
    }
    holders.retain(|_, name| !name.is_empty());
    holders
}
