//! Who signed the kill lists of a history, by the trust of pages.

use waft::head::freshness::KEPT;
use waft::head::kills::Kills;
use waft::{Trust, verify};
use waft_compile::{keys, refusal};

use super::history::History;
use super::lists::is_trusted;
use super::record::{Change, Killing};

impl History {
    /// Verifies the list of each record with a trust. One that its key has not signed, or that does not have the record's flags, is an
    /// error; the message names the file. What cannot be verified is returned, a sentence each: lists of keys that the trust does not
    /// list any more, and records without a list.
    pub fn verify(&self, trust: &Trust) -> Result<Vec<String>, String> {
        let [project, environment] =
            [trust.project(), trust.environment()].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let mut unknown = Vec::new();
        for (file, killing) in self.killings(&project, &environment) {
            let key = &killing.key;
            match &killing.signed {
                None => unknown.push(format!("{file}: has no signed list, so that nobody can tell who signed it")),
                Some(_) if !is_trusted(trust, key) => unknown.push(format!(
                    "{file}: its list is signed by the key {key}, which the trust does not list in the role kill: give --trust the \
                     trust of that time to verify it"
                )),
                Some(signed) => check(killing, signed, trust).map_err(|error| {
                    format!("{file}: {error}: restore the record as it was written, for example from git")
                })?,
            }
        }
        Ok(unknown)
    }
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
