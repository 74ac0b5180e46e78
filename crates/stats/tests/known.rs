//! Values that are known, and what must hold whatever the numbers are. Other libraries are asked in tests/oracles/stats.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_stats::cuped::Arm;
use waft_stats::guardrail::{Verdict, Worse, judge};
use waft_stats::refusal::{self, Refusal};
use waft_stats::sample_ratio::SampleRatio;
use waft_stats::{Difference, Estimate, Interval, Moments, Pair, Sequence, cap, cuped, fixed, power};

fn close(one: f64, other: f64, within: f64) {
    assert!((one - other).abs() <= within, "{one} is not {other}");
}

fn conversions(n: f64, conversions: f64) -> Estimate {
    Estimate::proportion(n, conversions)
}

#[test]
fn a_thousand_against_eleven_hundred_of_ten_thousand() {
    let (control, treatment) = (conversions(10_000.0, 1_000.0), conversions(10_000.0, 1_100.0));
    let sequence = Sequence::new(0.05, 5_000.0);
    let difference = Difference::absolute(treatment, control);
    let Interval { low, high } = sequence.interval(&difference);
    close(low, -0.003_555_237_3, 1e-9);
    close(high, 0.023_555_237_3, 1e-9);
    let lift = Difference::lift(treatment, control).unwrap();
    let Interval { low, high } = sequence.interval(&lift);
    close(low, -0.042_206_353_8, 1e-9);
    close(high, 0.242_206_353_8, 1e-9);
    let Interval { low, high } = fixed::interval(&lift, 0.05).unwrap();
    close(low, 0.010_864_708_1, 1e-9);
    close(high, 0.189_135_291_9, 1e-9);
    close(fixed::p_value(&lift).unwrap(), 0.0279, 5e-5);
}

#[test]
fn parts_join_to_the_whole_and_sums_say_the_same() {
    let values: Vec<(f64, f64)> =
        (0..1_000).map(|i| (1e6 + f64::from(i % 37), 1e6 - f64::from(i % 11) * 2.5)).collect();
    let mut whole = Pair::default();
    values.iter().for_each(|(y, x)| whole.add(*y, *x));
    let mut parts = [Pair::default(); 3];
    values.iter().enumerate().for_each(|(index, (y, x))| parts[index % 3].add(*y, *x));
    let joined = parts.iter().fold(Pair::default(), |all, part| all.join(part));
    let sum = |of: fn(&(f64, f64)) -> f64| values.iter().map(of).sum::<f64>();
    let sums = Pair::from_sums(
        1_000.0,
        sum(|v| v.0),
        sum(|v| v.0 * v.0),
        sum(|v| v.1),
        sum(|v| v.1 * v.1),
        sum(|v| v.0 * v.1),
    );
    for (other, within) in [(joined, 1e-8), (sums, 1e-2)] {
        close(other.y.mean, whole.y.mean, 1e-9 * whole.y.mean);
        close(other.y.variance(), whole.y.variance(), within);
        close(other.covariance(), whole.covariance(), within);
    }
    assert_eq!(Moments::default().join(&Moments::default()), Moments::default());
    assert_eq!(Pair::default().join(&whole), whole);
}

#[test]
fn a_lift_is_withheld_near_zero_and_a_ratio_without_events() {
    assert!(Difference::lift(conversions(1_000.0, 20.0), conversions(1_000.0, 8.0)).is_none());
    assert!(Difference::lift(conversions(1_000.0, 20.0), conversions(1_000.0, 10.0)).is_some());
    assert!(Difference::lift(conversions(10.0, 1.0), conversions(0.0, 0.0)).is_none());
    assert!(Estimate::ratio(&Pair::from_sums(10.0, 5.0, 5.0, 0.0, 0.0, 0.0)).is_none());
}

#[test]
fn without_units_an_interval_is_everything() {
    let sequence = Sequence::new(0.05, 5_000.0);
    let nothing = Difference::absolute(conversions(0.0, 0.0), conversions(0.0, 0.0));
    assert_eq!(sequence.interval(&nothing), Interval { low: f64::NEG_INFINITY, high: f64::INFINITY });
    assert!(fixed::interval(&nothing, 0.05).is_none());
    assert!(fixed::p_value(&Difference::absolute(conversions(1.0, 1.0), conversions(1.0, 0.0))).is_none());
}

#[test]
fn a_sample_ratio_alarm_rings_for_what_is_broken_alone() {
    let split = |units: &[f64], shares: &[f64]| SampleRatio::new(units, shares).unwrap();
    assert!(!split(&[5_000.0, 5_100.0], &[0.5, 0.5]).is_alarm());
    assert!(split(&[5_000.0, 6_000.0], &[0.5, 0.5]).is_alarm());
    assert!(!split(&[0.0, 0.0], &[0.5, 0.5]).is_alarm());
    let three = split(&[1_000.0, 2_000.0, 7_000.0], &[0.1, 0.2, 0.7]);
    assert!(!three.is_alarm() && three.chi_square > 0.999);
    assert_eq!(
        split(&[10.0, 12.0, 0.0], &[0.5, 0.5, 0.0]),
        split(&[10.0, 12.0], &[0.5, 0.5]),
        "an arm without share or units is none"
    );
    for (units, shares) in [(&[1.0][..], &[1.0][..]), (&[1.0, 2.0], &[1.0]), (&[5.0, 1.0, 3.0], &[0.5, 0.5, 0.0])] {
        assert!(SampleRatio::new(units, shares).is_none());
    }
}

#[test]
fn history_takes_away_what_it_explains() {
    let mut arms = [Arm::default(), Arm::default()];
    for unit in 0..1_000 {
        let before = f64::from(unit % 97);
        arms[unit as usize % 2].add(2.0 * before + f64::from(unit % 2), Some(before));
    }
    let [control, treatment] = cuped(&arms)[..] else { panic!("two arms") };
    close(treatment.mean - control.mean, 1.0, 0.01);
    close(control.variance, 0.0, 1e-3);
    // Nobody has a history: nothing changes.
    let mut strangers = [Arm::default(), Arm::default()];
    let mut plain = [Moments::default(), Moments::default()];
    for unit in 0..100usize {
        let y = (unit * unit % 13) as f64;
        strangers[unit % 2].add(y, None);
        plain[unit % 2].add(y);
    }
    for (adjusted, plain) in cuped(&strangers).iter().zip(&plain) {
        close(adjusted.mean, plain.mean, 1e-12);
        close(adjusted.variance, plain.variance(), 1e-12);
    }
    assert_eq!(cuped(&[Arm::default()])[0].n, 0.0);
}

#[test]
fn a_missing_history_is_an_indicator_of_its_own() {
    // Strangers buy 10 more; history explains nothing. The arms have unlike shares of strangers.
    let mut arms = [Arm::default(), Arm::default()];
    for unit in 0..2_000usize {
        let arm = unit % 2;
        let noise = (unit * 7919 % 101) as f64 / 100.0;
        let stranger = if arm == 0 { unit % 4 == 0 } else { unit % 6 == 1 };
        if stranger { arms[arm].add(10.0 + noise, None) } else { arms[arm].add(noise, Some((unit % 3) as f64)) }
    }
    let [control, treatment] = cuped(&arms)[..] else { panic!("two arms") };
    close(treatment.mean - control.mean, 0.0, 0.05);
    assert!(control.variance < 0.2, "{}", control.variance);
}

#[test]
fn guardrails_are_harmed_safe_or_not_known() {
    let sequence = Sequence::new(0.05, 20_000.0);
    let control = conversions(20_000.0, 2_000.0);
    let verdict = |treated, worse, margin| judge(conversions(20_000.0, treated), control, worse, margin, &sequence);
    assert_eq!(verdict(2_600.0, Worse::Up, 0.05), Verdict::Harmed);
    assert_eq!(verdict(1_700.0, Worse::Up, 0.05), Verdict::Safe);
    assert_eq!(verdict(2_050.0, Worse::Up, 0.05), Verdict::Unknown);
    assert_eq!(verdict(1_400.0, Worse::Down, 0.05), Verdict::Harmed);
    assert_eq!(verdict(2_200.0, Worse::Down, 0.05), Verdict::Safe);
    assert_eq!(verdict(2_000.0, Worse::Down, 0.05), Verdict::Unknown);
    assert_eq!(judge(conversions(0.0, 0.0), control, Worse::Up, 0.05, &sequence), Verdict::Unknown);
}

#[test]
fn what_is_refused() {
    let alarm = SampleRatio::new(&[5_000.0, 6_000.0], &[0.5, 0.5]).unwrap();
    assert_eq!(refusal::lift([5_000.0, 6_000.0], 500.0, Some(&alarm)), Err(Refusal::SampleRatio));
    assert_eq!(refusal::lift([99.0, 6_000.0], 500.0, None), Err(Refusal::FewUnits));
    assert_eq!(refusal::lift([100.0, 100.0], 24.0, None), Err(Refusal::FewConversions));
    assert_eq!(refusal::lift([100.0, 100.0], 25.0, None), Ok(()));
    assert!(!refusal::winner(13.9, 14.0) && refusal::winner(14.0, 14.0));
    assert!(!refusal::crossovers(1.0, 100.0) && refusal::crossovers(2.0, 100.0) && !refusal::crossovers(0.0, 0.0));
    close(refusal::share_of_alpha(0.05, 2, 3), 0.05 / 6.0, 1e-15);
    close(refusal::share_of_alpha(0.05, 0, 0), 0.05, 1e-15);
}

#[test]
fn units_that_it_takes() {
    // 7.8489 is the square of 1.9600 and 0.8416, the normal quantiles of 97.5 % and 80 %, together.
    let (effect, variance) = (0.02, 4.0 * 0.2 * 0.8);
    let fixed = power::fixed_units(effect, variance, 0.05, 0.8);
    close(fixed, 4.0 * 0.16 * 7.848_879_734 / 0.0004, 1e-3);
    let sequence = Sequence::new(0.05, fixed);
    let units = power::sequence_units(effect, variance, 0.8, &sequence).unwrap();
    assert!(units > fixed && units < 2.0 * fixed, "{units} for {fixed}");
    close(power::sequence_power(effect, variance, units, &sequence), 0.8, 1e-3);
    assert!(power::sequence_units(0.0, variance, 0.8, &sequence).is_none());
}

#[test]
fn a_cap_is_a_value_that_was_seen() {
    assert_eq!(cap::percentile(&mut [5.0, 1.0, 3.0, 2.0, 4.0], 0.8), Some(4.0));
    assert_eq!(cap::percentile(&mut [5.0, 1.0], 1.0), Some(5.0));
    assert_eq!(cap::percentile(&mut [5.0, 1.0], 0.0), Some(1.0));
    assert_eq!(cap::percentile(&mut [], 0.99), None);
    assert_eq!((cap::capped(7.0, 4.0), cap::capped(3.0, 4.0)), (4.0, 3.0));
}
