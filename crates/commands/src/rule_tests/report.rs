//! Results of tests: for people, for scripts, and as JUnit's XML.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::outcome::{Failure, Outcome, Tested};
use crate::host::Host;
use crate::lint;
use waft_ruleset::clock;
use waft_ruleset::finding::Finding;

/// What failed, each with its place and the steps of the decision.
pub(crate) fn text(host: &dyn Host, tested: &Tested) {
    lines(tested).iter().for_each(|line| host.out(line));
}

/// The same, line by line.
pub(crate) fn lines(tested: &Tested) -> Vec<String> {
    let mut lines: Vec<String> = tested.findings.iter().map(Finding::to_string).collect();
    for outcome in &tested.outcomes {
        for failure in &outcome.failures {
            let Failure { place, why, .. } = failure;
            let at = format!("{}:{}:{}", outcome.file, place.line, place.column);
            lines.push(format!("{at}: failed: {}: {}", title(outcome), sentence(failure)));
            lines.extend(why.iter().map(|line| format!("  {line}")));
        }
    }
    lines
}

fn title(Outcome { name, environment, at, .. }: &Outcome) -> String {
    format!("{name} [{environment}, {}]", clock::text(*at))
}

fn sentence(Failure { flag, expected, got, .. }: &Failure) -> String {
    format!("{flag}: expected {expected}, got {got}")
}

/// Every case, and what is wrong with files.
pub(super) fn json(host: &dyn Host, tested: &Tested) {
    let failed = tested.failed();
    let told = json!({
        "passed": tested.outcomes.len() - failed,
        "failed": failed,
        "cases": tested.outcomes.iter().map(case).collect::<Vec<_>>(),
        "findings": tested.findings.iter().map(lint::as_json).collect::<Vec<_>>(),
    });
    host.json(&format!("{told:#}"));
}

fn case(outcome: &Outcome) -> Json {
    let failures = outcome.failures.iter().map(|Failure { place, flag, expected, got, why }| {
        json!({ "flag": flag, "line": place.line, "column": place.column, "expected": expected, "got": got, "why": why })
    });
    json!({
        "file": outcome.file,
        "line": outcome.place.line,
        "column": outcome.place.column,
        "name": outcome.name,
        "environment": outcome.environment,
        "at": clock::text(outcome.at),
        "passed": outcome.failures.is_empty(),
        "failures": failures.collect::<Vec<_>>(),
    })
}

/// A suite for each file, in the XML that JUnit began with and CI systems read. It has no durations: two runs print the same.
pub(super) fn junit(host: &dyn Host, tested: &Tested) {
    let mut files: Vec<&str> = Vec::new();
    let of_cases = tested.outcomes.iter().map(|outcome| outcome.file.as_str());
    for file in of_cases.chain(tested.findings.iter().map(|finding| finding.file.as_str())) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    let (failed, errors) = (tested.failed(), tested.findings.len());
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string does not fail.
    let all = tested.outcomes.len() + errors;
    let _ = writeln!(xml, "<testsuites name=\"waft test\" tests=\"{all}\" failures=\"{failed}\" errors=\"{errors}\">");
    files.into_iter().for_each(|file| suite(&mut xml, file, tested));
    xml += "</testsuites>";
    xml.lines().for_each(|line| host.out(line));
}

fn suite(xml: &mut String, file: &str, tested: &Tested) {
    let outcomes: Vec<&Outcome> = tested.outcomes.iter().filter(|outcome| outcome.file == file).collect();
    let findings: Vec<&Finding> = tested.findings.iter().filter(|finding| finding.file == file).collect();
    let failed = outcomes.iter().filter(|outcome| !outcome.failures.is_empty()).count();
    let (name, all, errors) = (escaped(file), outcomes.len() + findings.len(), findings.len());
    let _ = writeln!(xml, "  <testsuite name=\"{name}\" tests=\"{all}\" failures=\"{failed}\" errors=\"{errors}\">");
    for outcome in outcomes {
        let line = outcome.place.line;
        let head = format!(
            "    <testcase classname=\"{name}\" name=\"{}\" file=\"{name}\" line=\"{line}\"",
            escaped(&title(outcome))
        );
        if outcome.failures.is_empty() {
            let _ = writeln!(xml, "{head}/>");
            continue;
        }
        let sentences: Vec<String> = outcome.failures.iter().map(sentence).collect();
        let _ = writeln!(xml, "{head}>\n      <failure message=\"{}\">", escaped(&sentences.join("; ")));
        for Failure { place, flag, why, .. } in &outcome.failures {
            let _ = writeln!(xml, "{}", escaped(&format!("{file}:{}:{}: {flag}", place.line, place.column)));
            why.iter().for_each(|line| xml.push_str(&format!("  {}\n", escaped(line))));
        }
        xml.push_str("      </failure>\n    </testcase>\n");
    }
    for finding in findings {
        let (line, text) = (finding.place.line, escaped(&finding.to_string()));
        let code = finding.code.name();
        let head = format!("    <testcase classname=\"{name}\" name=\"{code}\" file=\"{name}\" line=\"{line}\"");
        let _ = writeln!(xml, "{head}>\n      <error type=\"{code}\" message=\"{text}\"/>\n    </testcase>");
    }
    xml.push_str("  </testsuite>\n");
}

/// Text as XML 1.0 has it. What no document of XML may have is U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
