//! A snapshot that is published: one that pages adopt, and the list files that it names.

use waft::Code;
use waft::envelope::Envelope;
use waft::manifest::{Digest, digest_of};
use waft_commands::host::Host;
use waft_compile::{keys, refusal, snapshot};

use super::names;
use super::page::{Identity, Page, Standing};

/// A verified snapshot, and what goes with it.
pub(crate) struct Release {
    identity: Identity,
    /// What was live when it was proposed, if it was.
    base: Option<Digest>,
    lists: Vec<File>,
    snapshot: File,
}

/// A file that never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Release {
    /// Reads the snapshot, verifies it as a page that has seen none, and reads its lists.
    pub(crate) fn read(path: &str, name: &str, page: &Page, host: &dyn Host) -> Result<Self, String> {
        let bytes = host.read(path).map_err(|error| format!("{path}: {error}"))?;
        Release::of(path, bytes, name, page, host)
    }

    /// [`read`](Self::read), of the bytes of a snapshot whose list files lie beside a path.
    pub(crate) fn of(path: &str, bytes: Vec<u8>, name: &str, page: &Page, host: &dyn Host) -> Result<Self, String> {
        let read = |path: &str| host.read(path).map_err(|error| format!("{path}: {error}"));
        let base = Envelope::read(&bytes).and_then(|envelope| snapshot::base(&envelope));
        let base = base.map_err(|found| format!("{path}: refused, {}", refusal::sentence(found)))?;
        let adopted = page.adopt(&bytes).map_err(|found| format!("{path}: refused, {}", refusal::sentence(found)))?;
        let verified = adopted.snapshot();
        let digests: Vec<&[u8]> = (0..).map_while(|file| verified.list_digest(file)).collect();
        let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let list = |digest: &&[u8]| {
            let file = names::list(digest);
            let bytes = read(&format!("{folder}{file}"))?;
            if waft::manifest::digest_of(&[&bytes]) != **digest {
                return Err(format!("{folder}{file}: damaged: build the snapshot anew"));
            }
            Ok(File { name: file, bytes })
        };
        let lists = digests.iter().map(list).collect::<Result<_, String>>()?;
        let identity = Identity::of(&adopted);
        let snapshot = File { name: names::immutable(name, identity.version, &identity.digest), bytes };
        Ok(Release { identity, base, lists, snapshot })
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(crate) fn version(&self) -> u64 {
        self.identity.version
    }

    /// As `waft inspect` prints it.
    pub(crate) fn digest_text(&self) -> String {
        keys::to_text(&self.identity.digest)
    }

    /// List files, named by their digests.
    pub(crate) fn lists(&self) -> &[File] {
        &self.lists
    }

    /// The snapshot under the name that it alone has.
    pub(crate) fn snapshot(&self) -> &File {
        &self.snapshot
    }

    /// Whether what is live is what a proposal was made on, or is the proposal itself. The signatures of its approvers are over what it
    /// was, and say nothing about a change from something else. The message says what is live.
    pub(crate) fn stands_on(&self, live: Option<&[u8]>) -> Result<(), String> {
        let Some(base) = self.base else { return Ok(()) };
        let read = live.map(|bytes| {
            Envelope::read(bytes).map(|one| (one.claims.version, digest_of(&[one.protected, one.payload])))
        });
        let (told, found) = match read {
            None => ("nothing is live".to_owned(), snapshot::NOTHING),
            Some(Ok((version, digest))) => (format!("version {version} is live"), digest),
            Some(Err(_)) => ("what is live is no snapshot".to_owned(), snapshot::NOTHING),
        };
        let is_nothing = live.is_none() || matches!(read, Some(Ok(_)));
        if found == self.identity.digest || found == base && is_nothing {
            return Ok(());
        }
        Err(format!("{told}, and version {} was proposed on another", self.version()))
    }

    /// How a file compares that is live, or was.
    pub(crate) fn standing(&self, page: &Page, found: &[u8]) -> Standing {
        self.identity.standing(page.identity_once(found))
    }

    /// How a file compares that pages are to adopt now.
    pub(crate) fn standing_now(&self, page: &Page, found: &[u8]) -> Standing {
        self.identity.standing(page.identity(found))
    }

    /// Why a page that has seen the live version would refuse this one.
    pub(crate) fn follows(&self, page: &Page, name: &str, live: &[u8]) -> Result<(), String> {
        let own = self.version();
        let refuse = |code: Code| {
            let sentence = refusal::sentence(code.into());
            Err(format!("{name}: version {own} cannot follow what is live: {sentence}"))
        };
        match self.standing(page, live) {
            Standing::Newer(version) => Err(format!(
                "{name}: version {version} is live, and pages refuse to go back to {own}: build with a higher --version"
            )),
            Standing::Conflict => refuse(Code::VersionConflict),
            Standing::Older(version) if own - version > page.trust.max_jump() => refuse(Code::VersionJump),
            Standing::Older(_) | Standing::Same | Standing::Refused(_) => Ok(()),
        }
    }
}
