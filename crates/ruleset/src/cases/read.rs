//! A file of rule tests, read against the ruleset that it tests.

use serde_json::{Map, Value as Json};

use super::case::{Case, Check};
use super::{context, expect};
use crate::finding::{Code, Findings, Place};
use crate::language::list::beside;
use crate::language::reader::{Fields, describe, list, resolve, text};
use crate::source::{Entry, Node};
use crate::types::Ruleset;

/// What every case of a file takes, unless it says otherwise.
struct Defaults {
    environments: Vec<usize>,
    at: Option<i64>,
    /// Whether the file says a moment, be it one that cannot be read.
    is_dated: bool,
}

/// Reads the cases of a file. What is wrong with them are findings; what is left is not to be relied on then.
pub fn read(root: &Node, ruleset: &Ruleset, findings: &mut Findings) -> Vec<Case> {
    let Some(mut fields) = Fields::of(root, "a file of rule tests", findings) else { return Vec::new() };
    fields.take("$schema");
    describe(&mut fields, findings);
    let all = (0..ruleset.environments.len()).collect();
    let environments = environments(fields.take("environment"), ruleset, findings).unwrap_or(all);
    let at = fields.take("at");
    let defaults = Defaults { environments, at: moment(at, findings), is_dated: at.is_some() };
    let cases = fields.require("cases", "add `cases:`, a list", findings);
    let items = cases.and_then(|cases| list(&cases.value, "cases", false, findings)).unwrap_or_default();
    fields.finish(findings);
    items.iter().filter_map(|item| case(item, &defaults, ruleset, findings)).collect()
}

/// The environments that are named: one, or several.
fn environments(field: Option<&Entry>, ruleset: &Ruleset, findings: &mut Findings) -> Option<Vec<usize>> {
    let items = list(&field?.value, "environment", true, findings)?;
    let mut found = Vec::new();
    for item in items {
        let Some(name) = text(item, "environment", findings) else { continue };
        let known = &ruleset.environments;
        found.extend(resolve(name, item.place, known, Code::UnknownEnvironment, "environment", findings));
    }
    Some(found)
}

/// A moment in milliseconds since 1970.
fn moment(field: Option<&Entry>, findings: &mut Findings) -> Option<i64> {
    let node = &field?.value;
    let milli = node.text().and_then(|text| waft::date::parse(text.as_bytes()));
    if milli.is_none() {
        let message = format!("at: expected an RFC 3339 instant, found {}", node.describe());
        findings.add(node.place, Code::InvalidDate, message, "write 2026-12-01T08:00Z");
    }
    milli
}

fn case(node: &Node, defaults: &Defaults, ruleset: &Ruleset, findings: &mut Findings) -> Option<Case> {
    let mut fields = Fields::of(node, "a case", findings)?;
    let name = fields.require("name", "say what is expected, for people: `name: Crew see the bold one`", findings);
    let name = name.and_then(|name| text(&name.value, "name", findings)).unwrap_or_default().to_owned();
    describe(&mut fields, findings);
    let own = environments(fields.take("environment"), ruleset, findings);
    let environments = own.unwrap_or_else(|| defaults.environments.clone());
    let written = fields.take("at");
    let at = written.map_or(defaults.at, |_| moment(written, findings));
    if written.is_none() && !defaults.is_dated {
        let remedy = "add `at: 2026-12-01T08:00Z` to the file or to the case: a test gives the same on any day";
        findings.add(fields.place, Code::MissingField, "the case has no moment", remedy);
    }
    let check = check(&mut fields, &environments, ruleset, findings);
    fields.finish(findings);
    Some(Case { name, place: node.place, environments, at: at?, check: check? })
}

/// Either a context and what it should get, or a table and how many of it.
fn check(fields: &mut Fields<'_>, environments: &[usize], ruleset: &Ruleset, findings: &mut Findings) -> Option<Check> {
    let place = fields.place;
    let [context, expect, population, shares] =
        ["context", "expect", "population", "shares"].map(|name| fields.take(name));
    match (context, expect, population, shares) {
        (context, Some(expect), None, None) => decisions(context, expect, environments, ruleset, findings),
        (None, None, Some(population), Some(shares)) => {
            let table = beside(&population.value, "population", findings);
            let read = |entry: &Entry, findings: &mut Findings| expect::shares(entry, ruleset, environments, findings);
            let expected =
                entries(shares, "shares", findings).iter().filter_map(|entry| read(entry, findings)).collect();
            Some(Check::Shares { population: table?, place: population.value.place, expected })
        }
        (_, _, population, shares) => {
            mixed(place, population.or(shares).is_some(), findings);
            None
        }
    }
}

fn mixed(place: Place, is_of_many: bool, findings: &mut Findings) {
    let (message, remedy) = match is_of_many {
        true => {
            ("a case about a population has `population` and `shares` alone", "make two cases of it, or add the other")
        }
        false => ("the case expects nothing", "add `expect: { flag: variant }`, or `population` and `shares`"),
    };
    findings.add(place, Code::MissingField, message, remedy);
}

fn decisions(
    context: Option<&Entry>,
    expect: &Entry,
    environments: &[usize],
    ruleset: &Ruleset,
    findings: &mut Findings,
) -> Option<Check> {
    let who: Map<String, Json> = match context {
        Some(field) => {
            Fields::of(&field.value, "context", findings)?;
            context::read(field.value.entries().unwrap_or_default(), &ruleset.attributes, findings)
        }
        None => Map::new(),
    };
    let read = |entry: &Entry, findings: &mut Findings| expect::decision(entry, ruleset, environments, findings);
    let expected = entries(expect, "expect", findings).iter().filter_map(|entry| read(entry, findings)).collect();
    Some(Check::Decisions { context: who, expected })
}

/// The entries of a map that must have some.
fn entries<'n>(field: &'n Entry, what: &'static str, findings: &mut Findings) -> &'n [Entry] {
    if Fields::of(&field.value, what, findings).is_none() {
        return &[];
    }
    let entries = field.value.entries().unwrap_or_default();
    if entries.is_empty() {
        findings.add(
            field.value.place,
            Code::EmptyList,
            format!("{what}: an empty map"),
            "name a flag, or remove the case",
        );
    }
    entries
}
