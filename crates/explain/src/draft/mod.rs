//! Rules that somebody is writing: compiled from their texts, described, and counted, with nobody's signature.
//!
//! `texts` are its files as they are written, `model` is what it declares, for pages that change it; `parts` takes conditions apart, so that each part is
//! counted by itself.
//!
//! A draft has a [`Program`] as commands make one of a ruleset: sealed under a key that nobody trusts. It never leaves as bytes, so that nothing of
//! it can become the rules of a page.

mod model;
mod parts;
mod texts;
mod unsigned;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use waft::Program;
use waft_compile::check;
use waft_ruleset::finding::{Finding, Findings, Severity};
use waft_ruleset::order::ordered;
use waft_ruleset::source::SourceFile;
use waft_ruleset::{Ruleset, World, Written, cases, suggestion};

pub use self::model::{
    Model, ModelAttribute, ModelExperiment, ModelFlag, ModelLayer, ModelPhase, ModelPlan, ModelRamp, ModelRange,
    ModelRule, ModelSegment, ModelShare, ModelStep,
};
use self::parts::InParts;
use self::texts::Texts;
use self::unsigned::program;
use crate::against;
use crate::diff::{self, Diff};
use crate::population::{Counted, PopulationCount, Table};

/// Files of a ruleset by their paths in its folder: rules, and files of lists that they name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Rules that compile.
#[derive(Debug)]
pub struct Draft {
    /// The names of its files.
    names: Vec<String>,
    ruleset: Ruleset,
    environment: usize,
    program: Program,
    model: Model,
    /// Its segments as they are written.
    segments: Vec<Written>,
    /// The same, to be counted; none if that is more than a snapshot holds.
    parts: Option<InParts>,
}

/// What came of compiling.
#[derive(Debug, Default)]
pub struct Compiled {
    /// What is wrong, in the order of the text.
    pub findings: Vec<Note>,
    /// The draft, if nothing stops a build.
    pub draft: Option<Draft>,
    /// The files of lists that the rules name, by their paths.
    pub asked: BTreeSet<String>,
}

/// A finding, as `waft lint --format json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Finding"))]
pub struct Note {
    /// `error`, which stops a build, or `warning`.
    #[cfg_attr(test, ts(type = "'error' | 'warning'"))]
    pub severity: &'static str,
    /// Its code: docs/ruleset.md, section 17.
    pub code: &'static str,
    /// The file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would mend it.
    pub remedy: String,
}

impl From<&Finding> for Note {
    fn from(finding: &Finding) -> Self {
        let Finding { severity, code, file, place, message, remedy } = finding;
        let (file, message, remedy) = (file.clone(), message.clone(), remedy.clone());
        Note {
            severity: severity.name(),
            code: code.name(),
            file,
            line: place.line,
            column: place.column,
            message,
            remedy,
        }
    }
}

impl Draft {
    /// Compiles files for an environment, or for the first that is declared, at a moment (milliseconds since 1970). Files of tests are passed over.
    /// Fails if no such environment is declared.
    pub fn compile(files: &Files, environment: Option<&str>, now: i64) -> Result<Compiled, String> {
        let is_rules = |name: &str| [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending));
        let sources = files.iter().filter(|(name, _)| is_rules(name) && !cases::is_test(name));
        let sources: Vec<SourceFile> =
            sources.map(|(name, bytes)| SourceFile { name: name.clone(), bytes: bytes.clone() }).collect();
        let asked = std::cell::RefCell::new(BTreeSet::new());
        let asset = |path: &str| {
            asked.borrow_mut().insert(path.to_owned());
            let found = files.get(path).or_else(|| files.get(path.strip_prefix("./")?));
            found.cloned().ok_or_else(|| "the file is not among those that were opened".to_owned())
        };
        let checked = check(&sources, &World { now: Some(now), asset: &asset });
        let notes = |findings: &[Finding]| findings.iter().map(Note::from).collect();
        let (ruleset, findings) = match checked {
            Ok((ruleset, warnings)) => (Some(ruleset), notes(&warnings)),
            Err(findings) => (None, notes(&findings)),
        };
        let draft = ruleset.map(|ruleset| Draft::of(ruleset, &sources, environment, now)).transpose()?;
        Ok(Compiled { findings, draft, asked: asked.into_inner() })
    }

    fn of(ruleset: Ruleset, sources: &[SourceFile], environment: Option<&str>, now: i64) -> Result<Self, String> {
        let names = || ruleset.environments.iter().map(|named| named.name.as_str());
        let environment = match environment {
            None => names()
                .next()
                .map(|_| 0)
                .ok_or("the rules declare no environment: add `environments: { production: {} }`")?,
            Some(name) => names()
                .position(|known| known == name)
                .ok_or_else(|| format!("the rules have no environment `{name}`: {}", suggestion(name, names())))?,
        };
        let program = program(&ruleset, environment)?;
        let texts = Texts::read(sources);
        let model = Model::of(&ruleset, environment, &texts, now);
        let segments: Vec<Written> = texts.segments(&ruleset);
        let parts = InParts::of_segments(&ruleset, environment, &segments);
        let names = sources.iter().map(|source| source.name.clone()).collect();
        Ok(Draft { names, ruleset, environment, program, model, segments, parts })
    }

    /// Its program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// What it declares.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// All values that attributes should have, as it declares them.
    pub fn enums(&self) -> BTreeMap<String, Vec<String>> {
        let listed = self.ruleset.attributes.iter();
        ordered(listed.filter_map(|named| Some((named.name.clone(), named.item.values.clone()?))))
    }

    /// How many people are in each of its segments, and for how many each part of a condition holds, at a moment.
    pub fn count(&self, table: &Table, now: i64) -> PopulationCount {
        match &self.parts {
            Some(parts) => table.told(&self.program, parts.count(table, now).into_iter()),
            None => table.count(&self.program, now),
        }
    }

    /// For how many people a condition holds that is not in the rules, and each of its parts. It is YAML, and may name what the rules declare.
    pub fn count_condition(&self, text: &str, table: &Table, now: i64) -> Result<Counted, Vec<Note>> {
        let notes = |findings: Vec<Finding>| findings.iter().map(Note::from).collect::<Vec<_>>();
        let condition = waft_ruleset::condition(text, &self.ruleset).map_err(notes)?;
        let parts = InParts::of_condition(&self.ruleset, self.environment, &self.segments, condition);
        let counted = parts.and_then(|parts| parts.count(table, now).pop());
        counted.ok_or_else(|| vec![too_large()])
    }

    /// What it changes of what has started in other rules, and may not, at a moment: as `waft lint --against` finds it.
    pub fn against(&self, base: &Program, now: i64) -> Vec<Note> {
        let mut findings = Findings::new(self.names.clone());
        against::lint(&self.ruleset, self.environment, [base, &self.program], now, &mut findings);
        findings.into_sorted().iter().map(Note::from).collect()
    }

    /// What is different from other rules, and who of a table gets something else, at a moment.
    pub fn diff(&self, base: &Program, table: Option<&Table>, now: i64) -> Result<Diff, String> {
        let mut diff = diff::compare(base, &self.program, now)?;
        if let Some(table) = table {
            diff.count(base, &self.program, table, &mut |_, _| {});
        }
        Ok(diff)
    }
}

fn too_large() -> Note {
    let (message, remedy) = ("the condition is larger than a snapshot holds", "name its parts as segments");
    Note {
        severity: Severity::Error.name(),
        code: waft_ruleset::finding::Code::SnapshotTooLarge.name(),
        file: "condition".to_owned(),
        line: 1,
        column: 1,
        message: message.to_owned(),
        remedy: remedy.to_owned(),
    }
}
