//! Programs out of any body: signed with a key of this file, which only its own trust knows.

use waft::trust::{Key, Requirement};
use waft::{Program, Refusal, Trust, verify};
use waft_studio::keys;
use waft_studio::snapshot::{Claims, seal, sign};

/// Signs a body and verifies the snapshot: what is refused then is the body.
pub fn program(body: &[u8]) -> Result<Program, Refusal> {
    let key = keys::from_seed([7; 32]);
    let claims = Claims {
        project: "fuzz".into(),
        environment: "fuzz".into(),
        version: 1,
        issued: 0,
        not_before: None,
        expires: 1 << 32,
    };
    let own = Key { kid: keys::kid(&key.pk), public: *key.pk };
    let require = vec![Requirement { role: "fuzz".into(), at_least: 1, keys: vec![own] }];
    let trust = Trust::new("fuzz", "fuzz", 0, 0, require).unwrap();
    let bytes = sign(&seal(&claims, body, &[]), &key, "fuzz").unwrap();
    verify(bytes, &trust, 0, None).and_then(Program::new)
}
