//! What the next trust document changes, and what it must not.

use std::collections::{BTreeMap, BTreeSet};

use waft::kind::Kind;

use super::name;
use crate::host::Host;
use waft_compile::trust_document::{Document, Holder, Role};
use waft_compile::{keys, refusal};

/// What changes, a line each.
pub(crate) fn differences(before: &Document, next: &Document) -> Vec<String> {
    let mut told = Vec::new();
    let roles: BTreeSet<&String> = before.roles.keys().chain(next.roles.keys()).collect();
    let none = BTreeMap::new();
    for role in roles {
        let (old, new) = (before.roles.get(role), next.roles.get(role));
        let [had, has] = [old, new].map(|one| one.map_or(&none, |one| &one.keys));
        told.extend(lines(role, "removes", had, has));
        told.extend(lines(role, "adds", has, had));
        let count = |one: &Role| format!("{} of {}", one.at_least, one.keys.len());
        match (old.map(count), new.map(count)) {
            (Some(old), Some(new)) if old != new => told.push(format!("{role}: {new} must sign (before: {old})")),
            (None, Some(new)) => told.push(format!("{role}: a new role, {new} must sign")),
            (Some(_), None) => told.push(format!("{role}: nobody has the role any more")),
            _ => {}
        }
    }
    let numbers = [("epoch", before.epoch, next.epoch), ("minVersion", before.min_version, next.min_version)];
    told.extend(
        numbers
            .iter()
            .filter(|(_, old, new)| old != new)
            .map(|(name, old, new)| format!("{name}: {new} (before: {old})")),
    );
    told
}

/// The keys of a role that the other side has not.
fn lines(
    role: &str,
    change: &str,
    keys_of: &BTreeMap<[u8; 16], Holder>,
    other: &BTreeMap<[u8; 16], Holder>,
) -> Vec<String> {
    let only = keys_of.iter().filter(|(kid, _)| !other.contains_key(*kid));
    only.map(|(kid, holder)| match holder.name.as_str() {
        "" => format!("{role}: {change} the key {}", keys::to_text(kid)),
        name => format!("{role}: {change} the key of {name} ({})", keys::to_text(kid)),
    })
    .collect()
}

/// Holders of several keys of a role: whoever has both signs for two.
fn shared(next: &Document) -> Vec<String> {
    let mut told = Vec::new();
    for (role, one) in &next.roles {
        let mut held: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (kid, holder) in one.keys.iter().filter(|(_, holder)| !holder.name.is_empty()) {
            held.entry(&holder.name).or_default().push(keys::to_text(kid));
        }
        let several = held.into_iter().filter(|(_, keys)| keys.len() > 1);
        told.extend(several.map(|(name, keys)| {
            format!(
                "{role}: {name} holds {}, and each counts: if one follows the other, take the old one out (`waft trust remove-key`); if \
                 they are two people, name them apart",
                keys.join(" and ")
            )
        }));
    }
    told
}

/// Refuses what would lock everybody out, and warns of what is one lost key away from it.
pub(super) fn check(host: &dyn Host, next: &Document) -> Result<(), String> {
    for (role, one) in &next.roles {
        if one.at_least == 0 || one.at_least > one.keys.len() {
            return Err(format!(
                "{role}: {} of {} keys would have to sign, and then nobody could: change --threshold, or add keys; nothing was written",
                one.at_least,
                one.keys.len()
            ));
        }
    }
    shared(next).iter().for_each(|warning| host.err(&format!("waft: warning: {warning}")));
    let root = next.roles.get("root").ok_or(
        "root: nobody would have the role, and no trust could follow: --add root:NAME=PUBLIC; nothing was written",
    )?;
    if next.roles.keys().all(|role| Kind::of_role(role.as_bytes()) != Kind::Snapshot) {
        return Err(
            "no role that signs snapshots would have keys: --add publisher:NAME=PUBLIC; nothing was written".to_owned()
        );
    }
    next.anchor().map_err(|refused| format!("{}; nothing was written", refusal::of_trust(refused)))?;
    if root.at_least == root.keys.len() {
        let names: Vec<String> = root.keys.iter().map(|(kid, holder)| name(kid, &holder.name)).collect();
        host.err(&format!(
            "waft: warning: root needs all of {}: if one key is lost, keys can only be changed by building pages anew",
            names.join(", ")
        ));
    }
    if !next.roles.contains_key("freshness") {
        host.err(
            "waft: warning: freshness: nobody has the role, and pages take a trust document only where a pointer asks for it: \
             --add freshness:NAME=PUBLIC, or keys can only be changed by building pages anew",
        );
    }
    Ok(())
}
