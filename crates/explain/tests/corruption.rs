//! Damaged snapshots: nothing panics, nothing is believed, and a signed table that is corrupt costs only what is corrupt.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::hint::black_box;

use waft::program::{FlagIndex, Slot, Variant};
use waft::trust::{Key, Requirement};
use waft::{Code, NoTrace, Program, Session, Trust, Value, evaluate, verify};
use waft_compile::snapshot::{Claims, seal, sign};
use waft_compile::{compile, keys};
use waft_explain::inspect;
use waft_ruleset as ruleset;
use waft_ruleset::source::SourceFile;

/// A small, repeatable generator (SplitMix64): the mutations are the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

fn claims() -> Claims {
    Claims {
        project: "vectors".to_owned(),
        environment: "test".to_owned(),
        version: 1,
        issued: 0,
        not_before: None,
        expires: 1 << 32,
    }
}

fn key() -> ed25519_compact::KeyPair {
    keys::from_seed([7; 32])
}

fn trust() -> Trust {
    let key = Key { kid: keys::kid(&key().pk), public: *key().pk };
    let require = vec![Requirement { role: b"publisher".to_vec(), at_least: 1, keys: vec![key] }];
    Trust::new("vectors".to_owned(), "test".to_owned(), 0, 0, require).unwrap()
}

/// A table with everything in it that the format has.
fn body() -> Vec<u8> {
    let text = r#"{
        "project": "vectors", "environments": { "test": {} },
        "attributes": { "s": "string", "n": "number", "d": "date", "v": "semver", "b": "boolean", "l": "list" },
        "units": { "visitor": { "attribute": "s" } },
        "layers": { "line": { "unit": "visitor" } },
        "lists": { "few": { "ids": ["a", "b", "c"], "attribute": "s" } },
        "holdouts": { "q": { "unit": "visitor", "share": "20%", "from": "2026-01-01", "except": { "s": { "is": "c" } } } },
        "metrics": { "errors": { "conversion": "error", "better": "down" } },
        "segments": {
            "few": { "any": [{ "list": "few" }, { "share": { "of": "visitor", "part": "0%-50%", "salt": "s" } }] },
            "much": { "l": { "hasAny": ["a", "x"], "size": { "gte": 1 } }, "d": { "within": "30d" } },
            "like": { "s": { "matches": "^a+b?$", "containsAnyCase": "A" } },
            "one": { "s": { "in": ["a", "b", "c"] } },
            "two": { "any": [{ "segment": "one" }, { "not": { "n": { "between": [1, 5] } } }] }
        },
        "flags": {
            "first": { "type": "boolean", "whenOff": "off", "default": "off", "holdout": "q", "targets": { "on": { "visitor": ["x"] } },
                "rules": [{ "id": "up", "ramp": "on", "unit": "visitor", "guard": { "errors": { "worse": "5%" } },
                    "steps": [{ "to": "30%", "at": "2026-01-01" }, { "to": "70%", "at": "2026-05-01" }] }] },
            "last": { "type": "boolean", "whenOff": "off", "default": "off", "requires": { "first": "on" },
                "rules": [{ "id": "f", "if": { "any": [{ "segment": "few" }, { "segment": "much" }, { "segment": "like" }] }, "serve": "on" }] },
            "object": { "type": "object", "variants": { "x": { "y": [1] }, "z": {} }, "whenOff": "z", "default": "z",
                "rules": [{ "id": "r", "if": { "segment": "two", "v": { "gte": "1.2.3-rc.1" } }, "serve": "x" }] },
            "split": { "type": "string", "variants": { "a": "A", "b": "B" }, "whenOff": "a", "default": "a",
                "rules": [{ "id": "t", "if": { "d": { "after": "2026-01-01" } }, "experiment": "split" },
                          { "id": "e", "if": { "s": { "endsWith": ["x", "yy"] } }, "onUnknown": "stop", "serve": "b" }] }
        },
        "experiments": { "split": { "unit": "visitor", "sticky": true, "layer": { "line": ["0%-90%"] }, "salt": "pepper", "phases": [
            { "id": 1, "from": "2026-01-01T00:00Z", "coverage": "80%", "split": { "a": "50%", "b": "50%" } }] } }
    }"#;
    let file = SourceFile { name: "corruption.json".to_owned(), bytes: text.as_bytes().to_vec() };
    let (ruleset, _) =
        ruleset::check(&[file], &ruleset::World::still()).unwrap_or_else(|findings| panic!("{findings:#?}"));
    compile(&ruleset, 0).unwrap().body
}

fn signed(body: &[u8]) -> Vec<u8> {
    sign(&seal(&claims(), body, &[]), &key(), "publisher").unwrap()
}

/// Damages some bytes: flips, overwrites with telling numbers, cuts, repeats.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            2 => bytes.truncate(at),
            3 => {
                let value = [0u32, 1, u32::MAX, u32::MAX - 1, 0x8000_0000, bytes.len() as u32][random.below(6)];
                let end = (at + 4).min(bytes.len());
                bytes[at..end].copy_from_slice(&value.to_le_bytes()[..end - at]);
            }
            _ => {
                let part: Vec<u8> = bytes[at..].iter().take(16).copied().collect();
                bytes.splice(at..at, part);
            }
        }
    }
}

/// Asks a program for everything it can be asked.
fn exercise(program: &Program) {
    let mut session = Session::new(program);
    for slot in (0..7).map(Slot) {
        for value in [
            Value::String(b"a"),
            Value::Number(3.0),
            Value::String(b"1.2.3"),
            Value::String(b"2026-06-01"),
            Value::List(b"\x01\0\0\0a"),
            Value::Other,
        ] {
            session.set(program, slot, value);
            for flag in (0..6).map(FlagIndex) {
                let decision = evaluate(program, flag, &mut session, 1_790_000_000_000, &mut NoTrace);
                if let (Ok(variant), Some(flag)) = (decision.variant, program.flag(flag)) {
                    let Variant { key, value } = program.variant(&flag, variant).expect("a decided variant is there");
                    black_box((program.str(key), program.str(value)));
                }
                for assignment in session.exposures() {
                    black_box(waft::exposure::id_of(program, assignment, session.subject(), b""));
                }
            }
        }
    }
}

#[test]
fn a_signed_table_that_is_corrupt_never_panics() {
    let (whole, trust, mut random) = (body(), trust(), Random(1));
    let (mut refused, mut served) = (0, 0);
    for _ in 0..20_000 {
        let mut body = whole.clone();
        damage(&mut body, &mut random);
        // A real signature over the damaged body: the gate lets it through, the table must hold.
        match verify(signed(&body), &trust, 1_790_000_000_000, None).and_then(Program::new) {
            Ok(program) => {
                served += 1;
                exercise(&program);
            }
            Err(refusal) => {
                refused += 1;
                assert!(matches!(refusal.code, Code::Malformed | Code::TooLarge), "{refusal:?}");
            }
        }
    }
    assert!(refused > 100 && served > 100, "{refused} refused, {served} served: the mutations miss one side");
}

#[test]
fn a_damaged_snapshot_is_never_believed_and_never_panics() {
    let (whole, trust, mut random) = (signed(&body()), trust(), Random(2));
    for _ in 0..100_000 {
        let mut bytes = whole.clone();
        damage(&mut bytes, &mut random);
        if bytes != whole {
            let refusal = verify(bytes, &trust, 1_790_000_000_000, None).expect_err("damaged bytes were believed");
            assert!(Code::ALL.contains(&refusal.code));
        }
    }
}

#[test]
fn every_single_flipped_bit_is_refused() {
    let (whole, trust) = (signed(&body()), trust());
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(verify(bytes, &trust, 1_790_000_000_000, None).is_err(), "bit {bit} may be flipped");
    }
}

#[test]
fn every_truncation_and_any_addition_is_refused() {
    let (whole, trust) = (signed(&body()), trust());
    for length in 0..whole.len() {
        assert!(verify(whole[..length].to_vec(), &trust, 1_790_000_000_000, None).is_err(), "cut to {length} bytes");
    }
    let longer = [whole.as_slice(), &[0]].concat();
    assert_eq!(verify(longer, &trust, 1_790_000_000_000, None).unwrap_err().code, Code::Malformed);
}

#[test]
fn random_bytes_are_refused_everywhere() {
    let (trust, mut random) = (trust(), Random(3));
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..random.below(200)).map(|_| random.next() as u8).collect();
        assert!(verify(bytes.clone(), &trust, 0, None).is_err());
        assert!(Trust::read(&bytes).is_err());
        black_box(inspect(&bytes).is_err());
        let file = SourceFile { name: "random".to_owned(), bytes };
        black_box(ruleset::check(&[file], &ruleset::World::still()).is_err());
    }
}
