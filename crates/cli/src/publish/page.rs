//! What pages make of files: the trust that they reach by trust documents, and which snapshots they adopt.

use waft::anchor::{Anchor, walk};
use waft::envelope::Envelope;
use waft::kind::Kind;
use waft::manifest::{Digest, digest_of};
use waft::verify::KEPT;
use waft::{Code, Program, Refusal, Seen, Trust, Verified, limits, verify};
use waft_commands::host::{Host, trust_document};
use waft_commands::trust::reach::{Holders, holders};
use waft_compile::trust_document::Document;
use waft_compile::{refusal, trust};

/// A page's own trust, as it was built.
pub(crate) struct BuiltIn {
    trust: Trust,
    /// Of one that takes trust documents.
    anchor: Option<Anchor>,
    /// TRUST.json.
    text: String,
}

/// A page that has walked through the trust documents that are published, and through those that are to be.
pub(crate) struct Page {
    pub(crate) trust: Trust,
    /// The number of that trust.
    pub(crate) number: u64,
    /// Who holds which key, for records.
    pub(crate) holders: Holders,
    /// Milliseconds since 1970.
    pub(crate) now: i64,
}

/// A trust document that is to be published.
pub(crate) struct TrustFile {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    digest: Digest,
    /// Whether pages take the one of its number that is published.
    is_reached: bool,
}

/// What tells snapshots apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) version: u64,
    pub(crate) digest: Digest,
    /// When it was made, in seconds since 1970: the digest is of that, too.
    pub(crate) issued: u64,
}

/// How another snapshot compares with one.
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

impl BuiltIn {
    /// Reads TRUST.json.
    pub(crate) fn read(host: &dyn Host, path: &str) -> Result<Self, String> {
        let bytes = host.read(path).map_err(|error| format!("{path}: {error}"))?;
        // What a page was built with: TRUST.json, or the document that it was printed from.
        let text = match Document::read(&bytes) {
            Ok(document) => document.to_json().to_string(),
            Err(_) => {
                String::from_utf8(bytes).map_err(|_| format!("{path}: neither UTF-8 text nor a trust document"))?
            }
        };
        let told = |error: String| format!("{path}: {error}");
        let trust = trust::read(&text).map_err(told)?;
        let has_root = trust.require().iter().any(|one| one.kind() == Kind::Trust);
        let anchor = if has_root {
            let anchor = Document::from_json(&text).map_err(told)?.anchor();
            Some(anchor.map_err(|refused| told(refusal::of_trust(refused)))?)
        } else {
            None
        };
        Ok(BuiltIn { trust, anchor, text })
    }

    /// The number of that trust; 0 if it counts none.
    pub(crate) fn number(&self) -> u64 {
        self.anchor.as_ref().map_or(0, Anchor::number)
    }

    /// The trust documents that a page finds: from its own number on, as far as there are any.
    pub(crate) fn published(
        &self,
        name: &str,
        mut find: impl FnMut(&str) -> Result<Option<Vec<u8>>, String>,
    ) -> Result<Vec<Vec<u8>>, String> {
        let mut found = Vec::new();
        let Some(anchor) = &self.anchor else { return Ok(found) };
        while found.len() < limits::TRUST_DOCUMENTS {
            match find(&trust_document(name, anchor.number() + 1 + found.len() as u64))? {
                // The walk ends there, and so do pages.
                Some(bytes) if !is_trust(&bytes) => {
                    found.push(bytes);
                    break;
                }
                Some(bytes) => found.push(bytes),
                None => break,
            }
        }
        Ok(found)
    }

    /// Walks through published documents, and then through those of some files, which must all be taken.
    pub(crate) fn reach(
        self,
        name: &str,
        published: &[Vec<u8>],
        files: &[String],
        host: &dyn Host,
    ) -> Result<(Page, Vec<TrustFile>), String> {
        let now = host.now();
        let Some(built_in) = self.anchor else {
            return match files.first() {
                Some(path) => Err(format!("{path}: pages whose trust has no role root take no trust documents")),
                None => Ok((Page { trust: self.trust, number: 0, holders: holders(&self.text, []), now }, Vec::new())),
            };
        };
        let published: Vec<&[u8]> = published.iter().map(Vec::as_slice).collect();
        let (reached, refused) = walk(&built_in, &published, now);
        if let Some(refused) = refused {
            let next = trust_document(name, reached.number() + 1);
            let sentence = refusal::of_trust(refused);
            host.err(&format!("waft: warning: {next}, which is published, is refused by pages: {sentence}"));
        }
        let mut given = files.iter().map(|path| TrustFile::read(host, path, name)).collect::<Result<Vec<_>, _>>()?;
        given.sort_by_key(|(number, _)| *number);
        let mut last = reached.clone();
        for (number, file) in &mut given {
            let taken = take(&built_in, &reached, &mut last, (*number, &file.bytes), now);
            file.is_reached = taken.map_err(|error| format!("{}: {error}", file.name))?;
        }
        let is_new = |(_, file): &&(u64, TrustFile)| !file.is_reached;
        let whole: Vec<&[u8]> =
            published.iter().copied().chain(given.iter().filter(is_new).map(|(_, file)| &*file.bytes)).collect();
        if walk(&built_in, &whole, now).1.is_some_and(|refused| refused.code == Code::TooLarge) {
            return Err(format!(
                "pages with this trust take {} trust documents at a start, of {} bytes together, and these are more: they would take nothing \
                 that comes after them: build pages with a later trust, and give --trust that one",
                limits::TRUST_DOCUMENTS,
                limits::TRUST_BYTES
            ));
        }
        let documents = published.into_iter().chain(given.iter().map(|(_, file)| file.bytes.as_slice()));
        let holders = holders(&self.text, documents);
        let page = Page { trust: last.trust().clone(), number: last.number(), holders, now };
        Ok((page, given.into_iter().map(|(_, file)| file).collect()))
    }
}

fn is_trust(bytes: &[u8]) -> bool {
    Envelope::read(bytes).is_ok_and(|envelope| envelope.kind == Kind::Trust)
}

/// Whether a document is one that pages take already; otherwise it leads on from the last.
fn take(
    built_in: &Anchor,
    reached: &Anchor,
    last: &mut Anchor,
    (number, document): (u64, &[u8]),
    now: i64,
) -> Result<bool, String> {
    let own = built_in.number();
    if number < own {
        return Err(format!(
            "the page's trust is number {own} already: give --trust the trust that pages before it were built with"
        ));
    }
    if number > own && number <= reached.number() {
        return Ok(true);
    }
    let (next, refused) = walk(if number == own { built_in } else { &*last }, &[document], now);
    match refused {
        Some(refused) => Err(format!("refused, {}", refusal::of_trust(refused))),
        None if number == own => Ok(false),
        None => {
            *last = next;
            Ok(false)
        }
    }
}

impl TrustFile {
    fn read(host: &dyn Host, path: &str, name: &str) -> Result<(u64, Self), String> {
        let bytes = host.read(path).map_err(|error| format!("{path}: {error}"))?;
        let envelope = Envelope::read(&bytes).map_err(|refused| format!("{path}: {}", refusal::of_trust(refused)))?;
        if envelope.kind != Kind::Trust {
            return Err(format!("{path}: not a trust document, which `waft trust` writes"));
        }
        let (number, digest) = (envelope.claims.version, digest_of(&[envelope.payload]));
        Ok((number, TrustFile { name: trust_document(name, number), bytes, digest, is_reached: false }))
    }

    /// Whether what is there serves as well: `None` if it says something else, which pages may have taken.
    pub(crate) fn keeps(&self, found: &[u8]) -> Option<bool> {
        let envelope = Envelope::read(found).ok().filter(|envelope| envelope.kind == Kind::Trust)?;
        let is_same = digest_of(&[envelope.payload]) == self.digest;
        // Signatures may differ, or lack.
        is_same.then_some(self.is_reached || found == self.bytes)
    }
}

impl Page {
    /// A snapshot that the page adopts, as one that has seen none.
    pub(crate) fn adopt(&self, bytes: &[u8]) -> Result<Program, Refusal> {
        self.program(bytes, self.now, None)
    }

    /// What a file is that pages are to adopt now.
    pub(crate) fn identity(&self, bytes: &[u8]) -> Result<Identity, Refusal> {
        self.adopt(bytes).map(|program| Identity::of(&program))
    }

    /// What a file is that was live. Whether it is too old to be adopted today, or was for later than it was made, does not matter.
    pub(crate) fn identity_once(&self, bytes: &[u8]) -> Result<Identity, Refusal> {
        // Measured from itself, its version is no jump.
        let seen = Seen { version: Envelope::read(bytes)?.claims.version, digest: None };
        self.program(bytes, KEPT, Some(seen)).map(|program| Identity::of(&program))
    }

    fn program(&self, bytes: &[u8], now: i64, seen: Option<Seen>) -> Result<Program, Refusal> {
        verify(bytes.to_vec(), &self.trust, now, seen).and_then(Verified::whole).and_then(Program::new)
    }
}

impl Identity {
    pub(crate) fn of(program: &Program) -> Self {
        let snapshot = program.snapshot();
        Identity { version: snapshot.version(), digest: *snapshot.digest(), issued: snapshot.issued() }
    }

    /// How another compares with this one.
    pub(crate) fn standing(&self, other: Result<Identity, Refusal>) -> Standing {
        match other {
            Err(refusal) => Standing::Refused(refusal),
            Ok(other) if other.version < self.version => Standing::Older(other.version),
            Ok(other) if other.version > self.version => Standing::Newer(other.version),
            Ok(other) if other.digest == self.digest => Standing::Same,
            Ok(_) => Standing::Conflict,
        }
    }
}
