//! What a snapshot claims, before anybody vouches for it: told, and compared with what was expected.

use waft::manifest::digest_of;
use waft::{Trust, envelope::Envelope, limits};

use crate::host::Host;
use crate::input;
use waft_compile::{keys, snapshot};
use waft_ruleset::clock::{text_of_end, text_of_seconds};

/// How far ahead of this machine's clock a snapshot may have been made, in seconds. A page takes the time it was made for the
/// present one if its own clock is behind that: it must never be more than clocks differ anyway.
pub(crate) const AHEAD: u64 = 300;

/// What whoever builds or signs says that it should be.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The project.
    pub project: Option<String>,
    /// The environment.
    pub environment: Option<String>,
    /// The version.
    pub version: Option<u64>,
    /// The file of TRUST.json: the page's.
    pub trust: Option<String>,
}

/// What an envelope claims.
pub(crate) fn claims(envelope: &Envelope<'_>) -> snapshot::Claims {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let claims = &envelope.claims;
    snapshot::Claims {
        project: text(claims.project),
        environment: text(claims.environment),
        version: claims.version,
        issued: claims.issued,
        not_before: claims.not_before,
        expires: claims.expires,
    }
}

/// Compares claims with what was expected, with a page's trust, and with the clock. The message says what is wrong.
pub(crate) fn check(host: &dyn Host, claims: &snapshot::Claims, expected: &Expected) -> Result<(), String> {
    let snapshot::Claims { project, environment, version, issued, not_before, expires } = claims;
    let differs = |option: &str, wanted: &str, is: String| {
        Err(format!("--expect-{option} {wanted}: the snapshot's {option} is {is}; nothing was written"))
    };
    match (&expected.project, &expected.environment, expected.version) {
        (Some(wanted), _, _) if wanted != project => return differs("project", wanted, shown(project)),
        (_, Some(wanted), _) if wanted != environment => {
            return differs("environment", wanted, shown(environment));
        }
        (_, _, Some(wanted)) if wanted != *version => {
            return differs("version", &wanted.to_string(), version.to_string());
        }
        _ => {}
    }
    match &expected.trust {
        Some(path) => check_trust(claims, &input::read_trust(host, path)?, path)?,
        None if *version > limits::MAX_JUMP => host.err(&format!(
            "waft: warning: version {version} is above {}: a page's trust needs a `minVersion` near it, so that a stolen signature \
             over a far higher one is refused; --trust TRUST.json checks that",
            limits::MAX_JUMP
        )),
        None => {}
    }
    let now = input::seconds(host.now());
    if *issued > now.saturating_add(AHEAD) {
        return Err(format!(
            "the snapshot says it was made at {}, more than five minutes after {} on this machine: it would move the clock of pages that are behind",
            text_of_seconds(*issued),
            text_of_seconds(now)
        ));
    }
    if *expires <= *issued.max(&not_before.unwrap_or(0)) {
        return Err("the snapshot would expire before it is valid".to_owned());
    }
    if *expires <= now {
        host.err(&format!("waft: warning: the snapshot expired at {}: no page adopts it", text_of_seconds(*expires)));
    }
    Ok(())
}

/// Whether pages with this trust can adopt it, also those that have seen none before.
pub(crate) fn check_trust(claims: &snapshot::Claims, trust: &Trust, path: &str) -> Result<(), String> {
    let (project, environment) =
        (String::from_utf8_lossy(trust.project()), String::from_utf8_lossy(trust.environment()));
    if project != claims.project || environment != claims.environment {
        let [ours, theirs] = [(&*claims.project, &*claims.environment), (&*project, &*environment)]
            .map(|(project, environment)| format!("{}/{}", shown(project), shown(environment)));
        return Err(format!("{path}: trusts {theirs}, but the snapshot is for {ours}"));
    }
    if claims.version < trust.min_version() {
        return Err(format!("version {}: below the `minVersion` {} of {path}", claims.version, trust.min_version()));
    }
    match jump(claims.version, trust) {
        Some(remedy) => Err(format!("{path}: {remedy}")),
        None => Ok(()),
    }
}

/// What to say of a version that is further above a trust's floor than one signature may ever lead: who adopts it is out of reach
/// of the floor, and after a stolen signature over 2^53 - 1 nothing higher is left to answer with.
pub(crate) fn jump(version: u64, trust: &Trust) -> Option<String> {
    let (floor, most) = (trust.min_version(), trust.max_jump());
    (version.saturating_sub(floor) > most).then(|| {
        format!(
            "version {version} is more than `maxJump` ({most}) above `minVersion` ({floor}): raise `minVersion` to what pages have \
             adopted, or restart at version 1 under a new `epoch`"
        )
    })
}

/// A line that says what a snapshot is: what its signers vouch for.
pub(crate) fn told(envelope: &Envelope<'_>) -> String {
    let snapshot::Claims { project, environment, version, issued, not_before, expires } = claims(envelope);
    let not_before = not_before.map_or(String::new(), |moment| format!(", not before {}", text_of_seconds(moment)));
    format!(
        "project {}, environment {}, version {version}, made {}{not_before}, expires {}, digest {}",
        shown(&project),
        shown(&environment),
        text_of_seconds(issued),
        text_of_end(expires),
        keys::to_text(&digest_of(&[envelope.protected, envelope.payload]))
    )
}

/// A name; in quotes if it could be taken for more than one.
fn shown(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !name.is_empty() && name.bytes().all(is_plain) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\\\""))
    }
}
