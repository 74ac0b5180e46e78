//! Whom pages trust, and what they are called: names come from the trust document, never from git.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::mem;

use ed25519_compact::{KeyPair, PublicKey};
use waft::anchor::{Anchor, advance};
use waft::envelope::Envelope;
use waft::kind::Kind;
use waft::{Trust, limits};

use super::draft::beside;
use super::{Key, Place};
use crate::exit::{Ended, Exit, unpublished};
use crate::host::{Destination, Host, Unpublished, trust_document};
use crate::records::{History, Signed, Stage, Trusts};
use crate::sign::Step;
use crate::{host, input, published, secret, trust};
use waft_compile::trust_document::Document;
use waft_compile::{keys, refusal, snapshot};
use waft_ruleset::counted;

/// A page's trust.
pub(super) struct Trusted {
    pub(super) trust: Trust,
    pub(super) document: Document,
    /// When it was made, in milliseconds since 1970; 0 for the first.
    issued: i64,
    /// Those that it followed, the first one first.
    before: Vec<Trusted>,
}

/// Where it is looked what pages have.
#[derive(Clone, Copy)]
pub(super) enum Pages<'a> {
    /// Nowhere: the history says it.
    Recorded,
    /// Beside the live snapshot, which is a file, in a folder, or a URL.
    Beside(&'a str),
    /// Where releases go to.
    At(&'a Destination),
}

impl<'a> Pages<'a> {
    pub(super) fn of(live: Option<&'a str>) -> Self {
        live.map_or(Pages::Recorded, Pages::Beside)
    }

    /// The trust document of a number that pages have, and its name.
    fn document(self, host: &dyn Host, number: u64) -> Result<Option<(String, Vec<u8>)>, Ended> {
        let (path, bytes) = match self {
            Pages::Recorded => return Ok(None),
            Pages::At(to) => {
                let file = trust_document(to.name.as_deref().unwrap_or(host::NAME), number);
                match host.published(to, &file) {
                    Ok(bytes) => (file, bytes),
                    // What cannot read there cannot publish there, and says so then.
                    Err(Unpublished::Unable) => return Ok(None),
                    Err(why) => return Err(unpublished(&file, why)),
                }
            }
            Pages::Beside(live) => {
                let live = published::located(live, host)?;
                let path = beside_live(&live, number);
                let read = if published::is_url(&path) { host.fetch(&path) } else { host.read(&path) };
                match read {
                    Ok(bytes) => (path, Some(bytes)),
                    Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                    Err(error) => {
                        let what = "whether pages have that trust document is not known";
                        host.err(&format!("waft: warning: {path}: {error}: {what}"));
                        return Ok(None);
                    }
                }
            }
        };
        Ok(bytes.map(|bytes| (path, bytes)))
    }

    /// Where they have none of a number that is recorded.
    fn lacking(self) -> Option<&'a str> {
        if let Pages::At(to) = self { Some(&to.to) } else { None }
    }
}

/// The trust document of a number that goes with a live snapshot: as `waft publish` names both.
fn beside_live(live: &str, number: u64) -> String {
    // A folder may have them in its name.
    let path = if published::is_url(live) { live.split(['?', '#']).next().unwrap_or(live) } else { live };
    let (folder, file) = path.rsplit_once('/').map_or(("", path), |(folder, file)| (folder, file));
    let stem = file.strip_suffix(".waft").unwrap_or(file);
    let name = match stem.strip_suffix("current") {
        Some("") => host::NAME,
        Some(name) => name.strip_suffix('-').unwrap_or(stem),
        None => stem,
    };
    let document = trust_document(name, number);
    if folder.is_empty() && !path.starts_with('/') { document } else { format!("{folder}/{document}") }
}

/// A trust document that follows, and what it leads to.
struct Following {
    anchor: Anchor,
    bytes: Vec<u8>,
}

/// The trust document of a number: what is published goes before what is recorded, as pages have that. Pages refuse what does not follow, so that it
/// does not go before: a site may answer with its start page where it has no such file, and keys would count again that the recorded one took out.
fn following(
    host: &dyn Host,
    (records, history): (&str, &History),
    pages: Pages<'_>,
    (trusted, anchor): (&Trusted, &Anchor),
) -> Result<Option<Following>, Ended> {
    let number = anchor.number() + 1;
    if let Some((path, bytes)) = pages.document(host, number)? {
        match advance(anchor, &bytes, host.now()) {
            Ok(anchor) => return Ok(Some(Following { anchor, bytes })),
            Err(one) => host.err(&format!("waft: warning: {path}: is refused by pages, {}", refusal::of_trust(one))),
        }
    }
    let Document { project, environment, .. } = &trusted.document;
    let mut steps = history.steps(project, environment);
    // A number is taken once: what somebody appends under it later counts for nothing.
    let Some((_, step)) = steps.find(|(_, step)| step.stage == Stage::Trust && step.version == number) else {
        return Ok(None);
    };
    let path = beside(records, &step.snapshot);
    let bytes =
        input::file(host, &path).map_err(|error| format!("{error}: restore it, as it says whose keys count"))?;
    let anchor = advance(anchor, &bytes, host.now()).map_err(|one| {
        let why = refusal::of_trust(one);
        format!("{path}: is refused, {why}: restore it, or set the clock; it says whose keys count")
    })?;
    if let Some(place) = pages.lacking() {
        // A release that its new keys sign is refused by pages that do not have it.
        host.err(&format!(
            "waft: warning: trust document {number} is recorded and not published, and pages do not have it: `waft publish --trust-documents {path} --to {place}`"
        ));
    }
    Ok(Some(Following { anchor, bytes }))
}

/// How many signatures a role lacks.
pub(super) struct Lack {
    role: String,
    have: usize,
    need: usize,
    /// Who could sign.
    holders: Vec<String>,
}

impl Trusted {
    /// What a file says, whatever followed it.
    pub(super) fn read(host: &dyn Host, path: &str) -> Result<Self, String> {
        Trusted::of(trust::read(host, path)?).map_err(|error| format!("{path}: {error}"))
    }

    /// The trust that counts by now: from the file on, it follows the documents that pages have, and those of the history. A key that one of them took out counts no longer, and one that it added does.
    pub(super) fn now(
        host: &dyn Host,
        Place { records, trust }: &Place,
        history: &History,
        pages: Pages<'_>,
    ) -> Result<Self, Ended> {
        Trusted::read(host, trust)?.followed(host, (records, history), pages, u64::MAX)
    }

    /// The trust behind this one, before the document of some number.
    pub(super) fn followed(
        self,
        host: &dyn Host,
        (records, history): (&str, &History),
        pages: Pages<'_>,
        until: u64,
    ) -> Result<Self, Ended> {
        let refused = |one| refusal::of_trust(one).to_owned();
        let (mut anchor, mut trusted) = (self.document.anchor().map_err(refused)?, self);
        // Pages without root take none.
        let has_root = anchor.has_root();
        for _ in 0..limits::TRUST_DOCUMENTS {
            if !has_root || anchor.number() + 1 >= until {
                break;
            }
            let Some(Following { anchor: reached, bytes }) =
                following(host, (records, history), pages, (&trusted, &anchor))?
            else {
                break;
            };
            anchor = reached;
            let issued = Envelope::read(&bytes).map_err(refused)?.claims.issued;
            let next = Trusted::of(Document::read(&bytes).map_err(refused)?)?;
            let mut last = mem::replace(&mut trusted, next);
            trusted.issued = i64::try_from(issued).unwrap_or(i64::MAX).saturating_mul(1_000);
            trusted.before = mem::take(&mut last.before);
            trusted.before.push(last);
        }
        Ok(trusted)
    }

    pub(super) fn of(document: Document) -> Result<Self, String> {
        let anchor = document.anchor().map_err(|one| refusal::of_trust(one).to_owned())?;
        Ok(Trusted { trust: anchor.trust().clone(), document, issued: 0, before: Vec::new() })
    }

    fn chain(&self) -> impl Iterator<Item = &Trusted> {
        self.before.iter().chain([self])
    }

    /// The trust of some number, of those that were followed; what was before the first of them is judged by that.
    pub(super) fn numbered(&self, number: u64) -> Option<&Trusted> {
        let first = self.chain().next().filter(|first| number < first.document.number);
        self.chain().find(|one| one.document.number == number).or(first)
    }

    /// Whose keys counted when.
    pub(super) fn over_time(&self) -> Trusts {
        let mut chain = self.chain();
        let mut trusts = Trusts::of(chain.next().unwrap_or(self).trust.clone());
        chain.for_each(|one| trusts.follow(one.document.number, one.issued, one.trust.clone()));
        trusts
    }

    /// Who holds a key; `None` if the trust has no name for it.
    pub(super) fn name(&self, kid: &[u8; 16]) -> Option<String> {
        let holder = self.document.roles.values().find_map(|role| role.keys.get(kid))?;
        Some(holder.name.clone()).filter(|name| !name.is_empty())
    }

    /// Signs an unsigned snapshot in a role, in which its key must count.
    pub(super) fn sign(&self, host: &dyn Host, key: &Key, snapshot: &[u8]) -> Result<Signed, Ended> {
        if let Some(step) = &key.external {
            return self.sign_elsewhere(host, key, step, snapshot);
        }
        let pair = secret::key_with(host, &key.file, key.passphrase.as_deref())?;
        self.check(&key.file, &pair.pk, &key.role)?;
        self.sign_as(&pair, &key.role, snapshot).map_err(Ended::from)
    }

    /// Whether pages take a release by the signature of this key alone, which is here and counts in its role.
    pub(super) fn is_enough(&self, host: &dyn Host, key: &Key) -> Result<bool, Ended> {
        let pair = secret::key_with(host, &key.file, key.passphrase.as_deref())?;
        self.check(&key.file, &pair.pk, &key.role)?;
        let signed = self.unsigned(&pair.pk, &key.role);
        Ok(self.lacks(&[signed], &BTreeMap::new()).is_empty())
    }

    /// Signs, with the key of a reason, in a role that no trust asks for. The key must count in some role of snapshots.
    pub(super) fn sign_reason(&self, host: &dyn Host, key: &Key, role: &str, snapshot: &[u8]) -> Result<Signed, Ended> {
        if let Some(step) = &key.external {
            let public = input::public_key(host, &key.file)?;
            self.check_signer(&key.file, &public)?;
            return self.take(host, (&public, role), step, snapshot);
        }
        let pair = secret::key_with(host, &key.file, key.passphrase.as_deref())?;
        self.check_signer(&key.file, &pair.pk)?;
        self.sign_as(&pair, role, snapshot).map_err(Ended::from)
    }

    fn sign_elsewhere(&self, host: &dyn Host, key: &Key, step: &Step, snapshot: &[u8]) -> Result<Signed, Ended> {
        let public = input::public_key(host, &key.file)?;
        self.check(&key.file, &public, &key.role)?;
        self.take(host, (&public, &key.role), step, snapshot)
    }

    /// Takes two runs: what is to be signed is written, and the signature that comes back is taken if it matches.
    fn take(
        &self,
        host: &dyn Host,
        (public, role): (&PublicKey, &str),
        step: &Step,
        snapshot: &[u8],
    ) -> Result<Signed, Ended> {
        match step {
            Step::ToSign(to) => {
                let message = snapshot::to_sign(snapshot, public, role).map_err(refusal::sentence)?;
                host.write(to, &message).map_err(|error| format!("{to}: {error}"))?;
                let told = format!(
                    "{to}: {} bytes to sign with Ed25519, not hashed before; then --signature FILE",
                    message.len()
                );
                Err(Ended(Exit::Waits, told))
            }
            Step::Signature(from) => {
                let signature: [u8; 64] = input::file(host, from)?.try_into().map_err(|other: Vec<u8>| {
                    format!("{from}: {} bytes; an Ed25519 signature has 64, and no encoding around them", other.len())
                })?;
                snapshot::attach(snapshot, public, role, signature).map_err(|_| {
                    format!("{from}: not a signature of this key over what --to-sign wrote for this proposal; nothing was written")
                })?;
                Ok(self.signed(public, role, &signature))
            }
        }
    }

    /// Signs an unsigned snapshot in a role that no trust asks for: what a key says that counts in none.
    pub(super) fn sign_as(&self, pair: &KeyPair, role: &str, snapshot: &[u8]) -> Result<Signed, String> {
        let message = snapshot::to_sign(snapshot, &pair.pk, role).map_err(refusal::sentence)?;
        Ok(self.signed(&pair.pk, role, &pair.sk.sign(message, None)))
    }

    /// What a signature would count as that is not made yet.
    pub(super) fn unsigned(&self, key: &PublicKey, role: &str) -> Signed {
        self.signed(key, role, &[0; 64])
    }

    /// A signature as records have it.
    fn signed(&self, key: &PublicKey, role: &str, signature: &[u8; 64]) -> Signed {
        let kid = keys::kid(key);
        let (key, signature) = (keys::to_text(&kid), keys::to_text(signature));
        Signed { role: role.to_owned(), key, name: self.name(&kid), signature }
    }

    /// A key that signs in a role in which it does not count would vouch for nothing.
    fn check(&self, path: &str, key: &PublicKey, role: &str) -> Result<(), Ended> {
        let kid = keys::kid(key);
        if self.document.roles.get(role).is_some_and(|role| role.keys.contains_key(&kid)) {
            return Ok(());
        }
        let own = self.document.roles.iter().find(|(_, role)| role.keys.contains_key(&kid));
        let own = own.map_or_else(|| "in no role".to_owned(), |(role, _)| format!("as {role}"));
        let others = self.document.roles.get(role).map_or_else(|| "nobody".to_owned(), trust::of);
        Err(Ended::from(format!("{path}: this key counts {own} in the trust, not as {role}, which is {others}")))
    }

    /// Refuses a key that counts in no role of snapshots.
    fn check_signer(&self, path: &str, key: &PublicKey) -> Result<(), String> {
        if self.roles(&keys::kid(key)).is_empty() {
            return Err(format!("{path}: the trust lists this key in no role that signs releases"));
        }
        Ok(())
    }

    /// The roles of releases in which a key counts.
    pub(super) fn roles(&self, kid: &[u8; 16]) -> Vec<String> {
        let of_snapshots = self.trust.require().iter().filter(|one| one.kind() == Kind::Snapshot);
        let listing = of_snapshots.filter(|one| one.keys.iter().any(|key| key.kid == *kid));
        listing.map(|one| String::from_utf8_lossy(&one.role).into_owned()).collect()
    }

    /// Whether the key of a record's signature counts in a role of releases.
    pub(super) fn lists(&self, signed: &Signed) -> bool {
        keys::from_text(&signed.key).is_some_and(|kid| !self.roles(&kid).is_empty())
    }

    /// Adds a record's signature to a snapshot; `None` if its key counts no longer. One over another snapshot is an error.
    pub(super) fn attach(&self, file: &str, bytes: &[u8], signed: &Signed) -> Result<Option<Vec<u8>>, String> {
        let wrong = |what: &str| format!("{file}: the signature of {} {what}", told(signed));
        let damaged = || wrong("cannot be read: restore the record");
        let kid = keys::from_text::<16>(&signed.key).ok_or_else(damaged)?;
        let signature = keys::from_text::<64>(&signed.signature).ok_or_else(damaged)?;
        let mut listed = self.trust.require().iter().flat_map(|one| &one.keys);
        let Some(key) = listed.find(|key| key.kid == kid) else { return Ok(None) };
        let public = PublicKey::new(key.public);
        snapshot::attach(bytes, &public, &signed.role, signature)
            .map(Some)
            .map_err(|_| wrong("is not over this snapshot: it is of another release, or was changed; restore the record, or propose again"))
    }

    /// What is still asked for, by pages and by the environment of the rules (`require`), of the signatures that a snapshot has, which were
    /// checked.
    pub(super) fn lacks(&self, signed: &[Signed], require: &BTreeMap<String, u64>) -> Vec<Lack> {
        let of_snapshots = self.trust.require().iter().filter(|one| one.kind() == Kind::Snapshot);
        let lack = |one: &waft::trust::Requirement| {
            let role = String::from_utf8_lossy(&one.role).into_owned();
            let is_listed = |key: &str| one.keys.iter().any(|listed| keys::to_text(&listed.kid) == key);
            let have = |signed: &&Signed| signed.role == role && is_listed(&signed.key);
            let asked = require.get(&role).and_then(|count| usize::try_from(*count).ok()).unwrap_or(0);
            let (have, need) = (signed.iter().filter(have).count(), one.at_least.max(asked));
            let open = one.keys.iter().filter(|key| !signed.iter().any(|signed| signed.key == keys::to_text(&key.kid)));
            let mut holders: Vec<String> =
                open.map(|key| trust::name(&key.kid, &self.name(&key.kid).unwrap_or_default())).collect();
            holders.sort_unstable();
            (have < need).then_some(Lack { role, have, need, holders })
        };
        of_snapshots.filter_map(lack).collect()
    }
}

impl Trusted {
    /// Refuses what nobody could ever sign: an environment that asks for more signatures than the trust lists keys.
    pub(super) fn check_require(&self, require: &BTreeMap<String, u64>) -> Result<(), String> {
        let of_snapshots = || self.trust.require().iter().filter(|one| one.kind() == Kind::Snapshot);
        for (role, count) in require {
            let listed = of_snapshots().filter(|one| *one.role == *role.as_bytes()).map(|one| one.keys.len()).sum();
            if usize::try_from(*count).unwrap_or(usize::MAX) > listed {
                let environment = &self.document.environment;
                return Err(format!(
                    "`require` of the environment `{environment}` asks for {} of {role}, and the trust lists {}: add keys to the trust, or \
                     ask for fewer",
                    counted(usize::try_from(*count).unwrap_or(usize::MAX), "signature"),
                    counted(listed, "key")
                ));
            }
        }
        Ok(())
    }
}

impl Lack {
    /// For people.
    pub(super) fn told(&self) -> String {
        trust::lack(&self.role, self.have, self.need, &self.holders)
    }
}

/// Who signed, and as what.
pub(super) fn told(Signed { role, key, name, .. }: &Signed) -> String {
    format!("{} ({role})", name.as_ref().unwrap_or(key))
}
