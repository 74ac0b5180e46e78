//! `waft build`: a ruleset becomes the snapshot of one environment, not yet signed.

use super::{Exit, fail, input};
use crate::finding::Finding;
use crate::host::Host;
use crate::ruleset::Ruleset;
use crate::{compile, snapshot};
use waft::manifest::{Digest, digest_of};

/// How long a snapshot may be adopted, unless `--expires` says otherwise.
const LIFETIME_DAYS: i64 = 400;

/// The last second of the year 9999.
const LATEST: u64 = 253_402_300_799;

/// What to build, and what to claim.
#[derive(Clone, Debug)]
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
    /// Until when it may be adopted; 400 days after it was made if absent.
    pub expires: Option<String>,
    /// The snapshot's file.
    pub out: String,
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
    let ruleset = checked(host, &options.ruleset)?;
    let environment =
        ruleset.environments.iter().position(|named| named.name == options.environment).ok_or_else(|| {
            let known: Vec<&str> = ruleset.environments.iter().map(|named| named.name.as_str()).collect();
            format!("--environment {}: the ruleset has {}", options.environment, known.join(", "))
        })?;
    if options.version == 0 || options.version > waft::limits::VERSION {
        return Err(format!("--version {}: expected 1 to 2^53 - 1", options.version));
    }
    let issued = issued(options, host)?;
    let moment = |option: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => input::moment(host, option, Some(text)).and_then(|milli| seconds(option, milli)).map(Some),
    };
    let expires = moment("--expires", &options.expires)?;
    let claims = snapshot::Claims {
        project: ruleset.project.clone(),
        environment: options.environment.clone(),
        version: options.version,
        issued,
        not_before: moment("--not-before", &options.not_before)?,
        expires: expires.unwrap_or(issued + LIFETIME_DAYS as u64 * 86_400),
    };
    if options.expires.is_none() && claims.not_before.is_some_and(|not_before| not_before >= claims.expires) {
        return Err(format!(
            "--not-before: it would have expired by then, {LIFETIME_DAYS} days after it was made: add --expires"
        ));
    }
    if claims.expires <= claims.issued.max(claims.not_before.unwrap_or(0)) {
        return Err("--expires: the snapshot would expire before it is valid".to_owned());
    }
    let compiled =
        compile::compile(&ruleset, environment).map_err(|error| format!("too large for a snapshot: {}", error.what))?;
    let lists: Vec<Digest> = compiled.lists.iter().map(|list| digest_of(&[list])).collect();
    let bytes = snapshot::seal(&claims, &compiled.body, &lists);
    // Lists first: a snapshot never names a file that is not there.
    for (digest, list) in lists.iter().zip(&compiled.lists) {
        let path = input::list_path(&options.out, digest);
        host.write(&path, list).map_err(|error| format!("{path}: {error}"))?;
    }
    host.write(&options.out, &bytes).map_err(|error| format!("{}: {error}", options.out))?;
    let beside = match lists.len() {
        0 => String::new(),
        1 => ", and a list file beside it".to_owned(),
        count => format!(", and {count} list files beside it"),
    };
    Ok(format!(
        "{}: version {} for {}, {} flags, {} bytes{beside}; sign it next",
        options.out,
        claims.version,
        claims.environment,
        ruleset.flags.len(),
        bytes.len()
    ))
}

/// A ruleset without errors. Its warnings, or its findings, have been told.
pub fn checked(host: &dyn Host, path: &str) -> Result<Ruleset, String> {
    let sources = input::sources(host, path)?;
    let tell = |findings: &[Finding]| findings.iter().for_each(|finding| host.err(&finding.to_string()));
    match input::check(host, &sources) {
        Ok((ruleset, warnings)) => {
            tell(&warnings);
            Ok(ruleset)
        }
        Err(findings) => {
            tell(&findings);
            Err(format!("{path}: {} findings, nothing was built", findings.len()))
        }
    }
}

fn issued(options: &Options, host: &dyn Host) -> Result<u64, String> {
    if let Some(text) = &options.issued {
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
