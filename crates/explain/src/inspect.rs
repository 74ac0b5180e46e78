//! A whole snapshot, readable: headers, signatures and table. Nothing is verified.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use waft::envelope::{Envelope, Kind};
#[cfg(feature = "head")]
use waft::head::{
    kills,
    pointer::{self, Live},
};
use waft::manifest::digest_of;
use waft::program::{CodeSpan, Flag, FlagIndex, List, Second, Text, Variant};
use waft::rule::{Action, Rule, Trial};
use waft::table::Section;
use waft::{Program, Refusal};

use crate::condition::{phrase, read};
use crate::needs::Needs;
use waft_compile::snapshot::unverified;
#[cfg(feature = "head")]
use waft_compile::trust_document::Document;
use waft_compile::{BREAKDOWN, METADATA, hidden_value, is_hidden, keys};
use waft_ruleset::clock::{text_of_end, text_of_seconds};
use waft_ruleset::{type_name, value_type_name};

/// What the envelope says, and what follows it. Moments are RFC 3339, bytes base64url.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    project: String,
    environment: String,
    version: u64,
    issued: String,
    not_before: Option<String>,
    expires: String,
    digest: String,
    bytes: Sizes,
    signatures: Vec<Signature>,
    #[serde(flatten)]
    content: Content,
}

#[derive(Clone, Debug, Serialize)]
struct Sizes {
    envelope: usize,
    body: usize,
}

#[derive(Clone, Debug, Serialize)]
struct Signature {
    kid: String,
    role: String,
    signature: String,
}

/// What the body is.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Content {
    /// Variants by flags.
    Preview { shows: BTreeMap<String, String> },
    /// The digest of the snapshot, and least numbers.
    #[cfg(feature = "head")]
    Pointer { snapshot: String, kills: u64, trust: u64 },
    /// Keys of flags.
    #[cfg(feature = "head")]
    Kills { kills: Vec<String> },
    /// As TRUST.json.
    #[cfg(feature = "head")]
    Trust { trust: Json },
    Table {
        attributes: BTreeMap<String, &'static str>,
        lists: BTreeMap<String, Ids>,
        /// Conditions as phrases.
        segments: BTreeMap<String, Option<String>>,
        flags: BTreeMap<String, FlagRecord>,
        /// By experiment and name, what its exposures carry the value of.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        breakdowns: BTreeMap<String, BTreeMap<String, Carried>>,
        /// Of flags, as OpenFeature gives it.
        #[serde(skip_serializing_if = "Map::is_empty")]
        metadata: Map<String, Json>,
    },
}

/// What a breakdown is of.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Carried {
    Attribute,
    Segment,
}

/// Where the ids of a list are.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Ids {
    /// In the list file of this number.
    File(u32),
    /// In the table: their number.
    Ids(u32),
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FlagRecord {
    r#type: Option<&'static str>,
    enabled: bool,
    variants: BTreeMap<String, Json>,
    when_off: Option<String>,
    default: Option<String>,
    /// What its decision may depend on.
    needs: Needs,
    rules: Vec<RuleRecord>,
}

#[derive(Clone, Debug, Serialize)]
struct RuleRecord {
    id: String,
    #[serde(flatten)]
    dates: Option<Dates>,
    /// Its condition as a phrase.
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    condition: Option<Option<String>>,
    #[serde(flatten)]
    action: ActionRecord,
}

#[derive(Clone, Debug, Serialize)]
struct Dates {
    from: Option<String>,
    to: Option<String>,
}

/// What a rule does. Of a record that cannot be read there is nothing.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum ActionRecord {
    Serve {
        serve: Option<String>,
    },
    Experiment {
        experiment: Option<TrialRecord>,
    },
    Ramp {
        ramp: Option<String>,
        monitored: bool,
        steps: Option<TrialRecord>,
    },
    Holdout {
        holdout: Option<TrialRecord>,
    },
    #[serde(rename_all = "camelCase")]
    Need {
        decide_first: Option<String>,
    },
    Unknown {
        action: &'static str,
    },
}

#[derive(Clone, Debug, Serialize)]
struct TrialRecord {
    key: String,
    unit: Option<String>,
    layer: Option<LayerRecord>,
    phases: Vec<PhaseRecord>,
}

/// Ranges are from one bound up to another, of 2^32.
#[derive(Clone, Debug, Serialize)]
struct LayerRecord {
    name: String,
    ranges: Vec<(u32, u32)>,
}

/// Coverage is a bound, of 2^32.
#[derive(Clone, Debug, Serialize)]
struct PhaseRecord {
    id: u32,
    from: String,
    to: Option<String>,
    coverage: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    split: Option<Vec<ArmRecord>>,
}

/// A variant by its index, for points below a bound, of 2^32.
#[derive(Clone, Debug, Serialize)]
struct ArmRecord {
    below: u32,
    variant: u8,
}

/// What the envelope says, and what the table holds. Only the form is checked, not who signed.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, Refusal> {
    let envelope = Envelope::read(bytes)?;
    let claims = &envelope.claims;
    let signatures = envelope.signatures.iter().map(|signature| Signature {
        kid: keys::to_text(&signature.kid),
        role: text(signature.role),
        signature: keys::to_text(&signature.signature),
    });
    Ok(Inspection {
        project: text(claims.project),
        environment: text(claims.environment),
        version: claims.version,
        issued: text_of_seconds(claims.issued),
        not_before: claims.not_before.map(text_of_seconds),
        expires: text_of_end(claims.expires),
        digest: keys::to_text(&digest_of(&[envelope.protected, envelope.payload])),
        bytes: Sizes { envelope: bytes.len() - envelope.body.len(), body: envelope.body.len() },
        signatures: signatures.collect(),
        content: content(&envelope)?,
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn moment(second: Second) -> String {
    text_of_seconds(second.0.into())
}

fn content(envelope: &Envelope) -> Result<Content, Refusal> {
    Ok(match envelope.kind {
        Kind::Preview => {
            let mut shows = BTreeMap::new();
            waft::preview::read(envelope.body, |flag, variant| drop(shows.insert(text(flag), text(variant))))?;
            Content::Preview { shows }
        }
        #[cfg(feature = "head")]
        Kind::Pointer => {
            let Live { digest, kills, trust, .. } = pointer::read(envelope.payload, envelope.claims.version)?;
            Content::Pointer { snapshot: keys::to_text(&digest), kills, trust }
        }
        #[cfg(feature = "head")]
        Kind::Kills => {
            let mut killed = Vec::new();
            kills::read(envelope.payload, |flag| killed.push(text(flag)))?;
            Content::Kills { kills: killed }
        }
        #[cfg(feature = "head")]
        Kind::Trust => Content::Trust { trust: Document::of(envelope)?.to_json() },
        // A page's studio tells nothing of what is in heads.
        #[cfg(not(feature = "head"))]
        Kind::Pointer | Kind::Kills | Kind::Trust => return Err(Refusal::malformed(0)),
        Kind::Snapshot => {
            let table = Table(&unverified(envelope)?);
            let (attributes, lists) = (table.attributes(), table.lists());
            Content::Table {
                attributes,
                lists,
                segments: table.segments(),
                flags: table.flags(),
                breakdowns: table.breakdowns(),
                metadata: hidden_value(table.0, METADATA),
            }
        }
    })
}

/// A table, and what its records say.
struct Table<'p>(&'p Program);

impl Table<'_> {
    fn str(&self, text: Text) -> String {
        self.0.str(text).to_owned()
    }

    fn attributes(&self) -> BTreeMap<String, &'static str> {
        let attributes = self.0.slots().filter_map(|slot| self.0.attribute(slot));
        attributes.map(|attribute| (self.str(attribute.name), type_name(attribute.kind))).collect()
    }

    fn lists(&self) -> BTreeMap<String, Ids> {
        let ids = |list: &List| list.file().map_or_else(|| Ids::Ids(list.count()), Ids::File);
        let lists = (0..self.0.count(Section::Lists) as u16).filter_map(|index| self.0.list(index));
        lists.map(|list| (self.str(list.name), ids(&list))).collect()
    }

    fn segments(&self) -> BTreeMap<String, Option<String>> {
        let segments = (0..self.0.count(Section::Segments)).filter_map(|index| self.0.segment(index));
        segments.map(|segment| (self.str(segment.name), self.phrase(segment.condition))).collect()
    }

    fn phrase(&self, condition: CodeSpan) -> Option<String> {
        read(self.0, condition).map(|condition| phrase(self.0, &condition))
    }

    fn flags(&self) -> BTreeMap<String, FlagRecord> {
        let flags = self.0.flags().filter_map(|index| Some((index, self.0.flag(index)?)));
        // Those that no ruleset has are told as what they are, below.
        let flags = flags.filter(|(_, flag)| !is_hidden(self.0.str(flag.key)));
        flags.map(|(index, flag)| (self.str(flag.key), self.flag(index, &flag))).collect()
    }

    /// Of the flag that says it by experiment: from each name to the flag of its segment, or to nothing where it is an attribute.
    fn breakdowns(&self) -> BTreeMap<String, BTreeMap<String, Carried>> {
        let carried = |(name, flag): (&String, &Json)| {
            (name.clone(), if flag == "" { Carried::Attribute } else { Carried::Segment })
        };
        let all = hidden_value(self.0, BREAKDOWN).into_iter();
        all.filter_map(|(experiment, names)| Some((experiment, names.as_object()?.iter().map(carried).collect())))
            .collect()
    }

    fn flag(&self, index: FlagIndex, flag: &Flag) -> FlagRecord {
        let variants = (0..flag.variant_count).filter_map(|variant| self.named(flag, variant));
        let value = |value| serde_json::from_str(self.0.str(value)).unwrap_or(Json::Null);
        FlagRecord {
            r#type: flag.value_type.map(value_type_name),
            enabled: flag.enabled,
            variants: variants.map(|variant| (self.str(variant.key), value(variant.value))).collect(),
            when_off: self.variant(flag, flag.when_off),
            default: self.variant(flag, flag.default),
            needs: Needs::of(self.0, index),
            rules: self.0.rules(flag).map(|rule| self.rule(flag, &rule)).collect(),
        }
    }

    fn variant(&self, flag: &Flag, variant: u8) -> Option<String> {
        self.named(flag, variant).map(|variant| self.str(variant.key))
    }

    /// A variant; the one that stands for the caller's default has no key.
    fn named(&self, flag: &Flag, variant: u8) -> Option<Variant> {
        self.0.variant(flag, variant).filter(|variant| !self.0.text(variant.key).is_empty())
    }

    fn rule(&self, flag: &Flag, rule: &Rule) -> RuleRecord {
        // Only phases of experiments have a split: ramps and holdouts go by their coverage, and the field is nobody's.
        let trial = |at, has_splits| self.0.trial(flag, at).map(|trial| self.trial(&trial, has_splits));
        RuleRecord {
            id: self.str(rule.id),
            dates: rule.dates().map(|[from, to]| Dates {
                from: (from != Second(0)).then(|| moment(from)),
                to: (to != Second::NEVER).then(|| moment(to)),
            }),
            condition: (!rule.condition.is_empty()).then(|| self.phrase(rule.condition_span())),
            action: match rule.action() {
                Action::Serve(variant) => ActionRecord::Serve { serve: self.variant(flag, variant) },
                Action::Off => ActionRecord::Serve { serve: self.variant(flag, flag.when_off) },
                Action::Experiment(at) => ActionRecord::Experiment { experiment: trial(at, true) },
                Action::Ramp(at, variant) => ActionRecord::Ramp {
                    ramp: self.variant(flag, variant),
                    monitored: rule.is_monitored(),
                    steps: trial(at, false),
                },
                Action::Holdout(at) => ActionRecord::Holdout { holdout: trial(at, false) },
                Action::Need(other) => {
                    ActionRecord::Need { decide_first: self.0.flag(other).map(|flag| self.str(flag.key)) }
                }
                Action::Unknown => ActionRecord::Unknown { action: "unknown to this version" },
            },
        }
    }

    fn trial(&self, trial: &Trial, has_splits: bool) -> TrialRecord {
        let layer = self.0.placement(trial).and_then(|placement| {
            let name = self.0.layer(placement.layer()?)?.name;
            let ranges = self.0.ranges(&placement).map(|range| (range.from.0, range.to.0)).collect();
            Some(LayerRecord { name: self.str(name), ranges })
        });
        let phases = (0..trial.phase_count).filter_map(|phase| self.0.phase(trial, phase));
        TrialRecord {
            key: self.str(trial.key),
            unit: self.0.unit(trial.unit.into()).map(|unit| self.str(unit.name)),
            layer,
            phases: phases
                .map(|phase| PhaseRecord {
                    id: phase.id,
                    from: moment(phase.from),
                    to: (phase.to != Second::NEVER).then(|| moment(phase.to)),
                    coverage: phase.coverage.0,
                    split: has_splits.then(|| self.split(phase.split)),
                })
                .collect(),
        }
    }

    fn split(&self, split: u32) -> Vec<ArmRecord> {
        let split = self.0.split(split);
        let arms = split.iter().flat_map(|split| self.0.arms(split)).flatten();
        arms.map(|arm| ArmRecord { below: arm.bound.0, variant: arm.variant }).collect()
    }
}
