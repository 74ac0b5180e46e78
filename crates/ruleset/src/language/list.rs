//! Lists of ids: written in the ruleset, or in a file beside it.

use std::collections::BTreeSet;

use waft::program::AttributeType;

use super::id;
use super::list_file::{self, Ids, Problem};
use super::reader::{self, Fields, boolean, describe, list, resolve, text};
use crate::finding::{Code, Findings};
use crate::source::{Entry, Kind, Node};
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
    let possible = attribute.and_then(|index| attributes.get(index)).map(|named| id::Possible::of(&named.item));
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
    let ids = sorted(ids, possible.as_ref(), findings)?;
    Some(List { attribute: attribute?, salt, ids, preload })
}

/// Ids as they are written, and where.
struct Written<'n> {
    /// Each with the line of the file, or with its index in the list.
    ids: Ids,
    /// The ruleset's node that names the file, or is the list.
    node: &'n Node,
    /// The file's path, if they are in one.
    file: Option<String>,
}

impl Written<'_> {
    /// Reports one of the ids where people find it.
    fn report(&self, at: u64, code: Code, message: &str, remedy: &str, findings: &mut Findings) {
        match (&self.file, &self.node.kind) {
            (Some(file), _) => {
                findings.add(self.node.place, code, format!("{file}:{at}: {message}"), remedy.to_owned())
            }
            (None, Kind::List(items)) => {
                let item = usize::try_from(at).ok().and_then(|at| items.get(at));
                findings.add(
                    item.map_or(self.node.place, |item| item.place),
                    code,
                    message.to_owned(),
                    remedy.to_owned(),
                );
            }
            (None, Kind::Scalar(_) | Kind::Map(_)) => {
                findings.add(self.node.place, code, message.to_owned(), remedy.to_owned())
            }
        }
    }

    /// Reports them all.
    fn report_all(&self, code: Code, message: &str, remedy: &str, findings: &mut Findings) {
        let what = self.file.as_deref().unwrap_or("the list");
        findings.add(self.node.place, code, format!("{what}: {message}"), remedy.to_owned());
    }
}

fn from_text<'n>(node: &'n Node, findings: &mut Findings) -> Option<Written<'n>> {
    let items = list(node, "ids", false, findings)?;
    let ids: Vec<Option<String>> = items.iter().map(|item| id::read(item, "ids", findings)).collect();
    let ids: Option<Vec<String>> = ids.into_iter().collect();
    Some(Written { ids: ids?.into_iter().zip(0..).collect(), node, file: None })
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
fn from_file<'n>(
    node: &'n Node,
    column: Option<&str>,
    attribute: Option<&str>,
    world: &World<'_>,
    findings: &mut Findings,
) -> Option<Written<'n>> {
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
    Some(Written { ids, node, file: Some(beside) })
}

/// The ids, each once. Reports what none can be, and what no context can have: the first of each, and how many more.
fn sorted(
    mut written: Written<'_>,
    possible: Option<&id::Possible<'_>>,
    findings: &mut Findings,
) -> Option<Vec<String>> {
    let (mut unique, mut repeated, mut repetitions, mut refused) = (BTreeSet::new(), None, 0_usize, None);
    for (id, at) in std::mem::take(&mut written.ids) {
        if id.is_empty() || id.len() > waft::limits::UNIT_BYTES {
            let (message, remedy) =
                (format!("an id of {} bytes", id.len()), format!("write 1 to {} bytes", waft::limits::UNIT_BYTES));
            written.report(at, Code::ListId, &message, &remedy, findings);
            return None;
        }
        if refused.is_none() && possible.is_some_and(|possible| !possible.admits(&id)) {
            refused = Some((id.clone(), at));
        }
        if !unique.insert(id) {
            repetitions += 1;
            repeated = repeated.or(Some(at));
        }
    }
    if unique.is_empty() {
        written.report_all(Code::EmptyList, "no id", "list at least one, or remove the list", findings);
        return None;
    }
    if unique.len() > IDS {
        written.report_all(Code::TooMany, &format!("{} ids", unique.len()), &format!("at most {IDS}"), findings);
        return None;
    }
    if let Some(at) = repeated {
        let more = if repetitions > 1 { format!(" (and {} more)", repetitions - 1) } else { String::new() };
        let message = format!("an id that is listed already{more}");
        written.report(at, Code::ListDuplicates, &message, "each counts once; remove the others", findings);
    }
    if let (Some((id, at)), Some(possible)) = (refused, possible) {
        let more = unique.iter().filter(|id| !possible.admits(id)).count().saturating_sub(1);
        let (code, message, remedy) = possible.refusal(&id, more);
        written.report(at, code, &message, &remedy, findings);
    }
    Some(unique.into_iter().collect())
}
