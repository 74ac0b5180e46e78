//! `waft report` as it is run. What it sums is proved in tests/oracles/test_report.py, whose ruleset this is; what it makes of
//! sums in crates/report.

use std::fmt::Write;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::database::{Database, Kind, on_both};
use crate::records::now;
use crate::server::{Folder, Server};

on_both! {
    documented_queries_run
    database_of_schema_2_is_brought_to_today
    values_of_old_rows_break_nothing
    report_that_takes_too_long_ends
    forged_lists_are_cut_short
}

pub(crate) const DAY: i64 = 86_400_000;

pub(crate) fn ruleset() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles/report.yaml")
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waft"));
    command.arg("report").arg(ruleset()).args(["--environment", "production"]).args(arguments);
    command.stdin(Stdio::null()).output().unwrap()
}

pub(crate) fn told(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn json_of(database: &Database, arguments: &[&str]) -> Value {
    let database = database.argument();
    let mut all = vec!["--format", "json", "--db", database.to_str().unwrap()];
    all.extend(arguments);
    serde_json::from_str(&told(&all)).unwrap()
}

/// What a run that fails says.
pub(crate) fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"".as_slice()), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A database with the tables of `waft serve`, and nothing in them.
pub(crate) fn empty(kind: Kind) -> Folder {
    Server::with(kind).stored().1
}

/// 2,000 visitors in three variants, with purchases before and after: the same in every database.
pub(crate) fn fill(database: &Database, until: i64) {
    let mut connection = database.connect();
    let mut state = 7_u64;
    let mut chance = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let (mut exposures, mut events) = (String::new(), String::new());
    let mut event = |number: u64, visitor: u64, name: &str, at: i64, value: u64| {
        let end = format!(r#"'{{"visitor":"v{visitor}"}}', 'harbour/production', {at}, {at}, {at}, {at}"#);
        let piece = r#"{"pieces 'n' \"more\"":2}"#.replace('\'', "''");
        write!(events, "('{number:032x}', '{}', {value}.25, '{piece}', {end}), ", name.replace('\'', "''")).unwrap();
    };
    for visitor in 0..2_000 {
        let entered = until - chance(20 * DAY as u64) as i64 - 1;
        let variant =
            ["control", "control", "control", "control", "control", "a", "a", "a", "b", "b"][chance(10) as usize];
        let end = format!(
            "'f', 'visitor', 'v{visitor}', '{{}}', 'harbour/production', {entered}, {entered}, {entered}, {entered}"
        );
        write!(exposures, "('{visitor:032x}', 'till', 3, '{variant}', {end}), ").unwrap();
        for purchase in 0..chance(4) {
            let at = entered + chance(16 * DAY as u64) as i64 - 8 * DAY;
            if at < until {
                event(visitor * 10 + purchase, visitor, "purchase", at, chance(900));
            }
        }
        if chance(3) == 0 {
            event(visitor * 10 + 5, visitor, "o'clock \\ \"done\"", (entered + DAY).min(until - 1), 0);
        }
    }
    // What would be the end of every sum, and what jsonb cannot hold.
    for (number, value) in [(90_001, "1.7e308"), (90_002, "1.7e308"), (90_003, "-1.7e308"), (90_004, "1")] {
        let at = until - 1;
        write!(
            events,
            r#"('{number:032x}', 'purchase', {value}, '{{"a":"\u0000"}}', '{{"visitor":"v1"}}', 'harbour/production', {at}, {at}, {at}, {at}), "#
        )
        .unwrap();
    }
    for (columns, rows) in [
        (
            "exposures (id, experiment, phase, variant, flag, unit_kind, unit, units, set_id, time, sent_at, first_received, last_received)",
            exposures,
        ),
        ("events (id, name, value, properties, units, set_id, time, sent_at, first_received, last_received)", events),
    ] {
        let insert = format!("INSERT INTO {columns} VALUES {}", rows.trim_end_matches(", "));
        connection.execute(&insert, &insert);
    }
}

#[test]
fn postgresql_says_what_sqlite_says() {
    if Cluster::shared().is_none() {
        return;
    }
    let moment = now() / DAY * DAY;
    let text = waft_ruleset::clock::text(moment);
    let [own, other] = [Kind::Postgres, Kind::Sqlite].map(|kind| {
        let folder = empty(kind);
        fill(&folder.database, moment);
        json_of(&folder.database, &["--now", &text])
    });
    let till = &own["studies"][0];
    assert_eq!(till["arms"].as_array().unwrap().len(), 3);
    assert!(till["metrics"][0]["comparisons"][0]["difference"]["value"].is_f64(), "{till}");
    assert_eq!(digits(&own), digits(&other));
}

/// With nine digits, so that the order in which numbers were added does not matter.
pub(crate) fn digits(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), digits(value))).collect(),
        Value::Array(list) => list.iter().map(digits).collect(),
        Value::Number(number) if number.is_f64() => json!(format!("{:.8e}", number.as_f64().unwrap())),
        _ => value.clone(),
    }
}

#[test]
fn sums_in_a_file_say_what_the_database_says() {
    let folder = empty(Kind::Sqlite);
    fill(&folder.database, now());
    let rows = folder.database.connect().rows(&told(&["--print-sql", "sqlite", "--now", "2999-01-01T00:00Z"]));
    let names = "experiment,phase,variant,metric,part,cell,units,nonzero,x,xx,y,yy,xy";
    let line = |row: &Value| {
        let cells = row.as_array().unwrap().iter();
        cells.map(|cell| cell.as_str().map_or(cell.to_string(), str::to_owned)).collect::<Vec<_>>().join(",")
    };
    let csv: Vec<String> = [names.to_owned()].into_iter().chain(rows.iter().map(line)).collect();
    let file = folder.site().join("sums.csv");
    std::fs::write(&file, csv.join("\n")).unwrap();
    let arguments = ["--now", "2999-01-01T00:00Z", "--study", "till"];
    let from_file = told(&[&["--stats", file.to_str().unwrap(), "--format", "json"], &arguments[..]].concat());
    assert_eq!(digits(&serde_json::from_str(&from_file).unwrap()), digits(&json_of(&folder.database, &arguments)));
}

#[test]
fn without_data_it_says_so() {
    let folder = empty(Kind::Sqlite);
    let text = told(&["--db", folder.db().to_str().unwrap()]);
    assert_eq!(text.matches("No exposures yet.").count(), 5, "{text}");
    let text = told(&["--db", folder.db().to_str().unwrap(), "--now", "2025-01-01T00:00Z"]);
    assert!(text.contains("No experiment, holdout or monitored ramp has started."), "{text}");
}

#[test]
fn one_unit_and_one_variant_are_no_comparison() {
    let folder = empty(Kind::Sqlite);
    let insert =
        "INSERT INTO exposures (id, experiment, phase, variant, flag, unit_kind, unit, units, set_id, time, sent_at,
        first_received, last_received) VALUES
        ('1', 'till', 3, 'a', 'till', 'visitor', 'v1', '{}', 'harbour/production', 1780000000000, 1780000000000, 1780000000000, 1780000000000),
        ('2', 'alone', 1, 'a', 'alone', 'account', 'a1', '{}', 'harbour/production', 1780000000000, 1780000000000, 1780000000000, 1780000000000),
        ('3', 'till', 3, 'x', 'till', 'visitor', 'v2', '{}', 'harbour/production', 1780000000000, 1780000000000, 1780000000000, 1780000000000),
        ('4', 'gone', 1, 'x', 'till', 'visitor', 'v2', '{}', 'harbour/production', 1780000000000, 1780000000000, 1780000000000, 1780000000000)";
    folder.database.connect().execute(insert, insert);
    let text = told(&["--db", folder.db().to_str().unwrap()]);
    for said in [
        "a variant has fewer than 100 visitors whose window is complete",
        "There is only one variant, so there is nothing to compare.",
        // One against none is what a sound split may begin with, and a broken one.
        "split: too few visitors to say whether it is as planned (Bayes factor",
        "x is not in the ruleset: 1 visitor excluded",
        "gone, phase 1: 1 unit",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let folder = empty(Kind::Sqlite);
    let db = folder.db();
    let check = |arguments: &[&str], said: &str| {
        let message = refused(arguments);
        assert!(message.contains(said), "{message}");
    };
    check(
        &["--db", db.to_str().unwrap(), "--study", "tilll"],
        "--study tilll: no trial of this name has started; started: till, alone",
    );
    check(&["--db", db.to_str().unwrap(), "--now", "soon"], "--now soon: expected RFC 3339");
    check(&["--db", "nowhere.db"], "--db nowhere.db: ");
    let file = folder.site().join("sums.csv");
    for (text, said) in [
        ("experiment,phase\ntill,3\n", "missing field"),
        ("experiment,phase,part,units\ntill,3,all,-1\n", "line: 2"),
        ("experiment,phase,part,units\ntill,3,all,1.5\n", "expected a number; counts are whole and not negative"),
        ("experiment,phase,part,units\ntill,3,everything,1\n", "unknown variant `everything`"),
        ("{\"experiment\": \"till\"}\n", "line 1: missing field `phase`"),
        ("\n{\"experiment\"\n", "line 2: "),
    ] {
        std::fs::write(&file, text).unwrap();
        check(&["--stats", file.to_str().unwrap()], said);
    }
    std::fs::write(&file, b"\xff\xfe").unwrap();
    check(&["--stats", file.to_str().unwrap()], "UTF-8");
}

#[test]
fn impossible_sums_are_withheld_and_not_computed_with() {
    let folder = empty(Kind::Sqlite);
    let file = folder.site().join("sums.csv");
    let mut csv = "experiment,phase,variant,metric,part,units,nonzero,x,xx\n".to_owned();
    for variant in ["control", "a", "b"] {
        writeln!(csv, "till,3,{variant},,units,{},0,0,0", if variant == "control" { 500 } else { 250 }).unwrap();
        // Squares smaller than a mean's allows; and more converted than there are.
        writeln!(csv, "till,3,{variant},spent,all,200,100,5000,10").unwrap();
        writeln!(csv, "till,3,{variant},bought,all,200,300,0,0").unwrap();
    }
    std::fs::write(&file, csv).unwrap();
    let text = told(&["--stats", file.to_str().unwrap(), "--study", "till"]);
    assert!(text.matches("no set of numbers has these sums").count() >= 4, "{text}");
}

/// The queries of docs/report.md, in their order.
fn documented() -> Vec<String> {
    let text = include_str!("../../../../docs/report.md");
    let blocks = text.split("```sql\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

fn documented_queries_run(kind: Kind) {
    let folder = empty(kind);
    let moment = now() / DAY * DAY;
    fill(&folder.database, moment);
    // One who met two variants.
    let insert =
        "INSERT INTO exposures (id, experiment, phase, variant, flag, unit_kind, unit, units, set_id, time, sent_at,
        first_received, last_received) SELECT 'again', experiment, phase, 'other', flag, unit_kind, unit, units, set_id,
        time + 5, time + 5, time + 5, time + 5 FROM exposures WHERE unit = 'v7'";
    let mut connection = folder.database.connect();
    connection.execute(insert, insert);
    let queries = documented();
    assert_eq!(queries.len(), 5);
    let answers: Vec<Vec<Value>> = queries
        .iter()
        .map(|query| {
            let query =
                if kind == Kind::Postgres { query.replace("e.units ->>", "e.units::jsonb ->>") } else { query.clone() };
            // The document's moment is that of the report it is compared with.
            connection.rows(&query.replace("1893456000000", &moment.to_string()))
        })
        .collect();
    for (query, answer) in queries.iter().zip(&answers) {
        assert!(!answer.is_empty(), "{query}");
    }
    let report = json_of(&folder.database, &["--now", &waft_ruleset::clock::text(moment), "--study", "till"]);
    let mut arms: Vec<Value> = report["studies"][0]["metrics"][0]["arms"].as_array().unwrap().clone();
    arms.sort_by_key(|arm| arm["variant"].to_string());
    let reported: Vec<Value> = arms.iter().map(|arm| json!([arm["variant"], arm["units"], arm["nonzero"]])).collect();
    assert_eq!(answers[1], reported);
    assert_eq!(answers[2].len(), 1);
}

fn database_of_schema_2_is_brought_to_today(kind: Kind) {
    let folder = empty(kind);
    fill(&folder.database, now());
    let integer = if kind == Kind::Postgres { "BIGINT" } else { "INTEGER" };
    let mut old = "DROP INDEX exposures_by_variant; ALTER TABLE exposures DROP COLUMN browser; ALTER TABLE exposures DROP COLUMN breakdown; ALTER TABLE exposures DROP COLUMN verdict;
         ALTER TABLE exposures DROP COLUMN trusted; ALTER TABLE events DROP COLUMN trusted;
         CREATE INDEX exposures_by_variant ON exposures (experiment, phase, variant, set_id, receipts);"
            .to_owned();
    for table in ["exposures", "events"] {
        write!(old, "ALTER TABLE {table} DROP COLUMN sent_at; ALTER TABLE {table} DROP COLUMN forwarded; ALTER TABLE {table} DROP COLUMN again;").unwrap();
        write!(old, "ALTER TABLE {table} ADD COLUMN skew {integer} NOT NULL DEFAULT -70; ALTER TABLE {table} ADD COLUMN late {integer};").unwrap();
    }
    // The device said 1,000 and 1,500 of what was received at 1,430 and 5,500: what was 4 s of the way is taken off.
    write!(old, "UPDATE exposures SET time = 930, first_received = 1430, late = 500 WHERE unit = 'v1';").unwrap();
    write!(old, "UPDATE exposures SET time = 1000, first_received = 5500, skew = 4000, late = 500 WHERE unit = 'v2';")
        .unwrap();
    folder
        .database
        .connect()
        .execute(&format!("{old} PRAGMA user_version = 2"), &format!("{old} UPDATE waft_schema SET number = 2"));
    let database = folder.database.argument();
    let message = refused(&["--db", database.to_str().unwrap()]);
    assert!(message.contains("has schema 2, this waft knows 6: start `waft serve` on it once"), "{message}");
    let (mut connection, folder) = folder.start(&[]).stored();
    assert_eq!(
        connection.rows("SELECT COUNT(*) FROM exposures WHERE browser IS NULL AND sent_at > first_received"),
        [json!([1_999])]
    );
    let times =
        connection.rows("SELECT time, sent_at, first_received FROM exposures WHERE unit IN ('v1', 'v2') ORDER BY unit");
    assert_eq!(times, [json!([1_000, 1_500, 1_430]), json!([1_000, 1_500, 5_500])]);
    json_of(&folder.database, &[]);
}

fn values_of_old_rows_break_nothing(kind: Kind) {
    let folder = empty(kind);
    let moment = now() / DAY * DAY;
    fill(&folder.database, moment);
    let before = json_of(&folder.database, &["--now", &waft_ruleset::clock::text(moment)]);
    let at = moment - 1;
    let mut rows = String::new();
    let values = ["1e-200", "-1e-200", "5e-324", "1e200", "-1e300"];
    let pieces = [
        "1e-400",
        "1e999",
        "-1e-20000",
        "1e-99999",
        "\"NaN\"",
        "\"1e5\"",
        "-0",
        "[[[1]]]",
        "1, \"pieces 'n' \\\"more\\\"\": 0",
        "\"\\u0000\"",
        "\"a 1e12345\"",
    ];
    for (number, piece) in pieces.iter().enumerate() {
        let piece = format!(r#"{{"pieces 'n' \"more\"": {piece}}}"#).replace('\'', "''");
        let value = values[number % values.len()];
        write!(rows, r#"('{:032x}', 'purchase', {value}, '{piece}', '{{"visitor":"v1"}}', 'harbour/production', {at}, {at}, {at}, {at}), "#, 95_000 + number).unwrap();
    }
    let insert = format!(
        "INSERT INTO events (id, name, value, properties, units, set_id, time, sent_at, first_received, last_received) VALUES {}",
        rows.trim_end_matches(", ")
    );
    folder.database.connect().execute(&insert, &insert);
    let after = json_of(&folder.database, &["--now", &waft_ruleset::clock::text(moment)]);
    // All of them are 0, and of one who has purchases as it is.
    let of = |report: &Value| digits(&report["studies"][0]["metrics"][3]);
    assert_eq!(of(&after), of(&before));
}

fn report_that_takes_too_long_ends(kind: Kind) {
    let folder = empty(kind);
    let many = "INSERT INTO exposures (id, experiment, phase, variant, flag, unit_kind, unit, units, set_id, time, sent_at, first_received, last_received)
        SELECT n, 'till', 3, 'a', 'f', 'visitor', n, '{}', 'harbour/production', 1780000000000, 1780000000000, 1780000000000, 1780000000000 FROM";
    folder.database.connect().execute(
        &format!("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 400000) {many} numbers"),
        &format!("{many} (SELECT CAST(n AS TEXT) AS n FROM generate_series(1, 400000) AS n) s"),
    );
    let database = folder.database.argument();
    let message = refused(&["--db", database.to_str().unwrap(), "--deadline", "1"]);
    assert!(message.contains("it took longer than 1 s"), "{message}");
    // And a stop does not wait for one.
    let ruleset = ruleset();
    let mut server = folder.start(&["--ruleset", ruleset.to_str().unwrap(), "--environment", "production"]);
    let start = std::time::Instant::now();
    let mut asked = std::net::TcpStream::connect(&server.address).unwrap();
    asked.write_all(b"GET /api/report HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    // It was accepted before this is answered.
    assert_eq!(server.get("/healthz", &[]).status, 200);
    server.signal("-TERM");
    assert_eq!(server.wait().code(), Some(0));
    assert!(start.elapsed() < std::time::Duration::from_secs(10));
}

fn forged_lists_are_cut_short(kind: Kind) {
    let folder = empty(kind);
    let many = "INSERT INTO exposures (id, experiment, phase, variant, flag, unit_kind, unit, units, set_id, snapshot_version, browser, time, sent_at, first_received, last_received)
        SELECT n, CASE WHEN i % 3 = 0 THEN n ELSE 'till' END, 3, CASE WHEN i % 3 = 1 THEN n ELSE 'a' END, 'f', 'visitor', n, '{}', 'harbour/production', i, n,
          1780000000000 + i, 1780000000000 + i, 1780000000000 + i, 1780000000000 + i FROM";
    folder.database.connect().execute(
        &format!("WITH RECURSIVE numbers (i, n) AS (SELECT 1, '1' UNION ALL SELECT i + 1, CAST(i + 1 AS TEXT) FROM numbers WHERE i < 30000) {many} numbers"),
        &format!("{many} (SELECT i, CAST(i AS TEXT) AS n FROM generate_series(1, 30000) AS i) s"),
    );
    let report = json_of(&folder.database, &[]);
    let till = &report["studies"][0];
    let length = |value: &Value| value.as_array().unwrap().len();
    assert_eq!((length(&report["unknown"]), report["unknownMore"].as_i64()), (100, Some(9_900)));
    assert_eq!((length(&till["strangers"]), till["strangersMore"].as_i64()), (100, Some(9_900)));
    let split = &till["sampleRatio"];
    assert_eq!((length(&split["byVersion"]), split["versionsMore"].as_i64()), (100, Some(9_900)));
    assert_eq!((length(&split["byBrowser"]), split["browsersMore"].as_i64()), (100, Some(9_900)));
    let database = folder.database.argument();
    let page = told(&["--db", database.to_str().unwrap(), "--format", "html"]);
    assert!(page.len() < 500_000 && page.contains("and 9,980 more"), "{}", page.len());
    let text = told(&["--db", database.to_str().unwrap()]);
    assert!(text.len() < 20_000 && text.contains("and 9,980 more that are not in the ruleset"), "{text}");
}

#[test]
fn exit_code_says_what_was_found() {
    let folder = empty(Kind::Sqlite);
    let file = folder.site().join("sums.csv");
    let check = |rows: &str, fail_on: &str, code: i32, said: &str| {
        std::fs::write(&file, format!("experiment,phase,variant,metric,part,cell,units,nonzero,x,xx,y,yy,xy\n{rows}"))
            .unwrap();
        let output = run(&["--stats", file.to_str().unwrap(), "--study", "till", "--fail-on", fail_on]);
        assert_eq!(output.status.code(), Some(code), "{fail_on}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(said) && !output.stdout.is_empty(), "{output:?}");
    };
    let units = "till,3,control,,units,,5000,,,,,,\ntill,3,a,,units,,3000,,,,,,\ntill,3,b,,units,,2000,,,,,,\n";
    let errors = "till,3,control,error,all,,5000,100,100,100,,,\ntill,3,a,error,all,,3000,900,900,900,,,\ntill,3,b,error,all,,2000,40,40,40,0,0,0\n";
    let bought = "till,3,control,bought,all,,5000,2500,2500,2500,,,\ntill,3,a,bought,all,,3000,300,300,300,,,\ntill,3,b,bought,all,,2000,1000,1000,1000,,,\n";
    check(units, "srm,crossed,harmed,worse,unknown", 0, "");
    check(&units.replace("2000", "9000"), "harmed,srm", 10, "srm: till, phase 3");
    check(&format!("{units}till,3,,,crossed,,900,,,,,,\n"), "crossed", 11, "crossed: till, phase 3");
    check(&format!("{units}{errors}"), "srm,harmed", 12, "harmed: till, phase 3: error with a");
    check(&format!("{units}{errors}{bought}"), "worse,harmed", 13, "worse: till, phase 3: bought with a");
    check(&format!("{units}till,3,x,,units,,1,,,,,,\n"), "unknown", 14, "unknown: till, phase 3: variants");
    check("till,1,a,,units,,1,,,,,,\n", "empty", 15, "empty: till, phase 3");
}

#[test]
fn rows_of_metrics_that_nothing_asks_about_are_told() {
    let folder = empty(Kind::Sqlite);
    let file = folder.site().join("sums.csv");
    let rows = "till,3,a,,units,7\ntill,3,a,bougth,all,7\ntill,3,b,bougth,all,7\ntill,3,a,bought,all,7\n";
    std::fs::write(&file, format!("experiment,phase,variant,metric,part,units\n{rows}")).unwrap();
    let text = told(&["--stats", file.to_str().unwrap(), "--study", "till"]);
    let part = "till, phase 3: 2 rows of the metric `bougth`, which it does not have, and which count for nothing: did you mean `bought`?";
    assert!(text.contains(part), "{text}");
    assert_eq!(text.matches("which count for nothing").count(), 1, "{text}");
}

#[test]
fn empty_table_of_sums_is_an_error_and_empty_cells_are_nothing() {
    let folder = empty(Kind::Sqlite);
    let file = folder.site().join("sums");
    for text in ["", "\n", "\u{feff}", "experiment,phase,variant,metric,part,cell,units\n"] {
        std::fs::write(&file, text).unwrap();
        let message = refused(&["--stats", file.to_str().unwrap()]);
        assert!(message.contains("it has no rows"), "{text:?}: {message}");
    }
    let told_of = |text: &str| {
        std::fs::write(&file, text).unwrap();
        told(&["--stats", file.to_str().unwrap(), "--study", "till", "--format", "json", "--now", "2026-05-01T00:00Z"])
    };
    let absent = told_of("experiment,phase,variant,part,units\ntill,3,a,units,7\n");
    let empty =
        told_of("experiment,phase,variant,metric,part,cell,units,nonzero,x,xx,y,yy,xy\ntill,3,a,,units,,7,,,,,,\n");
    let null = told_of(
        r#"{"experiment":"till","phase":"3","variant":"a","metric":null,"part":"units","cell":null,"units":7,"nonzero":null,"x":null,"xx":"","y":null,"yy":null,"xy":null}"#,
    );
    assert_eq!((&empty, &null), (&absent, &absent));
    // A variant with a share of 0 % is in the ruleset.
    std::fs::write(&file, "experiment,phase,variant,part,units\nalone,1,control,units,7\nalone,1,a,units,700\n")
        .unwrap();
    let text = told(&["--stats", file.to_str().unwrap(), "--study", "alone"]);
    assert!(
        text.contains("control has a share of 0 %: 7 accounts excluded") && !text.contains("not in the ruleset"),
        "{text}"
    );
}
