//! `waft promote`: what is carried from one environment to another, what is shown, and what is refused.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use host::Memory;
use waft_commands::host::Host as _;
use waft_commands::{Exit, promote};

const SHARED: &str = "project: shop
environments: { dev: {}, staging: {}, production: {} }
attributes: { id: string, country: string }
units: { visitor: { attribute: id } }
";

const FLAGS: &str = "flags:
  # What people see first.
  headline:
    type: string
    variants: { plain: Welcome, bold: \"Hello, you\" }   # in this order
    whenOff: plain
    default: plain
    in: { staging: { default: bold } }      # tried since May
  dark: { type: boolean, whenOff: off, default: on, in: { production: { enabled: false } } }
  same: { type: boolean, whenOff: off, default: on, in: { staging: { default: off }, production: { default: off } } }
";

fn hosted(flags: &str) -> Memory {
    Memory::with(&[("rules/shared.yaml", SHARED), ("rules/flags.yaml", flags)])
}

fn options() -> promote::Options {
    let [from, to, ruleset] = ["staging", "production", "rules"].map(str::to_owned);
    promote::Options { from, to, ruleset, ..promote::Options::default() }
}

fn flags_of(host: &Memory) -> String {
    String::from_utf8(host.read("rules/flags.yaml").unwrap()).unwrap()
}

#[test]
fn what_differs_is_carried_in_the_text_and_shown() {
    let host = hosted(FLAGS);
    assert_eq!(promote::run(&options(), &host), Exit::Done, "{:#?}", host.said());
    let (out, err) = host.said();
    let expected = FLAGS
        .replace("{ staging: { default: bold } } ", "{ staging: { default: bold }, production: { default: bold } } ")
        .replace(", in: { production: { enabled: false } }", "");
    assert_eq!(flags_of(&host), expected);
    assert_eq!(
        out[..8],
        [
            "carries default of the flag headline from staging to production: \"bold\"",
            "carries enabled of the flag dark from staging to production: as everywhere, as in staging",
            "production:",
            "  at 2026-11-24T00:00:00Z: 2 flags changed; 1 unchanged",
            "  flag dark: changed",
            "    enabled: false -> true",
            "  flag headline: changed",
            "    default: plain -> bold",
        ]
    );
    assert_eq!(err, ["waft: wrote rules/flags.yaml"]);
    // Once more: nothing is left.
    assert_eq!(promote::run(&options(), &host), Exit::Done);
    assert_eq!(host.said().0, ["production has what staging has: nothing to carry"]);
    assert_eq!(flags_of(&host), expected);
}

/// Carried to the last environment, a key needs no exception.
#[test]
fn what_all_environments_have_alike_is_folded() {
    let two = SHARED.replace("dev: {}, ", "");
    let host = Memory::with(&[("rules/shared.yaml", &two), ("rules/flags.yaml", FLAGS)]);
    let named = |flag: &str| promote::Options { flags: vec![flag.to_owned()], ..options() };
    assert_eq!(promote::run(&named("headline"), &host), Exit::Done, "{:#?}", host.said());
    let (out, _) = host.said();
    assert_eq!(
        out[..5],
        [
            "carries default of the flag headline from staging to production: \"bold\"",
            "all environments have it now: default of the flag headline is its own, and no environment replaces it",
            "production:",
            "  at 2026-11-24T00:00:00Z: 1 flag changed; 2 unchanged",
            "  flag headline: changed",
        ]
    );
    let expected = FLAGS
        .replace("    default: plain\n", "    default: bold\n")
        .replace("    in: { staging: { default: bold } }      # tried since May\n", "");
    assert_eq!(flags_of(&host), expected);
    // A dry run tells it, too; where an environment has it otherwise, nothing is folded.
    let both = FLAGS.replace("{ staging: { default: bold } }", "{ staging: { default: bold, enabled: false } }");
    let host = Memory::with(&[("rules/shared.yaml", &two), ("rules/flags.yaml", &both)]);
    let dry = promote::Options { dry_run: true, json: true, ..options() };
    assert_eq!(promote::run(&dry, &host), Exit::Done);
    let told: serde_json::Value = serde_json::from_str(&host.said().0.concat()).unwrap();
    let folded = |flag: &str, key: &str| serde_json::json!({ "flag": flag, "key": key });
    assert_eq!(told["folded"], serde_json::json!([folded("headline", "default"), folded("headline", "enabled")]));
    assert_eq!(flags_of(&host), both);
    let host = hosted(&both);
    assert_eq!(promote::run(&dry, &host), Exit::Done);
    let told: serde_json::Value = serde_json::from_str(&host.said().0.concat()).unwrap();
    assert_eq!((told["carried"].as_array().unwrap().len(), &told["folded"]), (3, &serde_json::json!([])));
}

#[test]
fn one_flag_may_be_named_and_a_dry_run_writes_nothing() {
    let host = hosted(FLAGS);
    let flags = vec!["dark".to_owned()];
    host.put("people.csv", "id\nv1\nv2\n");
    let population = Some("people.csv".to_owned());
    let dry = promote::Options { flags, population, dry_run: true, json: true, ..options() };
    assert_eq!(promote::run(&dry, &host), Exit::Done);
    let (out, err) = host.said();
    let told: serde_json::Value = serde_json::from_str(&out.concat()).unwrap();
    assert_eq!(told["carried"], serde_json::json!([{ "flag": "dark", "key": "enabled" }]));
    assert_eq!((&told["written"], &told["files"][0]), (&false.into(), &"rules/flags.yaml".into()));
    assert_eq!(told["diff"]["flags"][0]["flag"], "dark");
    let moved = &told["diff"]["population"]["moved"];
    assert_eq!((&moved["rows"], &moved["share"]), (&2.into(), &1.0.into()), "{told}");
    assert_eq!(err, ["waft: would write rules/flags.yaml"]);
    assert_eq!(flags_of(&host), FLAGS);
}

#[test]
fn conflicts_and_what_is_misspelt_are_refused_and_nothing_is_written() {
    let conflict = FLAGS.replace("production: { default: off }", "production: { default: on }");
    let named = |flag: &str| promote::Options { flags: vec![flag.to_owned()], ..options() };
    let between = |from: &str, to: &str| promote::Options { from: from.to_owned(), to: to.to_owned(), ..options() };
    for (flags, options, expected) in [
        (
            &*conflict,
            options(),
            "rules/flags.yaml:10:100: staging and production each have a `default` of their own for the flag `same`: take one out, \
             name other flags with --flag, or let staging win with --replace; nothing was written",
        ),
        (FLAGS, named("headlin"), "the ruleset has no flag `headlin`: did you mean `headline`?"),
        (
            FLAGS,
            between("staging", "prod"),
            "the ruleset has no environment `prod`: expected one of: dev, staging, production",
        ),
        (FLAGS, between("staging", "staging"), "both are `staging`: name two environments"),
        ("flags: { a: { type: boolean } }", options(), "rules: 2 findings, nothing was written"),
    ] {
        let host = hosted(flags);
        assert_eq!(promote::run(&options, &host), Exit::Failed);
        let (out, err) = host.said();
        assert_eq!((out.len(), err.last().unwrap().as_str()), (0, format!("waft: {expected}").as_str()));
        assert_eq!(flags_of(&host), flags);
    }
    let host = hosted(&conflict);
    assert_eq!(promote::run(&promote::Options { replace: true, ..options() }, &host), Exit::Done);
    assert!(flags_of(&host).contains("same: { type: boolean, whenOff: off, default: on, in: { staging: { default: off }, production: { default: off } } }"));
}
