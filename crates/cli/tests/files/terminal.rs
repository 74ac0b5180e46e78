//! Nothing of a file steers a terminal, or reorders what it shows.

use crate::bench::{Bench, RULESET, has};

/// C0, U+007F, C1, and what reorders text.
const STEERS: [char; 12] = [
    '\u{1b}', '\u{7}', '\u{7f}', '\u{9b}', '\u{85}', '\u{61c}', '\u{200e}', '\u{200f}', '\u{202e}', '\u{2028}',
    '\u{2066}', '\u{2069}',
];

fn steering() -> String {
    STEERS.iter().collect()
}

/// The same as YAML and JSON write it in quotes.
fn written() -> String {
    STEERS.iter().map(|one| format!("\\u{:04x}", u32::from(*one))).collect()
}

/// What a command prints, which must be without any of them; line ends are ours.
fn said(bench: &Bench, line: &str) -> String {
    let output = bench.sh(line);
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    let found: Vec<char> =
        said.chars().filter(|one| STEERS.contains(one) || one.is_control() && *one != '\n').collect();
    assert!(found.is_empty(), "{line}: {found:?} in {said}");
    said
}

#[test]
fn findings_are_escaped_in_every_format() {
    let bench = Bench::new();
    bench.put("rules/odd.yaml", format!("project: x\nsegments: {{ \"a{}\\nb\": {{ id: {{ is: b }} }} }}\n", written()));
    let text = said(&bench, "$W lint rules");
    assert!(text.contains("\\u{1b}\\u{7}\\u{7f}\\u{9b}\\u{85}\\u{61c}"), "{text}");
    let github = said(&bench, "$W lint rules --format github");
    assert!(
        github.contains("\\u{1b}")
            && github.contains("%0A")
            && github.lines().all(|line| line.starts_with("::") || line.starts_with("rules")),
        "{github}"
    );
    let json = said(&bench, "$W lint rules --format json 2> /dev/null");
    assert!(
        json.contains("\\u001b\\u0007\\u007f\\u009b\\u0085\\u061c\\u200e\\u200f\\u202e\\u2028\\u2066\\u2069"),
        "{json}"
    );
    let found: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(found.as_array().unwrap().iter().any(|one| one["message"].as_str().unwrap().contains(&steering())));
}

#[test]
fn names_of_files_and_arguments_are_escaped() {
    let bench = Bench::new();
    let name = format!("rules/{}.yaml", steering());
    bench.put(&name, "flags: []");
    assert!(said(&bench, "$W lint rules").contains("\\u{1b}"));
    for line in [
        "$W lint $'x\\e[31m'",
        "$W lint rules --$'x\\e[31m'",
        "$W lint rules --format $'x\\e\\n[31m'",
        "$W $'\\xe2\\x80\\xae'",
        "$W build rules --environment $'\\e' --version 1 --out x",
        "$W verify $'\\e' --trust $'\\xc2\\x9b'",
        "$W sign $'\\e' --key $'\\e' --role $'\\e'",
        "$W serve --dir $'\\e' --port 0",
        "$W serve --db $'no/\\e' --export -",
        "$W report rules/waft.yaml --environment production --db $'no/\\e'",
        "$W eval $'\\e' --trust $'\\e' --context '{}'",
    ] {
        if !has(line) {
            continue;
        }
        let said = said(&bench, line);
        assert!(said.contains("\\u{"), "{line}: {said}");
    }
}

#[test]
fn a_snapshot_that_others_made_says_nothing_to_the_terminal() {
    let bench = Bench::new();
    let rules = RULESET.replace(
        "{ type: boolean, whenOff: off, default: on }",
        &format!("{{ type: string, variants: {{ a: \"{}\" }}, whenOff: a, default: a }}", written()),
    );
    bench.put("rules/waft.yaml", rules);
    bench.done(
        "$W keygen --out key.pem > key.json; $W build $B --out s.waft; $W sign s.waft --key key.pem --role publisher",
    );
    let key: serde_json::Value = serde_json::from_slice(&std::fs::read(bench.path("key.json")).unwrap()).unwrap();
    let kid = key["kid"].as_str().unwrap();
    let trust = serde_json::json!({ "project": "shop", "environment": "production", "keys": { kid: key["publicKey"] },
        "require": [{ "role": "publisher", "keys": [kid] }] });
    bench.put("trust.json", trust.to_string());
    for line in [
        "inspect s.waft",
        "eval s.waft --trust trust.json --context '{}'",
        "explain s.waft --trust trust.json --context '{}' --json",
    ] {
        let told: serde_json::Value = serde_json::from_str(&said(&bench, &format!("$W {line}"))).unwrap();
        let value = told["flags"]["new"]["variants"]["a"].as_str().or(told["new"]["value"].as_str());
        assert_eq!(value, Some(steering().as_str()), "{line}: {told}");
    }
    assert!(said(&bench, "$W explain s.waft --trust trust.json --context '{}'").contains("new: a = "));
    // Another project's name, as bytes of the envelope: `shop` becomes four steering bytes.
    let bytes = std::fs::read(bench.path("s.waft")).unwrap();
    let at = bytes.windows(4).position(|four| four == b"shop").unwrap();
    let mut forged = bytes.clone();
    forged[at..at + 4].copy_from_slice(b"\x1b[2J");
    bench.put("forged.waft", forged);
    for line in [
        "sign forged.waft --key key.pem --role publisher",
        "verify forged.waft --trust trust.json",
        "inspect forged.waft",
        "lint rules --against forged.waft",
    ] {
        said(&bench, &format!("$W {line}"));
    }
    assert!(said(&bench, "$W sign forged.waft --key key.pem --role publisher").contains("\\u{1b}[2J"));
}
