//! What is live in the tests of `waft lint --against`, and what is found when it changes.

use serde_json::Value as Json;
use waft_commands::lint;

use crate::host::Memory;

/// What is live on 2026-11-24. `headline` is in its second phase, `header` at 25 % and `pay` at 10 %, `winter` runs; `later`
/// has not started, `autumn` is over, and `done` has reached everybody.
pub(crate) const LIVE: &str = "
project: shop
environments: { production: {}, staging: {} }
attributes: { id: string, account: string, country: string, plan: string, age: number }
units: { visitor: { attribute: id }, account: { attribute: account } }
lists: { vip: { attribute: id, ids: [v1] } }
segments:
  crew: { plan: { is: crew } }
  euro: { any: [{ country: { in: [DE, FR] } }, { segment: crew }] }
layers: { line: { unit: visitor }, side: { unit: visitor } }
metrics: { js-error: { conversion: js_error, better: down } }
holdouts:
  winter: { unit: visitor, share: 5%, from: 2026-11-01, to: 2027-02-01T00:00Z, except: { segment: crew } }
experiments:
  headline:
    unit: visitor
    layer: { line: [0%-40%] }
    phases:
      - { id: 1, from: 2026-11-01, to: 2026-11-10T00:00Z, coverage: 10%, split: { bold: 50%, plain: 50% } }
      - { id: 2, from: 2026-11-10, coverage: 20%, split: { bold: 50%, plain: 50% } }
  later: { unit: visitor, layer: { line: [40%-60%] }, phases: [{ id: 1, from: 2026-12-20, split: { on: 50%, off: 50% } }] }
  autumn:
    unit: visitor
    layer: { line: [60%-80%] }
    phases: [{ id: 1, from: 2026-10-01, to: 2026-11-01T00:00Z, split: { on: 50%, off: 50% } }]
flags:
  headline:
    type: string
    variants: { plain: Welcome, bold: Hello, other: Ahoy }
    whenOff: plain
    holdout: winter
    rules: [{ id: test, if: { segment: euro, age: { gte: 18 } }, experiment: headline }]
    default: plain
  header:
    type: string
    variants: { old: Old, new: New }
    whenOff: old
    holdout: winter
    rules:
      - id: up
        if: { country: { is: DE } }
        ramp: new
        unit: visitor
        steps: [{ to: 5%, at: 2026-11-10 }, { to: 25%, at: 2026-11-20 }, { to: 50%, at: 2026-12-10 }]
    default: old
  pay:
    type: string
    variants: { old: Old, new: New }
    whenOff: old
    rules:
      - { id: up, ramp: new, unit: visitor, guard: { js-error: { worse: 5% } }, steps: [{ to: 10%, at: 2026-11-20 }] }
    default: old
  done:
    type: boolean
    whenOff: off
    rules: [{ id: up, ramp: on, unit: visitor, steps: [{ to: 50%, at: 2026-11-01 }, { to: 100%, at: 2026-11-05 }] }]
    default: off
  later: { type: boolean, whenOff: off, rules: [{ id: test, experiment: later }], default: off }
  autumn: { type: boolean, whenOff: off, rules: [{ id: test, experiment: autumn }], default: off }
";

/// Findings of a comparison, as the place of the rest of lint's has a test of its own.
#[allow(dead_code, reason = "not every test lints")]
const CODES: [&str; 5] = ["PHASE_NEEDED", "RUNNING_REMOVED", "OTHER_PROJECT", "LAYER_REUSED", "STARTS_IN_PAST"];

/// What is found, as `CODE message: remedy`, sorted.
#[allow(dead_code, reason = "not every test lints")]
pub(crate) fn against(live: &str, next: &str) -> Vec<String> {
    let host = Memory::with(&[("live.yaml", live), ("next.yaml", next)]);
    host.build("live.yaml", "production", "live.waft");
    let options = lint::Options {
        ruleset: "next.yaml".to_owned(),
        against: Some("live.waft".to_owned()),
        format: lint::Format::Json,
        deny_warnings: false,
    };
    lint::run(&options, &host);
    let (out, err) = host.said();
    let findings: Json = serde_json::from_str(&out.concat()).unwrap_or_else(|_| panic!("{err:?}"));
    let mut told = Vec::new();
    for finding in findings.as_array().unwrap() {
        let [code, severity, message, remedy] =
            ["code", "severity", "message", "remedy"].map(|field| finding[field].as_str().unwrap());
        if CODES.contains(&code) {
            assert!(finding["line"].as_u64() > Some(0) && finding["column"].as_u64() > Some(0), "{finding}");
            told.push(format!("{code} {message}: {remedy}"));
        } else {
            assert_eq!(severity, "warning", "{finding}");
        }
    }
    told.sort();
    told
}

pub(crate) fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replace(from, to)
    })
}

/// Compares the live ruleset with a changed one: each finding starts with what is expected, in order.
#[allow(dead_code, reason = "not every test lints")]
pub(crate) fn check(changes: &[(&str, &str)], expected: &[&str]) {
    check_from(LIVE, changes, expected);
}

#[allow(dead_code, reason = "not every test lints")]
pub(crate) fn check_from(live: &str, changes: &[(&str, &str)], expected: &[&str]) {
    let found = against(live, &changed(live, changes));
    let met =
        found.len() == expected.len() && found.iter().zip(expected).all(|(found, start)| found.starts_with(start));
    assert!(met, "{changes:#?}\nfound {found:#?}\nexpected {expected:#?}");
}
