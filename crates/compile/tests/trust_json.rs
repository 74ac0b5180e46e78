//! TRUST.json as people write it: what is misspelt is told, and never a trust that asks for less.
#![allow(missing_docs, clippy::unwrap_used)]

use serde_json::{Value as Json, json};
use waft_compile::{keys, trust};

fn written() -> Json {
    let pair = keys::from_seed([7; 32]);
    let (kid, public) = (keys::to_text(&keys::kid(&pair.pk)), keys::to_text(pair.pk.as_ref()));
    json!({
        "project": "shop",
        "environment": "production",
        "keys": { (kid.as_str()): public },
        "require": [{ "role": "publisher", "keys": [kid.as_str()], "atLeast": 1 }],
    })
}

#[test]
fn all_that_a_page_reads_is_read() {
    let mut json = written();
    for (field, value) in [
        ("epoch", json!("2026")),
        ("minVersion", json!(3)),
        ("maxJump", json!(10)),
        ("number", json!(1)),
        ("maxStale", json!(60)),
        ("holders", json!({})),
    ] {
        json[field] = value;
    }
    // Some editors put a byte-order mark in front.
    for mark in ["", "\u{feff}"] {
        let read = trust::read(&format!("{mark}{json}")).unwrap();
        assert_eq!((read.min_version(), read.max_jump()), (3, 10));
    }
}

/// As somebody writes `maxStale: 7d`, of which a page makes no number.
#[test]
fn what_pages_alone_read_is_of_its_type() {
    for (field, value, expected) in [
        ("maxStale", json!("7d"), "trust.maxStale: expected a whole number of seconds"),
        ("maxStale", json!(-1), "trust.maxStale: expected a whole number of seconds"),
        ("maxStale", json!(null), "trust.maxStale: expected a whole number of seconds"),
        ("epoch", json!(-1), "trust.epoch: expected a whole number, or a text"),
        ("epoch", json!({}), "trust.epoch: expected a whole number, or a text"),
        ("holders", json!(["alice"]), "trust.holders: expected names by the ids of keys"),
        ("holders", json!({ "x": 1 }), "trust.holders: expected names by the ids of keys"),
    ] {
        let mut json = written();
        json[field] = value;
        assert_eq!(trust::read(&json.to_string()).unwrap_err(), expected);
    }
}

#[test]
fn a_field_that_nothing_reads_is_refused() {
    let told = |change: fn(&mut Json)| {
        let mut json = written();
        change(&mut json);
        trust::read(&json.to_string()).unwrap_err()
    };
    assert_eq!(
        told(|json| json["require"][0]["threshold"] = json!(2)),
        "trust.require[0].threshold: there is no such field: expected one of: role, keys, atLeast"
    );
    assert_eq!(
        told(|json| json["require"][0]["atleast"] = json!(2)),
        "trust.require[0].atleast: there is no such field: did you mean `atLeast`?"
    );
    assert_eq!(
        told(|json| json["minversion"] = json!(9)),
        "trust.minversion: there is no such field: did you mean `minVersion`?"
    );
}
