//! `waft test` over files in memory: what passes, what fails and how it is told, and that proposed cases pass.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use host::Memory;
use serde_json::Value as Json;
use waft_commands::rule_tests::{self, Format, Options, record};
use waft_commands::{Exit, init, lint};

const RULESET: &str = "project: shop
environments: { staging: {}, production: {} }
attributes: { id: string, plan: { enum: [guest, crew] }, orders: number, newsletter: boolean, email: { type: string, private: true } }
units: { visitor: { attribute: id } }
lists: { big: { file: big.csv, attribute: id }, press: { ids: [desk@post.example], attribute: email } }
flags:
  headline:
    type: string
    variants: { plain: Hello, bold: Ahoy }
    whenOff: plain
    rules:
      - { id: crew, if: { plan: { is: crew } }, serve: bold }
      - { id: half, experiment: halves }
    default: plain
  listed: { type: boolean, whenOff: off, default: off, rules: [{ id: named, if: { list: big }, serve: on }] }
  reorder: { type: boolean, whenOff: off, default: off, rules: [{ id: regular, if: { orders: { gte: 3 }, newsletter: { is: true } }, serve: on }] }
  letter: { type: boolean, whenOff: off, default: off, rules: [{ id: press, if: { list: press }, serve: on }] }
  none: { type: boolean, enabled: false, whenOff: null, default: on }
experiments:
  halves: { unit: visitor, phases: [{ id: 1, from: 2026-11-01T00:00Z, split: { plain: 50%, bold: 50% } }] }
";

const TESTS: &str = "environment: production
at: 2026-11-24T00:00Z
cases:
  - name: crew see the bold one
    context: { id: v1, plan: crew }
    expect: { headline: { variant: bold, value: Ahoy, reason: TARGETING_MATCH, rule: crew }, none: null }
  - name: who is listed has it
    context: { id: a-7 }
    expect: { listed: on }
  - name: before the experiment
    at: 2026-10-31T23:59:59Z
    context: { id: v1 }
    expect: { headline: { variant: plain, reason: DEFAULT } }
  - name: halves
    population: people.csv
    shares: { headline: { plain: 45%-55%, bold: 45%-55% } }
";

fn people(count: usize) -> String {
    let mut csv = "id,plan\n".to_owned();
    (0..count).for_each(|id| writeln!(csv, "v{id},guest").unwrap());
    csv
}

/// The ruleset in `rules`, with a list that is a file of its own, and a table of 1,000 people.
fn shop(tests: &str) -> Memory {
    let ids: String = (0..5_000).map(|id| format!("a-{id}\n")).collect();
    Memory::with(&[
        ("rules/a.yaml", RULESET),
        ("rules/big.csv", &ids),
        ("rules/people.csv", &people(1_000)),
        ("rules/a.test.yaml", tests),
    ])
}

fn run_with(host: &Memory, options: Options) -> (Exit, Vec<String>, Vec<String>) {
    let exit = rule_tests::run(&options, host);
    let (out, err) = host.said();
    (exit, out, err)
}

fn run(host: &Memory, format: Format) -> (Exit, Vec<String>, Vec<String>) {
    run_with(host, Options { ruleset: "rules".to_owned(), format, ..Options::default() })
}

#[test]
fn what_is_as_expected_passes_and_says_how_much_it_was() {
    let host = shop(TESTS);
    let (exit, out, err) = run(&host, Format::Text);
    assert_eq!((exit, out, err), (Exit::Done, vec![], vec!["rules: 4 passed, 0 failed".to_owned()]));
    // The files of tests are no part of the ruleset.
    let options = lint::Options { ruleset: "rules".to_owned(), ..lint::Options::default() };
    assert_eq!(lint::run(&options, &host), Exit::Done, "{:#?}", host.said());
}

#[test]
fn what_is_not_is_told_with_its_place_what_was_expected_and_why_it_was_not() {
    let host = shop(
        &TESTS
            .replace("variant: bold, value: Ahoy, reason: TARGETING_MATCH, rule: crew", "variant: plain, value: Hello"),
    );
    let (exit, out, err) = run(&host, Format::Text);
    assert_eq!(
        out,
        [
            "rules/a.test.yaml:6:15: failed: crew see the bold one [production, 2026-11-24T00:00:00Z]: headline: expected variant plain, value \"Hello\", got variant bold, value \"Ahoy\", reason TARGETING_MATCH, rule crew",
            "  [x] rule crew",
            "    [x] plan is crew (is \"crew\")",
        ]
    );
    assert_eq!((exit, err), (Exit::Failed, vec!["rules: 3 passed, 1 failed".to_owned()]));

    let (exit, out, _) = run(&host, Format::Json);
    let told: Json = serde_json::from_str(&out.join("\n")).unwrap();
    assert_eq!(
        (exit, &told["passed"], &told["failed"], &told["findings"]),
        (Exit::Failed, &3.into(), &1.into(), &Json::Array(vec![]))
    );
    assert_eq!(told["cases"][0]["failures"][0]["expected"], "variant plain, value \"Hello\"");
    assert_eq!(
        (&told["cases"][0]["passed"], &told["cases"][0]["line"], &told["cases"][1]["passed"]),
        (&false.into(), &4.into(), &true.into())
    );

    let (exit, out, _) = run(&host, Format::Junit);
    assert_eq!(exit, Exit::Failed);
    assert_eq!(out[1], "<testsuites name=\"waft test\" tests=\"4\" failures=\"1\" errors=\"0\">");
    assert!(
        out[4].starts_with("      <failure message=\"headline: expected variant plain, value &quot;Hello&quot;, got "),
        "{out:#?}"
    );
    assert_eq!(out.iter().filter(|line| line.contains("<testcase ")).count(), 4);
}

#[test]
fn a_share_that_is_not_met_says_what_everybody_got() {
    let host = shop(&TESTS.replace("plain: 45%-55%, bold: 45%-55%", "plain: 20%-30%, bold: 45%-55%"));
    let (exit, out, _) = run(&host, Format::Text);
    assert_eq!((exit, out.len()), (Exit::Failed, 1), "{out:#?}");
    assert!(out[0].contains("headline: expected 20%-30% of 1000 people with variant plain, got "), "{out:#?}");
    assert!(out[0].contains(" (plain: ") && out[0].contains("%, bold: "), "{out:#?}");
}

#[test]
fn a_table_without_the_unit_a_wrong_one_and_an_empty_one_fail() {
    for (csv, said) in [
        ("plan\nguest\ncrew\n", "2 rows without `id`, the unit that is randomised"),
        ("id\n", "error[FILE_UNREADABLE]: rules/people.csv: nobody is in the table"),
        (
            "ident\nv1\n",
            "error[FILE_UNREADABLE]: rules/people.csv: line 1: no column is named like an attribute; found ident",
        ),
        ("id,plan\nv1\n", "error[FILE_UNREADABLE]: rules/people.csv: line 2: 1 fields, expected 2 as in the header"),
    ] {
        let host = shop(TESTS);
        host.put("rules/people.csv", csv.replace("crew", "guest"));
        let (exit, out, _) = run(&host, Format::Text);
        assert_eq!(exit, Exit::Failed);
        assert!(out.iter().any(|line| line.contains(said)), "{csv:?}: {out:#?}");
    }
    let host = shop(TESTS);
    host.take("people.csv");
    let (exit, out, err) = run(&host, Format::Text);
    assert_eq!((exit, out.len()), (Exit::Failed, 1));
    assert_eq!(err.last().unwrap(), "rules: 3 passed, 0 failed, 1 error in files of tests");
}

#[test]
fn a_file_that_cannot_be_read_fails_and_its_neighbours_run() {
    let host = shop(TESTS);
    host.put("rules/b.test.yaml", "at: 2026-01-01\ncases: [{ name: a, expect: { hedline: bold } }]");
    let (exit, out, err) = run(&host, Format::Text);
    assert_eq!(exit, Exit::Failed);
    assert_eq!(
        out,
        ["rules/b.test.yaml:2:30: error[UNKNOWN_FLAG]: there is no flag `hedline`: did you mean `headline`?"]
    );
    assert_eq!(err, ["rules: 4 passed, 0 failed, 1 error in files of tests"]);
    let (_, out, _) = run(&host, Format::Junit);
    assert!(
        out.iter().any(|line| line.contains("<error type=\"UNKNOWN_FLAG\" message=\"rules/b.test.yaml:2:30: ")),
        "{out:#?}"
    );
}

#[test]
fn a_file_without_cases_is_no_file_that_passes() {
    for text in ["", "\n\n", "# cases:\n#   - { name: a, expect: { headline: bold } }\n", "\u{feff}"] {
        let host = shop(text);
        let (exit, out, err) = run(&host, Format::Text);
        assert_eq!(exit, Exit::Failed, "{text:?}");
        assert_eq!(
            out,
            ["rules/a.test.yaml:1:1: error[MISSING_FIELD]: a file of rule tests has no `cases`: add `cases:`, a list"]
        );
        assert_eq!(err, ["rules: 0 passed, 0 failed, 1 error in files of tests"]);
    }
}

#[test]
fn no_tests_are_a_failure_and_others_may_be_named() {
    let host = shop(TESTS);
    let (path, bytes) = host.take("a.test.yaml");
    let (exit, _, err) = run(&host, Format::Text);
    assert_eq!(exit, Exit::Failed);
    assert!(err[0].starts_with("waft: rules: no rule tests; expected *.test.yaml beside the rules: "), "{err:#?}");
    host.put("elsewhere/more.test.yaml", &bytes);
    host.put("elsewhere/people.csv", people(1_000));
    let named =
        |tests: &str| Options { ruleset: "rules".to_owned(), tests: vec![tests.to_owned()], ..Options::default() };
    for tests in ["elsewhere", "elsewhere/more.test.yaml"] {
        assert_eq!(run_with(&host, named(tests)).0, Exit::Done, "{tests}");
    }
    // A ruleset of one file has them beside it.
    host.put(&path, &bytes);
    let options = Options { ruleset: "rules/a.yaml".to_owned(), ..Options::default() };
    assert_eq!(run_with(&host, options).0, Exit::Done);
    // Of one environment: the file is for production alone.
    let only = |environment: &str| Options { environment: Some(environment.to_owned()), ..named("elsewhere") };
    let (exit, _, err) = run_with(&host, only("staging"));
    assert_eq!(
        (exit, err),
        (Exit::Failed, vec!["waft: rules: no case is of the environment `staging`, in 1 file of tests".to_owned()])
    );
    let (exit, _, err) = run_with(&host, only("prodution"));
    assert_eq!(exit, Exit::Failed);
    assert_eq!(err, ["waft: --environment prodution: the ruleset has no such environment: did you mean `production`?"]);
}

fn recorded(host: &Memory, at: &str) -> (Exit, Vec<String>, Vec<String>) {
    let options = record::Options {
        ruleset: "rules".to_owned(),
        environment: "production".to_owned(),
        population: "rules/people.csv".to_owned(),
        at: Some(at.to_owned()),
    };
    let exit = record::run(&options, host);
    let (out, err) = host.said();
    (exit, out, err)
}

#[test]
fn proposed_cases_are_few_the_same_each_time_and_name_no_private_attribute() {
    let host = shop(TESTS);
    host.put("rules/people.csv", "id,plan,orders,newsletter,email,city\nv1,crew,5,TRUE,a@x.example,Kiel\nv2,guest,5,yes,,\nv3,guest,2,false,,\nv4,captain,1e1,true,,\n");
    let (exit, out, err) = recorded(&host, "2026-11-24T00:00Z");
    assert_eq!(exit, Exit::Done, "{err:#?}");
    assert_eq!(
        err,
        [
            "waft: rules/people.csv: columns that are no attributes are left out: city",
            "waft: rules/people.csv: private attributes are left out, as a file of tests is in git: email",
            "waft: rules/people.csv: `newsletter`: 1 cell left out: not of the attribute's type, or not in its enum",
            "waft: rules/people.csv: `plan`: 1 cell left out: not of the attribute's type, or not in its enum",
            "rules/people.csv: 3 cases from 4 rows",
        ]
    );
    let text = out.join("\n");
    assert_eq!(recorded(&host, "2026-11-24T00:00Z").1.join("\n"), text);
    assert!(text.contains("  - name: \"row 1: headline, letter, listed and 2 more\"\n    context: {\"id\":\"v1\",\"newsletter\":true,\"orders\":5,\"plan\":\"crew\"}\n"), "{text}");
    assert!(!text.contains("a@x.example"));
    host.put("rules/a.test.yaml", &text);
    let (exit, out, err) = run(&host, Format::Text);
    assert_eq!((exit, out, err), (Exit::Done, vec![], vec!["rules: 3 passed, 0 failed".to_owned()]));
}

/// Whatever people there are, what is proposed for them passes, at that moment; and no outcome of a flag is left out.
#[test]
fn what_is_proposed_for_any_people_passes() {
    let mut state = 5u64;
    let mut next = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    for round in 0..60 {
        let host = shop(TESTS);
        let mut csv = "id,plan,orders,newsletter\n".to_owned();
        for _ in 0..=next(40) {
            let id = ["", "v1", "a-7", "007", "\"x,\"\"y\"\"\"", "ü\u{202e}", "null", "1.10"][next(8)];
            let plan = ["", "guest", "crew", "captain"][next(4)];
            let orders = ["", "3", "-0", "2.5", "1e400", "NaN", "many"][next(7)];
            let newsletter = ["", "true", "FALSE", "1"][next(4)];
            writeln!(csv, "{id},{plan},{orders},{newsletter}").unwrap();
        }
        host.put("rules/people.csv", &csv);
        let at = ["2026-10-01T00:00Z", "2026-11-24T12:34:56Z"][next(2)];
        let (exit, out, err) = recorded(&host, at);
        assert_eq!(exit, Exit::Done, "round {round}: {err:#?}\n{csv}");
        host.put("rules/a.test.yaml", out.join("\n"));
        let (exit, told, err) = run(&host, Format::Text);
        assert_eq!((exit, told), (Exit::Done, vec![]), "round {round}: {err:#?}\n{csv}\n{}", out.join("\n"));
    }
}

/// The files of a folder of the repository, under the same names.
fn put_folder(host: &Memory, folder: &Path, name: &str) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = format!("{name}/{}", path.file_name().unwrap().to_str().unwrap());
        match path.is_dir() {
            true => put_folder(host, &path, &name),
            false => host.put(&name, fs::read(&path).unwrap()),
        }
    }
}

#[test]
fn the_shop_passes_its_tests() {
    let host = Memory::default();
    put_folder(&host, &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop"), "shop");
    let (exit, out, err) = run_with(&host, Options { ruleset: "shop".to_owned(), ..Options::default() });
    assert_eq!((exit, out), (Exit::Done, vec![]), "{err:#?}");
    // The same with one rule changed is noticed.
    let (path, rules) = host.take("flags/checkout.yaml");
    host.put(&path, String::from_utf8(rules).unwrap().replace("{ lt: 3.2.0 }", "{ lt: 3.1.0 }"));
    let (exit, out, _) = run_with(&host, Options { ruleset: "shop".to_owned(), ..Options::default() });
    assert_eq!(exit, Exit::Failed);
    assert!(
        out[0].contains("checkout: expected variant steps, reason TARGETING_MATCH, rule too-old, got "),
        "{out:#?}"
    );
}

/// `waft init` writes tests of its ruleset, and never over others.
#[test]
fn first_rules_have_tests_that_pass() {
    let host = Memory::default();
    let options = init::Options { folder: "rules/".to_owned() };
    assert_eq!(init::run(&options, &host), Exit::Done);
    let (out, err) = host.said();
    assert_eq!(out, ["rules/waft.yaml", "rules/waft.test.yaml"]);
    assert!(err.concat().contains("waft lint rules/; waft test rules/; "), "{err:?}");
    assert_eq!(run(&host, Format::Text).2.last().unwrap(), "rules: 5 passed, 0 failed");
    let (path, rules) = host.take("waft.yaml");
    host.put(&path, String::from_utf8(rules).unwrap().replace("[DE, AT, CH]", "[DE, CH]"));
    let (exit, out, _) = run(&host, Format::Text);
    assert!(exit == Exit::Failed && out[0].contains("new-checkout: expected variant on, rule dach, got "), "{out:?}");
    let host = Memory::with(&[("rules/waft.test.yaml", "mine")]);
    assert_eq!(init::run(&options, &host), Exit::Done);
    let (out, err) = host.said();
    assert_eq!(out, ["rules/waft.yaml"]);
    assert_eq!(err[0], "waft: warning: rules/waft.test.yaml: already exists, and stays as it is");
    assert_eq!(init::run(&options, &host), Exit::Failed);
}

/// docs/rule-tests.md: its ruleset, its tests and what it says that they print.
#[test]
fn the_examples_of_the_document_do_what_it_says() {
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rule-tests.md")).unwrap();
    let block = |language: &str| {
        let start = format!("```{language}\n");
        document.split(&start).nth(1).unwrap_or_else(|| panic!("no {start}")).split("```").next().unwrap().to_owned()
    };
    let host = Memory::with(&[
        ("rules/rules.yaml", &block("yaml rules")),
        ("rules/headline.test.yaml", &block("yaml test")),
        ("rules/people.csv", &people(1_000).replace("id,plan", "visitorId,plan")),
    ]);
    let (exit, out, err) = run(&host, Format::Text);
    assert_eq!((exit, out), (Exit::Done, vec![]), "{err:#?}");
    host.put("rules/rules.yaml", block("yaml rules").replace("serve: bold", "serve: plain"));
    let (exit, out, err) = run(&host, Format::Text);
    assert_eq!(exit, Exit::Failed);
    let printed: Vec<String> = block("text output").lines().map(str::to_owned).collect();
    assert_eq!([out, err].concat(), printed);
}
