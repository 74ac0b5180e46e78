//! `waft ramp pause`, `resume` and `advance`: changes of the ruleset's text.

use std::collections::BTreeMap;

use waft_ruleset::clock::text_of_seconds;
use waft_ruleset::ramp::{Hold, Next, Step, Wait};

use super::edit::{Edit, Text};
use super::found::{self, Found, Known};
use super::proposed::Proposed;
use super::status;
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::input::{self, Sources};
use crate::once::Once;

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

/// Changes a ramp in its file; or, if none is named, dates the next step of all that are due.
pub fn run(change: &Change, known: &Known, host: &dyn Host) -> Exit {
    match write(change, known, host) {
        Ok(told) => {
            told.iter().for_each(|line| host.err(line));
            Exit::Done
        }
        Err(message) => fail(host, &message),
    }
}

fn write(change: &Change, known: &Known, host: &dyn Host) -> Result<Vec<String>, String> {
    let mut told = rewrite(change, known, None, host)?.told;
    if told.is_empty() {
        told.push(format!("{}: no step is due", known.ruleset));
    }
    Ok(told)
}

/// What was written, and what to say of it.
#[derive(Default)]
pub(crate) struct Dated {
    pub(crate) told: Vec<String>,
    changed: Vec<Rewritten>,
}

/// A file that was changed.
struct Rewritten {
    path: String,
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Steps {
    /// What comes next by what is live, and by what somebody refused: that holds one step, and nothing else of a release.
    fn next(&self, Found { name, ramp, .. }: &Found<'_>, next: Next, now: u32) -> Next {
        let (Next::Due { step } | Next::Held { step, .. }) = next else { return next };
        let Some((share, since)) = ramp.reached(now) else { return next };
        if !self.live.has(name, share, since) {
            return Next::Held { step, by: vec![Hold::Release] };
        }
        let is_rejected = |step: &Step| {
            step.wait == Wait::Approval && self.is_rejected && self.proposed.at(name, step, [since, now]).is_some()
        };
        match next {
            Next::Due { step } if ramp.plan.get(step).is_some_and(is_rejected) => {
                Next::Held { step, by: vec![Hold::Approval] }
            }
            next => next,
        }
    }
}

impl Dated {
    /// With what was written behind it.
    fn and(mut self, later: Dated) -> Self {
        self.told.extend(later.told);
        for later in later.changed {
            match self.changed.iter_mut().find(|own| own.path == later.path) {
                Some(own) => own.after = later.after,
                None => self.changed.push(later),
            }
        }
        self
    }

    /// Writes the files as they were, unless somebody changed them since. What is not written is told, with what is there.
    pub(crate) fn undo(&self, host: &dyn Host, what: &str) {
        for Rewritten { path, before, after } in &self.changed {
            let written = match host.read(path) {
                Ok(now) if now != *after => Err("was changed meanwhile, and is left as it is".to_owned()),
                Ok(_) => host.write(path, before).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = written {
                host.err(&format!("waft: warning: {path}: {error}: {what}"));
            }
        }
    }
}

/// Pauses a ramp.
pub(crate) fn pause(known: &Known, host: &dyn Host) -> Result<Dated, String> {
    rewrite(&Change::Pause, known, None, host)
}

/// The rules as they would be without the pause of the one ramp that is meant. Nothing is written.
pub(crate) fn unpaused<'h>(known: &Known, host: &'h dyn Host) -> Result<Once<'h>, String> {
    let (ruleset, sources) = known.read(host)?;
    let without = Once::of(host);
    for found in known.find(&ruleset, None)? {
        let Some(paused) = found.ramp.written.paused else { continue };
        let file = sources.files.get(found.rule.file).ok_or("the ramp is in no file")?;
        let text = Text::of(&file.bytes).ok_or_else(|| format!("{}: not UTF-8 text", file.name))?;
        let text = text.remove(found.rule, paused).and_then(|edit| text.with(vec![edit]));
        without.take(&file.name, text.ok_or_else(|| odd(&file.name, &found))?.into_bytes());
    }
    Ok(without)
}

/// The dates that steps have elsewhere, where nobody wrote them into the rules.
#[derive(Default)]
pub(crate) struct Steps {
    /// In what is live.
    pub(crate) live: Proposed,
    /// In the proposal that waits, or was rejected.
    pub(crate) proposed: Proposed,
    /// Whether it was rejected.
    pub(crate) is_rejected: bool,
}

/// Writes the dates of steps that pages have, and dates the next step of all ramps that are due: as what is proposed already, or now. A report
/// that cannot be used lets none of them rise that asks for it, and is told.
pub(crate) fn date(known: &Known, steps: &Steps, host: &dyn Host) -> Result<Dated, String> {
    let project = known.read(host)?.0.project;
    let mut known = known.clone();
    let mut taken = take(&known, &steps.live, host)?;
    if let Err(error) = known.measured(host, &project) {
        taken.told.push(format!("waft: warning: no ramp rises by the report: {error}"));
        known.report = None;
    }
    match rewrite(&Change::Advance { at: None, force: false }, &known, Some(steps), host) {
        Ok(dated) => Ok(taken.and(dated)),
        Err(error) => {
            taken.undo(host, "a step of a ramp is dated there, as in what is live");
            Err(error)
        }
    }
}

/// Writes the dates of steps that are live. What took effect is the truth, whoever did not keep it.
fn take(known: &Known, live: &Proposed, host: &dyn Host) -> Result<Dated, String> {
    let (ruleset, sources) = known.read(host)?;
    let now = found::now(host);
    let mut dated = Dated::default();
    let mut written = BTreeMap::<usize, Vec<Edit>>::new();
    for found in known.find(&ruleset, None).unwrap_or_default() {
        let (Some((_, mut since)), ramp) = (found.ramp.reached(now), found.ramp) else { continue };
        let begun = ramp.steps.iter().take_while(|(_, at)| *at <= now).count();
        for step in ramp.plan.iter().skip(begun).take_while(|step| step.at.is_none()) {
            let at = live.at(&found.name, step, [since, now]);
            let Some(at) = at.filter(|at| ramp.paused.is_none_or(|paused| *at < paused)) else { break };
            let file = sources.files.get(found.rule.file).ok_or("the ramp is in no file")?;
            let text = Text::of(&file.bytes).ok_or_else(|| format!("{}: not UTF-8 text", file.name))?;
            let when = text_of_seconds(at.into());
            let edit = text.add(step.places.step, step.places.to, "at", &when);
            written.entry(found.rule.file).or_default().push(edit.ok_or_else(|| odd(&file.name, &found))?);
            dated.told.push(format!(
                "{}: {}: rose to {} at {when}, and nobody wrote that here: commit the file, whose step has `at: {when}` now",
                file.name, found.name, step.to
            ));
            since = at;
        }
    }
    write_all(known, sources, written, dated, host)
}

/// With the `steps` of others, for a release that is under way.
fn rewrite(change: &Change, known: &Known, steps: Option<&Steps>, host: &dyn Host) -> Result<Dated, String> {
    let (ruleset, sources) = known.read(host)?;
    let measured = known.measured(host, &ruleset.project)?;
    // Only what rises depends on it: where the history cannot be read, a ramp can be paused all the same.
    let released = match change {
        Change::Advance { .. } => known.released(host, &ruleset)?,
        Change::Pause | Change::Resume => Vec::new(),
    };
    let found = known.find(&ruleset, measured.as_ref())?;
    if known.ramp.is_some() {
        check_one(&found)?;
    }
    let now = found::now(host);
    let mut dated = Dated::default();
    let mut written = BTreeMap::<usize, Vec<Edit>>::new();
    for found in &found {
        let next = known.next(found, measured.as_ref(), &released, now);
        let next = match steps {
            Some(steps) => steps.next(found, next, now),
            None => next,
        };
        if known.ramp.is_none() && !matches!(next, Next::Due { .. }) {
            let by = status::holds(&next).join(", ");
            dated.told.extend((!by.is_empty()).then(|| format!("{}: held, {by}", found.name)));
            continue;
        }
        let file = sources.files.get(found.rule.file).ok_or("the ramp is in no file")?;
        let text = Text::of(&file.bytes).ok_or_else(|| format!("{}: not UTF-8 text", file.name))?;
        let as_proposed = match (change, &next) {
            (Change::Advance { at: None, force }, Next::Due { step }) => {
                let since = found.ramp.reached(now).map_or(0, |(_, at)| at);
                let step = found.ramp.plan.get(*step).zip(steps);
                let at = step.and_then(|(step, steps)| steps.proposed.at(&found.name, step, [since, now]));
                at.map(|at| Change::Advance { at: Some(text_of_seconds(at.into())), force: *force })
            }
            _ => None,
        };
        let change = as_proposed.as_ref().unwrap_or(change);
        let (edits, what) = edits(change, next, found, &text, now, host)?;
        written.entry(found.rule.file).or_default().extend(edits.ok_or_else(|| odd(&file.name, found))?);
        let then = if steps.is_some() { "commit the file" } else { "release it next" };
        dated.told.push(format!("{}: {}: {what}; {then}", file.name, found.name));
    }
    write_all(known, sources, written, dated, host)
}

/// Writes files anew, by their places among the sources.
fn write_all(
    known: &Known,
    mut sources: Sources,
    written: BTreeMap<usize, Vec<Edit>>,
    mut dated: Dated,
    host: &dyn Host,
) -> Result<Dated, String> {
    for (index, edits) in written {
        let Some(file) = sources.files.get_mut(index) else { continue };
        let text = Text::of(&file.bytes).and_then(|text| text.with(edits));
        let after = text.ok_or_else(|| format!("{}: cannot be changed here", file.name))?.into_bytes();
        let before = std::mem::replace(&mut file.bytes, after.clone());
        dated.changed.push(Rewritten { path: file.name.clone(), before, after });
    }
    // What was written must be a ruleset, or it is not written.
    input::check(host, &sources).map_err(|findings| known.refused(host, &findings))?;
    for Rewritten { path, after, .. } in &dated.changed {
        host.write(path, after).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(dated)
}

/// A change is of one ramp, in one form.
fn check_one(found: &[Found<'_>]) -> Result<(), String> {
    match found {
        [one, other, ..] if one.name == other.name => {
            Err(format!("{}: written anew for an environment: name one with --environment", one.name))
        }
        [_, _, ..] => {
            let names: Vec<&str> = found.iter().map(|found| found.name.as_str()).collect();
            Err(format!("which ramp? {}", names.join(", ")))
        }
        _ => Ok(()),
    }
}

fn odd(file: &str, Found { rule: place, .. }: &Found<'_>) -> String {
    format!("{file}:{}:{}: written in a way that cannot be changed here: edit it by hand", place.line, place.column)
}

/// The changes of the text, and what they do in words. No changes if the text is not as expected.
type Edits = (Option<Vec<Edit>>, String);

fn edits(
    change: &Change,
    next: Next,
    found: &Found<'_>,
    text: &Text<'_>,
    now: u32,
    host: &dyn Host,
) -> Result<Edits, String> {
    let (name, ramp) = (&found.name, found.ramp);
    match (change, next) {
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
