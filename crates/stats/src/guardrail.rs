//! Whether a guardrail was harmed: a one-sided question with a margin, at any time.

use crate::estimate::Estimate;
use crate::sequence::Sequence;

/// Which way a metric gets worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worse {
    /// It falls: purchases.
    Down,
    /// It rises: errors.
    Up,
}

/// What is known about a guardrail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It got worse by more than the margin.
    Harmed,
    /// It got worse by less than the margin, if at all. Only this lets a hold pass.
    Safe,
    /// Neither is sure.
    Unknown,
}

/// Judges a guardrail that may get worse by a margin, as a share of the control's mean (0.05: by 5 %). Each side has a probability of at
/// most the sequence's alpha to be wrong at any time.
///
/// What is judged is the treatment's mean less what the control's mean with the margin would be: a difference, where a ratio would need
/// the control's mean to be far from zero.
pub fn judge(treatment: Estimate, control: Estimate, worse: Worse, margin: f64, sequence: &Sequence) -> Verdict {
    let (sign, kept) = match worse {
        Worse::Up => (1.0, 1.0 + margin),
        Worse::Down => (-1.0, 1.0 - margin),
    };
    let beyond = sign * (treatment.mean - kept * control.mean);
    let units = treatment.n + control.n;
    let error = treatment.error() + kept * kept * control.error();
    let reach = (units * error).sqrt() * sequence.reach(units);
    if beyond - reach > 0.0 {
        Verdict::Harmed
    } else if beyond + reach < 0.0 {
        Verdict::Safe
    } else {
        Verdict::Unknown
    }
}
