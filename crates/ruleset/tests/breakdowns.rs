//! What results may be told apart by, and what not.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_ruleset as ruleset;
use waft_ruleset::finding::Finding;
use waft_ruleset::source::SourceFile;
use waft_ruleset::{Breakdown, Ruleset};

/// `BREAKDOWN` is what a case writes.
const RULES: &str = "project: shop
environments: { production: {} }
units: { visitor: { attribute: id }, account: { attribute: account } }
attributes:
  id: string
  account: string
  plan: { enum: [free, pro] }
  country: string
  beta: boolean
  app: semver
  age: number
  since: date
  tags: list
  email: { type: string, private: true }
lists: { press: { attribute: email, ids: [a@b.example] } }
segments:
  adult: { age: { gte: 18 }, since: { exists: true }, tags: { has: a }, account: { exists: true } }
  half: { share: { of: visitor, part: 0%-50%, salt: half } }
  staff: { email: { endsWith: \"@shop.example\" } }
  invited: { any: [{ list: press }, { segment: adult }] }
  inner: { not: { any: [{ segment: staff }, { segment: half }] } }
  bold: { all: [{ flag: { test: on } }] }
  bolder: { segment: bold }
experiments:
  test:
    unit: visitor
    breakdown: BREAKDOWN
    phases: [{ id: 1, from: 2026-01-01, split: { on: 50%, off: 50% } }]
flags:
  test: { type: boolean, whenOff: off, rules: [{ id: a, experiment: test }], default: off }
  other: { type: boolean, whenOff: off, rules: [{ id: a, if: { any: [{ segment: inner }, { segment: bolder }, { segment: invited }] }, serve: on }], default: off }
";

fn check(breakdown: &str) -> Result<(Ruleset, Vec<Finding>), Vec<Finding>> {
    let bytes = RULES.replace("BREAKDOWN", breakdown).into_bytes();
    ruleset::check(&[SourceFile { name: "rules.yaml".to_owned(), bytes }], &ruleset::World::still())
}

#[test]
fn attributes_and_segments_are_told_apart_by() {
    let (ruleset, findings) = check("[plan, country, beta, app, { segment: adult }, { segment: half }]").unwrap();
    let breakdown = &ruleset.experiments[0].item.readings.breakdown;
    let names: Vec<String> = breakdown.iter().map(Breakdown::name).collect();
    assert_eq!(names, ["plan", "country", "beta", "app", "segment/adult", "segment/half"]);
    // What is told apart by is used, and the constants that it is not compared with are not said to be readable.
    assert!(findings.iter().all(|finding| !finding.code.name().starts_with("UNUSED")), "{findings:#?}");
    // One stands for itself.
    assert_eq!(check("plan").unwrap().0.experiments[0].item.readings.breakdown.len(), 1);
}

#[test]
fn what_is_private_has_too_many_values_or_could_be_changed_is_refused() {
    for (breakdown, column, code, remedy) in [
        ("[plan, email]", 23, "BREAKDOWN_PRIVATE", "may leave the browser"),
        ("[{ segment: staff }]", 28, "BREAKDOWN_PRIVATE", "may leave the browser"),
        // By a list, and by a segment within.
        ("[{ segment: invited }]", 28, "BREAKDOWN_PRIVATE", "may leave the browser"),
        ("[{ segment: inner }]", 28, "BREAKDOWN_PRIVATE", "may leave the browser"),
        ("[id]", 17, "BREAKDOWN_UNIT", "many have in common"),
        ("[plan, account]", 23, "BREAKDOWN_UNIT", "many have in common"),
        ("[age]", 17, "BREAKDOWN_TYPE", "{ segment: name }"),
        ("[since]", 17, "BREAKDOWN_TYPE", "{ segment: name }"),
        ("[tags]", 17, "BREAKDOWN_TYPE", "{ segment: name }"),
        ("[{ segment: bolder }]", 28, "BREAKDOWN_FLAG", "attributes alone"),
        ("[plans]", 17, "UNKNOWN_ATTRIBUTE", "plan"),
        ("[{ segment: adults }]", 28, "UNKNOWN_SEGMENT", "adult"),
        ("[plan, plan]", 23, "DUPLICATE_VALUE", "remove one"),
        ("[{ segment: adult }, { segment: adult }]", 37, "DUPLICATE_VALUE", "remove one"),
        ("[a, b, c, d, e, f, g, h, i]", 16, "BREAKDOWN_COUNT", "at most 8"),
        ("[]", 16, "EMPTY_LIST", "at least one"),
        ("[5]", 17, "EXPECTED_TEXT", "in quotes"),
        ("[{ attribute: plan }]", 17, "MISSING_FIELD", "{ segment: name }"),
        ("{ segment: adult }", 16, "EXPECTED_LIST", "[a, b]"),
    ] {
        let findings = match check(breakdown) {
            Ok((_, findings)) | Err(findings) => findings,
        };
        let found = findings.iter().any(|finding| {
            (finding.code.name(), finding.place.line, finding.place.column) == (code, 27, column)
                && finding.remedy.contains(remedy)
        });
        assert!(found, "{breakdown}: {findings:#?}");
    }
}

/// Segments of a ruleset that is refused may be in a circle; and one may be in others so often that nobody could read each time.
#[test]
fn each_segment_is_read_once() {
    let refused = |from: &str, to: &str, breakdown: &str| {
        let bytes = RULES.replace("BREAKDOWN", breakdown).replace(from, to).into_bytes();
        match ruleset::check(&[SourceFile { name: "rules.yaml".to_owned(), bytes }], &ruleset::World::still()) {
            Ok((_, findings)) | Err(findings) => findings,
        }
    };
    let bolder = "  bolder: { segment: bold }\n";
    for circle in ["  bolder: { segment: bolder }\n", "  bolder: { segment: other }\n  other: { segment: bolder }\n"] {
        let findings = refused(bolder, circle, "[{ segment: bolder }]");
        assert!(findings.iter().any(|finding| finding.code.name() == "SEGMENT_CYCLE"), "{findings:#?}");
    }
    let levels: String = (1..=31)
        .map(|level| {
            let below = if level == 1 { "staff".to_owned() } else { format!("l{}", level - 1) };
            format!("  l{level}: {{ any: [{{ segment: {below} }}, {{ not: {{ segment: {below} }} }}, {{ segment: {below} }}] }}\n")
        })
        .collect();
    let findings = refused(bolder, &format!("{bolder}{levels}"), "[{ segment: l31 }]");
    assert!(findings.iter().any(|finding| finding.code.name() == "BREAKDOWN_PRIVATE"), "{findings:#?}");
}
