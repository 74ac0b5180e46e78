//! What a release may change that nobody approved: `limits` of the rules' environment.

use super::compared::Compared;
use waft_ruleset::{Limits, counted};

/// Which limits a change exceeds, a sentence each. The first release moves nobody: nothing was live.
pub(super) fn exceeded(limits: Limits, found: &Compared) -> Vec<String> {
    let mut exceeds = Vec::new();
    let Some(flags) = found.flags else { return exceeds };
    if let Some(most) = limits.flags.filter(|most| flags > *most) {
        exceeds.push(format!("{} may decide differently, and {most} may without an approval", counted(flags, "flag")));
    }
    let Some(most) = limits.moved.filter(|_| flags > 0) else { return exceeds };
    match found.moved {
        None => exceeds.push(format!(
            "how many people get another value was not counted, and {most} may without an approval: give a --population with people in it"
        )),
        // Shares have six digits, as limits do.
        Some(moved) if moved * 1e6 > f64::from(most.0) + 0.5 => {
            let moved = (moved * 1e6).round() / 1e4;
            exceeds.push(format!("{moved} % get another value, and {most} may without an approval"));
        }
        Some(_) => {}
    }
    exceeds
}
