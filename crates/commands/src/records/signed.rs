//! Who signed the kill lists of a history, by the trust that pages had at that time.

use std::collections::BTreeSet;

use waft::head::freshness::KEPT;
use waft::head::kills::Kills;
use waft::{Trust, verify};
use waft_compile::{keys, refusal};

use super::history::History;
use super::lists::is_trusted;
use super::record::{Change, Killing};
use super::step::Stage;
use waft_ruleset::clock;

/// The trusts of an environment's pages, one after the other.
#[derive(Clone, Debug)]
pub struct Trusts {
    first: Trust,
    next: Vec<Successor>,
}

/// A trust document that followed.
#[derive(Clone, Debug)]
struct Successor {
    number: u64,
    /// When it was made, in milliseconds since 1970.
    issued: i64,
    trust: Trust,
}

/// What is to be said of the lists of a history that are as they were signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Of whom nobody can tell who signed them, a sentence each.
    pub unknown: Vec<String>,
    /// The records whose key had been taken out when they came, and what is wrong with each: they count for nothing.
    pub late: Vec<(String, String)>,
}

impl Trusts {
    /// Of pages that took no trust document.
    pub fn of(first: Trust) -> Self {
        Trusts { first, next: Vec::new() }
    }

    /// The document that followed, made at some moment (milliseconds since 1970).
    pub fn follow(&mut self, number: u64, issued: i64, trust: Trust) {
        self.next.push(Successor { number, issued, trust });
    }

    /// Whose keys counted for a list: of documents that the history has, those before it, up to `reached`; of others those that were made by then.
    fn at(&self, recorded: &BTreeSet<u64>, reached: u64, at: i64) -> &Trust {
        let counts = |one: &&Successor| match recorded.contains(&one.number) {
            true => one.number <= reached,
            false => one.issued <= at,
        };
        self.next.iter().rev().find(counts).map_or(&self.first, |one| &one.trust)
    }

    fn all(&self) -> impl Iterator<Item = &Trust> {
        [&self.first].into_iter().chain(self.next.iter().map(|one| &one.trust))
    }
}

/// What keeps a record of a list from counting.
enum Doubt {
    /// Nobody can tell who signed it.
    Unknown(String),
    /// Its key had been taken out when it came.
    Late(String),
    /// It is not what was signed.
    Wrong(String),
}

impl History {
    /// Verifies the list of each record with the trust of its time. One that its key has not signed, or that does not have the record's
    /// flags, is an error; the message names the file.
    pub fn verify(&self, trusts: &Trusts) -> Result<Told, String> {
        let mut told = Told::default();
        for (file, _, doubt) in self.doubts(trusts) {
            match doubt {
                Doubt::Unknown(why) => told.unknown.push(why),
                Doubt::Late(why) => told.late.push((file.to_owned(), why)),
                Doubt::Wrong(why) => return Err(why),
            }
        }
        Ok(told)
    }

    /// The records of lists that somebody who acts on them must not believe, each with why: unsigned, changed, or by a key that did not count.
    pub(crate) fn unverified(&self, trusts: &Trusts) -> Vec<(&str, &Killing, String)> {
        let why = |doubt| match doubt {
            Doubt::Unknown(why) | Doubt::Late(why) | Doubt::Wrong(why) => why,
        };
        self.doubts(trusts).into_iter().map(|(file, killing, doubt)| (file, killing, why(doubt))).collect()
    }

    fn doubts(&self, trusts: &Trusts) -> Vec<(&str, &Killing, Doubt)> {
        let [project, environment] = [trusts.first.project(), trusts.first.environment()]
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let is_document = |stage: Stage| stage == Stage::Trust;
        let recorded: BTreeSet<u64> = self
            .steps(&project, &environment)
            .filter(|(_, step)| is_document(step.stage))
            .map(|(_, step)| step.version)
            .collect();
        let (mut doubts, mut reached) = (Vec::new(), 0);
        for record in self.records() {
            let is_ours = |of: &str, within: &str| of == project && within == environment;
            if let Some(step) = record.step.as_ref().filter(|step| is_ours(&step.project, &step.environment))
                && is_document(step.stage)
            {
                reached = reached.max(step.version);
            }
            let killing = record.killing.as_ref().filter(|one| is_ours(&one.project, &one.environment));
            if let Some(killing) = killing
                && let Err(doubt) = vouched(&record.file, killing, trusts, trusts.at(&recorded, reached, killing.at))
            {
                doubts.push((record.file.as_str(), killing, doubt));
            }
        }
        doubts
    }
}

/// Verifies one, with the trust of its time.
fn vouched(file: &str, killing: &Killing, trusts: &Trusts, trust: &Trust) -> Result<(), Doubt> {
    let key = &killing.key;
    let check = |signed: &str, trust: &Trust| {
        check(killing, signed, trust).map_err(|error| {
            Doubt::Wrong(format!("{file}: {error}: restore the record as it was written, for example from git"))
        })
    };
    let Some(signed) = &killing.signed else {
        return Err(Doubt::Unknown(format!("{file}: has no signed list, so that nobody can tell who signed it")));
    };
    if is_trusted(trust, key) {
        return check(signed, trust);
    }
    let Some(other) = trusts.all().find(|trust| is_trusted(trust, key)) else {
        return Err(Doubt::Unknown(format!(
            "{file}: its list is signed by the key {key}, which the trust does not list in the role kill: give --trust the \
             trust of that time to verify it, and --trust-documents what followed it"
        )));
    };
    check(signed, other)?;
    let at = clock::text(killing.at);
    Err(Doubt::Late(format!(
        "{file}: its list is signed by the key {key}, which the trust of its time, {at}, did not list in the role kill: it counts for \
         nothing; was the key stolen, or is a clock wrong?"
    )))
}

fn check(killing: &Killing, signed: &str, trust: &Trust) -> Result<(), String> {
    let bytes = keys::bytes(signed).ok_or("its list cannot be read")?;
    let kills = verify(bytes, trust, KEPT, None).and_then(Kills::new);
    let kills = kills.map_err(|refused| format!("its list is refused, {}", refusal::sentence(refused)))?;
    let listed = kills.flags();
    let is_killed = killing.change == Change::Kill;
    match killing.flags.iter().find(|flag| listed.contains(&flag.as_bytes()) != is_killed) {
        Some(flag) if is_killed => Err(format!("{flag} is not on its list")),
        Some(flag) => Err(format!("{flag} is on its list, and was taken off by the record")),
        None => Ok(()),
    }
}
