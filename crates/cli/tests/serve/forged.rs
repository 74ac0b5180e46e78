//! Who can forge what: ids, times, variants; and what a token changes.

use serde_json::{Value, json};
use waft::buckets::{Key, Purpose};

use crate::database::{Kind, on_both};
use crate::records::{exposure, exposure_at, exposure_id, int, now, request, text};
use crate::server::{Folder, Server};

on_both! {
    id_is_made_of_its_parts_whatever_it_says
    later_receipt_moves_a_row_by_thirty_days_at_most
    better_copy_takes_the_place_of_a_forged_one
    forged_variants_are_set_apart_and_told
}

const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const DAY: i64 = 86_400_000;

/// A record with other attributes of some keys, or without them.
fn with(mut record: Value, changes: &[(&str, Option<Value>)]) -> Value {
    let attributes = record["attributes"].as_array_mut().unwrap();
    for (key, value) in changes {
        attributes.retain(|attribute| attribute["key"] != *key);
        attributes.extend(value.clone());
    }
    record
}

fn id_is_made_of_its_parts_whatever_it_says(kind: Kind) {
    let server = Server::with(kind);
    let named = |number: u64, id: &str| {
        with(exposure(number, "bold"), &[("waft.exposure.id", Some(text("waft.exposure.id", id)))])
    };
    // Another's id, and one of nobody: the rows are their own all the same, and the sender is told.
    let answer = server.post(request(&[named(1, &exposure_id(2, "bold")), named(3, &"f".repeat(32))])).json();
    let partial = &answer["partialSuccess"];
    assert_eq!(partial["rejectedLogRecords"], "0");
    assert!(partial["errorMessage"].as_str().unwrap().contains("2 ids are not those of their exposures"), "{partial}");
    assert_eq!(server.post(request(&[exposure(2, "bold"), exposure(3, "bold")])).json(), json!({}));
    // What is sent once a session has ids of its own.
    let parts = ["shop", "production", "cta-copy", "2", "visitor", "v4", "bold", "session-1"];
    let id = String::from_utf8(waft::exposure::id(&parts.map(str::as_bytes)).to_vec()).unwrap();
    let windowed = with(named(4, &id), &[("waft.window", Some(text("waft.window", "session-1")))]);
    assert_eq!(server.post(request(&[windowed])).json(), json!({}));
    for set in ["shop", "shop/production/eu"] {
        let odd = with(exposure(5, "bold"), &[("feature_flag.set.id", Some(text("feature_flag.set.id", set)))]);
        let partial = server.post(request(&[odd])).json()["partialSuccess"].clone();
        assert!(partial["errorMessage"].as_str().unwrap().contains("expected project/environment"), "{partial}");
    }
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT unit, id, receipts FROM exposures ORDER BY unit");
    let row = |number: u64, receipts: i64| json!([format!("v{number}"), exposure_id(number, "bold"), receipts]);
    assert_eq!(rows, [row(1, 1), row(2, 1), row(3, 2), json!(["v4", id, 1])]);
}

fn later_receipt_moves_a_row_by_thirty_days_at_most(kind: Kind) {
    let server = Server::with(kind);
    let post = |number: u64, days: i64| {
        let now = now();
        let record = exposure_at(number, "bold", now - days * DAY, now);
        assert_eq!(server.post(request(&[record])).json(), json!({}));
    };
    // The second was offline, or says so; the third lies.
    for days in [1, 29, 389] {
        post(1, days);
        post(2, days);
    }
    // In one request, as much.
    let at = now();
    let both = [exposure_at(3, "bold", at - DAY, at), exposure_at(3, "bold", at - 389 * DAY, at)];
    assert_eq!(server.post(request(&both)).json(), json!({}));
    // The first alone is what it says.
    post(4, 389);
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT unit, first_received - time, receipts, again FROM exposures ORDER BY unit");
    let expected = [("v1", 1, 3, 1), ("v2", 1, 3, 1), ("v3", 1, 2, 0), ("v4", 389, 1, 0)];
    for (row, (unit, days, receipts, kept)) in rows.iter().zip(expected) {
        let late = row[1].as_i64().unwrap();
        let again: Vec<Value> = row[3].as_str().map_or(Vec::new(), |text| serde_json::from_str(text).unwrap());
        assert!(row[0] == unit && (late - days * DAY).abs() < 60_000 && row[2] == receipts, "{rows:?}");
        assert_eq!(again.len(), kept, "{rows:?}");
    }
}

/// The ruleset of tests/oracles/report.yaml: `till`, phase 3, gives control, a and b to visitors.
const RULESET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/oracles/report.yaml");
const CHECKED: [&str; 4] = ["--ruleset", RULESET, "--environment", "production"];

/// What `till` gives to a visitor, by the ruleset's words: a 30 %, b 20 %, control 50 %.
fn drawn(unit: &str) -> (u32, &'static str) {
    let point = Key::derive(Purpose::Split, &[b"harbour/till/3"]).point(unit.as_bytes());
    // Bounds are in the order of the variants' names: floor(share x 2^32).
    let (a, b) = (1_288_490_188_u32, 1_u32 << 31);
    (
        point,
        if point < a {
            "a"
        } else if point < b {
            "b"
        } else {
            "control"
        },
    )
}

fn met(unit: &str, variant: &str, point: Option<u32>) -> Value {
    with(
        exposure(0, variant),
        &[
            ("feature_flag.context.id", Some(text("feature_flag.context.id", unit))),
            ("waft.unit.visitor", Some(text("waft.unit.visitor", unit))),
            ("feature_flag.set.id", Some(text("feature_flag.set.id", "harbour/production"))),
            ("waft.experiment", Some(text("waft.experiment", "till"))),
            ("waft.phase", Some(int("waft.phase", 3))),
            ("waft.point", point.map(|point| int("waft.point", point.into()))),
        ],
    )
}

fn post(server: &Server, records: &[Value], token: Option<&str>) -> u16 {
    let token = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(token.as_deref().map(|token| ("authorization", token)));
    server.post_as(&headers, request(records)).unwrap().status
}

fn better_copy_takes_the_place_of_a_forged_one(kind: Kind) {
    let folder = Folder::with(kind);
    let tokens = folder.site().join("tokens");
    std::fs::write(&tokens, TOKEN).unwrap();
    let arguments = [&CHECKED[..], &["--token-file", tokens.to_str().unwrap()]].concat();
    let server = folder.start(&arguments);
    let (point, variant) = drawn("v1");
    let flag = |record: Value, flag: &str| with(record, &[("feature_flag.key", Some(text("feature_flag.key", flag)))]);
    let wrong = met("v1", variant, Some(point ^ 1));
    let right = met("v1", variant, Some(point));
    assert_eq!(post(&server, &[flag(wrong.clone(), "forged")], None), 200);
    assert_eq!(post(&server, &[flag(right.clone(), "honest")], None), 200);
    assert_eq!(post(&server, &[flag(wrong, "forged again")], None), 200);
    assert_eq!(post(&server, &[flag(right.clone(), "second")], None), 200);
    assert_eq!(post(&server, &[flag(right.clone(), "trusted")], Some(TOKEN)), 200);
    assert_eq!(post(&server, &[flag(right, "third")], None), 200);
    let event = json!({ "attributes": [text("waft.event.id", &"1".repeat(32)), text("waft.event.name", "purchase")] });
    assert_eq!(post(&server, &[event], Some(TOKEN)), 200);
    assert_eq!(post(&server, &[met("v2", "a", None)], Some(&TOKEN.replace('0', "1"))), 401);
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT flag, verdict, trusted, receipts FROM exposures");
    assert_eq!(rows, [json!(["trusted", "checked", 1, 6])]);
    assert_eq!(db.rows("SELECT trusted FROM events"), [json!([1])]);
}

fn forged_variants_are_set_apart_and_told(kind: Kind) {
    let server = Folder::with(kind).start(&CHECKED);
    let honest: Vec<Value> = (0..8_000)
        .map(|number| {
            let unit = format!("v{number}");
            let (point, variant) = drawn(&unit);
            met(&unit, variant, Some(point))
        })
        .collect();
    // Of units that others have, and of their own; with the point of their variant, of their unit, and with none.
    let forged: Vec<Value> = (0..170_u32)
        .map(|number| {
            let unit = if number % 2 == 0 { format!("v{number}") } else { format!("forged-{number}") };
            let (point, variant) = drawn(&unit);
            let other = if variant == "a" { "b" } else { "a" };
            let point = match number % 3 {
                0 => Some(point),
                1 => Some(if other == "a" { 1 } else { (1 << 31) - 1 }),
                _ => None,
            };
            met(&unit, other, point)
        })
        .collect();
    // Nothing is known of these: a pseudonym whose point fits its variant, a phase, an experiment, another environment.
    let change = |key: &str, value: Value| with(met("x1", "a", Some(5)), &[(key, Some(value))]);
    let unknown = [
        met("0123456789abcdef0123456789abcdef", "a", Some(5)),
        change("waft.phase", int("waft.phase", 99)),
        change("waft.experiment", text("waft.experiment", "other")),
        change("feature_flag.set.id", text("feature_flag.set.id", "harbour/staging")),
    ];
    for records in honest.chunks(500).chain([forged.as_slice(), &unknown]) {
        assert_eq!(post(&server, records, None), 200);
    }
    // A pseudonym's variant is held against its point.
    assert_eq!(post(&server, &[met("0123456789abcdef0123456789abcdee", "control", Some(5))], None), 200);
    // And the kind of unit against the experiment's.
    let kind_of = with(met("v1", drawn("v1").1, None), &[("waft.unit.kind", Some(text("waft.unit.kind", "account")))]);
    assert_eq!(post(&server, &[kind_of], None), 200);
    let counts = server.get("/api/exposures?set=harbour/production", &[]).json();
    assert_eq!((&counts["total"], &counts["contradicted"]), (&json!(8_003), &json!(172)), "{counts}");
    let report = server.get("/api/report", &[]).json();
    let till = report["studies"].as_array().unwrap().iter().find(|study| study["name"] == "till").unwrap();
    assert_eq!(till["sampleRatio"]["alarm"], false, "{till}");
    assert_eq!((&till["crossed"], &till["arrival"]["contradicted"]), (&json!(0), &json!(172)), "{till}");
    let units: u64 = till["arms"].as_array().unwrap().iter().map(|arm| arm["units"].as_u64().unwrap()).sum();
    assert_eq!(units, 8_001);
    let page = String::from_utf8(server.get("/report", &[]).body).unwrap();
    assert!(page.contains("172 exposures contradict the rules (excluded)"), "{page}");
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT verdict, COUNT(*) FROM exposures GROUP BY verdict ORDER BY verdict");
    assert_eq!(rows, [json!(["checked", 8_000]), json!(["contradicted", 172]), json!(["unchecked", 4])]);
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
      "phases":[{"id":2,"from":"2026-01-01","split":{"on":"50%","off":"50%"}}]}},
  "flags":{
    "till":{"type":"string","variants":{"a":"a","b":"b","control":"control"},"whenOff":"a","default":"a","holdout":"winter",
      "rules":[{"id":"test","experiment":"till"}]},
    "cling":{"type":"boolean","whenOff":"off","default":"off","rules":[{"id":"test","experiment":"cling"}]},
    "header":{"type":"boolean","whenOff":"off","default":"off","rules":[{"id":"rise","ramp":"on","unit":"visitor",
      "guard":{"error":{"worse":"50%","then":"hold"}},"steps":[{"to":"5%","at":"2026-01-01"},{"to":"80%","at":"2026-03-02"}]}]}}}"#;

/// What the engine decides, as the command line prints it, is what the collector finds right: ids, points and variants.
#[test]
fn what_the_engine_decides_is_checked() {
    let folder = Folder::new();
    let path = |name: &str| folder.site().join(name).to_str().unwrap().to_owned();
    let (rules, snapshot, key, trust) = (path("rules.json"), path("s.waft"), path("k.pem"), path("trust.json"));
    std::fs::write(&rules, DRAWS).unwrap();
    let waft = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_waft")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    waft(&["build", &rules, "--environment", "production", "--version", "1", "--out", &snapshot]);
    let made: Value = serde_json::from_str(&waft(&["keygen", "--out", &key])).unwrap();
    waft(&["sign", &snapshot, "--key", &key, "--role", "publisher"]);
    let kid = made["kid"].as_str().unwrap();
    let trusted = json!({ "project": "shop", "environment": "production", "keys": { kid: made["publicKey"] },
        "require": [{ "role": "publisher", "keys": [kid], "atLeast": 1 }] });
    std::fs::write(&trust, trusted.to_string()).unwrap();
    let mut records = Vec::new();
    for number in 0..40 {
        // In the first phase, and in the last.
        for now in ["2026-01-15T00:00:00Z", "2026-11-20T00:00:00Z"] {
            let context = json!({ "visitorId": format!("v{number}") }).to_string();
            let decided = waft(&["eval", &snapshot, "--trust", &trust, "--context", &context, "--now", now]);
            let decided: Value = serde_json::from_str(&decided).unwrap();
            for exposed in
                decided.as_object().unwrap().values().filter_map(|flag| flag["exposures"].as_array()).flatten()
            {
                let told = |name: &str| exposed[name].as_str().unwrap();
                let point = exposed["point"].as_u64().unwrap() as u32;
                let record = with(
                    met(told("unit"), told("variant"), Some(point)),
                    &[
                        ("waft.exposure.id", Some(text("waft.exposure.id", told("id")))),
                        ("feature_flag.set.id", Some(text("feature_flag.set.id", "shop/production"))),
                        ("waft.experiment", Some(text("waft.experiment", told("experiment")))),
                        ("waft.phase", Some(int("waft.phase", exposed["phase"].as_i64().unwrap()))),
                    ],
                );
                records.push(record);
            }
        }
    }
    let server = folder.start(&["--ruleset", &rules, "--environment", "production"]);
    // Each by the id that the engine gave it: no warning.
    assert_eq!(server.post(request(&records)).json(), json!({}));
    // Sticky units may have either variant, whatever their point; others may not.
    let sticky = |variant: &str| {
        let record = met("v1", variant, None);
        with(
            record,
            &[
                ("feature_flag.set.id", Some(text("feature_flag.set.id", "shop/production"))),
                ("waft.experiment", Some(text("waft.experiment", "cling"))),
                ("waft.phase", Some(int("waft.phase", 2))),
            ],
        )
    };
    for variant in ["on", "off", "none"] {
        assert_eq!(post(&server, &[sticky(variant)], None), 200);
    }
    let (mut db, _folder) = server.stored();
    let kinds = db.rows("SELECT DISTINCT experiment, phase, variant FROM exposures WHERE verdict = 'checked'");
    assert_eq!(kinds.len(), 10, "{kinds:?}");
    let others = db.rows("SELECT experiment, variant, verdict FROM exposures WHERE verdict <> 'checked'");
    assert_eq!(others, [json!(["cling", "none", "contradicted"])]);
}
