//! A decision: what `waft eval` prints, and with its reasons, what `waft explain` prints and the studio hands over.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use waft::program::{FlagIndex, UnitKind, Variant};
use waft::{Assignment, Decision, ErrorCode, Program, Session, exposure};

use crate::explanation::{TraceEntry, explain, render};
use crate::value::Value;
use waft_compile::is_hidden;
use waft_ruleset::clock;

/// How a flag evaluates.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct DecisionStory {
    /// The variant's value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The variant's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Why, in OpenFeature's words.
    #[cfg_attr(test, ts(type = "Reason"))]
    pub reason: &'static str,
    /// True if the kill list names the flag.
    #[cfg(feature = "head")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub killed: Option<bool>,
    /// The id of the rule that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What reading the flag exposes; absent if nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposures: Option<Vec<ExposureStory>>,
    /// Why there is no variant, in OpenFeature's words; or `TARGETING_KEY_MISSING`: a unit was asked for that the context lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<&'static str>,
    /// The code, and the attribute that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// When time alone could change this: RFC 3339, or milliseconds since 1970 if it is past the year 9999.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

/// An exposure: that a unit met a variant of a trial.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ExposureStory {
    /// 32 hexadecimal digits: docs/snapshot-format.md, section 6.
    pub id: String,
    /// The trial's key.
    pub experiment: String,
    /// The number of its phase.
    pub phase: u32,
    /// The variant's key, or `control`, `held` or `not-held`.
    pub variant: String,
    /// The id of the rule whose trial it is.
    pub rule: String,
    /// The unit's point for the split, or for the holdout; of 2^32.
    pub point: u32,
    /// The kind of unit that is randomised.
    pub unit_kind: String,
    /// The id that was randomised, as the context has it.
    pub unit: String,
}

/// How a flag evaluates, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Explanation {
    /// How it evaluates.
    #[serde(flatten)]
    pub decision: DecisionStory,
    /// What was tried, rule by rule: docs/ruleset.md, section 16.
    pub trace: Vec<TraceEntry>,
    /// The trace as lines of plain English.
    pub text: String,
}

impl Explanation {
    /// Decides a flag of a program for a session at a moment (milliseconds since 1970). `context` is where the values shown come
    /// from.
    pub fn of(
        program: &Program,
        flag: FlagIndex,
        session: &mut Session,
        context: &Map<String, Json>,
        now: i64,
    ) -> Self {
        let explained = explain(program, flag, session, context, now);
        Explanation {
            decision: DecisionStory::of(program, flag, &explained.decision, session),
            text: render(&explained.rules),
            trace: explained.rules,
        }
    }
}

impl DecisionStory {
    /// The last decision of a session, which was of this flag.
    pub fn of(program: &Program, flag: FlagIndex, decision: &Decision, session: &Session) -> Self {
        let mut story = DecisionStory { reason: decision.reason.name(), ..DecisionStory::default() };
        #[cfg(feature = "head")]
        if decision.reason == waft::Reason::Killed {
            story.killed = Some(true);
        }
        match (decision.variant, program.flag(flag)) {
            (Ok(variant), Some(flag)) => {
                // One without a key stands for the caller's default.
                if let Some(Variant { key, value }) = program.variant(&flag, variant)
                    && !program.text(key).is_empty()
                {
                    story.value = Some(Value(serde_json::from_str(program.str(value)).unwrap_or(Json::Null)));
                    story.variant = Some(program.str(key).to_owned());
                }
                let rule = decision.rule.and_then(|rule| program.rule_of(&flag, rule));
                story.rule = rule.map(|rule| program.str(rule.id).to_owned());
                let exposures = session.exposures().iter();
                let exposures: Vec<_> =
                    exposures.filter_map(|made| ExposureStory::of(program, made, session)).collect();
                story.exposures = Some(exposures).filter(|exposures| !exposures.is_empty());
                if let Some(attribute) = attribute_of(program, decision.missing.trailing_zeros() as u16) {
                    let code = ErrorCode::TargetingKeyMissing.name();
                    story.error_code = Some(code);
                    story.error_message = Some(format!("{code}: {attribute}"));
                }
            }
            (Err(code), _) => story.error_code = Some(code.name()),
            (Ok(_), None) => {}
        }
        story.valid_until = (decision.valid_until != i64::MAX).then(|| clock::text(decision.valid_until));
        story
    }
}

/// The name of the attribute that a unit is, if there is such a unit.
fn attribute_of(program: &Program, unit: u16) -> Option<&str> {
    let UnitKind { slot, .. } = program.unit(unit)?;
    Some(program.str(program.attribute(slot)?.name))
}

impl ExposureStory {
    /// `None` if the context has no such unit.
    fn of(program: &Program, assignment: &Assignment, session: &Session) -> Option<Self> {
        let id = exposure::id_of(program, assignment, session.subject(), b"")?;
        let UnitKind { name, slot } = program.unit(assignment.unit.into())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some(ExposureStory {
            id: text(&id),
            experiment: program.str(assignment.trial).to_owned(),
            phase: assignment.phase,
            variant: text(exposure::variant_key(program, assignment.variant)),
            rule: program.str(assignment.rule).to_owned(),
            point: assignment.point,
            unit_kind: program.str(name).to_owned(),
            unit: text(session.subject().unit(slot, &mut [0; 20])?),
        })
    }
}

/// All flags' keys with their indices, or just one flag's. Those that no ruleset names are none.
pub fn flags(program: &Program, only: Option<&str>) -> Vec<(FlagIndex, String)> {
    program
        .flags()
        .filter_map(|index| Some((index, program.str(program.flag(index)?.key).to_owned())))
        .filter(|(_, key)| !is_hidden(key) && only.is_none_or(|only| only == key))
        .collect()
}
