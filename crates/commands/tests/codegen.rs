//! `waft codegen`: what it writes of a ruleset, and what `--check` says.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use host::Memory;
use waft_commands::codegen::{self, Options};
use waft_commands::host::Host as _;
use waft_commands::{Exit, lint};

const RULESET: &str = r#"project: shop
environments: { production: {}, staging: {} }
attributes:
  visitorId: string
  plan: { enum: [guest, "it's \"crew\""] }
  orders: number
  newsletter: boolean
  signedUpAt: date
  appVersion: semver
  interests: list
units: { visitor: { attribute: visitorId } }
flags:
  survey: { type: boolean, whenOff: off, default: on }
  limit: { type: number, variants: { low: 1, high: 2.5 }, whenOff: low, default: high }
  headline:
    type: string
    variants: { plain: Welcome, bold: "Good\n\u202e\\ */ day", again: Welcome }
    whenOff: plain
    default: plain
    in: { staging: { variants: { plain: Welcome, bold: Hi, again: Welcome, odd: Odd } } }
  long: { type: string, variants: { short: a, long: "LONG" }, whenOff: short, default: short }
  theme:
    type: object
    variants:
      none: { show: false, sizes: [] }
      day: { show: true, accent: teal, sizes: [1, [a, b], { deep: null, "it's": 1 }, { deep: 2 }] }
    whenOff: none
    default: day
"#;

const TYPES: &str = r#"/* eslint-disable */
// Written by `waft codegen`. Do not edit: change the ruleset and run it again.
import 'waft';

declare module 'waft' {
  interface Flags {
    "headline": { value: "Good\n\u202e\\ */ day" | "Hi" | "Odd" | "Welcome"; variant: "again" | "bold" | "odd" | "plain" };
    "limit": { value: number; variant: "high" | "low" };
    "long": { value: string; variant: "long" | "short" };
    "survey": { value: boolean; variant: "off" | "on" };
    "theme": { value: { readonly "accent"?: string; readonly "show": boolean; readonly "sizes": readonly (number | readonly (string)[] | { readonly "deep": null | number; readonly "it's"?: number })[] }; variant: "day" | "none" };
  }

  interface Attributes {
    "appVersion"?: string | null | undefined;
    "interests"?: readonly string[] | null | undefined;
    "newsletter"?: boolean | null | undefined;
    "orders"?: number | null | undefined;
    "plan"?: "guest" | "it's \"crew\"" | null | undefined;
    "signedUpAt"?: Date | string | number | null | undefined;
    "visitorId"?: string | null | undefined;
  }
}
"#;

fn world() -> Memory {
    Memory::with(&[("rules.yaml", &RULESET.replace("LONG", &"x".repeat(201)))])
}

fn codegen(host: &Memory, check: bool) -> (Exit, Vec<String>) {
    let exit = codegen::run(&Options { ruleset: "rules.yaml".to_owned(), out: "waft.d.ts".to_owned(), check }, host);
    let (out, err) = host.said();
    assert_eq!(out, [""; 0]);
    // Behind lint's warnings.
    (exit, err.into_iter().filter(|line| !line.contains("warning[")).collect())
}

#[test]
fn types_of_each_kind() {
    let host = world();
    assert_eq!(codegen(&host, false), (Exit::Done, vec!["waft.d.ts: 5 flags, 7 attributes".to_owned()]));
    assert_eq!(String::from_utf8(host.read("waft.d.ts").unwrap()).unwrap(), TYPES);
}

#[test]
fn check_compares_and_writes_nothing() {
    let host = world();
    let old = "waft: waft.d.ts: not up to date: run `waft codegen rules.yaml --out waft.d.ts`".to_owned();
    let current = "waft.d.ts: up to date, 5 flags, 7 attributes".to_owned();
    assert_eq!(codegen(&host, true), (Exit::Failed, vec![old.clone()]));
    assert!(host.read("waft.d.ts").is_err());
    codegen(&host, false);
    assert_eq!(codegen(&host, true), (Exit::Done, vec![current.clone()]));
    assert_eq!(codegen(&host, false), (Exit::Done, vec![current.clone()]));
    host.put("waft.d.ts", TYPES.replace('\n', "\r\n"));
    assert_eq!(codegen(&host, true), (Exit::Done, vec![current]));
    host.put("waft.d.ts", TYPES.replace("survey", "survei"));
    assert_eq!(codegen(&host, true), (Exit::Failed, vec![old]));
    assert!(String::from_utf8(host.read("waft.d.ts").unwrap()).unwrap().contains("survei"));
}

#[test]
fn the_order_of_what_is_written_does_not_matter() {
    let host = world();
    codegen(&host, false);
    let (head, flags) = RULESET.split_once("flags:\n").unwrap();
    let (first, second) = flags.split_once("  headline:").unwrap();
    host.put("rules.yaml", format!("{head}flags:\n  headline:{second}{first}").replace("LONG", &"x".repeat(201)));
    assert_eq!(codegen(&host, true).0, Exit::Done);
}

#[test]
fn a_ruleset_without_flags_leaves_keys_any_text_and_one_with_errors_writes_nothing() {
    let host = Memory::with(&[("rules.yaml", "project: shop\nenvironments: { production: {} }\n")]);
    assert_eq!(codegen(&host, false), (Exit::Done, vec!["waft.d.ts: 0 flags, 0 attributes".to_owned()]));
    let bad = Memory::with(&[("rules.yaml", "flags: []\n")]);
    assert_eq!(codegen(&bad, false).0, Exit::Failed);
    assert!(bad.read("waft.d.ts").is_err());
    let options = lint::Options { ruleset: "rules.yaml".to_owned(), ..lint::Options::default() };
    assert_eq!(lint::run(&options, &bad), Exit::Failed);
}
