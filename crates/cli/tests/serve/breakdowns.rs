//! What units are when they meet a variant: stored as it was told, with each copy that may be earlier.

use std::ffi::OsStr;
use std::process::Command;

use serde_json::{Value, json};

use crate::database::{Kind, on_both};
use crate::records::{exposure, exposure_at, int, now, request, text};
use crate::reports::{DAY, ruleset};
use crate::server::{Folder, Server};

on_both! {
    what_a_unit_is_is_stored_with_each_copy
    what_cannot_be_stored_costs_its_own_exposure
    what_rules_do_not_declare_is_counted_and_not_stored
    results_are_told_apart_by_what_units_were_first
}

/// An exposure by a page view, with what its unit is then.
fn told(number: u64, page: &str, time: i64, breakdown: &[(&str, &str)]) -> Value {
    let mut record = exposure_at(number, "bold", time, now());
    let attributes = record["attributes"].as_array_mut().unwrap();
    attributes.retain(|attribute| attribute["key"] != "waft.page_view.id");
    attributes.push(text("waft.page_view.id", page));
    attributes.extend(breakdown.iter().map(|(name, value)| text(&format!("waft.breakdown.{name}"), value)));
    record
}

fn what_a_unit_is_is_stored_with_each_copy(kind: Kind) {
    let server = Server::with(kind);
    let now = now();
    let pro = [("segment/eu-pro", "in"), ("plan", "pro \u{1f980}")];
    // Each unit's second exposure happened before the first that arrived: by another request, and within one.
    for records in [
        vec![told(1, "p1", now - 500, &pro), told(2, "p1", now - 500, &[])],
        vec![told(1, "p0", now - 900, &[("plan", "free")]), told(2, "p0", now - 900, &[])],
        vec![told(3, "p1", now - 500, &pro), told(3, "p0", now - 900, &[("plan", "free")])],
    ] {
        assert_eq!(server.post(request(&records)).json(), json!({}));
    }
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT unit, breakdown, again FROM exposures ORDER BY unit");
    let stored = r#"{"plan":"pro \u{1f980}","segment/eu-pro":"in"}"#.replace("\\u{1f980}", "\u{1f980}");
    for (row, breakdown) in rows.iter().zip([json!(stored), Value::Null, json!(stored)]) {
        assert_eq!(row[1], breakdown, "{row}");
        let again: Value = serde_json::from_str(row[2].as_str().unwrap()).unwrap();
        let copy = again[0].as_object().unwrap();
        assert_eq!((again.as_array().unwrap().len(), &copy["page_view"]), (1, &json!("p0")), "{row}");
        let earlier = (!breakdown.is_null()).then(|| json!(r#"{"plan":"free"}"#));
        assert_eq!(copy.get("breakdown"), earlier.as_ref(), "{row}");
    }
    assert_eq!(rows.len(), 3);
}

fn what_cannot_be_stored_costs_its_own_exposure(kind: Kind) {
    let server = Server::with(kind);
    let names: Vec<String> = (0..9).map(|number| format!("waft.breakdown.a{number}")).collect();
    let nine: Vec<Value> = names.iter().map(|name| text(name, "x")).collect();
    let long = "x".repeat(301);
    for (attributes, expected) in [
        (nine, "waft.breakdown.*: 9 of them, at most 8 are stored"),
        (vec![text("waft.breakdown.a b", "x")], "waft.breakdown.*: a name is 1 to 108 of"),
        (vec![text("waft.breakdown.", "x")], "waft.breakdown.*: a name is 1 to 108 of"),
        (vec![text("waft.breakdown.plan", &long)], "waft.breakdown.plan: 301 bytes, at most 300 are stored"),
        (vec![text("waft.breakdown.plan", "a\0b")], "waft.breakdown.plan: contains U+0000"),
        (vec![int("waft.breakdown.plan", 5)], "waft.breakdown.plan: expected a stringValue"),
    ] {
        let mut record = exposure(1, "bold");
        record["attributes"].as_array_mut().unwrap().extend(attributes);
        let partial = server.post(request(&[record, exposure(2, "bold")])).json()["partialSuccess"].clone();
        assert_eq!(partial["rejectedLogRecords"], "1", "{expected}");
        assert!(partial["errorMessage"].as_str().unwrap().contains(expected), "{partial}");
    }
    let (mut db, _folder) = server.stored();
    assert_eq!(db.rows("SELECT unit FROM exposures"), [json!(["v2"])]);
}

fn what_rules_do_not_declare_is_counted_and_not_stored(kind: Kind) {
    let folder = Folder::with(kind);
    let rules = folder.site().parent().unwrap().join("declared.yaml");
    std::fs::write(&rules, declared()).unwrap();
    let server = folder.start(&["--ruleset", rules.to_str().unwrap(), "--environment", "production"]);
    let carrying = |mut record: Value, more: &[(&str, &str)]| {
        let named = more.iter().map(|(name, value)| text(&format!("waft.breakdown.{name}"), value));
        record["attributes"].as_array_mut().unwrap().extend(named);
        record
    };
    let of = |number: u64, plan: Option<&str>| met(number, "p", now() - 500, plan);
    let known = carrying(of(1, Some("pro")), &[("segment/eu-pro", "in")]);
    assert_eq!(server.post(request(&[known])).json(), json!({}));
    let more = carrying(of(2, Some("pro")), &[("email", "a@b.example"), ("segment/crew", "in")]);
    let none = carrying(of(3, None), &[("email", "a@b.example")]);
    let told = server.post(request(&[more, none])).json()["partialSuccess"].clone();
    assert_eq!(told["errorMessage"], "3 waft.breakdown.* are not declared by the rules, and are not stored");
    assert!(told.get("rejectedLogRecords").is_none_or(|rejected| rejected == "0"), "{told}");
    // A copy that happened earlier, and another project, of whose rules nothing is known.
    let copy = carrying(met(1, "p0", now() - 900, Some("free")), &[("email", "a@b.example")]);
    let other = carrying(exposure(4, "bold"), &[("email", "a@b.example")]);
    server.post(request(&[copy, other]));
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT unit, breakdown, again FROM exposures ORDER BY unit");
    let stored = |row: usize, column: usize| rows[row][column].as_str().unwrap_or_default().to_owned();
    assert_eq!(stored(0, 1), r#"{"plan":"pro","segment/eu-pro":"in"}"#);
    assert_eq!((stored(1, 1), &rows[2][1]), (r#"{"plan":"pro"}"#.to_owned(), &Value::Null));
    assert_eq!(stored(3, 1), r#"{"email":"a@b.example"}"#);
    assert!(stored(0, 2).contains(r#"{\"plan\":\"free\"}"#) && !stored(0, 2).contains("email"), "{}", stored(0, 2));
}

/// The rules of `harbour`, with a breakdown.
fn declared() -> String {
    let rules = std::fs::read_to_string(ruleset()).unwrap();
    let experiment = "  till:\n    unit: visitor\n";
    let declaring = format!("{experiment}    breakdown: [plan, {{ segment: eu-pro }}]\n");
    let segment = "accountId: string, plan: string }\nsegments: { eu-pro: { plan: { is: pro } } }";
    rules.replacen(experiment, &declaring, 1).replacen("accountId: string }", segment, 1)
}

/// An exposure of a visitor of `harbour`, who met a variant at `time`.
fn met(number: u64, page: &str, time: i64, plan: Option<&str>) -> Value {
    let unit = format!("v{number}");
    let variant =
        ["control", "control", "control", "control", "control", "a", "a", "a", "b", "b"][number as usize % 10];
    let parts = ["harbour", "production", "till", "3", "visitor", &unit, variant, ""];
    let id = String::from_utf8(waft::exposure::id(&parts.map(str::as_bytes)).to_vec()).unwrap();
    let mut attributes = vec![
        text("waft.exposure.id", &id),
        text("feature_flag.set.id", "harbour/production"),
        text("waft.experiment", "till"),
        int("waft.phase", 3),
        text("feature_flag.result.variant", variant),
        text("feature_flag.key", "till"),
        text("waft.unit.kind", "visitor"),
        text("waft.unit.visitor", &unit),
        text("feature_flag.context.id", &unit),
        text("waft.page_view.id", page),
        int("waft.sequence", 0),
    ];
    attributes.extend(plan.map(|plan| text("waft.breakdown.plan", plan)));
    json!({ "timeUnixNano": format!("{time}000000"), "observedTimeUnixNano": format!("{}000000", now()), "attributes": attributes })
}

/// Most are free or pro when they first meet a variant; what they are at a later page view moves nobody, and what an earlier one says that
/// was heard late does.
fn results_are_told_apart_by_what_units_were_first(kind: Kind) {
    let server = Server::with(kind);
    let at = now() - 2 * DAY;
    let of = |plan: fn(u64) -> String| move |number: u64| met(number, &format!("p{number}"), at, Some(&plan(number)));
    let first = of(|number| match number {
        // 60 plans that one has each: 48 of them are told apart, beside those two.
        number if number < 60 => format!("rare {number:02}"),
        number => ["free", "pro"][number as usize / 10 % 2].to_owned(),
    });
    let mut records: Vec<Value> = (0..400).map(first).collect();
    records.extend((400..420).map(|number| met(number, "none", at, None)));
    records.extend((60..400).map(|number| met(number, &format!("later {number}"), at + 3_600_000, Some("bought"))));
    records.extend((60..70).map(|number| met(number, &format!("earlier {number}"), at - 3_600_000, Some("pro"))));
    for records in records.chunks(200) {
        assert_eq!(server.post(request(records)).json(), json!({}));
    }
    let (_, folder) = server.stored();
    let path = folder.site().join("rules.yaml");
    std::fs::write(&path, declared()).unwrap();
    let database = folder.database.argument();
    let output = Command::new(env!("CARGO_BIN_EXE_waft"))
        .args([OsStr::new("report"), path.as_os_str(), OsStr::new("--db"), database.as_os_str()])
        .args(["--environment", "production", "--study", "till", "--format", "json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let [plan, segment] = &report["studies"][0]["breakdowns"].as_array().unwrap()[..] else { panic!("{report}") };
    assert_eq!((&plan["by"], &plan["segment"], &plan["more"]), (&json!("plan"), &json!(false), &json!(12)));
    let values = plan["values"].as_array().unwrap();
    let told: Vec<(&str, &str, i64)> = values
        .iter()
        .map(|value| {
            let units = value["units"].as_array().unwrap().iter().map(|units| units.as_i64().unwrap()).sum();
            (value["is"].as_str().unwrap(), value["value"].as_str().unwrap(), units)
        })
        .collect();
    assert_eq!(told[..3], [("value", "pro", 180), ("value", "free", 160), ("value", "rare 00", 1)]);
    assert_eq!(told[50..], [("other", "", 12), ("unknown", "", 20)]);
    assert_eq!(values[0]["units"], json!([90, 54, 36]));
    assert_eq!((&segment["by"], &segment["segment"]), (&json!("eu-pro"), &json!(true)));
    assert_eq!(segment["values"][0]["is"], "unknown");
}
