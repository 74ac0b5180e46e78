//! What a trace is told as: rules, their conditions, and the points that trials compared.

use serde::Serialize;

use super::why::{Expected, Reason, Why};
use crate::value::{Percent, Tristate, Value};

/// A step of the order of decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum TraceEntry {
    /// The flag is on the kill list, and nothing else is looked at.
    #[cfg(feature = "head")]
    Killed(KillStory),
    /// A signed preview shows the variant, and no rule is tried.
    Preview(PreviewStory),
    /// A rule that was tried.
    Rule(Box<RuleStory>),
}

/// That the flag is on the kill list.
#[cfg(feature = "head")]
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct KillStory {
    /// True.
    #[cfg_attr(test, ts(type = "true"))]
    pub killed: bool,
    /// True.
    #[cfg_attr(test, ts(type = "true"))]
    pub result: Tristate,
}

/// That a signed preview shows the variant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PreviewStory {
    /// True.
    #[cfg_attr(test, ts(type = "true"))]
    pub preview: bool,
    /// True.
    #[cfg_attr(test, ts(type = "true"))]
    pub result: Tristate,
}

/// A rule that was tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct RuleStory {
    /// As the ruleset calls it, or `requires`, `targets` or `holdout`.
    pub rule: String,
    /// From when on it applies, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Before when it applies, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// True if the moment is outside its dates, so that nothing was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside: Option<bool>,
    /// What its condition evaluates to; of a holdout, whether it takes part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Tristate>,
    /// Why that is unknown, if no condition says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// When it begins or has ended, or why it is unknown, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// True if the search ended here, because the condition is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops: Option<bool>,
    /// Whom it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionStory>,
    /// Whom a holdout leaves alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub except: Option<ConditionStory>,
    /// The holdout that it takes units into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holdout: Option<TrialStory>,
    /// The experiment that it takes units into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experiment: Option<TrialStory>,
    /// The ramp that it takes units into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ramp: Option<TrialStory>,
}

/// A condition: `all`, `any`, `not`, `segment`, `flag`, `list`, `share` or `operator` says what it is, or it is an attribute's test.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ConditionStory {
    /// It as a phrase, for people.
    pub words: String,
    /// What it evaluates to; absent if nobody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Tristate>,
    /// All of these hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<ConditionStory>>,
    /// Any of these holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<ConditionStory>>,
    /// This does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<ConditionStory>>,
    /// The name of a segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The segment's condition, unless it was told above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Box<ConditionStory>>,
    /// The key of another flag, whose variant is the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// The name of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// A share of units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<ShareStory>,
    /// The number of an operator that this version does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<u8>,
    /// What it was asked of.
    #[serde(flatten)]
    pub asked: Asked,
}

/// What a condition or a trial asks the context for.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Asked {
    /// The attribute's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// True if the context does not have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<bool>,
    /// Its value, or the variant of the flag that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Why it is of no use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// The type that it should have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
    /// The value, and why it is of no use, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Where the unit's point lies for a share of units, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ShareStory {
    /// The point.
    pub point: Percent,
    /// From here on points are in.
    pub from: Percent,
    /// Below this, points are in.
    pub below: Percent,
}

/// An experiment, a ramp or a holdout, and the points that it compared, in this order.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct TrialStory {
    /// What its exposures call it: an experiment's or a holdout's name, or `flag/rule` of a ramp.
    pub key: String,
    /// Why nobody takes part, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// The unit's attribute, if it is of no use.
    #[serde(flatten)]
    pub asked: Asked,
    /// True if the unit keeps the variant that it was given earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remembered: Option<bool>,
    /// The point in the experiment's layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<LayerStory>,
    /// Whether the unit is held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holdout: Option<PointStory>,
    /// Whether the ramp has reached the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ramp: Option<PointStory>,
    /// Which half of a monitored ramp the unit is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half: Option<PointStory>,
    /// Whether a unit of the half that is kept back is released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released: Option<PointStory>,
    /// Whether the unit is in the share of units that the phase takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<PointStory>,
    /// The part of the split that the unit is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<PointStory>,
}

/// A point and the bounds that it is compared with, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct PointStory {
    /// The point.
    pub point: Percent,
    /// From here on points are in; from 0 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Percent>,
    /// Below this, points are in.
    pub below: Percent,
    /// Whether it is in.
    pub inside: bool,
}

/// A point in a layer and the experiment's ranges, in percent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LayerStory {
    /// The layer's name.
    pub name: String,
    /// The point.
    pub point: Percent,
    /// From the first of each on and below the second, points are in.
    pub ranges: Vec<(Percent, Percent)>,
    /// Whether it is in.
    pub inside: bool,
}

impl ConditionStory {
    /// The conditions that it is made of.
    pub fn parts(&self) -> impl Iterator<Item = &ConditionStory> {
        let lists = [&self.all, &self.any].into_iter().flatten().flatten();
        lists.chain([&self.not, &self.condition].into_iter().flatten().map(|part| &**part))
    }

    /// The same, taken apart.
    pub(crate) fn into_parts(self) -> impl Iterator<Item = ConditionStory> {
        let lists = [self.all, self.any].into_iter().flatten().flatten();
        lists.chain([self.not, self.condition].into_iter().flatten().map(|part| *part))
    }
}

impl Asked {
    /// Adds to what people read in brackets.
    pub(super) fn note(&mut self, words: &str) {
        match &mut self.note {
            Some(note) => *note += &format!(", {words}"),
            None => self.note = Some(words.to_owned()),
        }
    }

    /// Takes the value that was asked for.
    pub(super) fn value(&mut self, value: Value) {
        self.note(&format!("is {value}"));
        self.value = Some(value);
    }

    /// Tells why it is of no use, if it is.
    pub(super) fn why(&mut self, reason: Option<Reason>) {
        let Some(reason) = reason else { return };
        (self.why, self.expected) = (Some(reason.why), reason.expected);
        if let Some(words) = reason.words() {
            self.note(words);
        }
    }
}
