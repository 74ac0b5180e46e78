//! One side of a comparison: where it comes from, and what it claims to be.

use std::fmt;

use serde::Serialize;
use waft::Program;
use waft::envelope::Envelope;
use waft::manifest::digest_of;

use crate::host::Host;
use crate::published::{self, is_url, located};
use crate::{build, input};
use waft_compile::{compile, keys, refusal, snapshot};
use waft_ruleset::clock::text_of_seconds;
use waft_ruleset::{Ruleset, suggestion};

/// A program, and what is told of it.
pub(super) struct Side {
    pub(super) program: Program,
    pub(super) told: Told,
}

/// How sides are opened.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// What rulesets are compiled for.
    pub(super) environment: Option<&'a str>,
    /// The file of TRUST.json that snapshots are verified against.
    pub(super) trust: Option<&'a str>,
    pub(super) now: i64,
}

/// What a side is.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Told {
    /// The file, folder or URL.
    source: String,
    project: String,
    environment: String,
    /// Of a snapshot, what it claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<Claimed>,
}

#[derive(Clone, Debug, Serialize)]
struct Claimed {
    version: u64,
    /// RFC 3339.
    issued: String,
    digest: String,
    /// Whether a page with the trust that was given takes it.
    verified: bool,
}

/// What was read, before it is a program: an environment may be that of the other side.
enum Read {
    Ruleset(Box<Ruleset>),
    Snapshot(Vec<u8>),
}

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Told { source, project, environment, snapshot } = self;
        write!(out, "{source}: {project}, {environment}")?;
        match snapshot {
            None => write!(out, ", a ruleset"),
            Some(Claimed { version, issued, digest, verified }) => {
                let verified = if *verified { "verified" } else { "not verified: --trust TRUST.json does" };
                write!(out, ", version {version}, made {issued}, digest {digest}, {verified}")
            }
        }
    }
}

impl Side {
    /// Both sides. A ruleset is compiled for the environment that was asked for, that of a snapshot on the other side, or its only one.
    pub(super) fn both(sources: [&str; 2], asked: Asked<'_>, host: &dyn Host) -> Result<[Self; 2], String> {
        let [before, after] = sources.map(|source| located(source, host));
        let (before, after) = (before?, after?);
        let read = [read(&before, host)?, read(&after, host)?];
        let environment = match asked.environment {
            Some(environment) => Some(environment.to_owned()),
            None => read.iter().find_map(environment_of),
        };
        let [old, new] = read;
        let open = |source: &str, read: Read| match read {
            Read::Ruleset(ruleset) => compiled(source, &ruleset, environment.as_deref()),
            Read::Snapshot(bytes) => opened(source, bytes, asked, host),
        };
        Ok([open(&before, old)?, open(&after, new)?])
    }
}

fn read(source: &str, host: &dyn Host) -> Result<Read, String> {
    let is_text = [".yaml", ".yml", ".json"].iter().any(|ending| source.ends_with(ending));
    // A folder cannot be read, and is a ruleset's. So is a file that is no snapshot, which then says what is wrong with it.
    if !is_text && (is_url(source) || host.is_file(source)) {
        match published::bytes(host, source) {
            Ok(bytes) if is_url(source) || Envelope::read(&bytes).is_ok() || source.ends_with(".waft") => {
                return Ok(Read::Snapshot(bytes));
            }
            Err(message) if is_url(source) || source.ends_with(".waft") => return Err(message),
            Ok(_) | Err(_) => {}
        }
    }
    build::checked(host, source).map(|ruleset| Read::Ruleset(Box::new(ruleset)))
}

/// The environment of a snapshot.
fn environment_of(read: &Read) -> Option<String> {
    match read {
        Read::Snapshot(bytes) => {
            let envelope = Envelope::read(bytes).ok()?;
            Some(String::from_utf8_lossy(envelope.claims.environment).into_owned())
        }
        Read::Ruleset(_) => None,
    }
}

fn compiled(source: &str, ruleset: &Ruleset, environment: Option<&str>) -> Result<Side, String> {
    let known = ruleset.environments.iter().map(|named| named.name.as_str());
    let (index, environment) = match (environment, &ruleset.environments[..]) {
        (None, [only]) => (0, only.name.as_str()),
        (None, _) => {
            let known: Vec<&str> = known.collect();
            return Err(format!("{source}: has the environments {}: add --environment NAME", known.join(", ")));
        }
        (Some(name), all) => match all.iter().position(|named| named.name == name) {
            Some(index) => (index, name),
            None => return Err(format!("{source}: has no environment `{name}`: {}", suggestion(name, known))),
        },
    };
    let compiled = compile(ruleset, index).map_err(|error| format!("{source}: {}", error.what))?;
    let program = snapshot::unverified_compiled(&ruleset.project, environment, compiled)
        .map_err(|refused| format!("{source}: {}", refusal::sentence(refused)))?;
    let (project, environment) = (ruleset.project.clone(), environment.to_owned());
    Ok(Side { program, told: Told { source: source.to_owned(), project, environment, snapshot: None } })
}

fn opened(source: &str, bytes: Vec<u8>, asked: Asked<'_>, host: &dyn Host) -> Result<Side, String> {
    let refused = |refused| format!("{source}: refused, {}", refusal::sentence(refused));
    let envelope = Envelope::read(&bytes).map_err(refused)?;
    input::check_snapshot(source, &envelope)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (project, environment) = (text(envelope.claims.project), text(envelope.claims.environment));
    if let Some(wanted) = asked.environment.filter(|wanted| **wanted != environment) {
        return Err(format!(
            "{source}: is for the environment `{environment}`, not `{wanted}`: leave --environment out, or name another snapshot"
        ));
    }
    let claimed = Claimed {
        version: envelope.claims.version,
        issued: text_of_seconds(envelope.claims.issued),
        digest: keys::to_text(&digest_of(&[envelope.protected, envelope.payload])),
        verified: asked.trust.is_some(),
    };
    let mut program = match asked.trust {
        None => snapshot::unverified(&envelope).map_err(refused)?,
        Some(path) => {
            let trust = input::read_trust(host, path)?;
            input::program(bytes, &trust, asked.now).map_err(|refusal| {
                format!("{} by {path}: without --trust, it is compared unverified", refused(refusal))
            })?
        }
    };
    let read = |path: &str| published::bytes(host, path);
    for problem in input::put_lists(&read, source, &mut program).into_iter().flatten() {
        host.err(&format!("waft: {problem}"));
    }
    let told = Told { source: source.to_owned(), project, environment, snapshot: Some(claimed) };
    Ok(Side { program, told })
}
