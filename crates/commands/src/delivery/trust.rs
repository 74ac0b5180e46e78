//! `waft release trust`: records a trust document, by which other keys count from then on.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use waft::Anchor;
use waft::anchor::advance;
use waft::envelope::Envelope;

use super::draft::beside;
use super::trusted::{Pages, Trusted};
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
    let bytes = input::file(host, path)?;
    let refused = |one| format!("{path}: refused, {}", refusal::of_trust(one));
    let next = Trusted::of(Document::read(&bytes).map_err(refused)?)?;
    let (history, number) = (History::open(host, records)?, next.document.number);
    let before = Trusted::read(host, trust)?.followed(host, (records, &history), Pages::Recorded, number)?;
    let from = before.document.anchor().map_err(refused)?;
    let anchor = advance(&from, &bytes, host.now()).map_err(refused)?;
    if let Some((file, is_same)) = recorded(&history, &next, &anchor) {
        if !is_same {
            return Err(Ended::from(format!(
                "{path}: another trust document {number} is recorded, in {file}: a number is taken once; write the next one behind that"
            )));
        }
        host.err(&format!("{path}: trust document {number} is recorded already, in {file}"));
        return Ok(Exit::Done);
    }
    let name = copy_of(&history, &next.document);
    keep(host, &beside(records, &name), &bytes)?;
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

/// What a document's copy is called. Two projects may have one folder of records, and environments of one name.
fn copy_of(history: &History, Document { project, environment, number, .. }: &Document) -> String {
    let name = format!("trust-{environment}-{number:04}.waft");
    let mut steps = history.records().iter().filter_map(|record| record.step.as_ref());
    let is_others = steps.any(|step| step.snapshot == name && step.project != *project);
    if is_others { format!("trust-{project}-{environment}-{number:04}.waft") } else { name }
}

/// Writes a copy that nothing replaces: pages may have taken what it says.
fn keep(host: &dyn Host, copy: &str, bytes: &[u8]) -> Result<(), String> {
    match host.create(copy, bytes, false) {
        // Of a run that ended before its record.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && host.read(copy).is_ok_and(|there| there == bytes) => {
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(format!(
            "{copy}: another document of this number is there, without a record: record that one, or take it away if it was published nowhere"
        )),
        Err(error) => Err(format!("{copy}: {error}")),
        Ok(()) => Ok(()),
    }
}

/// The record of a trust document of this number, and whether it is this one.
fn recorded(history: &History, next: &Trusted, anchor: &Anchor) -> Option<(String, bool)> {
    let mut steps = history.steps(&next.document.project, &next.document.environment);
    let (file, step) = steps.find(|(_, step)| step.stage == Stage::Trust && step.version == next.document.number)?;
    Some((file.to_owned(), step.digest == digest(anchor)))
}

/// The record of the trust document of some number of an environment, from which on that number is taken.
pub fn taken(
    host: &dyn Host,
    records: &str,
    (project, environment): (&str, &str),
    number: u64,
) -> Result<Option<String>, String> {
    let history = History::open(host, records)?;
    let mut steps = history.steps(project, environment);
    Ok(steps.find(|(_, step)| step.stage == Stage::Trust && step.version == number).map(|(file, _)| file.to_owned()))
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
