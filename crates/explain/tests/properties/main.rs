//! Properties over random rulesets and contexts: what must hold whatever is written.
//!
//! - `random` makes them. `agreement`: one decision, however it is asked for, and until when. `draws`: the same of many flags at once. `experiments`: what layers, phases,
//!   holdouts and shares promise. `newer`: what a newer compiler writes. `diffs`: two rulesets, compared. `drafts`: rules that somebody is writing. `models`: what a page is told of them. `tables`: files of people. `traces`: what is said of a decision.
//! - crates/commands/tests/properties.rs has those of `waft lint --against`.

// clippy.toml allows these in tests, but sees only functions marked #[test], not what they call.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod agreement;
mod diffs;
mod drafts;
mod draws;
mod experiments;
mod models;
mod newer;
mod random;
mod tables;
mod traces;

use serde_json::Value as Json;
use waft::operators::{Operation, Operator};
use waft::program::{CodeSpan, FlagIndex};
use waft::{Assignment, Decision, NoTrace, Program, Session, evaluate};
use waft_compile::{compile, snapshot};
use waft_ruleset::source::SourceFile;
use waft_ruleset::{self as ruleset, World};

fn checked(ruleset: &Json) -> ruleset::Ruleset {
    let file = SourceFile { name: "random.json".to_owned(), bytes: ruleset.to_string().into_bytes() };
    let checked = ruleset::check(&[file], &World::still());
    checked.unwrap_or_else(|findings| panic!("{findings:#?}\n{ruleset:#}")).0
}

fn program(ruleset: &Json) -> Program {
    snapshot::unverified_body("random", "test", &compile(&checked(ruleset), 0).unwrap().body).unwrap()
}

type Outcome = (Decision, Vec<Assignment>);

fn plain(program: &Program, flag: FlagIndex, session: &mut Session, now: i64) -> Outcome {
    let decision = evaluate(program, flag, session, now, &mut NoTrace);
    (decision, session.exposures().to_vec())
}

/// Where in a program's code the rules of flags start, and the operations of their conditions stand.
fn code_of(program: &Program) -> (Vec<u32>, Vec<(u32, Option<Operator>)>) {
    let (mut rules, mut operations) = (Vec::new(), Vec::new());
    for flag in program.flags().map(|index| program.flag(index).unwrap()) {
        let mut at = flag.code;
        for _ in 0..flag.rule_count {
            let rule = program.rule(at).unwrap();
            rules.push(at);
            let mut place = rule.condition_span().first;
            while place < rule.next() {
                let word = u32::from_le_bytes(program.code(CodeSpan { first: place, count: 1 }).unwrap()[0]);
                let operation = Operation::from_word(word);
                operations.push((place, Operator::from_number(operation.number)));
                place += 1 + u32::from(operation.operands);
            }
            at = rule.next();
        }
    }
    (rules, operations)
}
