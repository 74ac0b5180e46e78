//! A list in a file of its own: everybody in it is found, and nobody else.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write as _;

use waft::manifest::digest_of;
use waft::program::{FlagIndex, Slot};
use waft::trust::{Key, Requirement};
use waft::{NoTrace, Program, Session, Trust, Value, evaluate, verify};
use waft_compile::snapshot::{Claims, seal, sign};
use waft_compile::{compile, keys};
use waft_ruleset as ruleset;
use waft_ruleset::source::SourceFile;

/// The large list of docs/performance.md.
const IDS: usize = 1_000_000;

const RULESET: &str = "project: lists
environments: { test: {} }
attributes: { account: string }
lists: { vip: { attribute: account, file: vip.csv, column: id } }
flags:
  listed: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { list: vip }, serve: on }] }
";

/// Ids without an order that their hash could keep; those that end in `-in` are listed.
fn id(index: usize, end: &str) -> String {
    format!("acct-{:08x}-{end}", (index as u32).wrapping_mul(2_654_435_761))
}

#[test]
fn a_large_list_has_its_members_and_nobody_else() {
    let mut csv = "name,id\n".to_owned();
    (0..IDS).for_each(|index| writeln!(csv, "n{index},{}", id(index, "in")).unwrap());
    let asset = |_: &str| Ok(csv.clone().into_bytes());
    let file = SourceFile { name: "lists.yaml".to_owned(), bytes: RULESET.as_bytes().to_vec() };
    let world = ruleset::World { now: None, asset: &asset };
    let (ruleset, _) = ruleset::check(&[file], &world).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let compiled = compile(&ruleset, 0).unwrap();
    let [list] = &compiled.lists[..] else { panic!("{} list files", compiled.lists.len()) };
    assert_eq!(list.len(), IDS * 8, "bytes of a list file");
    assert!(list.len() <= 8_100_000, "{} bytes", list.len());

    let mut program = program(&compiled.body, digest_of(&[list]));
    let mut session = Session::new(&program);
    assert_eq!(
        decide(&program, &mut session, &id(0, "in")),
        (false, true),
        "unknown and wanted until the file is there"
    );
    program.put_list(0, list.clone()).unwrap();
    for index in 0..IDS {
        let (member, stranger) = (id(index, "in"), id(index, "out"));
        session.clear(&program);
        assert_eq!(decide(&program, &mut session, &member), (true, false), "{member}");
        // One of 64-bit fingerprints for another: a chance of 1 in 18 million for all strangers together.
        assert_eq!(decide(&program, &mut session, &stranger), (false, false), "{stranger}");
    }
}

/// Whether the flag is on for an account, and whether a list file was wanted.
fn decide(program: &Program, session: &mut Session, account: &str) -> (bool, bool) {
    session.set(program, Slot(0), Value::String(account.as_bytes()));
    let decision = evaluate(program, FlagIndex(0), session, 0, &mut NoTrace);
    (decision.rule.is_some(), session.take_wanted() != 0)
}

fn program(body: &[u8], list: [u8; 32]) -> Program {
    let (project, environment) = ("lists".to_owned(), "test".to_owned());
    let claims = Claims { project, environment, version: 1, issued: 0, not_before: None, expires: 1 << 32 };
    let key = keys::from_seed([7; 32]);
    let bytes = sign(&seal(&claims, body, &[list]), &key, "publisher").unwrap();
    let key = Key { kid: keys::kid(&key.pk), public: *key.pk };
    let require = vec![Requirement { role: b"publisher".to_vec(), at_least: 1, keys: vec![key] }];
    let trust = Trust::new(claims.project, claims.environment, 0, 0, require).unwrap();
    verify(bytes, &trust, 1_000, None).and_then(Program::new).unwrap()
}
