//! `waft kill` and `waft unkill`: a kill list with the next number, and what it changed as a record of the history.
//!
//! The list is written first: whatever is wrong with the history, the flag is off. What an earlier run could not record, because it
//! was killed or the history could not be read, the next one does, with the time at which that list was signed.

use std::collections::BTreeSet;

use ed25519_compact::KeyPair;
use waft::envelope::Envelope;
use waft::head::file::Head;
use waft::head::freshness::{Known, take};
use waft::head::kills::Kills;
use waft::kind::Kind;
use waft::{Code, Program, Refusal, Trust, limits};
use waft_compile::head::Documents;
use waft_compile::{refusal, snapshot};
use waft_explain::decision;
use waft_ruleset::{clock, is_name};

use super::phases;
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::records::lists::{List, is_recorded};
use crate::records::{History, record};
use crate::trust::reach::{Holders, Reached, reach};
use crate::{again, input, secret};

pub use crate::records::Change;

/// How long a page may adopt a list that it has not seen, in milliseconds, unless said: 400 days, as a snapshot.
pub const LIFETIME: i64 = 400 * 86_400_000;

/// Before this second no list was signed: 2026-01-01.
const FIRST: u64 = 1_767_225_600;

/// Which flags, on which list, and who signs.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is done.
    pub change: Change,
    /// The flags' keys.
    pub flags: Vec<String>,
    /// The head's file; created if missing.
    pub head: String,
    /// The file of TRUST.json.
    pub trust: String,
    /// The trust documents that pages walk through from it.
    pub trust_documents: Vec<String>,
    /// The secret key's PEM file.
    pub key: String,
    /// The live snapshot's file: flags that it lacks are told, and none comes back into a phase that began before its kill.
    pub snapshot: Option<String>,
    /// The folder of records; created if missing.
    pub records: String,
    /// The reason, which the record has.
    pub why: Option<String>,
    /// Until when pages that have not seen the list adopt it, as RFC 3339.
    pub expires: Option<String>,
}

/// Signs the next list, puts it into the head, and writes the record of what it changed.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match change(options, host) {
        Ok(message) => {
            host.err(&message);
            Exit::Done
        }
        Err(message) => fail(host, &message),
    }
}

fn change(options: &Options, host: &dyn Host) -> Result<String, String> {
    let now = host.now();
    let reached = reach(host, &options.trust, &options.trust_documents, now)?;
    let pair = secret::key(host, &options.key)?;
    let expires = input::expires(host, options.expires.as_deref(), now, LIFETIME)?;
    check_reason(options.why.as_deref())?;
    again::settled(&options.head, || once(options, host, &reached, &pair, [now, expires]))
}

/// `None` if somebody else wrote the head meanwhile.
fn once(
    options: &Options,
    host: &dyn Host,
    reached: &Reached,
    pair: &KeyPair,
    [now, expires]: [i64; 2],
) -> Result<Option<String>, String> {
    let Options { change, flags, head: path, records, .. } = options;
    let Reached { trust, holders, .. } = reached;
    let found = super::read(host, path)?;
    let documents = &found.documents;
    tell_revoked(host, path, documents, trust);
    let last = List::of_head(documents, trust, holders);
    // Those that are as asked for keep no other from being killed.
    let left = unchanged(documents, *change, flags, trust);
    if let Some(last) = last.as_ref().filter(|_| left.is_empty() && ending(documents, trust, now).is_none()) {
        return already(options, host, last).map(Some);
    }
    look(options, host, trust, last.as_ref(), [now, expires])?;
    // Of a list whose key was taken out nothing is left to take off: the next one is empty.
    let asked = if last.is_some() || is_revoked(documents, trust) { &left } else { flags };
    let (documents, kills) = next(documents, *change, asked, trust, pair, [now, expires])
        .map_err(|message| format!("{path}: {message}; nothing was written"))?;
    if super::write(host, path, &found, &documents)?.is_none() {
        return Ok(None);
    }
    if *change == Change::Kill {
        tell_behind(options, host, (last.as_ref(), trust), &History::open(host, records).unwrap_or_default());
    }
    let text = |key: &&[u8]| String::from_utf8_lossy(key).into_owned();
    let killed: Vec<String> = kills.flags().iter().map(text).collect();
    let killed = if killed.is_empty() { "no flags".to_owned() } else { killed.join(", ") };
    let told = format!(
        "{path}: kill list {} kills {killed}; publish it, then run `waft head refresh`, so that no page takes a head without it",
        kills.number()
    );
    let files = List::of_head(&documents, trust, holders)
        .ok_or_else(|| format!("{path}: its list cannot be read"))
        .and_then(|list| recorded(options, host, last.as_ref(), Some(&list)))
        .map_err(|error| unrecorded(&told, records, &error))?;
    if files.is_empty() {
        return Ok(Some(format!("{told}; {records} has these flags as they are now: nothing to record")));
    }
    let files = files.join(", ");
    Ok(Some(format!("{told}; recorded in {files}: keep it in git, as `waft report` ends experiments by it")))
}

/// A list that has what is asked for is not signed again before its end is near. If no record has it, an earlier run ended before it wrote one.
fn already(options: &Options, host: &dyn Host, last: &List) -> Result<String, String> {
    let Options { change, flags, head: path, records, .. } = options;
    let state = if *change == Change::Kill { "killed already" } else { "not killed" };
    let (flags, verb) = (flags.join(", "), if flags.len() == 1 { "is" } else { "are" });
    let told = format!("{path}: {flags} {verb} {state}");
    let files = recorded(options, host, Some(last), None).map_err(|error| unrecorded(&told, records, &error))?;
    if files.is_empty() {
        return Err(format!("{told}; nothing was written"));
    }
    Ok(format!("{told}; recorded in {}, which an earlier run had not done", files.join(", ")))
}

/// What should be known before a list is signed. Nothing of it stops a kill that pages take, nor keeps it waiting: the history, which may be in a store that is slow,
/// is not asked before.
fn look(
    options: &Options,
    host: &dyn Host,
    trust: &Trust,
    last: Option<&List>,
    [now, expires]: [i64; 2],
) -> Result<(), String> {
    let Options { change, flags, snapshot, head, records, .. } = options;
    let history = match change {
        Change::Unkill => {
            History::open(host, records).map_err(|unread| format!("{}; nothing was written", String::from(unread)))?
        }
        Change::Kill => History::default(),
    };
    tell_behind(options, host, (last, trust), &history);
    let Some(snapshot) = snapshot else {
        if *change == Change::Unkill {
            host.err(
                "waft: warning: without --snapshot, it is not checked whether a running phase began before the kill",
            );
        }
        return Ok(());
    };
    let program = input::program(input::file(host, snapshot)?, trust, now)
        .map_err(|refused| format!("{snapshot}: refused, {}", refusal::sentence(refused)))?;
    check_clock(program.snapshot().issued(), [now, expires])
        .map_err(|message| format!("{head}: {message}; nothing was written"))?;
    match (change, last) {
        (Change::Unkill, Some(last)) => phases::check(host, &program, flags, &|flag| last.since(&history, flag), now),
        (Change::Unkill, None) => Ok(()),
        (Change::Kill, _) => {
            tell_unknown(host, &program, flags);
            Ok(())
        }
    }
}

/// A list whose number is taken reaches nobody.
fn tell_behind(options: &Options, host: &dyn Host, (last, trust): (Option<&List>, &Trust), history: &History) {
    let Options { head, records, .. } = options;
    let behind = match last {
        Some(last) => last.is_behind(history).then(|| format!("its kill list is {}", last.number())),
        None => is_recorded(history, trust).then(|| "it has no kill list".to_owned()),
    };
    if let Some(behind) = behind {
        host.err(&format!(
            "waft: warning: {head}: {behind}, and {records} has a later one: pages refuse a list whose number is taken; fetch the published \
             head first, unless that is this one, and the later list was never published"
        ));
    }
}

/// Writes the records of the last list, if it has none, and of the next. A reason is one for what is asked.
fn recorded(
    options: &Options,
    host: &dyn Host,
    last: Option<&List>,
    next: Option<&List>,
) -> Result<Vec<String>, String> {
    let Options { change, flags, records, why, .. } = options;
    let asked: &[(Change, &[String])] = &[(*change, flags.as_slice())];
    let Some(next) = next else {
        return last.map_or(Ok(Vec::new()), |last| last.record(host, records, asked, why.as_deref()));
    };
    let mut files = match last {
        Some(last) => last.record(host, records, &[], None)?,
        None => Vec::new(),
    };
    files.extend(next.record(host, records, asked, why.as_deref())?);
    Ok(files)
}

/// Writes the records of a head that was published, and returns their files: of what was `asked`, and of what nobody recorded before.
pub fn record_published(
    host: &dyn Host,
    folder: &str,
    head: &Documents,
    (trust, holders): (&Trust, &Holders),
    asked: &[(Change, &[String])],
    why: Option<&str>,
) -> Result<Vec<String>, String> {
    let list = List::of_head(head, trust, holders).ok_or("the published head has no kill list")?;
    list.record(host, folder, asked, why)
}

/// Refuses flags that come back from the kill list of a published head into a phase that began before their kill.
pub fn check_phases(
    host: &dyn Host,
    folder: &str,
    head: &Documents,
    trust: &Trust,
    (program, flags): (&Program, &[String]),
) -> Result<(), String> {
    let history = History::open(host, folder)?;
    let Some(last) = List::of_head(head, trust, &Holders::new()) else { return Ok(()) };
    phases::check(host, program, flags, &|flag| last.since(&history, flag), host.now())
}

/// Whether a reason fits into a record.
pub fn check_reason(why: Option<&str>) -> Result<(), String> {
    if why.is_some_and(|why| why.len() > record::WHY_BYTES || why.contains(char::is_control)) {
        return Err(format!("--why: expected one line of at most {} bytes", record::WHY_BYTES));
    }
    Ok(())
}

fn unrecorded(told: &str, records: &str, error: &str) -> String {
    format!(
        "{told}; but {records} has no record of it, and reports do not know: {error}; then run the same command again, which records it"
    )
}

/// What to do with a list whose end is near.
pub const RENEWAL: &str = "sign it again: `waft publish --kill` of a flag that is on it, or `--unkill` of one that is not, signs the next with the same flags";

/// What is to be told of a kill list of whose life less than a quarter is left: a page that has not seen it refuses it when it is over, and with it
/// each pointer that names its number.
pub fn ending(documents: &Documents, trust: &Trust, now: i64) -> Option<String> {
    documents.kills(trust)?.ok()?;
    let claims = Envelope::read(documents.get(Kind::Kills)?).ok()?.claims;
    let left = claims.expires.saturating_sub(input::seconds(now));
    if left.saturating_mul(4) >= claims.expires.saturating_sub(claims.issued) {
        return None;
    }
    let (number, end) = (claims.version, clock::text_of_seconds(claims.expires));
    let verb = if left > 0 { "ends" } else { "ended" };
    Some(format!("kill list {number} {verb} at {end}, and first visits refuse it and its head from then on: {RENEWAL}"))
}

/// Those of some flags that are not yet as a change would have them.
pub fn unchanged(documents: &Documents, change: Change, flags: &[String], trust: &Trust) -> Vec<String> {
    let kills = documents.kills(trust).and_then(Result::ok);
    let killed = kills.as_ref().map(Kills::flags).unwrap_or_default();
    let is_left = |flag: &&String| killed.contains(&flag.as_bytes()) != (change == Change::Kill);
    flags.iter().filter(is_left).cloned().collect()
}

/// The head with the next list, and that list: what whoever publishes does again, if somebody else was faster. `[now, expires]` are
/// milliseconds since 1970.
pub fn next(
    documents: &Documents,
    change: Change,
    flags: &[String],
    trust: &Trust,
    pair: &KeyPair,
    [now, expires]: [i64; 2],
) -> Result<(Documents, Kills), String> {
    let (unsigned, last) = unsigned(documents, change, flags, trust, [now, expires])?;
    let document = super::sign(&unsigned, Kind::Kills, trust, pair)?;
    let head = Head { kills: Some(&document), ..Head::default() };
    let known = Known { kills: last.as_ref(), ..Known::default() };
    // Nobody is to rely on a list that pages refuse.
    let kills = take(&head, trust, now, &known)
        .kills
        .ok_or("the trust names nobody for kill lists")?
        .map_err(|refused| format!("pages would refuse the new list: {}", refusal::sentence(refused)))?;
    let mut documents = documents.clone();
    documents.put(Kind::Kills, document);
    Ok((documents, kills))
}

/// The next list, not yet signed, for a key that is elsewhere; and the one before it. `[now, expires]` are milliseconds since 1970.
pub fn unsigned(
    documents: &Documents,
    change: Change,
    flags: &[String],
    trust: &Trust,
    [now, expires]: [i64; 2],
) -> Result<(Vec<u8>, Option<Kills>), String> {
    let refused = |refused: Refusal| format!("its kill list is refused: {}", refusal::sentence(refused));
    let last = super::unless_revoked(documents.kills(trust)).map_err(refused)?;
    let least = documents.pointer(trust).and_then(Result::ok).map_or(0, |pointer| pointer.live().kills);
    let number = match &last {
        Some(last) if last.number() < least => {
            let number = last.number();
            return Err(format!(
                "its pointer names kill list {least}, and the list is {number}: restore the published head first"
            ));
        }
        None if least > 0 && documents.get(Kind::Kills).is_none() => {
            return Err(format!(
                "its pointer names kill list {least}, and it has none: restore the published head first"
            ));
        }
        Some(last) => last.number(),
        // That of a key that was taken out: what pages have of it is gone, and pointers still name its number.
        None => least,
    };
    let mut killed: BTreeSet<String> = BTreeSet::new();
    if let Some(last) = &last {
        killed.extend(last.flags().into_iter().map(|key| String::from_utf8_lossy(key).into_owned()));
    }
    // One that is named twice is meant once: no slip of the hand keeps a kill waiting.
    for flag in flags.iter().collect::<BTreeSet<_>>() {
        // Such a list would turn nothing off, and look as if it did. One that is there, of other hands, can be taken off.
        if change == Change::Kill && !is_name(flag) {
            return Err(format!(
                "\"{flag}\": no flag can have this key, which has letters, digits, `.`, `_`, `-`, at most {}: name each flag by itself",
                limits::NAME_BYTES
            ));
        }
        let changed = match change {
            Change::Kill => killed.insert(flag.clone()),
            Change::Unkill => killed.remove(flag),
        };
        if !changed {
            let state = if change == Change::Kill { "killed already" } else { "not killed" };
            return Err(format!("{flag} is {state}"));
        }
    }
    // What the pointer's maker knew of time; a clock without a battery begins in 1970.
    let pointed = documents.pointer(trust).and_then(Result::ok).map_or(0, |pointer| pointer.issued());
    check_clock(pointed.max(FIRST), [now, expires])?;
    let claims = super::claims(trust, number + 1, input::seconds(now), input::seconds(expires));
    let list = snapshot::kills(&claims, &killed);
    check_size(&list, killed.len())?;
    Ok((list, last))
}

/// Refuses a list of so many flags that no document has room for their keys.
fn check_size(list: &[u8], count: usize) -> Result<(), String> {
    if Envelope::read(list).is_err_and(|refused| refused.code == Code::TooLarge) {
        let most = limits::MANIFEST_BYTES;
        return Err(format!(
            "the list would have {count} flags, and their keys do not fit into {most} bytes: kill fewer, or take off those that no rules have \
             any more, by `unkill`"
        ));
    }
    Ok(())
}

/// Refuses a list that is over by a moment that has been, as of a live snapshot: no page would take it, and it would look as if flags were off. A clock
/// that is behind by less stops no kill. `been` is in seconds since 1970, `[now, expires]` in milliseconds.
pub fn check_clock(been: u64, [now, expires]: [i64; 2]) -> Result<(), String> {
    let [now, expires] = [now, expires].map(input::seconds);
    if now >= been || expires > been {
        return Ok(());
    }
    let [been, now, expires] = [been, now, expires].map(clock::text_of_seconds);
    Err(format!(
        "the list would be over at {expires}, and pages have what was made at {been}; it is {now} here: check the clock of this machine"
    ))
}

/// Whether a head has a list that pages with a trust have dropped, as it lists the key no longer.
pub fn is_revoked(documents: &Documents, trust: &Trust) -> bool {
    documents.kills(trust).is_some_and(|found| matches!(super::unless_revoked(Some(found)), Ok(None)))
}

/// Tells that a list is gone, as its key was taken out of the trust. Its flags are not put on the next one by themselves: a thief may have
/// chosen them.
pub(super) fn tell_revoked(host: &dyn Host, path: &str, documents: &Documents, trust: &Trust) {
    if is_revoked(documents, trust) {
        host.err(&format!(
            "waft: warning: {path}: the trust no longer lists the key of its kill list, so that no page takes it: the next list has the \
             flags that are named now, and no others"
        ));
    }
}

/// Tells which flags a snapshot lacks. They are kept in the list: a typing error should not go unnoticed, nor stop a kill.
pub fn tell_unknown(host: &dyn Host, program: &Program, flags: &[String]) {
    let known = decision::flags(program, None);
    for flag in flags.iter().filter(|flag| !known.iter().any(|(_, key)| key == *flag)) {
        let version = program.snapshot().version();
        host.err(&format!(
            "waft: warning: {flag}: version {version} has no such flag; it is put on the list all the same"
        ));
    }
}
