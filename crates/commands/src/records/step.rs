//! Records of delivery: a release is proposed, approved or rejected, and published.
//!
//! ```text
//! 0003.yaml  kind: propose   version 12 on base 11, the file of the unsigned snapshot, checks, changes, effect
//! 0004.yaml  kind: approve   of 0003: a signature over that snapshot
//! 0005.yaml  kind: release   of 0003: all signatures, and what pages have since
//! 0006.yaml  kind: unblock   of version 12, whose rules were taken back: a signature over its snapshot
//! 0007.yaml  kind: trust     a trust document, which lies beside it, and what it changes
//! ```
//!
//! Signatures stand in records, and never in the snapshot's file: two who approve at once write two records.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use waft::date;
use waft_ruleset::clock;
use waft_ruleset::source::{Kind as NodeKind, Node};

use super::fields::Fields;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A release was proposed.
    Propose,
    /// It was approved by a signature.
    Approve,
    /// It was rejected.
    Reject,
    /// It was published.
    Release,
    /// Rules that were taken back may be released again. `version` is the one that was taken back.
    Unblock,
    /// Other keys count from then on. `version` is the number of the trust document, and `base` the one that it follows.
    Trust,
}

impl Stage {
    /// All of them.
    pub(super) const ALL: [Stage; 6] =
        [Stage::Propose, Stage::Approve, Stage::Reject, Stage::Release, Stage::Unblock, Stage::Trust];

    /// As the field `kind` has it.
    pub const fn kind(self) -> &'static str {
        match self {
            Stage::Propose => "propose",
            Stage::Approve => "approve",
            Stage::Reject => "reject",
            Stage::Release => "release",
            Stage::Unblock => "unblock",
            Stage::Trust => "trust",
        }
    }
}

/// A snapshot that was live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Its version; 0 if nothing was live.
    pub version: u64,
    /// Its digest, as `waft inspect` prints it; empty if nothing was live.
    pub digest: String,
}

/// A signature over a proposed snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The role that the signer takes.
    pub role: String,
    /// The id of the key.
    pub key: String,
    /// Who holds that key, by the trust document of that time.
    pub name: Option<String>,
    /// 64 bytes in base64url.
    pub signature: String,
}

/// A step of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub stage: Stage,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Of the snapshot.
    pub project: String,
    /// Of the snapshot.
    pub environment: String,
    /// Of the snapshot.
    pub version: u64,
    /// Of the snapshot.
    pub digest: String,
    /// The number of the proposal's record; of a proposal none.
    pub proposal: Option<String>,
    /// What was live when it was proposed.
    pub base: Base,
    /// The name of the file of the snapshot, unsigned, in the folder of the records.
    pub snapshot: String,
    /// The version whose rules these are, of a release that takes others back.
    pub rules_of: Option<u64>,
    /// Where the rules come from, such as a commit.
    pub source: Option<String>,
    /// The reason, if one was given.
    pub why: Option<String>,
    /// What was checked, a sentence each.
    pub checks: Vec<String>,
    /// What it changes, a sentence each.
    pub changes: Vec<String>,
    /// Whom it concerns among a population, a sentence each.
    pub effect: Vec<String>,
    /// Which limits of its environment it exceeds, a sentence each: somebody has to approve it.
    pub exceeds: Vec<String>,
    /// How many signatures of which roles its environment asks for, beside those that pages ask for.
    pub require: BTreeMap<String, u64>,
    /// The signatures of this record; of a release all that it was published with.
    pub signed: Vec<Signed>,
    /// The number of the trust document by which that was decided.
    pub trust: u64,
}

impl Step {
    /// The fields of the file behind `previous`. JSON is YAML.
    pub(super) fn to_yaml(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: Json| text.push_str(&format!("{name}: {value}\n"));
        line("project", json!(self.project));
        line("environment", json!(self.environment));
        line("version", json!(self.version));
        line("digest", json!(self.digest));
        for (name, value) in [("proposal", &self.proposal), ("source", &self.source), ("why", &self.why)] {
            if let Some(value) = value {
                line(name, json!(value));
            }
        }
        line("base", json!({ "version": self.base.version, "digest": self.base.digest }));
        line("snapshot", json!(self.snapshot));
        if let Some(version) = self.rules_of {
            line("rulesOf", json!(version));
        }
        line("trust", json!(self.trust));
        if !self.require.is_empty() {
            line("require", json!(self.require));
        }
        let lists = [
            ("checks", &self.checks),
            ("changes", &self.changes),
            ("effect", &self.effect),
            ("exceeds", &self.exceeds),
        ];
        for (name, lines) in lists {
            list(&mut text, name, lines.iter().map(|line| json!(line)));
        }
        let signed = self.signed.iter().map(|Signed { role, key, name, signature }| match name {
            Some(name) => json!({ "role": role, "key": key, "name": name, "signature": signature }),
            None => json!({ "role": role, "key": key, "signature": signature }),
        });
        list(&mut text, "signed", signed);
        format!("at: {}\n{text}", clock::text(self.at))
    }

    /// Reads a record's fields.
    pub(super) fn read(stage: Stage, fields: &Fields<'_>) -> Result<Self, String> {
        let at = fields.text("at")?;
        let base = fields.map("base", "expected a map with version and digest")?;
        Ok(Step {
            stage,
            at: date::parse(at.as_bytes()).ok_or_else(|| fields.wrong("at", "expected RFC 3339"))?,
            project: fields.text("project")?,
            environment: fields.text("environment")?,
            version: fields.number("version", "expected the snapshot's version")?,
            digest: fields.text("digest")?,
            proposal: fields.optional("proposal")?,
            base: Base {
                version: base.number("version", "expected the version that was live, or 0")?,
                digest: base.text("digest")?,
            },
            snapshot: fields.text("snapshot")?,
            rules_of: fields.find("rulesOf").map(|_| fields.number("rulesOf", "expected a version")).transpose()?,
            source: fields.optional("source")?,
            why: fields.optional("why")?,
            checks: fields.texts("checks")?,
            changes: fields.texts("changes")?,
            effect: fields.texts("effect")?,
            exceeds: fields.texts("exceeds")?,
            require: require(fields)?,
            signed: signed(fields)?,
            trust: fields.number("trust", "expected the number of the trust document")?,
        })
    }
}

/// A list, an item a line; nothing if it is empty.
fn list(text: &mut String, name: &str, items: impl Iterator<Item = Json>) {
    let items: Vec<String> = items.map(|item| format!("  - {item}\n")).collect();
    if !items.is_empty() {
        text.push_str(&format!("{name}:\n{}", items.concat()));
    }
}

fn require(fields: &Fields<'_>) -> Result<BTreeMap<String, u64>, String> {
    let Some(node) = fields.find("require") else { return Ok(BTreeMap::new()) };
    let wrong = || fields.wrong("require", "expected a map of roles and numbers");
    let one = |(role, count): (&String, &Json)| Some((role.clone(), count.as_u64()?));
    let map = node.to_json();
    map.as_object().and_then(|map| map.iter().map(one).collect()).ok_or_else(wrong)
}

fn signed(fields: &Fields<'_>) -> Result<Vec<Signed>, String> {
    let Some(node) = fields.find("signed") else { return Ok(Vec::new()) };
    let NodeKind::List(items) = &node.kind else { return Err(fields.wrong("signed", "expected a list")) };
    let one = |item: &Node| {
        let entries = item.entries().ok_or_else(|| fields.wrong("signed", "expected a list of maps"))?;
        let own = Fields { file: fields.file, place: item.place, entries };
        Ok(Signed {
            role: own.text("role")?,
            key: own.text("key")?,
            name: own.optional("name")?,
            signature: own.text("signature")?,
        })
    };
    items.iter().map(one).collect()
}
