//! Any text is rule tests of a ruleset, or has findings.
#![no_main]
#![allow(clippy::expect_used)]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use waft_ruleset::finding::Findings;
use waft_ruleset::source::{self, SourceFile};
use waft_ruleset::{Ruleset, World, cases, check};

/// With every type of attribute and flag that a test may name.
const RULES: &str = "project: shop
environments: { staging: {}, production: {} }
attributes:
  visitorId: string
  plan: { enum: [guest, crew] }
  age: number
  member: boolean
  since: date
  app: semver
  tags: list
units: { visitor: { attribute: visitorId } }
flags:
  headline:
    type: string
    variants: { plain: Welcome, bold: Good }
    whenOff: plain
    rules: [{ id: crew, if: { plan: { is: crew } }, serve: bold }]
    default: plain
  limit: { type: number, variants: { few: 1, many: 2.5 }, whenOff: few, default: many }
  theme: { type: object, variants: { day: { dark: false }, night: { dark: true, at: [1, null] } }, whenOff: day, default: night }
  new: { type: boolean, whenOff: off, default: on }
";

static RULESET: LazyLock<Ruleset> = LazyLock::new(|| {
    let file = SourceFile { name: "rules.yaml".into(), bytes: RULES.into() };
    check(&[file], &World::still()).expect("the ruleset is right").0
});

fuzz_target!(|bytes: &[u8]| {
    let mut findings = Findings::default();
    let file = SourceFile { name: "fuzz.test.yaml".into(), bytes: bytes.to_vec() };
    if let Some(root) = source::read(0, &file, &mut findings) {
        let _ = cases::read(&root, &RULESET, &mut findings);
    }
    let _ = findings.into_sorted();
});
