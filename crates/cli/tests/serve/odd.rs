//! Rows that a database refuses for what they hold: each costs only itself, and everybody else's are stored.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::database::{Database, Kind, on_both};
use crate::records::{exposure, id, request, text};
use crate::reports::{json_of, told};
use crate::server::{Folder, Server};

on_both! {
    long_names_cost_only_themselves
    odd_values_cost_only_themselves_and_break_no_report
    rows_that_the_database_refuses_cost_only_themselves
}

fn with(mut record: Value, key: &str, value: &str) -> Value {
    let attributes = record["attributes"].as_array_mut().unwrap();
    attributes.retain(|attribute| attribute["key"] != key);
    attributes.push(text(key, value));
    record
}

/// Text that cannot be compressed, as PostgreSQL would.
fn noise(length: usize) -> String {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"[(state >> 58) as usize])
    };
    (0..length).map(|_| next()).collect()
}

fn event(number: u64, name: &str) -> Value {
    json!({ "attributes": [text("waft.event.id", &id(number)), text("waft.event.name", name)] })
}

fn long_names_cost_only_themselves(kind: Kind) {
    let server = Server::with(kind);
    let mut odd = exposure(1, "bold");
    for key in ["waft.experiment", "feature_flag.result.variant"] {
        odd = with(odd, key, &noise(1_020));
    }
    odd = with(odd, "feature_flag.set.id", &format!("{}/{}", noise(1_010), noise(9)));
    // Somebody sends it again and again, while others send theirs.
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let partial = server.post(request(&[odd.clone()])).json()["partialSuccess"].clone();
                assert_eq!(partial["rejectedLogRecords"], "1", "{partial}");
            }
        });
        for number in 10..60 {
            let answer = server.post(request(&[exposure(number, "bold")]));
            assert_eq!((answer.status, answer.json()), (200, json!({})));
        }
        done.store(true, Ordering::Relaxed);
    });
    // As long as a ruleset's are: a ramp has two names and what is between.
    let [name, units] = [noise(100), noise(64)];
    let two = format!("{name}/{name}");
    let mut longest = exposure(1_000, &name);
    for (key, value) in [("waft.experiment", &two), ("feature_flag.set.id", &two), ("waft.unit.kind", &units)] {
        longest = with(longest, key, value);
    }
    for key in ["feature_flag.key", "waft.rule", "user_agent.name", "waft.page_view.id"] {
        longest = with(longest, key, &name);
    }
    longest = with(longest, "feature_flag.context.id", &noise(1_024));
    // Its id is another's now, which costs it nothing.
    assert_eq!(server.post(request(&[longest])).json()["partialSuccess"]["rejectedLogRecords"], "0");
    for key in ["waft.experiment", "feature_flag.result.variant", "waft.rule", "feature_flag.key", "waft.unit.kind"] {
        let partial = server.post(request(&[with(exposure(2, "bold"), key, &noise(202))])).json();
        let message = format!("resourceLogs[0].scopeLogs[0].logRecords[0]: {key}: 202 bytes, at most ");
        assert!(partial["partialSuccess"]["errorMessage"].as_str().unwrap().starts_with(&message), "{partial}");
    }
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 51);
}

fn rows_that_the_database_refuses_cost_only_themselves(kind: Kind) {
    let server = Server::with(kind);
    // What a later version, or somebody who looks after the database, may forbid.
    server.folder.database.connect().execute(
        "CREATE TRIGGER odd BEFORE INSERT ON exposures WHEN NEW.variant LIKE 'odd%' BEGIN SELECT RAISE(ABORT, 'odd'); END;
         CREATE TRIGGER odd_event BEFORE INSERT ON events WHEN NEW.name = 'odd' BEGIN SELECT RAISE(ABORT, 'odd'); END",
        "ALTER TABLE exposures ADD CONSTRAINT odd CHECK (variant NOT LIKE 'odd%');
         ALTER TABLE events ADD CONSTRAINT odd CHECK (name <> 'odd')",
    );
    let mut records: Vec<Value> = (0..100).map(|number| exposure(number, "bold")).collect();
    records[3] = exposure(3, "odd one");
    records[98] = exposure(98, "odd other");
    records.push(event(1, "odd"));
    records.push(event(2, "purchase"));
    // With others' in the same commit, some of which have the same row.
    std::thread::scope(|scope| {
        for number in 200..220 {
            let server = &server;
            scope.spawn(move || {
                let answer = server.post(request(&[exposure(number, "bold"), event(number, "purchase")]));
                assert_eq!((answer.status, answer.json()), (200, json!({})));
                let answer = server.post(request(&[exposure(number + 1_000, "plain"), exposure(3, "odd one")]));
                assert_eq!(answer.json()["partialSuccess"]["rejectedLogRecords"], "1", "{answer:?}");
            });
        }
        let answer = server.post(request(&records));
        let partial = &answer.json()["partialSuccess"];
        assert_eq!((answer.status, &partial["rejectedLogRecords"]), (200, &json!("3")), "{partial}");
        let message = partial["errorMessage"].as_str().unwrap();
        for place in [3, 98, 100] {
            assert!(message.contains(&format!("logRecords[{place}]: not stored: ")), "{message}");
        }
    });
    let (mut db, _folder) = server.stored();
    assert_eq!(db.rows("SELECT COUNT(*) FROM exposures"), [json!([98 + 20 + 20])]);
    assert_eq!(db.rows("SELECT COUNT(*) FROM events"), [json!([21])]);
}

/// One attribute as JSON text, which serde would not write.
fn raw(key: &str, value: &str) -> String {
    format!(r#"{{"key":"{key}","value":{value}}}"#)
}

/// Records as text: an event of `purchase` with further attributes and fields, numbered.
fn odd_event(number: u64, attributes: &[String], fields: &str) -> String {
    let own = [
        text("waft.event.id", &id(number)).to_string(),
        text("feature_flag.set.id", "harbour/production").to_string(),
        text("waft.unit.visitor", "v1").to_string(),
    ];
    let named = attributes.iter().any(|attribute| attribute.contains("waft.event.name"));
    let name = if named { String::new() } else { format!(",{}", text("waft.event.name", "purchase")) };
    let more: String = attributes.iter().map(|attribute| format!(",{attribute}")).collect();
    format!(r#"{{"attributes":[{}{name}{more}]{fields}}}"#, own.join(","))
}

fn odd_values_cost_only_themselves_and_break_no_report(kind: Kind) {
    const NAME: &str = "waft.event.name";
    const VALUE: &str = "waft.event.value";
    const PROPERTIES: &str = "waft.event.properties";
    const VIEW: &str = "waft.page_view.id";
    const SEQUENCE: &str = "waft.sequence";
    let server = Server::with(kind);
    let string = |key: &str, value: &str| text(key, value).to_string();
    let properties = |json: &str| vec![string(PROPERTIES, json)];
    let one = |attribute: String| vec![attribute];
    let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    // Each with what becomes of it.
    let cases: Vec<(bool, Vec<String>, &str)> = vec![
        // Names at their bound, in bytes.
        (true, one(string(NAME, &"\u{e9}".repeat(512))), ""),
        (false, one(string(NAME, &format!("{}x", "\u{e9}".repeat(512)))), ""),
        (true, one(string(VIEW, &format!("{}x", "\u{20ac}".repeat(33)))), ""),
        (false, one(string(VIEW, &"\u{20ac}".repeat(34))), ""),
        (true, one(string(NAME, "'; DROP TABLE events; -- \" \\ \u{202e}\u{9b}")), ""),
        (false, one(raw(NAME, r#"{"stringValue":"a\u0000b"}"#)), ""),
        (false, one(raw(NAME, r#"{"stringValue":"\ud800"}"#)), ""),
        (false, one(raw(NAME, r#"{"stringValue":"\udc00\ud800"}"#)), ""),
        (true, one(raw(NAME, r#"{"stringValue":"\ud83e\udd80"}"#)), ""),
        // Numbers.
        (true, one(raw(VALUE, r#"{"doubleValue":-0}"#)), ""),
        (true, one(raw(VALUE, r#"{"doubleValue":-0.0}"#)), ""),
        (true, one(raw(VALUE, r#"{"doubleValue":"1e-400"}"#)), ""),
        (true, one(raw(VALUE, r#"{"doubleValue":-5e-324}"#)), ""),
        (true, one(raw(VALUE, r#"{"intValue":"-9223372036854775808"}"#)), ""),
        (true, one(raw(VALUE, r#"{"doubleValue":-1e100}"#)), ""),
        (false, one(raw(VALUE, r#"{"doubleValue":1e400}"#)), ""),
        (false, one(raw(VALUE, r#"{"doubleValue":"1e400"}"#)), ""),
        (false, one(raw(VALUE, r#"{"doubleValue":"NaN"}"#)), ""),
        (false, one(raw(VALUE, r#"{"doubleValue":"-Infinity"}"#)), ""),
        (false, one(raw(VALUE, r#"{"doubleValue":NaN}"#)), ""),
        (false, one(raw(VALUE, r#"{"intValue":"99999999999999999999"}"#)), ""),
        (false, one(raw(VALUE, r#"{"stringValue":"5"}"#)), ""),
        // Properties: the metric `pieces` sums one.
        (true, properties(r#"{"pieces 'n' \"more\"":-0}"#), ""),
        (true, properties(r#"{"pieces 'n' \"more\"":18446744073709551615}"#), ""),
        (
            true,
            properties(r#"{"pieces 'n' \"more\"":123456789012345678901234567890123456789012345678901234567890}"#),
            "",
        ),
        (true, properties(r#"{"pieces 'n' \"more\"":"NaN"}"#), ""),
        (true, properties(r#"{"pieces 'n' \"more\"":"1e400"}"#), ""),
        (true, properties(r#"{"pieces 'n' \"more\"":[1]}"#), ""),
        (true, properties(r#"{"pieces 'n' \"more\"":null,"":1,"a b":{"":""}}"#), ""),
        (true, properties(r#"{"pieces 'n' \"more\"":3,"a":"\\u0000 \u0000 \\\\u0000"}"#), ""),
        (true, properties(r#"{"pieces 'n' \"more\"":4,"a":"\ud83e\udd80 \u2028 \u202e"}"#), ""),
        (true, properties(&deep(120)), ""),
        (false, properties(&deep(130)), ""),
        (false, properties(&deep(4_000)), ""),
        (false, properties(r#"{"a":1e400}"#), ""),
        (false, properties(r#"{"a":"\ud800"}"#), ""),
        (false, properties(r#"{"a":NaN}"#), ""),
        (false, properties(r#"{"a":1} {"b":2}"#), ""),
        // Sequences and times.
        (true, one(raw(SEQUENCE, r#"{"intValue":"9007199254740991"}"#)), ""),
        (false, one(raw(SEQUENCE, r#"{"intValue":"9007199254740992"}"#)), ""),
        (false, one(raw(SEQUENCE, r#"{"intValue":-1}"#)), ""),
        (false, one(raw(SEQUENCE, r#"{"intValue":1.5}"#)), ""),
        (true, Vec::new(), r#","timeUnixNano":"-1","observedTimeUnixNano":"-9223372036854775808""#),
        (true, Vec::new(), r#","timeUnixNano":"9223372036854775807","observedTimeUnixNano":"1""#),
        (true, Vec::new(), r#","timeUnixNano":"1000000","observedTimeUnixNano":"9223372036854775807""#),
        (false, Vec::new(), r#","timeUnixNano":"253402300800000000000""#),
        (false, Vec::new(), r#","timeUnixNano":18446744073709551615"#),
        (false, Vec::new(), r#","timeUnixNano":"""#),
    ];
    for (number, (is_stored, attributes, fields)) in (1..).zip(&cases) {
        let record = odd_event(number, attributes, fields);
        let body = request(&[json!("@1"), json!("@2"), json!("@3")]);
        let (before, after) = (event(1_000 + number, "purchase"), event(2_000 + number, "purchase"));
        let body = body.replace("\"@1\"", &before.to_string()).replace("\"@2\"", &record);
        let body = body.replace("\"@3\"", &after.to_string());
        let answer = server.post(body);
        // What is no JSON takes its request with it.
        if record.contains("NaN}") && !record.contains("stringValue\":\"{") {
            assert_eq!(answer.status, 400, "{record}");
            continue;
        }
        let expected = if *is_stored { Value::Null } else { json!("1") };
        assert_eq!(
            (answer.status, &answer.json()["partialSuccess"]["rejectedLogRecords"]),
            (200, &expected),
            "{record}"
        );
    }
    let (mut db, folder) = server.stored();
    let stored = cases.iter().filter(|(is_stored, ..)| *is_stored).count();
    assert_eq!(db.rows("SELECT COUNT(*) FROM events WHERE set_id IS NOT NULL"), [json!([stored])]);
    db.execute_both(
        "INSERT INTO exposures (id, experiment, phase, variant, flag, unit_kind, unit, units, set_id, time, first_received,
           last_received) VALUES ('1', 'till', 3, 'a', 'f', 'visitor', 'v1', '{}', 'harbour/production', 1, 1, 1)",
    );
    let report = json_of(&folder.database, &["--now", "2026-12-31T00:00Z"]);
    assert_eq!(report["studies"][0]["name"], "till", "{report}");
    for now in ["0001-01-01T00:00Z", "9999-12-31T23:59:59Z"] {
        json_of(&folder.database, &["--now", now]);
    }
    for (file, lines) in [("rows.ndjson", stored), ("rows.parquet", 0)] {
        let path = folder.site().join(file);
        let output = folder.command(&["--export", path.to_str().unwrap(), "--rows", "events"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let bytes = std::fs::read(&path).unwrap();
        if lines > 0 {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
            assert!(!text.contains(|character: char| character.is_control() && character != '\n'));
            assert!(text.lines().count() > lines);
        }
    }
}

/// What an old row, or another program, may have in its properties costs only itself; and what only looks like it costs nothing.
#[test]
fn properties_mean_the_same_in_both_databases() {
    let sums = [Kind::Sqlite, Kind::Postgres].map(|kind| {
        if kind == Kind::Postgres && Cluster::shared().is_none() {
            return None;
        }
        let (mut db, _folder) = Server::with(kind).stored();
        // The value is read beside text that looks like what jsonb cannot hold; not beside what it cannot.
        let more = [
            r"\\u0000", r"\\\\u0000", r"\ud83e\udd80", r"\\ud800", r"e99999", r"1\u00e9", r"\u0000", r"\\\u0000", r"\ud800", r"\udc00\ud800",
            r"\ud83e\udd80\udd80",
        ];
        for (number, text) in more.iter().enumerate() {
            let properties = format!(r#"{{"pieces ''n'' \"more\"":{},"b":"{text}"}}"#, 1_u64 << number);
            db.execute_both(&format!(
                r#"INSERT INTO exposures (id, experiment, phase, variant, flag, unit_kind, unit, units, set_id, time,
                  first_received, last_received) VALUES ('{number}', 'till', 3, 'a', 'f', 'visitor', 'v{number}', '{{}}',
                  'harbour/production', 1780000000000, 1780000000000, 1780000000000)"#
            ));
            db.execute_both(&format!(
                r#"INSERT INTO events (id, name, value, properties, units, set_id, time, first_received, last_received)
                  VALUES ('{number}', 'purchase', 1, '{properties}', '{{"visitor":"v{number}"}}', 'harbour/production',
                  1780000000001, 1780000000001, 1780000000001)"#
            ));
        }
        let dialect = if kind == Kind::Postgres { "postgres" } else { "sqlite" };
        let query = told(&["--print-sql", dialect, "--now", "2026-11-01T00:00Z", "--study", "till"]);
        let sums = db.rows(&query);
        let own = sums.iter().filter(|row| row[2] == "a" && row[3] == "pieces" && row[4] == "new");
        Some(own.map(|row| (row[6].as_i64().unwrap(), row[8].as_f64().unwrap())).next().unwrap())
    });
    let [Some((units, sqlite)), Some(postgres)] = sums else { return };
    // Six that can be read, 1 + 2 + 4 + 8 + 16 + 32, of eleven units. SQLite reads all.
    assert_eq!((units, postgres, sqlite), (11, (11, 63.0), 2_047.0));
}

/// A database whose text is not Unicode: a real one that cannot hold what browsers send.
#[test]
fn text_that_the_database_cannot_hold_costs_only_itself() {
    let Some(cluster) = Cluster::shared() else { return };
    let mut folder = Folder::new();
    let url = cluster.url("postgres");
    let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    client.batch_execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0").unwrap();
    folder.database = Database::Url(cluster.url("latin"));
    let server = folder.start(&[]);
    let answer = server.post(request(&[exposure(1, "bold"), exposure(2, "\u{1f980}"), exposure(3, "\u{e9}")]));
    let partial = &answer.json()["partialSuccess"];
    assert_eq!((answer.status, &partial["rejectedLogRecords"]), (200, &json!("1")), "{partial}");
    assert!(partial["errorMessage"].as_str().unwrap().contains("logRecords[1]: not stored: "), "{partial}");
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 2);
}

/// Names are anybody's, and what is asked with curl is shown by a terminal.
#[test]
fn answers_say_nothing_to_a_terminal() {
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/oracles/report.yaml");
    let server = Server::start(&["--ruleset", rules, "--environment", "production"]);
    let steers: String =
        ['\u{1b}', '\u{7f}', '\u{9b}', '\u{85}', '\u{61c}', '\u{202e}', '\u{2028}', '\u{2066}'].iter().collect();
    let mut odd = with(exposure(1, &steers), "waft.experiment", &steers);
    odd = with(odd, "feature_flag.set.id", "harbour/production");
    let mut wrong = exposure(2, "bold");
    wrong["timeUnixNano"] = json!(steers);
    let mut unit = exposure(3, "bold");
    unit["attributes"].as_array_mut().unwrap().push(text(&format!("waft.unit.{steers}"), "1"));
    let mut key = exposure(4, "bold");
    key["attributes"][0]["value"] = json!({ "intValue": steers });
    let is_plain = |answer: &[u8]| {
        let told = String::from_utf8(answer.to_vec()).unwrap();
        let found: Vec<char> = told.chars().filter(|one| steers.contains(*one)).collect();
        assert!(found.is_empty(), "{found:?} in {told}");
        told
    };
    let answer = server.post(request(&[odd, wrong, unit, key]));
    assert_eq!(answer.json()["partialSuccess"]["rejectedLogRecords"], "3");
    is_plain(&answer.body);
    for path in ["/api/exposures", "/api/report"] {
        let answer = server.get(path, &[]);
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert!(is_plain(&answer.body).contains("\\u009b"), "{path}");
        assert!(answer.json().to_string().contains(&steers[1..]), "{path}");
    }
    let body = format!("{{\"{steers}\":");
    is_plain(&server.post(body).body);
    is_plain(server.raw("GET / HTTP/1.1\r\nhost: \u{9b}\u{202e}\r\nconnection: close\r\n\r\n").as_bytes());
    is_plain(server.raw("GET /\u{9b}\u{202e}%1b HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").as_bytes());
}
