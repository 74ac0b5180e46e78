//! Winsorising: one unit that bought for a thousand must not decide.

/// Sets every value above the pooled percentile to it, and gives it back, for the report prints it.
///
/// `values` are those of all units of all arms of the comparison, also the units with nothing: one percentile for all, because
/// a percentile of each arm's own would take away part of the effect. `millionths` is the share that is kept as it is
/// (990,000 is the 99th percentile). The percentile is a value that a unit had, that of rank ceil(share x n): the inverse of
/// the empirical distribution function, type 1 of Hyndman and Fan (The American Statistician 50, 1996); whole numbers, so that
/// 7 % of 100 units are 7 and not 7.000000000000001. `None`, and nothing changed, without values, with a share of nothing or
/// of more than all, or where a value is not a number.
///
/// ```
/// let mut revenue = [0.0, 0.0, 20.0, 30.0, 9_000.0];
/// assert_eq!(waft_stats::cap(&mut revenue, 800_000), Some(30.0)); // 80 %
/// assert_eq!(revenue, [0.0, 0.0, 20.0, 30.0, 30.0]);
/// ```
pub fn cap(values: &mut [f64], millionths: u32) -> Option<f64> {
    const ALL: usize = 1_000_000;
    let share = millionths as usize;
    if !(1..=ALL).contains(&share) || values.iter().any(|value| value.is_nan()) {
        return None;
    }
    let rank = values.len().checked_mul(share)?.div_ceil(ALL);
    let mut sorted = values.to_vec();
    let index = rank.checked_sub(1)?;
    let (_, limit, _) = sorted.select_nth_unstable_by(index, f64::total_cmp);
    values.iter_mut().for_each(|value| *value = value.min(*limit));
    Some(*limit)
}

#[cfg(test)]
mod tests {
    use super::cap;

    #[test]
    fn percentiles() {
        let numbers = |n: u32| -> Vec<f64> { (1..=n).rev().map(f64::from).collect() };
        for (n, millionths, wanted) in [
            (100, 990_000, 99.0),
            (100, 70_000, 7.0),
            (101, 990_000, 100.0),
            (10, 999_000, 10.0),
            (3, 1, 1.0),
            (5, 1_000_000, 5.0),
        ] {
            let mut values = numbers(n);
            assert_eq!(cap(&mut values, millionths), Some(wanted));
            assert!(values.iter().zip(numbers(n)).all(|(after, before)| *after == before.min(wanted)));
        }
    }

    #[test]
    fn nothing_to_cap() {
        assert_eq!(cap(&mut [], 990_000), None);
        assert_eq!(cap(&mut [1.0], 0), None);
        assert_eq!(cap(&mut [1.0], 1_000_001), None);
        assert_eq!(cap(&mut [1.0, f64::NAN], 990_000), None);
    }
}
