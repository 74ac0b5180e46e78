//! What several commands read.

use ed25519_compact::KeyPair;
use serde_json::{Map, Value as Json, json};
use waft::{ErrorCode, Program, Reason, Refusal, Subject, Trust, Verified, verify};

use super::{Question, token};
use crate::compile;
use crate::context;
use crate::decision;
use crate::finding::{Finding, Findings, Severity};
use crate::host::{Host, Listing};
use crate::ruleset::{self, Ruleset, World, suggestion};
use crate::source::{FILE_BYTES, SourceFile};
use crate::{keys, trust};

/// A file's bytes, or a message that names it.
pub(super) fn file(host: &dyn Host, path: &str) -> Result<Vec<u8>, String> {
    host.read(path).map_err(|error| format!("{path}: {error}"))
}

/// A file's text.
pub(super) fn text(host: &dyn Host, path: &str) -> Result<String, String> {
    String::from_utf8(file(host, path)?).map_err(|_| format!("{path}: not UTF-8 text"))
}

/// A ruleset's files.
pub(super) struct Sources {
    /// The file or folder that was named.
    path: String,
    /// Those that could be read.
    pub(super) files: Vec<SourceFile>,
    /// What is wrong with paths.
    findings: Vec<Finding>,
}

/// The files of a ruleset. One in the folder that cannot be read is a finding.
pub(super) fn sources(host: &dyn Host, path: &str) -> Result<Sources, String> {
    let Listing { files: names, mut findings } = host.list(path).map_err(|error| format!("{path}: {error}"))?;
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
                findings.push(Finding::of_path(Severity::Error, "FILE_UNREADABLE", name, error.to_string(), remedy));
            }
        }
    }
    Ok(Sources { path: path.to_owned(), files, findings })
}

/// A ruleset from its files; assets and the moment come from the host.
pub(super) fn check(host: &dyn Host, sources: &Sources) -> Result<(Ruleset, Vec<Finding>), Vec<Finding>> {
    let Sources { path, files, findings: of_paths } = sources;
    // What is missing from a file that cannot be read is not missing.
    if of_paths.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(of_paths.clone());
    }
    let asset = |file: &str| host.read_asset(path, file);
    let (ruleset, mut warnings) = ruleset::check(files, &World { now: Some(host.now()), asset: &asset })?;
    warnings.splice(0..0, of_paths.iter().cloned());
    // What is sound and still does not fit into a snapshot is found here, and not when it is released.
    let mut findings = Findings::new(files.iter().map(|source| source.name.clone()).collect());
    for environment in 0..ruleset.environments.len() {
        if let Err(too_large) = compile::compile(&ruleset, environment) {
            findings.error(too_large.place, too_large.code, too_large.what, "see docs/snapshot-format.md, limits");
        }
    }
    let mut found = findings.into_sorted();
    found.dedup();
    if found.is_empty() { Ok((ruleset, warnings)) } else { Err(warnings.into_iter().chain(found).collect()) }
}

/// Where a list file is: beside the snapshot, named by its digest.
pub(super) fn list_path(snapshot: &str, digest: &[u8]) -> String {
    let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = snapshot.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    format!("{folder}{name}.list")
}

/// A secret key. One that others can read is told, and taken: whoever wants it stopped can stop it.
pub(super) fn key(host: &dyn Host, path: &str) -> Result<KeyPair, String> {
    let pair = keys::from_pem(&text(host, path)?).map_err(|error| format!("{path}: {error}"))?;
    if host.is_open_to_others(path) {
        host.err(&format!(
            "waft: warning: {path}: others than its owner can read this key, or change it: chmod 600, and make a new one if \
             somebody may have read it"
        ));
    }
    Ok(pair)
}

/// A file's trust.
pub(super) fn read_trust(host: &dyn Host, path: &str) -> Result<Trust, String> {
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

/// A verified snapshot's program, or the refusal.
pub(super) fn program(bytes: Vec<u8>, trust: &Trust, now: i64) -> Result<Program, Refusal> {
    verify(bytes, trust, now, None).and_then(Verified::whole).and_then(Program::new)
}

/// Takes the list files that lie beside a snapshot; answers what is wrong with each other one, by its number. A page goes on without
/// them, too.
fn put_lists(host: &dyn Host, path: &str, program: &mut Program) -> Vec<Option<String>> {
    let mut wrong = Vec::new();
    for file in 0..waft::limits::LIST_FILES {
        let Some(digest) = program.snapshot().list_digest(file).map(<[u8]>::to_vec) else { break };
        let path = list_path(path, &digest);
        let put = host.read(&path).map_err(|error| error.to_string()).and_then(|bytes| {
            program.put_list(file, bytes).map_err(|_| "damaged, not what the snapshot names".to_owned())
        });
        wrong.push(put.err().map(|problem| {
            format!("{path}: {problem}: who is in the list is unknown until the file of `waft build` is there")
        }));
    }
    wrong
}

/// What a page would be told of a flag that does not exist.
pub(super) fn not_found(key: Option<&str>) -> Json {
    json!({ key.unwrap_or(""): { "reason": Reason::Error.name(), "errorCode": ErrorCode::FlagNotFound.name() } })
}

/// Tells a refusal: the code as JSON for scripts, and a sentence for people.
pub(super) fn refuse(host: &dyn Host, path: &str, refusal: Refusal) -> super::Exit {
    host.json(&json!({ "code": refusal.code.name() }).to_string());
    super::fail(host, &format!("{path}: refused, {}", crate::refusal::sentence(refusal)))
}

/// What is asked of a snapshot that opened, and the answer's parts.
pub(super) struct Asked {
    /// The program.
    program: Program,
    /// The context, prepared for it; what a preview token shows is shown.
    subject: Subject,
    /// The context, as JSON.
    context: Map<String, Json>,
    /// Milliseconds since 1970.
    now: i64,
    /// What is wrong with list files, by their numbers.
    lists: Vec<Option<String>>,
}

impl Asked {
    /// The flags that were asked for, with their indices; of one that does not exist, what to tell the person who asked.
    pub(super) fn flags(&self, only: Option<&str>) -> Result<Vec<(u32, String)>, String> {
        let flags = decision::flags(&self.program, only);
        match only {
            Some(key) if flags.is_empty() => {
                let known = decision::flags(&self.program, None);
                let remedy = suggestion(key, known.iter().map(|(_, key)| key.as_str()));
                Err(format!("--flag {key}: the snapshot has no such flag: {remedy}"))
            }
            _ => Ok(flags),
        }
    }

    /// Decides a flag; see [`decision::decide`].
    pub(super) fn decide(&mut self, flag: u32, traced: bool) -> Json {
        decision::decide(&self.program, flag, &mut self.subject, &self.context, self.now, traced)
    }

    /// Tells which list files conditions asked for in vain.
    pub(super) fn tell_lists(&mut self, host: &dyn Host) {
        let wanted = self.subject.take_wanted();
        for (file, problem) in self.lists.iter().enumerate() {
            if let Some(problem) = problem.as_ref().filter(|_| wanted >> file & 1 != 0) {
                host.err(&format!("waft: {problem}"));
            }
        }
    }
}

/// Opens what a question names. What cannot be read, or is refused, has been told.
pub(super) fn ask(host: &dyn Host, question: &Question) -> Result<Asked, super::Exit> {
    let read = || -> Result<_, String> {
        let trust = read_trust(host, &question.trust)?;
        let now = moment(host, "--now", question.now.as_deref())?;
        let context = context::read(&question.context).map_err(|error| format!("--context: {error}"))?;
        Ok((file(host, &question.snapshot)?, trust, now, context))
    };
    let (bytes, trust, now, context) = read().map_err(|message| super::fail(host, &message))?;
    match program(bytes, &trust, now) {
        Ok(mut program) => {
            let lists = put_lists(host, &question.snapshot, &mut program);
            let mut subject = context::subject(&program, &context);
            if let Some(token) = &question.preview {
                token::show(token, &trust, &program, &mut subject, now)
                    .map_err(|message| super::fail(host, &message))?;
            }
            Ok(Asked { program, subject, context, now, lists })
        }
        Err(refusal) => Err(refuse(host, &question.snapshot, refusal)),
    }
}
