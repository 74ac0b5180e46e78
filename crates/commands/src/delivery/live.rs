//! What pages have: the snapshot that is live.

use waft::envelope::Envelope;
use waft::manifest::{Digest, digest_of};
use waft::{Program, Seen, Verified, verify};

use super::draft::{self, Read};
use super::trusted::Trusted;
use crate::exit::{Ended, Exit, unpublished};
use crate::host::{self, Destination, Host};
use crate::published;
use crate::records::{Base, History, Stage};
use waft_compile::{keys, refusal, snapshot};

/// The live snapshot.
pub(super) struct Live {
    pub(super) version: u64,
    pub(super) expires: u64,
    pub(super) issued: u64,
    pub(super) digest: Digest,
    /// The digest of its rules alone.
    pub(super) rules: Digest,
    /// The body, and the digests of list files.
    pub(super) body: Vec<u8>,
    pub(super) lists: Vec<u8>,
    pub(super) program: Program,
}

impl Live {
    /// Reads the place that is named: a file, a published folder, or a URL. Without one nothing is live, which the history must not contradict.
    pub(super) fn read(
        host: &dyn Host,
        path: Option<&str>,
        trusted: &Trusted,
        history: &History,
    ) -> Result<Option<Self>, Ended> {
        let Some(path) = path else {
            let (project, environment) = (&trusted.document.project, &trusted.document.environment);
            let last = history.steps(project, environment).rfind(|(_, step)| step.stage == Stage::Release);
            return match last {
                None => Ok(None),
                Some((file, step)) => Err(Ended(
                    Exit::Usage,
                    format!(
                        "--live SNAPSHOT: version {} was published ({file}): name the file or URL that pages load",
                        step.version
                    ),
                )),
            };
        };
        let path = &*published::located(path, host)?;
        let read = |path: &str| published::bytes(host, path);
        let live = read(path)
            .map_err(|error| format!("--live {error}: name what pages load; before the first release, leave it out"));
        live.and_then(|bytes| Live::of(host, path, bytes, &read, trusted))
            .map(Some)
            .map_err(|error| Ended(Exit::Store, error))
    }

    /// Reads what is published. That nothing is must not contradict the history.
    pub(super) fn published(
        host: &dyn Host,
        to: &Destination,
        trusted: &Trusted,
        history: &History,
    ) -> Result<Option<Self>, Ended> {
        let file = format!("{}.waft", to.name.as_deref().unwrap_or(host::NAME));
        let Some(bytes) = host.published(to, &file).map_err(|why| unpublished("the live snapshot", why))? else {
            let (project, environment) = (&trusted.document.project, &trusted.document.environment);
            let last = history.steps(project, environment).rfind(|(_, step)| step.stage == Stage::Release);
            return last.map_or(Ok(None), |(record, step)| {
                Err(Ended(
                    Exit::Store,
                    format!(
                        "{file}: is not in {}, and version {} was published ({record}): check --to and --name, or restore it",
                        to.to, step.version
                    ),
                ))
            });
        };
        let read = |name: &str| match host.published(to, name) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(format!("{name}: is not in {}, and {file} names it: restore it", to.to)),
            Err(why) => Err(unpublished(name, why).1),
        };
        let live = Live::of(host, &file, bytes, &read, trusted);
        live.map(Some).map_err(|error| Ended(Exit::Store, error))
    }

    /// Opens a snapshot that is live.
    fn of(host: &dyn Host, path: &str, bytes: Vec<u8>, read: Read<'_>, trusted: &Trusted) -> Result<Self, String> {
        let refused = |one| format!("{path}: refused, {}", refusal::sentence(one));
        let envelope = Envelope::read(&bytes).map_err(refused)?;
        let (version, expires, issued) = (envelope.claims.version, envelope.claims.expires, envelope.claims.issued);
        // Whether it is too old to be adopted today does not matter, and measured from itself its version is no jump.
        let at = i64::try_from(issued.saturating_mul(1_000)).unwrap_or(i64::MAX).min(host.now());
        let seen = Seen { version, digest: None };
        draft::check_body(path, &envelope)?;
        // After a key was taken out of the trust, the next release replaces what it signed. That it is live, publishing compares.
        if let Err(one) = verify(bytes.clone(), &trusted.trust, at, Some(seen)).and_then(Verified::whole) {
            let sentence = refusal::sentence(one);
            host.err(&format!(
                "waft: warning: {path}: pages with this trust would refuse it, {sentence}; compared all the same"
            ));
        }
        let program = draft::program(read, path, &envelope)?;
        let lists = waft::manifest::Manifest::read(envelope.payload).map_err(refused)?.lists.to_vec();
        let digest = digest_of(&[envelope.protected, envelope.payload]);
        let rules = draft::rules(&envelope);
        Ok(Live { version, expires, issued, digest, rules, body: envelope.body.to_vec(), lists, program })
    }
}

/// The digest of what is live, as a release names it.
pub(super) fn digest(live: Option<&Live>) -> Digest {
    live.map_or(snapshot::NOTHING, |live| live.digest)
}

/// The same, for a record.
pub(super) fn base(live: Option<&Live>) -> Base {
    match live {
        Some(live) => Base { version: live.version, digest: keys::to_text(&live.digest) },
        None => Base { version: 0, digest: String::new() },
    }
}
