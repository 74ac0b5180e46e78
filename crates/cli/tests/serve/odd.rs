//! Rows that a database refuses for what they hold: each costs only itself, and everybody else's are stored.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::database::{Database, Kind, on_both};
use crate::records::{exposure, id, request, text};
use crate::server::{Folder, Server};

on_both! {
    long_names_cost_only_themselves
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
