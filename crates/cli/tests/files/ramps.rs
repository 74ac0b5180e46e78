//! `waft ramp` after `waft report`: what the one prints is what the other reads.

use crate::bench::{Bench, has};

const DOCUMENT: &str = include_str!("../../../../docs/ruleset.md");

const RAMPS: &str = "metrics: { errors: { conversion: error, better: down } }
flags:
  watched: { type: boolean, whenOff: off, default: off, rules: [{ id: up, ramp: on, unit: one, guard: { errors: { worse: 5% } },
    steps: [{ to: 5%, at: 2026-01-01 }, { to: 50%, after: 2d, units: 10 }] }] }
  plain: { type: boolean, whenOff: off, default: off, rules: [{ id: up, ramp: on, unit: one,
    steps: [{ to: 5%, at: 2026-01-01 }, { to: 50%, after: 2d, units: 10 }] }] }
";

#[test]
fn a_report_of_a_database_says_what_holds_a_ramp() {
    let line =
        DOCUMENT.lines().find(|line| line.starts_with("waft report rules") && line.contains("waft ramp")).unwrap();
    if !has(" report ") {
        return;
    }
    let bench = Bench::new();
    bench.put("rules/ramps.yaml", RAMPS);
    bench.done(
        "$NATIVE serve --db waft.db --port 0 > started & p=$!
         until grep -q listening started; do sleep 0.02; done; kill $p; wait $p",
    );
    let output = bench.done(&format!("waft() {{ $W \"$@\"; }}; {line}"));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("watched/up: held, 0 of 10 units seen, guardrail errors is not known to be safe\n"),
        "{told}"
    );
    // Without a guard nobody is exposed, so that nobody can be counted.
    assert!(told.contains("plain/up: held, waits for 10 units, which nobody counted\n"), "{told}");
    assert_eq!(bench.read("rules/ramps.yaml"), RAMPS);
    bench.done("$W ramp advance rules plain --units 10 && grep -q '50%, at: 20..-..-..T..:..:..Z, after: 2d' rules/ramps.yaml && $W lint rules");
}
