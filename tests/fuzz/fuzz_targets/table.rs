//! A table that is validly signed and corrupt: the engine decides, or gives a code.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waft::trust::{Key, Requirement};
use waft::{NoTrace, Program, Subject, Trust, evaluate, verify};
use waft_studio::keys;
use waft_studio::snapshot::{Claims, seal, sign};

fuzz_target!(|input: (&[u8], &[u8])| {
    let (body, context) = input;
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
    let trust = Trust::new("fuzz".into(), "fuzz".into(), 0, 0, require).unwrap();
    let bytes = sign(&seal(&claims, body, &[]), &key, "fuzz").unwrap();
    let Ok(program) = verify(bytes, &trust, 0, None).and_then(Program::new) else { return };
    let mut subject = Subject::new(&program);
    subject.read(&program, context);
    for flag in 0..8 {
        let decision = evaluate(&program, flag, &mut subject, 1_790_000_000_000, &mut NoTrace);
        if let (Ok(variant), Some(flag), Some(assignment)) =
            (decision.variant, program.flag(flag), decision.assignment)
        {
            let _ = waft::exposure::id_of(&program, &flag, variant, &assignment, &subject, b"");
        }
    }
});
