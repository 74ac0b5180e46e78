//! What a guard does with releases: it takes the live one back, or holds a ramp of it. Pages get that at once where its key is all that they ask
//! for; elsewhere it is proposed, and somebody approves it.
//!
//! *Invariant*: a release is taken back once, and a ramp held once for each date of its steps. What people decided stands: what they rejected or
//! proposed instead, released while the flag was off, unblocked, or resumed. Nothing that is only proposed takes the place of what they proposed.

use std::any::Any;
use std::collections::BTreeMap;

use super::draft::{self, Draft};
use super::live::{self, Live};
use super::proposal::Proposal;
use super::propose::{self, Made, Origin, Recorded};
use super::publish::{self, Published};
use super::rollback::{self, Earlier};
use super::run::LOCK;
use super::trusted::{Pages, Trusted};
use super::{Key, Place, blocked, held, proposal};
use crate::exit::{Ended, Exit};
use crate::host::{Destination, Host};
use crate::input;
use crate::once::Once;
use crate::ramp;
use crate::records::{History, Stage, Step};
use waft::Program;
use waft::envelope::Envelope;
use waft_compile::refusal;
use waft_explain::diff;
use waft_ruleset::Limits;
use waft_ruleset::clock::text_of_seconds;

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
    /// The ramp has no step to come in what is live, whoever did that.
    Paused {
        /// The version that is live.
        version: u64,
    },
    /// Somebody decided otherwise: how, in words.
    Stands(String),
}

/// What came of harm by some flags.
pub struct Taken {
    /// How it ended.
    pub outcome: Outcome,
    /// The flags that the release is not to blame for, each with the reason. Nothing is done about them.
    pub spared: BTreeMap<String, String>,
}

/// Takes back the release that is live, as its rules do harm by some flags. The message of a failure says what is wrong.
pub fn rollback(options: &Options, flags: &[String], host: &dyn Host) -> Result<Taken, String> {
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
    /// The record of the open proposal, if its snapshot is gone: it is as if nobody had proposed it.
    void: Option<String>,
    _held: Box<dyn Any>,
}

impl There {
    fn read(Options { place, to, .. }: &Options, host: &dyn Host) -> Result<(Self, History), Ended> {
        let lock = draft::beside(&place.records, LOCK);
        let held = host.lock(&lock, WAIT).map_err(|error| Ended::from(format!("{lock}: {error}")))?;
        let Some(held) = held else {
            return Err(Ended(Exit::Lost, format!("{lock}: a release is being made: the next look tries again")));
        };
        let mut history = History::read(host, &place.records)?;
        let trusted = Trusted::now(host, place, &history, Pages::At(to))?;
        let Some(live) = Live::published(host, to, &trusted, &history)? else {
            return Err(Ended::from(format!("nothing is live in {}", to.to)));
        };
        // A run that ended between publishing and its record has published: the record is written now.
        let late = Proposal::last(&history, &trusted).filter(|last| last.end.is_none());
        if let Some(late) = late.filter(|late| late.step.digest == live::base(Some(&live)).digest) {
            publish::release(host, (place, to), (history, &trusted), &late)?;
            history = History::read(host, &place.records)?;
        }
        let void = Proposal::last(&history, &trusted).filter(|last| last.is_void(host, &place.records));
        let void = void.map(|last| {
            host.err(&format!("waft: warning: {}", last.void(&place.records)));
            last.file
        });
        Ok((There { trusted, live, void, _held: held }, history))
    }

    /// The steps of this environment.
    fn steps<'h>(&'h self, history: &'h History) -> impl DoubleEndedIterator<Item = (&'h str, &'h Step)> {
        history.steps(&self.trusted.document.project, &self.trusted.document.environment)
    }

    /// The last proposal, if it was made on what is live.
    fn proposed(&self, history: &History) -> Option<Proposal> {
        let base = live::base(Some(&self.live));
        let last = Proposal::last(history, &self.trusted).filter(|last| last.step.base.digest == base.digest);
        last.filter(|last| self.void.as_ref() != Some(&last.file))
    }

    /// Whether a hold is open, by what is recorded now.
    fn is_proposed(&self, (options, host): (&Options, &dyn Host), hold: &Hold) -> bool {
        let history = History::read(host, &options.place.records);
        let last = history.ok().and_then(|history| self.proposed(&history));
        last.is_some_and(|last| last.end.is_none() && hold.is_made(&last.step))
    }

    /// Why nothing is proposed: people proposed something on what is live, and it is open.
    fn occupied(&self, history: &History) -> Option<Outcome> {
        let open = self.proposed(history).filter(|last| last.end.is_none())?;
        Some(Outcome::Stands(format!(
            "version {} is proposed ({}), whose place nothing takes: publish or reject it",
            open.step.version, open.file
        )))
    }

    /// The proposal of some kind that others took the place of, or that was rejected before they did.
    fn replaced<'h>(&'h self, history: &'h History, is_one: impl Fn(&Step) -> bool) -> Option<(&'h str, &'h Step)> {
        let base = live::base(Some(&self.live));
        let is_one = |step: &Step| step.stage == Stage::Propose && step.base.digest == base.digest && is_one(step);
        self.steps(history).find(|(file, step)| is_one(step) && self.void.as_deref() != Some(*file))
    }

    /// Proposes, signs, and publishes if that suffices. What would only be proposed does not take the place of what people proposed.
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
        let signed = [trusted.sign(host, &options.key, prepared.bytes())?];
        if !trusted.lacks(&signed, prepared.require()).is_empty()
            && let Some(stands) = self.occupied(&history)
        {
            return Ok(stands);
        }
        let Recorded { file, step, .. } =
            propose::record(&proposing, host, (history, trusted), (draft, prepared), (Some(live), signed.into()))?;
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

fn back(options: &Options, flags: &[String], host: &dyn Host) -> Result<Taken, Ended> {
    let (there, mut history) = There::read(options, host)?;
    let There { trusted, live, .. } = &there;
    let void = unverified(&history, trusted, flags, host);
    history.ignore(void);
    let Some((record, step)) = rollback::but_for_holds(&history, trusted, live.version) else {
        return Err(Ended::from(format!(
            "version {}, which is live, has no record, so that nobody knows what was before",
            live.version
        )));
    };
    let version = step.version;
    let mut blame = Blame::of(flags);
    if let Some(outcome) = decided((&there, options), host, &history, (record, step), &mut blame)? {
        return Ok(blame.ended(outcome));
    }
    // Whoever released while they were off has seen the harm. A kill that had ended by then was of another one.
    let off = history.killed_at(record, step);
    blame.spare(
        |flag| off.contains(flag),
        |flag| format!("version {version} was released after {flag} had been turned off: it is not taken back"),
    );
    if blame.is_nobodys() {
        return Ok(blame.ended(Outcome::Stands(String::new())));
    }
    let Earlier { draft, made, told } =
        rollback::earlier_rules(&options.proposal(), None, host, (&history, trusted), live)?;
    // What was as harmful before would go on.
    let back_to = made.rules_of.unwrap_or_default();
    blame.spare_unchanged((&live.program, &draft.program()?), host, |flag| {
        format!("version {version} did not change {flag}, which version {back_to} has as well, so that it is not taken back: turn it off")
    })?;
    if blame.is_nobodys() {
        return Ok(blame.ended(Outcome::Stands(String::new())));
    }
    told.iter().for_each(|line| host.err(line));
    let outcome = there.release(options, host, history, (&draft, made))?;
    Ok(blame.ended(outcome))
}

/// The records of kills that nobody signed whose key counted: they spare nothing. Those of these flags are told.
fn unverified(history: &History, trusted: &Trusted, flags: &[String], host: &dyn Host) -> Vec<String> {
    let void = history.unverified(&trusted.over_time()).into_iter().map(|(file, killing, why)| {
        if killing.flags.iter().any(|flag| flags.contains(flag)) {
            host.err(&format!("waft: warning: {why}; no release stands because of it"));
        }
        file.to_owned()
    });
    void.collect()
}

/// What was done or decided before about the release that is live, which has a record: it was taken back, or is to stay.
fn decided(
    (there, options): (&There, &Options),
    host: &dyn Host,
    history: &History,
    (record, step): (&str, &Step),
    blame: &mut Blame,
) -> Result<Option<Outcome>, Ended> {
    let There { trusted, live, .. } = there;
    let (records, version) = (&options.place.records, live.version);
    if step.rules_of.is_some() {
        let mut releases = there.steps(history);
        let taken = releases.find(|(_, one)| one.stage == Stage::Release && one.version == step.base.version);
        // Without its snapshot it is not known what it changed, and that it was taken back is all that there is to say.
        if let Some(taken) = taken.and_then(|(file, step)| program(host, records, file, step).ok()) {
            blame.spare_unchanged((&taken, &live.program), host, |flag| {
                format!("version {version}, which is a roll-back, did not change {flag}: turn it off")
            })?;
        }
        return Ok(Some(Outcome::Published { version, rules_of: step.rules_of, record: record.to_owned() }));
    }
    let is_back = |step: &Step| step.rules_of.is_some();
    if let Some(last) = there.proposed(history).filter(|last| is_back(&last.step)) {
        if last.end.is_some() {
            return Ok(Some(Outcome::Stands(ended(&last))));
        }
        let next = program(host, records, &last.file, &last.step)?;
        blame.spare_unchanged((&live.program, &next), host, |flag| {
            format!(
                "version {}, which is proposed and takes the release back, does not change {flag}: turn it off",
                last.step.version
            )
        })?;
        if blame.is_nobodys() {
            return Ok(Some(Outcome::Stands(String::new())));
        }
        return there.go_on(options, host, History::read(host, records)?, &last).map(Some);
    }
    // It is not proposed a second time in the place of what people proposed since.
    if there.replaced(history, is_back).is_some() {
        return Ok(Some(Outcome::Stands(format!(
            "a roll-back of version {version} was proposed, and another proposal took its place"
        ))));
    }
    // A hold that is live has others, by a date.
    let rules = blocked::rules_of(host, records, record, step).unwrap_or(live.rules);
    let by = blocked::unblocked(host, records, (history, trusted), (&rules, step.at));
    Ok(by.map(|by| {
        Outcome::Stands(format!(
            "version {version} has rules that were taken back, and that somebody signed may come back ({by}): it is not taken back again"
        ))
    }))
}

/// The flags that do harm: those that a release is to blame for, and the others, each with the reason.
struct Blame {
    flags: Vec<String>,
    spared: BTreeMap<String, String>,
}

impl Blame {
    fn of(flags: &[String]) -> Self {
        Blame { flags: flags.to_vec(), spared: BTreeMap::new() }
    }

    fn spare(&mut self, is_spared: impl Fn(&String) -> bool, why: impl Fn(&str) -> String) {
        let spared = self.flags.extract_if(.., |flag| is_spared(flag));
        self.spared.extend(spared.map(|flag| (flag.clone(), why(&flag))));
    }

    /// Spares what two programs decide alike.
    fn spare_unchanged(
        &mut self,
        (before, after): (&Program, &Program),
        host: &dyn Host,
        why: impl Fn(&str) -> String,
    ) -> Result<(), String> {
        let changed = diff::compare(before, after, host.now())?.flags;
        self.spare(|flag| !changed.iter().any(|change| change.flag == *flag), why);
        Ok(())
    }

    /// Whether nothing is to be done.
    fn is_nobodys(&self) -> bool {
        self.flags.is_empty()
    }

    fn ended(self, outcome: Outcome) -> Taken {
        Taken { outcome, spared: self.spared }
    }
}

/// What the snapshot of a record decides.
fn program(host: &dyn Host, records: &str, file: &str, step: &Step) -> Result<Program, String> {
    let bytes = proposal::read(host, records, file, step)?;
    let envelope = Envelope::read(&bytes).map_err(|one| format!("{file}: {}", refusal::sentence(one)))?;
    draft::program(&|path| input::file(host, path), &draft::beside(records, &step.snapshot), &envelope)
}

fn ended(last: &Proposal) -> String {
    let why =
        last.end.as_ref().and_then(|(_, step)| step.why.as_ref()).map_or_else(String::new, |why| format!(": {why}"));
    let file = last.end.as_ref().map_or("", |(file, _)| file.as_str());
    format!("version {} was rejected ({file}){why}", last.step.version)
}

/// A ramp that is held before one of its steps.
struct Hold {
    /// What a record of it says: up to the date of the step, and with it. Who resumes the ramp moves the date; a checkout that never had the pause
    /// does not.
    before: String,
    check: String,
    /// When the ramp began, in seconds since 1970.
    began: i64,
}

impl Hold {
    fn of(ramp: &str, ahead: &ramp::Ahead) -> Self {
        let before = held::before(ramp, &ahead.to.to_string());
        let check = held::sentence(&before, &text_of_seconds(ahead.at.into()));
        Hold { before, check, began: ahead.began.into() }
    }

    fn is_made(&self, step: &Step) -> bool {
        step.checks.contains(&self.check) && self.is_since(step)
    }

    /// Whether a step has it, or had it when the step had another date.
    fn was_made(&self, step: &Step) -> bool {
        step.checks.iter().any(|check| check.starts_with(&self.before)) && self.is_since(step)
    }

    fn is_since(&self, step: &Step) -> bool {
        step.at.div_euclid(1_000) >= self.began
    }
}

fn pause(options: &Options, known: &ramp::Known, host: &dyn Host) -> Result<Outcome, Ended> {
    let (there, history) = There::read(options, host)?;
    let (ramp, live) = (known.ramp.clone().unwrap_or_default(), &there.live);
    // What is compared, written and signed is what was read now, whoever edits the rules meanwhile.
    let rules = Once::of(host);
    let now = u32::try_from(input::seconds(host.now())).unwrap_or(u32::MAX);
    let rises = ramp::Proposed::of(&live.program).rises(&ramp, now);
    let (ruleset, version) = (&known.ruleset, live.version);
    let Some(ahead) = ramp::dated(known, &rules)? else {
        let error = format!(
            "{ruleset}: has no date for its next step, and version {version}, which is live, does: release them"
        );
        return if rises { Err(Ended::from(error)) } else { Ok(Outcome::Paused { version }) };
    };
    let hold = Hold::of(&ramp, &ahead);
    let is_live = |step: &Step| step.stage == Stage::Release && step.version == version && hold.is_made(step);
    if let Some((record, _)) = there.steps(&history).find(|(_, step)| is_live(step)) {
        return Ok(Outcome::Published { version, rules_of: None, record: record.to_owned() });
    }
    if !rises {
        return Ok(Outcome::Paused { version });
    }
    if let Some(outcome) = held_before(&there, (options, host), &history, &hold)? {
        return Ok(outcome);
    }
    let proposing = propose::Options { ruleset: ruleset.clone(), ..options.proposal() };
    let make = |rules: &Once<'_>| propose::make(&proposing, rules, (&history, &there.trusted), Some(live));
    let unpaused = ahead.is_paused.then(|| ramp::unpaused(known, &rules)).transpose()?;
    let made = make(unpaused.as_ref().unwrap_or(&rules))?;
    if ahead.at <= now || !propose::has_rules(live, &made.draft) {
        let what = if ahead.is_paused { "these rules" } else { "what this writes: waft ramp pause" };
        return Err(Ended::from(format!(
            "{ruleset}: differs from version {version}, which is live, so that nothing is released by itself: release {what}"
        )));
    }
    // They go on since, at another date: whoever resumed the ramp has seen the harm.
    let last = there.steps(&history).rfind(|(_, step)| step.stage == Stage::Release && hold.was_made(step));
    if let Some((file, step)) = last.filter(|(_, step)| !hold.is_made(step)) {
        return Ok(Outcome::Stands(format!(
            "version {} paused the ramp before this step ({file}), and it was resumed: it is not paused again",
            step.version
        )));
    }
    let dated = (!ahead.is_paused).then(|| ramp::pause(known, &rules)).transpose()?;
    let released = make(&rules).and_then(|Made { draft, made }| {
        // Nobody moves by it now.
        let checks = made.checks.into_iter().chain([hold.check.clone()]).collect();
        let made = Origin { checks, limits: Limits::default(), ..made };
        there.release(options, host, history, (&draft, made))
    });
    // What is proposed by now goes on, or is live and not recorded.
    if let (Err(_), Some(dated)) = (&released, dated.filter(|_| !there.is_proposed((options, host), &hold))) {
        dated.undo(host, "a ramp is paused there, and that was not released");
    }
    released
}

/// What came of a hold that was proposed before, or what people proposed, which stands.
fn held_before(
    there: &There,
    (options, host): (&Options, &dyn Host),
    history: &History,
    hold: &Hold,
) -> Result<Option<Outcome>, Ended> {
    if let Some(last) = there.proposed(history).filter(|last| hold.is_made(&last.step)) {
        return match &last.end {
            None => there.go_on(options, host, History::read(host, &options.place.records)?, &last).map(Some),
            Some(_) => Ok(Some(Outcome::Stands(ended(&last)))),
        };
    }
    if let Some((file, step)) = there.replaced(history, |step| hold.is_made(step)) {
        let version = step.version;
        return Ok(Some(Outcome::Stands(format!(
            "version {version} would pause the ramp ({file}), and another proposal took its place"
        ))));
    }
    Ok(there.occupied(history))
}

impl Options {
    fn proposal(&self) -> propose::Options {
        let (place, why) = (self.place.clone(), Some(self.why.clone()));
        propose::Options { place, why, ..propose::Options::default() }
    }
}
