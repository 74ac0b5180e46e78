//! `waft promote`: carries what differs from one environment to another, in the rules' own text, and shows it.

#[cfg(feature = "arguments")]
pub(crate) mod arguments;
mod carried;
mod fold;

use serde::Serialize;
use waft::Program;

use crate::diff;
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::input::{self, Sources};
use carried::{Carried, child, entries, text_of, with_text};
use fold::Folded;
use waft_compile::{compile, refusal, snapshot};
use waft_explain::diff::{Diff, compare};
use waft_ruleset::edit::Text;
use waft_ruleset::finding::{Finding, Findings};
use waft_ruleset::source::{self, Entry};
use waft_ruleset::{Ruleset, counted, suggestion};

/// What to carry, and where to.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The environment that has it.
    pub from: String,
    /// The environment that gets it.
    pub to: String,
    /// A ruleset's file or folder.
    pub ruleset: String,
    /// The flags to carry; all that differ if there is none.
    pub flags: Vec<String>,
    /// Whether what the second environment says for itself is replaced.
    pub replace: bool,
    /// The CSV of a population that the second environment is decided for, before and after.
    pub population: Option<String>,
    /// The moment for which the second environment is told, as RFC 3339; now if absent.
    pub now: Option<String>,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// Whether to print data in place of text.
    pub json: bool,
}

/// All that is printed as JSON: docs/diff.md.
#[derive(Serialize)]
struct Printed<'p> {
    from: &'p str,
    to: &'p str,
    carried: &'p [Carried],
    folded: &'p [Folded],
    /// The files that were written, or would be.
    files: Vec<&'p str>,
    written: bool,
    diff: &'p Diff,
}

/// Carries, shows what the second environment gets, and writes. Nothing is written where anything is refused.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match promote(options, host) {
        Ok(()) => Exit::Done,
        Err(message) => fail(host, &message),
    }
}

fn promote(options: &Options, host: &dyn Host) -> Result<(), String> {
    let sources = input::sources(host, &options.ruleset)?;
    let before = checked(host, &sources, &options.ruleset)?;
    let [from, to] = environments(&before, options)?;
    let carried = differences(&sources, &before, options)?;
    conflicts(&carried, &sources, options)?;
    let now = input::moment(host, "--now", options.now.as_deref())?;
    let edited = edited(&sources, &carried, options)?;
    let ruleset = checked(host, &edited, &options.ruleset)?;
    only_there(&before, &ruleset, [from, to], &carried, now)?;
    // What cannot be folded stays in the environments, where it says the same.
    let (after, folded) = fold::all(&edited, &ruleset, &carried);
    let is_same = |ruleset: &Ruleset| only_there(&before, ruleset, [from, to], &carried, now).is_ok();
    let same = input::check(host, &after).ok().map(|(ruleset, _)| ruleset).filter(is_same);
    let (after, ruleset, folded) = match same {
        Some(same) => (after, same, folded),
        None => (edited, ruleset, Vec::new()),
    };
    let changed: Vec<(&str, &[u8])> = sources
        .files
        .iter()
        .zip(&after.files)
        .filter(|(old, new)| old.bytes != new.bytes)
        .map(|(_, new)| (new.name.as_str(), new.bytes.as_slice()))
        .collect();
    let programs = [program(&before, to)?, program(&ruleset, to)?];
    let [old, new] = programs.each_ref();
    let mut diff = compare(old, new, now)?;
    if let Some(path) = &options.population {
        diff::count(&mut diff, [old, new], (path, &input::file(host, path)?), host)?;
    }
    let files: Vec<&str> = changed.iter().map(|(name, _)| *name).collect();
    if options.json {
        let (from, to, written) = (&*options.from, &*options.to, !options.dry_run);
        let (carried, folded) = (&*carried, &*folded);
        input::print(host, &Printed { from, to, carried, folded, files: files.clone(), written, diff: &diff });
    } else {
        tell(options, (&carried, &folded), &diff, host);
    }
    if !options.dry_run {
        for (name, bytes) in &changed {
            host.write(name, bytes).map_err(|error| format!("{name}: {error}"))?;
        }
    }
    let verb = if options.dry_run { "would write" } else { "wrote" };
    if !files.is_empty() {
        host.err(&format!("waft: {verb} {}", files.join(", ")));
    }
    Ok(())
}

fn tell(options: &Options, (carried, folded): (&[Carried], &[Folded]), diff: &Diff, host: &dyn Host) {
    let Options { from, to, .. } = options;
    if carried.is_empty() {
        host.out(&format!("{to} has what {from} has: nothing to carry"));
        return;
    }
    for Carried { flag, key, value, .. } in carried {
        let told = match value {
            Some(value) => value.to_string(),
            None => format!("as everywhere, as in {from}"),
        };
        host.out(&format!("carries {key} of the flag {flag} from {from} to {to}: {told}"));
    }
    for Folded { flag, key } in folded {
        host.out(&format!(
            "all environments have it now: {key} of the flag {flag} is its own, and no environment replaces it"
        ));
    }
    host.out(&format!("{to}:"));
    diff.lines().iter().for_each(|line| host.out(&format!("  {line}")));
}

/// A ruleset without errors, whose findings have been told otherwise.
fn checked(host: &dyn Host, sources: &Sources, path: &str) -> Result<Ruleset, String> {
    input::check(host, sources).map(|(ruleset, _)| ruleset).map_err(|findings: Vec<Finding>| {
        findings.iter().for_each(|finding| host.finding(finding));
        format!("{path}: {}, nothing was written", counted(findings.len(), "finding"))
    })
}

fn environments(ruleset: &Ruleset, options: &Options) -> Result<[usize; 2], String> {
    let find = |name: &str| {
        let known = || ruleset.environments.iter().map(|named| named.name.as_str());
        let found = known().position(|known| known == name);
        found.ok_or_else(|| format!("the ruleset has no environment `{name}`: {}", suggestion(name, known())))
    };
    if options.from == options.to {
        return Err(format!("both are `{}`: name two environments", options.from));
    }
    Ok([find(&options.from)?, find(&options.to)?])
}

/// What is written differently for the two environments, in the order of the files.
fn differences(sources: &Sources, ruleset: &Ruleset, options: &Options) -> Result<Vec<Carried>, String> {
    for flag in &options.flags {
        let known = || ruleset.flags.iter().map(|named| named.name.as_str());
        if !known().any(|known| known == flag) {
            return Err(format!("the ruleset has no flag `{flag}`: {}", suggestion(flag, known())));
        }
    }
    let mut carried = Vec::new();
    for (file, source) in sources.files.iter().enumerate() {
        let names = sources.files.iter().map(|source| source.name.clone()).collect();
        let root = source::read(file, source, &mut Findings::new(names));
        for flag in root.iter().flat_map(|root| child(root, "flags")).flat_map(entries) {
            if !options.flags.is_empty() && !options.flags.contains(&flag.key) {
                continue;
            }
            let within = |environment: &str| child(&flag.value, "in").and_then(|within| child(within, environment));
            let [from, to] = [&options.from, &options.to].map(|name| within(name).map_or(&[][..], entries));
            let keys = from.iter().chain(to.iter().filter(|key| from.iter().all(|other| other.key != key.key)));
            for Entry { key, .. } in keys {
                let of = |all: &[Entry]| {
                    all.iter().find(|entry| entry.key == *key).map(|entry| (entry.value.to_json(), entry.place))
                };
                let (source, own) = (of(from), of(to));
                let value = source.map(|(value, _)| value);
                if value == own.as_ref().map(|(value, _)| value.clone()) {
                    continue;
                }
                let against = own.filter(|_| value.is_some()).map(|(_, place)| place);
                carried.push(Carried { flag: flag.key.clone(), key: key.clone(), value, file, against });
            }
        }
    }
    Ok(carried)
}

/// Fails where both environments say something of their own: one of the two would be lost.
fn conflicts(carried: &[Carried], sources: &Sources, options: &Options) -> Result<(), String> {
    let told: Vec<String> = carried
        .iter()
        .filter(|_| !options.replace)
        .filter_map(|Carried { flag, key, file, against, .. }| {
            let (place, file) = (against.as_ref()?, sources.files.get(*file)?);
            Some(format!(
                "{}:{}:{}: {} and {} each have a `{key}` of their own for the flag `{flag}`",
                file.name, place.line, place.column, options.from, options.to
            ))
        })
        .collect();
    if told.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}: take one out, name other flags with --flag, or let {} win with --replace; nothing was written",
        told.join("; "),
        options.from
    ))
}

/// The files with all of it.
fn edited(sources: &Sources, carried: &[Carried], options: &Options) -> Result<Sources, String> {
    let mut after = sources.clone();
    for Carried { flag, key, value, file, .. } in carried {
        let Some(file) = after.files.get_mut(*file) else { continue };
        let Some((mark, text)) = text_of(file) else { continue };
        let text = Text { name: &file.name, text };
        let edited = match value {
            Some(_) => text.carry(flag, key, &options.from, &options.to),
            None => text.take(flag, key, &options.to),
        };
        let edited = edited.map_err(|problem| format!("{}: `{key}` of the flag `{flag}`: {problem}", file.name))?;
        with_text(file, mark, &edited);
    }
    Ok(after)
}

/// Whether the second environment has what the first has, and no other environment changed: the text was edited by a program.
fn only_there(
    before: &Ruleset,
    after: &Ruleset,
    [from, to]: [usize; 2],
    carried: &[Carried],
    now: i64,
) -> Result<(), String> {
    let wrong = |what: String| Err(format!("{what}: write it by hand; nothing was written"));
    for index in (0..before.environments.len()).filter(|index| *index != to) {
        if !compare(&program(before, index)?, &program(after, index)?, now)?.is_empty() {
            let name = before.environments.get(index).map_or("", |named| &named.name);
            return wrong(format!("the environment `{name}` would change, too"));
        }
    }
    let left = compare(&program(after, from)?, &program(after, to)?, now)?;
    let is_left = |flag: &&Carried| left.flags.iter().any(|told| told.flag == flag.flag && !told.parts.is_empty());
    match carried.iter().find(is_left) {
        Some(flag) => wrong(format!("the flag `{}` would still differ", flag.flag)),
        None => Ok(()),
    }
}

fn program(ruleset: &Ruleset, environment: usize) -> Result<Program, String> {
    let name = ruleset.environments.get(environment).map_or("", |named| &named.name);
    let compiled = compile(ruleset, environment).map_err(|error| error.what)?;
    snapshot::unverified_compiled(&ruleset.project, name, compiled)
        .map_err(|refused| refusal::sentence(refused).to_owned())
}
