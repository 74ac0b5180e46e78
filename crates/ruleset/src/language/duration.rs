//! Durations: a whole number and a unit.

/// The milliseconds of `90s`, `15m`, `48h`, `30d` or `2w`; at most ten years.
pub fn parse(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    if number.is_empty() || number.len() > 9 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let milli = number.parse::<i64>().ok()? * seconds * 1_000;
    (milli > 0 && milli <= 3_653 * 86_400_000).then_some(milli)
}
