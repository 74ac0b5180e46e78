//! Lists of ids: written in the ruleset, or in a file beside it.

use std::collections::BTreeSet;

use waft::program::AttributeType;

use super::id;
use super::list_file::{self, Problem};
use super::reader::{self, Fields, boolean, describe, list, resolve, text};
use crate::counted::counted;
use crate::finding::{Code, Findings, Place};
use crate::source::{Entry, Node};
use crate::types::{Attribute, List, Named};
use crate::world::World;

/// The most ids of a list.
const IDS: usize = 8_000_000;

/// `vip: { file: lists/vip.csv, attribute: accountId }`, or `{ ids: [a1, a2], attribute: accountId }`.
pub(crate) fn read(
    entry: &Entry,
    attributes: &[Named<Attribute>],
    world: &World<'_>,
    findings: &mut Findings,
) -> Option<List> {
    let mut fields = Fields::of(&entry.value, "list", findings)?;
    let attribute = fields.require("attribute", "name the attribute that holds an id", findings);
    let salt = reader::salt(fields.take("salt"), findings);
    let (file, written, column) = (fields.take("file"), fields.take("ids"), fields.take("column"));
    let preload = match fields.take("preload") {
        Some(field) => boolean(&field.value, "preload", findings)?,
        None => false,
    };
    describe(&mut fields, findings);
    fields.finish(findings);
    let attribute = attribute.and_then(|field| {
        let name = text(&field.value, "attribute", findings)?;
        let index = resolve(name, field.value.place, attributes, Code::UnknownAttribute, "attribute", findings)?;
        if !matches!(attributes.get(index)?.item.kind, AttributeType::String | AttributeType::Number) {
            let message = format!("`{name}` holds no id: only strings and numbers can be in a list");
            let remedy = "name an attribute of type string or number; for a list of texts, write `hasAny`";
            findings.add(field.value.place, Code::ListType, message, remedy);
        }
        Some(index)
    });
    let ids = match (file, written) {
        (Some(file), None) => {
            let column = match column {
                Some(field) => Some(text(&field.value, "column", findings)?),
                None => None,
            };
            let name = attribute.and_then(|index| attributes.get(index)).map(|named| named.name.as_str());
            from_file(&file.value, column, name, world, findings)?
        }
        (None, Some(written)) => {
            if let Some(column) = column {
                let message = "`column` says nothing about ids that are written out";
                findings.add(column.place, Code::ListField, message, "remove it, or name a `file`");
            }
            from_text(&written.value, findings)?
        }
        _ => {
            let remedy = "write `file: lists/name.csv`, or `ids: [...]`";
            findings.add(entry.place, Code::ListSource, "a list has either a file or ids", remedy);
            return None;
        }
    };
    let (attribute, place) = (attribute?, file.or(written).map_or(entry.place, |field| field.value.place));
    check_ids(&attributes.get(attribute)?.item, &ids, place, findings);
    Some(List { attribute, salt, ids, preload })
}

/// Reports ids that no context can have in the list's attribute: the first, and how many.
fn check_ids(attribute: &Attribute, ids: &[String], place: Place, findings: &mut Findings) {
    let possible = id::Possible::of(attribute);
    let mut refused = ids.iter().filter(|id| !possible.admits(id));
    if let Some(first) = refused.next() {
        possible.refuse(first, refused.count(), place, findings);
    }
}

fn from_text(node: &Node, findings: &mut Findings) -> Option<Vec<String>> {
    let items = list(node, "ids", false, findings)?;
    let ids: Vec<Option<String>> = items.iter().map(|item| id::read(item, "ids", findings)).collect();
    let ids: Option<Vec<String>> = ids.into_iter().collect();
    sorted(ids?.into_iter(), node.place, "the list", findings)
}

/// The path of a file that is named by its place beside the file that names it. It lies in the ruleset's folder.
pub(crate) fn beside(node: &Node, what: &str, findings: &mut Findings) -> Option<String> {
    let path = text(node, what, findings)?;
    if path.starts_with('/') || path.contains('\\') || path.split('/').any(|part| part == ".." || part.is_empty()) {
        let remedy = "name a file below the ruleset's folder";
        findings.add(node.place, Code::ListPath, format!("`{path}` leaves the ruleset's folder"), remedy);
        return None;
    }
    let of = findings.file(node.place);
    Some(of.rsplit_once('/').map_or_else(|| path.to_owned(), |(folder, _)| format!("{folder}/{path}")))
}

/// One id a line, or a column of a CSV: see [`list_file::read`].
fn from_file(
    node: &Node,
    column: Option<&str>,
    attribute: Option<&str>,
    world: &World<'_>,
    findings: &mut Findings,
) -> Option<Vec<String>> {
    let beside = beside(node, "file", findings)?;
    let bytes = match (world.asset)(&beside) {
        Ok(bytes) => bytes,
        Err(message) => {
            findings.add(
                node.place,
                Code::ListFile,
                format!("{beside}: {message}"),
                "write the file, or correct its name",
            );
            return None;
        }
    };
    let found = list_file::read(&bytes, column, attribute);
    let name = |line: u64| if line == 0 { beside.clone() } else { format!("{beside}:{line}") };
    let ids = match found {
        Ok((ids, warning)) => {
            if let Some(Problem { code, line, message, remedy }) = warning {
                findings.add(node.place, code, format!("{}: {message}", name(line)), remedy);
            }
            ids
        }
        Err(Problem { code, line, message, remedy }) => {
            findings.add(node.place, code, format!("{}: {message}", name(line)), remedy);
            return None;
        }
    };
    sorted(ids.into_iter(), node.place, &beside, findings)
}

fn sorted(ids: impl Iterator<Item = String>, place: Place, what: &str, findings: &mut Findings) -> Option<Vec<String>> {
    let mut unique = BTreeSet::new();
    let mut total = 0usize;
    for id in ids {
        total += 1;
        if id.is_empty() || id.len() > waft::limits::UNIT_BYTES {
            let message = format!("{what}: an id of {} bytes", id.len());
            findings.add(place, Code::ListId, message, format!("write 1 to {} bytes", waft::limits::UNIT_BYTES));
            return None;
        }
        unique.insert(id);
    }
    if unique.is_empty() {
        findings.add(place, Code::EmptyList, format!("{what}: no id"), "list at least one, or remove the list");
        return None;
    }
    if unique.len() > IDS {
        findings.add(place, Code::TooMany, format!("{what}: {} ids", unique.len()), format!("at most {IDS}"));
        return None;
    }
    if unique.len() < total {
        let message = format!("{what}: {} listed more than once", counted(total - unique.len(), "id"));
        findings.add(place, Code::ListDuplicates, message, "each counts once; remove the others");
    }
    Some(unique.into_iter().collect())
}
