//! Servers that are busy, slow, lose responses, or do things twice.

use std::time::Duration;

use crate::bench::Bench;
use crate::origin::{Fate, Origin};

/// Publishes version 2 and its head over 1, with a fate for each request in turn, until none meets it.
fn each_request(fate: Fate) {
    let (bench, origin) = (Bench::with_heads(), Origin::start());
    bench.point("head.waft", 1, &[]);
    bench.put(&origin.url, &["1.waft", "--head", "head.waft"]);
    let before = origin.with(|state| state.files.clone());
    bench.point("head.waft", 2, &[]);
    for at in 1.. {
        origin.with(|state| state.files = before.clone());
        origin.fates(move |number, _| if number == at { fate } else { Fate::Done });
        let told = bench.put(&origin.url, &["2.waft", "--head", "head.waft"]);
        assert_eq!((&told["live"], &told["head"]["live"]), (&true.into(), &true.into()), "{fate:?} at {at}: {told}");
        let (snapshot, head) = (bench.read("2.waft"), bench.read("head.waft"));
        assert_eq!(origin.file("snapshot.waft").bytes, snapshot, "{fate:?} at {at}");
        assert_eq!(origin.file("head.waft").bytes, head, "{fate:?} at {at}");
        assert_eq!(origin.file("current.waft").bytes, [head, snapshot].concat(), "{fate:?} at {at}");
        if origin.with(|state| state.requests.len()) < at {
            assert!(at > 15, "{at}");
            return;
        }
    }
}

#[test]
fn a_busy_server_is_asked_again() {
    each_request(Fate::Status(503));
}

#[test]
fn a_lost_response_is_found_out_about() {
    each_request(Fate::Lost);
}

#[test]
fn a_request_that_is_done_twice_is_done() {
    each_request(Fate::Twice);
}

#[test]
fn a_slow_server_is_waited_for() {
    each_request(Fate::Slow(Duration::from_millis(300)));
}
