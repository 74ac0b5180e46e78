//! A snapshot that is published: one that pages adopt, and the list files that it names.

use waft::Code;
use waft_commands::host::Host;
use waft_compile::{keys, refusal};

use super::names;
use super::page::{Identity, Page, Standing};

/// A verified snapshot, and what goes with it.
pub(crate) struct Release {
    identity: Identity,
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
        let read = |path: &str| host.read(path).map_err(|error| format!("{path}: {error}"));
        let bytes = read(path)?;
        let adopted = page.adopt(&bytes).map_err(|found| format!("{path}: refused, {}", refusal::sentence(found)))?;
        let snapshot = adopted.snapshot();
        let digests: Vec<&[u8]> = (0..).map_while(|file| snapshot.list_digest(file)).collect();
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
        Ok(Release { identity, lists, snapshot })
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
