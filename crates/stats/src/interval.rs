//! An interval, perhaps open to one side.

/// All values from `low` to `high`; an end that is infinite is open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// So much to both sides of a value.
    pub fn around(value: f64, half: f64) -> Self {
        Interval { low: value - half, high: value + half }
    }

    /// Whether a value is inside.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}
