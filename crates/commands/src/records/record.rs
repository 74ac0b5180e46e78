//! A record: a file that is written once and never changed, because the next one has its digest.
//!
//! ```text
//! releases/0001.yaml              releases/0002.yaml
//! kind: kill                      kind: unkill
//! at, flags, list, by, why        previous: digest of the bytes of 0001.yaml
//! signed: the kill list
//! ```

use std::fmt::Write as _;

use serde_json::{Value as Json, json};
use waft::date;
use waft::envelope::Envelope;
use waft::manifest::digest_of;
use waft_compile::keys;
use waft_ruleset::clock;
use waft_ruleset::finding::{Findings, Place};
use waft_ruleset::source::{self, Kind, Node, Scalar, SourceFile};

use super::fields::{Fields, wrong};
use super::step::{Stage, Step};

/// What every file begins with.
const HEADER: &str = "# A record of what was done. It is never changed: the next one has its digest.\n";
/// The longest reason.
pub(crate) const WHY_BYTES: usize = 1_000;

/// What is done with flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// They are put on the kill list.
    Kill,
    /// They are taken off it.
    Unkill,
}

impl Change {
    const fn kind(self) -> &'static str {
        match self {
            Change::Kill => "kill",
            Change::Unkill => "unkill",
        }
    }
}

/// What a kill list changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Killing {
    /// What was done.
    pub change: Change,
    /// When the list was signed, in milliseconds since 1970.
    pub at: i64,
    /// Of the list.
    pub project: String,
    /// Of the list.
    pub environment: String,
    /// The flags' keys, in ascending order.
    pub flags: Vec<String>,
    /// The list's number.
    pub list: u64,
    /// Its digest, as `waft inspect` prints it.
    pub digest: String,
    /// The id of the key that signed it.
    pub key: String,
    /// Who holds that key, if the trust says so.
    pub name: Option<String>,
    /// The reason, if one was given.
    pub why: Option<String>,
    /// The list itself as it was signed, in base64url. Records of before have none.
    pub signed: Option<String>,
}

/// A file of the history.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its path.
    pub file: String,
    /// The digest of its bytes: the first 32 bytes of their SHA-512, in hexadecimal.
    pub digest: String,
    /// The digest of the record before it.
    pub previous: Option<String>,
    /// What a kill list changed.
    pub killing: Option<Killing>,
    /// A step of a release. A record that is neither is of a kind that this version does not read.
    pub step: Option<Step>,
}

impl Killing {
    /// The file's text, after a record with this digest.
    pub(crate) fn to_yaml(&self, previous: Option<&str>) -> String {
        let Killing { change, at, project, environment, flags, list, digest, key, name, why, signed } = self;
        let by = match name {
            Some(name) => json!({ "key": key, "name": name }),
            None => json!({ "key": key }),
        };
        let mut text = head(change.kind(), previous);
        // Writing to a String does not fail. JSON is YAML.
        let _ = writeln!(text, "at: {}", clock::text(*at));
        let _ = writeln!(text, "project: {}\nenvironment: {}", json!(project), json!(environment));
        let _ = writeln!(text, "flags: {}\nlist: {list}\ndigest: {}\nby: {by}", json!(flags), json!(digest));
        if let Some(why) = why {
            let _ = writeln!(text, "why: {}", json!(why));
        }
        if let Some(signed) = signed {
            let _ = writeln!(text, "signed: {}", json!(signed));
        }
        text
    }
}

/// The first lines of a file.
fn head(kind: &str, previous: Option<&str>) -> String {
    let previous = previous.map_or_else(String::new, |previous| format!("previous: {}\n", json!(previous)));
    format!("{HEADER}kind: {kind}\n{previous}")
}

/// The file's text of a step, after a record with this digest.
pub(crate) fn step_to_yaml(step: &Step, previous: Option<&str>) -> String {
    head(step.stage.kind(), previous) + &step.to_yaml()
}

impl Record {
    /// Reads a file. The message says where it is wrong, and what to do.
    pub(crate) fn read(file: &str, bytes: Vec<u8>) -> Result<Self, String> {
        let digest = digest_of(&[&bytes]).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut findings = Findings::new(vec![file.to_owned()]);
        let node = source::read(0, &SourceFile { name: file.to_owned(), bytes }, &mut findings);
        if let Some(finding) = findings.into_sorted().first() {
            return Err(wrong(file, finding.place, &finding.message));
        }
        let whole = Place { file: 0, line: 1, column: 1 };
        let entries = node.as_ref().and_then(Node::entries).ok_or_else(|| wrong(file, whole, "expected a map"))?;
        let fields = Fields { file, place: whole, entries };
        let kind = fields.text("kind")?;
        let killing = match kind.as_str() {
            "kill" => Some(killing(&fields, Change::Kill)?),
            "unkill" => Some(killing(&fields, Change::Unkill)?),
            _ => None,
        };
        // One of neither kind is a later version's. Its place in the chain is checked, and no more.
        let stage = Stage::ALL.into_iter().find(|stage| stage.kind() == kind);
        let step = stage.map(|stage| Step::read(stage, &fields)).transpose()?;
        Ok(Record { file: file.to_owned(), digest, previous: fields.optional("previous")?, killing, step })
    }
}

fn killing(fields: &Fields<'_>, change: Change) -> Result<Killing, String> {
    let at = fields.text("at")?;
    let at = date::parse(at.as_bytes()).ok_or_else(|| fields.wrong("at", "expected RFC 3339"))?;
    let list = match fields.get("list")?.kind {
        Kind::Scalar(Scalar::Number(ref number, _)) => number.as_u64(),
        Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => None,
    };
    let list = list.ok_or_else(|| fields.wrong("list", "expected the number of the kill list"))?;
    let flags: Option<Vec<String>> = match fields.get("flags")?.to_json() {
        Json::Array(flags) => flags.iter().map(|flag| flag.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    let flags = flags.filter(|flags| !flags.is_empty());
    let flags = flags.ok_or_else(|| fields.wrong("flags", "expected a list of flags' keys"))?;
    let by = fields.get("by")?;
    let entries = by.entries().ok_or_else(|| fields.wrong("by", "expected a map with the key that signed"))?;
    let by = Fields { file: fields.file, place: by.place, entries };
    let killing = Killing {
        change,
        at,
        project: fields.text("project")?,
        environment: fields.text("environment")?,
        flags,
        list,
        digest: fields.text("digest")?,
        key: by.text("key")?,
        name: by.optional("name")?,
        why: fields.optional("why")?,
        signed: fields.optional("signed")?,
    };
    if killing.signed.is_some() && !says_the_same(&killing).unwrap_or(false) {
        return Err(fields.wrong("signed", "the list in it is not what the rest of the record says"));
    }
    Ok(killing)
}

/// Whether the list in a record is the one that the record is of. Who signed it is for whoever has a trust: [`super::signed`].
fn says_the_same(killing: &Killing) -> Option<bool> {
    let Killing { at, project, environment, list, digest, key, .. } = killing;
    let bytes = keys::bytes(killing.signed.as_ref()?)?;
    let envelope = Envelope::read(&bytes).ok()?;
    let claims = &envelope.claims;
    let is_of_key = envelope.signatures.iter().any(|signature| keys::to_text(&signature.kid) == *key);
    Some(
        is_of_key
            && envelope.kind == waft::kind::Kind::Kills
            && (claims.project, claims.environment) == (project.as_bytes(), environment.as_bytes())
            && claims.version == *list
            && i64::try_from(claims.issued).ok().and_then(|issued| issued.checked_mul(1_000)) == Some(*at)
            && keys::to_text(&digest_of(&[envelope.protected, envelope.payload])) == *digest,
    )
}
