//! The program of a snapshot that nobody vouches for.

use waft::envelope::Envelope;
use waft::manifest::{DIGEST_BYTES, Digest, Manifest, digest_of};
use waft::trust::{Key, Requirement};
use waft::{Program, Refusal, Trust, Verified, verify};

use super::seal::{Claims, seal, sign};
use crate::compile::Compiled;
use crate::keys;

/// The program of a snapshot that nobody vouches for, to look into. A table is read through one gate only, also here: the
/// body is sealed anew under a key of our own, which nobody else trusts. It names the same list files.
pub fn unverified(envelope: &Envelope<'_>) -> Result<Program, Refusal> {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let lists: Vec<Digest> = match Manifest::read(envelope.payload) {
        Ok(manifest) => manifest.lists.as_chunks::<DIGEST_BYTES>().0.to_vec(),
        Err(_) => Vec::new(),
    };
    sealed(&text(envelope.claims.project), &text(envelope.claims.environment), envelope.body, &lists)
}

/// See [`unverified`].
pub fn unverified_body(project: &str, environment: &str, body: &[u8]) -> Result<Program, Refusal> {
    sealed(project, environment, body, &[])
}

/// The program of what was compiled, with its list files.
pub fn unverified_compiled(project: &str, environment: &str, compiled: Compiled) -> Result<Program, Refusal> {
    let Compiled { body, lists } = compiled;
    let digests: Vec<Digest> = lists.iter().map(|list| digest_of(&[list])).collect();
    let mut program = sealed(project, environment, &body, &digests)?;
    for (file, list) in lists.into_iter().enumerate() {
        program.put_list(file, list)?;
    }
    Ok(program)
}

fn sealed(project: &str, environment: &str, body: &[u8], lists: &[Digest]) -> Result<Program, Refusal> {
    let key = keys::from_seed([1; 32]);
    let (project, environment) = (project.to_owned(), environment.to_owned());
    let claims = Claims { project, environment, version: 1, issued: 0, not_before: None, expires: 1 };
    let sealed = sign(&seal(&claims, body, lists), &key, "inspect")?;
    let own = Key { kid: keys::kid(&key.pk), public: *key.pk };
    let require = vec![Requirement { role: b"inspect".to_vec(), at_least: 1, keys: vec![own] }];
    let trust = Trust::new(claims.project, claims.environment, 0, 0, require)?;
    verify(sealed, &trust, 0, None).and_then(Verified::whole).and_then(Program::new)
}
