//! The program of a snapshot that nobody vouches for.

use waft::envelope::Envelope;
use waft::manifest::{DIGEST_BYTES, Digest, Manifest, digest_of};
use waft::trust::{Key, Requirement};
use waft::{Code, Program, Refusal, Trust, Verified, verify};
use waft_crypto::Verifier;

use super::seal::{Claims, message, put, seal};
use crate::compile::Compiled;

/// Everybody's key: the base point, whose secret number is 1. A signature without a commitment has its challenge for a response then, so that nothing
/// that signs is needed, which is as much code as what verifies.
const KEY: Key = Key {
    kid: [0xcb, 0x05, 0xc9, 0xfa, 0xc2, 0x63, 0x32, 0xf9, 0xab, 0xc5, 0xf4, 0xf5, 0x0b, 0x47, 0xe3, 0x9e],
    public: waft_crypto::BASE,
};
/// The point 0 as it is encoded, and the response.
const COMMITMENT: [u8; 64] = {
    let mut bytes = [0; 64];
    bytes[0] = 1;
    bytes
};
const ROLE: &str = "inspect";

/// The program of a snapshot that nobody vouches for, to look into. A table is read through one gate only, also here: the
/// body is sealed anew under a key that nobody trusts. It names the same list files.
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
    let (project, environment) = (project.to_owned(), environment.to_owned());
    let claims = Claims { project, environment, version: 1, issued: 0, not_before: None, expires: 1 };
    let unsigned = seal(&claims, body, lists);
    let signature = sign(&message(&unsigned, &KEY.kid, ROLE)?).ok_or(Code::BadSignature)?;
    let sealed = put(&unsigned, KEY.kid, ROLE, signature)?;
    let require = vec![Requirement { role: ROLE.into(), at_least: 1, keys: vec![KEY] }];
    let trust = Trust::new(claims.project, claims.environment, 0, 0, require)?;
    verify(sealed, &trust, 0, None).and_then(Verified::whole).and_then(Program::new)
}

/// A signature by [`KEY`].
fn sign(message: &[u8]) -> Option<[u8; 64]> {
    let mut signature = COMMITMENT;
    let mut verifier = Verifier::new(&KEY.public, &signature)?;
    verifier.update(message);
    *signature.last_chunk_mut()? = verifier.challenge();
    Some(signature)
}
