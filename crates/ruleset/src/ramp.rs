//! The steps of a ramp, and whether the next one may begin.

use crate::finding::Place;
use crate::guard::Guard;
use crate::share::Share;

/// A share that rises.
#[derive(Clone, Debug)]
pub struct Ramp {
    /// The variant.
    pub variant: usize,
    /// The unit that it randomises, by its index among the ruleset's.
    pub unit: usize,
    /// A salt other than `project/flag/rule`.
    pub salt: Option<String>,
    /// Metrics that must not get worse; any makes the ramp a monitored one.
    pub guard: Vec<Guard>,
    /// The steps whose time is known: shares and seconds since 1970, both rising.
    pub steps: Vec<(Share, u32)>,
    /// Steps that wait for somebody to date them, or for the end of a pause: they are in no snapshot.
    pub waiting: usize,
    /// All steps, as they are planned.
    pub plan: Vec<Step>,
    /// The second since 1970 from which on no step begins.
    pub paused: Option<u32>,
    /// Where it is written.
    pub written: Box<Written>,
}

/// Where the fields of a ramp are: the key, and its value.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// `ramp`.
    pub ramp: (Place, Place),
    /// `paused`, if it is there.
    pub paused: Option<(Place, Place)>,
}

/// A step of a ramp. Times are seconds since 1970.
#[derive(Clone, Debug)]
pub struct Step {
    /// The share that it rises to.
    pub to: Share,
    /// What it waits for.
    pub wait: Wait,
    /// When it begins, if that is known: from its own date, or from the hold of a ramp that goes on by itself.
    pub at: Option<u32>,
    /// Where it is written.
    pub places: Places,
}

/// What a step waits for, behind the step before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// For its date.
    Date,
    /// For so many seconds.
    Hold(u32),
    /// For so many seconds, and until so many units were seen.
    Units(u32, u64),
    /// For somebody's approval.
    Approval,
}

/// Where the parts of a step are written.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// The step.
    pub step: Place,
    /// The key `to`, and its value.
    pub to: (Place, Place),
    /// The value of `at`, if it is written.
    pub at: Option<Place>,
}

/// What is known of a ramp that its rules do not say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'e> {
    /// How many units the ramp has exposed, if they were counted.
    pub units: Option<u64>,
    /// Whether somebody approved the next step.
    pub approved: bool,
    /// What is known of guardrails, by metric.
    pub guards: &'e [(String, Verdict)],
    /// Whether pages have the step that the ramp has by its dates.
    pub out: Out,
}

/// Whether pages have a step whose date has come: what was approved late is in pages late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Out {
    /// Nothing is known of releases: since its date.
    #[default]
    Unknown,
    /// Since this second since 1970, or since its date if that came later.
    Since(u32),
    /// Not yet.
    NotYet,
}

/// What is known of a guardrail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is no worse than it may be.
    Safe,
    /// It is worse.
    Harmed,
    /// There are not enough data, or none.
    Unknown,
}

impl Verdict {
    /// What is known of a guardrail by its comparisons: harmed if one is, safe only if all are.
    #[must_use]
    pub fn of_all(comparisons: impl Iterator<Item = Self>) -> Self {
        let mut known = None;
        for comparison in comparisons {
            known = match (known, comparison) {
                (Some(Self::Harmed), _) | (_, Self::Harmed) => Some(Self::Harmed),
                (None | Some(Self::Safe), Self::Safe) => Some(Self::Safe),
                _ => Some(Self::Unknown),
            };
        }
        known.unwrap_or(Self::Unknown)
    }
}

/// What comes next in a ramp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: its last step has begun.
    Done,
    /// The step with this index has a date, and begins by itself.
    Dated {
        /// Its index.
        step: usize,
        /// When, in seconds since 1970.
        at: u32,
    },
    /// It is paused, since this second.
    Paused(u32),
    /// Nothing may begin: these guardrails are harmed.
    Harmed(Vec<String>),
    /// The step with this index has to wait.
    Held {
        /// Its index.
        step: usize,
        /// What for: at least one.
        by: Vec<Hold>,
    },
    /// The step with this index may be given a date: nothing holds it.
    Due {
        /// Its index.
        step: usize,
    },
}

impl Next {
    /// Its name, as JSON and texts have it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Next::Done => "done",
            Next::Dated { .. } => "dated",
            Next::Paused(_) => "paused",
            Next::Harmed(_) => "harmed",
            Next::Held { .. } => "held",
            Next::Due { .. } => "due",
        }
    }
}

/// What holds a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Pages do not have the step before it yet.
    Release,
    /// Its time has not come: it does at this second since 1970.
    Time(u32),
    /// Nobody has approved it.
    Approval,
    /// Too few units were seen, or nobody counted them.
    Units {
        /// How many are asked for.
        wanted: u64,
        /// How many were seen.
        seen: Option<u64>,
    },
    /// This guardrail is not known to be safe.
    Guard(String),
}

impl Ramp {
    /// The share that it has at a moment (seconds since 1970), and since when; `None` before its first step.
    pub fn reached(&self, now: u32) -> Option<(Share, u32)> {
        self.steps.iter().copied().take_while(|(_, at)| *at <= now).last()
    }

    /// What comes next at a moment, in seconds since 1970. It is one step at a time: however late somebody looks, the one after it waits
    /// from the date that this one is given, or from when pages got it if that is later, so that no approval, hold or guardrail is passed over.
    pub fn next(&self, now: u32, evidence: &Evidence<'_>) -> Next {
        let begun = self.steps.iter().take_while(|(_, at)| *at <= now).count();
        let Some(step) = self.plan.get(begun) else { return Next::Done };
        if let Some(since) = self.paused.filter(|since| *since <= now) {
            return Next::Paused(since);
        }
        if let Some(at) = step.at {
            return Next::Dated { step: begun, at };
        }
        let harmed = self.guards_that(evidence, |verdict| verdict == Verdict::Harmed);
        if !harmed.is_empty() {
            return Next::Harmed(harmed);
        }
        let dated = self.reached(now).map_or(0, |(_, at)| at);
        let since = match evidence.out {
            Out::Unknown => dated,
            Out::Since(released) => dated.max(released),
            Out::NotYet => return Next::Held { step: begun, by: vec![Hold::Release] },
        };
        let mut by = Vec::new();
        let (hold, units) = match step.wait {
            Wait::Date => (0, None),
            Wait::Hold(seconds) => (seconds, None),
            Wait::Units(seconds, wanted) => (seconds, Some(wanted)),
            Wait::Approval => (0, None),
        };
        let until = since.saturating_add(hold);
        by.extend((until > now).then_some(Hold::Time(until)));
        if let Some(wanted) = units.filter(|wanted| evidence.units.is_none_or(|seen| seen < *wanted)) {
            by.push(Hold::Units { wanted, seen: evidence.units });
        }
        by.extend(self.guards_that(evidence, |verdict| verdict == Verdict::Unknown).into_iter().map(Hold::Guard));
        by.extend((step.wait == Wait::Approval && !evidence.approved).then_some(Hold::Approval));
        if by.is_empty() { Next::Due { step: begun } } else { Next::Held { step: begun, by } }
    }

    fn guards_that(&self, evidence: &Evidence<'_>, is: impl Fn(Verdict) -> bool) -> Vec<String> {
        let verdict = |metric: &str| {
            evidence.guards.iter().find(|(name, _)| name == metric).map_or(Verdict::Unknown, |(_, verdict)| *verdict)
        };
        self.guard.iter().map(|guard| &guard.metric).filter(|metric| is(verdict(metric))).cloned().collect()
    }
}
