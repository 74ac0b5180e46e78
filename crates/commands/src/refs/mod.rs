//! `waft refs`: which flags the code reads, which of them the rules lack, and which flags nobody needs any more.

#[cfg(feature = "arguments")]
pub mod arguments;

mod comments;
mod compare;
mod deployed;
mod files;
mod find;
mod language;
mod search;
mod told;

use std::collections::BTreeSet;

use regex::bytes::Regex;
use waft::Program;
use waft_ruleset::Ruleset;
use waft_ruleset::finding::{Code, Finding, Severity};

use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::{input, lint};
use compare::Names;
use search::Search;

/// What `--fail-on` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Flags that the code reads and the rules lack.
    Missing,
    /// Flags of the rules that no code reads.
    Unused,
    /// Flags that are overdue, decided or finished.
    Debt,
    /// Flags whose code is in no deployed version.
    Undeployed,
}

impl Kind {
    /// What a finding of the command is; `None` for one that always fails, or never.
    fn of(code: Code) -> Option<Self> {
        match code {
            Code::MissingFlag => Some(Kind::Missing),
            Code::UnusedFlag => Some(Kind::Unused),
            Code::NotDeployed => Some(Kind::Undeployed),
            code if compare::DEBT.contains(&code) => Some(Kind::Debt),
            _ => None,
        }
    }
}

/// Where to search, and what for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folders of code, or files.
    pub sources: Vec<String>,
    /// A ruleset's file or folder.
    pub rules: String,
    /// The live snapshot's file: a flag of it that the code still reads may not be removed.
    pub against: Option<String>,
    /// Regular expressions whose first group is the key of a flag.
    pub patterns: Vec<String>,
    /// Endings of files that are searched besides, without their dot.
    pub also: Vec<String>,
    /// Versions that are deployed, as `appVersion=4.1.0`.
    pub deployed: Vec<String>,
    /// How findings are printed.
    pub format: lint::Format,
    /// Whether each reference is printed, in text.
    pub list: bool,
    /// What ends with exit code 1.
    pub fail_on: Vec<Kind>,
}

/// Prints what code and rules say of each other. Fails for what `fail_on` names, for a flag that is referenced and was removed, and if
/// something could not be read.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match refs(options, host) {
        Ok(exit) => exit,
        Err(message) => fail(host, &message),
    }
}

/// A pattern of the project's own. One without a group names no flag, wherever it matches.
fn read_pattern(pattern: &str) -> Result<Regex, String> {
    let wrong = |what: &str| format!("--pattern {pattern}: {what}");
    // A message has several lines, of which the last says what is wrong.
    let read = Regex::new(pattern)
        .map_err(|error| wrong(error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ")))?;
    if read.captures_len() < 2 {
        return Err(wrong("has no group: put parentheses around the key of the flag"));
    }
    Ok(read)
}

fn refs(options: &Options, host: &dyn Host) -> Result<Exit, String> {
    let patterns =
        options.patterns.iter().map(|pattern| read_pattern(pattern)).collect::<Result<Vec<Regex>, String>>()?;
    let (ruleset, warnings, files) = read(host, &options.rules)?;
    let live = options.against.as_deref().map(|path| live(host, path, &ruleset)).transpose()?;
    let names = Names::of(&ruleset, live.as_ref());
    let search = Search { known: names.known(), patterns, also: &options.also, left_out: real(host, &files) };
    let searched = search.run(host, &options.sources)?;
    let mut findings = compare::findings(&ruleset, &names, &searched, &warnings, &files, host.now());
    findings.extend(undeployed(&ruleset, &options.deployed, &files, host.now())?);
    told::print((options.format, options.list), &names, &searched, &findings, host);
    let fails = |finding: &Finding| {
        finding.severity == Severity::Error
            || Kind::of(finding.code).is_some_and(|kind| options.fail_on.contains(&kind))
    };
    let failed = !searched.unreadable.is_empty() || findings.iter().any(fails);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// A ruleset without errors, its warnings, and the names of its files.
fn read(host: &dyn Host, path: &str) -> Result<(Ruleset, Vec<Finding>, Vec<String>), String> {
    let sources = input::sources(host, path)?;
    let files = sources.files.iter().map(|source| source.name.clone()).collect();
    match input::check(host, &sources) {
        Ok((ruleset, warnings)) => Ok((ruleset, warnings, files)),
        Err(findings) => {
            let errors = || findings.iter().filter(|finding| finding.severity == Severity::Error);
            errors().for_each(|finding| host.finding(finding));
            Err(format!("{path}: {}", waft_ruleset::counted(errors().count(), "error")))
        }
    }
}

/// What may come to people whose page does not have its code.
fn undeployed(ruleset: &Ruleset, deployed: &[String], files: &[String], now: i64) -> Result<Vec<Finding>, String> {
    if deployed.is_empty() {
        return Ok(Vec::new());
    }
    let contexts = deployed.iter().map(|text| deployed::read(ruleset, text)).collect::<Result<Vec<_>, String>>()?;
    let without = deployed::without_code(ruleset, &contexts, now)?;
    Ok(compare::undeployed(ruleset, &without, &deployed.join(", "), files, now))
}

/// Where files lie, with all links followed.
fn real(host: &dyn Host, files: &[String]) -> BTreeSet<String> {
    files.iter().filter_map(|file| host.real(file).ok()).map(|path| path.replace('\\', "/")).collect()
}

fn live(host: &dyn Host, path: &str, ruleset: &Ruleset) -> Result<Program, String> {
    let (_, program) = input::unverified(host, path)?;
    let project = String::from_utf8_lossy(program.snapshot().project()).into_owned();
    if project == ruleset.project {
        Ok(program)
    } else {
        Err(format!("--against {path}: a snapshot of the project `{project}`, not `{}`", ruleset.project))
    }
}
