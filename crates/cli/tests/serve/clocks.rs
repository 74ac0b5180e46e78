//! What `waft report` makes of devices' clocks; tests/oracles/test_report.py computes it row by row.

use serde_json::{Value, json};

use crate::database::{Database, Kind, on_both};
use crate::records::{int, now, request, text};
use crate::reports::{DAY, json_of};
use crate::server::Server;

on_both! {
    who_bought_three_seconds_later_has_bought_whatever_the_way_took
    clocks_are_corrected_by_page_views
}

/// A record as a page of `harbour` sends it, from a page view; by a clock that is behind.
fn sent(name: &str, number: u64, page: &str, sequence: i64, time: i64, sent_at: i64) -> Value {
    let unit = format!("v{number}");
    let mut attributes = vec![
        text("feature_flag.set.id", "harbour/production"),
        text("waft.unit.visitor", &unit),
        text("waft.page_view.id", page),
        int("waft.sequence", sequence),
    ];
    if name == "exposure" {
        let variant = if number.is_multiple_of(2) { "control" } else { "a" };
        let parts = ["harbour", "production", "till", "3", "visitor", &unit, variant, ""];
        let id = String::from_utf8(waft::exposure::id(&parts.map(str::as_bytes)).to_vec()).unwrap();
        attributes.extend([
            text("waft.exposure.id", &id),
            text("waft.experiment", "till"),
            int("waft.phase", 3),
            text("feature_flag.result.variant", variant),
            text("feature_flag.key", "till"),
            text("waft.unit.kind", "visitor"),
            text("feature_flag.context.id", &unit),
        ]);
    } else {
        attributes.extend([
            text("waft.event.id", &format!("{:032x}", number << 8 | sequence as u64)),
            text("waft.event.name", name),
        ]);
    }
    json!({ "timeUnixNano": format!("{time}000000"), "observedTimeUnixNano": format!("{sent_at}000000"), "attributes": attributes })
}

/// Rows as they would be stored of requests that were received when they say, in milliseconds after their sending.
fn receive(database: &Database, late: i64) {
    let moved = format!("first_received = sent_at + {late}, last_received = sent_at + {late}");
    let all = format!(
        "UPDATE exposures SET {moved} WHERE sequence = 0; UPDATE events SET first_received = sent_at + 90, last_received = sent_at + 90"
    );
    database.connect().execute(&all, &all);
}

/// Units and converted units of the first metric, of all variants.
fn bought(database: &Database, now: i64) -> (i64, i64) {
    let report = json_of(database, &["--now", &waft_ruleset::clock::text(now), "--study", "till"]);
    let arms = report["studies"][0]["metrics"][0]["arms"].as_array().unwrap().clone();
    arms.iter().fold((0, 0), |(units, nonzero), arm| {
        (units + arm["units"].as_i64().unwrap(), nonzero + arm["nonzero"].as_i64().unwrap())
    })
}

/// The first POST of each page took 4 s, the second 90 ms: the purchase was received with less of the way in it.
fn who_bought_three_seconds_later_has_bought_whatever_the_way_took(kind: Kind) {
    let server = Server::with(kind);
    let moment = now() / DAY * DAY;
    let at = moment - 5 * DAY;
    for behind in [0, 3_600_000, -3_600_000] {
        let records: Vec<Value> = (0..100)
            .flat_map(|number| {
                let (number, page) = (number + (behind + 3_600_000) as u64, format!("p{number}{behind}"));
                let at = at - behind;
                [
                    sent("exposure", number, &page, 0, at, at + 1_000),
                    sent("purchase", number, &page, 1, at + 3_000, at + 5_000),
                ]
            })
            .collect();
        assert_eq!(server.post(request(&records)).json(), json!({}));
    }
    let folder = server.stored().1;
    receive(&folder.database, 4_000);
    let hour = "UPDATE exposures SET first_received = first_received + ($1); UPDATE events SET first_received = first_received + ($1)";
    for (behind, range) in [(3_600_000, "p%3600000"), (-3_600_000, "p%-3600000")] {
        let sql = hour
            .replace("$1", &behind.to_string())
            .replace("; ", &format!(" WHERE page_view LIKE '{range}' AND page_view NOT LIKE 'p%{}'; ", -behind));
        let sql = format!("{sql} WHERE page_view LIKE '{range}' AND page_view NOT LIKE 'p%{}'", -behind);
        folder.database.connect().execute(&sql, &sql);
    }
    assert_eq!(bought(&folder.database, moment), (300, 300));
}

fn clocks_are_corrected_by_page_views(kind: Kind) {
    let server = Server::with(kind);
    let moment = now() / DAY * DAY;
    let at = moment - 5 * DAY;
    const HOUR: i64 = 3_600_000;
    // Who, what a clock is behind while exposed and while buying, when it was bought, in which page view and as which of its records, and whether it counts.
    let cases: [(i64, i64, i64, &str, i64, bool); 10] = [
        (0, 0, 5_000, "same", 1, true),
        (0, 0, -5_000, "same", 1, true), // the clock was set back by a little: the sequence says it was later
        (0, 0, 5_000, "same", -1, false), // and here that it was before
        (HOUR, HOUR, 5_000, "other", 1, true),
        (-HOUR, -HOUR, 5_000, "other", 1, true),
        (-HOUR, 0, 5_000, "other", 1, true), // by another clock: in both page views it is right once corrected
        (HOUR, 0, -5_000, "other", 1, false),
        (0, -HOUR, -5_000, "other", 1, false),
        (0, -HOUR, 3 * DAY, "other", 1, false), // just past the window, which a clock that is ahead does not move
        (0, HOUR, 3 * DAY - 20_000, "other", 1, true),
    ];
    let mut records = Vec::new();
    for (number, (exposing, buying, later, page, sequence, _)) in cases.iter().enumerate() {
        let number = number as u64;
        let exposed = at - exposing;
        records.push(sent("exposure", number, &format!("p{number}"), 1, exposed, exposed + 1_000));
        let bought = at + later - buying;
        let page = if *page == "same" { format!("p{number}") } else { format!("q{number}") };
        records.push(sent("purchase", number, &page, 1 + sequence, bought, bought + 1_000));
    }
    assert_eq!(server.post(request(&records)).json(), json!({}));
    let folder = server.stored().1;
    let mut db = folder.database.connect();
    for (number, (exposing, buying, ..)) in cases.iter().enumerate() {
        let sql = format!(
            "UPDATE exposures SET first_received = sent_at + {exposing} + 50 WHERE unit = 'v{number}';
             UPDATE events SET first_received = sent_at + {buying} + 50 WHERE units LIKE '%\"v{number}\"%'"
        );
        db.execute(&sql, &sql);
    }
    let expected = cases.iter().filter(|case| case.5).count() as i64;
    assert_eq!(bought(&folder.database, moment), (10, expected));
}
