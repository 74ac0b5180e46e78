//! Sets of characters.

/// The last character's number.
const LAST: u32 = 0x10_ffff;

/// Ranges of characters' numbers: in order, and none touches the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Class {
    ranges: Vec<(u32, u32)>,
}

impl Class {
    pub(super) fn of(ranges: &[(u32, u32)]) -> Self {
        let mut class = Self::default();
        ranges.iter().for_each(|(low, high)| class.add(*low, *high));
        class
    }

    pub(super) fn all() -> Self {
        Self { ranges: vec![(0, LAST)] }
    }

    pub(super) fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    pub(super) fn add(&mut self, mut low: u32, mut high: u32) {
        let from = self.ranges.partition_point(|(_, last)| last.saturating_add(1) < low);
        let to = self.ranges.partition_point(|(first, _)| *first <= high.saturating_add(1));
        for (first, last) in self.ranges.drain(from..to.max(from)) {
            (low, high) = (low.min(first), high.max(last));
        }
        self.ranges.insert(from, (low, high));
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        other.ranges.iter().for_each(|(low, high)| self.add(*low, *high));
    }

    pub(super) fn negated(self) -> Self {
        let mut others = Vec::with_capacity(self.ranges.len() + 1);
        let mut next = 0;
        for (low, high) in self.ranges {
            if low > next {
                others.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= LAST {
            others.push((next, LAST));
        }
        Self { ranges: others }
    }

    pub(super) fn has(&self, character: u32) -> bool {
        let at = self.ranges.partition_point(|(_, last)| *last < character);
        self.ranges.get(at).is_some_and(|(first, _)| *first <= character)
    }
}
