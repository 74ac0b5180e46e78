//! What the rules say of a row, with the engine as the oracle: what it decides is checked, and what it would not is contradicted.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waft::buckets::{Key, Purpose};

use crate::database::{Kind, on_both};
use crate::forged::{met, post, with};
use crate::records::{int, request, text};
use crate::server::Folder;

on_both! {
    snapshots_judge_the_rows_that_name_them
    stored_rows_are_compared_again_with_newer_rules
}

/// Each kind of draw: with salts of its own, in a layer, covered in part, sticky, held out, on a monitored ramp.
const DRAWS: &str = r#"{"project":"shop","environments":{"production":{}},"units":{"visitor":{"attribute":"visitorId"}},
  "attributes":{"visitorId":"string"},"layers":{"lane":{"unit":"visitor","salt":"lane-x"}},
  "metrics":{"bought":{"conversion":"purchase","within":"3d","better":"up"},
    "error":{"conversion":"js_error","within":"1d","better":"down"}},
  "holdouts":{"winter":{"unit":"visitor","share":"20%","from":"2026-01-01","metrics":["bought"],"salt":"other"}},
  "experiments":{
    "till":{"unit":"visitor","salt":"till-salt","metrics":{"primary":"bought"},"layer":{"lane":["0%-60%"]},"phases":[
      {"id":1,"from":"2026-01-01","to":"2026-02-01","split":{"a":"50%","control":"50%"}},
      {"id":3,"from":"2026-02-01","coverage":"70%","split":{"a":"33.3333%","b":"0%","control":"66.6667%"}}]},
    "cling":{"unit":"visitor","sticky":true,"metrics":{"primary":"bought"},
      "phases":[{"id":2,"from":"2026-01-01","coverage":"50%","split":{"on":"50%","off":"50%"}}]}},
  "flags":{
    "till":{"type":"string","variants":{"a":"a","b":"b","control":"control"},"whenOff":"a","default":"a",
      "rules":[{"id":"test","experiment":"till"}]},
    "cling":{"type":"boolean","whenOff":"off","default":"off","rules":[{"id":"test","experiment":"cling"}]},
    "held":{"type":"boolean","whenOff":"off","default":"off","holdout":"winter"},
    "header":{"type":"boolean","whenOff":"off","default":"off","rules":[{"id":"rise","ramp":"on","unit":"visitor",
      "guard":{"error":{"worse":"50%","then":"hold"}},"steps":[{"to":"5%","at":"2026-01-01"},{"to":"80%","at":"2026-03-02"}]}]}}}"#;

/// Runs a command to its end, and returns what it prints.
fn waft(arguments: &[&str]) -> String {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_waft")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A file of the test's folder, in words.
fn path(folder: &Folder, name: &str) -> String {
    folder.site().join(name).to_str().unwrap().to_owned()
}

/// Builds a version of rules, and returns the paths of rules and snapshot, and the snapshot's digest in hexadecimal.
fn build(folder: &Folder, rules: &str, version: u8) -> (String, String, String) {
    let (source, snapshot) = (path(folder, &format!("{version}.json")), path(folder, &format!("{version}.waft")));
    std::fs::write(&source, rules).unwrap();
    waft(&["build", &source, "--environment", "production", "--version", &version.to_string(), "--out", &snapshot]);
    let told: Value = serde_json::from_str(&waft(&["inspect", &snapshot])).unwrap();
    let digest = waft_compile::keys::from_text::<32>(told["digest"].as_str().unwrap()).unwrap();
    (source, snapshot, digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A row of an experiment of `shop/production`.
fn told(experiment: &str, phase: i64, unit: &str, variant: &str, point: Option<u32>) -> Value {
    with(
        met(unit, variant, point),
        &[
            ("waft.exposure.id", Some(text("waft.exposure.id", &"0".repeat(32)))),
            ("feature_flag.set.id", Some(text("feature_flag.set.id", "shop/production"))),
            ("waft.experiment", Some(text("waft.experiment", experiment))),
            ("waft.phase", Some(int("waft.phase", phase))),
        ],
    )
}

/// And of a version of the rules.
fn by(record: Value, version: i64, digest: &str) -> Value {
    with(
        record,
        &[
            ("waft.snapshot.version", Some(int("waft.snapshot.version", version))),
            ("waft.snapshot.digest", Some(text("waft.snapshot.digest", digest))),
        ],
    )
}

#[test]
fn what_the_engine_decides_is_checked_and_nothing_else() {
    let folder = Folder::new();
    let (rules, snapshot, _) = build(&folder, DRAWS, 1);
    let (key, trust) = (path(&folder, "k.pem"), path(&folder, "trust.json"));
    let made: Value = serde_json::from_str(&waft(&["keygen", "--out", &key])).unwrap();
    waft(&["sign", &snapshot, "--key", &key, "--role", "publisher"]);
    let kid = made["kid"].as_str().unwrap();
    let trusted = json!({ "project": "shop", "environment": "production", "keys": { kid: made["publicKey"] },
        "require": [{ "role": "publisher", "keys": [kid], "atLeast": 1 }] });
    std::fs::write(&trust, trusted.to_string()).unwrap();
    let (mut records, mut exposed) = (Vec::new(), BTreeSet::new());
    for number in 0..60 {
        // In each first phase, and in each last.
        for now in ["2026-01-15T00:00:00Z", "2026-11-20T00:00:00Z"] {
            let context = json!({ "visitorId": format!("v{number}") }).to_string();
            let decided = waft(&["eval", &snapshot, "--trust", &trust, "--context", &context, "--now", now]);
            let decided: Value = serde_json::from_str(&decided).unwrap();
            let all = decided.as_object().unwrap().values().filter_map(|flag| flag["exposures"].as_array());
            for one in all.flatten() {
                let of = |name: &str| one[name].as_str().unwrap();
                let (phase, point) = (one["phase"].as_i64().unwrap(), one["point"].as_u64().unwrap() as u32);
                let record = told(of("experiment"), phase, of("unit"), of("variant"), Some(point));
                records.push(with(record, &[("waft.exposure.id", Some(text("waft.exposure.id", of("id"))))]));
                exposed.insert(json!([of("experiment"), phase, of("unit"), of("variant")]).to_string());
            }
        }
    }
    // What nobody met: of every unit the point that it has and the variant that comes of it, whether or not it is taken.
    let mut others = Vec::new();
    let draws = [
        ("till", 1, "till-salt/1", "a", 1 << 31, "control"),
        ("till", 3, "till-salt/3", "a", 1_431_654_333, "control"),
        ("cling", 2, "shop/cling/2", "off", 1 << 31, "on"),
        ("header/rise", 1, "shop/header/rise/1", "on", 1 << 31, "control"),
    ];
    for (experiment, phase, salt, low, bound, high) in draws {
        for number in 0..60 {
            let unit = format!("v{number}");
            let point = Key::derive(Purpose::Split, &[salt.as_bytes()]).point(unit.as_bytes());
            let variant = if point < bound { low } else { high };
            let named = json!([experiment, phase, unit, variant]).to_string();
            if !exposed.contains(&named) {
                others.push(told(experiment, phase, &unit, variant, Some(point)));
            }
        }
    }
    let server = folder.start(&["--ruleset", &rules, "--environment", "production"]);
    // Each by the id that the engine gave it: no warning.
    assert_eq!(server.post(request(&records)).json(), json!({}));
    assert_eq!(post(&server, &others, None), 200);
    // Sticky units may have either variant, whatever their point; others may not.
    for variant in ["on", "off", "none"] {
        assert_eq!(post(&server, &[told("cling", 2, "v1", variant, None)], None), 200);
    }
    let (mut db, _folder) = server.stored();
    let kinds = db.rows("SELECT DISTINCT experiment, phase, variant FROM exposures WHERE verdict = 'checked'");
    assert_eq!(kinds.len(), 10, "{kinds:?}");
    // Outside of layer or coverage, or not reached by the ramp. A sticky unit may have been taken whatever they say.
    let counts = db.rows(
        "SELECT experiment, phase, verdict, COUNT(*) FROM exposures WHERE experiment <> 'winter' AND unit <> 'v1'
           GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    );
    let verdicts: Vec<String> = counts
        .iter()
        .map(|row| format!("{} {} {}", row[0].as_str().unwrap(), row[1], row[2].as_str().unwrap()))
        .collect();
    assert_eq!(
        verdicts,
        [
            "cling 2 checked",
            "header/rise 1 checked",
            "header/rise 1 contradicted",
            "till 1 checked",
            "till 1 contradicted",
            "till 3 checked",
            "till 3 contradicted"
        ]
    );
    for row in db.rows("SELECT experiment, phase, unit, variant FROM exposures WHERE verdict = 'contradicted'") {
        assert!(!exposed.contains(&row.to_string()), "{row}");
    }
    let none = db.rows("SELECT verdict FROM exposures WHERE variant = 'none'");
    assert_eq!(none, [json!(["contradicted"])]);
}

/// A unit that the coverage of phase 3 leaves out at 70 % and takes at 90 %, and its point and variant.
fn left_out() -> (String, u32, &'static str) {
    let point = |purpose, salt: &str, unit: &str| Key::derive(purpose, &[salt.as_bytes()]).point(unit.as_bytes());
    let share = |percent: u64| ((1_u64 << 32) * percent / 100) as u32;
    let mut units = (0..).map(|number| format!("u{number}"));
    let unit = units.find(|unit| {
        let coverage = point(Purpose::Coverage, "till-salt", unit);
        point(Purpose::Layer, "lane-x", unit) < share(60) && coverage > share(70) && coverage < share(90)
    });
    let unit = unit.unwrap();
    let split = point(Purpose::Split, "till-salt/3", &unit);
    (unit, split, if split < 1_431_654_333 { "a" } else { "control" })
}

fn snapshots_judge_the_rows_that_name_them(kind: Kind) {
    let folder = Folder::with(kind);
    let (_, first, one) = build(&folder, DRAWS, 1);
    let (_, second, two) = build(&folder, &DRAWS.replace("\"70%\"", "\"90%\""), 2);
    let (unit, point, variant) = left_out();
    let row = |name: &str, version: i64, digest: &str| {
        let flag = [("feature_flag.key", Some(text("feature_flag.key", name)))];
        let of_window = [("waft.window", Some(text("waft.window", name)))];
        with(with(by(told("till", 3, &unit, variant, Some(point)), version, digest), &flag), &of_window)
    };
    let twice = folder.fail(&["--snapshot", &first, "--snapshot", &first]);
    assert!(twice.contains("another --snapshot is version 1 of shop/production"), "{twice}");
    let damaged = path(&folder, "damaged.waft");
    let mut bytes = std::fs::read(&first).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&damaged, bytes).unwrap();
    assert!(folder.fail(&["--snapshot", &damaged]).contains("damaged.waft"));
    let rows = [
        row("not covered by 1", 1, &one),
        row("covered by 2", 2, &two),
        row("another digest", 2, &one),
        row("unknown version", 3, &two),
    ];
    let server = folder.start(&["--snapshot", &first, "--snapshot", &second]);
    assert_eq!(post(&server, &rows, None), 200);
    let expected = |version: &str| {
        [
            json!(["another digest", "contradicted"]),
            json!(["covered by 2", "checked"]),
            json!(["not covered by 1", "contradicted"]),
            json!(["unknown version", version]),
        ]
    };
    let (mut db, folder) = server.stored();
    assert_eq!(db.rows("SELECT flag, verdict FROM exposures ORDER BY flag"), expected("unchecked"));
    // Where no snapshot is named that is known, the ruleset judges: here that of version 1.
    let rules = path(&folder, "1.json");
    let arguments = ["--snapshot", &first, "--snapshot", &second, "--ruleset", &rules, "--environment", "production"];
    let (mut db, _folder) = folder.start(&arguments).stored();
    assert_eq!(db.rows("SELECT flag, verdict FROM exposures ORDER BY flag"), expected("contradicted"));
}

fn stored_rows_are_compared_again_with_newer_rules(kind: Kind) {
    let folder = Folder::with(kind);
    let (old, ..) = build(&folder, DRAWS, 1);
    let (new, ..) = build(&folder, &DRAWS.replace("\"70%\"", "\"90%\""), 2);
    let (unit, point, variant) = left_out();
    let rows = |verdict: &str, rows: Vec<Value>| assert_eq!(rows, [json!([verdict])]);
    let verdict = "SELECT verdict FROM exposures";
    // Before any rules are known; by rules that do not cover the unit yet; by those that do.
    let server = folder.start(&[]);
    assert_eq!(post(&server, &[told("till", 3, &unit, variant, Some(point))], None), 200);
    let (mut db, folder) = server.stored();
    rows("unchecked", db.rows(verdict));
    let (mut db, folder) = folder.start(&["--ruleset", &old, "--environment", "production"]).stored();
    rows("contradicted", db.rows(verdict));
    let (mut db, folder) = folder.start(&["--ruleset", &new, "--environment", "production"]).stored();
    rows("checked", db.rows(verdict));
    // What was checked once remains so.
    let (mut db, _folder) = folder.start(&["--ruleset", &old, "--environment", "production"]).stored();
    rows("checked", db.rows(verdict));
}

/// A unit of 32 hexadecimal digits whose points are another's may be a pseudonym, unless no page has any.
#[test]
fn only_where_pages_have_pseudonyms_a_unit_may_be_one() {
    let check = |arguments: &[&str], expected: [&str; 5]| {
        let folder = Folder::new();
        let (rules, ..) = build(&folder, DRAWS, 1);
        let server = folder.start(&[&["--ruleset", &rules, "--environment", "production"], arguments].concat());
        let hex = "0123456789abcdef0123456789abcdef";
        let own = Key::derive(Purpose::Split, &[b"till-salt/1"]).point(hex.as_bytes());
        let (mine, other) = if own < 1 << 31 { ("a", "control") } else { ("control", "a") };
        let rows = [
            // As a page with `unitKey` sends it; without a point, which no page does; a variant that is not of its point.
            ("0 pseudonym", hex, other, Some(own ^ 1 << 31)),
            ("1 no point", hex, other, None),
            ("2 not of its point", hex, mine, Some(own ^ 1 << 31)),
            // Not the form of one.
            ("3 upper case", "0123456789ABCDEF0123456789ABCDEF", other, Some(own ^ 1 << 31)),
            ("4 own point", hex, other, Some(own)),
        ];
        let rows = rows.map(|(name, unit, variant, point)| {
            let flag = [("feature_flag.key", Some(text("feature_flag.key", name)))];
            with(
                with(told("till", 1, unit, variant, point), &flag),
                &[("waft.window", Some(text("waft.window", name)))],
            )
        });
        assert_eq!(post(&server, &rows, None), 200);
        let (mut db, _folder) = server.stored();
        let found = db.rows("SELECT verdict FROM exposures ORDER BY flag");
        assert_eq!(found, expected.map(|verdict| json!([verdict])));
    };
    const AGAINST: &str = "contradicted";
    check(&[], ["unchecked", AGAINST, AGAINST, AGAINST, AGAINST]);
    check(&["--no-pseudonyms"], [AGAINST; 5]);
}
