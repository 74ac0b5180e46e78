//! The ruleset language: text to a checked [`Ruleset`], with every finding on the way.
//!
//! `metrics`, `plan`, `meta` and descriptions are read over: no decision depends on them. What would change a decision and
//! is not built yet is a finding (`NOT_YET`), never ignored.

mod condition;
mod declared;
mod experiment;
mod flag;
mod lint;
mod reader;
mod share;
mod types;

use std::collections::BTreeMap;

use crate::finding::{Finding, Findings, Place};
use crate::source::{self, Entry, Node, SourceFile};
use condition::Names;
use declared::named;
use flag::Scope;
use reader::{check_name, text};

pub use share::Share;
pub use types::*;

/// The sections of a ruleset, in the order in which they may name each other.
const SECTIONS: [&str; 8] =
    ["environments", "attributes", "units", "segments", "layers", "experiments", "flags", "metrics"];

/// Reads and checks the files of a ruleset. Answers it with its warnings, or everything that is wrong.
pub fn check(files: &[SourceFile]) -> Result<(Ruleset, Vec<Finding>), Vec<Finding>> {
    let mut findings = Findings::new(files.iter().map(|file| file.name.clone()).collect());
    let roots: Vec<Node> =
        files.iter().enumerate().filter_map(|(index, file)| source::read(index, file, &mut findings)).collect();
    let ruleset = read(&roots, &mut findings);
    lint::lint(&ruleset, &mut findings);
    let stopped = findings.has_errors();
    let mut sorted = findings.into_sorted();
    // What environments inherit is read once for each, and found once.
    sorted.dedup();
    if stopped { Err(sorted) } else { Ok((ruleset, sorted)) }
}

fn read(roots: &[Node], findings: &mut Findings) -> Ruleset {
    let (project, sections) = merge(roots, findings);
    let entries = |name: &str| sections.get(name).map_or(&[][..], Vec::as_slice);

    let environments = named(entries("environments"), findings, declared::environment);
    let attributes = named(entries("attributes"), findings, declared::attribute);
    let units = named(entries("units"), findings, |entry, findings| declared::unit(entry, &attributes, findings));
    let segments = declared::segments(entries("segments"), &attributes, findings);
    let layers = named(entries("layers"), findings, |entry, findings| declared::layer(entry, &units, findings));
    let experiments =
        named(entries("experiments"), findings, |entry, findings| experiment::read(entry, &units, &layers, findings));
    let segment_names: Vec<String> = segments.iter().map(|segment| segment.name.clone()).collect();
    let scope = Scope {
        names: Names { attributes: &attributes, segments: &segment_names },
        experiments: &experiments,
        environments: &environments,
    };
    let flags = named(entries("flags"), findings, |entry, findings| flag::read(entry, &scope, findings));
    Ruleset { project, environments, attributes, units, segments, layers, experiments, flags }
}

/// Puts the files together, section by section. A name that two files give is a finding.
fn merge<'n>(roots: &'n [Node], findings: &mut Findings) -> (String, BTreeMap<&'static str, Vec<&'n Entry>>) {
    let mut project: Option<(String, Place)> = None;
    let mut sections: BTreeMap<&'static str, Vec<&'n Entry>> = BTreeMap::new();
    for root in roots {
        let Some(entries) = root.entries() else {
            let message = format!("ruleset: expected a map, found {}", root.describe());
            findings.error(root.place, "EXPECTED_MAP", message, "start with `project:`, `flags:` and the like");
            continue;
        };
        for entry in entries {
            match entry.key.as_str() {
                "$schema" => {}
                "project" => {
                    let Some(name) = text(&entry.value, "project", findings) else { continue };
                    check_name(name, entry.value.place, findings);
                    if let Some((_, first)) = &project {
                        let message = format!("a second `project`, after {}", findings.name(*first));
                        findings.error(entry.place, "DUPLICATE_NAME", message, "name the project once");
                    }
                    project = Some((name.to_owned(), entry.place));
                }
                key => match SECTIONS.iter().find(|section| **section == key) {
                    Some(section) => add_section(sections.entry(section).or_default(), entry, section, findings),
                    None if matches!(key, "lists" | "holdouts") => {
                        let message = format!("`{key}` is not supported by this version of waft");
                        findings.error(entry.place, "NOT_YET", message, "remove it, or update waft");
                    }
                    None => {
                        let message = format!("a ruleset has no section `{key}`");
                        let remedy = reader::suggestion(key, SECTIONS.into_iter().chain(["project"]));
                        findings.error(entry.place, "UNKNOWN_FIELD", message, remedy);
                    }
                },
            }
        }
    }
    if project.is_none() {
        let message = "the ruleset names no project";
        findings.error(Place { file: 0, line: 1, column: 1 }, "MISSING_FIELD", message, "add `project: name`");
    }
    (project.map_or_else(String::new, |(name, _)| name), sections)
}

fn add_section<'n>(list: &mut Vec<&'n Entry>, section: &'n Entry, name: &'static str, findings: &mut Findings) {
    let Some(entries) = reader::Fields::of(&section.value, name, findings).and_then(|_| section.value.entries()) else {
        return;
    };
    for entry in entries {
        if let Some(first) = list.iter().find(|other| other.key == entry.key && other.place.file != entry.place.file) {
            let message =
                format!("`{}` is declared a second time in {name}, after {}", entry.key, findings.name(first.place));
            findings.error(entry.place, "DUPLICATE_NAME", message, "remove one of the two, or rename it");
        }
        list.push(entry);
    }
}
