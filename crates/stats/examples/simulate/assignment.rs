//! The engine's own split of units into halves, under many salts: does it alarm, or find what is not there, more often than it may?

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use waft::buckets::{Bound, Key, Purpose, siphash};
use waft_stats::{Alpha, Sequence};

use crate::experiment::{Design, Found, run_in};
use crate::model::Revenue;

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

/// For each shape of ids, its name and what was found under each salt: experiments without an effect on heavy tails.
pub(crate) fn found() -> impl Iterator<Item = (&'static str, Vec<Found>)> {
    let sequence = Sequence::new(Alpha::FIVE_PERCENT, UNITS as u64).unwrap();
    let model = Revenue { sigma: 1.0, capped: false };
    let design = Design { model, lift: 0.0, units: UNITS as u64, share: 0.5, sequence, guardrail: None };
    shapes().into_iter().map(move |(name, ids)| {
        // The engine, too, takes a unit's id apart once and hashes its words under each key.
        let words: Vec<Vec<u64>> = ids.iter().map(|id| siphash::words(id.as_bytes()).collect()).collect();
        let found = (0..SALTS).map(|salt| {
            let key = Key::derive(Purpose::Split, &[b"harbour/experiment-", salt.to_string().as_bytes(), b"/1"]);
            let half = Bound(1 << 31);
            run_in(&design, salt.into(), |unit, _| usize::from(half.covers(key.point_of_words(&words[unit as usize]))))
        });
        (name, found.collect())
    })
}
