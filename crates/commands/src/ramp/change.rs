//! `waft ramp pause`, `resume` and `advance`: changes of the ruleset's text.

use waft_ruleset::clock::text_of_seconds;
use waft_ruleset::ramp::{Next, Step};
use waft_ruleset::source::SourceFile;

use super::edit::{Edit, Text};
use super::found::{self, Found, Known};
use super::status;
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::input;

/// What happens to a ramp.
#[derive(Clone, Debug)]
pub enum Change {
    /// No step begins any more.
    Pause,
    /// It goes on; what was to come comes later by as long as the pause was.
    Resume,
    /// The next step begins.
    Advance {
        /// When, in RFC 3339; now, if absent.
        at: Option<String>,
        /// Whether it begins although something holds it.
        force: bool,
    },
}

/// Changes a ramp in its file.
pub fn run(change: &Change, known: &Known, host: &dyn Host) -> Exit {
    match write(change, known, host) {
        Ok(message) => {
            host.err(&message);
            Exit::Done
        }
        Err(message) => fail(host, &message),
    }
}

fn write(change: &Change, known: &Known, host: &dyn Host) -> Result<String, String> {
    let (ruleset, mut sources) = known.read(host)?;
    let found = known.find(&ruleset)?;
    let found = match found.as_slice() {
        [found] => found,
        [one, other, ..] if one.name == other.name => {
            return Err(format!("{}: written anew for an environment: name one with --environment", one.name));
        }
        several => {
            let names: Vec<&str> = several.iter().map(|found| found.name.as_str()).collect();
            return Err(format!("which ramp? {}", names.join(", ")));
        }
    };
    let now = found::now(host);
    let file = sources.files.get_mut(found.rule.file).ok_or("the ramp is in no file")?;
    let text = Text::of(&file.bytes).ok_or_else(|| format!("{}: not UTF-8 text", file.name))?;
    let (edits, told) = edits(change, known, found, &text, now, host)?;
    let odd = || {
        let place = found.rule;
        format!(
            "{}:{}:{}: written in a way that cannot be changed here: edit it by hand",
            file.name, place.line, place.column
        )
    };
    let changed = edits.and_then(|edits| text.with(edits)).ok_or_else(odd)?;
    let (name, bytes) = (file.name.clone(), changed.into_bytes());
    *file = SourceFile { name: name.clone(), bytes: bytes.clone() };
    // What was written must be a ruleset, or it is not written.
    input::check(host, &sources).map_err(|findings| known.refused(host, &findings))?;
    host.write(&name, &bytes).map_err(|error| format!("{name}: {error}"))?;
    Ok(format!("{name}: {}: {told}; release it next", found.name))
}

/// The changes of the text, and what they do in words. No changes if the text is not as expected.
type Edits = (Option<Vec<Edit>>, String);

fn edits(
    change: &Change,
    known: &Known,
    found: &Found<'_>,
    text: &Text<'_>,
    now: u32,
    host: &dyn Host,
) -> Result<Edits, String> {
    let (name, ramp) = (&found.name, found.ramp);
    match (change, known.next(ramp, now)) {
        (Change::Pause | Change::Advance { .. }, Next::Done) => Err(format!("{name}: its last step has begun")),
        (Change::Pause, _) if ramp.paused.is_some() => Err(format!("{name}: it is paused already")),
        (Change::Pause, _) if ramp.reached(now).is_none() => {
            Err(format!("{name}: it has not begun: give its first step a later date"))
        }
        (Change::Pause, _) => {
            let at = text_of_seconds(now.into());
            let edit = text.add(found.rule, ramp.written.ramp, "paused", &at);
            Ok((edit.map(|edit| vec![edit]), format!("paused at {at}")))
        }
        (Change::Resume, _) => {
            let (Some(paused), Some(since)) = (ramp.written.paused, ramp.paused) else {
                return Err(format!("{name}: it is not paused"));
            };
            let later = now.saturating_sub(since);
            let mut edits = moved(&ramp.plan, since, later, text);
            edits.push(text.remove(found.rule, paused));
            let told = match edits.len() {
                1 => "goes on".to_owned(),
                _ => format!("goes on, {} later", waft_ruleset::counted(later, "second")),
            };
            Ok((edits.into_iter().collect(), told))
        }
        (Change::Advance { .. }, Next::Paused(_)) => Err(format!("{name}: it is paused: `waft ramp resume` first")),
        (Change::Advance { .. }, Next::Dated { at, .. }) => {
            Err(format!("{name}: its next step begins by itself, at {}", text_of_seconds(at.into())))
        }
        (Change::Advance { .. }, next @ Next::Harmed(_)) => {
            Err(format!("{name}: {}: take it back with `enabled: false`", status::holds(&next).join(", ")))
        }
        (Change::Advance { force: false, .. }, next @ Next::Held { .. }) => {
            Err(format!("{name}: held, {}; --force goes on all the same", status::holds(&next).join(", ")))
        }
        (Change::Advance { at, .. }, Next::Held { step, .. } | Next::Due { step }) => {
            let at = match at {
                None => text_of_seconds(now.into()),
                Some(_) => text_of_seconds(input::seconds(input::moment(host, "--at", at.as_deref())?)),
            };
            let step = ramp.plan.get(step).ok_or_else(|| format!("{name}: no such step"))?;
            let edit = text.add(step.places.step, step.places.to, "at", &at);
            Ok((edit.map(|edit| vec![edit]), format!("rises to {} at {at}", step.to)))
        }
    }
}

/// Moves the dates of what was to begin during or after a pause.
fn moved(plan: &[Step], since: u32, later: u32, text: &Text<'_>) -> Vec<Option<Edit>> {
    let mut edits = Vec::new();
    let mut before = None;
    for step in plan {
        if let Some(at) = step.at.filter(|at| *at >= since && later > 0) {
            let moved = text_of_seconds(at.saturating_add(later).into());
            match step.places.at {
                Some(place) => edits.push(text.replace(place, &moved)),
                // The holds behind it count from its date.
                None if before.is_none_or(|before| before < since) => {
                    edits.push(text.add(step.places.step, step.places.to, "at", &moved));
                }
                None => {}
            }
        }
        before = step.at;
    }
    edits
}
