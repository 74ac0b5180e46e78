//! What a snapshot is signed as, and by whom.

use super::*;

const NOW: i64 = 1_000_000_000_000;

fn key(seed: u16) -> Key {
    let pair = pair(seed);
    Key { kid: keys::kid(&pair.pk), public: *pair.pk }
}

fn pair(seed: u16) -> ed25519_compact::KeyPair {
    let mut bytes = [7; 32];
    bytes[..2].copy_from_slice(&seed.to_le_bytes());
    keys::from_seed(bytes)
}

fn requirement(role: &str, seeds: std::ops::Range<u16>) -> Requirement {
    Requirement { role: role.into(), at_least: 1, keys: seeds.map(key).collect() }
}

fn trust() -> Trust {
    Trust::new(
        "limits",
        "test",
        0,
        limits::MAX_JUMP,
        vec![requirement("publisher", 0..1), requirement("preview", 1..2)],
    )
    .unwrap()
}

fn claims() -> Claims {
    let (project, environment, now) = ("limits".to_owned(), "test".to_owned(), NOW as u64 / 1_000);
    Claims { project, environment, version: 1, issued: now, not_before: None, expires: now + 86_400 }
}

fn outcome(bytes: Vec<u8>, seen: Option<u64>) -> Result<(), Code> {
    let seen = seen.map(|version| Seen { version, digest: None });
    verify(bytes, &trust(), NOW, seen).map(drop).map_err(|refused| refused.code)
}

fn signed(claims: &Claims, body: &[u8]) -> Vec<u8> {
    sign(&seal(claims, body, &[]), &pair(0), "publisher").unwrap()
}

pub(crate) fn snapshot_bytes() {
    // Its manifest has digests of some kilobytes.
    let largest = signed(&claims(), &vec![0; limits::SNAPSHOT_BYTES - (4 << 10)]);
    assert!((limits::SNAPSHOT_BYTES - (4 << 10)..=limits::SNAPSHOT_BYTES).contains(&largest.len()));
    assert_eq!(outcome(largest, None), Ok(()));
    assert_eq!(outcome(vec![0; limits::SNAPSHOT_BYTES + 1], None), Err(Code::TooLarge));
    assert!(
        sign(&vec![0; limits::SNAPSHOT_BYTES + 1], &pair(0), "publisher")
            .is_err_and(|refused| refused.code == Code::TooLarge)
    );
    // No ruleset of a few files has as many: values of four megabytes, put together by hand.
    let (ruleset, _) = checked(flag(2, json!({})));
    let with = |count: usize| {
        let mut ruleset = ruleset.clone();
        let values = &mut ruleset.flags[0].item.base.variants;
        *values =
            (0..count).map(|index| (format!("v{index}"), format!("{index}{}", "x".repeat(4 << 20)).into())).collect();
        compile(&ruleset, 0).map(|compiled| compiled.body.len()).map_err(|refused| refused.what)
    };
    assert!(with(15).is_ok());
    assert!(with(16).unwrap_err().contains("bytes, a snapshot has at most"));
}

pub(crate) fn whole_bytes() {
    let state = |bytes: usize| verify(signed(&claims(), &vec![0; bytes]), &trust(), NOW, None).unwrap().body().state();
    assert_eq!(state(limits::WHOLE_BYTES), State::Whole);
    assert_eq!(state(limits::WHOLE_BYTES + 1), State::Open);
}

pub(crate) fn manifest_bytes() {
    // The writer makes chunks larger until it fits; a larger one is refused before anything is read of it.
    for bytes in [0, 1 << 20, 7 << 20] {
        assert_eq!(outcome(signed(&claims(), &vec![0; bytes]), None), Ok(()), "{bytes}");
    }
    let sealed = seal(&claims(), &[], &[]);
    let header = Reader::new(&sealed[3..]).bytes();
    let with = |bytes: usize| {
        let head = Writer::default().tag(98).array(4).bytes(header).map(0);
        outcome(head.bytes(&vec![0; bytes]).array(0).into_bytes(), None)
    };
    assert_eq!(with(limits::MANIFEST_BYTES), Err(Code::Unsigned));
    assert_eq!(with(limits::MANIFEST_BYTES + 1), Err(Code::TooLarge));
}

pub(crate) fn signatures() {
    let with = |count: u16| {
        (0..count).try_fold(seal(&claims(), &[], &[]), |bytes, seed| {
            sign(&bytes, &pair(seed), "publisher").map_err(|refused| refused.code)
        })
    };
    let most = limits::SIGNATURES as u16;
    assert_eq!(outcome(with(most).unwrap(), None), Ok(()));
    assert_eq!(with(most + 1), Err(Code::TooLarge));
    // The array's head says one more; what is signed is not looked at.
    let bytes = with(most).unwrap();
    let at = bytes.windows(2).position(|window| window == [0x90, 0x83]).unwrap();
    let more = [&bytes[..at], &[0x91], &bytes[at + 1..]].concat();
    assert_eq!(outcome(more, None), Err(Code::TooLarge));
}

pub(crate) fn trust_keys() {
    let most = limits::TRUST_KEYS as u16;
    let with = |count: u16| {
        Trust::new("limits", "test", 0, 0, vec![requirement("publisher", 0..count)])
            .map(drop)
            .map_err(|refused| refused.code)
    };
    assert_eq!(with(most), Ok(()));
    assert_eq!(with(most + 1), Err(Code::InvalidTrust));
    assert_eq!(with(255), Err(Code::InvalidTrust));
    assert_eq!(crossed(1, most), Ok(()));
    assert_eq!(crossed(1, most + 1), Err(Code::InvalidTrust));
}

pub(crate) fn trust_requirements() {
    let most = limits::TRUST_REQUIREMENTS as u16;
    let with = |count: u16| {
        let require = (0..count).map(|role| requirement(&format!("role-{role}"), role..role + 1)).collect();
        Trust::new("limits", "test", 0, 0, require).map(drop).map_err(|refused| refused.code)
    };
    assert_eq!(with(most), Ok(()));
    assert_eq!(with(most + 1), Err(Code::InvalidTrust));
    assert_eq!(crossed(most, 1), Ok(()));
    assert_eq!(crossed(most + 1, 1), Err(Code::InvalidTrust));
}

/// A trust as it crosses the border to wasm.
fn crossed(requirements: u16, of_each: u16) -> Result<(), Code> {
    let text = |text: &str| [&(text.len() as u16).to_le_bytes()[..], text.as_bytes()].concat();
    let mut bytes = [text("limits"), text("test"), vec![0; 16]].concat();
    for role in 0..requirements {
        bytes.extend([text(&format!("role-{role}")), vec![1, of_each as u8]].concat());
        for key in (role * of_each..(role + 1) * of_each).map(key) {
            bytes.extend([&key.kid[..], &key.public[..]].concat());
        }
    }
    Trust::read(&bytes).map(drop).map_err(|refused| refused.code)
}

pub(crate) fn max_jump() {
    let with = |version: u64| outcome(signed(&Claims { version, ..claims() }, &[]), Some(5));
    assert_eq!(with(5 + limits::MAX_JUMP), Ok(()));
    assert_eq!(with(6 + limits::MAX_JUMP), Err(Code::VersionJump));
}

pub(crate) fn version() {
    assert_eq!(outcome(signed(&Claims { version: limits::VERSION, ..claims() }, &[]), None), Ok(()));
    // Whoever signs reads it first.
    let sealed = seal(&Claims { version: limits::VERSION + 1, ..claims() }, &[], &[]);
    assert_eq!(sign(&sealed, &pair(0), "publisher").map(drop).map_err(|refused| refused.code), Err(Code::Malformed));
    assert_eq!(outcome(sealed, None), Err(Code::Malformed));
}

/// `waft token` makes none that lives longer: pkg/tests/preview.test.mjs.
pub(crate) fn preview_seconds() {
    let with = |issued: u64, expires: u64| {
        let claims = Claims { issued, expires, ..claims() };
        outcome(sign(&preview(&claims, &Default::default()), &pair(1), "preview").unwrap(), None)
    };
    let now = NOW as u64 / 1_000;
    assert_eq!(with(now, now + limits::PREVIEW_SECONDS), Ok(()));
    assert_eq!(with(now, now + limits::PREVIEW_SECONDS + 1), Err(Code::TooLarge));
    let ahead = now + limits::PREVIEW_AHEAD_SECONDS;
    assert_eq!(with(ahead, ahead + limits::PREVIEW_SECONDS), Ok(()));
    assert_eq!(with(ahead + 1, ahead + 1 + limits::PREVIEW_SECONDS), Err(Code::TooLarge));
}
