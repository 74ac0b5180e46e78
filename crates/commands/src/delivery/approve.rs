//! `waft release approve`: what changes is shown, from the bytes of both snapshots, before the key is asked for.

use serde_json::json;
use waft::envelope::Envelope;
use waft::manifest::{Manifest, digest_of};

use super::compared::Compared;
use super::draft;
use super::live::Live;
use super::proposal::{Assembled, Proposal};
use super::trusted::{Pages, Trusted};
use super::{Key, Place, compared, proposal, trusted, written};
use crate::exit::{self, Ended, Exit};
use crate::host::Host;
use crate::records::{History, Stage, Step};
use crate::release::{self, Expected};
use crate::{build, input, rule_tests};
use waft_compile::{compile, refusal};

/// What to approve, and as whom.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where records are, and whom pages trust.
    pub place: Place,
    /// The number of the proposal's record; the one that is open if absent.
    pub proposal: Option<String>,
    /// The file of the snapshot that is live; absent if none is.
    pub live: Option<String>,
    /// The approver's key.
    pub key: Key,
    /// The digest of what was looked at; whoever is at the terminal is asked if it is absent.
    pub digest: Option<String>,
    /// A table of people, whom the change is counted for.
    pub population: Option<String>,
    /// A ruleset, such as a checkout of the commit: its snapshot must have the same bytes.
    pub rebuild: Option<String>,
    /// The reason.
    pub why: Option<String>,
}

/// Shows, asks, signs and records.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    exit::end(host, approve(options, host))
}

/// What would be signed, as JSON, for whoever looks before there is a key. Nothing is written, and `options.key` is not read.
pub fn review(options: &Options, host: &dyn Host) -> Exit {
    let reviewed = look(options, host).map(|Looked { proposal, assembled, found, .. }| {
        let step = &proposal.step;
        let signed: Vec<String> = assembled.signed.iter().map(trusted::told).collect();
        let told = json!({
            "proposal": proposal.number, "version": step.version, "digest": step.digest, "base": step.base.version, "why": step.why,
            "checks": step.checks, "exceeds": step.exceeds, "signed": signed, "changes": found.changes, "effect": found.effect,
            "diff": found.diff,
        });
        host.json(&told.to_string());
        Exit::Done
    });
    exit::end(host, reviewed)
}

fn approve(options: &Options, host: &dyn Host) -> Result<Exit, Ended> {
    let records = &options.place.records;
    crate::head::kill::check_reason(options.why.as_deref())?;
    let looked = look(options, host)?;
    show(options, host, &looked)?;
    let Looked { trusted, history, proposal, bytes, assembled, found } = looked;
    confirm(options, host, &proposal)?;
    let signed = trusted.sign(host, &options.key, &bytes)?;
    if assembled.signed.iter().any(|other| other.key == signed.key) {
        let who = trusted::told(&signed);
        host.err(&format!("proposal {}: {who} has signed it already; nothing was written", proposal.number));
        return Ok(Exit::Done);
    }
    let step = Step {
        stage: Stage::Approve,
        at: written::now(host),
        proposal: Some(proposal.number.clone()),
        why: options.why.clone(),
        checks: options.rebuild.iter().map(|_| "its sources give the same bytes".to_owned()).collect(),
        changes: found.changes,
        effect: found.effect,
        signed: vec![signed],
        trust: trusted.document.number,
        ..proposal.step.clone()
    };
    let still = |history: &History| Proposal::open(history, &trusted, Some(&proposal.number)).map(drop);
    let file = written::append(host, records, history, &step, still)?;
    let signed: Vec<_> = assembled.signed.into_iter().chain(step.signed.iter().cloned()).collect();
    let next = proposal::next(&proposal::waits(&step, &signed, true, &trusted));
    host.err(&format!("{file}: version {} is approved; {next}", proposal.step.version));
    Ok(Exit::Done)
}

/// A proposal that may be signed now, and what it changes, whatever its record says.
struct Looked {
    trusted: Trusted,
    history: History,
    proposal: Proposal,
    /// The unsigned snapshot.
    bytes: Vec<u8>,
    assembled: Assembled,
    found: Compared,
}

fn look(options: &Options, host: &dyn Host) -> Result<Looked, Ended> {
    let Options { place, proposal: named, population, .. } = options;
    let records = &place.records;
    let history = History::read(host, records)?;
    let trusted = Trusted::now(host, place, &history, Pages::of(options.live.as_deref()))?;
    let proposal = Proposal::open(&history, &trusted, named.as_deref())?.unpublished()?;
    let bytes = proposal.read(host, records)?;
    let envelope = Envelope::read(&bytes).map_err(|one| refusal::sentence(one).to_owned())?;
    release::check(host, &release::claims(&envelope), &Expected::default())?;
    let live = Live::read(host, options.live.as_deref(), &trusted, &history)?;
    proposal.check_base(&bytes, live.as_ref())?;
    let assembled = proposal.assemble(host, &bytes, &trusted)?;
    let next = draft::program(&|path| input::file(host, path), &proposal.path(records), &envelope)?;
    let live = live.as_ref().map(|live| &live.program);
    let found = compared::compare(host, live, &next, population.as_deref(), host.now())?;
    Ok(Looked { trusted, history, proposal, bytes, assembled, found })
}

/// Shows what would be signed: what it is, who vouches for it already, and what it changes.
fn show(options: &Options, host: &dyn Host, looked: &Looked) -> Result<(), Ended> {
    let Looked { trusted, proposal, bytes, assembled, found, .. } = looked;
    let envelope = Envelope::read(bytes).map_err(|one| refusal::sentence(one).to_owned())?;
    host.out(&format!("proposal {}: {}", proposal.number, release::told(&envelope)));
    if let Some(why) = &proposal.step.why {
        host.out(&format!("why: {why}"));
    }
    proposal.step.checks.iter().for_each(|check| host.out(&format!("checked by who proposed it: {check}")));
    let exceeds = proposal.step.exceeds.iter();
    exceeds.for_each(|line| host.out(&format!("exceeds a limit, which your signature allows: {line}")));
    assembled.signed.iter().for_each(|signed| host.out(&format!("signed by {}", trusted::told(signed))));
    found.tell(host);
    if let Some(ruleset) = &options.rebuild {
        rebuild(host, ruleset, &envelope, trusted)?;
        host.out(&format!("{ruleset}: gives the same bytes"));
    }
    Ok(())
}

/// Whether sources give the same rules: a ruleset, or one of a commit. Whoever looked at them then knows what they sign.
fn rebuild(host: &dyn Host, source: &str, envelope: &Envelope<'_>, trusted: &Trusted) -> Result<(), String> {
    if source.contains(':') && host.real(source).is_err() {
        return host.at_commit(source, &mut |path| gives(host, path, source, envelope, trusted));
    }
    gives(host, source, source, envelope, trusted)
}

fn gives(host: &dyn Host, path: &str, source: &str, envelope: &Envelope<'_>, trusted: &Trusted) -> Result<(), String> {
    let ruleset = build::checked(host, path)?;
    let environment = rule_tests::place_of(&ruleset, &trusted.document.environment)?;
    let compiled = compile(&ruleset, environment).map_err(|error| format!("{source}: {}", error.what))?;
    let lists: Vec<u8> = compiled.lists.iter().flat_map(|list| digest_of(&[list])).collect();
    let manifest = Manifest::read(envelope.payload).map_err(|one| refusal::sentence(one).to_owned())?;
    if compiled.body == envelope.body && manifest.lists == lists {
        return Ok(());
    }
    Err(format!(
        "{source}: gives other bytes than the proposal has: it was made of other rules, or by another version of waft; nothing was signed"
    ))
}

/// Nobody signs what they did not look at: a digest that is given, or the version, typed at the terminal.
fn confirm(options: &Options, host: &dyn Host, proposal: &Proposal) -> Result<(), Ended> {
    let Step { version, digest, .. } = &proposal.step;
    if let Some(given) = &options.digest {
        return match given == digest {
            true => Ok(()),
            false => Err(Ended::from(format!(
                "--digest {given}: the proposal has the digest {digest}: it is another one than was looked at; nothing was signed"
            ))),
        };
    }
    let asked = host.ask(&format!("Type {version} to sign version {version}, which changes the above: "));
    let unsure = |error| format!("whether to sign was not asked: {error}");
    match asked.map_err(unsure)? {
        Some(answer) if answer.trim() == version.to_string() => Ok(()),
        Some(_) => Err(Ended::from("not the version that is proposed; nothing was signed".to_owned())),
        None => Err(Ended(
            Exit::Usage,
            format!("nobody can be asked here: look at the above, then give --digest {digest}; nothing was signed"),
        )),
    }
}
