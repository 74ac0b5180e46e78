//! One experiment of two arms, looked at [`LOOKS`] times.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use waft_stats::{Difference, Estimate, Evidence, Guardrail, SampleRatio, Sequence, Standing};

use crate::model::Model;

/// As evenly spaced as units come.
pub(crate) const LOOKS: u64 = 50;

/// What any of the looks said.
#[derive(Clone, Copy, Default)]
pub(crate) struct Found {
    pub(crate) absolute: bool,
    pub(crate) relative: bool,
    pub(crate) alarm: bool,
    pub(crate) safe: bool,
    pub(crate) harmed: bool,
}

/// What all experiments of a simulation have in common.
pub(crate) struct Design<'a, M> {
    pub(crate) model: M,
    /// What the treatment has more, as a share of the control.
    pub(crate) lift: f64,
    /// Of both arms, at the last look.
    pub(crate) units: u64,
    /// The treatment's share of them.
    pub(crate) share: f64,
    pub(crate) sequence: Sequence,
    pub(crate) guardrail: Option<&'a Guardrail>,
}

/// With arms drawn by lot.
pub(crate) fn run<M: Model>(design: &Design<'_, M>, seed: u64) -> Found {
    let treated = design.share * 2_f64.powi(32);
    run_in(design, seed, |_, chance| usize::from(f64::from(chance.next_u32()) >= treated))
}

/// With arms that are told for each unit, the first being 0: 0 is treated, 1 is not.
pub(crate) fn run_in<M: Model>(
    design: &Design<'_, M>,
    seed: u64,
    arm_of: impl Fn(u64, &mut ChaCha8Rng) -> usize,
) -> Found {
    let Design { model, lift, units, share, sequence, guardrail } = design;
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut found = Found::default();
    let (mut sums, mut counts, mut conversions) = ([M::Sums::default(); 2], [0; 2], [0; 2]);
    for look in 1..=LOOKS {
        while counts.iter().sum::<u64>() < *units * look / LOOKS {
            let arm = arm_of(counts.iter().sum(), &mut chance);
            counts[arm] += 1;
            conversions[arm] += u64::from(model.unit(&mut chance, if arm == 0 { *lift } else { 0.0 }, &mut sums[arm]));
        }
        let sample_ratio = SampleRatio::new(&counts, &[*share, 1.0 - share]).unwrap();
        found.alarm |= sample_ratio.is_alarm();
        let skewed = model.is_skewed();
        let evidence =
            Evidence { sample_ratio, units: counts, conversions, skewed, phases: 1, elapsed: 0, at_least: 0 };
        if evidence.lift().is_err() {
            continue;
        }
        let Some([treatment, control]) = M::estimates(&sums) else { continue };
        let significant = |difference: Option<Difference>| {
            difference.is_some_and(|difference| difference.interval(sequence).is_significant())
        };
        found.absolute |= significant(Difference::absolute(treatment, control));
        found.relative |= significant(Difference::relative(treatment, control));
        if let Some(guardrail) = guardrail {
            let standing = guardrail.standing(treatment, control, sequence);
            found.safe |= standing == Standing::Safe;
            found.harmed |= standing == Standing::Harmed;
        }
    }
    found
}

/// What a million units of each arm look like: for how many units an experiment needs.
pub(crate) fn pilot<M: Model>(model: M, lift: f64) -> [Estimate; 2] {
    let mut chance = ChaCha8Rng::seed_from_u64(u64::MAX);
    let mut sums = [M::Sums::default(); 2];
    for (arm, lift) in [(0, lift), (1, 0.0)] {
        (0..1_000_000).for_each(|_| {
            model.unit(&mut chance, lift, &mut sums[arm]);
        });
    }
    M::estimates(&sums).unwrap()
}
