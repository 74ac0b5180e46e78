//! A snapshot that is proposed: its file in the folder of records, which never changes, and the list files beside it.

use waft::Program;
use waft::envelope::Envelope;
use waft::manifest::{Digest, Manifest, digest_of};

use crate::host::Host;
use crate::{input, release};
use waft_compile::{Compiled, refusal, snapshot};

pub(super) use crate::records::unsigned::{beside, check_body, digest};

/// What is to be signed and published.
pub(super) struct Draft {
    pub(super) claims: snapshot::Claims,
    pub(super) body: Vec<u8>,
    pub(super) lists: Vec<Vec<u8>>,
}

impl Draft {
    /// What it decides.
    pub(super) fn program(&self) -> Result<Program, String> {
        let snapshot::Claims { project, environment, .. } = &self.claims;
        let compiled = Compiled { body: self.body.clone(), lists: self.lists.clone() };
        snapshot::unverified_compiled(project, environment, compiled).map_err(|one| refusal::sentence(one).to_owned())
    }

    /// The digest of its rules alone: of a manifest, in which there is neither version nor time.
    pub(super) fn rules(&self) -> Result<Digest, String> {
        let bytes = self.seal(&snapshot::NOTHING);
        Envelope::read(&bytes).map(|one| rules(&one)).map_err(|one| refusal::sentence(one).to_owned())
    }

    /// The unsigned snapshot, on what is live, by its digest.
    pub(super) fn seal(&self, live: &Digest) -> Vec<u8> {
        let digests: Vec<Digest> = self.lists.iter().map(|list| digest_of(&[list])).collect();
        snapshot::seal_on(live, &self.claims, &self.body, &digests)
    }

    /// Writes it, lists first, and returns the name of its file. What an earlier run left there by that name is the same.
    pub(super) fn write(&self, host: &dyn Host, folder: &str, bytes: &[u8]) -> Result<String, String> {
        for list in &self.lists {
            let path = input::list_path(&beside(folder, ""), &digest_of(&[list]));
            host.write(&path, list).map_err(|error| format!("{path}: {error}"))?;
        }
        let envelope = Envelope::read(bytes).map_err(refusal::sentence)?;
        let digest: String =
            digest_of(&[envelope.protected, envelope.payload]).iter().map(|byte| format!("{byte:02x}")).collect();
        let snapshot::Claims { environment, version, .. } = &self.claims;
        let name = format!("{environment}-{version}-{}.waft", digest.get(..16).unwrap_or_default());
        let path = beside(folder, &name);
        host.write(&path, bytes).map_err(|error| format!("{path}: {error}"))?;
        Ok(name)
    }
}

/// The digest of a snapshot's rules alone.
pub(super) fn rules(envelope: &Envelope<'_>) -> Digest {
    digest_of(&[envelope.payload])
}

/// Reads a file. The message of a failure names it.
pub(super) type Read<'r> = &'r dyn Fn(&str) -> Result<Vec<u8>, String>;

/// The list files that a snapshot names, which lie beside it.
pub(super) fn lists(read: Read<'_>, path: &str, envelope: &Envelope<'_>) -> Result<Vec<Vec<u8>>, String> {
    let manifest = Manifest::read(envelope.payload).map_err(|one| format!("{path}: {}", refusal::sentence(one)))?;
    let (digests, _) = manifest.lists.as_chunks::<32>();
    let one = |digest: &Digest| {
        let list = input::list_path(path, digest);
        let bytes = read(&list)?;
        if digest_of(&[&bytes]) != *digest {
            return Err(format!("{list}: damaged: not the file that {path} names"));
        }
        Ok(bytes)
    };
    digests.iter().map(one).collect()
}

/// What a snapshot decides, whoever signed it.
pub(super) fn program(read: Read<'_>, path: &str, envelope: &Envelope<'_>) -> Result<Program, String> {
    let snapshot::Claims { project, environment, .. } = release::claims(envelope);
    let compiled = Compiled { body: envelope.body.to_vec(), lists: lists(read, path, envelope)? };
    snapshot::unverified_compiled(&project, &environment, compiled)
        .map_err(|one| format!("{path}: {}", refusal::sentence(one)))
}
