//! `waft token`: signs a preview token, with which a page shows chosen variants to whoever opens it.

use std::collections::BTreeMap;

use waft::kind::Kind;
use waft::{Code, Preview, Program, Refusal, Session, Trust, limits, verify};

use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::{input, release, secret};
use waft_compile::{keys, refusal, snapshot};
use waft_explain::decision;
use waft_ruleset::clock;

/// Who may forget how long a link was meant to work: a week, unless said.
const LIFETIME: i64 = 7 * 86_400_000;

/// What to show, for how long, and who signs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The snapshot's file: which flags and variants there are.
    pub snapshot: String,
    /// `FLAG=VARIANT` each.
    pub shown: Vec<String>,
    /// The file of TRUST.json, which names the key in its role `preview`.
    pub trust: String,
    /// The secret key's PEM file.
    pub key: String,
    /// Until when it is shown, as RFC 3339: at most 30 days; a week from now if absent.
    pub expires: Option<String>,
    /// When it was made, as RFC 3339; now if absent.
    pub now: Option<String>,
}

/// Prints the token. What it shows, and until when, goes to the terminal.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match token(options, host) {
        Ok((token, message)) => {
            host.out(&token);
            host.err(&message);
            Exit::Done
        }
        Err(message) => fail(host, &message),
    }
}

fn token(options: &Options, host: &dyn Host) -> Result<(String, String), String> {
    let Options { snapshot: path, trust: trust_path, key, .. } = options;
    let trust = input::read_trust(host, trust_path)?;
    let now = input::moment(host, "--now", options.now.as_deref())?;
    let expires = input::expires(host, options.expires.as_deref(), now, LIFETIME)?;
    if input::seconds(expires) <= input::seconds(now) {
        return Err("--expires: expected a time in the future".to_owned());
    }
    if input::seconds(expires) - input::seconds(now) > limits::PREVIEW_SECONDS {
        let latest = clock::text_of_seconds(input::seconds(now) + limits::PREVIEW_SECONDS);
        let days = limits::PREVIEW_SECONDS / 86_400;
        return Err(format!("--expires: a token is valid for at most {days} days, because links leak: until {latest}"));
    }
    if now > host.now().saturating_add(release::AHEAD as i64 * 1_000) {
        return Err("--now: more than five minutes ahead of this machine's clock".to_owned());
    }
    if expires <= host.now() {
        host.err(
            "waft: warning: the token is over by this machine's clock, and shows nothing: see --now and --expires",
        );
    }
    let pair = secret::key(host, key)?;
    let kid = keys::kid(&pair.pk);
    if !trust.require().iter().any(|one| one.kind() == Kind::Preview && one.key(&kid).is_some()) {
        return Err(format!(
            "{key}: {trust_path} does not list it for previews: add {{\"role\":\"preview\",\"keys\":[\"{}\"]}} to require, \
             and its public half to keys",
            keys::to_text(&kid)
        ));
    }
    let program = input::program(input::file(host, path)?, &trust, now)
        .map_err(|refused| format!("{path}: refused, {}", refusal::sentence(refused)))?;
    let shown = read(&program, path, &options.shown)?;

    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let claims = snapshot::Claims {
        project: text(trust.project()),
        environment: text(trust.environment()),
        version: program.snapshot().version(),
        issued: input::seconds(now),
        not_before: None,
        expires: input::seconds(expires),
    };
    let role = Kind::Preview.role().unwrap_or_default();
    let bytes = snapshot::sign(&snapshot::preview(&claims, &shown), &pair, role).map_err(refusal::sentence)?;
    // Nobody is to send a link around that shows nothing.
    let checked = open(bytes.clone(), &trust, &program, now)
        .map_err(|refused| format!("{trust_path}: a page would refuse the token, {}", refusal::sentence(refused)))?;
    let shown: Vec<String> = shown.iter().map(|(flag, variant)| format!("{flag} as {variant}")).collect();
    let until = clock::text(checked.until());
    Ok((
        keys::to_text(&bytes),
        format!("shows {} until {until}: createClient({{ preview: TOKEN, ... }})", shown.join(", ")),
    ))
}

/// Flags and the variants to show, if the snapshot has them.
fn read(program: &Program, path: &str, shown: &[String]) -> Result<BTreeMap<String, String>, String> {
    let flags = decision::flags(program, None);
    let mut read = BTreeMap::new();
    for text in shown {
        let (key, variant) =
            text.split_once('=').ok_or_else(|| format!("{text}: expected FLAG=VARIANT, such as headline=friendly"))?;
        let index = flags.iter().find(|(_, known)| known == key).map(|(index, _)| *index).ok_or_else(|| {
            let known: Vec<&str> = flags.iter().map(|(_, key)| key.as_str()).collect();
            format!("{text}: {path} has {}", known.join(", "))
        })?;
        let known: Vec<&str> = program.flag(index).map_or(Vec::new(), |flag| {
            let keys = (0..flag.variant_count).filter_map(|place| program.variant(&flag, place));
            keys.map(|variant| program.str(variant.key)).filter(|key| !key.is_empty()).collect()
        });
        if !known.contains(&variant) {
            return Err(format!("{text}: {key} has {}", known.join(", ")));
        }
        if read.insert(key.to_owned(), variant.to_owned()).is_some() {
            return Err(format!("{text}: {key} is given twice"));
        }
    }
    Ok(read)
}

fn open(token: Vec<u8>, trust: &Trust, program: &Program, now: i64) -> Result<Preview, Refusal> {
    verify(token, trust, now, None).and_then(|verified| Preview::new(verified, program))
}

/// Shows to a session what a token says. Of one that a page refuses, as when it is over, the message says why: a page decides without it.
pub(crate) fn show(
    token: &str,
    trust: &Trust,
    program: &Program,
    session: &mut Session,
    now: i64,
) -> Result<Option<String>, String> {
    let bytes = keys::bytes(token).ok_or("--preview: expected what `waft token` prints")?;
    let why = match open(bytes, trust, program, now) {
        Ok(preview) => {
            session.set_preview(preview);
            return Ok(None);
        }
        Err(Refusal { code: Code::Malformed, .. }) => {
            return Err("--preview: expected all of what `waft token` prints".to_owned());
        }
        Err(Refusal { code: Code::Expired, .. }) => "the token is over".to_owned(),
        Err(refused) => format!("refused, {}", refusal::sentence(refused)),
    };
    Ok(Some(format!("--preview: {why}: decided without it, as in a page")))
}
