//! Guardrails: metrics that must not get worse, and what happens if they do. Decisions depend on none of it.

use crate::finding::Place;
use crate::share::Share;

/// A metric that must not get worse.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The metric's name.
    pub metric: String,
    /// Where it is written.
    pub place: Place,
    /// By which share of the control's value it may.
    pub worse: Share,
    /// What `waft guard` does once it is known to be worse than that.
    pub then: Then,
}

/// What `waft guard` does about a guardrail that is harmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Then {
    /// It tells people.
    #[default]
    Notify,
    /// It stops the ramp where it is.
    Hold,
    /// It turns the flag off.
    Off,
    /// It takes the release back.
    Rollback,
}

impl Then {
    /// All of them, mildest first.
    pub const ALL: [Then; 4] = [Then::Notify, Then::Hold, Then::Off, Then::Rollback];

    /// As a ruleset has it.
    pub const fn name(self) -> &'static str {
        match self {
            Then::Notify => "notify",
            Then::Hold => "hold",
            Then::Off => "off",
            Then::Rollback => "rollback",
        }
    }

    /// Reads [`name`](Self::name).
    pub fn named(text: &str) -> Option<Self> {
        Then::ALL.into_iter().find(|then| then.name() == text)
    }
}
