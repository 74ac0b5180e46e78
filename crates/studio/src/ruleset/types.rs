//! A ruleset as it runs: names resolved, constants typed, shares exact. Made by [`super::check`] alone.

use serde_json::Value as Json;
use waft::operators::Operator;
use waft::program::{AttributeType, ValueType};

use super::share::Share;
use crate::finding::Place;

/// Something with a name and the place where the name is written.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// Its name.
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
    /// The environments that it can be built for.
    pub environments: Vec<Named<()>>,
    /// Attributes of contexts.
    pub attributes: Vec<Named<Attribute>>,
    /// Who can be randomised, by the attribute that holds the id.
    pub units: Vec<Named<usize>>,
    /// Named audiences; each names only earlier ones.
    pub segments: Vec<Named<Segment>>,
    /// Traffic that experiments share.
    pub layers: Vec<Named<Layer>>,
    /// Experiments.
    pub experiments: Vec<Named<Experiment>>,
    /// Flags.
    pub flags: Vec<Named<Flag>>,
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
    /// An attribute passes a test.
    Test(Test),
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
    /// A semantic version.
    Version([u32; 3], String),
    /// Milliseconds since 1970.
    Instant(i64),
}

/// Traffic that experiments share.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The unit whose points it divides.
    pub unit: usize,
    /// A salt other than `project/layer`.
    pub salt: Option<String>,
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
    /// The variant served when it is off.
    pub when_off: usize,
    /// The variant served when no rule matched.
    pub default: usize,
    /// Its rules, as written.
    pub rules: Vec<Named<Rule>>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// When it applies; always if absent.
    pub condition: Option<Condition>,
    /// What it does.
    pub action: Action,
    /// Whether an unknown condition serves the off variant.
    pub stop_on_unknown: bool,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Serves a variant.
    Serve(usize),
    /// Takes the unit into an experiment.
    Experiment(usize),
}
