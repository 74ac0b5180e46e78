//! Edits of a ruleset's text: what an environment replaces is carried to another, and all else stays as it is written.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_ruleset::edit::Text;

fn carried(name: &str, text: &str, key: &str) -> String {
    Text { name, text }.carry("a", key, "staging", "production").unwrap()
}

fn taken(name: &str, text: &str, key: &str) -> String {
    Text { name, text }.take("a", key, "production").unwrap()
}

#[track_caller]
fn carries(text: &str, key: &str, expected: &str) {
    assert_eq!(carried("a.yaml", text, key), expected);
}

#[test]
fn in_braces() {
    carries(
        "flags: # all\n  a:\n    in: { staging: { default: low } }      # why\n    default: on # no\n",
        "default",
        "flags: # all\n  a:\n    in: { staging: { default: low }, production: { default: low } }      # why\n    default: on # no\n",
    );
    carries(
        "flags: { a: { in: { production: { enabled: true }, staging: { default: 'x # y' } } } }",
        "default",
        "flags: { a: { in: { production: { enabled: true, default: 'x # y' }, staging: { default: 'x # y' } } } }",
    );
    carries(
        "flags: { a: { in: { production: { default: high }, staging: { default: low } } } }",
        "default",
        "flags: { a: { in: { production: { default: low }, staging: { default: low } } } }",
    );
    carries(
        "flags: { a: { in: { production: {}, staging: { default: low } } } }",
        "default",
        "flags: { a: { in: { production: { default: low }, staging: { default: low } } } }",
    );
}

#[test]
fn what_follows_a_text_in_quotes_stays_behind() {
    carries(
        "flags:\n  a:\n    in:\n      staging:\n        default: 'it''s \"x\"'  # a 'note'\n    default: \"\\\"\" # \"\n",
        "default",
        "flags:\n  a:\n    in:\n      staging:\n        default: 'it''s \"x\"'  # a 'note'\n      production: { default: 'it''s \"x\"' }\n    default: \"\\\"\" # \"\n",
    );
}

const LINES: &str = "flags:
  a:
    in:
      staging:
        # why
        rules:
          - { id: é, serve: on }   # a note
          - id: rest
            serve: off

        default: on # in staging
    default: off
  b: {}
";

#[test]
fn on_lines_of_their_own() {
    carries(LINES, "default", &LINES.replace("# in staging\n", "# in staging\n      production: { default: on }\n"));
    carries(
        LINES,
        "rules",
        &LINES.replace(
            "# in staging\n",
            "# in staging
      production:
        rules:
          - { id: é, serve: on }   # a note
          - id: rest
            serve: off
",
        ),
    );
    let both = LINES.replace(
        "      staging:",
        "      production:\n        rules: []   # none\n        enabled: true\n      staging:",
    );
    carries(
        &both,
        "rules",
        &both.replace(
            "rules: []",
            "rules:\n          - { id: é, serve: on }   # a note\n          - id: rest\n            serve: off",
        ),
    );
    carries(&both, "default", &both.replace("enabled: true\n", "enabled: true\n        default: on\n"));
}

#[test]
fn lines_within_braces_become_json() {
    let text = LINES.replace("      staging:", "      production: { enabled: true }\n      staging:");
    carries(
        &text,
        "rules",
        &text.replace(
            "{ enabled: true }",
            r#"{ enabled: true, rules: [{"id":"é","serve":"on"},{"id":"rest","serve":"off"}] }"#,
        ),
    );
}

#[test]
fn json_keeps_its_quotes() {
    let text = "{\n  \"flags\": { \"a\": { \"in\": { \"staging\": { \"default\": \"low\" } } } }\n}\n";
    let expected = text.replace("\"low\" }", "\"low\" }, \"production\": { \"default\": \"low\" }");
    assert_eq!(carried("a.json", text, "default"), expected);
    assert_eq!(taken("a.json", &expected, "default"), text);
}

#[test]
fn what_is_empty_goes_too() {
    let dark =
        "flags:\n  a:\n    type: boolean\n    in: { production: { enabled: false } }   # dark\n    default: on\n";
    assert_eq!(taken("a.yaml", dark, "enabled"), "flags:\n  a:\n    type: boolean\n    default: on\n");
    let two =
        "flags: { a: { default: on, in: { production: { enabled: false, default: off }, staging: { default: x } } } }";
    assert_eq!(
        taken("a.yaml", two, "default"),
        "flags: { a: { default: on, in: { production: { enabled: false }, staging: { default: x } } } }"
    );
    let one = "flags: { a: { default: on, in: { production: { enabled: false } } } }";
    assert_eq!(taken("a.yaml", one, "enabled"), "flags: { a: { default: on } }");
    let first = "flags: { a: { in: { production: { enabled: false }, staging: { default: x } }, default: on } }";
    assert_eq!(taken("a.yaml", first, "enabled"), "flags: { a: { in: { staging: { default: x } }, default: on } }");
    let lines =
        "flags:\n  a:\n    in:\n      production:\n        enabled: false # dark\n      staging:\n        default: x\n";
    assert_eq!(taken("a.yaml", lines, "enabled"), "flags:\n  a:\n    in:\n      staging:\n        default: x\n");
}

#[test]
fn what_is_not_there_is_said() {
    let text = Text { name: "a.yaml", text: "flags: { a: { default: on } }" };
    assert_eq!(text.take("a", "default", "production").unwrap_err(), "`in` is not in this file");
    assert_eq!(text.carry("b", "default", "staging", "production").unwrap_err(), "`b` is not in this file");
    let text = Text { name: "a.yaml", text: "flags: [" };
    assert!(text.take("a", "x", "production").unwrap_err().contains("write it by hand"));
}

fn folded(name: &str, text: &str, key: &str) -> Result<String, String> {
    Text { name, text }.fold("a", key, &["staging", "production"])
}

#[track_caller]
fn folds(text: &str, key: &str, expected: &str) {
    assert_eq!(folded("a.yaml", text, key).unwrap(), expected);
}

#[test]
fn what_all_environments_replace_alike_is_the_flags_own() {
    folds(
        "flags: # all\n  a:\n    in: { staging: { default: low }, production: { default: low } } # why\n    default: on # no\n  b: {}\n",
        "default",
        "flags: # all\n  a:\n    default: low # no\n  b: {}\n",
    );
    folds(
        "flags: { a: { default: on, in: { production: { enabled: true, default: 'x # y' }, staging: { default: 'x # y' } } } }",
        "default",
        "flags: { a: { default: 'x # y', in: { production: { enabled: true } } } }",
    );
    // The flag has no such key yet.
    folds(
        "flags:\n  a:\n    default: on\n    in: { staging: { enabled: false }, production: { enabled: false } }\n  b: {}\n",
        "enabled",
        "flags:\n  a:\n    default: on\n    enabled: false\n  b: {}\n",
    );
    let both = LINES.replace(
        "        default: on # in staging\n",
        "      production:\n        rules:\n          - { id: é, serve: on }\n          - { id: rest, serve: off }\n",
    );
    folds(
        &both.replace("    default: off\n", "    rules: [] # none\n    default: off\n"),
        "rules",
        "flags:
  a:
    rules:
      - { id: é, serve: on }   # a note
      - id: rest
        serve: off # none
    default: off
  b: {}
",
    );
    let json = "{ \"flags\": { \"a\": { \"default\": \"on\", \"in\": { \"staging\": { \"default\": \"low\" }, \"production\": { \"default\": \"low\" } } } } }";
    assert_eq!(folded("a.json", json, "default").unwrap(), "{ \"flags\": { \"a\": { \"default\": \"low\" } } }");
    let missing = folded("a.yaml", "flags: { a: { in: { staging: { default: low } } } }", "default");
    assert_eq!(missing, Err("`production` is not in this file".to_owned()));
}
