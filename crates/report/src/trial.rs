//! What is compared: the phases of experiments, holdouts and monitored ramps that a ruleset has and that have started.

use serde::Serialize;
use waft_ruleset::{
    Action, Breakdown, Experiment, FlagBody, Guard, Holdout, Kill, Metric, MetricKind, Named, Phase,
    Plan as WrittenPlan, Ramp, Rule, Ruleset, Share, Then, control,
};
use waft_stats::Alpha;

/// A day in milliseconds.
pub(crate) const DAY_MS: i64 = 86_400_000;
/// Where a plan says nothing: the units for which the interval is narrowest, and the power of "how long still".
const UNPLANNED_UNITS: u64 = 10_000;
const POWER: f64 = 0.8;

/// One comparison of arms that were drawn by lot.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What it is.
    pub kind: Kind,
    /// Its name, as exposures have it.
    pub name: String,
    /// Its phase; 1 where there is only one.
    pub phase: u32,
    /// The keys of the flags that it is about: one, unless it is a holdout.
    pub flags: Vec<String>,
    /// Who was randomised.
    pub unit: String,
    /// When it started, in milliseconds since 1970.
    pub from: i64,
    /// When it ends or ended, if that is known.
    pub to: Option<i64>,
    /// Until when exposures and events count: now, or earlier where arms stop being comparable.
    pub as_of: i64,
    /// From when exposures count, if that is after the start: its flag was killed, and came back.
    pub opens: Option<i64>,
    /// The kill that ended it.
    pub stopped: Option<Kill>,
    /// Until when what is not counted because of a kill is told.
    pub until: i64,
    /// Kills while it ran that did not end it.
    pub kills: Vec<Kill>,
    /// The control first.
    pub arms: Vec<Arm>,
    /// Variants that the ruleset has here with a share of 0 %, and that nobody is to meet.
    pub unshared: Vec<String>,
    /// What is asked of it; the same metric may be asked twice.
    pub questions: Vec<Question>,
    /// What its results are told apart by, as exposures name it: `plan`, `segment/eu-pro`.
    pub breakdowns: Vec<String>,
    /// How large it is to be.
    pub plan: Plan,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A phase of an experiment.
    Experiment,
    /// A holdout.
    Holdout,
    /// A monitored ramp.
    Ramp,
}

/// A variant, and its share of units; shares of a trial need not sum to one.
#[derive(Clone, Debug)]
pub struct Arm {
    /// The variant.
    pub variant: String,
    /// The share.
    pub weight: f64,
}

/// A metric that is asked about.
#[derive(Clone, Debug)]
pub struct Question {
    /// As the ruleset names it.
    pub metric: String,
    /// What it is of.
    pub terms: Terms,
    /// What its answer is for.
    pub role: Role,
    /// What happens to a guardrail that is harmed.
    pub then: Then,
    /// Whether more is better.
    pub more_is_better: bool,
}

/// What a metric's answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// It decides.
    Primary,
    /// It explains.
    Secondary,
    /// It must not get worse by more than this share of the control's mean.
    Guardrail(f64),
}

/// How a metric is computed of events.
#[derive(Clone, Debug, PartialEq)]
pub enum Terms {
    /// One number per unit.
    One(Term),
    /// A ratio of sums.
    Ratio(Term, Term),
}

/// One number per unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The event's name.
    pub event: String,
    /// What of it.
    pub of: Of,
    /// How long after the exposure events count, in milliseconds; until the trial's end if absent.
    pub within: Option<i64>,
    /// Above which percentile values are cut off, in millionths.
    pub cap: Option<u32>,
    /// How long before the exposure the covariate looks back, in milliseconds.
    pub cuped: Option<i64>,
}

/// What of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Of {
    /// Whether it happened.
    Whether,
    /// How often.
    Count,
    /// The sum of its values.
    Value,
    /// The sum of one of its properties.
    Property(String),
}

/// How large a trial is to be.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Whether somebody wrote it.
    pub written: bool,
    /// The smallest relative effect that matters.
    pub detect: Option<f64>,
    /// The chance to see it.
    pub power: f64,
    /// The chance of a false alarm.
    pub alpha: Alpha,
    /// Units of all arms.
    pub units: u64,
    /// How long at least, in milliseconds.
    pub at_least: u64,
}

impl Trial {
    /// The control.
    pub fn control(&self) -> &str {
        self.arms.first().map_or("", |arm| &arm.variant)
    }

    /// The arms' shares.
    pub fn weights(&self) -> Vec<f64> {
        self.arms.iter().map(|arm| arm.weight).collect()
    }

    /// From when exposures count.
    pub fn began(&self) -> i64 {
        self.opens.unwrap_or(self.from)
    }

    /// The moment at which a kill ended it, or at which its flag came back: what is on the other side of it does not count.
    pub fn cut(&self) -> Option<i64> {
        self.stopped.as_ref().map(|_| self.ends()).or(self.opens)
    }

    /// The other arms.
    pub fn treatments(&self) -> &[Arm] {
        self.arms.get(1..).unwrap_or_default()
    }

    /// Until when events of metrics without a window count.
    pub fn ends(&self) -> i64 {
        self.to.map_or(self.as_of, |to| to.min(self.as_of))
    }

    /// Metrics that decide.
    pub fn primary_metrics(&self) -> u32 {
        self.questions.iter().filter(|question| question.role == Role::Primary).count() as u32
    }
}

impl Terms {
    /// How long after the exposure a unit's number is final, in milliseconds; 0 where there is no window.
    pub fn wait(&self) -> i64 {
        match self {
            Terms::One(term) => term.within.unwrap_or(0),
            Terms::Ratio(over, under) => over.within.unwrap_or(0).max(under.within.unwrap_or(0)),
        }
    }

    /// How long before the exposure the covariate looks back, in milliseconds; 0 where there is none.
    pub fn before(&self) -> i64 {
        match self {
            // For counts and means, as docs/report.md has it: a share's variance is p (1 - p), with or without a covariate.
            Terms::One(term) if term.of != Of::Whether => term.cuped.unwrap_or(0),
            Terms::One(_) | Terms::Ratio(..) => 0,
        }
    }
}

/// All trials that have started by `now` (milliseconds since 1970), in the ruleset's order, the newest phase first, as if no flag had
/// ever been killed.
pub(crate) fn started(ruleset: &Ruleset, environment: usize, now: i64) -> Vec<Trial> {
    let experiments = ruleset.experiments.iter().flat_map(|experiment| {
        let phases = experiment.item.phases.iter().rev().filter(|phase| milli(phase.from) <= now);
        phases.map(|phase| of_phase(ruleset, environment, experiment, phase, now))
    });
    let holdouts = ruleset.holdouts.iter().filter(|holdout| milli(holdout.item.from) <= now);
    let holdouts = holdouts.map(|holdout| of_holdout(ruleset, holdout, now));
    let ramps = ruleset.flags.iter().flat_map(|flag| {
        let body = flag.item.within(environment);
        body.rules.iter().filter_map(move |rule| of_rule(ruleset, &flag.name, body, rule, now))
    });
    experiments.chain(holdouts).chain(ramps).collect()
}

fn of_phase(ruleset: &Ruleset, environment: usize, named: &Named<Experiment>, phase: &Phase, now: i64) -> Trial {
    let Named { name, item: experiment, .. } = named;
    let readings = &experiment.readings;
    let asked = |names: &[(String, waft_ruleset::finding::Place)], role: Role| -> Vec<Question> {
        names.iter().filter_map(|(metric, _)| question(ruleset, metric, role)).collect()
    };
    let mut questions = asked(&readings.primary, Role::Primary);
    questions.extend(asked(&readings.secondary, Role::Secondary));
    questions.extend(guardrails(ruleset, &readings.guardrails));
    let mut arms: Vec<Arm> = phase
        .split
        .iter()
        .filter(|(_, share, _)| share.0 > 0)
        .map(|(variant, share, _)| Arm { variant: variant.clone(), weight: fraction(*share) })
        .collect();
    let control = control(ruleset, environment, name, arms.iter().map(|arm| arm.variant.as_str())).to_owned();
    if let Some(at) = arms.iter().position(|arm| arm.variant == control) {
        arms.get_mut(..=at).unwrap_or_default().rotate_right(1);
    }
    Trial {
        kind: Kind::Experiment,
        name: name.clone(),
        phase: phase.id,
        flags: Vec::new(),
        unit: unit(ruleset, experiment.unit),
        from: milli(phase.from),
        to: phase.to.map(milli),
        as_of: now,
        opens: None,
        stopped: None,
        until: now,
        kills: Vec::new(),
        arms,
        unshared: phase
            .split
            .iter()
            .filter(|(_, share, _)| share.0 == 0)
            .map(|(variant, ..)| variant.clone())
            .collect(),
        questions,
        breakdowns: readings.breakdown.iter().map(Breakdown::name).collect(),
        plan: experiment.plan.map_or(unplanned(), plan),
    }
}

fn of_holdout(ruleset: &Ruleset, named: &Named<Holdout>, now: i64) -> Trial {
    let Named { name, item: holdout, .. } = named;
    let held = fraction(holdout.share);
    Trial {
        kind: Kind::Holdout,
        name: name.clone(),
        phase: 1,
        flags: Vec::new(),
        unit: unit(ruleset, holdout.unit),
        from: milli(holdout.from),
        to: holdout.to.map(milli),
        as_of: now,
        opens: None,
        stopped: None,
        until: now,
        kills: Vec::new(),
        arms: vec![
            Arm { variant: "held".to_owned(), weight: held },
            Arm { variant: "not-held".to_owned(), weight: 1.0 - held },
        ],
        unshared: Vec::new(),
        questions: holdout.metrics.iter().filter_map(|(metric, _)| question(ruleset, metric, Role::Primary)).collect(),
        breakdowns: Vec::new(),
        plan: unplanned(),
    }
}

/// A monitored ramp. Above 50 % the control is let go step by step, and the halves are no halves any more: nothing after
/// that moment counts.
fn of_rule(ruleset: &Ruleset, flag: &str, body: &FlagBody, rule: &Named<Rule>, now: i64) -> Option<Trial> {
    let Action::Ramp(ramp @ Ramp { guard, steps, .. }) = &rule.item.action else { return None };
    let from = steps.first().map(|(_, at)| milli(*at)).filter(|from| *from <= now && !guard.is_empty())?;
    let half = Share(Share::ALL.0 / 2);
    let released = steps.iter().find(|(share, _)| *share > half).map(|(_, at)| milli(*at));
    let (variant, _) = body.variants.get(ramp.variant)?;
    Some(Trial {
        kind: Kind::Ramp,
        name: format!("{flag}/{}", rule.name),
        phase: 1,
        flags: Vec::new(),
        unit: unit(ruleset, ramp.unit),
        from,
        to: released,
        as_of: released.map_or(now, |released| released.min(now)),
        opens: None,
        stopped: None,
        until: now,
        kills: Vec::new(),
        arms: vec![Arm { variant: "control".to_owned(), weight: 0.5 }, Arm { variant: variant.clone(), weight: 0.5 }],
        unshared: Vec::new(),
        questions: guardrails(ruleset, guard),
        breakdowns: Vec::new(),
        plan: unplanned(),
    })
}

fn guardrails(ruleset: &Ruleset, guards: &[Guard]) -> Vec<Question> {
    guards
        .iter()
        .filter_map(|Guard { metric, worse, then, .. }| {
            let role = Role::Guardrail(fraction(*worse));
            question(ruleset, metric, role).map(|question| Question { then: *then, ..question })
        })
        .collect()
}

fn question(ruleset: &Ruleset, name: &str, role: Role) -> Option<Question> {
    let asked = metric(ruleset, name)?;
    let terms = match &asked.kind {
        MetricKind::Ratio([(over, _), (under, _)]) => {
            Terms::Ratio(term(metric(ruleset, over)?)?, term(metric(ruleset, under)?)?)
        }
        MetricKind::Conversion(_) | MetricKind::Count(_) | MetricKind::Mean(..) => Terms::One(term(asked)?),
    };
    let more_is_better = asked.more_is_better;
    Some(Question { metric: name.to_owned(), terms, role, then: Then::default(), more_is_better })
}

fn metric<'r>(ruleset: &'r Ruleset, name: &str) -> Option<&'r Metric> {
    ruleset.metrics.iter().find(|metric| metric.name == name).map(|metric| &metric.item)
}

fn term(metric: &Metric) -> Option<Term> {
    let (event, of) = match &metric.kind {
        MetricKind::Conversion(event) => (event, Of::Whether),
        MetricKind::Count(event) => (event, Of::Count),
        MetricKind::Mean(event, None) => (event, Of::Value),
        MetricKind::Mean(event, Some(property)) => (event, Of::Property(property.clone())),
        MetricKind::Ratio(_) => return None,
    };
    let cap = metric.cap.filter(|cap| *cap < Share::ALL).map(|cap| cap.0);
    Some(Term { event: event.clone(), of, within: metric.within, cap, cuped: metric.cuped })
}

fn plan(written: WrittenPlan) -> Plan {
    Plan {
        written: true,
        detect: Some(fraction(written.detect)),
        power: fraction(written.power),
        // lint has refused 0% and 100%.
        alpha: Alpha::new(fraction(written.alpha)).unwrap_or(Alpha::FIVE_PERCENT),
        units: written.units,
        at_least: written.at_least.and_then(|milli| u64::try_from(milli).ok()).unwrap_or(0),
    }
}

fn unplanned() -> Plan {
    Plan { written: false, detect: None, power: POWER, alpha: Alpha::FIVE_PERCENT, units: UNPLANNED_UNITS, at_least: 0 }
}

fn unit(ruleset: &Ruleset, index: usize) -> String {
    ruleset.units.get(index).map(|unit| unit.name.clone()).unwrap_or_default()
}

fn milli(seconds: u32) -> i64 {
    i64::from(seconds) * 1_000
}

fn fraction(share: Share) -> f64 {
    f64::from(share.0) / 1e6
}
