//! Points: where a unit falls for a purpose. Frozen: tests/vectors/points.json may only grow.
//!
//! `point = high 32 bits of SipHash-2-4-64(key, unit)`, and `key = SipHash(K0, s) || SipHash(K1, s)` little endian,
//! `s = purpose || 0x00 || salt`. Each purpose has its own point, so that coverage, split and layer never correlate;
//! the key is derived because 1,000 stored ones would be 16 kB that cannot compress.

pub use waft_crypto::siphash;

/// The 16-byte keys from which all others are derived.
const K0: &[u8; 16] = b"waft/bucket/key0";
/// See [`K0`].
const K1: &[u8; 16] = b"waft/bucket/key1";

/// What a point is for. Names are part of the hash and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Which experiment of a layer the unit may meet.
    Layer,
    /// Whether the unit is in the share that an experiment takes in.
    Coverage,
    /// Which variant.
    Split,
    /// Whether the unit is held out of what a team does.
    Holdout,
    /// Whether a ramp has come to the unit.
    Ramp,
    /// A condition that takes in a share of units.
    Share,
    /// An id's fingerprint in a list.
    List,
}

impl Purpose {
    /// The purpose as it is hashed.
    pub const fn name(self) -> &'static str {
        match self {
            Purpose::Layer => "layer",
            Purpose::Coverage => "coverage",
            Purpose::Split => "split",
            Purpose::Holdout => "holdout",
            Purpose::Ramp => "ramp",
            Purpose::Share => "share",
            Purpose::List => "list",
        }
    }
}

/// A derived key: everything but the unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key([u8; 16]);

impl Key {
    /// Derives the key of a purpose and a salt, whose parts are joined.
    pub fn derive(purpose: Purpose, salt: &[&[u8]]) -> Self {
        let mut text = purpose.name().as_bytes().to_vec();
        text.push(0);
        salt.iter().for_each(|part| text.extend_from_slice(part));
        let half = |key| u128::from(siphash::hash(key, &text));
        Key((half(K1) << 64 | half(K0)).to_le_bytes())
    }

    /// The point of a unit.
    pub fn point(&self, unit: &[u8]) -> u32 {
        (self.fingerprint(unit) >> 32) as u32
    }

    /// The point of a unit whose [`siphash::words`] were kept.
    pub fn point_of_words(&self, words: &[u64]) -> u32 {
        (siphash::hash_words(&self.0, words.iter().copied()) >> 32) as u32
    }

    /// The points of two units, whose words are as many, side by side: for a population.
    pub fn points_of_words(&self, words: impl Iterator<Item = [u64; 2]>) -> [u32; 2] {
        siphash::hash_two(&self.0, words).map(|hash| (hash >> 32) as u32)
    }

    /// All 64 bits of the hash.
    pub fn fingerprint(&self, unit: &[u8]) -> u64 {
        siphash::hash(&self.0, unit)
    }
}

/// A bound as the table stores it: points below it are in. `u32::MAX` stands for 2^32, so that 100 % takes in every
/// point; shares have at most four decimals of a percent, which keeps 2^32 - 1 from meaning anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound(pub u32);

impl Bound {
    /// Everything.
    pub const ALL: Bound = Bound(u32::MAX);

    /// Half of all points.
    pub const HALF: Bound = Bound(1 << 31);

    /// Whether a point is below.
    pub const fn covers(self, point: u32) -> bool {
        self.0 == u32::MAX || point < self.0
    }

    /// How far a monitored ramp at this share has come: it compares as many units with the variant as without, so it reaches twice the
    /// share; and what that exceeds the whole by is released, which is served the variant in both halves.
    #[inline]
    pub fn doubled(self) -> [Bound; 2] {
        let whole = 1_u64 << 32;
        let doubled = if self == Bound::ALL { 2 * whole } else { u64::from(self.0) << 1 };
        [doubled, doubled.saturating_sub(whole)].map(|points| u32::try_from(points).map_or(Bound::ALL, Bound))
    }
}
