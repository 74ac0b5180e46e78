//! A head that is published, and what becomes of it beside one that is there: of each part the highest number stays.

use waft::Code;
use waft::head::file::{Head, documents};
use waft::head::freshness::{Known, take};
use waft::head::kills::Kills;
use waft::head::pointer::Pointer;
use waft::kind::Kind;
use waft_commands::head::kill;
use waft_commands::host::Host;
use waft_compile::head::{Conflict, Documents, merge};
use waft_compile::refusal;

use super::page::{Identity, Page};

/// Makes the next head of the one that is published, and of the snapshot that is live.
pub(crate) type Make<'a> = &'a dyn Fn(&Documents, Option<&Identity>) -> Result<Documents, String>;

/// What is to become of the head.
pub(crate) enum News<'a> {
    /// It is put together with these documents.
    Given(Documents),
    /// It is the start of the next one, made again if somebody else was faster.
    Made(Make<'a>),
}

/// Why a head is not published.
const START: &str = "start from the published head: fetch it, and sign again";

impl News<'_> {
    /// Reads a head's file.
    pub(crate) fn read(path: &str, host: &dyn Host) -> Result<Self, String> {
        let bytes = host.read(path).map_err(|error| format!("{path}: {error}"))?;
        let refused = |refused| format!("{path}: not a head, {}", refusal::sentence(refused));
        let head = Head::read(&bytes).map_err(refused)?;
        if head.snapshot.is_some() {
            return Err(format!("{path}: a snapshot, or a head with one behind it: name the file of the head alone"));
        }
        if head.kills.is_none() && head.pointer.is_none() {
            return Err(format!("{path}: a head without a kill list and without a pointer: nothing to publish"));
        }
        Documents::read(&bytes).map(News::Given).map_err(refused)
    }

    /// The head to publish in place of one that is there, with the snapshot that will be live beside it; and what its publisher should
    /// know, if anything.
    pub(crate) fn next(
        &self,
        page: &Page,
        theirs: &Documents,
        live: Option<&Identity>,
    ) -> Result<(Documents, Option<String>), String> {
        let next = match self {
            News::Given(ours) => put_together(page, ours, theirs)?,
            News::Made(make) => make(theirs, live)?,
        };
        let warning = check(page, &next, theirs, live)?;
        Ok((next, warning))
    }
}

/// The documents of a file that is there. What no page reads has none.
pub(crate) fn published(found: Option<&[u8]>) -> Documents {
    found.and_then(|found| Documents::read(found).ok()).unwrap_or_default()
}

/// The snapshot behind a head, in `current.waft`.
pub(crate) fn snapshot_of(current: &[u8]) -> Option<&[u8]> {
    documents(current, |_, _| {}).ok().flatten()
}

/// [`merge`], and what it must not do in silence: leave out a kill, ours or one that is published.
fn put_together(page: &Page, ours: &Documents, theirs: &Documents) -> Result<Documents, String> {
    let kills = |documents: &Documents| documents.kills(&page.trust).and_then(Result::ok);
    let conflict = |conflict: Conflict| match conflict {
        Conflict::SameNumber(Kind::Kills) => {
            let number = kills(ours).map_or(0, |kills| kills.number());
            format!("another kill list {number} was published: {START}")
        }
        Conflict::SameNumber(_) => format!("the published pointer names another snapshot of its version: {START}"),
        Conflict::Pointers => {
            format!("of the published pointer and this one, each has a lower number than the other: {START}")
        }
    };
    let merged = merge(ours, theirs, &page.trust).map_err(conflict)?;
    let (Some(own), Some(live)) = (kills(ours), kills(&merged)) else { return Ok(merged) };
    let lacks = |list: &Kills, other: &Kills| {
        other
            .flags()
            .into_iter()
            .find(|flag| !list.flags().contains(flag))
            .map(|flag| String::from_utf8_lossy(flag).into_owned())
    };
    if live.number() > own.number()
        && let Some(flag) = lacks(&live, &own)
    {
        let (number, own) = (live.number(), own.number());
        return Err(format!(
            "kill list {number} is published, and this one is {own}: {flag} would not be killed: {START}"
        ));
    }
    // The next number may be that of an `unkill`, which takes flags off and puts none on. Whoever signed another list that lacks some, or one with more
    // between them, did not start from what is published.
    if let Some(theirs) = kills(theirs)
        && own.number() > theirs.number()
        && (own.number() > theirs.number().saturating_add(1) || lacks(&theirs, &own).is_some())
        && let Some(flag) = lacks(&own, &theirs)
    {
        let (number, own) = (theirs.number(), own.number());
        return Err(format!(
            "kill list {number} is published, and this one is {own}, without what came between: {flag} would be killed no longer: {START}. \
             If {flag} is to be on again, `waft publish --unkill {flag}` with --kill-key does it; or publish a list before the next is signed"
        ));
    }
    Ok(merged)
}

/// Whether pages take a head, those too that have taken the one before it; and whether there is what it names. Returns a warning.
fn check(page: &Page, next: &Documents, before: &Documents, live: Option<&Identity>) -> Result<Option<String>, String> {
    let refused = |what: &str, refused: waft::Refusal| format!("{what} is refused, {}", refusal::sentence(refused));
    let bytes = next.to_bytes().map_err(|error| refused("the head", error))?;
    let head = Head::read(&bytes).map_err(|error| refused("the head", error))?;
    let asks = |kind: Kind| page.trust.require().iter().any(|one| one.kind() == kind);
    for (document, kind, role) in [(head.kills, Kind::Kills, "kill"), (head.pointer, Kind::Pointer, "freshness")] {
        if document.is_some() && !asks(kind) {
            return Err(format!(
                "the trust lists no key in the role {role}, so no page would read this head: see --trust"
            ));
        }
    }
    let (last_kills, last) = (before.kills(&page.trust), before.pointer(&page.trust));
    let (last_kills, last) = (last_kills.and_then(Result::ok), last.and_then(Result::ok));
    let known =
        Known { live: last.as_ref().map(Pointer::live), kills: last_kills.as_ref(), trust: page.number, version: 0 };
    let mut warning = kill::ending(next, &page.trust, page.now);
    let is_new = next.get(Kind::Pointer) != before.get(Kind::Pointer);
    if let Some(Ok(pointer)) = next.pointer(&page.trust)
        && is_new
    {
        let named = names_what_is_there(page, &pointer, live)?;
        warning = warning.or(named);
    }
    let taken = take(&head, &page.trust, page.now, &known);
    let kills = taken.kills.transpose().map_err(|error| {
        let what = refused("the kill list", error);
        match error.code {
            Code::Expired => format!("{what}: {}", kill::RENEWAL),
            // Pages with this trust have dropped it, and nobody but its publisher knows what it was to keep off.
            Code::UnknownKey | Code::RoleMissing => {
                format!("{what}: kill again what is to stay off, by `waft publish --kill`; or `--unkill` a flag of it, for a list without any")
            }
            _ => what,
        }
    })?;
    match taken.pointer {
        Err(error) if asks(Kind::Pointer) => {
            let what = refused("the pointer", error);
            // A kill holds with any pointer, and does not wait.
            let is_urgent = kills.is_some_and(|kills| is_news(&kills, last_kills.as_ref()));
            match (is_new, is_urgent) {
                (true, false) => Err(what),
                (true, true) => Ok(Some(what)),
                // That of before, or none as before: nothing is worse than it was.
                (false, _) => Ok(Some(format!("{what}: sign a new one, with --freshness-key or `waft head refresh`"))),
            }
        }
        Ok(_) | Err(_) => Ok(warning),
    }
}

fn is_news(kills: &Kills, last: Option<&Kills>) -> bool {
    last.is_none_or(|last| last.number() < kills.number())
}

/// Pages wait for what a pointer names, so it is there first.
fn names_what_is_there(page: &Page, pointer: &Pointer, live: Option<&Identity>) -> Result<Option<String>, String> {
    let (named, number) = (pointer.live(), page.number);
    if named.trust > number {
        return Err(format!(
            "the pointer names trust number {}, and {number} is published: give --trust-documents those up to it",
            named.trust
        ));
    }
    let Some(live) = live else {
        return Err(format!(
            "the pointer names version {}, and no snapshot is published: publish it too",
            named.version
        ));
    };
    pointer.vouches(live.version, &live.digest).map_err(|refused| match refused.code {
        Code::VersionConflict => format!("the pointer names another version {} than is live", named.version),
        _ => format!(
            "the pointer names version {}, and version {} is live: publish that snapshot with it",
            named.version, live.version
        ),
    })?;
    let remedy = || {
        format!(
            "pages look for trust number {number} once a pointer names it: `waft head refresh --trust-number {number}`"
        )
    };
    Ok((named.trust < number).then(remedy))
}
