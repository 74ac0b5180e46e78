//! `waft release status`: what is proposed, who signed it, and what it waits for.

use serde_json::{Value as Json, json};

use super::Place;
use super::live::Live;
use super::proposal::{self, Proposal};
use super::trusted::{Pages, Trusted, told};
use super::{blocked, rollback};
use crate::exit::{self, Ended, Exit};
use crate::host::Host;
use crate::input;
use crate::records::{History, Signed, Stage, Step};
use waft_compile::keys;
use waft_explain::decision;
use waft_ruleset::clock;

/// How many releases are told that could come back, the last ones.
const EARLIER: usize = 20;

/// Of what.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where records are, and whom pages trust.
    pub place: Place,
    /// The file of the snapshot that is live, to compare with.
    pub live: Option<String>,
    /// As JSON.
    pub json: bool,
}

/// Prints it. The exit code is 3 while a proposal waits for signatures, and 4 if what it was proposed on is no longer live.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    exit::end(host, status(options, host))
}

fn status(options: &Options, host: &dyn Host) -> Result<Exit, Ended> {
    let Options { place, live, json } = options;
    let records = &place.records;
    let history = History::read(host, records)?;
    let trusted = Trusted::now(host, place, &history, Pages::of(live.as_deref()))?;
    let live = live.as_deref().map(|path| Live::read(host, Some(path), &trusted, &history)).transpose()?.flatten();
    let Some(last) = Proposal::last(&history, &trusted) else {
        match json {
            true => input::print(
                host,
                &with(json!({ "state": "none" }), live.as_ref(), (host, records), (&history, &trusted)),
            ),
            false => host.out("nothing is proposed"),
        }
        return Ok(Exit::Done);
    };
    let Looked { signed, lacks, moved } = look(&last, host, records, (&trusted, live.as_ref()))?;
    let (state, exit) = match &last.end {
        Some((_, step)) if step.stage == Stage::Reject => ("rejected", Exit::Done),
        Some(_) => ("published", Exit::Done),
        None if moved.is_some() => ("lapsed", Exit::Lost),
        None if lacks.is_empty() => ("approved", Exit::Done),
        None => ("waits", Exit::Waits),
    };
    let step = &last.step;
    if *json {
        let signed: Vec<String> = signed.iter().map(told).collect();
        let told = json!({
            "state": state, "proposal": last.number, "version": step.version, "digest": step.digest,
            "base": step.base.version, "at": clock::text(step.at), "why": step.why, "signed": signed, "waitsFor": lacks, "message": moved,
            "checks": step.checks, "exceeds": step.exceeds, "changes": step.changes, "effect": step.effect,
        });
        input::print(host, &with(told, live.as_ref(), (host, records), (&history, &trusted)));
        return Ok(exit);
    }
    let why = step.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    host.out(&format!(
        "proposal {} of {}: version {} on {}, {state}{why}",
        last.number,
        clock::text(step.at),
        step.version,
        step.base.version
    ));
    host.out(&format!("digest {}", step.digest));
    signed.iter().for_each(|signed| host.out(&format!("signed by {}", told(signed))));
    let exceeds = step.exceeds.iter().map(|line| format!("exceeds a limit: {line}"));
    let lines = step.checks.iter().map(|check| format!("checked: {check}")).chain(exceeds);
    let lines = lines.chain(step.changes.iter().cloned());
    lines.chain(step.effect.iter().cloned()).for_each(|line| host.out(&line));
    if last.end.is_none() {
        lacks.iter().for_each(|lack| host.out(&format!("waits for {lack}")));
        moved.iter().for_each(|message| host.out(message));
    }
    Ok(exit)
}

/// What the snapshot of a proposal says, beside its record.
#[derive(Default)]
struct Looked {
    /// The signatures that count.
    signed: Vec<Signed>,
    /// What it waits for, a sentence each.
    lacks: Vec<String>,
    /// Why it lapsed.
    moved: Option<String>,
}

fn look(
    last: &Proposal,
    host: &dyn Host,
    records: &str,
    (trusted, live): (&Trusted, Option<&Live>),
) -> Result<Looked, Ended> {
    if last.is_void(host, records) {
        return Ok(Looked { moved: Some(last.void(records)), ..Looked::default() });
    }
    if proposal::is_gone(host, records, &last.step) {
        let path = last.path(records);
        host.err(&format!(
            "waft: warning: {path}: is gone, so that nobody can tell who signed it: restore it from a backup"
        ));
        return Ok(Looked::default());
    }
    let bytes = last.read(host, records)?;
    let assembled = last.assemble(host, &bytes, trusted)?;
    let lacks = last.waits(&assembled, trusted);
    let moved = live.and_then(|live| last.check_base(&bytes, Some(live)).err()).map(|Ended(_, message)| message);
    Ok(Looked { signed: assembled.signed, lacks, moved })
}

/// What is so whatever is proposed: what is live, which releases could come back instead, and which were taken back.
fn with(mut told: Json, live: Option<&Live>, (host, records): (&dyn Host, &str), of: (&History, &Trusted)) -> Json {
    let one = |(file, step): (&str, &Step)| json!({ "version": step.version, "at": clock::text(step.at), "why": step.why, "record": file });
    let earlier = live.map(|live| rollback::earlier(host, records, of, live.version)).unwrap_or_default();
    told["live"] = json!(live.map(told_live));
    told["rollback"] = earlier.into_iter().take(EARLIER).map(one).collect();
    told["blocked"] = blocked::json(host, records, of);
    told
}

/// What pages have, for scripts.
fn told_live(live: &Live) -> Json {
    let flags: Vec<String> = decision::flags(&live.program, None).into_iter().map(|(_, key)| key).collect();
    json!({ "version": live.version, "digest": keys::to_text(&live.digest), "flags": flags })
}
