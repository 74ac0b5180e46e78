//! What a case expects: of a flag, its variant, value, reason and rule; of many people, shares of variants.

use serde_json::Value as Json;
use waft::Reason;

use super::case::{Expected, Shares, Within};
use crate::finding::{Code, Findings};
use crate::language::experiment::range_of;
use crate::language::reader::{Fields, text};
use crate::language::rule::OWN_IDS;
use crate::share::Share;
use crate::source::{Entry, Kind, Scalar};
use crate::suggestion::suggestion;
use crate::types::{Flag, FlagBody, Named, Ruleset};

/// The reasons that a decision may have.
const REASONS: [Reason; 6] =
    [Reason::Static, Reason::Default, Reason::TargetingMatch, Reason::Split, Reason::Disabled, Reason::Error];

/// The flag that an entry names, as it is in each environment of the case.
fn bodies<'r>(
    entry: &Entry,
    ruleset: &'r Ruleset,
    environments: &[usize],
    findings: &mut Findings,
) -> Option<Vec<&'r FlagBody>> {
    let found: Option<&Named<Flag>> = ruleset.flags.iter().find(|flag| flag.name == entry.key);
    let Some(flag) = found else {
        let remedy = suggestion(&entry.key, ruleset.flags.iter().map(|flag| flag.name.as_str()));
        findings.unknown(entry.place, Code::UnknownFlag, "flag", &entry.key, remedy);
        return None;
    };
    Some(environments.iter().map(|environment| flag.item.within(*environment)).collect())
}

/// Finds a variant that the flag does not have in one of the environments.
fn check_variant(name: &str, entry: &Entry, bodies: &[&FlagBody], findings: &mut Findings) {
    for body in bodies {
        if !body.variants.iter().any(|(variant, _)| variant == name) {
            let remedy = suggestion(name, body.variants.iter().map(|(variant, _)| variant.as_str()));
            findings.unknown(entry.value.place, Code::UnknownVariant, "variant", name, remedy);
            return;
        }
    }
}

/// Reads `flag: variant`, or a map of what is expected of it.
pub(super) fn decision(
    entry: &Entry,
    ruleset: &Ruleset,
    environments: &[usize],
    findings: &mut Findings,
) -> Option<Expected> {
    let bodies = bodies(entry, ruleset, environments, findings)?;
    let mut expected =
        Expected { flag: entry.key.clone(), place: entry.place, variant: None, value: None, reason: None, rule: None };
    match &entry.value.kind {
        Kind::Scalar(Scalar::Text(_) | Scalar::Null) => expected.variant = variant(entry, &bodies, findings),
        Kind::Scalar(_) | Kind::List(_) => {
            let message = format!("{}: expected a variant, found {}", entry.key, entry.value.describe());
            let remedy = "name the variant, such as `on`, or write `{ value: true }`";
            findings.add(entry.value.place, Code::ExpectedText, message, remedy);
        }
        Kind::Map(_) => fields(entry, &bodies, &mut expected, findings),
    }
    Some(expected)
}

fn fields(entry: &Entry, bodies: &[&FlagBody], expected: &mut Expected, findings: &mut Findings) {
    let Some(mut fields) = Fields::of(&entry.value, "what is expected of a flag", findings) else { return };
    if let Some(field) = fields.take("variant") {
        expected.variant = variant(field, bodies, findings);
    }
    if let Some(field) = fields.take("value") {
        let value = field.value.to_json();
        for body in bodies {
            if !value.is_null() && !body.variants.iter().any(|(_, own)| is_same(own, &value)) {
                let known: Vec<String> = body.variants.iter().map(|(_, own)| own.to_string()).collect();
                let message = format!("no variant of the flag has the value {value}");
                findings.add(field.value.place, Code::UnknownVariant, message, expected_one(&known));
                break;
            }
        }
        expected.value = Some(value);
    }
    if let Some(field) = fields.take("reason") {
        expected.reason = reason(field, findings);
    }
    if let Some(field) = fields.take("rule")
        && let Some(id) = text(&field.value, "rule", findings)
    {
        for body in bodies {
            let ids = || body.rules.iter().map(|rule| rule.name.as_str());
            if !ids().chain(OWN_IDS).any(|known| known == id) {
                findings.unknown(field.value.place, Code::UnknownRule, "rule", id, suggestion(id, ids()));
                break;
            }
        }
        expected.rule = Some(id.to_owned());
    }
    let is_empty = entry.value.entries().is_some_and(<[Entry]>::is_empty);
    fields.finish(findings);
    if is_empty {
        let message = format!("{}: nothing is expected", entry.key);
        findings.add(entry.value.place, Code::EmptyList, message, "name a `variant`, `value`, `reason` or `rule`");
    }
}

fn expected_one(known: &[String]) -> String {
    format!("expected one of: {}", known.join(", "))
}

/// A variant's key, or `null` for the caller's default.
fn variant(entry: &Entry, bodies: &[&FlagBody], findings: &mut Findings) -> Option<Option<String>> {
    if matches!(entry.value.kind, Kind::Scalar(Scalar::Null)) {
        return Some(None);
    }
    let name = text(&entry.value, "variant", findings)?;
    check_variant(name, entry, bodies, findings);
    Some(Some(name.to_owned()))
}

fn reason(entry: &Entry, findings: &mut Findings) -> Option<String> {
    let name = text(&entry.value, "reason", findings)?;
    let known = || REASONS.iter().map(|reason| reason.name());
    if !known().any(|known| known == name) {
        findings.unknown(entry.value.place, Code::UnknownReason, "reason", name, suggestion(name, known()));
    }
    Some(name.to_owned())
}

/// Reads `flag: { variant: 48%-52% }`.
pub(super) fn shares(
    entry: &Entry,
    ruleset: &Ruleset,
    environments: &[usize],
    findings: &mut Findings,
) -> Option<Shares> {
    let bodies = bodies(entry, ruleset, environments, findings)?;
    Fields::of(&entry.value, "shares of a flag's variants", findings)?;
    let entries = entry.value.entries().unwrap_or_default();
    if entries.is_empty() {
        let message = format!("{}: no share is expected", entry.key);
        findings.add(entry.value.place, Code::EmptyList, message, "write `variant: 48%-52%`");
    }
    let mut within = Vec::new();
    for share in entries {
        let is_known = |body: &&FlagBody| body.variants.iter().any(|(variant, _)| *variant == share.key);
        if let Some(body) = bodies.iter().find(|body| !is_known(body)) {
            let remedy = suggestion(&share.key, body.variants.iter().map(|(variant, _)| variant.as_str()));
            findings.unknown(share.place, Code::UnknownVariant, "variant", &share.key, remedy);
        }
        let Some((from, to)) = bounds(share, findings) else { continue };
        within.push(Within { variant: share.key.clone(), place: share.place, from, to });
    }
    Some(Shares { flag: entry.key.clone(), within })
}

/// `48%-52%`, or one share that must be met exactly.
fn bounds(entry: &Entry, findings: &mut Findings) -> Option<(Share, Share)> {
    let written = entry.value.text();
    if let Some(share) = written.and_then(Share::parse) {
        return Some((share, share));
    }
    range_of(written, entry.value.place, findings).map(|range| (range.from, range.to))
}

/// Whether two values are the same to whoever reads them: `1` and `1.0` are.
pub fn is_same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one.as_f64() == other.as_f64(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            let is_in = |(key, value): (&String, &Json)| other.get(key).is_some_and(|other| is_same(value, other));
            one.len() == other.len() && one.iter().all(is_in)
        }
        _ => one == other,
    }
}
