//! A trust document with its holders' names: TRUST.json to the bytes that root signs, and back.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use waft::anchor::{FORMAT, key};
use waft::cbor::Reader;
use waft::envelope::Envelope;
use waft::kind::Kind;
use waft::{Anchor, Code, Refusal, limits};

use crate::snapshot::{self, Claims, Writer};
use crate::{keys, trust};

/// What a trust document says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The project.
    pub project: String,
    /// The environment.
    pub environment: String,
    /// Its place in the chain, from 1 on; 0 for a trust that is no document.
    pub number: u64,
    /// Under which the highest numbers seen are remembered.
    pub epoch: u64,
    /// The lowest version accepted.
    pub min_version: u64,
    /// How far a version may be above the highest seen.
    pub max_jump: u64,
    /// What is required, by role.
    pub roles: BTreeMap<String, Role>,
}

/// Who may sign in a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// How many of the keys must have signed.
    pub at_least: usize,
    /// By key id.
    pub keys: BTreeMap<[u8; 16], Holder>,
}

/// A public key, and who holds its secret half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The Ed25519 public key.
    pub public: [u8; 32],
    /// A person's name, or a machine's; may be empty.
    pub name: String,
}

impl Document {
    /// Reads TRUST.json. The message says what is wrong.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let json = trust::parse(text)?;
        let trust = trust::from_json(&json)?;
        let number = |field: &str| match json.get(field) {
            None => Ok(0),
            Some(value) => value
                .as_u64()
                .filter(|number| *number <= limits::VERSION)
                .ok_or_else(|| format!("trust.{field}: expected a whole number, which trust documents count on from")),
        };
        let mut roles = BTreeMap::new();
        for requirement in trust.require() {
            let role = String::from_utf8_lossy(&requirement.role).into_owned();
            let name = |kid: &[u8; 16]| {
                let name = json.get("holders").and_then(|holders| holders.get(keys::to_text(kid)));
                name.and_then(Json::as_str).unwrap_or_default().to_owned()
            };
            let held = |key: &waft::trust::Key| (key.kid, Holder { public: key.public, name: name(&key.kid) });
            let read = Role { at_least: requirement.at_least, keys: requirement.keys.iter().map(held).collect() };
            if roles.insert(role.clone(), read).is_some() {
                return Err(format!("trust.require: a trust document lists the role {role} once"));
            }
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Document {
            project: text(trust.project()),
            environment: text(trust.environment()),
            number: number("number")?,
            epoch: number("epoch")?,
            min_version: trust.min_version(),
            max_jump: trust.max_jump(),
            roles,
        })
    }

    /// Reads a trust document. Nothing is verified here but that it is well-formed.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        Document::of(&Envelope::read(bytes)?)
    }

    /// [`read`](Self::read), of an envelope.
    pub fn of(envelope: &Envelope<'_>) -> Result<Self, Refusal> {
        if envelope.kind != Kind::Trust {
            return Err(Code::Malformed.into());
        }
        let claims = &envelope.claims;
        // It is read as a page reads it first, and then once more for the names.
        let anchor = Anchor::read(claims.project, claims.environment, claims.version, envelope.payload)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Document {
            project: text(claims.project),
            environment: text(claims.environment),
            number: anchor.number(),
            epoch: anchor.epoch(),
            min_version: anchor.trust().min_version(),
            max_jump: anchor.trust().max_jump(),
            roles: read_roles(envelope.payload),
        })
    }

    /// As TRUST.json has it: what pages are built with.
    pub fn to_json(&self) -> Json {
        let (mut public, mut holders) = (Map::new(), Map::new());
        for (kid, holder) in self.roles.values().flat_map(|role| &role.keys) {
            public.insert(keys::to_text(kid), keys::to_text(&holder.public).into());
            if !holder.name.is_empty() {
                holders.insert(keys::to_text(kid), holder.name.clone().into());
            }
        }
        let require = self.roles.iter().map(|(role, Role { at_least, keys })| {
            json!({ "role": role, "keys": keys.keys().map(|kid| keys::to_text(kid)).collect::<Vec<_>>(), "atLeast": at_least })
        });
        json!({
            "project": self.project,
            "environment": self.environment,
            "number": self.number,
            "epoch": self.epoch,
            "minVersion": self.min_version,
            "maxJump": self.max_jump,
            "keys": public,
            "holders": holders,
            "require": require.collect::<Vec<_>>(),
        })
    }

    /// What is signed of it: deterministic CBOR.
    pub fn payload(&self) -> Vec<u8> {
        let mut writer = Writer::default().map(5);
        writer = writer.integer(key::FORMAT).unsigned(FORMAT);
        writer = writer.integer(key::EPOCH).unsigned(self.epoch);
        writer = writer.integer(key::MIN_VERSION).unsigned(self.min_version);
        writer = writer.integer(key::MAX_JUMP).unsigned(self.max_jump);
        writer = writer.integer(key::REQUIRE).array(self.roles.len());
        for (role, Role { at_least, keys }) in &self.roles {
            writer = writer.map(3).integer(key::ROLE).text(role);
            writer = writer.integer(key::AT_LEAST).unsigned(*at_least as u64);
            writer = writer.integer(key::KEYS).array(keys.len());
            for (kid, Holder { public, name }) in keys {
                writer = writer.map(if name.is_empty() { 2 } else { 3 });
                writer = writer.integer(key::KID).bytes(kid).integer(key::PUBLIC).bytes(public);
                if !name.is_empty() {
                    writer = writer.integer(key::HOLDER).text(name);
                }
            }
        }
        writer.into_bytes()
    }

    /// The document, not yet signed, made at a second since 1970. It does not expire: pages that were built long ago walk through it
    /// to its successors.
    pub fn unsigned(&self, issued: u64) -> Vec<u8> {
        let claims = Claims {
            project: self.project.clone(),
            environment: self.environment.clone(),
            version: self.number,
            issued,
            not_before: None,
            expires: limits::VERSION,
        };
        snapshot::document(&claims, Kind::Trust, &self.payload())
    }

    /// The start of a chain, or why it cannot be one.
    pub fn anchor(&self) -> Result<Anchor, Refusal> {
        Anchor::read(self.project.as_bytes(), self.environment.as_bytes(), self.number, &self.payload())
    }
}

/// The roles of a payload that [`Anchor::read`] has read.
fn read_roles(payload: &[u8]) -> BTreeMap<String, Role> {
    let mut roles = BTreeMap::new();
    Reader::new(payload).map(|cbor, key| match key {
        key::REQUIRE => {
            for _ in 0..cbor.array() {
                let (role, read) = read_role(cbor);
                roles.insert(role, read);
            }
        }
        _ => cbor.skip(),
    });
    roles
}

fn read_role(cbor: &mut Reader<'_>) -> (String, Role) {
    let (mut name, mut role) = (String::new(), Role { at_least: 0, keys: BTreeMap::new() });
    cbor.map(|cbor, key| match key {
        key::ROLE => name = String::from_utf8_lossy(cbor.text()).into_owned(),
        key::AT_LEAST => role.at_least = usize::try_from(cbor.unsigned()).unwrap_or(usize::MAX),
        key::KEYS => {
            for _ in 0..cbor.array() {
                let (kid, holder) = read_holder(cbor);
                role.keys.insert(kid, holder);
            }
        }
        _ => cbor.skip(),
    });
    (name, role)
}

fn read_holder(cbor: &mut Reader<'_>) -> ([u8; 16], Holder) {
    let (mut kid, mut holder) = ([0; 16], Holder { public: [0; 32], name: String::new() });
    cbor.map(|cbor, key| match key {
        key::KID => kid = cbor.array_of(),
        key::PUBLIC => holder.public = cbor.array_of(),
        key::HOLDER => holder.name = String::from_utf8_lossy(cbor.text()).into_owned(),
        _ => cbor.skip(),
    });
    (kid, holder)
}
