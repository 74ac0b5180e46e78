//! A page's trust, and the document that is to follow it, for programs: what it changes, who signed it, and whom it waits for.

use serde_json::{Map, Value as Json, json};
use waft::anchor::advance;
use waft::envelope::Envelope;
use waft::manifest::digest_of;

use super::difference::differences;
use super::{document, name, read};
use crate::host::Host;
use crate::input;
use waft_compile::trust_document::{Document, Role};
use waft_compile::{keys, refusal};

/// The role that signs trust documents.
const ROOT: &str = "root";

/// Both as JSON. `trust` is the file of TRUST.json or of the last trust document, `proposed` that of one that is being signed.
pub fn json(host: &dyn Host, trust: &str, proposed: Option<&str>) -> Result<Json, String> {
    let before = read(host, trust)?;
    let Document { project, environment, number, epoch, min_version, .. } = &before;
    Ok(json!({
        "project": project, "environment": environment, "number": number, "epoch": epoch, "minVersion": min_version,
        "takesDocuments": before.roles.contains_key(ROOT), "roles": roles(&before),
        "proposed": proposed.map(|path| following(host, &before, path)).transpose()?,
    }))
}

/// The digest of a trust document, whoever signed it; `None` if the bytes are of another kind.
pub fn digest(bytes: &[u8]) -> Option<String> {
    let envelope = Envelope::read(bytes).ok()?;
    document("", bytes).ok().flatten().map(|_| keys::to_text(&digest_of(&[envelope.protected, envelope.payload])))
}

/// Whether a key may sign a document: one of root, before it or by it.
pub fn is_root(host: &dyn Host, trust: &str, proposed: &str, public: &[u8; 32]) -> Result<bool, String> {
    let lists = |document: &Document| {
        document.roles.get(ROOT).is_some_and(|role| role.keys.values().any(|holder| holder.public == *public))
    };
    Ok(lists(&read(host, trust)?) || lists(&read(host, proposed)?))
}

fn following(host: &dyn Host, before: &Document, path: &str) -> Result<Json, String> {
    let bytes = input::file(host, path)?;
    let refused = |one| format!("{path}: {}", refusal::of_trust(one));
    let envelope = Envelope::read(&bytes).map_err(refused)?;
    let next = Document::of(&envelope).map_err(refused)?;
    let holder = |kid: &[u8; 16]| {
        let known = [before, &next].into_iter().find_map(|of| of.roles.values().find_map(|role| role.keys.get(kid)));
        known.map_or_else(String::new, |holder| holder.name.clone())
    };
    let has_signed =
        |kid: &[u8; 16]| envelope.signatures.iter().any(|one| one.kid == *kid && one.role == ROOT.as_bytes());
    let mut waits: Vec<String> = [("trust in effect", before), ("proposed trust", &next)]
        .into_iter()
        .filter_map(|(which, of)| lacks(which, of.roles.get(ROOT)?, &has_signed))
        .collect();
    let taken = before.anchor().and_then(|from| advance(&from, &bytes, host.now()));
    if let (Err(one), true) = (&taken, waits.is_empty()) {
        waits.push(format!("another document, as pages refuse this one, {}", refusal::of_trust(*one)));
    }
    let signed =
        envelope.signatures.iter().map(|one| json!({ "kid": keys::to_text(&one.kid), "holder": holder(&one.kid) }));
    Ok(json!({
        "number": next.number, "digest": digest(&bytes), "document": keys::to_text(&bytes), "changes": differences(before, &next),
        "signed": signed.collect::<Vec<_>>(), "waitsFor": waits, "isComplete": taken.is_ok(),
    }))
}

/// Who of root still has to sign.
fn lacks(which: &str, root: &Role, has_signed: &dyn Fn(&[u8; 16]) -> bool) -> Option<String> {
    let have = root.keys.keys().filter(|kid| has_signed(kid)).count();
    let open = root.keys.iter().filter(|(kid, _)| !has_signed(kid));
    let open: Vec<String> = open.map(|(kid, holder)| name(kid, &holder.name)).collect();
    (have < root.at_least).then(|| super::lack(&format!("root of the {which}"), have, root.at_least, &open))
}

fn roles(document: &Document) -> Json {
    let role = |role: &Role| {
        let keys = role.keys.iter().map(|(kid, holder)| {
            json!({ "kid": keys::to_text(kid), "publicKey": keys::to_text(&holder.public), "holder": holder.name })
        });
        json!({ "atLeast": role.at_least, "keys": keys.collect::<Vec<_>>() })
    };
    document.roles.iter().map(|(name, one)| (name.clone(), role(one))).collect::<Map<_, _>>().into()
}
