//! What several commands read.

use ed25519_compact::PublicKey;
use serde::Serialize;
use serde_json::json;
use waft::envelope::Envelope;
use waft::kind::Kind;
use waft::{Program, Refusal, Trust, Verified, verify};

use crate::exit::{Exit, fail};
use crate::host::{Host, Listing};
use crate::published::LIVE;
use waft_compile::{keys, snapshot, trust};
use waft_ruleset::cases;
use waft_ruleset::finding::{Code, Finding, Severity};
use waft_ruleset::source::{FILE_BYTES, SourceFile};
use waft_ruleset::{Ruleset, World};

/// A file's bytes, or a message that names it.
pub(crate) fn file(host: &dyn Host, path: &str) -> Result<Vec<u8>, String> {
    host.read(path).map_err(|error| format!("{path}: {error}"))
}

/// A file's text, without the byte-order mark that some editors put in front of it.
pub(crate) fn text(host: &dyn Host, path: &str) -> Result<String, String> {
    let text = String::from_utf8(file(host, path)?).map_err(|_| format!("{path}: not UTF-8 text: save it as UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// A ruleset's files.
#[derive(Clone)]
pub(crate) struct Sources {
    /// The file or folder that was named.
    path: String,
    /// Those that could be read.
    pub(crate) files: Vec<SourceFile>,
    /// What is wrong with paths.
    findings: Vec<Finding>,
}

/// The files of a ruleset. One in the folder that cannot be read is a finding.
pub(crate) fn sources(host: &dyn Host, path: &str) -> Result<Sources, String> {
    let Listing { files: mut names, mut findings } = host.list(path).map_err(|error| format!("{path}: {error}"))?;
    // Rule tests lie beside the rules that they test.
    names.retain(|name| name == path || !cases::is_test(name));
    if names.is_empty() && findings.iter().all(|finding| finding.severity == Severity::Warning) {
        return Err(format!("{path}: no ruleset files; expected *.yaml, *.yml or *.json"));
    }
    let mut files = Vec::new();
    for name in names {
        // One byte more than a ruleset's file may have tells that it is too large, whatever its size.
        match host.read_at_most(&name, FILE_BYTES + 1) {
            Ok(bytes) => files.push(SourceFile { bytes, name }),
            Err(error) if name == path => return Err(format!("{path}: {error}")),
            Err(error) => {
                let remedy = "make it readable, or remove it";
                findings.push(Finding::of_path(Code::FileUnreadable, name, error.to_string(), remedy));
            }
        }
    }
    Ok(Sources { path: path.to_owned(), files, findings })
}

/// A ruleset from its files; assets and the moment come from the host.
pub(crate) fn check(host: &dyn Host, sources: &Sources) -> Result<(Ruleset, Vec<Finding>), Vec<Finding>> {
    let Sources { path, files, findings: of_paths } = sources;
    // What is missing from a file that cannot be read is not missing.
    if of_paths.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(of_paths.clone());
    }
    let asset = |file: &str| host.read_asset(path, file);
    let (ruleset, mut warnings) = waft_compile::check(files, &World { now: Some(host.now()), asset: &asset })?;
    warnings.splice(0..0, of_paths.iter().cloned());
    Ok((ruleset, warnings))
}

/// The environment and program of a snapshot that nobody vouches for.
pub(crate) fn unverified(host: &dyn Host, path: &str) -> Result<(String, Program), String> {
    let bytes = file(host, path)?;
    let refused = |refusal| format!("{path}: {}", waft_compile::refusal::sentence(refusal));
    let envelope = Envelope::read(&bytes).map_err(refused)?;
    check_snapshot(path, &envelope)?;
    let environment = String::from_utf8_lossy(envelope.claims.environment).into_owned();
    Ok((environment, snapshot::unverified(&envelope).map_err(refused)?))
}

/// Refuses documents of another kind: a trust document has no flags, and whatever is compared with it would seem to be in order.
pub(crate) fn check_snapshot(path: &str, envelope: &Envelope<'_>) -> Result<(), String> {
    match envelope.kind {
        Kind::Snapshot => Ok(()),
        _ => Err(format!("{path}: is no snapshot: name the file that `waft build` wrote, such as {LIVE}")),
    }
}

/// Where a list file is: beside the snapshot, named by its digest.
pub(crate) fn list_path(snapshot: &str, digest: &[u8]) -> String {
    let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = snapshot.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    format!("{folder}{name}.list")
}

/// Loads the list files beside a snapshot, by a reader whose message names the file. Returns, by the number of the list file, what is wrong
/// with it. A page works without them, too.
pub(crate) fn put_lists(
    read: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    path: &str,
    program: &mut Program,
) -> Vec<Option<String>> {
    let mut wrong = Vec::new();
    for file in 0..waft::limits::LIST_FILES {
        let Some(digest) = program.snapshot().list_digest(file).map(<[u8]>::to_vec) else { break };
        let path = list_path(path, &digest);
        let put = read(&path).and_then(|bytes| {
            let damaged = "damaged: not the file that the snapshot names";
            program.put_list(file, bytes).map_err(|_| format!("{path}: {damaged}"))
        });
        wrong.push(put.err().map(|problem| {
            format!("{problem}: who is in this list is unknown until the file that `waft build` wrote is beside the snapshot")
        }));
    }
    wrong
}

/// A public key's file.
pub(crate) fn public_key(host: &dyn Host, path: &str) -> Result<PublicKey, String> {
    keys::public(&text(host, path)?).map_err(|error| format!("{path}: {error}"))
}

/// A file's trust.
pub(crate) fn read_trust(host: &dyn Host, path: &str) -> Result<Trust, String> {
    trust::read(&text(host, path)?).map_err(|error| format!("{path}: {error}"))
}

/// A moment that was given as RFC 3339, or the present one, in milliseconds since 1970.
pub fn moment(host: &dyn Host, option: &str, text: Option<&str>) -> Result<i64, String> {
    match text {
        None => Ok(host.now()),
        Some(text) => waft::date::parse(text.as_bytes())
            .ok_or_else(|| format!("{option} {text}: expected RFC 3339, such as 2026-12-01T08:00Z")),
    }
}

/// Until when what is signed holds, in milliseconds since 1970: what `--expires` says, or `lifetime` milliseconds from now.
pub(crate) fn expires(host: &dyn Host, text: Option<&str>, now: i64, lifetime: i64) -> Result<i64, String> {
    text.map_or(Ok(now.saturating_add(lifetime)), |text| moment(host, "--expires", Some(text)))
}

/// Milliseconds since 1970 as whole seconds; 0 before it.
pub(crate) fn seconds(milli: i64) -> u64 {
    u64::try_from(milli.div_euclid(1_000)).unwrap_or(0)
}

/// A verified snapshot's program, or the refusal.
pub(crate) fn program(bytes: Vec<u8>, trust: &Trust, now: i64) -> Result<Program, Refusal> {
    verify(bytes, trust, now, None).and_then(Verified::whole).and_then(Program::new)
}

/// Prints data as indented JSON.
pub(crate) fn print(host: &dyn Host, told: &impl Serialize) {
    // Structs whose keys are texts can be written.
    host.json(&serde_json::to_string_pretty(told).unwrap_or_default());
}

/// Tells a refusal: the code as JSON for scripts, and a sentence for people.
pub(crate) fn refuse(host: &dyn Host, path: &str, refusal: Refusal) -> Exit {
    let (code, message) =
        (refusal.code.name(), format!("{path}: refused, {}", waft_compile::refusal::sentence(refusal)));
    let mut told = json!({ "code": code });
    if let Some(error) = host.failure(code, &message) {
        (told["error"], told["exit"]) = (error, json!(Exit::Failed as u8));
    }
    host.json(&told.to_string());
    fail(host, &message)
}
