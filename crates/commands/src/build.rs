//! `waft build`: a ruleset becomes the snapshot of one environment, not yet signed.

use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::input;
use crate::release::{self, Expected};
use waft::envelope::Envelope;
use waft::manifest::{Digest, digest_of};
use waft_compile::{compile, snapshot};
use waft_ruleset::clock::text_of_seconds;
use waft_ruleset::finding::{Code, Finding};
use waft_ruleset::{Environment, Named, Ruleset, counted};

/// How long a snapshot may be adopted, in seconds, unless its environment or `--expires` says otherwise: 400 days.
pub(crate) const LIFETIME: u64 = 400 * 86_400;

/// The last second of the year 9999.
const LATEST: u64 = 253_402_300_799;

/// What to build, and what to claim.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The ruleset's file or folder.
    pub ruleset: String,
    /// The environment.
    pub environment: String,
    /// The version.
    pub version: u64,
    /// When it was made, as RFC 3339; SOURCE_DATE_EPOCH or the present moment if absent.
    pub issued: Option<String>,
    /// From when on it may be adopted.
    pub not_before: Option<String>,
    /// Until when it may be adopted; if absent, what the environment says, or 400 days after it was made.
    pub expires: Option<String>,
    /// The snapshot's file.
    pub out: String,
    /// What it should be.
    pub expected: Expected,
}

/// Builds. Findings go to the terminal; with an error among them no file is written.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match build(options, host) {
        Ok(message) => {
            host.err(&message);
            Exit::Done
        }
        Err(message) => fail(host, &message),
    }
}

fn build(options: &Options, host: &dyn Host) -> Result<String, String> {
    let (ruleset, names) = read(host, &options.ruleset)?;
    let environment =
        ruleset.environments.iter().position(|named| named.name == options.environment).ok_or_else(|| {
            let known: Vec<&str> = ruleset.environments.iter().map(|named| named.name.as_str()).collect();
            format!("--environment {}: the ruleset has {}", options.environment, known.join(", "))
        })?;
    if options.version == 0 || options.version > waft::limits::VERSION {
        return Err(format!("--version {}: expected 1 to 2^53 - 1", options.version));
    }
    let issued = issued(host, options.issued.as_deref())?;
    let moment = |option: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => input::moment(host, option, Some(text)).and_then(|milli| seconds(option, milli)).map(Some),
    };
    let written = ruleset.environments.get(environment);
    let lifetime = written.and_then(|named| named.item.expires);
    let expires = moment("--expires", &options.expires)?;
    let claims = snapshot::Claims {
        project: ruleset.project.clone(),
        environment: options.environment.clone(),
        version: options.version,
        issued,
        not_before: moment("--not-before", &options.not_before)?,
        expires: expires.unwrap_or(issued.saturating_add(lifetime.unwrap_or(LIFETIME)).min(LATEST)),
    };
    if options.expires.is_none() && claims.not_before.is_some_and(|not_before| not_before >= claims.expires) {
        let from = if lifetime.is_some() { "by `expires` of the environment" } else { "400 days after it was made" };
        return Err(format!(
            "--not-before: the snapshot expires before then, at {}, {from}: add --expires",
            text_of_seconds(claims.expires)
        ));
    }
    release::check(host, &claims, &options.expected)?;
    written.into_iter().for_each(|named| tell_asks(host, &names, named));
    let compiled =
        compile(&ruleset, environment).map_err(|error| format!("too large for a snapshot: {}", error.what))?;
    let lists: Vec<Digest> = compiled.lists.iter().map(|list| digest_of(&[list])).collect();
    let bytes = snapshot::seal(&claims, &compiled.body, &lists);
    if let Ok(envelope) = Envelope::read(&bytes) {
        host.err(&format!("{}: {}", options.out, release::told(&envelope)));
    }
    // Lists first: a snapshot never names a file that is not there. A device has no folder of ours to put them into.
    let has_place = host.is_file(&options.out);
    for (digest, list) in lists.iter().zip(&compiled.lists).filter(|_| has_place) {
        let path = input::list_path(&options.out, digest);
        host.write(&path, list).map_err(|error| format!("{path}: {error}"))?;
    }
    host.write(&options.out, &bytes).map_err(|error| format!("{}: {error}", options.out))?;
    let beside = match lists.len() {
        1.. if !has_place => ", without its list files: they are written beside a regular file only".to_owned(),
        0 => String::new(),
        1 => ", and a list file beside it".to_owned(),
        count => format!(", and {count} list files beside it"),
    };
    let flags = counted(ruleset.flags.len(), "flag");
    Ok(format!("{}: {flags}, {} bytes{beside}; sign it next", options.out, bytes.len()))
}

/// What an environment asks of releases, and a build alone does not obey.
fn tell_asks(host: &dyn Host, files: &[String], environment: &Named<Environment>) {
    for (field, place) in &environment.item.asks {
        let file = files.get(place.file).cloned().unwrap_or_default();
        let message = format!("`{field}` of the environment `{}` is not obeyed by `waft build`", environment.name);
        let remedy = "release with `waft release`, which obeys it";
        let finding = Finding { place: *place, ..Finding::of_path(Code::NotObeyed, file, message, remedy) };
        host.finding(&finding);
    }
}

/// A ruleset without errors. Its warnings, or its findings, have been told.
pub fn checked(host: &dyn Host, path: &str) -> Result<Ruleset, String> {
    read(host, path).map(|(ruleset, _)| ruleset)
}

/// See [`checked`]; behind the ruleset stand the names of its files.
pub(crate) fn read(host: &dyn Host, path: &str) -> Result<(Ruleset, Vec<String>), String> {
    let sources = input::sources(host, path)?;
    let tell = |findings: &[Finding]| findings.iter().for_each(|finding| host.finding(finding));
    match input::check(host, &sources) {
        Ok((ruleset, warnings)) => {
            tell(&warnings);
            Ok((ruleset, sources.files.into_iter().map(|file| file.name).collect()))
        }
        Err(findings) => {
            tell(&findings);
            Err(format!("{path}: {}, nothing was built", counted(findings.len(), "finding")))
        }
    }
}

/// When something is made that is to be signed, in seconds since 1970: as was said, by SOURCE_DATE_EPOCH, or now.
pub(crate) fn issued(host: &dyn Host, option: Option<&str>) -> Result<u64, String> {
    if let Some(text) = option {
        return input::moment(host, "--issued", Some(text)).and_then(|milli| seconds("--issued", milli));
    }
    match host.variable("SOURCE_DATE_EPOCH") {
        Some(text) => {
            let second = text.trim().parse().ok().filter(|second| *second <= LATEST);
            second
                .ok_or_else(|| format!("SOURCE_DATE_EPOCH={text}: expected seconds since 1970, before the year 10000"))
        }
        None => seconds("--issued", host.now()),
    }
}

fn seconds(option: &str, milli: i64) -> Result<u64, String> {
    u64::try_from(milli.div_euclid(1_000)).map_err(|_| format!("{option}: before 1970"))
}
