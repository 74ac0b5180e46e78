//! `waft test --record`: cases proposed from a table of people, one for each outcome of a flag.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};
use waft::program::FlagIndex;
use waft::{NoTrace, Program, Session, evaluate};

use super::run::{place_of, program};
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::{build, input};
use waft_explain::context;
use waft_explain::decision::{self, DecisionStory};
use waft_explain::population::Rows;
use waft_ruleset::{Attribute, Named, Ruleset, cases, clock, counted};

/// Names of flags that a case's name has.
const NAMED: usize = 3;

/// What to record.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A ruleset's file or folder.
    pub ruleset: String,
    /// The environment.
    pub environment: String,
    /// The table's file.
    pub population: String,
    /// The moment, as RFC 3339; the present second if absent.
    pub at: Option<String>,
}

/// Prints a file of tests. The same ruleset, table and moment give the same text.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match record(options, host) {
        Ok(text) => {
            host.json(text.trim_end());
            Exit::Done
        }
        Err(message) => fail(host, &message),
    }
}

/// What is kept of rows that show something new.
struct Recorder<'r> {
    ruleset: &'r Ruleset,
    flags: Vec<(FlagIndex, String)>,
    at: i64,
    /// By flag, what was shown.
    seen: HashSet<(u32, String)>,
    text: String,
    cases: usize,
    /// Cells of a column that are no values of its attribute.
    unread: BTreeMap<String, usize>,
}

fn record(options: &Options, host: &dyn Host) -> Result<String, String> {
    let Options { ruleset: path, environment, population, at } = options;
    let at = input::moment(host, "--at", at.as_deref())?;
    let at = at - at.rem_euclid(1_000);
    let ruleset = build::checked(host, path)?;
    let program = program(&ruleset, place_of(&ruleset, environment)?)?;
    let bytes = input::file(host, population)?;
    let wrong = |message: String| format!("{population}: {message}");
    let mut table = Rows::open(&program, &bytes).map_err(wrong)?;
    let private: BTreeSet<&str> =
        ruleset.attributes.iter().filter(|one| one.item.private).map(|one| one.name.as_str()).collect();
    tell_columns(host, population, &table, &private);
    let flags = decision::flags(&program, None);
    let head = format!(
        "# Proposed by `waft test --record`: read each case, keep what is meant, and say why in its name.\nenvironment: {}\nat: {}\ncases:\n",
        json!(environment),
        clock::text(at)
    );
    let (seen, unread) = (HashSet::new(), BTreeMap::new());
    let mut recorder = Recorder { ruleset: &ruleset, flags, at, seen, text: head, cases: 0, unread };
    let (mut session, mut row) = (Session::new(&program), 0);
    while table.next(&program, &mut session).map_err(wrong)? {
        row += 1;
        let context = recorder.context(&table);
        recorder.add(&program, row, &context);
    }
    for (name, cells) in &recorder.unread {
        let cells = counted(*cells, "cell");
        host.err(&format!(
            "waft: {population}: `{name}`: {cells} left out: not of the attribute's type, or not in its enum"
        ));
    }
    if recorder.cases == 0 {
        return Err(wrong("nobody is in the table, or the ruleset has no flags".to_owned()));
    }
    host.err(&format!("{population}: {} from {}", counted(recorder.cases, "case"), counted(row, "row")));
    Ok(recorder.text)
}

/// Tells what of the table is not in the cases.
fn tell_columns(host: &dyn Host, population: &str, table: &Rows, private: &BTreeSet<&str>) {
    let ignored = table.names(false);
    if !ignored.is_empty() {
        host.err(&format!("waft: {population}: columns that are no attributes are left out: {}", ignored.join(", ")));
    }
    let kept_back: Vec<String> = table.names(true).into_iter().filter(|name| private.contains(name.as_str())).collect();
    if !kept_back.is_empty() {
        let names = kept_back.join(", ");
        host.err(&format!(
            "waft: {population}: private attributes are left out, as a file of tests is in git: {names}"
        ));
    }
}

impl Recorder<'_> {
    /// The row's context, as a test may write it.
    fn context(&mut self, table: &Rows) -> Map<String, Json> {
        let mut context = Map::new();
        for (name, cell) in table.row() {
            let attribute = |named: &&Named<Attribute>| named.name.as_bytes() == name && !named.item.private;
            let Some(named) = self.ruleset.attributes.iter().find(attribute) else { continue };
            let value = std::str::from_utf8(cell).ok().and_then(|cell| cases::of_text(&named.item, cell));
            match value {
                Some(value) => drop(context.insert(named.name.clone(), value)),
                None if cell.is_empty() => {}
                None => *self.unread.entry(named.name.clone()).or_default() += 1,
            }
        }
        context
    }

    /// Adds a case for the flags whose outcome no row before had.
    fn add(&mut self, program: &Program, row: usize, who: &Map<String, Json>) {
        let mut session = context::session(program, who);
        let mut expected = Vec::new();
        for (flag, key) in &self.flags {
            let decided = evaluate(program, *flag, &mut session, self.at, &mut NoTrace);
            let DecisionStory { variant, reason, rule, .. } = DecisionStory::of(program, *flag, &decided, &session);
            let outcome = match rule {
                Some(rule) => json!({ "variant": variant, "reason": reason, "rule": rule }),
                None => json!({ "variant": variant, "reason": reason }),
            };
            let outcome = outcome.to_string();
            if self.seen.insert((flag.0, outcome.clone())) {
                expected.push((key, outcome));
            }
        }
        if expected.is_empty() {
            return;
        }
        self.cases += 1;
        let names: Vec<&str> = expected.iter().take(NAMED).map(|(key, _)| key.as_str()).collect();
        let more = expected.len().checked_sub(NAMED).filter(|more| *more > 0);
        let more = more.map_or_else(String::new, |more| format!(" and {more} more"));
        let name = format!("row {row}: {}{more}", names.join(", "));
        // Writing to a string does not fail. JSON is YAML.
        let _ = writeln!(self.text, "  - name: {}\n    context: {}\n    expect:", json!(name), json!(who));
        for (key, outcome) in expected {
            let _ = writeln!(self.text, "      {}: {outcome}", json!(key));
        }
    }
}
