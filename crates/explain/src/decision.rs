//! A decision as JSON: what `waft eval` prints and the studio page shows.

use serde_json::{Map, Value as Json, json};
use waft::program::{FlagIndex, UnitKind, Variant};
use waft::{Assignment, Decision, Program, Session, exposure};

use crate::explanation::{explain, render};

/// All flags' keys with their indices, or just one flag's.
pub fn flags(program: &Program, only: Option<&str>) -> Vec<(FlagIndex, String)> {
    program
        .flags()
        .filter_map(|index| Some((index, program.str(program.flag(index)?.key).to_owned())))
        .filter(|(_, key)| only.is_none_or(|only| only == key))
        .collect()
}

/// Decides a flag and tells it: `{value, variant, reason, rule?, exposures?, errorCode?, validUntil?, trace?, text?}`.
pub fn decide(
    program: &Program,
    flag: FlagIndex,
    session: &mut Session,
    context: &Map<String, Json>,
    now: i64,
    traced: bool,
) -> Json {
    let explanation = explain(program, flag, session, context, now);
    let mut told = tell(program, flag, &explanation.decision, session);
    if traced {
        told.insert("text".into(), render(&explanation.rules).into());
        told.insert("trace".into(), explanation.rules.into());
    }
    Json::Object(told)
}

fn tell(program: &Program, index: FlagIndex, decision: &Decision, session: &Session) -> Map<String, Json> {
    let mut told = Map::new();
    let flag = program.flag(index);
    match (decision.variant, flag) {
        (Ok(variant), Some(flag)) => {
            if let Some(Variant { key, value }) = program.variant(&flag, variant) {
                told.insert("value".into(), serde_json::from_str(program.str(value)).unwrap_or(Json::Null));
                told.insert("variant".into(), program.str(key).into());
            }
            if let Some(rule) = decision.rule.and_then(|rule| program.rule_of(&flag, rule)) {
                told.insert("rule".into(), program.str(rule.id).into());
            }
            let exposures = session.exposures().iter().filter_map(|made| tell_exposure(program, made, session));
            let exposures: Vec<Json> = exposures.collect();
            if !exposures.is_empty() {
                told.insert("exposures".into(), exposures.into());
            }
        }
        (Err(code), _) => {
            told.insert("errorCode".into(), code.name().into());
        }
        (Ok(_), None) => {}
    }
    told.insert("reason".into(), decision.reason.name().into());
    if decision.valid_until != i64::MAX {
        told.insert("validUntil".into(), waft_ruleset::clock::text(decision.valid_until).into());
    }
    told
}

fn tell_exposure(program: &Program, assignment: &Assignment, session: &Session) -> Option<Json> {
    let id = exposure::id_of(program, assignment, session.subject(), b"")?;
    let UnitKind { name, slot } = program.unit(assignment.unit.into())?;
    let mut digits = [0; 20];
    Some(json!({
        "id": String::from_utf8_lossy(&id),
        "experiment": program.str(assignment.trial),
        "phase": assignment.phase,
        "variant": String::from_utf8_lossy(exposure::variant_key(program, assignment.variant)),
        "rule": program.str(assignment.rule),
        "point": assignment.point,
        "unitKind": program.str(name),
        "unit": String::from_utf8_lossy(session.subject().unit(slot, &mut digits)?),
    }))
}
