//! A cap on values: a few buyers must not decide.

/// The value at a percentile (0 to 1) of all arms' values together: the smallest one that at least that share is not above. Values need
/// no order. None of none.
pub fn percentile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let rank = (share * values.len() as f64).ceil().max(1.0) as usize;
    values.get(rank - 1).or(values.last()).copied()
}

/// A value, or the cap if it is larger.
pub fn capped(value: f64, cap: f64) -> f64 {
    value.min(cap)
}
