//! Records of what a kill list changed.

use std::collections::BTreeSet;

use waft::Trust;
use waft::envelope::Envelope;
use waft::kind::Kind;
use waft_compile::head::Documents;
use waft_compile::keys;

use super::history::History;
use super::record::{Change, Killing};
use crate::host::Host;
use crate::trust::reach::Holders;

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
    /// The document, as it was signed.
    document: Vec<u8>,
    /// Of the pages that take it.
    trust: Trust,
}

impl List {
    /// Of a head, whatever the time; `None` if it has none that the trust takes.
    pub(crate) fn of_head(head: &Documents, trust: &Trust, holders: &Holders) -> Option<Self> {
        let (document, kills) = (head.get(Kind::Kills)?, head.kills(trust)?.ok()?);
        let envelope = Envelope::read(document).ok()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let key = envelope.signatures.first().map_or(String::new(), |signature| keys::to_text(&signature.kid));
        Some(List {
            kills: kills.flags().into_iter().map(text).collect(),
            project: text(envelope.claims.project),
            environment: text(envelope.claims.environment),
            at: i64::try_from(envelope.claims.issued).unwrap_or(i64::MAX).saturating_mul(1_000),
            number: kills.number(),
            digest: keys::to_text(kills.digest()),
            name: holders.get(&key).cloned(),
            key,
            document: document.to_vec(),
            trust: trust.clone(),
        })
    }

    /// Its number.
    pub(crate) fn number(&self) -> u64 {
        self.number
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

    /// Whether a record is of a list of the same number or a higher one, and not of this list. A list whose key was taken out of the trust
    /// is gone from pages, and numbers begin again behind it.
    pub(crate) fn is_behind(&self, history: &History) -> bool {
        let last = history.killings(&self.project, &self.environment).last();
        last.is_some_and(|(_, last)| {
            last.list >= self.number && last.digest != self.digest && is_trusted(&self.trust, &last.key)
        })
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
            signed: Some(keys::to_text(&self.document)),
        }
    }
}

/// Whether a record is of a list that pages of a trust may have taken.
pub(crate) fn is_recorded(history: &History, trust: &Trust) -> bool {
    let [project, environment] = [trust.project(), trust.environment()].map(String::from_utf8_lossy);
    let last = history.killings(&project, &environment).last();
    last.is_some_and(|(_, last)| is_trusted(trust, &last.key))
}

/// Whether a trust lists a key for kill lists, by its id.
pub(crate) fn is_trusted(trust: &Trust, key: &str) -> bool {
    let lists = |kid: [u8; 16]| trust.require().iter().any(|one| one.kind() == Kind::Kills && one.key(&kid).is_some());
    keys::from_text(key).is_some_and(lists)
}
