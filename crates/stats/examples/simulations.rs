//! `make stats`: whether the statistics keep what they promise, on 2,000 experiments without an effect that are looked at 50 times each.
//!
//! Prints a row per simulation, and fails if a bound is broken.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, LogNormal, Poisson};
use waft::buckets::{Key, Purpose};
use waft_stats::cuped::Arm;
use waft_stats::sample_ratio::SampleRatio;
use waft_stats::{Difference, Estimate, Moments, Pair, Sequence, cuped, power, refusal};

const EXPERIMENTS: u64 = 2_000;
const LOOKS: usize = 50;
/// Units of both arms between two looks.
const STEP: usize = 400;
const ALPHA: f64 = 0.05;
const BUYERS: f64 = 0.03;
const SALTS: u64 = 1_000;

/// What one unit did.
#[derive(Clone, Copy, Default)]
struct Unit {
    converted: bool,
    revenue: f64,
    sessions: f64,
    clicks: f64,
    /// What it spent before; none of new ones.
    before: Option<f64>,
}

/// Draws units whose revenue has a heavy tail: 3 % buy, for lognormal sums.
struct Draw {
    random: SmallRng,
    spent: LogNormal<f64>,
    visits: Poisson<f64>,
}

impl Draw {
    fn new(seed: u64) -> Self {
        let (spent, visits) = (LogNormal::new(3.0, 1.0).unwrap(), Poisson::new(2.0).unwrap());
        Draw { random: SmallRng::seed_from_u64(seed), spent, visits }
    }

    fn unit(&mut self, rate: f64) -> Unit {
        let random = &mut self.random;
        let habit = if random.random_bool(0.2) { self.spent.sample(random) } else { 0.0 };
        let buys = random.random_bool(BUYERS);
        let revenue = if buys { self.spent.sample(random) } else { 0.0 };
        let sessions = 1.0 + self.visits.sample(random);
        // A person's own rate: clicks of one are alike.
        let own = 0.2 + 0.3 * random.random::<f64>();
        let clicks = (0..sessions as u32).filter(|_| random.random_bool(own)).count() as f64;
        Unit {
            converted: random.random_bool(rate),
            revenue: revenue + 0.8 * habit,
            sessions,
            clicks,
            before: random.random_bool(0.7).then_some(habit),
        }
    }

    fn coin(&mut self) -> usize {
        usize::from(self.random.random_bool(0.5))
    }
}

/// A metric, as the report computes it.
#[derive(Default)]
struct Tally {
    conversions: [Moments; 2],
    buyers: [f64; 2],
    revenue: [Moments; 2],
    ratio: [Pair; 2],
    cuped: [Arm; 2],
}

fn proportion(arm: &Moments) -> Estimate {
    Estimate::proportion(arm.n, arm.mean * arm.n)
}

const METRICS: [&str; 4] =
    ["conversion 10 %", "revenue, 3 % buy, lognormal", "clicks per session (ratio)", "revenue, CUPED"];

impl Tally {
    fn add(&mut self, arm: usize, unit: Unit) {
        self.conversions[arm].add(f64::from(u8::from(unit.converted)));
        self.buyers[arm] += f64::from(u8::from(unit.revenue > 0.0));
        self.revenue[arm].add(unit.revenue);
        self.ratio[arm].add(unit.clicks, unit.sessions);
        self.cuped[arm].add(unit.revenue, unit.before);
    }

    fn units(&self) -> [f64; 2] {
        [self.conversions[0].n, self.conversions[1].n]
    }

    /// Each metric's difference, where the report tells one.
    fn differences(&self) -> [Option<Difference>; 4] {
        let told = |conversions: f64| refusal::lift(self.units(), conversions, None).is_ok();
        let pair = |[control, treatment]: [Estimate; 2]| Difference::absolute(treatment, control);
        let converted: f64 = self.conversions.iter().map(|arm| arm.mean * arm.n).sum();
        let bought = told(self.buyers.iter().sum());
        let adjusted = cuped(&self.cuped);
        [
            told(converted).then(|| pair([0, 1].map(|arm| proportion(&self.conversions[arm])))),
            bought.then(|| pair([0, 1].map(|arm| Estimate::mean(&self.revenue[arm])))),
            told(f64::INFINITY).then(|| pair([0, 1].map(|arm| Estimate::ratio(&self.ratio[arm]).unwrap()))),
            bought.then(|| pair([adjusted[0], adjusted[1]])),
        ]
    }

    fn ratio_alarm(&self) -> bool {
        SampleRatio::new(&self.units(), &[0.5, 0.5]).is_some_and(|ratio| ratio.is_alarm())
    }
}

/// How many experiments were ever significant by each metric, and how many ever had an alarm.
#[derive(Default)]
struct Ever {
    significant: [u64; 4],
    alarm: u64,
}

/// Whether one experiment was ever significant, by each metric, and whether it ever had an alarm.
type Seen = ([bool; 4], bool);

impl Ever {
    fn look(&self, tally: &Tally, sequence: &Sequence, seen: &mut Seen) {
        for (seen, difference) in seen.0.iter_mut().zip(tally.differences()) {
            *seen |= difference.is_some_and(|difference| !sequence.interval(&difference).contains(0.0));
        }
        seen.1 |= tally.ratio_alarm();
    }

    fn end(&mut self, (significant, alarm): Seen) {
        for (count, seen) in self.significant.iter_mut().zip(significant) {
            *count += u64::from(seen);
        }
        self.alarm += u64::from(alarm);
    }
}

fn without_effect() -> Ever {
    let sequence = Sequence::new(ALPHA, (LOOKS * STEP) as f64);
    let mut ever = Ever::default();
    for seed in 0..EXPERIMENTS {
        let (mut draw, mut tally, mut seen) = (Draw::new(seed), Tally::default(), Seen::default());
        for _ in 0..LOOKS {
            for _ in 0..STEP {
                let arm = draw.coin();
                let unit = draw.unit(0.1);
                tally.add(arm, unit);
            }
            ever.look(&tally, &sequence, &mut seen);
        }
        ever.end(seen);
    }
    ever
}

/// The id of a unit, by the number of the experiment and its own.
type Shape<'a> = &'a dyn Fn(u64, u64) -> String;

/// The same through the engine's own assignment, by ids of a shape.
fn assigned(id: Shape) -> Ever {
    const STEP: usize = 100;
    let sequence = Sequence::new(ALPHA, (LOOKS * STEP) as f64);
    let mut ever = Ever::default();
    for salt in 0..SALTS {
        let key = Key::derive(Purpose::Split, &[b"sim/", salt.to_string().as_bytes(), b"/1"]);
        let (mut draw, mut tally, mut seen) = (Draw::new(salt), Tally::default(), Seen::default());
        for look in 0..LOOKS {
            for unit in 0..STEP {
                let number = (look * STEP + unit) as u64;
                let arm = usize::from(key.point(id(salt, number).as_bytes()) >= 1 << 31);
                let unit = draw.unit(0.1);
                tally.add(arm, unit);
            }
            ever.look(&tally, &sequence, &mut seen);
        }
        ever.end(seen);
    }
    ever
}

/// How often the sequence sees an effect by twice the units that one planned look takes to see it in 80 % of experiments.
fn with_effect() -> f64 {
    let (rate, effect) = (0.1, 0.02);
    let between = |rate: f64| rate * (1.0 - rate);
    let fixed = power::fixed_units(effect, 2.0 * (between(rate) + between(rate + effect)), ALPHA, 0.8);
    let sequence = Sequence::new(ALPHA, fixed);
    let step = (2.0 * fixed / LOOKS as f64).ceil() as usize;
    let mut seen = 0;
    for seed in 0..EXPERIMENTS {
        let mut random = SmallRng::seed_from_u64(seed);
        let mut arms = [Moments::default(); 2];
        for _ in 0..LOOKS {
            for unit in 0..step {
                let arm = unit % 2;
                arms[arm].add(f64::from(u8::from(random.random_bool(rate + effect * arm as f64))));
            }
            let difference = Difference::absolute(proportion(&arms[1]), proportion(&arms[0]));
            if sequence.interval(&difference).low > 0.0 {
                seen += 1;
                break;
            }
        }
    }
    seen as f64 / EXPERIMENTS as f64
}

fn main() {
    let mut table = Table::default();
    let plain = without_effect();
    for (metric, count) in METRICS.iter().zip(plain.significant) {
        table.at_most(&format!("ever significant: {metric}"), count, EXPERIMENTS, ALPHA);
    }
    table.at_most("sample-ratio alarms", plain.alarm, EXPERIMENTS, 0.01);
    let mix = |salt: u64, number: u64| SmallRng::seed_from_u64(salt << 32 | number).random::<u128>();
    let shapes: [(&str, Shape); 5] = [
        ("integers", &|_, number| (1_000_000 + number).to_string()),
        ("UUID v4", &|salt, number| uuid(mix(salt, number), 4)),
        ("UUID v7", &|salt, number| {
            let time = u128::from(1_780_000_000_000 + number * 3) << 80;
            uuid(time | mix(salt, number) >> 48, 7)
        }),
        ("e-mails", &|_, number| format!("person.{number}@post.example")),
        ("a common prefix", &|_, number| format!("customer-account-0000-{number:09}")),
    ];
    for (shape, id) in shapes {
        let ever = assigned(id);
        let most = ever.significant.into_iter().max().unwrap_or(0);
        table.at_most(&format!("by the engine, {shape}: the worst metric"), most, SALTS, ALPHA);
        table.at_most(&format!("by the engine, {shape}: alarms"), ever.alarm, SALTS, 0.01);
    }
    table.at_least("power at twice the fixed sample", with_effect(), 0.8);
    println!("simulations: {} passed, {} failed", table.passed, table.failed);
    std::process::exit(i32::from(table.failed > 0));
}

fn uuid(bits: u128, version: u128) -> String {
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | version << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[derive(Default)]
struct Table {
    passed: u32,
    failed: u32,
}

impl Table {
    fn at_most(&mut self, what: &str, count: u64, of: u64, bound: f64) {
        let share = count as f64 / of as f64;
        self.row(what, share, "at most", bound, share <= bound);
    }

    fn at_least(&mut self, what: &str, share: f64, bound: f64) {
        self.row(what, share, "at least", bound, share >= bound);
    }

    fn row(&mut self, what: &str, share: f64, word: &str, bound: f64, ok: bool) {
        println!(
            "{what:<50} {:>6.2} %   {word} {:>2.0} %   {}",
            100.0 * share,
            100.0 * bound,
            if ok { "ok" } else { "FAILED" }
        );
        if ok { self.passed += 1 } else { self.failed += 1 }
    }
}
