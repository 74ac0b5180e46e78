//! What is live, for programs that watch: the head and the snapshot, as a page reads them.

use std::time::Duration;

use waft::Trust;
use waft::kind::Kind;
use waft_commands::head;
use waft_commands::head::kill::{self, Change};
use waft_commands::host::Host;
use waft_compile::head::Documents;
use waft_compile::refusal;
use waft_ruleset::clock;

use super::check::Public;
use super::head::published;
use super::names;
use super::page::BuiltIn;
use super::patience::Patience;
use super::place::Place;
use super::steps::Steps;

/// How long a busy store is tried again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where to look.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    /// `--to`, `--url`, `--trust` and `--name`. With a URL, that is read: it is what pages read.
    pub(crate) to: &'a str,
    pub(crate) url: Option<&'a str>,
    pub(crate) trust: &'a str,
    pub(crate) name: &'a str,
    /// A key of the role kill, which pages must accept.
    pub(crate) kill_key: Option<&'a str>,
}

/// What is live.
#[derive(Debug)]
pub(crate) struct Live {
    /// The version of the snapshot; `None` if there is none that pages take.
    pub(crate) version: Option<u64>,
    /// Flags that are killed.
    pub(crate) killed: Vec<String>,
    /// What is wrong with the pointer, if pages ask for one.
    pub(crate) pointer: Option<String>,
    /// The trust that pages have by now.
    trust: Trust,
    head: Documents,
}

impl Live {
    /// The next kill list, not yet signed, for a key that is elsewhere, by its id. Nobody is asked to sign what pages would refuse.
    pub(crate) fn next_kills(
        &self,
        change: Change,
        flags: &[String],
        kid: &[u8; 16],
        host: &dyn Host,
    ) -> Result<Vec<u8>, String> {
        head::check_listed(Kind::Kills, &self.trust, kid)?;
        let now = host.now();
        kill::unsigned(&self.head, change, flags, &self.trust, [now, now + kill::LIFETIME]).map(|(list, _)| list)
    }

    /// Whether another kill list has the number of the one in a head, or a higher one.
    pub(crate) fn has_taken(&self, head: &Documents) -> bool {
        let kills = |head: &Documents| head.kills(&self.trust).and_then(Result::ok);
        let (Some(live), Some(other)) = (kills(&self.head), kills(head)) else { return false };
        live.number() >= other.number() && live.digest() != other.digest()
    }
}

/// Why nothing was seen.
#[derive(Debug)]
pub(crate) enum Unseen {
    /// What was given is wrong: options, the trust, the key.
    Given(String),
    /// The store or the URL failed.
    Store(String),
}

impl<'a> Look<'a> {
    /// At what is written, and not at what pages read.
    pub(crate) const fn new(to: &'a str, trust: &'a str, name: &'a str) -> Self {
        Look { to, url: None, trust, name, kill_key: None }
    }

    /// The numbers of the trust that pages were built with, and of the last trust document that they take of what is published.
    pub(crate) fn trust_numbers(&self, host: &dyn Host) -> Result<[u64; 2], Unseen> {
        let place = Place::named(self.to).map_err(Unseen::Given)?;
        let built_in = BuiltIn::read(host, self.trust).map_err(Unseen::Given)?;
        let store = place.open(host).map_err(Unseen::Given)?;
        let patience = Patience::lasting(PATIENCE, host);
        let steps = Steps { store: store.as_ref(), patience: &patience, host, single_writer: false };
        let documents = built_in.published(self.name, |name| steps.read(name)).map_err(Unseen::Store)?;
        let own = built_in.number();
        let (page, _) = built_in.reach(self.name, &documents, &[], host).map_err(Unseen::Given)?;
        Ok([own, page.number])
    }

    /// Reads it.
    pub(crate) fn at(&self, host: &dyn Host) -> Result<Live, Unseen> {
        let place = Place::named(self.to).map_err(Unseen::Given)?;
        let public = self.url.map(Public::at).transpose().map_err(Unseen::Given)?;
        let built_in = BuiltIn::read(host, self.trust).map_err(Unseen::Given)?;
        let store = place.open(host).map_err(Unseen::Given)?;
        let patience = Patience::lasting(PATIENCE, host);
        let steps = Steps { store: store.as_ref(), patience: &patience, host, single_writer: false };
        let read = |name: &str| match &public {
            Some(public) => public.read(name),
            None => steps.read(name),
        };
        let documents = built_in.published(self.name, read).map_err(Unseen::Store)?;
        let (page, _) = built_in.reach(self.name, &documents, &[], host).map_err(Unseen::Given)?;
        if let Some(key) = self.kill_key {
            head::key(host, key, Kind::Kills, &page.trust).map_err(Unseen::Given)?;
        }
        let snapshot = read(&names::live(self.name)).map_err(Unseen::Store)?;
        let version = snapshot.and_then(|bytes| page.identity_once(&bytes).ok()).map(|identity| identity.version);
        let found = published(read(&names::head(self.name)).map_err(Unseen::Store)?.as_deref());
        let kills = found.kills(&page.trust).and_then(Result::ok);
        let text = |flag: &[u8]| String::from_utf8_lossy(flag).into_owned();
        let killed = kills.iter().flat_map(|kills| kills.flags()).map(text).collect();
        let asks = page.trust.require().iter().any(|one| one.kind() == Kind::Pointer);
        let pointer = match found.pointer(&page.trust) {
            _ if !asks => None,
            None => Some("there is none, so that pages do not adopt this snapshot".to_owned()),
            Some(Err(refused)) => Some(format!("pages refuse it, {}", refusal::sentence(refused))),
            Some(Ok(pointer)) => old(pointer.issued(), pointer.expires(), page.now),
        };
        Ok(Live { version, killed, pointer, trust: page.trust, head: found })
    }
}

/// What is wrong with a pointer of this age: whoever refreshes it hourly has failed for long when half its life is over.
fn old(issued: u64, expires: u64, now: i64) -> Option<String> {
    let now = u64::try_from(now / 1_000).unwrap_or(0);
    let (age, life) = (now.saturating_sub(issued), expires.saturating_sub(issued));
    let end = clock::text_of_seconds(expires);
    if now >= expires {
        return Some(format!("it ended at {end}, and pages adopt no snapshot without a new one"));
    }
    (age.saturating_mul(2) > life).then(|| format!("over half its life has passed, and it ends at {end}"))
}
