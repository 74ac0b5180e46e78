//! `waft lint`: everything that is wrong with a ruleset, and how to mend it.

use serde_json::{Value as Json, json};

use crate::against;
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::{input, ramp};
use waft_ruleset::finding::{Finding, Place, Severity};
use waft_ruleset::{Action, Ruleset, counted};

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A line each, for people.
    #[default]
    Text,
    /// One JSON array.
    Json,
    /// GitHub's workflow commands: annotations of a pull request.
    Github,
}

/// What to lint.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A ruleset's file or folder.
    pub ruleset: String,
    /// The live snapshot's file: what has started may not change.
    pub against: Option<String>,
    /// How findings are printed.
    pub format: Format,
    /// Whether warnings fail, too.
    pub deny_warnings: bool,
}

/// Prints findings and fails if one of them is an error.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let (findings, notes) = match find(options, host) {
        Ok(found) => found,
        Err(message) => return fail(host, &message),
    };
    print(&findings, options.format, host);
    notes.iter().for_each(|note| host.err(note));
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let warnings = counted(findings.len() - errors, "warning");
    host.err(&format!("{}: {}, {warnings}", options.ruleset, counted(errors, "error")));
    let failed = errors > 0 || options.deny_warnings && !findings.is_empty();
    if failed { Exit::Failed } else { Exit::Done }
}

pub(crate) fn print(findings: &[Finding], format: Format, host: &dyn Host) {
    match format {
        Format::Text => findings.iter().for_each(|finding| host.out(&finding.to_string())),
        Format::Json => host.json(&format!("{:#}", Json::from(findings.iter().map(as_json).collect::<Vec<_>>()))),
        Format::Github => findings.iter().for_each(|finding| host.out(&annotation(finding))),
    }
}

/// What somebody should know who waits for a ramp to rise.
fn notes(ruleset: &Ruleset, files: &[String]) -> Vec<String> {
    let mut notes: Vec<(Place, String)> = Vec::new();
    for flag in &ruleset.flags {
        for rule in flag.item.bodies().flat_map(|body| &body.rules) {
            let Action::Ramp(ramp) = &rule.item.action else { continue };
            let Some(note) = ramp::note(&format!("{}/{}", flag.name, rule.name), ramp) else { continue };
            let file = files.get(rule.place.file).map_or("", String::as_str);
            notes.push((rule.place, format!("{file}:{}:{}: note: {note}", rule.place.line, rule.place.column)));
        }
    }
    // What environments inherit is read once for each.
    notes.sort_by_key(|(place, _)| *place);
    notes.dedup();
    notes.into_iter().map(|(_, note)| note).collect()
}

/// What is wrong, and what is worth a note.
fn find(options: &Options, host: &dyn Host) -> Result<(Vec<Finding>, Vec<String>), String> {
    let sources = input::sources(host, &options.ruleset)?;
    let (ruleset, mut findings) = match input::check(host, &sources) {
        Ok(checked) => checked,
        Err(findings) => return Ok((findings, Vec::new())),
    };
    let names: Vec<String> = sources.files.iter().map(|source| source.name.clone()).collect();
    let notes = notes(&ruleset, &names);
    if let Some(path) = &options.against {
        let live = input::unverified(host, path)?;
        let names = sources.files.iter().map(|source| source.name.clone()).collect();
        findings.extend(against::compare(&ruleset, &live.0, &live.1, host.now(), names)?);
    }
    Ok((findings, notes))
}

/// A finding, for scripts.
pub(crate) fn as_json(finding: &Finding) -> Json {
    let Finding { severity, code, file, place, message, remedy } = finding;
    json!({
        "severity": severity.name(),
        "code": code.name(),
        "file": file,
        "line": place.line,
        "column": place.column,
        "message": message,
        "remedy": remedy,
    })
}

/// `::error file=...,line=...,col=...,title=CODE::message`, with the characters escaped that would end a part.
fn annotation(finding: &Finding) -> String {
    let Finding { severity, code, file, place, message, remedy } = finding;
    let escaped = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escaped(text).replace(':', "%3A").replace(',', "%2C");
    let (file, text) = (property(file), escaped(&format!("{message}: {remedy}")));
    format!("::{} file={file},line={},col={},title={}::{text}", severity.name(), place.line, place.column, code.name())
}
