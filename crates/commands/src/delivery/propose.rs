//! `waft release propose`: rules are checked, compiled on what is live, and recorded with what they change.

use std::collections::BTreeMap;

use waft::manifest::digest_of;

use super::compared::Compared;
use super::draft::{self, Draft};
use super::live::{self, Live};
use super::trusted::{Pages, Trusted};
use super::{Key, Place, blocked, compared, limits, proposal, written};
use crate::exit::{self, Ended, Exit};
use crate::head::kill;
use crate::host::Host;
use crate::once::Once;
use crate::records::{History, Signed, Stage, Step};
use crate::release::{self, Expected};
use crate::{against, build, input, rule_tests};
use waft::envelope::Envelope;
use waft_compile::{compile, refusal, snapshot};
use waft_ruleset::finding::Severity;
use waft_ruleset::{Limits, Ruleset, counted};

/// What to propose.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The ruleset's file or folder.
    pub ruleset: String,
    /// Where records are, and whom pages trust. The environment is that of the trust.
    pub place: Place,
    /// The file of the snapshot that is live; absent if none is.
    pub live: Option<String>,
    /// The publisher's key; the proposal is signed with it.
    pub key: Option<Key>,
    /// A table of people, whom the change is counted for.
    pub population: Option<String>,
    /// Until when pages adopt it, as RFC 3339.
    pub expires: Option<String>,
    /// Where the rules come from, such as a commit.
    pub source: Option<String>,
    /// The reason.
    pub why: Option<String>,
}

/// Proposes. What fails a check is not proposed.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    exit::end(host, propose(options, host))
}

/// Whether pages take a release by the signature of a key alone. One that counts in another role than its own is an error.
pub fn is_enough(key: &Key, trust: &str, host: &dyn Host) -> Result<bool, String> {
    let trusted = Trusted::read(host, trust)?;
    trusted.is_enough(host, key).map_err(|Ended(_, error)| error)
}

fn propose(options: &Options, host: &dyn Host) -> Result<Exit, Ended> {
    let Options { ruleset: path, place, .. } = options;
    kill::check_reason(options.why.as_deref())?;
    let history = History::open(host, &place.records)?;
    let trusted = Trusted::now(host, place, &history, Pages::of(options.live.as_deref()))?;
    let live = Live::read(host, options.live.as_deref(), &trusted, &history)?;
    let Made { draft, made } = make(options, &Once::of(host), (&history, &trusted), live.as_ref())?;
    if let Some(live) = live.as_ref().filter(|live| is_same(live, &draft, host.now())) {
        host.err(&format!("{path}: the rules of version {}, which is live: nothing to propose", live.version));
        return Ok(Exit::Done);
    }
    let mut made = made;
    if let Some(blocked) = blocked::find(host, &place.records, (&history, &trusted), &draft.rules()?)? {
        host.err(&format!("waft: warning: {path}: {}", blocked.told()));
        made.checks.push(blocked.told());
    }
    finish(options, host, (history, &trusted), (&draft, made), live.as_ref())
}

/// What was made of rules, before it is compared.
pub(super) struct Made {
    pub(super) draft: Draft,
    pub(super) made: Origin,
}

/// How a draft came about.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    /// What was checked, a sentence each.
    pub(super) checks: Vec<String>,
    /// The version whose rules these are, if they come back.
    pub(super) rules_of: Option<u64>,
    /// What the environment of the rules asks for, beside what pages do.
    pub(super) require: BTreeMap<String, u64>,
    /// What may change without an approval.
    pub(super) limits: Limits,
}

/// A draft, compared with what is live.
pub(super) struct Prepared {
    bytes: Vec<u8>,
    pub(super) found: Compared,
    /// Which limits it exceeds, a sentence each.
    pub(super) exceeds: Vec<String>,
    made: Origin,
}

/// A proposal's record.
pub(super) struct Recorded {
    pub(super) file: String,
    pub(super) step: Step,
    /// What it waits for, a sentence each.
    pub(super) waits: Vec<String>,
}

/// Checks rules and compiles them: the same bytes, whoever edits them meanwhile.
pub(super) fn make(
    options: &Options,
    host: &Once<'_>,
    (history, trusted): (&History, &Trusted),
    live: Option<&Live>,
) -> Result<Made, Ended> {
    let (ruleset, names) = build::read(host, &options.ruleset)?;
    let index = environment(&ruleset, trusted, &options.place.trust)?;
    let asks = ruleset.environments.get(index).map(|named| named.item.clone()).unwrap_or_default();
    let require: BTreeMap<String, u64> = asks.require.into_iter().collect();
    trusted.check_require(&require)?;
    let checks = checks(options, host, &ruleset, (live, trusted), names)?;
    let compiled = compile(&ruleset, index).map_err(|error| format!("too large for a snapshot: {}", error.what))?;
    let claims = claims(options, host, trusted, version(history, live, trusted), asks.expires)?;
    let draft = Draft { claims, body: compiled.body, lists: compiled.lists };
    Ok(Made { draft, made: Origin { checks, rules_of: None, require, limits: asks.limits } })
}

/// Says what a draft changes, and which limits that exceeds. Nothing is written.
pub(super) fn prepare(
    options: &Options,
    host: &dyn Host,
    trusted: &Trusted,
    (draft, made): (&Draft, Origin),
    live: Option<&Live>,
) -> Result<Prepared, Ended> {
    release::check(host, &draft.claims, &Expected::default())?;
    release::check_trust(&draft.claims, &trusted.trust, &options.place.trust)?;
    let bytes = draft.seal(&live::digest(live));
    let next = draft.program()?;
    let live = live.map(|live| &live.program);
    let found = compared::compare(host, live, &next, options.population.as_deref(), host.now())?;
    let exceeds = limits::exceeded(made.limits, &found);
    Ok(Prepared { bytes, found, exceeds, made })
}

/// Says what a draft changes, signs it with the key of the options, and records it.
pub(super) fn finish(
    options: &Options,
    host: &dyn Host,
    (history, trusted): (History, &Trusted),
    (draft, made): (&Draft, Origin),
    live: Option<&Live>,
) -> Result<Exit, Ended> {
    let prepared = prepare(options, host, trusted, (draft, made), live)?;
    prepared.found.tell(host);
    prepared.exceeds.iter().for_each(|line| host.err(&format!("waft: warning: exceeds a limit: {line}")));
    let signed = options.key.as_ref().map(|key| trusted.sign(host, key, &prepared.bytes)).transpose()?;
    let Recorded { file, step, waits } =
        record(options, host, (history, trusted), (draft, prepared), (live, signed.into_iter().collect()))?;
    let (Step { version, environment, digest, .. }, next) = (&step, proposal::next(&waits));
    host.err(&format!("{file}: version {version} in {environment} is proposed, digest {digest}; {next}"));
    Ok(Exit::Done)
}

impl Prepared {
    /// What the environment of the rules asks for.
    pub(super) fn require(&self) -> &BTreeMap<String, u64> {
        &self.made.require
    }

    /// Whether all that it exceeds is that nobody counted who moves.
    pub(super) fn is_uncounted(&self) -> bool {
        self.exceeds.len() == 1 && self.made.limits.moved.is_some() && self.found.moved.is_none()
    }

    /// The unsigned snapshot.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Writes the snapshot and the record of its proposal.
pub(super) fn record(
    options: &Options,
    host: &dyn Host,
    (history, trusted): (History, &Trusted),
    (draft, prepared): (&Draft, Prepared),
    (live, signed): (Option<&Live>, Vec<Signed>),
) -> Result<Recorded, Ended> {
    let Options { place: Place { records, .. }, source, why, .. } = options;
    let Prepared { bytes, found, exceeds, made } = prepared;
    let envelope = Envelope::read(&bytes).map_err(|one| refusal::sentence(one).to_owned())?;
    let name = draft.write(host, records, &bytes)?;
    let snapshot::Claims { project, environment, version, .. } = &draft.claims;
    let step = Step {
        stage: Stage::Propose,
        at: written::now(host),
        project: project.clone(),
        environment: environment.clone(),
        version: *version,
        digest: draft::digest(&envelope),
        proposal: None,
        base: live::base(live),
        snapshot: name,
        rules_of: made.rules_of,
        source: source.clone(),
        why: why.clone(),
        checks: made.checks,
        changes: found.changes,
        effect: found.effect,
        exceeds,
        require: made.require,
        signed,
        trust: trusted.document.number,
    };
    let before = proposal::Proposal::last(&history, trusted).filter(|before| before.end.is_none());
    // Who proposed meanwhile may have taken the same version.
    let still = |history: &History| match self::version(history, live, trusted) > step.version {
        true => Err(Ended(
            Exit::Lost,
            format!("version {} was proposed by somebody else meanwhile: propose again", step.version),
        )),
        false => Ok(()),
    };
    let file = written::append(host, records, history, &step, still)?;
    if let Some(before) = before {
        host.err(&format!("{}: version {} is superseded", before.file, before.step.version));
    }
    let waits = proposal::waits(&step, &step.signed, false, trusted);
    Ok(Recorded { file, step, waits })
}

/// The place of the trust's environment in the ruleset.
fn environment(ruleset: &Ruleset, trusted: &Trusted, trust: &str) -> Result<usize, String> {
    let (project, name) = (&trusted.document.project, &trusted.document.environment);
    if *project != ruleset.project {
        return Err(format!("{trust}: is of the project {project}, and the ruleset of {}", ruleset.project));
    }
    rule_tests::place_of(ruleset, name)
}

/// Everything that is checked before, a sentence each.
fn checks(
    options: &Options,
    host: &dyn Host,
    ruleset: &Ruleset,
    (live, trusted): (Option<&Live>, &Trusted),
    names: Vec<String>,
) -> Result<Vec<String>, Ended> {
    let environment = trusted.document.environment.as_str();
    let mut checks = vec!["lint: no errors".to_owned()];
    if let Some(live) = live {
        let found = against::compare(ruleset, environment, &live.program, host.now(), names)?;
        found.iter().for_each(|finding| host.finding(finding));
        let errors: Vec<_> = found.iter().filter(|finding| finding.severity == Severity::Error).collect();
        if let Some(first) = errors.first() {
            let what = counted(errors.len(), "change");
            return Err(Ended::from(format!(
                "{what} to what has started, against version {}; nothing was proposed: {first}",
                live.version
            )));
        }
        checks.push(format!("nothing that has started is changed, against version {}", live.version));
    }
    let tested = rule_tests::all(host, &options.ruleset, &[], Some(environment))?;
    if tested.is_empty() {
        host.err(&format!("waft: warning: {}: no rule tests: `waft test --record` proposes some", options.ruleset));
        checks.push("rule tests: there are none".to_owned());
        return Ok(checks);
    }
    if !tested.has_passed() {
        let lines = rule_tests::report::lines(&tested);
        lines.iter().for_each(|line| host.err(line));
        let first = lines.first().map_or_else(String::new, |first| format!(": {first}"));
        return Err(Ended::from(format!("rule tests: {}; nothing was proposed{first}", tested.told())));
    }
    checks.push(format!("rule tests: {}", tested.told()));
    Ok(checks)
}

/// One more than the highest of what is live and what was ever proposed.
pub(super) fn version(history: &History, live: Option<&Live>, trusted: &Trusted) -> u64 {
    let steps = history.steps(&trusted.document.project, &trusted.document.environment);
    let recorded = steps
        .filter(|(_, step)| step.stage != Stage::Trust)
        .map(|(_, step)| step.version.max(step.base.version))
        .max()
        .unwrap_or(0);
    recorded.max(live.map_or(0, |live| live.version)).max(trusted.trust.min_version().saturating_sub(1)) + 1
}

/// What the next snapshot claims.
pub(super) fn claims(
    options: &Options,
    host: &dyn Host,
    trusted: &Trusted,
    version: u64,
    lifetime: Option<u64>,
) -> Result<snapshot::Claims, String> {
    let issued = input::seconds(host.now());
    let expires = match &options.expires {
        Some(text) => input::seconds(input::moment(host, "--expires", Some(text))?),
        None => issued.saturating_add(lifetime.unwrap_or(build::LIFETIME)),
    };
    let (project, environment) = (trusted.document.project.clone(), trusted.document.environment.clone());
    Ok(snapshot::Claims { project, environment, version, issued, not_before: None, expires })
}

/// Whether a draft has the rules of what is live, which lasts for a quarter of its life at least.
pub(super) fn is_same(live: &Live, draft: &Draft, now: i64) -> bool {
    let left = live.expires.saturating_sub(input::seconds(now));
    has_rules(live, draft) && left >= live.expires.saturating_sub(live.issued) / 4
}

/// The same, however long it lasts.
pub(super) fn has_rules(live: &Live, draft: &Draft) -> bool {
    let lists: Vec<u8> = draft.lists.iter().flat_map(|list| digest_of(&[list])).collect();
    live.body == draft.body && live.lists == lists
}
