//! A ruleset as it runs: names resolved, constants typed, shares exact. Made by [`crate::check`] alone.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json};
use waft::operators::Operator;
use waft::program::{AttributeType, ValueType};
use waft::semver;

use crate::finding::Place;
use crate::purpose::Purpose;
use crate::ramp::Ramp;
use crate::readings::Readings;
use crate::share::Share;

/// Something with a name and the place where the name is written.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// As it is written.
    pub name: String,
    /// Where.
    pub place: Place,
    /// What it names.
    pub item: T,
}

/// A whole ruleset. References between its parts are places in these lists.
#[derive(Clone, Debug, Default)]
pub struct Ruleset {
    /// The project's name: a part of every default salt.
    pub project: String,
    /// Where that is written.
    pub project_place: Place,
    /// The environments that it can be built for.
    pub environments: Vec<Named<Environment>>,
    /// Attributes of contexts.
    pub attributes: Vec<Named<Attribute>>,
    /// Who can be randomised, by the attribute that holds the id.
    pub units: Vec<Named<usize>>,
    /// Lists of ids.
    pub lists: Vec<Named<List>>,
    /// Named audiences; each names only earlier ones.
    pub segments: Vec<Named<Segment>>,
    /// Traffic that experiments share.
    pub layers: Vec<Named<Layer>>,
    /// Shares of units that teams hold out of what they do.
    pub holdouts: Vec<Named<Holdout>>,
    /// What success is measured by.
    pub metrics: Vec<Named<Metric>>,
    /// Experiments.
    pub experiments: Vec<Named<Experiment>>,
    /// Flags.
    pub flags: Vec<Named<Flag>>,
}

/// What an environment asks of releases.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// For how long a snapshot may be adopted, in seconds, unless whoever builds it says otherwise.
    pub expires: Option<u64>,
    /// How many signatures of which roles a release needs, beside those that pages ask for.
    pub require: Vec<(String, u64)>,
    /// What a release may change that nobody approved.
    pub limits: Limits,
    /// Which of both are written, and where.
    pub asks: Vec<(&'static str, Place)>,
}

/// What a release may change that nobody approved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The largest share of a population that gets another value.
    pub moved: Option<Share>,
    /// The most flags that may decide differently.
    pub flags: Option<u64>,
}

/// An attribute of contexts.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// How its values are read.
    pub kind: AttributeType,
    /// The values it may have, if they are listed.
    pub values: Option<Vec<String>>,
    /// Whether it must never leave the browser.
    pub private: bool,
}

/// A named audience.
#[derive(Clone, Debug)]
pub struct Segment {
    /// What people call it; may be empty.
    pub title: String,
    /// Who is in it.
    pub condition: Condition,
}

/// A condition.
#[derive(Clone, Debug)]
pub enum Condition {
    /// All hold.
    All(Vec<Condition>),
    /// Any holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The unit is in a segment.
    Segment(usize),
    /// Another flag, by its name, evaluates to one of several variants.
    Flag(Named<Vec<String>>),
    /// The unit's point is in a part of all points.
    Share(ShareOf),
    /// The id in a list's attribute is in the list.
    List(usize),
    /// An attribute passes a test.
    Test(Test),
}

impl Condition {
    /// Parts that hold together; one part stands for itself.
    pub fn all_of(mut parts: Vec<Condition>) -> Condition {
        match (parts.len(), parts.pop()) {
            (1, Some(part)) => part,
            (_, last) => Condition::All(parts.into_iter().chain(last).collect()),
        }
    }

    /// Calls a visitor for this condition and all its parts.
    pub fn walk<'c>(&'c self, visit: &mut dyn FnMut(&'c Condition)) {
        visit(self);
        match self {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| part.walk(visit)),
            Condition::Not(part) => part.walk(visit),
            Condition::Segment(_)
            | Condition::Flag(_)
            | Condition::Share(_)
            | Condition::List(_)
            | Condition::Test(_) => {}
        }
    }
}

/// A part of all units, by points of their own.
#[derive(Clone, Debug)]
pub struct ShareOf {
    /// The unit whose points they are, by its index among the ruleset's.
    pub unit: usize,
    /// What tells these points from others.
    pub salt: String,
    /// The part.
    pub range: Range,
    /// Whether another use of the same points is meant.
    pub correlate: bool,
}

/// Lists of more ids than this are files of their own, fetched when they are first asked for.
pub const INLINE_IDS: usize = 4_096;

/// A list of ids.
#[derive(Clone, Debug)]
pub struct List {
    /// The attribute that holds an id.
    pub attribute: usize,
    /// A salt other than `project/list`.
    pub salt: Option<String>,
    /// The ids, sorted and each once.
    pub ids: Vec<String>,
    /// Whether a page waits for it, if it is a file of its own.
    pub preload: bool,
}

/// A share of units that is held out.
#[derive(Clone, Debug)]
pub struct Holdout {
    /// The unit that it randomises, by its index among the ruleset's.
    pub unit: usize,
    /// A salt other than `project/holdout`.
    pub salt: Option<String>,
    /// How many are held out.
    pub share: Share,
    /// Its first second, since 1970.
    pub from: u32,
    /// The second after its last, if it has one.
    pub to: Option<u32>,
    /// Who is never held out.
    pub except: Option<Condition>,
    /// Metrics, by name.
    pub metrics: Vec<(String, Place)>,
}

/// What success is measured by.
#[derive(Clone, Debug)]
pub struct Metric {
    /// How it is computed.
    pub kind: MetricKind,
    /// How long after the exposure events count, in milliseconds.
    pub within: Option<i64>,
    /// Above which percentile values are cut off.
    pub cap: Option<Share>,
    /// How long before the exposure its covariate looks back, in milliseconds.
    pub cuped: Option<i64>,
    /// Whether more is better.
    pub more_is_better: bool,
}

/// How a metric is computed.
#[derive(Clone, Debug)]
pub enum MetricKind {
    /// Whether an event happened.
    Conversion(String),
    /// How often it happened.
    Count(String),
    /// The sum of a property of the event, or of its value.
    Mean(String, Option<String>),
    /// One metric over another, by name.
    Ratio([(String, Place); 2]),
}

/// How large an experiment is to be.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The smallest relative effect that matters.
    pub detect: Share,
    /// The chance to see it.
    pub power: Share,
    /// The chance of a false alarm.
    pub alpha: Share,
    /// How many units in all.
    pub units: u64,
    /// How long at least, in milliseconds.
    pub at_least: Option<i64>,
}

impl Plan {
    /// The chance to see the effect, unless it is written.
    pub const POWER: Share = Share(800_000);
    /// The chance of a false alarm, unless it is written.
    pub const ALPHA: Share = Share(50_000);
}

/// A test of one attribute.
#[derive(Clone, Debug)]
pub struct Test {
    /// The attribute.
    pub attribute: usize,
    /// What is asked.
    pub operator: Operator,
    /// What it is compared with.
    pub constants: Vec<Constant>,
}

/// What attributes are compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// Text.
    Text(String),
    /// A finite number.
    Number(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A semantic version, without its build metadata.
    Version(String),
    /// Milliseconds since 1970.
    Instant(i64),
    /// Two distances from now in milliseconds, the earlier first.
    Distances(i64, i64),
    /// At least and at most so many.
    Count(u32, u32),
    /// A compiled pattern and how it is written.
    Pattern(Vec<u8>, String),
}

impl Constant {
    /// How two constants of one type are ordered; `None` for types that have no order.
    pub fn compare(&self, other: &Constant) -> Option<Ordering> {
        match (self, other) {
            (Constant::Number(one), Constant::Number(other)) => one.partial_cmp(other),
            (Constant::Instant(one), Constant::Instant(other)) => Some(one.cmp(other)),
            (Constant::Version(one), Constant::Version(other)) => {
                Some(semver::precedence(one.as_bytes(), other.as_bytes()))
            }
            _ => None,
        }
    }
}

/// Traffic that experiments share.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The unit whose points it divides.
    pub unit: usize,
    /// A salt other than `project/layer`.
    pub salt: Option<String>,
    /// Ranges that rest until a second since 1970.
    pub resting: Vec<(Range, u32)>,
}

/// An experiment.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// The unit that it randomises.
    pub unit: usize,
    /// A salt other than `project/experiment`.
    pub salt: Option<String>,
    /// Its layer and its ranges there.
    pub layer: Option<(usize, Vec<Range>)>,
    /// Its phases, in order of time.
    pub phases: Vec<Phase>,
    /// Whether a unit keeps the variant that it was once given in a phase.
    pub sticky: bool,
    /// Whether sharing a salt with another experiment is meant.
    pub correlate: bool,
    /// What is read off it.
    pub readings: Readings,
    /// How large it is to be.
    pub plan: Option<Plan>,
}

/// A part of a layer: from one share up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Where it starts.
    pub from: Share,
    /// Where it ends.
    pub to: Share,
    /// Where it is written.
    pub place: Place,
}

/// A period of an experiment. Times are seconds since 1970.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Its number.
    pub id: u32,
    /// Where it is written.
    pub place: Place,
    /// Its first second.
    pub from: u32,
    /// The second after its last, if it has one.
    pub to: Option<u32>,
    /// The share of eligible units that it takes in.
    pub coverage: Share,
    /// Variants and their shares, in byte order of the variants' keys.
    pub split: Vec<(String, Share, Place)>,
}

/// A flag: what it is everywhere, and what it is in environments that replace some of its keys.
#[derive(Clone, Debug)]
pub struct Flag {
    /// Where no environment says otherwise.
    pub base: FlagBody,
    /// By environment.
    pub replaced: Vec<(usize, FlagBody)>,
}

impl Ruleset {
    /// Every condition, wherever it is written.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let bodies = self.flags.iter().flat_map(|flag| flag.item.bodies());
        let of_rules = bodies.flat_map(|body| &body.rules).filter_map(|rule| rule.item.condition.as_ref());
        let of_segments = self.segments.iter().map(|segment| &segment.item.condition);
        let of_needs = self.flags.iter().flat_map(|flag| flag.item.bodies()).filter_map(|body| body.needs.as_ref());
        of_rules
            .chain(of_needs)
            .chain(of_segments)
            .chain(self.holdouts.iter().filter_map(|holdout| holdout.item.except.as_ref()))
    }
}

impl Flag {
    /// The flag in an environment.
    pub fn within(&self, environment: usize) -> &FlagBody {
        self.replaced.iter().find(|(index, _)| *index == environment).map_or(&self.base, |(_, body)| body)
    }

    /// All its forms.
    pub fn bodies(&self) -> impl Iterator<Item = &FlagBody> {
        std::iter::once(&self.base).chain(self.replaced.iter().map(|(_, body)| body))
    }
}

/// What a flag is.
#[derive(Clone, Debug)]
pub struct FlagBody {
    /// The type of its values.
    pub kind: ValueType,
    /// Whether its rules are tried.
    pub enabled: bool,
    /// Its variants and their values.
    pub variants: Vec<(String, Json)>,
    /// The variant served when it is off; without one, the caller's default is.
    pub when_off: Option<usize>,
    /// The variant served when no rule matched.
    pub default: usize,
    /// Its rules, as written.
    pub rules: Vec<Named<Rule>>,
    /// Flags that must come out as one of several variants, or this one is off.
    pub requires: Vec<Named<Vec<String>>>,
    /// Single units that get a variant whatever the rules say.
    pub targets: Vec<Target>,
    /// The holdout that it takes part in.
    pub holdout: Option<usize>,
    /// What pages are told with each of its values: strings, numbers and booleans by name.
    pub metadata: Map<String, Json>,
    /// When it is to be removed, in milliseconds since 1970, and where that is written.
    pub remove_by: Option<(i64, Place)>,
    /// What it is for.
    pub purpose: Option<Purpose>,
    /// Whose page has the code that reads it. No decision depends on it.
    pub needs: Option<Condition>,
}

/// Single units that get a variant.
#[derive(Clone, Debug)]
pub struct Target {
    /// The variant.
    pub variant: usize,
    /// The attribute that holds the ids.
    pub attribute: usize,
    /// The ids, each once.
    pub ids: Vec<String>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// For whom it applies; for everybody if absent.
    pub condition: Option<Condition>,
    /// When it applies, in seconds since 1970: from the first on, if there is one, and before the second. Always if absent.
    pub dates: Option<(Option<u32>, Option<u32>)>,
    /// What it does.
    pub action: Action,
    /// What an unknown condition does, if that is written; the next rule is tried if not.
    pub on_unknown: Option<OnUnknown>,
}

/// What an unknown condition does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnUnknown {
    /// The next rule is tried.
    Skip,
    /// The off variant is served.
    Stop,
}

impl Rule {
    /// Whether an unknown condition serves the off variant.
    pub fn stops_on_unknown(&self) -> bool {
        self.on_unknown == Some(OnUnknown::Stop)
    }

    /// Whether it serves everybody, at any time: nothing behind it is reached.
    pub fn is_final(&self) -> bool {
        self.condition.is_none() && self.dates.is_none() && matches!(self.action, Action::Serve(_))
    }

    /// Whether it applies at some second from one on and before another.
    pub fn applies_within(&self, from: u32, to: Option<u32>) -> bool {
        let (first, end) = self.dates.unwrap_or_default();
        first.is_none_or(|first| to.is_none_or(|to| first < to)) && end.is_none_or(|end| from < end)
    }
}

/// What a rule does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Serves a variant.
    Serve(usize),
    /// Takes the unit into an experiment.
    Experiment(usize),
    /// Serves a variant to a share that rises.
    Ramp(Ramp),
}

/// The name of an attribute's type, as a ruleset declares it.
pub const fn type_name(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::String => "string",
        AttributeType::Number => "number",
        AttributeType::Boolean => "boolean",
        AttributeType::Date => "date",
        AttributeType::Semver => "semver",
        AttributeType::List => "list",
        AttributeType::Unknown => "unknown",
    }
}

/// The name of the type of a flag's values, as a ruleset declares it.
pub const fn value_type_name(kind: ValueType) -> &'static str {
    match kind {
        ValueType::Boolean => "boolean",
        ValueType::String => "string",
        ValueType::Number => "number",
        ValueType::Object => "object",
    }
}
