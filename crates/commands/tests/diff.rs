//! `waft diff`: what is told of two rulesets or snapshots, and what is refused.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;
mod live;

use host::Memory;
use live::{LIVE, changed};
use serde_json::Value as Json;
use waft_commands::{Exit, diff};

const PEOPLE: &str = "id,country,plan,age\nv1,DE,,30\nv2,AT,,30\nv3,AT,crew,40\nv4,,,50\nv4,AT,,17\n";

fn options(before: &str, after: &str) -> diff::Options {
    let [before, after] = [before, after].map(str::to_owned);
    diff::Options { before, after, environment: Some("production".to_owned()), ..diff::Options::default() }
}

fn hosted(changes: &[(&str, &str)]) -> Memory {
    Memory::with(&[("live.yaml", LIVE), ("next.yaml", &changed(LIVE, changes)), ("people.csv", PEOPLE)])
}

/// What is printed of the live ruleset and a changed one.
fn lines(changes: &[(&str, &str)], population: Option<&str>) -> Vec<String> {
    let host = hosted(changes);
    let population = population.map(str::to_owned);
    let exit = diff::run(&diff::Options { population, ..options("live.yaml", "next.yaml") }, &host);
    let (out, err) = host.said();
    assert_eq!(exit, Exit::Done, "{err:#?}");
    out
}

/// Whether some lines are among what is printed, in this order.
fn check(changes: &[(&str, &str)], population: Option<&str>, expected: &[&str]) {
    let told = lines(changes, population);
    let mut rest = told.iter();
    for line in expected {
        assert!(rest.any(|told| told.trim_start() == *line), "{line}\nis not in its place in\n{told:#?}");
    }
}

/// What is said when something is refused.
fn refused(host: &Memory, options: &diff::Options) -> String {
    let exit = diff::run(options, host);
    let (out, err) = host.said();
    assert_eq!((exit, out), (Exit::Failed, Vec::new()), "{err:#?}");
    err.last().unwrap().clone()
}

const WIDER: &[(&str, &str)] = &[("country: { in: [DE, FR] }", "country: { in: [DE, FR, AT] }")];

#[test]
fn a_segment_is_told_with_the_flags_that_it_reaches() {
    check(
        WIDER,
        None,
        &[
            "before: live.yaml: shop, production, a ruleset",
            "after: next.yaml: shop, production, a ruleset",
            "at 2026-11-24T00:00:00Z: 1 flag reached; 5 unchanged",
            "segment euro: changed",
            "condition: country is one of DE or FR or in the segment crew -> country is one of AT, DE or FR or in the segment crew",
            "reaches headline",
            "flag headline: reached",
            "through segment euro",
            "experiment headline of the flag headline, running:",
            "the audience changes",
            "assumed: no flag is killed: the kill list is not looked at",
        ],
    );
}

#[test]
fn a_population_says_who_gets_another_value() {
    check(
        WIDER,
        Some("people.csv"),
        &[
            "population: 5 rows, 4 distinct visitors; columns id, country, plan, age",
            "simulated: the file has no ids of account: ids were made up, one for each row and in no list; what that decides is an expected share, with the range in which it lies in 95 of 100 cases",
        ][..1],
    );
    let told = lines(WIDER, Some("people.csv")).join("\n");
    assert!(told.contains("flag headline: ") && !told.contains("simulated"), "{told}");
}

#[test]
fn what_needs_ids_that_the_file_lacks_is_simulated_and_names_nobody() {
    let host = hosted(&[("to: 10%, at: 2026-11-20", "to: 40%, at: 2026-11-20")]);
    host.put("countries.csv", "country,age,colour\nDE,30,red\nAT,20,blue\n");
    let population = Some("countries.csv".to_owned());
    let json = true;
    assert_eq!(diff::run(&diff::Options { population, json, ..options("live.yaml", "next.yaml") }, &host), Exit::Done);
    let (out, err) = host.said();
    let told: Json = serde_json::from_str(&out.concat()).unwrap();
    assert_eq!(told["population"]["simulated"], serde_json::json!(["visitor"]));
    let flag = &told["population"]["flags"][0];
    let share = flag["changed"]["share"].as_f64().unwrap();
    // A monitored ramp from 10 % to 40 %: as many get the variant.
    assert!((share - 0.3).abs() < 0.05, "{flag:#}");
    let [low, high] = [0, 1].map(|at| flag["changed"]["range"][at].as_f64().unwrap());
    assert!(low < share && share < high, "{flag:#}");
    assert_eq!((&flag["changed"]["rows"], &flag["moves"][0]["examples"]), (&Json::Null, &Json::Null));
    let told = err.join("\n");
    assert!(told.contains("countries.csv: has no ids of visitor: shares are simulated; add the column"), "{told}");
    assert!(
        told.contains("the column colour is no attribute of either side, and is not read: expected one of"),
        "{told}"
    );
}

#[test]
fn a_phase_that_is_new_randomises_anew() {
    let next = "coverage: 20%, to: 2026-11-25T00:00Z, split: { bold: 50%, plain: 50% } }
      - { id: 3, from: 2026-11-25, coverage: 20%, split: { bold: 20%, plain: 80% } }";
    check(
        &[("coverage: 20%, split: { bold: 50%, plain: 50% } }", next)],
        Some("people.csv"),
        &[
            "experiment headline: changed",
            "flag headline: reached",
            "experiment headline of the flag headline, running:",
            "phase 3 from 2026-11-25T00:00:00Z: re-randomised: about 50 % switch",
        ],
    );
    let told = lines(&[("coverage: 20%, split: { bold: 50%, plain: 50% } }", next)], Some("people.csv")).join("\n");
    assert!(told.contains("experiment headline: phase 3: re-randomised at 2026-11-25T00:00:00Z: about "), "{told}");
}

#[test]
fn what_stands_in_front_of_an_experiment_is_told() {
    check(
        &[(
            "rules: [{ id: test, if: { segment: euro, age: { gte: 18 } }, experiment: headline }]",
            "enabled: false\n    rules: [{ id: all, serve: bold }, { id: test, if: { segment: euro, age: { gte: 18 } }, experiment: headline }]",
        )],
        None,
        &[
            "flag headline: changed",
            "enabled: true -> false",
            "rule all added: serve bold",
            "experiment headline of the flag headline, running:",
            "in front of it, enabled changes",
            "in front of it, rule all changes",
        ],
    );
}

#[test]
fn a_list_that_an_audience_asks_for_is_told() {
    let with_list = changed(LIVE, &[("{ segment: euro, age: { gte: 18 } }", "{ segment: euro, list: vip }")]);
    let host = Memory::with(&[
        ("live.yaml", &with_list),
        ("next.yaml", &changed(&with_list, &[("ids: [v1]", "ids: [v1, v2]")])),
    ]);
    assert_eq!(diff::run(&options("live.yaml", "next.yaml"), &host), Exit::Done);
    let told = host.said().0;
    for line in ["list vip: changed", "  ids: 1 id -> 2 ids", "  its audience asks for the list vip, which changes"] {
        assert!(told.iter().any(|told| told == line), "{line}: {told:#?}");
    }
}

#[test]
fn what_exposures_carry_of_visitors_is_told_and_moves_nobody() {
    let line = "    layer: { line: [0%-40%] }\n";
    let told = lines(&[(line, &format!("{line}    breakdown: [plan, {{ segment: crew }}]\n"))], Some("people.csv"));
    let all = told.join("\n");
    assert!(all.contains("experiment headline: changed\n  breakdown added: plan, segment/crew"), "{all}");
    assert!(all.contains("no flag decides differently; 6 unchanged") && !all.contains('$'), "{all}");
}

#[test]
fn equal_values_of_two_variants_are_no_change() {
    let host = hosted(&[(
        "variants: { plain: Welcome, bold: Hello, other: Ahoy }\n    whenOff: plain\n    holdout: winter\n    rules: [{ id: test, if: { segment: euro, age: { gte: 18 } }, experiment: headline }]\n    default: plain",
        "variants: { plain: Welcome, bold: Hello, other: Welcome }\n    whenOff: plain\n    holdout: winter\n    rules: [{ id: test, if: { segment: euro, age: { gte: 18 } }, experiment: headline }]\n    default: other",
    )]);
    let (population, json) = (Some("people.csv".to_owned()), true);
    assert_eq!(diff::run(&diff::Options { population, json, ..options("live.yaml", "next.yaml") }, &host), Exit::Done);
    let told: Json = serde_json::from_str(&host.said().0.concat()).unwrap();
    let flag = &told["population"]["flags"][0];
    assert_eq!(flag["changed"]["rows"], 0, "{flag:#}");
    assert!(flag["renamed"]["rows"].as_u64() > Some(0) && flag["moves"][0]["kind"] == "variant", "{flag:#}");
    assert_eq!(told["population"]["moved"]["rows"], 0);
}

#[test]
fn a_flag_that_is_not_randomised_is_counted_by_the_first_unit_that_is_declared() {
    let rules = "project: shop
environments: { production: {} }
attributes: { id: string, account: string, country: string }
units: { visitor: { attribute: id }, account: { attribute: account } }
flags: { a: { type: boolean, whenOff: off, rules: [{ id: r, if: { country: { is: DE } }, serve: on }], default: off } }
";
    let host = Memory::with(&[("live.yaml", rules), ("next.yaml", &rules.replace("is: DE", "is: AT"))]);
    host.put("people.csv", "account,id,country\na1,v1,DE\na1,v2,DE\na1,v2,AT\n,,DE\n,,\n");
    let (population, json) = (Some("people.csv".to_owned()), true);
    assert_eq!(diff::run(&diff::Options { population, json, ..options("live.yaml", "next.yaml") }, &host), Exit::Done);
    let told: Json = serde_json::from_str(&host.said().0.concat()).unwrap();
    let flag = &told["population"]["flags"][0];
    assert_eq!(flag["unit"], "visitor", "{flag:#}");
    assert_eq!(flag["changed"], serde_json::json!({ "rows": 4, "units": 2, "share": 0.8 }), "{flag:#}");
    let moves: Vec<_> =
        flag["moves"].as_array().unwrap().iter().map(|told| (&told["rows"], &told["examples"])).collect();
    assert_eq!(moves, [(&3.into(), &serde_json::json!(["v1", "v2"])), (&1.into(), &serde_json::json!(["v2"]))]);
    assert_eq!(told["population"]["movedUnits"], serde_json::json!({ "account": 1, "visitor": 2 }));
}

#[test]
fn snapshots_are_compared_and_said_to_be_unverified() {
    let host = hosted(WIDER);
    host.build("live.yaml", "production", "public/snapshot.waft");
    let options = diff::Options { environment: None, ..options("public", "next.yaml") };
    assert_eq!(diff::run(&options, &host), Exit::Done);
    let told = host.said().0;
    assert!(told[0].starts_with("before: public/snapshot.waft: shop, production, version 1, made "), "{told:#?}");
    assert!(told[0].ends_with(", not verified: --trust TRUST.json does"), "{told:#?}");
    assert!(told[1].starts_with("after: next.yaml: shop, production, a ruleset"), "{told:#?}");
}

#[test]
fn what_cannot_be_compared_is_refused_with_a_remedy() {
    let host = hosted(&[]);
    host.put("other.yaml", changed(LIVE, &[("project: shop", "project: other")]));
    host.put("bad.yaml", "project: shop\nenvironments: { production: {} }\nflags: { a: { type: boolean } }\n");
    host.put("colours.csv", "colour\nred\n");
    host.put("rows.csv", "id,country\nv1\n");
    host.build("live.yaml", "staging", "staging.waft");
    host.put("rules/a.yaml", LIVE);
    host.put("rules/snapshot.waft", "");
    let both = |before: &str, after: &str| options(before, after);
    let with = |file: &str| diff::Options { population: Some(file.to_owned()), ..options("live.yaml", "next.yaml") };
    for (options, expected) in [
        (both("live.yaml", "other.yaml"), "one is of the project `shop`, the other of `other`: every default salt"),
        (both("live.yaml", "bad.yaml"), "bad.yaml: 2 findings, nothing was built"),
        (both("live.yaml", "absent.yaml"), "absent.yaml: "),
        (both("live.yaml", "staging.waft"), "staging.waft: is for the environment `staging`, not `production`: leave"),
        (both("rules", "next.yaml"), "rules: has both rules and snapshot.waft: name rules/snapshot.waft, or move it"),
        (
            both("https://shop.example/flags/", "next.yaml"),
            "https://shop.example/flags/snapshot.waft: a URL cannot be read here: download the file, and name it",
        ),
        (
            diff::Options { environment: None, ..both("live.yaml", "next.yaml") },
            "live.yaml: has the environments production, staging: add --environment NAME",
        ),
        (
            diff::Options { environment: Some("prod".to_owned()), ..both("live.yaml", "next.yaml") },
            "live.yaml: has no environment `prod`: expected one of",
        ),
        (
            diff::Options { now: Some("soon".to_owned()), ..both("live.yaml", "next.yaml") },
            "--now soon: expected RFC 3339",
        ),
        (
            with("colours.csv"),
            "colours.csv: line 1: no column is named like an attribute; found colour, expected some of",
        ),
        (with("rows.csv"), "rows.csv: line 2: 1 fields, expected 2 as in the header"),
        (with("absent.csv"), "absent.csv: there is no such file"),
    ] {
        let told = refused(&host, &options);
        assert!(told.starts_with(&format!("waft: {expected}")), "{told}\nexpected {expected}");
    }
}
