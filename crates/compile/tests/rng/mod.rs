//! Random cases from a seed, the same each time. `RANDOM_SEED` and `RANDOM_COUNT` ask for others; pkg/tests/random.test.mjs has them written
//! to the folder `RANDOM_CASES`, and plays them by the package's rules.

use serde_json::Value as Json;

/// SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    /// Of a case: each has numbers of its own.
    pub(crate) fn of(case: u64) -> Self {
        Random(asked("RANDOM_SEED", 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ case.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Some of these, in their order.
    pub(crate) fn some<T: Clone>(&mut self, of: &[T]) -> Vec<T> {
        of.iter().filter(|_| self.once_in(2)).cloned().collect()
    }

    /// One that is damaged, cut or longer.
    pub(crate) fn spoil(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len().max(1));
        match self.below(4) {
            0 => bytes.truncate(at),
            1 => bytes.push(self.next() as u8),
            2 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            _ if at < bytes.len() => bytes[at] = self.next() as u8,
            _ => {}
        }
    }
}

/// How many cases there are.
pub(crate) fn count() -> u64 {
    asked("RANDOM_COUNT", 300)
}

fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a whole number"))
}

/// Writes cases, a line each, where they are asked for.
pub(crate) fn write(name: &str, cases: &[Json]) {
    if let Some(folder) = std::env::var_os("RANDOM_CASES") {
        let lines: Vec<String> = cases.iter().map(Json::to_string).collect();
        std::fs::write(std::path::Path::new(&folder).join(name), lines.join("\n")).unwrap();
    }
}
