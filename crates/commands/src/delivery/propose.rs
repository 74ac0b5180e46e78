//! `waft release propose`: rules are checked, compiled on what is live, and recorded with what they change.

use waft::manifest::digest_of;

use super::draft::{self, Draft};
use super::live::{self, Live};
use super::trusted::Trusted;
use super::{Key, Place, compared, proposal, written};
use crate::exit::{self, Ended, Exit};
use crate::head::kill;
use crate::host::Host;
use crate::records::{History, Stage, Step};
use crate::release::{self, Expected};
use crate::{against, build, input, rule_tests};
use waft::envelope::Envelope;
use waft_compile::{compile, refusal, snapshot};
use waft_ruleset::finding::Severity;
use waft_ruleset::{Ruleset, counted};

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

fn propose(options: &Options, host: &dyn Host) -> Result<Exit, Ended> {
    let Options { ruleset: path, place, .. } = options;
    kill::check_reason(options.why.as_deref())?;
    let trusted = Trusted::read(host, &place.trust)?;
    let history = History::open(host, &place.records)?;
    let live = Live::read(host, options.live.as_deref(), &trusted, &history)?;
    let (ruleset, names) = build::read(host, path)?;
    let environment = environment(&ruleset, &trusted, &place.trust)?;
    let checks = checks(options, host, &ruleset, (live.as_ref(), &trusted), names)?;
    let compiled =
        compile(&ruleset, environment).map_err(|error| format!("too large for a snapshot: {}", error.what))?;
    let lifetime = ruleset.environments.get(environment).and_then(|named| named.item.expires);
    let claims = claims(options, host, &trusted, version(&history, live.as_ref(), &trusted), lifetime)?;
    let draft = Draft { claims, body: compiled.body, lists: compiled.lists };
    if let Some(live) = live.as_ref().filter(|live| is_same(live, &draft, host.now())) {
        host.err(&format!("{path}: the rules of version {}, which is live: nothing to propose", live.version));
        return Ok(Exit::Done);
    }
    record(options, host, (history, &trusted), &draft, live.as_ref(), (checks, None))
}

/// Writes the snapshot and the record of its proposal. `rules_of` is the version whose rules they are, if they come back.
pub(super) fn record(
    options: &Options,
    host: &dyn Host,
    (history, trusted): (History, &Trusted),
    draft: &Draft,
    live: Option<&Live>,
    (checks, rules_of): (Vec<String>, Option<u64>),
) -> Result<Exit, Ended> {
    let Options { place: Place { records, trust }, population, source, why, key, .. } = options;
    release::check(host, &draft.claims, &Expected::default())?;
    release::check_trust(&draft.claims, &trusted.trust, trust)?;
    let bytes = draft.seal(&live::digest(live));
    let envelope = Envelope::read(&bytes).map_err(|one| refusal::sentence(one).to_owned())?;
    let signed = key.as_ref().map(|key| trusted.sign(host, key, &bytes)).transpose()?;
    let name = draft.write(host, records, &bytes)?;
    let path = draft::beside(records, &name);
    let next = draft::program(host, &path, &envelope)?;
    let found = compared::compare(host, live.map(|live| &live.program), &next, population.as_deref(), host.now())?;
    found.tell(host);
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
        rules_of,
        source: source.clone(),
        why: why.clone(),
        checks,
        changes: found.changes,
        effect: found.effect,
        signed: signed.iter().cloned().collect(),
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
    let lacks: Vec<String> = trusted.lacks(&step.signed).iter().map(super::trusted::Lack::told).collect();
    let next =
        if lacks.is_empty() { "publish it next".to_owned() } else { format!("it waits for {}", lacks.join("; ")) };
    host.err(&format!("{file}: version {version} in {environment} is proposed, digest {}; {next}", step.digest));
    Ok(Exit::Done)
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
        found.iter().for_each(|finding| host.err(&finding.to_string()));
        let errors = found.iter().filter(|finding| finding.severity == Severity::Error).count();
        if errors > 0 {
            let what = counted(errors, "change");
            return Err(Ended::from(format!(
                "{what} to what has started, against version {}; nothing was proposed",
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
        rule_tests::report::text(host, &tested);
        return Err(Ended::from(format!("rule tests: {}; nothing was proposed", tested.told())));
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
fn is_same(live: &Live, draft: &Draft, now: i64) -> bool {
    let lists: Vec<u8> = draft.lists.iter().flat_map(|list| digest_of(&[list])).collect();
    let left = live.expires.saturating_sub(input::seconds(now));
    live.body == draft.body && live.lists == lists && left >= live.expires.saturating_sub(live.issued) / 4
}
