//! `waft release verify`: whether the history is whole, and every release was signed by those whom pages trusted at that time.

use std::collections::BTreeMap;

use waft::anchor::advance;
use waft::envelope::Envelope;
use waft::{Anchor, Seen, Verified, verify};

use super::draft::beside;
use super::reject::ROLE;
use super::trusted::Trusted;
use super::{blocked, proposal, trust, written};
use crate::exit::{self, Ended, Exit};
use crate::host::Host;
use crate::input;
use crate::records::{History, Signed, Stage, Step, Told, Trusts};
use waft_compile::refusal;
use waft_compile::trust_document::Document;
use waft_ruleset::{clock, counted};

/// What to verify, from which trust on.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder of records.
    pub records: String,
    /// The first trust: TRUST.json, or a trust document.
    pub trust: String,
    /// The trust documents that follow it, in order of their numbers.
    pub trust_documents: Vec<String>,
}

/// Prints how much was verified. The first record that is wrong is told.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    exit::end(host, verify_all(options, host))
}

fn verify_all(options: &Options, host: &dyn Host) -> Result<Exit, Ended> {
    let (mut anchor, mut trusts) = trusts(options, host)?;
    let history = History::read(host, &options.records)?;
    let (mut steps, mut live, mut last) = (0, BTreeMap::<(&str, &str), &Step>::new(), i64::MIN);
    for record in history.records() {
        let (file, Some(step)) = (record.file.as_str(), record.step.as_ref()) else { continue };
        let wrong = |what: String| Ended::from(format!("{file}: {what}"));
        if step.stage == Stage::Trust && step.environment == String::from_utf8_lossy(anchor.trust().environment()) {
            let document = document(host, &options.records, file, step)?;
            if document.number > anchor.number() {
                anchor = follow(&anchor, file, &document.bytes, host)?;
                trusts.insert(document.number, document.trusted);
            }
            steps += 1;
            continue;
        }
        let Some(trusted) = trusts.get(&step.trust) else {
            let known: Vec<String> = trusts.keys().map(u64::to_string).collect();
            return Err(wrong(format!(
                "was decided by trust number {}, and these are given: {}: add it to --trust-documents",
                step.trust,
                known.join(", ")
            )));
        };
        if step.project != trusted.document.project || step.environment != trusted.document.environment {
            continue;
        }
        if step.at < last {
            host.err(&format!("waft: warning: {file}: its time is before that of the record before it: check the clocks of who wrote them"));
        }
        if step.at > host.now() {
            host.err(&format!(
                "waft: warning: {file}: its time, {}, is in the future: check the clocks",
                clock::text(step.at)
            ));
        }
        last = last.max(step.at);
        check(host, &options.records, file, step, trusted)?;
        if step.stage == Stage::Release {
            let key = (step.project.as_str(), step.environment.as_str());
            if let Some(before) = live.insert(key, step)
                && before.digest != step.base.digest
            {
                host.err(&format!(
                    "waft: warning: {file}: was published on version {}, and the record before it is of version {}: something was published without a record",
                    step.base.version, before.version
                ));
            }
        }
        steps += 1;
    }
    check_rest(options, host, &history)?;
    host.err(&format!(
        "{}: {}, unchanged and without a gap; {} verified",
        options.records,
        counted(history.records().len(), "record"),
        counted(steps, "step")
    ));
    Ok(Exit::Done)
}

/// The trust of each number that is given.
fn trusts(options: &Options, host: &dyn Host) -> Result<(Anchor, BTreeMap<u64, Trusted>), Ended> {
    let first = crate::trust::read(host, &options.trust)?;
    let mut anchor = first.anchor().map_err(|one| format!("{}: {}", options.trust, refusal::of_trust(one)))?;
    let mut trusts = BTreeMap::from([(first.number, Trusted::of(first)?)]);
    for path in &options.trust_documents {
        let bytes = input::file(host, path)?;
        let refused = |one| format!("{path}: refused, {}", refusal::of_trust(one));
        let document = Document::read(&bytes).map_err(refused)?;
        if document.number <= anchor.number() {
            continue;
        }
        anchor = follow(&anchor, path, &bytes, host)?;
        trusts.insert(document.number, Trusted::of(document)?);
    }
    Ok((anchor, trusts))
}

/// That no record is missing behind the last one; and each kill, by the trust of its time.
fn check_rest(options: &Options, host: &dyn Host, history: &History) -> Result<(), String> {
    written::check_log(host, &options.records, history)?;
    let Told { unknown, late } = history.verify(&known(options, host, history)?)?;
    unknown.iter().for_each(|one| host.err(&format!("waft: warning: {one}")));
    late.into_iter().next().map_or(Ok(()), |(_, late)| Err(late))
}

/// Whose keys counted when, by the documents that are given and those that the history has.
pub fn known(options: &Options, host: &dyn Host, history: &History) -> Result<Trusts, String> {
    let first = crate::trust::read(host, &options.trust)?;
    let refused = |path: &str, one| format!("{path}: refused, {}", refusal::of_trust(one));
    let mut anchor = first.anchor().map_err(|one| refused(&options.trust, one))?;
    let mut trusts = Trusts::of(anchor.trust().clone());
    let mut documents = BTreeMap::new();
    let recorded = history.steps(&first.project, &first.environment).filter(|(_, step)| step.stage == Stage::Trust);
    let recorded = recorded.map(|(_, step)| beside(&options.records, &step.snapshot));
    for path in options.trust_documents.iter().cloned().chain(recorded) {
        let bytes = input::file(host, &path)?;
        let claims = Envelope::read(&bytes).map_err(|one| refused(&path, one))?.claims;
        let issued = i64::try_from(claims.issued).unwrap_or(i64::MAX).saturating_mul(1_000);
        documents.insert(claims.version, (path, issued, bytes));
    }
    for (number, (path, issued, bytes)) in documents {
        if number > anchor.number() {
            anchor = advance(&anchor, &bytes, host.now()).map_err(|one| refused(&path, one))?;
            trusts.follow(number, issued, anchor.trust().clone());
        }
    }
    Ok(trusts)
}

/// A trust document of a record.
struct Recorded {
    number: u64,
    bytes: Vec<u8>,
    trusted: Trusted,
}

/// Reads the very document that a record names.
fn document(host: &dyn Host, records: &str, file: &str, step: &Step) -> Result<Recorded, Ended> {
    let path = beside(records, &step.snapshot);
    let bytes = input::file(host, &path)?;
    let refused = |one| format!("{path}: refused, {}", refusal::of_trust(one));
    let document = Document::read(&bytes).map_err(refused)?;
    let anchor = document.anchor().map_err(refused)?;
    if trust::digest(&anchor) != step.digest {
        return Err(Ended::from(format!(
            "{path}: is not the trust document of {file}, whose digest is {}: restore it",
            step.digest
        )));
    }
    Ok(Recorded { number: document.number, bytes, trusted: Trusted::of(document)? })
}

fn follow(anchor: &Anchor, file: &str, bytes: &[u8], host: &dyn Host) -> Result<Anchor, Ended> {
    advance(anchor, bytes, host.now())
        .map_err(|one| Ended::from(format!("{file}: refused, {}", refusal::of_trust(one))))
}

/// A step's snapshot and signatures, by the trust of its time.
fn check(host: &dyn Host, records: &str, file: &str, step: &Step, trusted: &Trusted) -> Result<(), Ended> {
    let mut bytes = proposal::read(host, records, file, step)?;
    for signed in &step.signed {
        let Some(with) = trusted.attach(file, &bytes, signed)? else {
            let who = super::trusted::told(signed);
            return Err(Ended::from(format!(
                "{file}: the trust of its time, number {}, does not list the key of {who}",
                step.trust
            )));
        };
        bytes = with;
    }
    let is_rejected = |signed: &Signed| signed.role == ROLE;
    if step.stage == Stage::Reject && !step.signed.iter().any(is_rejected) {
        return Err(Ended::from(format!("{file}: nobody signed the rejection")));
    }
    if step.stage == Stage::Unblock && !step.signed.iter().any(|signed| signed.role == blocked::ROLE) {
        return Err(Ended::from(format!("{file}: nobody signed that they may come back")));
    }
    // What blocks or lets go a release says somebody who may sign one: not whoever turns flags off.
    let is_reason = |signed: &&Signed| is_rejected(signed) || signed.role == blocked::ROLE;
    if let Some(signed) = step.signed.iter().filter(is_reason).find(|signed| !trusted.lists(signed)) {
        let who = super::trusted::told(signed);
        return Err(Ended::from(format!("{file}: the key of {who} counts in no role that signs releases")));
    }
    if step.stage != Stage::Release {
        return Ok(());
    }
    // It was no jump from itself, and measured at the time at which it was published.
    let seen = Seen { version: step.version, digest: None };
    let verified = verify(bytes, &trusted.trust, step.at, Some(seen)).and_then(Verified::whole);
    verified.map(drop).map_err(|one| {
        Ended::from(format!("{file}: version {} was refused then, {}", step.version, refusal::sentence(one)))
    })
}
