//! What was found, as text and as JSON.

use serde::Serialize;
use serde_json::Value as Json;
use waft_ruleset::counted;
use waft_ruleset::finding::Finding;

use super::compare::Names;
use super::search::{Place, Searched};
use crate::host::Host;
use crate::{input, lint};

#[derive(Serialize)]
struct Told {
    /// How many files were searched.
    files: usize,
    flags: Vec<FlagTold>,
    dynamic: Vec<DynamicTold>,
    skipped: Vec<NotSearched>,
    unreadable: Vec<NotSearched>,
    findings: Vec<Json>,
}

#[derive(Serialize)]
struct FlagTold {
    flag: String,
    /// Whether the rules have it.
    known: bool,
    references: Vec<ReferenceTold>,
}

#[derive(Serialize)]
struct ReferenceTold {
    file: String,
    line: usize,
    column: usize,
    how: &'static str,
}

#[derive(Serialize)]
struct DynamicTold {
    file: String,
    line: usize,
    column: usize,
    getter: String,
}

#[derive(Serialize)]
struct NotSearched {
    file: String,
    why: String,
}

/// Prints findings, behind references if `lists`; for people what was not searched, and figures.
pub(super) fn print(
    (format, lists): (lint::Format, bool),
    names: &Names,
    searched: &Searched,
    findings: &[Finding],
    host: &dyn Host,
) {
    match format {
        lint::Format::Json => input::print(host, &json(names, searched, findings)),
        format => {
            if lists && format == lint::Format::Text {
                list(searched, host);
            }
            lint::print(findings, format, host);
        }
    }
    for (file, why) in &searched.unreadable {
        host.err(&format!("waft: {file}: not searched: {why}"));
    }
    for (file, why) in &searched.skipped {
        host.err(&format!("{file}: not searched: {why}"));
    }
    let dynamic = match searched.dynamic.len() {
        0 => String::new(),
        count => format!(", {} with a key that is no literal", counted(count, "getter")),
    };
    host.err(&format!(
        "{} searched: {}, {}{dynamic}, {}",
        counted(searched.files, "file"),
        counted(searched.references.values().map(Vec::len).sum::<usize>(), "reference"),
        counted(names.rules.len(), "flag"),
        counted(findings.len(), "finding"),
    ));
}

fn list(searched: &Searched, host: &dyn Host) {
    let references =
        searched.references.iter().flat_map(|(key, all)| all.iter().map(move |(place, _)| (place, key.clone())));
    let dynamic =
        searched.dynamic.iter().map(|(place, getter)| (place, format!("{getter}(...), whose key is no literal")));
    let mut lines: Vec<(&Place, String)> = references.chain(dynamic).collect();
    lines.sort();
    for (Place { file, line, column }, what) in lines {
        host.out(&format!("{file}:{line}:{column}: {what}"));
    }
}

fn json(names: &Names, searched: &Searched, findings: &[Finding]) -> Told {
    let not_searched = |all: &[(String, String)]| {
        all.iter().map(|(file, why)| NotSearched { file: file.clone(), why: why.clone() }).collect()
    };
    let keys = names.rules.iter().chain(searched.references.keys().filter(|key| !names.rules.contains(*key)));
    let flags = keys.map(|key| FlagTold {
        flag: key.clone(),
        known: names.rules.contains(key),
        references: searched
            .references
            .get(key)
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(|(place, how)| ReferenceTold {
                file: place.file.clone(),
                line: place.line,
                column: place.column,
                how: how.name(),
            })
            .collect(),
    });
    let dynamic = searched.dynamic.iter().map(|(Place { file, line, column }, getter)| DynamicTold {
        file: file.clone(),
        line: *line,
        column: *column,
        getter: getter.clone(),
    });
    Told {
        files: searched.files,
        flags: flags.collect(),
        dynamic: dynamic.collect(),
        skipped: not_searched(&searched.skipped),
        unreadable: not_searched(&searched.unreadable),
        findings: findings.iter().map(lint::as_json).collect(),
    }
}
