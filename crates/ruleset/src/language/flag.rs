//! Flags: what they are, and what environments replace.

use super::condition;
use super::names::Scope;
use super::reader::{Fields, boolean, describe, resolve, skip, text};
use super::variant::{self, value_type, variant};
use super::{rule, target};
use crate::finding::{Code, Findings, Place};
use crate::purpose::Purpose;
use crate::source::{Entry, Kind, Node, Scalar};
use crate::types::{Flag, FlagBody};

/// Reads one flag and its forms in environments that replace keys.
pub(crate) fn read(entry: &Entry, scope: &Scope<'_>, findings: &mut Findings) -> Option<Flag> {
    let entries = Fields::of(&entry.value, "flag", findings).and_then(|_| entry.value.entries())?;
    let own: Vec<&Entry> = entries.iter().filter(|field| field.key != "in").collect();
    let base = read_body(own.clone(), entry.value.place, scope, findings);
    let mut replaced = Vec::new();
    if let Some(within) = entries.iter().find(|field| field.key == "in") {
        for environment in Fields::of(&within.value, "in", findings).and_then(|_| within.value.entries())? {
            let index = resolve(
                &environment.key,
                environment.place,
                scope.environments,
                Code::UnknownEnvironment,
                "environment",
                findings,
            );
            let keys = Fields::of(&environment.value, "in", findings).and_then(|_| environment.value.entries());
            let (Some(index), Some(keys)) = (index, keys) else { continue };
            let kept = own.iter().copied().filter(|field| keys.iter().all(|key| key.key != field.key));
            let all = kept.chain(keys.iter().filter(|key| !takes_away(key)));
            let body = read_body(all.collect(), environment.place, scope, findings)?;
            replaced.push((index, body));
        }
    }
    Some(Flag { base: base?, replaced })
}

/// Whether a key of an environment takes what the flag has otherwise away: what has no empty value.
fn takes_away(key: &Entry) -> bool {
    matches!(key.key.as_str(), "holdout" | "requires") && matches!(key.value.kind, Kind::Scalar(Scalar::Null))
}

fn read_body(entries: Vec<&Entry>, place: Place, scope: &Scope<'_>, findings: &mut Findings) -> Option<FlagBody> {
    let mut fields = Fields::merged(entries, place, "flag");
    let kind = fields.require("type", "add `type: boolean`, `string`, `number` or `object`", findings);
    let enabled = fields.take("enabled").map_or(Some(true), |field| boolean(&field.value, "enabled", findings));
    let variants = fields.take("variants");
    let remedy = "name the variant served when the flag is off, or write null: the caller's default";
    let when_off = fields.require("whenOff", remedy, findings);
    let default = fields.require("default", "name the variant served when no rule matches", findings);
    let [rules, holdout, requires, targets, metadata] =
        ["rules", "holdout", "requires", "targets", "metadata"].map(|name| fields.take(name));
    let (remove_by, purpose) = fields.take("meta").map_or_else(Meta::default, |field| meta(&field.value, findings));
    let needs = fields.take("needs");
    describe(&mut fields, findings);
    fields.finish(findings);

    let kind = kind.and_then(|field| value_type(&field.value, findings))?;
    let variants = variant::read(kind, variants, place, findings)?;
    let when_off = when_off.and_then(|field| match field.value.kind {
        Kind::Scalar(Scalar::Null) => Some(None),
        _ => variant(&field.value, &variants, findings).map(Some),
    });
    let default = default.and_then(|field| variant(&field.value, &variants, findings));
    let rules = optional(rules, |node| rule::read(node, &variants, scope, findings))?;
    let holdout = optional(holdout, |node| {
        let name = text(node, "holdout", findings)?;
        resolve(name, node.place, scope.holdouts, Code::UnknownHoldout, "holdout", findings).map(Some)
    })?;
    let requires = optional(requires, |node| condition::flags(node, "requires", scope.names.flags, findings))?;
    let targets = optional(targets, |node| target::read(node, &variants, scope, findings))?;
    let needs = match needs {
        None => None,
        Some(field) => Some(condition::read(&field.value, &scope.names, findings)?),
    };
    let metadata = optional(metadata, |node| variant::metadata(node, findings))?;
    Some(FlagBody {
        kind,
        enabled: enabled?,
        variants,
        when_off: when_off?,
        default: default?,
        rules,
        requires,
        targets,
        holdout,
        metadata,
        remove_by,
        purpose,
        needs,
    })
}

/// What a field says, or nothing if it is not written.
fn optional<T: Default>(field: Option<&Entry>, read: impl FnOnce(&Node) -> Option<T>) -> Option<T> {
    field.map_or_else(|| Some(T::default()), |field| read(&field.value))
}

/// When a flag is to be removed, and what it is for.
type Meta = (Option<(i64, Place)>, Option<Purpose>);

/// Who owns a flag, what for, and until when. Only purpose and date are checked.
fn meta(node: &Node, findings: &mut Findings) -> Meta {
    let Some(mut fields) = Fields::of(node, "meta", findings) else { return Meta::default() };
    let remove_by = fields.take("removeBy");
    let purpose = fields.take("purpose");
    skip(&mut fields, &["owner", "description", "links", "hypothesis", "tags"]);
    fields.finish(findings);
    let purpose = purpose.and_then(|field| {
        let purpose = field.value.text().and_then(Purpose::parse);
        if purpose.is_none() {
            let remedy = format!("expected one of: {}", Purpose::NAMES.join(", "));
            findings.add(field.value.place, Code::UnknownPurpose, "there is no such purpose of a flag", remedy);
        }
        purpose
    });
    let remove_by = remove_by.and_then(|field| {
        let milli = field.value.text().and_then(|text| waft::date::parse(text.as_bytes()));
        if milli.is_none() {
            findings.add(field.value.place, Code::InvalidDate, "removeBy: expected a date", "write 2027-03-01");
        }
        milli.map(|milli| (milli, field.value.place))
    });
    (remove_by, purpose)
}
