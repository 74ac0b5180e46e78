//! What a report does not say, and why.

use crate::SampleRatio;

/// The fewest units of an arm: below them the asymptotic sequence is not to be trusted.
pub const MIN_UNITS: u64 = 100;

/// The fewest units of an arm with a value other than zero. Where few have one, a few large ones decide: with a tenth treated, 25
/// in the pair leave the smaller arm with two or three, and 12.6 % of experiments without an effect found one on heavy tails; 4.1 %
/// do with 25 in each (`make stats`). Of a share, where no value is large, it is what the smaller arm would have if both were
/// alike: ten errors beside 1,500 are no reason to keep quiet.
pub const MIN_CONVERSIONS: u64 = 25;

/// A comparison of two arms, as far as it decides what may be said.
///
/// ```
/// # use waft_stats::{Evidence, Refusal, SampleRatio};
/// let evidence = Evidence {
///     sample_ratio: SampleRatio::new(&[400, 410], &[1.0, 1.0]).ok_or("no arms")?,
///     units: [400, 410],
///     conversions: [24, 90],
///     skewed: true,
///     phases: 1,
///     elapsed: 0,
///     at_least: 14 * 86_400_000,
/// };
/// assert_eq!(evidence.lift(), Err(Refusal::FewConversions));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Over all arms of the phase.
    pub sample_ratio: SampleRatio,
    /// Units of treatment and control.
    pub units: [u64; 2],
    /// Those of them with a value other than zero, whatever the metric: that converted, bought, or had an event.
    pub conversions: [u64; 2],
    /// Whether a value may be larger than others: not those of a share, which are 0 and 1.
    pub skewed: bool,
    /// How many phases the units are from. In each, others may be in it and shares may differ, so sums over several compare
    /// what was never random.
    pub phases: u32,
    /// Since the phase started, in milliseconds.
    pub elapsed: u64,
    /// `atLeast`, in milliseconds.
    pub at_least: u64,
}

/// Why something is not said. The first that applies, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Units are from several phases: report each by itself.
    SeveralPhases,
    /// The sample-ratio alarm: find out where units are lost first.
    SampleRatio,
    /// An arm has under [`MIN_UNITS`].
    FewUnits,
    /// An arm has under [`MIN_CONVERSIONS`], or of a share would have, were both alike.
    FewConversions,
    /// `atLeast` is not over. Refuses a winner, not a lift.
    Early,
}

impl Evidence {
    /// Whether a lift may be shown.
    pub fn lift(&self) -> Result<(), Refusal> {
        let rules = [
            (self.phases > 1, Refusal::SeveralPhases),
            (self.sample_ratio.is_alarm(), Refusal::SampleRatio),
            (self.units.iter().any(|units| *units < MIN_UNITS), Refusal::FewUnits),
            (self.fewest() < MIN_CONVERSIONS as f64, Refusal::FewConversions),
        ];
        rules.into_iter().find(|(applies, _)| *applies).map_or(Ok(()), |(_, refusal)| Err(refusal))
    }

    /// The conversions of the arm that has, or would have, fewer.
    fn fewest(&self) -> f64 {
        let least = |[one, other]: [u64; 2]| one.min(other) as f64;
        let both = |[one, other]: [u64; 2]| one as f64 + other as f64;
        if self.skewed {
            least(self.conversions)
        } else {
            both(self.conversions) * least(self.units) / both(self.units)
        }
    }

    /// Whether a winner may be named, given that a sequence leaves zero out.
    pub fn winner(&self) -> Result<(), Refusal> {
        self.lift()?;
        if self.elapsed < self.at_least { Err(Refusal::Early) } else { Ok(()) }
    }
}

/// Whether so many units were seen in more than one arm that a warning stands in the place of the lift: above 1 % of all.
pub fn too_many_crossovers(crossed: u64, units: u64) -> bool {
    u128::from(crossed) * 100 > u128::from(units)
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Refusal, too_many_crossovers};
    use crate::SampleRatio;

    #[test]
    fn refusals() {
        let fine = Evidence {
            sample_ratio: SampleRatio::new(&[100, 100], &[1.0, 1.0]).unwrap(),
            units: [100, 100],
            conversions: [25, 25],
            skewed: true,
            phases: 1,
            elapsed: 7,
            at_least: 7,
        };
        assert_eq!((fine.lift(), fine.winner()), (Ok(()), Ok(())));
        let check = |evidence: Evidence, refusal| assert_eq!(evidence.lift().and(evidence.winner()), Err(refusal));
        check(
            Evidence { sample_ratio: SampleRatio::new(&[200, 9_000], &[1.0, 1.0]).unwrap(), ..fine },
            Refusal::SampleRatio,
        );
        check(Evidence { units: [99, 200], ..fine }, Refusal::FewUnits);
        check(Evidence { conversions: [200, 24], ..fine }, Refusal::FewConversions);
        check(Evidence { conversions: [49, 0], skewed: false, ..fine }, Refusal::FewConversions);
        assert_eq!(Evidence { conversions: [50, 0], skewed: false, ..fine }.lift(), Ok(()));
        check(Evidence { phases: 2, units: [0, 0], ..fine }, Refusal::SeveralPhases);
        check(Evidence { elapsed: 6, ..fine }, Refusal::Early);
        assert_eq!(Evidence { elapsed: 6, ..fine }.lift(), Ok(()));
    }

    #[test]
    fn one_percent_of_crossovers_is_still_silent() {
        assert!(!too_many_crossovers(10, 1_000) && too_many_crossovers(11, 1_000) && !too_many_crossovers(0, 0));
    }
}
