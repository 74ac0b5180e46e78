//! Records of what a kill list changed.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use waft::Trust;
use waft::envelope::Envelope;
use waft::head::kills::Kills;
use waft::kind::Kind;
use waft_compile::head::Documents;
use waft_compile::{keys, refusal};

use super::history::History;
use super::record::{Change, Killing};
use crate::host::Host;
use crate::input;

/// How often others may take the next number before ours.
const TRIES: usize = 100;

/// A verified list with what its document says of itself.
pub(crate) struct List {
    kills: BTreeSet<String>,
    project: String,
    environment: String,
    /// When it was signed, in milliseconds since 1970.
    at: i64,
    number: u64,
    digest: String,
    key: String,
    name: Option<String>,
}

impl List {
    /// Of a head, whatever the time; `None` if it has none that the trust takes.
    pub(crate) fn of_head(host: &dyn Host, head: &Documents, trust: &Trust, path: &str) -> Option<Self> {
        let (document, kills) = (head.get(Kind::Kills)?, head.kills(trust)?.ok()?);
        List::of(host, document, &kills, path).ok()
    }

    /// Of a verified document. `trust` is the file of TRUST.json, which may name who holds the key.
    fn of(host: &dyn Host, document: &[u8], kills: &Kills, trust: &str) -> Result<Self, String> {
        let envelope = Envelope::read(document).map_err(refusal::sentence)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let key = envelope.signatures.first().map_or(String::new(), |signature| keys::to_text(&signature.kid));
        let trust: Json = serde_json::from_str(&input::text(host, trust)?).unwrap_or_default();
        let name = trust.get("holders").and_then(|holders| holders.get(&key)).and_then(Json::as_str);
        Ok(List {
            kills: kills.flags().into_iter().map(text).collect(),
            project: text(envelope.claims.project),
            environment: text(envelope.claims.environment),
            at: i64::try_from(envelope.claims.issued).unwrap_or(i64::MAX).saturating_mul(1_000),
            number: kills.number(),
            digest: keys::to_text(kills.digest()),
            name: name.filter(|name| !name.is_empty()).map(str::to_owned),
            key,
        })
    }

    /// Its number.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Whether these flags are all on it, or all not, as a change would have them.
    pub(crate) fn are(&self, change: Change, flags: &[String]) -> bool {
        flags.iter().all(|flag| self.kills.contains(flag) == (change == Change::Kill))
    }

    /// What it changed since the last record: flags that came onto it, and flags that went.
    pub(crate) fn changes(&self, history: &History) -> Vec<(Change, Vec<String>)> {
        let known = history.killed(&self.project, &self.environment);
        let changes = [
            (Change::Kill, self.kills.difference(&known).cloned().collect::<Vec<String>>()),
            (Change::Unkill, known.difference(&self.kills).cloned().collect()),
        ];
        changes.into_iter().filter(|(_, flags)| !flags.is_empty()).collect()
    }

    /// Whether a record is of a list of the same number or a higher one, and not of this list.
    pub(crate) fn is_behind(&self, history: &History) -> bool {
        let last = history.killings(&self.project, &self.environment).last();
        last.is_some_and(|(_, last)| last.list >= self.number && last.digest != self.digest)
    }

    /// Since when a flag is killed: by the history, or at the latest since this list.
    pub(crate) fn since(&self, history: &History, flag: &str) -> i64 {
        let kills = history.kills(&self.project, &self.environment);
        kills.iter().find(|kill| kill.flag == flag && kill.until.is_none()).map_or(self.at, |kill| kill.at)
    }

    /// Writes what it changed, if that is not written yet, and returns the files. If another list has taken its number, only what was
    /// `asked` is a change of its own. Of others who write at the same moment each has a file of its own.
    pub(crate) fn record(
        &self,
        host: &dyn Host,
        folder: &str,
        asked: &[(Change, &[String])],
        why: Option<&str>,
    ) -> Result<Vec<String>, String> {
        let mut written = Vec::new();
        let mut history = History::open(host, folder)?;
        let mut is_behind = false;
        for _ in 0..TRIES {
            // Once it is, it stays so, also after its own record.
            is_behind |= self.is_behind(&history);
            let mut changes = self.changes(&history);
            if is_behind {
                let is_asked = |change: Change, flag: &String| {
                    asked.iter().any(|(own, flags)| *own == change && flags.contains(flag))
                };
                changes.iter_mut().for_each(|(change, own)| own.retain(|flag| is_asked(*change, flag)));
                changes.retain(|(_, own)| !own.is_empty());
            }
            let Some((change, flags)) = changes.into_iter().next() else { return Ok(written) };
            if history.append(host, &self.killing(change, flags, why))? {
                written.push(history.last().to_owned());
            } else {
                history = History::open(host, folder)?;
            }
        }
        Err(format!("{folder}: others keep writing there"))
    }

    fn killing(&self, change: Change, flags: Vec<String>, why: Option<&str>) -> Killing {
        Killing {
            change,
            at: self.at,
            project: self.project.clone(),
            environment: self.environment.clone(),
            flags,
            list: self.number,
            digest: self.digest.clone(),
            key: self.key.clone(),
            name: self.name.clone(),
            why: why.map(str::to_owned),
        }
    }
}
