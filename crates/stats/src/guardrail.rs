//! What must not get worse.

use crate::{Difference, Estimate, Sequence};

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More is better: revenue.
    Up,
    /// Less is better: errors.
    Down,
}

/// What is known of a guardrail. Only [`Standing::Safe`] lets a hold pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Worse by more than the margin.
    Harmed,
    /// Not worse by more than the margin.
    Safe,
    /// Either may be.
    Unknown,
}

/// How much worse the treatment may be, and which way that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guardrail {
    direction: Direction,
    margin: Margin,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Margin {
    Absolute(f64),
    Relative(f64),
}

impl Guardrail {
    /// A margin in the metric's unit. `None` unless it is zero or more.
    pub fn absolute(direction: Direction, margin: f64) -> Option<Self> {
        (margin >= 0.0 && margin.is_finite()).then_some(Guardrail { direction, margin: Margin::Absolute(margin) })
    }

    /// A margin as a share of the control's mean: `worse: 5%` is 0.05. `None` unless it is from zero to one.
    pub fn relative(direction: Direction, margin: f64) -> Option<Self> {
        (0.0..=1.0).contains(&margin).then_some(Guardrail { direction, margin: Margin::Relative(margin) })
    }

    /// The treatment less the worst that is allowed, positive where it is better than that. A relative margin makes the worst
    /// a multiple of the control's mean, and its variance that multiple squared: nothing is divided, so a mean near zero does
    /// no harm. `None` where nothing varies.
    pub fn room(&self, treatment: Estimate, control: Estimate) -> Option<Difference> {
        let worse = match self.direction {
            Direction::Up => -1.0,
            Direction::Down => 1.0,
        };
        let (factor, shift) = match self.margin {
            Margin::Absolute(margin) => (1.0, worse * margin),
            Margin::Relative(margin) => (1.0 + worse * margin * control.mean().signum(), 0.0),
        };
        let worst =
            Estimate::new(control.units(), factor * control.mean() + shift, factor * factor * control.variance())?;
        match self.direction {
            Direction::Up => Difference::absolute(treatment, worst),
            Direction::Down => Difference::absolute(worst, treatment),
        }
    }

    /// What the one-sided sequences say: that it is safe is wrong at most as often as alpha, over all looks, and so is that it
    /// is harmed. Guardrails share no alpha: each must be safe, so one that errs cannot pass a hold alone.
    ///
    /// ```
    /// # use waft_stats::{Alpha, Conversions, Direction, Guardrail, Sequence, Standing};
    /// // `js-error: { worse: 5% }`
    /// let errors = Guardrail::relative(Direction::Down, 0.05).ok_or("no margin")?;
    /// let sequence = Sequence::new(Alpha::FIVE_PERCENT, 100_000).ok_or("nothing planned")?;
    /// let share = |errors| Conversions::new(50_000, errors).and_then(Conversions::estimate).ok_or("no units");
    /// assert_eq!(errors.standing(share(1_000)?, share(1_000)?, &sequence), Standing::Unknown);
    /// assert_eq!(errors.standing(share(2_000)?, share(1_000)?, &sequence), Standing::Harmed);
    /// # Ok::<(), &str>(())
    /// ```
    pub fn standing(&self, treatment: Estimate, control: Estimate, sequence: &Sequence) -> Standing {
        match self.room(treatment, control).map(|room| room.bounds(sequence)) {
            Some(bounds) if bounds.low > 0.0 => Standing::Safe,
            Some(bounds) if bounds.high < 0.0 => Standing::Harmed,
            Some(_) | None => Standing::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Direction, Guardrail, Standing};
    use crate::{Alpha, Conversions, Estimate, Sequence};

    fn check(guardrail: Option<Guardrail>, treatment: u64, control: u64, units: u64, wanted: Standing) {
        let sequence = Sequence::new(Alpha::FIVE_PERCENT, 100_000).unwrap();
        let share = |count| -> Estimate { Conversions::new(units, count).unwrap().estimate().unwrap() };
        assert_eq!(guardrail.unwrap().standing(share(treatment), share(control), &sequence), wanted);
    }

    #[test]
    fn standings() {
        let (up, down) = (Direction::Up, Direction::Down);
        check(Guardrail::relative(up, 0.05), 10_000, 10_000, 100_000, Standing::Safe);
        check(Guardrail::relative(up, 0.05), 1_000, 1_000, 10_000, Standing::Unknown);
        check(Guardrail::relative(up, 0.05), 9_000, 10_000, 100_000, Standing::Harmed);
        check(Guardrail::relative(down, 0.05), 11_000, 10_000, 100_000, Standing::Harmed);
        check(Guardrail::relative(down, 0.05), 9_000, 10_000, 100_000, Standing::Safe);
        check(Guardrail::absolute(up, 0.02), 9_000, 10_000, 100_000, Standing::Safe);
        check(Guardrail::absolute(up, 0.0), 10_000, 10_000, 100_000, Standing::Unknown);
    }

    #[test]
    fn where_nothing_varies_nothing_is_known() {
        check(Guardrail::absolute(Direction::Down, 0.01), 0, 0, 1_000, Standing::Unknown);
    }

    #[test]
    fn margins_are_not_negative() {
        assert!(
            Guardrail::relative(Direction::Up, -0.01).is_none() && Guardrail::absolute(Direction::Up, -1.0).is_none()
        );
    }
}
