//! `waft release trust`: records a trust document, by which other keys count from then on.

use std::collections::BTreeMap;

use waft::Anchor;
use waft::anchor::advance;
use waft::envelope::Envelope;

use super::draft::beside;
use super::trusted::Trusted;
use super::{Place, written};
use crate::exit::{self, Ended, Exit};
use crate::head::kill;
use crate::host::Host;
use crate::records::{Base, History, Signed, Stage, Step};
use crate::{input, trust::difference};
use waft_compile::trust_document::Document;
use waft_compile::{keys, refusal};

/// What to record.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The trust document's file, signed.
    pub document: String,
    /// Where records are, and the trust that it follows.
    pub place: Place,
    /// The reason.
    pub why: Option<String>,
}

/// Records it. One that pages would refuse is not recorded, and one that is recorded already is no failure.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    exit::end(host, record(options, host))
}

fn record(options: &Options, host: &dyn Host) -> Result<Exit, Ended> {
    let Options { document: path, place: Place { records, trust }, why } = options;
    kill::check_reason(why.as_deref())?;
    let before = Trusted::read(host, trust)?;
    let bytes = input::file(host, path)?;
    let refused = |one| format!("{path}: refused, {}", refusal::of_trust(one));
    let from = before.document.anchor().map_err(refused)?;
    let anchor = advance(&from, &bytes, host.now()).map_err(refused)?;
    let next = Trusted::of(Document::read(&bytes).map_err(refused)?)?;
    let history = History::open(host, records)?;
    let number = next.document.number;
    if let Some(file) = recorded(&history, &next, &anchor) {
        host.err(&format!("{path}: trust document {number} is recorded already, in {file}"));
        return Ok(Exit::Done);
    }
    let name = format!("trust-{}-{number:04}.waft", next.document.environment);
    let copy = beside(records, &name);
    host.write(&copy, &bytes).map_err(|error| format!("{copy}: {error}"))?;
    let step = Step {
        stage: Stage::Trust,
        at: written::now(host),
        project: next.document.project.clone(),
        environment: next.document.environment.clone(),
        version: number,
        digest: digest(&anchor),
        proposal: None,
        base: Base { version: from.number(), digest: digest(&from) },
        snapshot: name,
        rules_of: None,
        source: None,
        why: why.clone(),
        checks: Vec::new(),
        changes: difference::differences(&before.document, &next.document),
        effect: Vec::new(),
        exceeds: Vec::new(),
        require: BTreeMap::new(),
        signed: signed(&bytes, [&before, &next]).map_err(refused)?,
        trust: from.number(),
    };
    step.changes.iter().for_each(|line| host.out(line));
    let file = written::append(host, records, history, &step, |_| Ok(()))?;
    host.err(&format!("{file}: trust document {number} is recorded"));
    Ok(Exit::Done)
}

/// The record that has a trust document.
fn recorded(history: &History, next: &Trusted, anchor: &Anchor) -> Option<String> {
    let mut steps = history.steps(&next.document.project, &next.document.environment);
    let (file, _) = steps.find(|(_, step)| step.stage == Stage::Trust && step.digest == digest(anchor))?;
    Some(file.to_owned())
}

/// The digest of a trust document, as `waft trust verify` prints it.
pub(super) fn digest(anchor: &Anchor) -> String {
    keys::to_text(anchor.digest())
}

/// Who signed a document, by the names of the trust before it and its own.
fn signed(bytes: &[u8], trusts: [&Trusted; 2]) -> Result<Vec<Signed>, waft::Refusal> {
    let envelope = Envelope::read(bytes)?;
    let one = |one: &waft::envelope::Signature<'_>| Signed {
        role: String::from_utf8_lossy(one.role).into_owned(),
        key: keys::to_text(&one.kid),
        name: trusts.iter().find_map(|trusted| trusted.name(&one.kid)),
        signature: keys::to_text(&one.signature),
    };
    Ok(envelope.signatures.iter().map(one).collect())
}
