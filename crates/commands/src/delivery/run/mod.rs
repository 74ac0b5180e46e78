//! `waft release run`: what CI starts on each build, or its scheduler at night. Rules that pass every check go to pages by themselves where the
//! keys that are here suffice; elsewhere they are proposed, and somebody approves them.
//!
//! ```text
//! lock -> live, history -> [release that is not recorded] -> ramps -> checks, compile -> unchanged?
//!      -> blocked? -> limits -> proposal (a new one, or the one that is open) -> all signatures? -> publish -> told
//! ```
//!
//! - [`told`] is what is printed and sent at the end, however it ends. `keys` are those that are here, each with its roles.
//!
//! *Invariant*: it may end at any step and be started again. What was proposed is not proposed twice, and what was published is recorded.

mod dates;
mod keys;
mod options;
mod told;

pub use options::Options;

use waft::envelope::Envelope;

use super::draft::{self, Draft};
use super::live::{self, Live};
use super::proposal::{self, Proposal};
use super::propose::{self, Made, Prepared};
use super::publish::{self, Published};
use super::trusted::{Pages, Trusted};
use super::{Place, blocked, held, reject};
use crate::exit::{Ended, Exit};
use crate::head::kill;
use crate::host::Host;
use crate::input;
use crate::once::Once;
use crate::ramp;
use crate::records::{History, Signed, Stage, Step};
use crate::release::AHEAD;
use keys::Keys;
use told::{State, Told};
use waft_compile::refusal;
use waft_ruleset::clock;

/// The file that one run holds at a time, in the folder of records.
pub(super) const LOCK: &str = ".waft-release.lock";

/// Runs, and tells how it ended.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let mut told = Told::default();
    let ended = work(options, host, &mut told);
    told.end(options, host, ended)
}

/// What is there when a run starts.
struct Found<'f> {
    trusted: &'f Trusted,
    keys: Keys,
    live: Option<Live>,
}

fn work(options: &Options, host: &dyn Host, told: &mut Told) -> Result<State, Ended> {
    let usage = |message: String| Ended(Exit::Usage, message);
    let Options { place: place @ Place { records, trust }, to, .. } = options;
    kill::check_reason(options.why.as_deref()).map_err(usage)?;
    told.set(&Trusted::read(host, trust).map_err(usage)?);
    host.notify(&options.recipients, None).map_err(usage)?;
    let lock = draft::beside(records, LOCK);
    let held = host.lock(&lock, options.wait).map_err(|error| Ended::from(format!("{lock}: {error}")))?;
    let Some(_held) = held else {
        return Err(Ended(Exit::Lost, format!("{lock}: another run holds it: it was waited for {} s", options.wait)));
    };
    let history = History::open(host, records)?;
    let trusted = Trusted::now(host, place, &history, Pages::At(to))?;
    let keys = Keys::read(options, host, &trusted).map_err(usage)?;
    let live = Live::published(host, to, &trusted, &history)?;
    check_clock(host, &history, live.as_ref())?;
    let steps = dates::steps(host, records, (&history, &trusted), live.as_ref())?;
    let found = Found { trusted: &trusted, keys, live };
    let is_recorded = record_late(options, host, &found, history, told)?;
    // What is checked and signed is what was read now, whoever edits the rules meanwhile.
    let rules = Once::of(host);
    let dated = ramp::date(&known(options, &found, &rules)?, &steps, &rules)?;
    dated.told.iter().for_each(|line| host.err(line));
    told.ramps.clone_from(&dated.told);
    let done = forward(options, (host, &rules), &found, told);
    match done {
        Ok(State::Unchanged) if is_recorded => Ok(State::Published),
        Err(_) => {
            // It is dated by the next run.
            dated.undo(host, "a step of a ramp is dated there, and was not released");
            done
        }
        Ok(_) => done,
    }
}

/// What is known of ramps. Where somebody has to sign the release, that signature approves the step that it brings.
fn known(options: &Options, found: &Found<'_>, rules: &Once<'_>) -> Result<ramp::Known, Ended> {
    let environment = &found.trusted.document.environment;
    let known = ramp::Known {
        ruleset: options.ruleset.clone(),
        environment: Some(environment.clone()),
        report: options.report.clone(),
        records: Some(options.place.records.clone()),
        ..ramp::Known::default()
    };
    let (ruleset, _) = known.read(rules)?;
    let own = ruleset.environments.iter().find(|named| named.name == *environment);
    let require = own.map(|named| named.item.require.iter().cloned().collect()).unwrap_or_default();
    Ok(ramp::Known { approved: !found.keys.suffice(found.trusted, &require), ..known })
}

/// A snapshot is dated by this machine, and so are steps of ramps. A clock that is behind what was released already is wrong, or that one was.
fn check_clock(host: &dyn Host, history: &History, live: Option<&Live>) -> Result<(), Ended> {
    let now = input::seconds(host.now());
    let of_live = live.map(|live| (live.issued, format!("version {}, which is live, was made", live.version)));
    let last = history.records().iter().rev().find_map(|record| Some((record, record.step.as_ref()?)));
    let of_last = last.map(|(record, step)| (input::seconds(step.at), format!("{} was written", record.file)));
    let late = of_live.into_iter().chain(of_last).find(|(at, _)| *at > now.saturating_add(AHEAD));
    late.map_or(Ok(()), |(at, what)| {
        Err(Ended::from(format!(
            "{what} at {}, and it is {} here: check the clocks of both machines; if the other one was ahead, `waft release propose` and \
             `publish` go on without waiting",
            clock::text_of_seconds(at),
            clock::text_of_seconds(now)
        )))
    })
}

/// A run that ended between publishing and its record has published: the record is written now. Whether there was one to write.
fn record_late(
    options: &Options,
    host: &dyn Host,
    found: &Found<'_>,
    history: History,
    told: &mut Told,
) -> Result<bool, Ended> {
    let Some(live) = &found.live else { return Ok(false) };
    let last = Proposal::last(&history, found.trusted).filter(|last| last.end.is_none());
    let Some(last) = last.filter(|last| last.step.digest == live::base(Some(live)).digest) else { return Ok(false) };
    send(options, host, (history, found), &last, told)?;
    host.err("waft: an earlier run ended before that was recorded");
    Ok(true)
}

/// From rules to pages, or to whoever approves them.
fn forward(
    options: &Options,
    (host, rules): (&dyn Host, &Once<'_>),
    found: &Found<'_>,
    told: &mut Told,
) -> Result<State, Ended> {
    let Found { trusted, live, .. } = found;
    let (place, live) = (&options.place, live.as_ref());
    let history = History::open(host, &place.records)?;
    let as_proposal = options.proposal();
    let Made { draft, made } = propose::make(&as_proposal, rules, (&history, trusted), live)?;
    if let Some(live) = live.filter(|live| propose::is_same(live, &draft, host.now())) {
        told.version(live.version, &live::base(Some(live)).digest);
        host.err(&format!("{}: the rules of version {}, which is live: unchanged", options.ruleset, live.version));
        if let Some(open) = Proposal::last(&history, trusted).filter(|last| last.end.is_none()) {
            // A ramp's step whose guardrail is harmed by now, or a change that was reverted.
            host.err(&format!(
                "waft: warning: {}: version {} is still proposed, which these rules are not: reject it, or whoever approves it brings it to pages",
                open.file, open.step.version
            ));
        }
        return Ok(State::Unchanged);
    }
    if let Some(blocked) = blocked::find(host, &place.records, (&history, trusted), &draft.rules()?)? {
        return Err(Ended(Exit::Blocked, format!("{}: {}", options.ruleset, blocked.told())));
    }
    if let Some(open) = again(options, host, (&history, found), &draft)? {
        return open_goes_on(options, host, (history, found), &open, told);
    }
    check_place((host, &place.records), &history, found)?;
    let prepared = propose::prepare(&as_proposal, host, trusted, (&draft, made), live)?;
    if !options.json {
        prepared.found.tell(host);
    }
    let signed = found.keys.sign(trusted, prepared.bytes())?;
    check_limits(&prepared, &signed, trusted)?;
    let recorded = propose::record(&as_proposal, host, (history, trusted), (&draft, prepared), (live, signed))?;
    told.step(&recorded.step, &recorded.file);
    let history = History::read(host, &place.records)?;
    let open = Proposal::open(&history, trusted, None)?;
    if !recorded.waits.is_empty() {
        host.err(&format!("{}: version {} is proposed", recorded.file, recorded.step.version));
        return Ok(State::Waits { is_new: true, waits: recorded.waits });
    }
    send(options, host, (history, found), &open, told)
}

/// Nothing that runs by itself takes the place of a roll-back, or of a hold, which somebody has to approve: the harm would go on, or grow.
fn check_place(
    (host, records): (&dyn Host, &str),
    history: &History,
    Found { trusted, live, .. }: &Found<'_>,
) -> Result<(), Ended> {
    let base = live::base(live.as_ref());
    let last =
        Proposal::last(history, trusted).filter(|last| last.end.is_none() && last.step.base.digest == base.digest);
    // That it is void has been told.
    let last = last.filter(|last| !last.is_void(host, records));
    let Some(Proposal { file, step, .. }) = last else { return Ok(()) };
    let what = match step.rules_of {
        Some(_) => format!("takes version {} back", base.version),
        None if held::is_one(&step) => format!("holds a ramp of version {}", base.version),
        None => return Ok(()),
    };
    let error = format!("version {} is proposed ({file}), which {what}: publish or reject it first", step.version);
    Err(Ended(Exit::Blocked, error))
}

/// What exceeds limits goes out by itself nowhere: it needs an approval, and is proposed only where somebody is asked anyway.
fn check_limits(prepared: &Prepared, signed: &[Signed], trusted: &Trusted) -> Result<(), Ended> {
    if prepared.exceeds.is_empty() || !trusted.lacks(signed, prepared.require()).is_empty() {
        return Ok(());
    }
    let exit = if prepared.is_uncounted() { Exit::Usage } else { Exit::Failed };
    Err(Ended(
        exit,
        format!(
            "exceeds limits: {}; nothing was released: make it in smaller steps, or let somebody approve it: `waft release propose`, then \
             `approve`",
            prepared.exceeds.join("; ")
        ),
    ))
}

/// The open proposal, if it has these rules, on what is live, signed by the keys that are here, and lasts. A rejection stands.
fn again(
    options: &Options,
    host: &dyn Host,
    (history, found): (&History, &Found<'_>),
    draft: &Draft,
) -> Result<Option<Proposal>, Ended> {
    let Some(last) = Proposal::last(history, found.trusted) else { return Ok(None) };
    if last.end.as_ref().is_some_and(|(_, step)| step.stage == Stage::Release) {
        return Ok(None);
    }
    // The snapshot of an old one may be gone, and says nothing any more.
    if last.step.base.digest != live::base(found.live.as_ref()).digest {
        return Ok(None);
    }
    let records = &options.place.records;
    if last.is_void(host, records) {
        host.err(&format!("waft: warning: {}", last.void(records)));
        return Ok(None);
    }
    if proposal::is_gone(host, records, &last.step) {
        let (path, version) = (last.path(records), last.step.version);
        host.err(&format!(
            "waft: warning: {path}: is gone, so that nobody can tell whether these are the rules of version {version}, which was rejected: restore it"
        ));
        return Ok(None);
    }
    let bytes = last.read(host, records)?;
    let envelope = Envelope::read(&bytes).map_err(|one| refusal::sentence(one).to_owned())?;
    if draft::rules(&envelope) != draft.rules()? || last.check_base(&bytes, found.live.as_ref()).is_err() {
        return Ok(None);
    }
    if let Some((file, Step { why, .. })) = &last.end {
        let why = why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        let role = reject::ROLE;
        return Err(Ended(
            Exit::Blocked,
            format!("{}: these rules were {role} ({file}){why}: change them", options.ruleset),
        ));
    }
    let (issued, expires) = (envelope.claims.issued, envelope.claims.expires);
    let lasts = expires.saturating_sub(input::seconds(host.now())) >= expires.saturating_sub(issued) / 4;
    let signed: Vec<Signed> = last.signed.iter().map(|(_, signed)| signed.clone()).collect();
    Ok(Some(last).filter(|_| lasts && found.keys.have_signed(&signed)))
}

fn open_goes_on(
    options: &Options,
    host: &dyn Host,
    (history, found): (History, &Found<'_>),
    open: &Proposal,
    told: &mut Told,
) -> Result<State, Ended> {
    told.step(&open.step, &open.file);
    let bytes = open.read(host, &options.place.records)?;
    let assembled = open.assemble(host, &bytes, found.trusted)?;
    let waits = open.waits(&assembled, found.trusted);
    if waits.is_empty() {
        return send(options, host, (history, found), open, told);
    }
    host.err(&format!("{}: version {} is proposed already", open.file, open.step.version));
    Ok(State::Waits { is_new: false, waits })
}

/// Publishes what has all signatures.
fn send(
    options: &Options,
    host: &dyn Host,
    (history, found): (History, &Found<'_>),
    open: &Proposal,
    told: &mut Told,
) -> Result<State, Ended> {
    let Published { told: published, file, step, .. } =
        publish::release(host, (&options.place, &options.to), (history, found.trusted), open)?;
    told.step(&step, &file);
    told.published = serde_json::from_str(&published).ok();
    host.err(&format!("{file}: version {} in {} is published", step.version, step.environment));
    Ok(State::Published)
}
