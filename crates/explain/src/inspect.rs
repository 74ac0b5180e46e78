//! A whole snapshot as readable JSON: headers, signatures and table. Nothing is verified.

use serde_json::{Map, Value as Json, json};
use waft::envelope::{Envelope, Kind};
use waft::manifest::digest_of;
use waft::program::{CodeSpan, Flag, Phase, Second, Variant};
use waft::rule::{Action, Trial};
use waft::table::Section;
use waft::{Program, Refusal};

use crate::condition::{phrase, read};
use waft_compile::keys;
use waft_compile::snapshot::unverified;
use waft_ruleset::clock::text_of_seconds;
use waft_ruleset::{type_name, value_type_name};

/// What the envelope says, and what the table holds. Only the form is checked, not who signed.
pub fn inspect(bytes: &[u8]) -> Result<Json, Refusal> {
    let envelope = Envelope::read(bytes)?;
    let claims = &envelope.claims;
    let signatures: Vec<Json> = envelope
        .signatures
        .iter()
        .map(|signature| {
            json!({
                "kid": keys::to_text(&signature.kid),
                "role": String::from_utf8_lossy(signature.role),
                "signature": keys::to_text(&signature.signature),
            })
        })
        .collect();
    let mut told = json!({
        "project": String::from_utf8_lossy(claims.project),
        "environment": String::from_utf8_lossy(claims.environment),
        "version": claims.version,
        "issued": text_of_seconds(claims.issued),
        "notBefore": claims.not_before.map(text_of_seconds),
        "expires": text_of_seconds(claims.expires),
        "digest": keys::to_text(&digest_of(&[envelope.protected, envelope.payload])),
        "bytes": { "envelope": bytes.len() - envelope.body.len(), "body": envelope.body.len() },
        "signatures": signatures,
    });
    let Some(fields) = told.as_object_mut() else { return Ok(told) };
    if envelope.kind == Kind::Preview {
        let mut shown = Map::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        waft::preview::read(envelope.body, |flag, variant| drop(shown.insert(text(flag), text(variant).into())))?;
        fields.insert("shows".into(), shown.into());
    } else {
        let program = unverified(&envelope)?;
        fields.insert("attributes".into(), attributes(&program));
        fields.insert("lists".into(), lists(&program));
        fields.insert("segments".into(), segments(&program));
        fields.insert("flags".into(), flags(&program));
    }
    Ok(told)
}

fn attributes(program: &Program) -> Json {
    let told = program
        .slots()
        .filter_map(|slot| program.attribute(slot))
        .map(|attribute| (program.str(attribute.name).to_owned(), type_name(attribute.kind).into()));
    Json::Object(told.collect())
}

fn lists(program: &Program) -> Json {
    let told = (0..program.count(Section::Lists) as u16).filter_map(|index| program.list(index)).map(|list| {
        let ids = list.file().map_or_else(|| json!({ "ids": list.count() }), |file| json!({ "file": file }));
        (program.str(list.name).to_owned(), ids)
    });
    Json::Object(told.collect())
}

fn segments(program: &Program) -> Json {
    let told = (0..program.count(Section::Segments))
        .filter_map(|index| program.segment(index))
        .map(|segment| (program.str(segment.name).to_owned(), condition_words(program, segment.condition)));
    Json::Object(told.collect())
}

fn condition_words(program: &Program, condition: CodeSpan) -> Json {
    read(program, condition).map_or(Json::Null, |condition| phrase(program, &condition).into())
}

fn flags(program: &Program) -> Json {
    let told = program
        .flags()
        .filter_map(|index| program.flag(index))
        .map(|flag| (program.str(flag.key).to_owned(), tell_flag(program, &flag)));
    Json::Object(told.collect())
}

fn tell_flag(program: &Program, flag: &Flag) -> Json {
    let variant_key = |variant| program.variant(flag, variant).map(|variant| program.str(variant.key));
    let variants: Map<String, Json> = (0..flag.variant_count)
        .filter_map(|variant| program.variant(flag, variant))
        .map(|Variant { key, value }| {
            (program.str(key).to_owned(), serde_json::from_str(program.str(value)).unwrap_or(Json::Null))
        })
        .collect();
    let mut rules = Vec::new();
    let mut at = flag.code;
    for rule in (0..flag.rule_count).map_while(|_| program.rule(at).inspect(|rule| at = rule.next())) {
        let mut told = Map::from_iter([("id".to_owned(), Json::from(program.str(rule.id)))]);
        if let Some([from, to]) = rule.dates() {
            told.insert("from".into(), (from != Second(0)).then(|| text_of_seconds(from.0.into())).into());
            told.insert("to".into(), (to != Second::NEVER).then(|| text_of_seconds(to.0.into())).into());
        }
        if !rule.condition.is_empty() {
            told.insert("if".into(), condition_words(program, rule.condition_span()));
        }
        match rule.action() {
            Action::Serve(variant) => told.insert("serve".into(), variant_key(variant).into()),
            Action::Experiment(at) => told.insert(
                "experiment".into(),
                program.trial(flag, at).map_or(Json::Null, |experiment| tell_trial(program, &experiment, true)),
            ),
            Action::Ramp(at, variant) => {
                let ramp = program.trial(flag, at).map_or(Json::Null, |ramp| tell_trial(program, &ramp, false));
                told.insert("ramp".into(), variant_key(variant).into());
                told.insert("monitored".into(), rule.is_monitored().into());
                told.insert("steps".into(), ramp)
            }
            Action::Holdout(at) => told.insert(
                "holdout".into(),
                program.trial(flag, at).map_or(Json::Null, |holdout| tell_trial(program, &holdout, false)),
            ),
            Action::Off => told.insert("serve".into(), variant_key(flag.when_off).into()),
            Action::Need(other) => told.insert(
                "decideFirst".into(),
                program.flag(other).map_or(Json::Null, |flag| program.str(flag.key).into()),
            ),
            Action::Unknown => told.insert("action".into(), "unknown to this version".into()),
        };
        rules.push(Json::Object(told));
    }
    json!({
        "type": flag.value_type.map(value_type_name),
        "enabled": flag.enabled,
        "variants": variants,
        "whenOff": variant_key(flag.when_off),
        "default": variant_key(flag.default),
        "rules": rules,
    })
}

/// Only phases of experiments have a split: ramps and holdouts go by their coverage, and the field is nobody's.
fn tell_trial(program: &Program, trial: &Trial, has_splits: bool) -> Json {
    let phases: Vec<Json> = (0..trial.phase_count)
        .filter_map(|phase| program.phase(trial, phase))
        .map(|phase| tell_phase(program, &phase, has_splits))
        .collect();
    let layer = program.placement(trial).and_then(|placement| {
        let name = program.layer(placement.layer()?)?.name;
        let ranges: Vec<Json> = program.ranges(&placement).map(|range| json!([range.from.0, range.to.0])).collect();
        Some(json!({ "name": program.str(name), "ranges": ranges }))
    });
    json!({
        "key": program.str(trial.key),
        "unit": program.unit(trial.unit.into()).map(|unit| program.str(unit.name)),
        "layer": layer,
        "phases": phases,
    })
}

fn tell_phase(program: &Program, phase: &Phase, has_split: bool) -> Json {
    let mut told = Map::from_iter([
        ("id".to_owned(), phase.id.into()),
        ("from".to_owned(), text_of_seconds(phase.from.0.into()).into()),
        ("to".to_owned(), (phase.to != Second::NEVER).then(|| text_of_seconds(phase.to.0.into())).into()),
        ("coverage".to_owned(), phase.coverage.0.into()),
    ]);
    if has_split {
        let split = program.split(phase.split);
        let arms = split.iter().flat_map(|split| program.arms(split)).flatten();
        let split: Vec<Json> = arms.map(|arm| json!({ "below": arm.bound.0, "variant": arm.variant })).collect();
        told.insert("split".to_owned(), split.into());
    }
    Json::Object(told)
}
