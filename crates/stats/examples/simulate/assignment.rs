//! The engine's own split of units into halves, under many salts: does it alarm more often than chance?

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use waft::buckets::{Bound, Key, Purpose, siphash};
use waft_stats::SampleRatio;

use crate::experiment::LOOKS;

const SALTS: u32 = 1_000;
const UNITS: usize = 10_000;

/// Eight, four, four, four and twelve digits.
fn uuid(high: u64, low: u64) -> String {
    let digits = format!("{high:016x}{low:016x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// The shapes of tests/oracles/units.py.
fn shapes() -> [(&'static str, Vec<String>); 5] {
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    let variant = |bits: u64| bits >> 2 | 1 << 63;
    let v4 = |chance: &mut ChaCha8Rng| uuid(chance.next_u64() & !0xF000 | 0x4000, variant(chance.next_u64()));
    // Milliseconds that go on, all within an hour.
    let v7 = |chance: &mut ChaCha8Rng, at: usize| {
        let time = 1_780_000_000_000 + at as u64 * 360;
        uuid(time << 16 | 0x7000 | chance.next_u64() & 0xFFF, variant(chance.next_u64()))
    };
    let email = |chance: &mut ChaCha8Rng, at: usize| {
        let names = ["ada", "björn", "chloé", "dmitri", "erin", "fatima", "李"];
        let hosts = ["example.com", "mail.example.org", "post.example"];
        let (name, host) = (chance.next_u32() as usize % names.len(), chance.next_u32() as usize % hosts.len());
        format!("{}.{at}@{}", names[name], hosts[host])
    };
    [
        ("integers", (0..UNITS).map(|at| at.to_string()).collect()),
        ("UUID v4", (0..UNITS).map(|_| v4(&mut chance)).collect()),
        ("UUID v7", (0..UNITS).map(|at| v7(&mut chance, at)).collect()),
        ("e-mails", (0..UNITS).map(|at| email(&mut chance, at)).collect()),
        ("a common prefix", (0..UNITS).map(|at| format!("harbour-goods/production/visitor/{at:010}")).collect()),
    ]
}

/// For each shape of ids, its name, how many salts alarmed at any look, and how many salts there were.
pub(crate) fn alarms() -> impl Iterator<Item = (&'static str, u64, u64)> {
    shapes().into_iter().map(|(name, ids)| {
        // The engine, too, takes a unit's id apart once and hashes its words under each key.
        let words: Vec<Vec<u64>> = ids.iter().map(|id| siphash::words(id.as_bytes()).collect()).collect();
        let alarms = (0..SALTS).filter(|salt| alarmed(&words, *salt)).count();
        (name, alarms as u64, u64::from(SALTS))
    })
}

fn alarmed(ids: &[Vec<u64>], salt: u32) -> bool {
    let key = Key::derive(Purpose::Split, &[b"harbour/experiment-", salt.to_string().as_bytes(), b"/1"]);
    let mut units = [0_u64; 2];
    ids.chunks(UNITS / LOOKS as usize).any(|part| {
        for words in part {
            units[usize::from(Bound(1 << 31).covers(key.point_of_words(words)))] += 1;
        }
        SampleRatio::new(&units, &[1.0, 1.0]).unwrap().is_alarm()
    })
}
