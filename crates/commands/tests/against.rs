//! `waft lint --against`: what may change of experiments that are live, and beside them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;
mod live;

use host::Memory;
use live::{LIVE, against, changed, check, check_from};
use waft_commands::{Exit, lint};

/// An experiment and its flag, which come to be between all others in every table.
const ADDED: &[(&str, &str)] = &[
    ("attributes: {", "attributes: { aaa: number, a-id: string,"),
    ("units: {", "units: { aunit: { attribute: a-id },"),
    ("lists: {", "lists: { alist: { attribute: id, ids: [v2, v3] },"),
    ("segments:\n", "segments:\n  asegment: { country: { in: [AT, BE, CZ, EE] }, list: alist, aaa: { is: 1 } }\n"),
    ("layers: {", "layers: { alayer: { unit: visitor },"),
    ("holdouts:\n", "holdouts:\n  aholdout: { unit: aunit, share: 10%, from: 2026-12-01, except: { segment: asegment } }\n"),
    (
        "experiments:\n",
        "experiments:
  addition:
    unit: visitor
    layer: { alayer: [10%-90%] }
    salt: a/salt
    phases: [{ id: 1, from: 2026-12-01, coverage: 90%, split: { on: 10%, off: 90% } }]
",
    ),
    (
        "flags:\n",
        "flags:
  addition:
    type: boolean
    whenOff: off
    holdout: aholdout
    rules: [{ id: test, if: { segment: asegment, age: { gte: 17 } }, experiment: addition }]
    default: off
  a-ramp:
    type: boolean
    whenOff: off
    requires: { headline: [bold, plain] }
    rules: [{ id: up, ramp: on, unit: aunit, salt: b/salt, guard: { js-error: { worse: 1% } }, steps: [{ to: 7%, at: 2026-12-05 }] }]
    default: off
",
    ),
];

#[test]
fn a_ruleset_against_itself_has_no_findings() {
    check(&[], &[]);
}

#[test]
fn what_is_added_beside_what_runs_is_nobodys_change() {
    check(ADDED, &[]);
    // And each by itself: an experiment alone comes to have the first split of the table.
    check(
        &[
            (
                "experiments:\n",
                "experiments:\n  aaa: { unit: visitor, phases: [{ id: 1, from: 2026-12-01, split: { on: 10%, off: 90% } }] }\n",
            ),
            (
                "flags:\n",
                "flags:\n  aaa: { type: boolean, whenOff: off, rules: [{ id: t, experiment: aaa }], default: off }\n",
            ),
        ],
        &[],
    );
}

#[test]
fn what_is_taken_away_beside_what_runs_is_nobodys_change() {
    let whole = changed(LIVE, ADDED);
    assert_eq!(against(&whole, LIVE), Vec::<String>::new());
}

#[test]
fn coverage_may_rise_and_not_fall() {
    check(&[("coverage: 20%", "coverage: 30%")], &[]);
    check(
        &[("coverage: 20%", "coverage: 15%")],
        &["PHASE_NEEDED the coverage of phase 2 of the experiment `headline`"],
    );
    check(
        &[("coverage: 10%", "coverage: 15%")],
        &["PHASE_NEEDED the coverage of phase 1 of the experiment `headline`"],
    );
}

#[test]
fn a_started_experiment_keeps_unit_salt_layer_and_ranges() {
    let [unit, layer] = ["    unit: visitor\n    layer: { line: [0%-40%] }", "layer: { line: [0%-40%] }"];
    check(&[(unit, "    unit: account")], &["PHASE_NEEDED the layer or a range of", "PHASE_NEEDED the unit of"]);
    check(&[("visitor: { attribute: id }", "visitor: { attribute: plan }")], &["PHASE_NEEDED the unit of"; 5]);
    check(&[(layer, "layer: { line: [0%-30%] }")], &["PHASE_NEEDED the layer or a range of the experiment `headline`"]);
    check(&[(layer, "layer: { side: [0%-40%] }")], &["PHASE_NEEDED the layer or a range of the experiment `headline`"]);
    check(
        &[(layer, "layer: { line: [0%-40%] }\n    salt: own")],
        &["PHASE_NEEDED the salt of the experiment `headline`"],
    );
    check(
        &[("line: { unit: visitor }", "line: { unit: visitor, salt: own }")],
        &["PHASE_NEEDED the layer or a range of"; 2],
    );
    // Salts that were the default ones, written down.
    check(&[(layer, "layer: { line: [0%-40%] }\n    salt: shop/headline")], &[]);
    check(&[("line: { unit: visitor }", "line: { unit: visitor, salt: shop/line }")], &[]);
    check(&[("share: 5%", "salt: shop/winter, share: 5%")], &[]);
}

#[test]
fn a_started_phase_keeps_its_dates_and_split() {
    let first = "to: 2026-11-10T00:00Z, coverage: 10%, split: { bold: 50%, plain: 50% }";
    let second = "- { id: 2, from: 2026-11-10, coverage: 20%, split: { bold: 50%, plain: 50% } }";
    let next = |text: &str| format!("- {{ id: 2, from: 2026-11-10, {text} }}");
    check(
        &[("{ id: 1, from: 2026-11-01, to: 2026-11-10T00:00Z", "{ id: 1, from: 2026-11-02, to: 2026-11-10T00:00Z")],
        &["PHASE_NEEDED the start of phase 1"],
    );
    check(
        &[(first, "to: 2026-11-09T00:00Z, coverage: 10%, split: { bold: 50%, plain: 50% }")],
        &["PHASE_NEEDED the end of phase 1"],
    );
    check(
        &[(first, "to: 2026-11-10T00:00Z, coverage: 10%, split: { bold: 40%, plain: 60% }")],
        &["PHASE_NEEDED the split of phase 1"],
    );
    check(
        &[(second, &next("coverage: 20%, split: { bold: 40%, plain: 60% }"))],
        &["PHASE_NEEDED the split of phase 2"],
    );
    check(
        &[(second, &next("coverage: 20%, split: { bold: 50%, other: 50% }"))],
        &["PHASE_NEEDED the split of phase 2"],
    );
    check(
        &[(second, "- { id: 3, from: 2026-11-10, coverage: 20%, split: { bold: 50%, plain: 50% } }")],
        &["PHASE_NEEDED the list of phases", "STARTS_IN_PAST phase 3"],
    );
    // Ended later on, with another phase behind: that is what the remedy asks for.
    let ended = next("to: 2026-12-01T00:00Z, coverage: 20%, split: { bold: 50%, plain: 50% }");
    check(&[(second, &ended)], &[]);
    check(
        &[(second, &format!("{ended}\n      - {{ id: 3, from: 2026-12-01, split: {{ bold: 90%, other: 10% }} }}"))],
        &[],
    );
    check(
        &[(second, &next("to: 2026-11-23T00:00Z, coverage: 20%, split: { bold: 50%, plain: 50% }"))],
        &["PHASE_NEEDED the end of phase 2"],
    );
}

#[test]
fn the_audience_of_a_running_experiment_stays() {
    let rule = "if: { segment: euro, age: { gte: 18 } }, experiment";
    let found = &["PHASE_NEEDED the audience of the experiment `headline`"];
    check(&[(rule, "if: { segment: euro, age: { gte: 21 } }, experiment")], found);
    check(&[(rule, "if: { segment: euro }, experiment")], found);
    check(&[(rule, "experiment")], found);
    check(&[(rule, "if: { segment: euro, age: { gte: 18 }, list: vip }, experiment")], found);
    check(&[(rule, "if: { segment: euro, age: { gte: 18 }, flag: { done: on } }, experiment")], found);
    check(&[("country: { in: [DE, FR] }", "country: { in: [DE, FR, IT] }")], found);
    // A segment inside the segment. It is whom the holdout leaves alone, too.
    let holdout = "PHASE_NEEDED the exception of the holdout `winter`";
    check(&[("crew: { plan: { is: crew } }", "crew: { plan: { is: staff } }")], &[found[0], holdout]);
}

#[test]
fn an_audience_in_other_words_is_the_same_audience() {
    let rule = "if: { segment: euro, age: { gte: 18 } }, experiment";
    check(&[(rule, "if: { all: [{ age: { gte: 18 } }, { segment: euro }] }, experiment")], &[]);
    check(&[("country: { in: [DE, FR] }", "country: { in: [FR, DE] }")], &[]);
    check(
        &[(
            "any: [{ country: { in: [DE, FR] } }, { segment: crew }]",
            "any: [{ plan: { is: crew } }, { country: { is: FR } }, { country: { is: DE } }]",
        )],
        &[],
    );
    check(
        &[
            (
                "  euro: { any: [{ country: { in: [DE, FR] } }, { segment: crew }] }\n",
                "  zone: { title: Euro zone, if: { any: [{ country: { in: [DE, FR] } }, { segment: crew }] } }\n",
            ),
            ("segment: euro", "segment: zone"),
        ],
        &[],
    );
    // Whom a list names is data, like an attribute.
    let listed = changed(LIVE, &[(rule, "if: { list: vip }, experiment")]);
    check_from(&listed, &[("ids: [v1]", "ids: [v1, v2]")], &[]);
}

#[test]
fn a_running_experiment_keeps_sticky_its_variants_values_and_its_flag() {
    let unit = "  headline:\n    unit: visitor\n";
    let sticky = "  headline:\n    sticky: true\n    unit: visitor\n";
    check(&[(unit, sticky)], &["PHASE_NEEDED `sticky` of the experiment `headline`"]);
    check_from(
        &changed(LIVE, &[(unit, sticky)]),
        &[(sticky, unit)],
        &["PHASE_NEEDED `sticky` of the experiment `headline`"],
    );
    check(&[("bold: Hello", "bold: Good day")], &["PHASE_NEEDED the value of `bold` of the experiment `headline`"]);
    check(&[("other: Ahoy", "other: Hey")], &[]);
    check(&[("variants: { plain: Welcome", "variants: { another: Oh, plain: Welcome")], &[]);
    check(
        &[
            ("    whenOff: plain\n    holdout: winter", "    whenOff: other\n    holdout: winter"),
            ("experiment: headline }]\n    default: plain", "experiment: headline }]\n    default: other"),
        ],
        &[],
    );
    let moved = [
        ("rules: [{ id: test, if: { segment: euro, age: { gte: 18 } }, experiment: headline }]", "rules: []"),
        (
            "\n  later: { type",
            "\n  title:\n    type: string\n    variants: { plain: Welcome, bold: Hello }\n    whenOff: plain\n    rules: [{ id: test, if: { segment: euro, age: { gte: 18 } }, experiment: headline }]\n    default: plain\n  later: { type",
        ),
    ];
    check(&moved, &["PHASE_NEEDED the flag of the experiment `headline`"]);
}

#[test]
fn what_stands_around_a_running_experiment_may_change() {
    check(
        &[(
            "rules: [{ id: test, if: { segment: euro, age",
            "enabled: false\n    rules: [{ id: test, if: { segment: euro, age",
        )],
        &[],
    );
    check(
        &[(
            "rules: [{ id: test, if: { segment: euro, age",
            "rules: [{ id: crew, if: { segment: crew }, serve: bold }, { id: test-2, if: { segment: euro, age",
        )],
        &[],
    );
}

#[test]
fn between_two_phases_the_audience_may_change() {
    let phase = "      - { id: 2, from: 2026-11-10, coverage: 20%, split: { bold: 50%, plain: 50% } }\n";
    let over = changed(LIVE, &[(phase, "")]);
    let next = "      - { id: 2, from: 2026-12-01, split: { bold: 50%, plain: 50% } }\n";
    let before = "coverage: 10%, split: { bold: 50%, plain: 50% } }\n";
    check_from(
        &over,
        &[("age: { gte: 18 }", "age: { gte: 21 }"), ("bold: Hello", "bold: Hi"), (before, &format!("{before}{next}"))],
        &[],
    );
}

#[test]
fn what_has_not_started_may_change_and_go() {
    check(&[("later: { unit: visitor, layer: { line: [40%-60%] }", "later: { unit: account")], &[]);
    let [experiment, flag] = [
        "  later: { unit: visitor, layer: { line: [40%-60%] }, phases: [{ id: 1, from: 2026-12-20, split: { on: 50%, off: 50% } }] }\n",
        "  later: { type: boolean, whenOff: off, rules: [{ id: test, experiment: later }], default: off }\n",
    ];
    check(&[(experiment, ""), (flag, "")], &[]);
}

#[test]
fn what_runs_is_ended_before_it_goes() {
    let experiment = "    rules: [{ id: test, if: { segment: euro, age: { gte: 18 } }, experiment: headline }]\n";
    check(
        &[(experiment, "")],
        &["RUNNING_REMOVED the experiment `headline` is running, but was removed: give its last phase a `to` first"],
    );
    check(
        &[
            (
                "holdouts:\n  winter: { unit: visitor, share: 5%, from: 2026-11-01, to: 2027-02-01T00:00Z, except: { segment: crew } }\n",
                "",
            ),
            ("    whenOff: plain\n    holdout: winter\n", "    whenOff: plain\n"),
            ("    whenOff: old\n    holdout: winter\n", "    whenOff: old\n"),
        ],
        &["RUNNING_REMOVED the holdout `winter` is running, but was removed: give it a `to` first"],
    );
    let over = ("rules: [{ id: test, experiment: autumn }], ", "");
    check(&[over], &[]);
}

/// Gives `autumn`'s or `headline`'s range to a new experiment.
fn taker(range: &str, from: &str) -> [(&'static str, String); 2] {
    let experiment = format!(
        "experiments:\n  taker: {{ unit: visitor, layer: {{ line: [{range}] }}, phases: [{{ id: 1, from: {from}, split: {{ on: 100% }} }}] }}\n"
    );
    let flag =
        "flags:\n  taker: { type: boolean, whenOff: off, rules: [{ id: t, experiment: taker }], default: off }\n";
    [("experiments:\n", experiment), ("flags:\n", flag.to_owned())]
}

const AUTUMN: [(&str, &str); 2] = [
    (
        "  autumn:\n    unit: visitor\n    layer: { line: [60%-80%] }\n    phases: [{ id: 1, from: 2026-10-01, to: 2026-11-01T00:00Z, split: { on: 50%, off: 50% } }]\n",
        "",
    ),
    ("  autumn: { type: boolean, whenOff: off, rules: [{ id: test, experiment: autumn }], default: off }\n", ""),
];

fn check_taker(range: &str, from: &str, layer: &str, expected: &[&str]) {
    let taker = taker(range, from);
    let mut changes: Vec<(&str, &str)> = taker.iter().map(|(from, to)| (*from, to.as_str())).collect();
    changes.extend(AUTUMN);
    changes.push(("line: { unit: visitor }", layer));
    check(&changes, expected);
}

#[test]
fn a_range_rests_before_another_experiment_takes_it() {
    let plain = "line: { unit: visitor }";
    check_taker(
        "70%-90%",
        "2026-12-01",
        plain,
        &["LAYER_REUSED `taker` takes 70%-80% of the layer `line`, which `autumn` held"],
    );
    check_taker("80%-90%", "2026-12-01", plain, &[]);
    let resting = |lines: &str| format!("line: {{ unit: visitor, resting: {{ {lines} }} }}");
    check_taker("70%-90%", "2026-12-01", &resting("60%-80%: 2026-12-01T00:00Z"), &[]);
    check_taker("70%-90%", "2026-12-01", &resting("70%-75%: 2026-12-01T00:00Z, 75%-80%: 2026-11-30T00:00Z"), &[]);
    check_taker(
        "70%-90%",
        "2026-12-01",
        &resting("70%-75%: 2026-12-01T00:00Z"),
        &["LAYER_REUSED `taker` takes 75%-80% of the layer `line`"],
    );
    // A rest from before it was left is none.
    check_taker("70%-90%", "2026-12-01", &resting("60%-80%: 2026-10-15T00:00Z"), &["LAYER_REUSED"]);
}

#[test]
fn an_experiment_by_another_name_and_its_old_salt_takes_nothing() {
    let [experiment, flag] = ["  autumn:\n    unit: visitor\n", "rules: [{ id: test, experiment: autumn }]"];
    let renamed = "  fall:\n    salt: shop/autumn\n    unit: visitor\n";
    check(&[(experiment, renamed), (flag, "rules: [{ id: test, experiment: fall }]")], &[]);
}

#[test]
fn ranges_of_what_never_started_and_ones_own_are_free() {
    let later = [
        "  later: { unit: visitor, layer: { line: [40%-60%] }, phases: [{ id: 1, from: 2026-12-20, split: { on: 50%, off: 50% } }] }\n",
        "  later: { type: boolean, whenOff: off, rules: [{ id: test, experiment: later }], default: off }\n",
    ];
    let taker = taker("40%-60%", "2026-12-01");
    check(&[(taker[0].0, &taker[0].1), (taker[1].0, &taker[1].1), (later[0], ""), (later[1], "")], &[]);
}

#[test]
fn a_snapshot_of_another_project_is_compared_no_further() {
    let host = Memory::with(&[
        ("live.yaml", LIVE),
        ("next.yaml", &format!("#\n{}", changed(LIVE, &[("project: shop", "project: shed")]))),
    ]);
    host.build("live.yaml", "production", "live.waft");
    let against = Some("live.waft".to_owned());
    let options = lint::Options { ruleset: "next.yaml".to_owned(), against, ..lint::Options::default() };
    lint::run(&options, &host);
    let (out, _) = host.said();
    let found: Vec<&String> = out.iter().filter(|line| line.contains(": error[")).collect();
    assert_eq!(
        found,
        [
            "next.yaml:3:1: error[OTHER_PROJECT]: the live snapshot is for the project `shop`: compare with a snapshot of this project"
        ]
    );
}

#[test]
fn the_shop_with_additions_has_no_findings() {
    let host = Memory::default();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
            host.put(&format!("shop/{name}"), std::fs::read_to_string(&path).unwrap());
        }
    }
    host.build("shop", "production", "live.waft");
    let deny = lint::Options {
        ruleset: "shop".to_owned(),
        against: Some("live.waft".to_owned()),
        deny_warnings: true,
        ..lint::Options::default()
    };
    assert_eq!(lint::run(&deny, &host), Exit::Done, "{:#?}", host.said());
    host.put(
        "shop/added.yaml",
        "attributes: { aardvark: number, atown: string }
units: { aunit: { attribute: atown } }
segments: { asegment: { country: { in: [AD, AL, CH] }, aardvark: { gt: 3 } } }
layers: { alayer: { unit: visitor } }
lists: { alist: { attribute: country, ids: [AD, XK] } }
holdouts: { aholdout: { unit: aunit, share: 7%, from: 2026-12-01, except: { list: alist } } }
experiments: { added: { unit: visitor, layer: { alayer: [3%-77%] }, phases: [{ id: 1, from: 2026-12-01, split: { on: 10%, off: 90% } }] } }
flags: { added: { type: boolean, whenOff: off, holdout: aholdout, rules: [{ id: t, if: { segment: asegment }, experiment: added }], default: off } }
",
    );
    assert_eq!(lint::run(&deny, &host), Exit::Done, "{:#?}", host.said());
}
