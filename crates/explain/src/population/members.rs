//! The fingerprints of a list, for a population: each unit is looked up in about one step.

/// As many fingerprints are put in order in the time that the evaluator takes to look up one unit.
const AS_ONE: usize = 64;

/// Sorted fingerprints, and where those with the same first bits begin. They are hashes, so that about one has each first bits.
pub(super) struct Members {
    sorted: Vec<u64>,
    /// By the first bits, and one more at the end.
    starts: Vec<u32>,
    /// How many bits are behind the first ones.
    shift: u32,
}

impl Members {
    /// Of fingerprints as a program has them, for so many units. None if those are too few to be worth it, or the fingerprints are not
    /// sorted, for then the evaluator alone knows what it finds.
    pub(super) fn new(fingerprints: &[u8], units: usize) -> Option<Self> {
        let (all, _) = fingerprints.as_chunks();
        if units.saturating_mul(AS_ONE) < all.len() {
            return None;
        }
        let sorted: Vec<u64> = all.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
        if !sorted.is_sorted() {
            return None;
        }
        let bits = sorted.len().max(2).ilog2();
        let shift = u64::BITS - bits;
        let mut starts = vec![0; (1 << bits) + 1];
        for fingerprint in &sorted {
            *starts.get_mut((fingerprint >> shift) as usize + 1)? += 1;
        }
        let mut before = 0;
        for start in &mut starts {
            before += *start;
            *start = before;
        }
        Some(Members { sorted, starts, shift })
    }

    pub(super) fn have(&self, wanted: u64) -> bool {
        let bounds = self.starts.get((wanted >> self.shift) as usize..).and_then(|starts| starts.first_chunk());
        let alike = bounds.and_then(|[start, end]| self.sorted.get(*start as usize..*end as usize));
        alike.is_some_and(|alike| alike.binary_search(&wanted).is_ok())
    }
}
