//! Files of tests, read and decided.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use waft::Program;

use super::outcome::{Failure, Outcome, Tested};
use super::share;
use crate::build;
use crate::host::Host;
use waft_compile::{compile, refusal, snapshot};
use waft_explain::context;
use waft_explain::decision::{self, DecisionStory, Explanation};
use waft_ruleset::cases::{self, Case, Check, Expected};
use waft_ruleset::finding::{Code, Finding, Findings};
use waft_ruleset::source::{self, FILE_BYTES, SourceFile};
use waft_ruleset::{Ruleset, suggestion};

/// Runs all tests of a ruleset, or those that are named; of one environment, or of all.
pub(crate) fn all(
    host: &dyn Host,
    ruleset: &str,
    named: &[String],
    environment: Option<&str>,
) -> Result<Tested, String> {
    let files = files(host, ruleset, named)?;
    if files.is_empty() {
        return Ok(Tested::default());
    }
    let checked = build::checked(host, ruleset)?;
    let only = environment.map(|name| place_of(&checked, name)).transpose()?;
    let tested = Tested { files: files.len(), ..Tested::default() };
    let mut tester = Tester { host, ruleset: &checked, programs: BTreeMap::new(), tested };
    for file in files {
        tester.file(&file, only)?;
    }
    Ok(tester.tested)
}

/// An environment's place in a ruleset.
pub(crate) fn place_of(ruleset: &Ruleset, name: &str) -> Result<usize, String> {
    let names = || ruleset.environments.iter().map(|named| named.name.as_str());
    names().position(|known| known == name).ok_or_else(|| {
        format!("--environment {name}: the ruleset has no such environment: {}", suggestion(name, names()))
    })
}

/// The program of an environment.
pub(super) fn program(ruleset: &Ruleset, environment: usize) -> Result<Program, String> {
    let name = ruleset.environments.get(environment).map_or("", |named| named.name.as_str());
    let compiled = compile(ruleset, environment).map_err(|error| error.what)?;
    snapshot::unverified_compiled(&ruleset.project, name, compiled).map_err(|one| refusal::sentence(one).to_owned())
}

/// The files of tests: those in the folders that are named, or beside the ruleset.
fn files(host: &dyn Host, ruleset: &str, named: &[String]) -> Result<Vec<String>, String> {
    let listed = |path: &str| host.list(path).map_err(|error| format!("{path}: {error}"));
    if named.is_empty() {
        let found = listed(ruleset)?.files;
        // A ruleset of one file has its tests beside it, by the same name.
        if found == [ruleset] {
            let stem = ruleset.rsplit_once('.').map_or(ruleset, |(stem, _)| stem);
            let beside = cases::ENDINGS.map(|ending| format!("{stem}{ending}")).into_iter();
            return Ok(beside.filter(|path| host.read_at_most(path, 1).is_ok()).collect());
        }
        return Ok(found.into_iter().filter(|name| cases::is_test(name)).collect());
    }
    let mut files = Vec::new();
    for path in named {
        let found = listed(path)?.files;
        match found == [path.as_str()] {
            true => files.extend(found),
            false => files.extend(found.into_iter().filter(|name| cases::is_test(name))),
        }
    }
    Ok(files)
}

struct Tester<'t> {
    host: &'t dyn Host,
    ruleset: &'t Ruleset,
    /// By environment, of those that a case asked for.
    programs: BTreeMap<usize, Program>,
    tested: Tested,
}

impl Tester<'_> {
    fn file(&mut self, file: &str, only: Option<usize>) -> Result<(), String> {
        let mut findings = Findings::new(vec![file.to_owned()]);
        let bytes = match self.host.read_at_most(file, FILE_BYTES + 1) {
            Ok(bytes) => bytes,
            Err(error) => {
                let remedy = "make it readable, or remove it";
                let found = Finding::of_path(Code::FileUnreadable, file.to_owned(), error.to_string(), remedy);
                self.tested.findings.push(found);
                return Ok(());
            }
        };
        let root = source::read(0, &SourceFile { name: file.to_owned(), bytes }, &mut findings);
        let cases = root.map_or_else(Vec::new, |root| cases::read(&root, self.ruleset, &mut findings));
        // A test that cannot be read is not one that passes, and its neighbours may mean something else.
        let mut found = findings.into_sorted();
        if cases.is_empty() && found.is_empty() {
            // A file that is empty, or comments alone, would pass.
            let (message, remedy) = ("a file of rule tests has no `cases`".to_owned(), "add `cases:`, a list");
            found.push(Finding::of_path(Code::MissingField, file.to_owned(), message, remedy));
        }
        if !found.is_empty() {
            self.tested.findings.extend(found);
            return Ok(());
        }
        for case in cases {
            for environment in case.environments.iter().filter(|one| only.is_none_or(|only| only == **one)) {
                self.case(file, &case, *environment)?;
            }
        }
        Ok(())
    }

    fn case(&mut self, file: &str, case: &Case, environment: usize) -> Result<(), String> {
        if !self.programs.contains_key(&environment) {
            self.programs.insert(environment, program(self.ruleset, environment)?);
        }
        let Some(program) = self.programs.get(&environment) else { return Ok(()) };
        let failures = match &case.check {
            Check::Decisions { context, expected } => {
                expected.iter().filter_map(|expected| decide(program, expected, context, case.at)).collect()
            }
            Check::Shares { population, place, expected } => {
                let bytes = self.host.read_asset(file, population);
                let counted = bytes.and_then(|bytes| share::check(program, &bytes, expected, case.at));
                match counted {
                    Ok(failures) => failures,
                    Err(message) => {
                        let remedy = "write the table of the test's people";
                        let found = Finding::of_path(
                            Code::FileUnreadable,
                            file.to_owned(),
                            format!("{population}: {message}"),
                            remedy,
                        );
                        self.tested.findings.push(Finding { place: *place, ..found });
                        return Ok(());
                    }
                }
            }
        };
        let environment = self.ruleset.environments.get(environment).map_or("", |named| named.name.as_str());
        self.tested.outcomes.push(Outcome {
            file: file.to_owned(),
            place: case.place,
            name: case.name.clone(),
            environment: environment.to_owned(),
            at: case.at,
            failures,
        });
        Ok(())
    }
}

/// Decides a flag for a context. What is not as expected is returned.
fn decide(program: &Program, expected: &Expected, context: &Map<String, Json>, at: i64) -> Option<Failure> {
    let (flag, _) = decision::flags(program, Some(&expected.flag)).into_iter().next()?;
    let mut session = context::session(program, context);
    let Explanation { decision, text, .. } = Explanation::of(program, flag, &mut session, context, at);
    if is_met(expected, &decision) {
        return None;
    }
    Some(Failure {
        place: expected.place,
        flag: expected.flag.clone(),
        expected: wanted(expected),
        got: decided(&decision, expected.value.is_some()),
        why: text.lines().map(str::to_owned).collect(),
    })
}

fn is_met(expected: &Expected, decision: &DecisionStory) -> bool {
    let Expected { variant, value, reason, rule, .. } = expected;
    let got = decision.value.as_ref().map_or(&Json::Null, |value| &value.0);
    variant.as_ref().is_none_or(|variant| *variant == decision.variant)
        && value.as_ref().is_none_or(|value| cases::is_same(value, got))
        && reason.as_ref().is_none_or(|reason| reason == decision.reason)
        && rule.as_ref().is_none_or(|rule| decision.rule.as_ref() == Some(rule))
}

fn variant_told(variant: Option<&str>) -> String {
    variant.map_or_else(|| "the caller's default".to_owned(), |variant| format!("variant {variant}"))
}

fn wanted(expected: &Expected) -> String {
    let Expected { variant, value, reason, rule, .. } = expected;
    let parts = [
        variant.as_ref().map(|variant| variant_told(variant.as_deref())),
        value.as_ref().map(|value| format!("value {value}")),
        reason.as_ref().map(|reason| format!("reason {reason}")),
        rule.as_ref().map(|rule| format!("rule {rule}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn decided(decision: &DecisionStory, with_value: bool) -> String {
    let mut told = variant_told(decision.variant.as_deref());
    if with_value && let Some(value) = &decision.value {
        told += &format!(", value {value}");
    }
    told += &format!(", reason {}", decision.reason);
    if let Some(rule) = &decision.rule {
        told += &format!(", rule {rule}");
    }
    if let Some(message) = decision.error_message.as_deref().or(decision.error_code) {
        told += &format!(", {message}");
    }
    told
}
