//! What a guard does with releases: it takes the live one back, or holds a ramp of it. Pages get that at once where its key is all that they ask
//! for; elsewhere it is proposed, and somebody approves it.
//!
//! *Invariant*: a release is taken back once, and a ramp held once. What people rejected, or released after they had turned the flag off, stands.

use std::any::Any;

use super::draft::{self, Draft};
use super::live::{self, Live};
use super::proposal::Proposal;
use super::propose::{self, Made, Origin, Recorded};
use super::publish::{self, Published};
use super::rollback::{self, Earlier};
use super::run::LOCK;
use super::trusted::Trusted;
use super::{Key, Place};
use crate::exit::{Ended, Exit};
use crate::host::{Destination, Host};
use crate::ramp;
use crate::records::{Change, History, Stage, Step};
use waft_ruleset::Limits;

/// How long another release is waited for, in seconds. The guard looks again.
const WAIT: u16 = 10;

/// With what, and why.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where records are, and whom pages trust.
    pub place: Place,
    /// Where pages load from.
    pub to: Destination,
    /// The publisher's key.
    pub key: Key,
    /// The reason.
    pub why: String,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Pages have it.
    Published {
        /// The version that is live.
        version: u64,
        /// The version whose rules these are.
        rules_of: Option<u64>,
        /// Its record.
        record: String,
    },
    /// It is proposed, now or before.
    Waits {
        /// The version that is proposed.
        version: u64,
        /// Its record.
        record: String,
        /// For what, a sentence each.
        waits: Vec<String>,
    },
    /// Somebody decided otherwise: how, in words.
    Stands(String),
}

/// Takes back the release that is live, as its rules do harm by some flags. The message of a failure says what is wrong.
pub fn rollback(options: &Options, flags: &[String], host: &dyn Host) -> Result<Outcome, String> {
    back(options, flags, host).map_err(|Ended(_, error)| error)
}

/// Pauses a ramp, in the rules and in what is live, which has these rules.
pub fn hold(options: &Options, known: &ramp::Known, host: &dyn Host) -> Result<Outcome, String> {
    pause(options, known, host).map_err(|Ended(_, error)| error)
}

/// What is there, while nobody else releases.
struct There {
    trusted: Trusted,
    live: Live,
    _held: Box<dyn Any>,
}

impl There {
    fn read(Options { place, to, .. }: &Options, host: &dyn Host) -> Result<(Self, History), Ended> {
        let trusted = Trusted::read(host, &place.trust)?;
        let lock = draft::beside(&place.records, LOCK);
        let held = host.lock(&lock, WAIT).map_err(|error| Ended::from(format!("{lock}: {error}")))?;
        let Some(held) = held else {
            return Err(Ended(Exit::Lost, format!("{lock}: a release is being made: the next look tries again")));
        };
        let history = History::read(host, &place.records)?;
        let Some(live) = Live::published(host, to, &trusted, &history)? else {
            return Err(Ended::from(format!("nothing is live in {}", to.to)));
        };
        Ok((There { trusted, live, _held: held }, history))
    }

    /// The last proposal, if it is of this kind, and on what is live.
    fn proposed(&self, history: &History, is_one: impl Fn(&Step) -> bool) -> Option<Proposal> {
        let base = live::base(Some(&self.live));
        Proposal::last(history, &self.trusted).filter(|last| last.step.base.digest == base.digest && is_one(&last.step))
    }

    /// Proposes, signs, and publishes if that suffices.
    fn release(
        &self,
        options: &Options,
        host: &dyn Host,
        history: History,
        (draft, made): (&Draft, Origin),
    ) -> Result<Outcome, Ended> {
        let There { trusted, live, .. } = self;
        let proposing = options.proposal();
        let prepared = propose::prepare(&proposing, host, trusted, (draft, made), Some(live))?;
        let signed = trusted.sign(host, &options.key, prepared.bytes())?;
        let Recorded { file, step, .. } =
            propose::record(&proposing, host, (history, trusted), (draft, prepared), (Some(live), vec![signed]))?;
        let history = History::read(host, &options.place.records)?;
        let open = Proposal::open(&history, trusted, None)?;
        if open.file != file {
            let version = step.version;
            return Err(Ended(
                Exit::Lost,
                format!("version {version} was superseded meanwhile: the next look tries again"),
            ));
        }
        self.go_on(options, host, history, &open)
    }

    fn go_on(&self, options: &Options, host: &dyn Host, history: History, open: &Proposal) -> Result<Outcome, Ended> {
        let Options { place, to, .. } = options;
        let bytes = open.read(host, &place.records)?;
        let assembled = open.assemble(host, &bytes, &self.trusted)?;
        let (version, waits) = (open.step.version, open.waits(&assembled, &self.trusted));
        if !waits.is_empty() {
            return Ok(Outcome::Waits { version, record: open.file.clone(), waits });
        }
        let Published { file: record, step, .. } = publish::release(host, (place, to), (history, &self.trusted), open)?;
        Ok(Outcome::Published { version, rules_of: step.rules_of, record })
    }
}

fn back(options: &Options, flags: &[String], host: &dyn Host) -> Result<Outcome, Ended> {
    let (there, history) = There::read(options, host)?;
    let There { trusted, live, .. } = &there;
    let (project, environment) = (&trusted.document.project, &trusted.document.environment);
    let version = live.version;
    let of_live =
        history.steps(project, environment).find(|(_, step)| step.stage == Stage::Release && step.version == version);
    let Some((record, step)) = of_live else {
        return Err(Ended::from(format!(
            "version {version}, which is live, has no record, so that nobody knows what was before"
        )));
    };
    if step.rules_of.is_some() {
        return Ok(Outcome::Published { version, rules_of: step.rules_of, record: record.to_owned() });
    }
    if let Some(last) = there.proposed(&history, |step| step.rules_of.is_some()) {
        return match &last.end {
            None => there.go_on(options, host, history, &last),
            Some(_) => Ok(Outcome::Stands(ended(&last))),
        };
    }
    // It is not proposed a second time in the place of what people proposed since.
    let base = live::base(Some(live));
    let is_rollback =
        |step: &Step| step.stage == Stage::Propose && step.rules_of.is_some() && step.base.digest == base.digest;
    if history.steps(project, environment).any(|(_, step)| is_rollback(step)) {
        return Ok(Outcome::Stands(format!(
            "a roll-back of version {version} was proposed, and another proposal took its place"
        )));
    }
    // Whoever turned them off and released then has seen the harm.
    let seen = flags.iter().all(|flag| {
        let mut of_flag = history.killings(project, environment).filter(|(_, killing)| killing.flags.contains(flag));
        of_flag.any(|(_, killing)| killing.change == Change::Kill && killing.at < step.at)
    });
    if seen && !flags.is_empty() {
        let flags = flags.join(", ");
        return Ok(Outcome::Stands(format!(
            "version {version} was released after {flags} had been turned off: it is not taken back"
        )));
    }
    let Earlier { draft, made, told } =
        rollback::earlier_rules(&options.proposal(), None, host, (&history, trusted), live)?;
    // What was as harmful before would go on.
    let changed = waft_explain::diff::compare(&live.program, &draft.program()?, host.now())?.flags;
    if !flags.is_empty() && !changed.iter().any(|change| flags.contains(&change.flag)) {
        let (flags, back_to) = (flags.join(", "), made.rules_of.unwrap_or_default());
        return Ok(Outcome::Stands(format!(
            "version {version} did not change {flags}, which version {back_to} has as well, so that it is not taken back: turn it off"
        )));
    }
    told.iter().for_each(|line| host.err(line));
    there.release(options, host, history, (&draft, made))
}

fn ended(last: &Proposal) -> String {
    let why =
        last.end.as_ref().and_then(|(_, step)| step.why.as_ref()).map_or_else(String::new, |why| format!(": {why}"));
    let file = last.end.as_ref().map_or("", |(file, _)| file.as_str());
    format!("version {} was rejected ({file}){why}", last.step.version)
}

fn pause(options: &Options, known: &ramp::Known, host: &dyn Host) -> Result<Outcome, Ended> {
    let (there, history) = There::read(options, host)?;
    let rules = propose::Options { ruleset: known.ruleset.clone(), ..options.proposal() };
    let ramp = known.ramp.clone().unwrap_or_default();
    let made = propose::make(&rules, host, (&history, &there.trusted), Some(&there.live))?;
    if !propose::has_rules(&there.live, &made.draft) {
        if let Some(last) =
            there.proposed(&history, |_| true).filter(|last| is_of(&options.place, host, last, &made.draft))
        {
            return match &last.end {
                None => there.go_on(options, host, history, &last),
                Some(_) => Ok(Outcome::Stands(ended(&last))),
            };
        }
        return Err(Ended::from(format!(
            "{}: differs from version {}, which is live, so that nothing is released by itself: release what this writes: waft ramp pause",
            known.ruleset, there.live.version
        )));
    }
    let dated = ramp::pause(known, host)?;
    let released = propose::make(&rules, host, (&history, &there.trusted), Some(&there.live)).and_then(|made| {
        let Made { draft, made } = made;
        // Nobody moves by it now.
        let checks = made.checks.into_iter().chain([format!("{ramp} is paused, and nothing else differs")]).collect();
        let made = Origin { checks, limits: Limits::default(), ..made };
        there.release(options, host, history, (&draft, made))
    });
    if released.is_err() {
        dated.undo(host, "a ramp is paused there, and that was not released");
    }
    released
}

/// Whether a proposal has the rules of a draft.
fn is_of(place: &Place, host: &dyn Host, last: &Proposal, draft: &Draft) -> bool {
    let Ok(bytes) = last.read(host, &place.records) else { return false };
    waft::envelope::Envelope::read(&bytes).is_ok_and(|envelope| Ok(draft::rules(&envelope)) == draft.rules())
}

impl Options {
    fn proposal(&self) -> propose::Options {
        let (place, why) = (self.place.clone(), Some(self.why.clone()));
        propose::Options { place, why, ..propose::Options::default() }
    }
}
