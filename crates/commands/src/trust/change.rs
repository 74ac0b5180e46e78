//! `waft trust init`, `add-key`, `remove-key` and `rotate`: write the next trust document, and say what it changes.

use std::io::ErrorKind;

use waft::limits;

use super::difference::{check, differences};
use super::{of, read};
use crate::build::issued;
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::{input, secret};
use waft_compile::trust_document::{Document, Holder, Role};
use waft_compile::{keys, refusal, snapshot};

/// What the next document is made of.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The document or TRUST.json that it follows.
    pub from: Option<String>,
    /// Of the first document: project and environment.
    pub scope: Option<(String, String)>,
    /// Keys to add: `ROLE:HOLDER=FILE`.
    pub add: Vec<String>,
    /// Keys to remove: their ids, or holders' names.
    pub remove: Vec<String>,
    /// Keys to replace: `OLD=FILE`, OLD as above. The holder stays.
    pub replace: Vec<String>,
    /// `ROLE=N`.
    pub thresholds: Vec<String>,
    /// The lowest version accepted.
    pub min_version: Option<u64>,
    /// Whether pages forget the highest numbers that they have seen.
    pub new_epoch: bool,
    /// The folder to write into; beside the one before it if absent.
    pub out: Option<String>,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// The secret keys of root that sign at once.
    pub keys: Vec<String>,
    /// The file of their passphrase, if they are encrypted.
    pub passphrase: Option<String>,
}

/// Writes the next document.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match change(options, host) {
        Ok(()) => Exit::Done,
        Err(message) => fail(host, &message),
    }
}

fn change(options: &Options, host: &dyn Host) -> Result<(), String> {
    let before = match (&options.from, &options.scope) {
        (Some(path), _) => read(host, path)?,
        (None, scope) => {
            let (project, environment) = scope.clone().unwrap_or_default();
            Document { project, environment, max_jump: limits::MAX_JUMP, ..Document::default() }
        }
    };
    let mut next = Document { number: before.number + 1, ..before.clone() };
    apply(options, host, &mut next)?;
    let told = differences(&before, &next);
    if told.is_empty() {
        return Err("nothing would change; nothing was written".to_owned());
    }
    host.err(&format!("trust number {}:", next.number));
    told.iter().for_each(|line| host.err(&format!("  {line}")));
    check(host, &next)?;
    let mut bytes = next.unsigned(issued(host, None)?);
    for file in &options.keys {
        bytes = snapshot::sign(&bytes, &secret::key_with(host, file, options.passphrase.as_deref())?, "root")
            .map_err(refusal::of_trust)?;
    }
    if bytes.len() > limits::TRUST_DOCUMENT_BYTES || next.payload().len() > limits::MANIFEST_BYTES {
        let most = limits::MANIFEST_BYTES;
        return Err(format!(
            "{} bytes of keys and names, and at most {most} can be signed: shorten names",
            next.payload().len()
        ));
    }
    let beside = options.from.as_deref().and_then(|path| path.rsplit_once('/')).map(|(folder, _)| folder);
    let folder = options.out.as_deref().or(beside).unwrap_or(".").trim_end_matches('/');
    let name = format!("trust-{:04}.waft", next.number);
    let path = if folder == "." { name } else { format!("{folder}/{name}") };
    if options.dry_run {
        host.err(&format!("{path}: not written (--dry-run)"));
        return Ok(());
    }
    host.create(&path, &bytes, false).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => format!("{path}: already exists; a trust document never changes"),
        _ => format!("{path}: {error}"),
    })?;
    host.out(&path);
    // The first has none before it.
    let earlier = before.roles.get("root").filter(|_| before.number > 0 || options.from.is_some());
    let needed: Vec<String> = earlier.into_iter().chain(next.roles.get("root")).map(of).collect();
    host.err(&format!("needs signatures of {}: waft sign {path} --role root --key KEY.pem", needed.join(" and of ")));
    Ok(())
}

fn apply(options: &Options, host: &dyn Host, next: &mut Document) -> Result<(), String> {
    for old in &options.remove {
        take(next, old)?;
    }
    for text in &options.replace {
        let (old, file) =
            text.split_once('=').ok_or_else(|| format!("{text}: expected OLD=PUBLIC, an id or a holder and a file"))?;
        let (role, holder) = take(next, old)?;
        put(host, next, &role, holder, file)?;
    }
    for text in &options.add {
        let parts = text.split_once('=').and_then(|(who, file)| Some((who.split_once(':')?, file)));
        let ((role, holder), file) =
            parts.ok_or_else(|| format!("--add {text}: expected ROLE:HOLDER=PUBLIC, such as root:alice=alice.json"))?;
        put(host, next, role, holder.to_owned(), file)?;
    }
    for text in &options.thresholds {
        let parts = text.split_once('=').and_then(|(role, number)| Some((role, number.parse().ok()?)));
        let (role, at_least) = parts.ok_or_else(|| format!("--threshold {text}: expected ROLE=N, such as root=2"))?;
        let known =
            next.roles.get_mut(role).ok_or_else(|| format!("--threshold {text}: nobody has the role {role}"))?;
        known.at_least = at_least;
    }
    next.roles.retain(|_, role| !role.keys.is_empty());
    if options.new_epoch {
        (next.epoch, next.min_version) = (next.epoch + 1, 0);
    }
    if let Some(least) = options.min_version {
        if least < next.min_version || least > limits::VERSION {
            return Err(format!("--min-version {least}: it is {} and never falls within an epoch", next.min_version));
        }
        next.min_version = least;
    }
    Ok(())
}

/// Takes out a key by its id or its holder, and returns the role and the holder.
fn take(next: &mut Document, old: &str) -> Result<(String, String), String> {
    let is_meant = |kid: &[u8; 16], holder: &Holder| keys::to_text(kid) == old || holder.name == old;
    let mut found = next.roles.iter().flat_map(|(role, one)| {
        one.keys
            .iter()
            .filter(|(kid, holder)| is_meant(kid, holder))
            .map(|(kid, holder)| (role.clone(), *kid, holder.name.clone()))
    });
    match (found.next(), found.next()) {
        (Some((role, kid, holder)), None) => {
            if let Some(one) = next.roles.get_mut(&role) {
                one.keys.remove(&kid);
            }
            Ok((role, holder))
        }
        (Some(_), Some(_)) => {
            Err(format!("{old}: holds several keys: name the key by its id, as `waft trust show` prints it"))
        }
        (None, _) => Err(format!("{old}: no key's id and no holder: `waft trust show` prints both")),
    }
}

fn put(host: &dyn Host, next: &mut Document, role: &str, holder: String, file: &str) -> Result<(), String> {
    let public = input::public_key(host, file)?;
    let kid = keys::kid(&public);
    if let Some((taken, _)) = next.roles.iter().find(|(_, one)| one.keys.contains_key(&kid)) {
        return Err(format!(
            "{file}: this key is in the role {taken}, and a key has one role: make another with `waft keygen`"
        ));
    }
    if role.is_empty() || !role.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(format!("{role}: expected a role in lower-case letters, digits and hyphens, such as publisher"));
    }
    let text = keys::to_text(&kid);
    if text.starts_with('-') {
        host.err(&format!(
            "waft: warning: {file}: the id of this key is {text}, which looks like an option: name it by its holder, or behind `--`"
        ));
    }
    let one = next.roles.entry(role.to_owned()).or_insert(Role { at_least: 1, keys: [].into() });
    one.keys.insert(kid, Holder { public: *public, name: holder });
    Ok(())
}
