//! What a ruleset declares, for pages that show and change it: each figure as the snapshot of its environment has it, so that no page reads it off the
//! text. `flag` is flags and their rules, `trial` what is measured in them and the traffic that it shares.

mod figures;
mod flag;
mod trial;

use std::collections::BTreeMap;

use serde::Serialize;
use waft_ruleset::order::ordered;
use waft_ruleset::types::type_name;
use waft_ruleset::{Attribute, Named, Ruleset};

pub use self::flag::{ModelFlag, ModelRamp, ModelRule, ModelStep};
pub use self::trial::{ModelExperiment, ModelLayer, ModelPhase, ModelPlan, ModelRange, ModelShare};
use super::texts::Texts;

/// What rules declare, in one environment. Shares are fractions from 0 to 1, moments are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Model {
    /// The project.
    pub project: String,
    /// All environments.
    pub environments: Vec<String>,
    /// The one for which this is said.
    pub environment: String,
    /// Attributes, by name.
    #[cfg_attr(test, ts(type = "Readonly<Record<string, ModelAttribute>>"))]
    pub attributes: BTreeMap<String, ModelAttribute>,
    /// The attribute of each unit, by the unit's name.
    #[cfg_attr(test, ts(type = "Readonly<Record<string, string>>"))]
    pub units: BTreeMap<String, String>,
    /// The names of lists.
    pub lists: Vec<String>,
    /// Segments, each behind those that it names.
    pub segments: Vec<ModelSegment>,
    /// Flags, in the order of their files.
    pub flags: Vec<ModelFlag>,
    /// Experiments, likewise.
    pub experiments: Vec<ModelExperiment>,
    /// Layers, by name.
    pub layers: Vec<ModelLayer>,
}

/// An attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ModelAttribute {
    /// `string`, `number`, `boolean`, `date`, `semver` or `list`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The values it may have, if they are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
    /// Whether it must never leave the browser.
    pub private: bool,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A segment, and where its name is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ModelSegment {
    /// As conditions call it.
    pub key: String,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Model {
    /// Of a ruleset that was read from some texts, in one of its environments, at a moment (milliseconds since 1970).
    pub(super) fn of(ruleset: &Ruleset, environment: usize, texts: &Texts<'_>, now: i64) -> Self {
        let names = ruleset.environments.iter().map(|named| named.name.clone());
        let attribute = |named: &Named<Attribute>| {
            let Named { name, place, item: Attribute { kind, values, private } } = named;
            let description = texts.text("attributes", *place, name, "description");
            let (kind, values, private) = (type_name(*kind), values.clone(), *private);
            (name.clone(), ModelAttribute { kind, values, private, description })
        };
        let unit = |named: &Named<usize>| Some((named.name.clone(), ruleset.attributes.get(named.item)?.name.clone()));
        let segments = ruleset.segments.iter().map(|Named { name, place, item }| ModelSegment {
            key: name.clone(),
            file: texts.file(*place),
            line: place.line,
            title: Some(item.title.clone()).filter(|title| !title.is_empty()),
            description: texts.text("segments", *place, name, "description"),
        });
        let moments = flag::Moments::of(ruleset, environment);
        Model {
            project: ruleset.project.clone(),
            environment: names.clone().nth(environment).unwrap_or_default(),
            environments: names.collect(),
            attributes: ordered(ruleset.attributes.iter().map(attribute)),
            units: ordered(ruleset.units.iter().filter_map(unit)),
            lists: ruleset.lists.iter().map(|list| list.name.clone()).collect(),
            segments: segments.collect(),
            flags: ruleset.flags.iter().map(|flag| flag::of(&moments, flag, texts)).collect(),
            experiments: trial::experiments(ruleset, environment, now),
            layers: trial::layers(ruleset, now),
        }
    }
}
