//! What an explanation says, as people read it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::json;
use waft::Program;
use waft_studio::ruleset::{self, Share, World};
use waft_studio::source::SourceFile;
use waft_studio::{compile, context, decision, snapshot};

const RULESET: &str = "project: shop
environments: { test: {} }
attributes: { id: string, crew: boolean }
units: { visitor: { attribute: id } }
holdouts: { winter: { unit: visitor, share: 5%, from: 2026-01-01, except: { crew: { is: true } } } }
flags:
  a:
    type: boolean
    whenOff: off
    holdout: winter
    rules:
      - { id: part, if: { share: { of: visitor, part: 0%-33.3333%, salt: part } }, serve: on }
      - { id: ramp, ramp: on, unit: visitor, steps: [{ to: 12.5%, at: 2026-01-01 }] }
      - { id: all, ramp: on, unit: visitor, steps: [{ to: 100%, at: 2026-01-01 }] }
    default: off
";

fn program() -> Program {
    let file = SourceFile { name: "a.yaml".to_owned(), bytes: RULESET.as_bytes().to_vec() };
    let (ruleset, _) = ruleset::check(&[file], &World::still()).unwrap();
    let body = compile::compile(&ruleset, 0).unwrap().body;
    snapshot::unverified_body("shop", "test", &body).unwrap()
}

/// The explanation of flag `a` for a visitor, with the points left out: they are pinned elsewhere.
fn text(context: &serde_json::Value) -> String {
    let program = program();
    let context = context.as_object().unwrap();
    let mut subject = context::subject(&program, context);
    let told = decision::decide(&program, 0, &mut subject, context, 1_790_000_000_000, true);
    let text = told["text"].as_str().unwrap();
    text.lines()
        .map(|line| line.split(": point").next().unwrap().to_owned() + line.split(" %, in").nth(1).unwrap_or("") + "\n")
        .collect()
}

#[test]
fn shares_are_told_as_they_were_written() {
    let passes_all = "[x] rule holdout
  except
    [?] crew is true (missing)
  holdout winter
    [ ] holdout below 5 %
[ ] rule part
  [ ] visitor is between 0% and 33.3333% of part (is \"v2\")
[x] rule ramp
  ramp a/ramp
    [ ] ramp below 12.5 %
[x] rule all
  ramp a/all
    [x] ramp below 100 %
";
    assert_eq!(text(&json!({ "id": "v2" })), passes_all);
}

#[test]
fn a_holdout_that_decides_holds_and_one_that_excepts_does_not() {
    let held =
        (0..).map(|id| text(&json!({ "id": format!("v{id}"), "crew": false }))).find(|text| text.lines().count() == 5);
    assert_eq!(
        held.unwrap(),
        "[x] rule holdout\n  except\n    [ ] crew is true (is false)\n  holdout winter\n    [x] holdout below 5 %\n"
    );
    let excepted = text(&json!({ "id": "v2", "crew": true }));
    assert!(excepted.starts_with("[ ] rule holdout\n  except\n    [x] crew is true (is true)\n"), "{excepted}");
}

#[test]
fn a_share_comes_back_from_its_bound() {
    for share in (0..=1_000_000).map(Share) {
        assert_eq!(Share::of(share.bound()), share);
    }
}
