//! What is published: a snapshot that the page's trust accepts, and the list files that it names.

use waft::manifest::Digest;
use waft::{Code, Program, Refusal, Seen, Trust, Verified, envelope, verify};
use waft_commands::host::Host;
use waft_compile::{keys, refusal, trust};

use super::names;
use super::options::Options;
use super::store::Cache;

/// A verified snapshot, and what goes with it.
pub(crate) struct Release {
    trust: Trust,
    /// Milliseconds since 1970.
    now: i64,
    version: u64,
    digest: Digest,
    lists: Vec<File>,
    snapshot: File,
    live: String,
}

/// A file as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) cache: Cache,
}

/// How another snapshot compares with the one that is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Of a lower version.
    Older(u64),
    Same,
    /// Of a higher version.
    Newer(u64),
    /// The same version with other contents.
    Conflict,
    /// No page with this trust would take it.
    Refused(Refusal),
}

impl Release {
    /// Reads the snapshot, verifies it as a page that has seen none, and reads its lists.
    pub(crate) fn read(options: &Options, host: &dyn Host) -> Result<Self, String> {
        let Options { snapshot: path, trust: trust_path, name, .. } = options;
        let read = |path: &str| host.read(path).map_err(|error| format!("{path}: {error}"));
        let text = String::from_utf8(read(trust_path)?).map_err(|_| format!("{trust_path}: not UTF-8 text"))?;
        let trust = trust::read(&text).map_err(|error| format!("{trust_path}: {error}"))?;
        let (bytes, now) = (read(path)?, host.now());
        let verified = adopt(&bytes, &trust, now, None)
            .map_err(|found| format!("{path}: refused, {}", refusal::sentence(found)))?;
        let snapshot = verified.snapshot();
        let digests: Vec<&[u8]> = (0..).map_while(|file| snapshot.list_digest(file)).collect();
        let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let list = |digest: &&[u8]| {
            let file = names::list(digest);
            let bytes = read(&format!("{folder}{file}"))?;
            if waft::manifest::digest_of(&[&bytes]) != **digest {
                return Err(format!("{folder}{file}: damaged: build the snapshot anew"));
            }
            Ok(File { name: file, bytes, cache: Cache::Immutable })
        };
        let lists = digests.iter().map(list).collect::<Result<_, String>>()?;
        let (version, digest) = (snapshot.version(), *snapshot.digest());
        let snapshot = File { name: names::immutable(name, version, &digest), bytes, cache: Cache::Immutable };
        Ok(Release { trust, now, version, digest, lists, snapshot, live: names::live(name) })
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// As `waft inspect` prints it.
    pub(crate) fn digest_text(&self) -> String {
        keys::to_text(&self.digest)
    }

    /// List files, named by their digests.
    pub(crate) fn lists(&self) -> &[File] {
        &self.lists
    }

    /// The snapshot under the name that it alone has.
    pub(crate) fn snapshot(&self) -> &File {
        &self.snapshot
    }

    /// The name under which pages load whichever snapshot is the latest.
    pub(crate) fn live(&self) -> &str {
        &self.live
    }

    /// How a file that was found compares. Whether it is too old to be adopted today does not matter: it was live once.
    pub(crate) fn standing(&self, found: &[u8]) -> Standing {
        let made = envelope::Envelope::read(found).map(|read| (read.claims.version, read.claims.issued));
        let (version, issued) = match made {
            Ok(made) => made,
            Err(refusal) => return Standing::Refused(refusal),
        };
        let issued = i64::try_from(issued.saturating_mul(1_000)).unwrap_or(i64::MAX);
        // Measured from itself, its version is no jump.
        let seen = Seen { version, digest: None };
        self.compare(found, self.now.min(issued), Some(seen))
    }

    /// How a file compares that pages are to adopt now.
    pub(crate) fn standing_now(&self, found: &[u8]) -> Standing {
        self.compare(found, self.now, None)
    }

    /// Why a page that has seen the live version would refuse this one.
    pub(crate) fn follows(&self, live: Option<&[u8]>) -> Result<(), String> {
        let Some(live) = live else { return Ok(()) };
        let refuse = |code: Code| {
            let sentence = refusal::sentence(code.into());
            Err(format!("{}: version {} cannot follow what is live: {sentence}", self.live, self.version))
        };
        match self.standing(live) {
            Standing::Newer(version) => Err(format!(
                "{}: version {version} is live, and pages refuse to go back to {}: build with a higher --version",
                self.live, self.version
            )),
            Standing::Conflict => refuse(Code::VersionConflict),
            Standing::Older(version) if self.version - version > self.trust.max_jump() => refuse(Code::VersionJump),
            Standing::Older(_) | Standing::Same | Standing::Refused(_) => Ok(()),
        }
    }

    fn compare(&self, found: &[u8], now: i64, seen: Option<Seen>) -> Standing {
        match adopt(found, &self.trust, now, seen) {
            Err(refusal) => Standing::Refused(refusal),
            Ok(program) => match (program.snapshot().version(), program.snapshot().digest()) {
                (version, _) if version < self.version => Standing::Older(version),
                (version, _) if version > self.version => Standing::Newer(version),
                (_, digest) if *digest == self.digest => Standing::Same,
                (_, _) => Standing::Conflict,
            },
        }
    }
}

/// What a page does with a file, all of it at once.
fn adopt(bytes: &[u8], trust: &Trust, now: i64, seen: Option<Seen>) -> Result<Program, Refusal> {
    verify(bytes.to_vec(), trust, now, seen).and_then(Verified::whole).and_then(Program::new)
}
