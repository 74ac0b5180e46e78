//! Trust documents: the next one is put together, signed by root where its keys are, and published. While it is signed it is a file beside the records.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use waft_commands::delivery::Place;
use waft_commands::delivery::trust as recorded;
use waft_commands::host::Host as _;
use waft_commands::trust::{change, review};
use waft_compile::{keys, refusal, snapshot};

use super::served::Releases;
use crate::host::remove;
use crate::publish;
use crate::serve::desk::{ADDED, Asked, DOCUMENT, Refused, key, signature_of};

/// The role that signs them.
const ROOT: &str = "root";
/// The longest name of a holder, in bytes.
const HOLDER: usize = 100;

/// Whom pages trust by now, and the document that is to follow.
pub(super) fn state(releases: &Releases, asked: &Asked) -> Result<Json, Refused> {
    let Place { trust, .. } = releases.current(asked)?;
    let failed = |error: String| Refused::failed(&error);
    let told = review::json(asked, &trust, None).map_err(failed)?;
    let path = releases.draft(&told);
    if asked.read(&path).is_err() {
        return Ok(told);
    }
    let whole = review::json(asked, &trust, Some(&path)).map_err(failed)?;
    // What is published by now is no draft any more.
    let is_next = whole["proposed"]["number"].as_u64() > whole["number"].as_u64();
    Ok(if is_next { whole } else { told })
}

/// What changes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default)]
    add: Vec<Added>,
    /// Ids of keys, or their holders.
    #[serde(default)]
    remove: Vec<String>,
    /// How many keys of a role must sign.
    #[serde(default)]
    thresholds: BTreeMap<String, u64>,
}

/// A key, its role and its holder.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Added {
    role: String,
    holder: String,
    public_key: String,
}

/// Puts the next document together, in place of one that nobody published. It counts for nothing before root has signed it.
pub(super) fn propose(releases: &Releases, asked: &Asked, wanted: Wanted) -> Result<Json, Refused> {
    let Place { trust, .. } = releases.current(asked)?;
    let told = state(releases, asked)?;
    if told["takesDocuments"] != true {
        return Err(Refused::failed(
            "pages whose trust has no role root take no trust documents: build them with a trust that has one (`waft trust init`)",
        ));
    }
    releases.check_untaken(asked, &told)?;
    let add = wanted.add.iter().enumerate().map(|(at, added)| added.argument(at, asked)).collect::<Result<_, _>>()?;
    let thresholds = wanted.thresholds.iter().map(|(role, count)| format!("{role}={count}")).collect();
    let options = change::Options {
        from: Some(trust),
        add,
        remove: wanted.remove,
        thresholds,
        out: Some(DOCUMENT.to_owned()),
        ..change::Options::default()
    };
    asked.done(change::run(&options, asked))?;
    let document = asked.taken(DOCUMENT).ok_or_else(|| Refused::broken("a trust document was not written"))?;
    releases.keep(asked, &told, &document)?;
    asked.printed();
    state(releases, asked)
}

impl Added {
    /// As `waft trust add-key` takes it. What is no name could be taken for the file of the key.
    fn argument(&self, at: usize, asked: &Asked) -> Result<String, Refused> {
        let Added { role, holder, public_key } = self;
        let is_role = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if role.is_empty() || !role.bytes().all(is_role) {
            return Err(Refused::usage("add.role: expected lower-case letters, digits and hyphens, such as approver"));
        }
        if holder.is_empty() || holder.len() > HOLDER || holder.contains('=') || holder.chars().any(char::is_control) {
            return Err(Refused::usage("add.holder: expected a name, without `=`, of at most 100 bytes"));
        }
        let name = format!("{ADDED}{at}");
        asked.give(name.clone(), key(public_key).into_bytes());
        Ok(format!("{role}:{holder}={name}"))
    }
}

/// Which document was looked at, and who signs it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Signing {
    digest: String,
    public_key: String,
}

pub(super) fn to_sign(
    releases: &Releases,
    asked: &Asked,
    Signing { digest, public_key }: Signing,
) -> Result<Json, Refused> {
    let Draft { document, .. } = releases.open(asked, &digest)?;
    let public = keys::public(&key(&public_key)).map_err(|error| Refused::usage(&error))?;
    releases.check_root(asked, &document, &public)?;
    let bytes = snapshot::to_sign(&document, &public, ROOT).map_err(refused)?;
    Ok(json!({ "toSign": keys::to_text(&bytes) }))
}

/// The signature that came of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Signed {
    digest: String,
    public_key: String,
    signature: String,
}

pub(super) fn sign(releases: &Releases, asked: &Asked, signed: Signed) -> Result<Json, Refused> {
    let Signed { digest, public_key, signature } = signed;
    let Draft { told, document } = releases.open(asked, &digest)?;
    let public = keys::public(&key(&public_key)).map_err(|error| Refused::usage(&error))?;
    releases.check_root(asked, &document, &public)?;
    let attached = snapshot::attach(&document, &public, ROOT, signature_of(&signature)?).map_err(refused)?;
    releases.keep(asked, &told, &attached)?;
    state(releases, asked)
}

/// Which document is published.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Which {
    digest: String,
    why: Option<String>,
}

/// Publishes it beside the snapshot, with a record, and a pointer that names it.
pub(super) fn publish(releases: &Releases, asked: &Asked, Which { digest, why }: Which) -> Result<Json, Refused> {
    let Draft { told, document } = releases.open(asked, &digest)?;
    let proposed = &told["proposed"];
    if proposed["isComplete"] != true {
        let waits: Vec<&str> = proposed["waitsFor"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let number = &proposed["number"];
        return Err(Refused::waits(&format!("trust document {number} waits for {}", waits.join("; "))));
    }
    let failed = |error: String| Refused::failed(&error);
    let place = releases.current(asked)?;
    asked.give(DOCUMENT, document);
    let options = publish::Options::trusting(&releases.place.trust, &releases.to, vec![DOCUMENT.to_owned()]);
    let publication = options.map_err(failed)?;
    // Recorded first: a run that ends in between is completed by the same question, asked again.
    let options = recorded::Options { document: DOCUMENT.to_owned(), place, why };
    asked.done(recorded::run(&options, asked))?;
    publish::publish(&publication, asked).map_err(|error| {
        let number = &proposed["number"];
        Refused::store(&format!(
            "trust document {number} is recorded, and not published: {error}: publish it again, which does no harm"
        ))
    })?;
    releases.refresh(asked);
    releases.forget(&told)?;
    state(releases, asked)
}

/// Takes a document out of the way that is not recorded.
pub(super) fn withdraw(releases: &Releases, asked: &Asked, Which { digest, .. }: Which) -> Result<Json, Refused> {
    let Draft { told, .. } = releases.open(asked, &digest)?;
    releases.check_untaken(asked, &told)?;
    releases.forget(&told)?;
    state(releases, asked)
}

/// A document that is being signed.
struct Draft {
    /// As [`state`] tells it.
    told: Json,
    document: Vec<u8>,
}

impl Releases {
    /// The file of the document that is being signed, in the environment of a trust.
    fn draft(&self, told: &Json) -> String {
        let environment = told["environment"].as_str().unwrap_or_default();
        // Names of environments are plain (docs/ruleset.md); whatever this one is, the file is here.
        let plain: String =
            environment.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).collect();
        format!("{}/proposed-trust-{plain}.waft", self.place.records.trim_end_matches('/'))
    }

    /// The document that is being signed, if it is the one that was looked at.
    fn open(&self, asked: &Asked, digest: &str) -> Result<Draft, Refused> {
        let told = state(self, asked)?;
        let proposed = &told["proposed"];
        let is =
            proposed["digest"].as_str().ok_or_else(|| Refused::moved("no trust document is proposed: propose one"))?;
        if is != digest {
            return Err(Refused::moved("another trust document is proposed by now: look at that one"));
        }
        let document = proposed["document"].as_str().and_then(keys::bytes);
        let document = document.ok_or_else(|| Refused::broken("a trust document that cannot be read"))?;
        Ok(Draft { told, document })
    }

    /// Refuses a key that is not one of root: its signature would count for nothing.
    fn check_root(&self, asked: &Asked, document: &[u8], public: &[u8; 32]) -> Result<(), Refused> {
        asked.give(DOCUMENT, document.to_vec());
        let is_root = review::is_root(asked, &self.current(asked)?.trust, DOCUMENT, public);
        match is_root.map_err(|error| Refused::failed(&error))? {
            true => Ok(()),
            false => Err(Refused::failed(
                "this key is not one of root, neither before the document nor by it; nothing was signed",
            )),
        }
    }

    /// Refuses to put something else in the place of a document that the history has: its number is taken, whether pages have it or not.
    fn check_untaken(&self, asked: &Asked, told: &Json) -> Result<(), Refused> {
        let [project, environment] = ["project", "environment"].map(|name| told[name].as_str().unwrap_or_default());
        let next = told["number"].as_u64().unwrap_or_default() + 1;
        let record = recorded::taken(asked, &self.place.records, (project, environment), next);
        match record.map_err(|error| Refused::failed(&error))? {
            None => Ok(()),
            Some(file) => Err(Refused::moved(&format!(
                "trust document {next} is recorded ({file}), and its number is taken: publish it; a further document changes it"
            ))),
        }
    }

    fn keep(&self, asked: &Asked, told: &Json, document: &[u8]) -> Result<(), Refused> {
        let path = self.draft(told);
        asked.write(&path, document).map_err(|error| Refused::store(&format!("{path}: {error}")))
    }

    fn forget(&self, told: &Json) -> Result<(), Refused> {
        let path = self.draft(told);
        remove(&path).map_err(|error| Refused::store(&format!("{path}: {error}")))
    }
}

fn refused(found: waft::Refusal) -> Refused {
    Refused::failed(&format!("refused, {}", refusal::of_trust(found)))
}
