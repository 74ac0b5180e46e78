//! The proposal that is open, and the signatures that records have for it.

use waft::envelope::Envelope;

use super::draft::beside;
use super::live::{self, Live};
use super::trusted::{Lack, Trusted};
use crate::exit::{Ended, Exit};
use crate::host::Host;
use crate::records::history::DIGITS;
use crate::records::{History, Signed, Stage, Step};
use waft_compile::{refusal, snapshot};

pub(super) use crate::records::unsigned::{is_gone, read};

/// The last proposal of an environment.
pub(super) struct Proposal {
    /// Its record's file.
    pub(super) file: String,
    /// The number of that record, as the file is called.
    pub(super) number: String,
    pub(super) step: Step,
    /// Its signature and those of approvals, each with the record that has it.
    pub(super) signed: Vec<(String, Signed)>,
    /// The record that ended it.
    pub(super) end: Option<(String, Step)>,
}

/// The signed snapshot.
pub(super) struct Assembled {
    pub(super) bytes: Vec<u8>,
    /// The signatures that count.
    pub(super) signed: Vec<Signed>,
    /// Whether one of them came after it was proposed, by somebody who was shown what it changes.
    pub(super) is_approved: bool,
}

/// The number of a record, by its file.
pub(super) fn number(file: &str) -> &str {
    let name = file.rsplit_once(['/', '\\']).map_or(file, |(_, name)| name);
    name.strip_suffix(".yaml").unwrap_or(name)
}

impl Proposal {
    /// The last of an environment, whether it is open or not.
    pub(super) fn last(history: &History, trusted: &Trusted) -> Option<Self> {
        let (project, environment) = (&trusted.document.project, &trusted.document.environment);
        let mut last: Option<Proposal> = None;
        for (file, step) in history.steps(project, environment) {
            let signed = || step.signed.iter().map(|signed| (file.to_owned(), signed.clone()));
            match (step.stage, &mut last) {
                (Stage::Propose, _) => {
                    let number = number(file).to_owned();
                    let (file, step, signed) = (file.to_owned(), step.clone(), signed().collect());
                    last = Some(Proposal { file, number, step, signed, end: None });
                }
                (Stage::Approve, Some(open)) if step.proposal.as_ref() == Some(&open.number) => {
                    open.signed.extend(signed())
                }
                (Stage::Reject | Stage::Release, Some(open)) if step.proposal.as_ref() == Some(&open.number) => {
                    open.end = Some((file.to_owned(), step.clone()));
                }
                (Stage::Approve | Stage::Reject | Stage::Release | Stage::Unblock | Stage::Trust, _) => {}
            }
        }
        last
    }

    /// The one that is open. `named` is the number of the record that is meant.
    pub(super) fn open(history: &History, trusted: &Trusted, named: Option<&str>) -> Result<Self, Ended> {
        let Some(last) = Proposal::last(history, trusted) else {
            return Err(Ended(Exit::Failed, "nothing is proposed: `waft release propose` does that first".to_owned()));
        };
        let named = named.map(|named| format!("{named:0>DIGITS$}"));
        if let Some(named) = named.filter(|named| *named != last.number) {
            let (project, environment) = (&trusted.document.project, &trusted.document.environment);
            let is_named =
                |(file, step): &(&str, &Step)| step.stage == Stage::Propose && number(file) == named.as_str();
            return Err(match history.steps(project, environment).any(|step| is_named(&step)) {
                true => Ended(
                    Exit::Blocked,
                    format!(
                        "proposal {named} was superseded by {}, version {}: look at that one",
                        last.number, last.step.version
                    ),
                ),
                false => Ended(
                    Exit::Usage,
                    format!("proposal {named}: there is no such proposal; the last is {}", last.number),
                ),
            });
        }
        match &last.end {
            Some((file, step)) if step.stage == Stage::Reject => {
                let why = step.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
                Err(Ended(Exit::Blocked, format!("proposal {} was rejected ({file}){why}", last.number)))
            }
            Some(_) | None => Ok(last),
        }
    }

    /// Refuses one that was published.
    pub(super) fn unpublished(self) -> Result<Self, Ended> {
        match &self.end {
            Some((file, step)) if step.stage == Stage::Release => Err(Ended(
                Exit::Failed,
                format!("version {} was published already ({file}): nothing is proposed", step.version),
            )),
            Some(_) | None => Ok(self),
        }
    }

    /// The path of the unsigned snapshot.
    pub(super) fn path(&self, folder: &str) -> String {
        beside(folder, &self.step.snapshot)
    }

    /// Whether it is open, and its snapshot is gone: nobody can sign, publish or reject it any more.
    pub(super) fn is_void(&self, host: &dyn Host, folder: &str) -> bool {
        self.end.is_none() && is_gone(host, folder, &self.step)
    }

    /// Why it is void.
    pub(super) fn void(&self, folder: &str) -> String {
        format!(
            "proposal {}: its snapshot, {}, is gone, and nobody can sign or publish it: restore it, or propose again, which takes its place",
            self.number,
            self.path(folder)
        )
    }

    /// The unsigned snapshot: the very bytes that were proposed.
    pub(super) fn read(&self, host: &dyn Host, folder: &str) -> Result<Vec<u8>, String> {
        if self.is_void(host, folder) { Err(self.void(folder)) } else { read(host, folder, &self.file, &self.step) }
    }

    /// The snapshot with all signatures that count. Those of keys that the trust lists no longer are told.
    pub(super) fn assemble(&self, host: &dyn Host, unsigned: &[u8], trusted: &Trusted) -> Result<Assembled, String> {
        let mut assembled = Assembled { bytes: unsigned.to_vec(), signed: Vec::new(), is_approved: false };
        for (file, signed) in &self.signed {
            match trusted.attach(file, &assembled.bytes, signed)? {
                Some(bytes) => {
                    assembled.bytes = bytes;
                    assembled.signed.push(signed.clone());
                    assembled.is_approved |= *file != self.file;
                }
                None => {
                    let who = super::trusted::told(signed);
                    host.err(&format!(
                        "waft: warning: {file}: the trust lists the key of {who} no longer, and it does not count"
                    ));
                }
            }
        }
        Ok(assembled)
    }

    /// What it waits for, a sentence each.
    pub(super) fn waits(&self, assembled: &Assembled, trusted: &Trusted) -> Vec<String> {
        waits(&self.step, &assembled.signed, assembled.is_approved, trusted)
    }

    /// Whether what is live is what it was proposed on. Otherwise its signatures say nothing about what would change.
    pub(super) fn check_base(&self, unsigned: &[u8], live: Option<&Live>) -> Result<(), Ended> {
        let envelope = Envelope::read(unsigned).map_err(|one| refusal::sentence(one).to_owned())?;
        let base = snapshot::base(&envelope).map_err(|one| refusal::sentence(one).to_owned())?;
        if base == Some(live::digest(live)) {
            return Ok(());
        }
        let is = live.map_or_else(|| "nothing".to_owned(), |live| format!("version {}", live.version));
        let was = match self.step.base.version {
            0 => "nothing was live".to_owned(),
            version => format!("version {version} was live"),
        };
        Err(Ended(
            Exit::Lost,
            format!(
                "proposal {} was made when {was}, and now {is} is: its signatures lapse; propose again",
                self.number
            ),
        ))
    }
}

/// What to do with what waits for this, for people.
pub(super) fn next(waits: &[String]) -> String {
    if waits.is_empty() { "publish it next".to_owned() } else { format!("it waits for {}", waits.join("; ")) }
}

/// What a proposal with some signatures waits for, a sentence each.
pub(super) fn waits(step: &Step, signed: &[Signed], is_approved: bool, trusted: &Trusted) -> Vec<String> {
    let mut waits: Vec<String> = trusted.lacks(signed, &step.require).iter().map(Lack::told).collect();
    if !step.exceeds.is_empty() && !is_approved && waits.is_empty() {
        waits.push(format!("an approval, as it exceeds limits: {}", step.exceeds.join("; ")));
    }
    waits
}
