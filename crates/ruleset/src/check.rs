//! Files to a checked [`Ruleset`], with every finding on the way.
//!
//! `meta` and descriptions are read over: no decision depends on them.

use std::collections::BTreeMap;

use crate::finding::{Code, Finding, Findings, Place};
use crate::language::declared::{self, named};
use crate::language::flag;
use crate::language::names::{Names, Scope};
use crate::language::reader::{self, check_name, text};
use crate::language::{experiment, holdout, list, metric};
use crate::lints::{contradiction, drawn, points, usage, whole};
use crate::needs;
use crate::order::ordered;
use crate::source::{self, Entry, Node, SourceFile};
use crate::suggestion::suggestion;
use crate::types::Ruleset;
use crate::world::World;

/// The sections of a ruleset, in the order in which they may name each other.
const SECTIONS: [&str; 10] = [
    "environments",
    "attributes",
    "units",
    "lists",
    "segments",
    "layers",
    "holdouts",
    "metrics",
    "experiments",
    "flags",
];

/// Reads and checks the files of a ruleset. Returns it with its warnings, or everything that is wrong.
pub fn check(files: &[SourceFile], world: &World<'_>) -> Result<(Ruleset, Vec<Finding>), Vec<Finding>> {
    let mut findings = Findings::new(files.iter().map(|file| file.name.clone()).collect());
    let roots: Vec<Node> =
        files.iter().enumerate().filter_map(|(index, file)| source::read(index, file, &mut findings)).collect();
    if findings.has_errors() {
        // What is missing from a file that cannot be read is not missing.
        return Err(findings.into_sorted());
    }
    let ruleset = read(&roots, world, &mut findings);
    let is_whole = !findings.has_errors();
    whole::lint(&ruleset, world.now, &mut findings);
    points::lint(&ruleset, &mut findings);
    contradiction::lint(&ruleset, &mut findings);
    usage::lint_private(&ruleset, &mut findings);
    if is_whole {
        // What could not be read may use what nothing else does.
        usage::lint_unused(&ruleset, &mut findings);
    }
    needs::lint(&ruleset, &mut findings);
    drawn::lint(&ruleset, world.now, &mut findings);
    let stopped = findings.has_errors();
    let mut sorted = findings.into_sorted();
    // What environments inherit is read once for each, and found once.
    sorted.dedup();
    if stopped { Err(sorted) } else { Ok((ruleset, sorted)) }
}

fn read(roots: &[Node], world: &World<'_>, findings: &mut Findings) -> Ruleset {
    let (project, project_place, sections) = merge(roots, findings);
    let entries = |name: &str| sections.get(name).map_or(&[][..], Vec::as_slice);

    let environments = named(entries("environments"), findings, declared::environment);
    let attributes = named(entries("attributes"), findings, declared::attribute);
    let units = named(entries("units"), findings, |entry, findings| declared::unit(entry, &attributes, findings));
    let lists = named(entries("lists"), findings, |entry, findings| list::read(entry, &attributes, world, findings));
    let flag_names: Vec<String> = entries("flags").iter().map(|entry| entry.key.clone()).collect();
    let names = Names { attributes: &attributes, segments: &[], lists: &lists, units: &units, flags: &flag_names };
    let segments = declared::segments(entries("segments"), &names, findings);
    let segment_names: Vec<String> = segments.iter().map(|segment| segment.name.clone()).collect();
    let names = Names { segments: &segment_names, ..names };
    let layers = named(entries("layers"), findings, |entry, findings| declared::layer(entry, &units, findings));
    let holdouts = named(entries("holdouts"), findings, |entry, findings| holdout::read(entry, &names, findings));
    let metrics = named(entries("metrics"), findings, metric::read);
    let experiments = named(entries("experiments"), findings, |entry, findings| {
        experiment::read(entry, &names, &segments, &layers, findings)
    });
    let scope = Scope { names, experiments: &experiments, holdouts: &holdouts, environments: &environments };
    let flags = named(entries("flags"), findings, |entry, findings| flag::read(entry, &scope, findings));
    Ruleset {
        project,
        project_place,
        environments,
        attributes,
        units,
        lists,
        segments,
        layers,
        holdouts,
        metrics,
        experiments,
        flags,
    }
}

/// What the files declare, by section.
type Sections<'n> = BTreeMap<&'static str, Vec<&'n Entry>>;

/// Puts the files together, section by section, behind the project's name and its place. A name that two files give is a finding.
fn merge<'n>(roots: &'n [Node], findings: &mut Findings) -> (String, Place, Sections<'n>) {
    let mut project: Option<(String, Place)> = None;
    let mut sections = Sections::new();
    for root in roots {
        let Some(entries) = root.entries() else {
            let message = format!("ruleset: expected a map, found {}", root.describe());
            findings.add(root.place, Code::ExpectedMap, message, "start with `project:`, `flags:` and the like");
            continue;
        };
        if !entries.is_empty() && !entries.iter().any(|entry| is_of_ruleset(&entry.key)) {
            // Whatever it is, its words are not ours to print.
            let message = "none of its keys is a section of a ruleset, or nearly one";
            let remedy = "name a folder that has rulesets alone, or start with `project:`, `flags:` and the like";
            findings.add(root.place, Code::NotARuleset, message, remedy);
            continue;
        }
        for entry in entries {
            match entry.key.as_str() {
                "$schema" => {}
                "project" => {
                    let Some(name) = text(&entry.value, "project", findings) else { continue };
                    check_name(name, entry.value.place, findings);
                    if let Some((_, first)) = &project {
                        let message = format!("a second `project`, after {}", findings.name(*first));
                        findings.add(entry.place, Code::DuplicateName, message, "name the project once");
                    }
                    project = Some((name.to_owned(), entry.place));
                }
                key => match SECTIONS.iter().find(|section| **section == key) {
                    Some(section) => add_section(sections.entry(section).or_default(), entry, section, findings),
                    None => {
                        let message = format!("a ruleset has no section `{key}`");
                        let remedy = suggestion(key, SECTIONS.into_iter().chain(["project"]));
                        findings.add(entry.place, Code::UnknownField, message, remedy);
                    }
                },
            }
        }
    }
    if project.is_none() {
        let message = "the ruleset names no project";
        findings.add(Place { file: 0, line: 1, column: 1 }, Code::MissingField, message, "add `project: name`");
    }
    let (project, place) = project.unwrap_or_default();
    (project, place, sections)
}

/// Whether a file that has this key was meant as a ruleset: the key is known, or a slip.
fn is_of_ruleset(key: &str) -> bool {
    let known = || SECTIONS.into_iter().chain(["project", "$schema"]);
    known().any(|section| section == key) || suggestion(key, known()).starts_with("did you mean")
}

fn add_section<'n>(list: &mut Vec<&'n Entry>, section: &'n Entry, name: &'static str, findings: &mut Findings) {
    let Some(entries) = reader::Fields::of(&section.value, name, findings).and_then(|_| section.value.entries()) else {
        return;
    };
    let known: BTreeMap<&str, usize> = ordered(list.iter().enumerate().map(|(at, other)| (other.key.as_str(), at)));
    for entry in entries {
        if let Some(first) = known.get(entry.key.as_str()).and_then(|at| list.get(*at)) {
            let message =
                format!("`{}` is declared a second time in {name}, after {}", entry.key, findings.name(first.place));
            findings.add(entry.place, Code::DuplicateName, message, "remove one of the two, or rename it");
        }
        list.push(entry);
    }
}
