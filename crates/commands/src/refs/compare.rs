//! Code beside rules: what each lacks of the other, and what neither needs.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use waft::Program;
use waft_compile::is_hidden;
use waft_ruleset::finding::{Code, Finding, Place};
use waft_ruleset::{Action, Condition, Flag, Named, Ruleset, debt, suggestion};

use super::find::How;
use super::search::{self, Searched};

/// Findings of lint about flags that are over.
pub(super) const DEBT: [Code; 5] =
    [Code::OneValue, Code::Overdue, Code::ExperimentOver, Code::RampOver, Code::RuleOver];
/// How many references a message names.
const NAMED: usize = 3;

/// The flags that code may read.
pub(super) struct Names {
    /// Those of the ruleset.
    pub(super) rules: BTreeSet<String>,
    /// Those that are live and not in the ruleset any more.
    removed: BTreeSet<String>,
    /// Those of the ruleset that other flags ask for.
    asked: BTreeSet<String>,
}

impl Names {
    pub(super) fn of(ruleset: &Ruleset, live: Option<&Program>) -> Self {
        let rules: BTreeSet<String> = ruleset.flags.iter().map(|flag| flag.name.clone()).collect();
        let keys = live.into_iter().flat_map(|live| {
            let flags = live.flags().filter_map(|index| live.flag(index));
            flags.map(|flag| live.str(flag.key).to_owned())
        });
        let removed = keys.filter(|key| !is_hidden(key) && !rules.contains(key)).collect();
        let bodies = ruleset.flags.iter().flat_map(|flag| flag.item.bodies());
        let mut asked: BTreeSet<String> =
            bodies.flat_map(|body| &body.requires).map(|required| required.name.clone()).collect();
        for condition in ruleset.conditions() {
            condition.walk(&mut |part| {
                if let Condition::Flag(flag) = part {
                    asked.insert(flag.name.clone());
                }
            });
        }
        Names { rules, removed, asked }
    }

    /// Names that count wherever they are in quotes.
    pub(super) fn known(&self) -> BTreeSet<String> {
        self.rules.union(&self.removed).cloned().collect()
    }
}

/// What is wrong, in code first. `warnings` are those of lint; `files` are the ruleset's.
pub(super) fn findings(
    ruleset: &Ruleset,
    names: &Names,
    searched: &Searched,
    warnings: &[Finding],
    files: &[String],
    now: i64,
) -> Vec<Finding> {
    let mut found = in_code(names, searched);
    let file = |place: Place| files.get(place.file).cloned().unwrap_or_default();
    let mut of_rules: Vec<Finding> = Vec::new();
    for flag in &ruleset.flags {
        let readers = searched.references.get(&flag.name);
        if readers.is_none() && !names.asked.contains(&flag.name) {
            let message = format!("no code reads the flag `{}`", flag.name);
            let remedy = match searched.dynamic.len() {
                0 => "remove it, or search the folder of the code that does",
                _ => "remove it, unless a getter with a key that is no literal reads it (--list shows them)",
            };
            of_rules.push(finding(Code::UnusedFlag, file(flag.place), flag.place, message, remedy));
        }
        if let Some(value) = settled(ruleset, flag, now) {
            let told = value.map_or_else(|| "the caller's default".to_owned(), Json::to_string);
            let message =
                format!("everybody gets {told} of the flag `{}`, in every environment{}", flag.name, read_at(readers));
            let remedy = "write the value in the code and remove the flag; or say why it stays: \
                          `removeBy`, or the purpose `ops` or `permission`";
            of_rules.push(finding(Code::OneValue, file(flag.place), flag.place, message, remedy));
        }
    }
    for warning in warnings.iter().filter(|warning| DEBT.contains(&warning.code)) {
        let readers = flag_of(ruleset, warning).and_then(|flag| searched.references.get(&flag.name));
        of_rules.push(Finding { message: format!("{}{}", warning.message, read_at(readers)), ..warning.clone() });
    }
    of_rules.sort_by(|left, right| (left.place, left.code.name()).cmp(&(right.place, right.code.name())));
    found.extend(of_rules);
    found
}

/// What code reads and the rules lack.
fn in_code(names: &Names, searched: &Searched) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for (key, references) in searched.references.iter().filter(|(key, _)| !names.rules.contains(*key)) {
        for (place, how) in references {
            let shown = Place { file: 0, line: place.line, column: place.column };
            let file = place.file.clone();
            found.push(match (names.removed.contains(key), how) {
                (true, How::Text) => {
                    let message = format!("the flag `{key}`, which is live, was removed, and a text here is its name");
                    let remedy = "deploy the code without it first, if it reads the flag";
                    finding(Code::Referenced, file, shown, message, remedy).as_warning()
                }
                (true, How::Call | How::Attribute | How::Pattern) => {
                    let message = format!("the flag `{key}`, which is live, was removed, and is read here");
                    let remedy = "put it back; deploy the code without it first, and remove it then";
                    finding(Code::Referenced, file, shown, message, remedy)
                }
                (false, _) => {
                    let message = format!("the rules have no flag `{key}`: the code's own default is used");
                    let near = suggestion(key, names.rules.iter().map(String::as_str));
                    let remedy = if near.starts_with("did you mean") {
                        near
                    } else {
                        "add it to the rules, or remove it here".to_owned()
                    };
                    finding(Code::MissingFlag, file, shown, message, &remedy)
                }
            });
        }
    }
    found.sort_by(|left, right| (&left.file, left.place).cmp(&(&right.file, right.place)));
    found
}

fn finding(code: Code, file: String, place: Place, message: String, remedy: &str) -> Finding {
    Finding { place, ..Finding::of_path(code, file, message, remedy) }
}

/// The one value of a flag that nobody meant to keep.
fn settled<'r>(ruleset: &'r Ruleset, flag: &'r Named<Flag>, now: i64) -> Option<Option<&'r Json>> {
    let stays = flag.item.bodies().any(|body| {
        // Before that date its owner knows when it goes. From then on it is overdue.
        body.remove_by.is_some() || body.purpose.is_some_and(|purpose| purpose.lasts())
    });
    if stays { None } else { debt::one_value(ruleset, &flag.item, now) }
}

/// Flags without code anywhere. One that is off for everybody waits for it.
pub(super) fn undeployed(
    ruleset: &Ruleset,
    without: &[usize],
    deployed: &str,
    files: &[String],
    now: i64,
) -> Vec<Finding> {
    let flags = without.iter().filter_map(|index| ruleset.flags.get(*index));
    let is_on = |flag: &&Named<Flag>| {
        let base = &flag.item.base;
        let off = base.when_off.and_then(|off| base.variants.get(off)).map(|(_, value)| value);
        debt::one_value(ruleset, &flag.item, now) != Some(off)
    };
    let told = |flag: &Named<Flag>| {
        let message =
            format!("the flag `{}` may come to people, and no deployed version has its code: {deployed}", flag.name);
        let file = files.get(flag.place.file).cloned().unwrap_or_default();
        finding(Code::NotDeployed, file, flag.place, message, "deploy the code first, or turn the flag off until then")
    };
    flags.filter(is_on).map(told).collect()
}

/// The flag that a finding of lint is about.
fn flag_of<'r>(ruleset: &'r Ruleset, finding: &Finding) -> Option<&'r Named<Flag>> {
    if finding.code == Code::ExperimentOver {
        let experiment = ruleset.experiments.iter().position(|experiment| experiment.place == finding.place)?;
        let names = |flag: &&Named<Flag>| {
            let mut rules = flag.item.bodies().flat_map(|body| &body.rules);
            rules.any(|rule| matches!(rule.item.action, Action::Experiment(index) if index == experiment))
        };
        return ruleset.flags.iter().find(names);
    }
    // The others are written within the flag.
    let before =
        ruleset.flags.iter().filter(|flag| flag.place.file == finding.place.file && flag.place <= finding.place);
    before.max_by_key(|flag| flag.place)
}

/// Where code reads a flag, for the end of a message.
fn read_at(references: Option<&Vec<(search::Place, How)>>) -> String {
    let Some(references) = references else { return String::new() };
    let named = references.iter().take(NAMED).map(|(place, _)| format!("{}:{}", place.file, place.line));
    let more = references.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("; read at {}{rest}", named.collect::<Vec<_>>().join(", "))
}
