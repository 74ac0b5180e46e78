//! Publishers that are killed.

use std::fs;
use std::thread;
use std::time::Duration;

use crate::bench::{Bench, files};
use crate::origin::{Fate, Origin};

/// A page finds version 1 or 2, and what was killed can be done again.
#[test]
fn at_each_request_readers_have_the_old_or_the_new() {
    let (bench, origin) = (Bench::new(), Origin::start());
    bench.publish(1, &origin.url, &[]);
    let before = origin.with(|state| state.files.clone());
    let mut versions = Vec::new();
    for (at, after) in (1..).flat_map(|at| [(at, false), (at, true)]) {
        origin.with(|state| (state.files, state.process) = (before.clone(), None));
        origin.fates(move |number, _| if number == at { Fate::Killed { after } } else { Fate::Done });
        let child = bench.start(2, &origin.url, &[]);
        origin.with(|state| state.process = Some(child.id()));
        let is_killed = child.wait_with_output().unwrap().status.code().is_none();
        fs::write(bench.path("live.waft"), origin.file("snapshot.waft").bytes).unwrap();
        let version = bench.adopted(&bench.path("live.waft"));
        if !is_killed {
            assert_eq!((version, at > 8), (2, true), "{at}");
            break;
        }
        versions.push(version);
        origin.fates(|_, _| Fate::Done);
        bench.publish(2, &origin.url, &[]);
        assert_eq!(origin.file("snapshot.waft").bytes, bench.read("2.waft"), "{at}");
    }
    // Once it is the new one, it stays the new one.
    assert!(versions.is_sorted() && versions[0] == 1 && versions.last() == Some(&2), "{versions:?}");
}

/// A page finds a head and a snapshot that belong together, both old or one of them new, and what was killed can be done again.
#[test]
fn at_each_request_readers_have_a_whole_head() {
    let (bench, origin) = (Bench::with_heads(), Origin::start());
    bench.point("head.waft", 1, &[]);
    bench.put(&origin.url, &["1.waft", "--head", "head.waft"]);
    let before = origin.with(|state| state.files.clone());
    bench.kill("kill", "new", "head.waft");
    bench.point("head.waft", 2, &[]);
    bench.done(&["trust", "rotate", "trust.json", "--min-version", "1", "--key", "root.pem"]);
    let all = ["2.waft", "--head", "head.waft", "--trust-documents", "trust-0001.waft"];
    let put = |name: &str| fs::write(bench.path(name), origin.file(name).bytes).unwrap();
    let mut states = Vec::new();
    for (at, after) in (1..).flat_map(|at| [(at, false), (at, true)]) {
        origin.with(|state| (state.files, state.process) = (before.clone(), None));
        origin.fates(move |number, _| if number == at { Fate::Killed { after } } else { Fate::Done });
        let child = bench.start_put(&origin.url, &all);
        origin.with(|state| state.process = Some(child.id()));
        let is_killed = child.wait_with_output().unwrap().status.code().is_none();
        ["snapshot.waft", "current.waft"].iter().for_each(|name| put(name));
        // Not over the one that is published.
        fs::write(bench.path("served.waft"), origin.file("head.waft").bytes).unwrap();
        let snapshot = bench.adopted(&bench.path("snapshot.waft"));
        let [head, current] = ["served.waft", "current.waft"].map(|name| bench.taken(&bench.path(name)));
        let named = head["pointer"]["version"].as_u64().unwrap();
        assert!(named <= snapshot, "{at}: the head names what is not there");
        assert_eq!(head["kills"].is_object(), named == 2, "{at}: {head}");
        let both = current["snapshot"]["version"].as_u64().unwrap();
        let is_chained = origin.with(|state| state.files.contains_key("trust-0001.waft"));
        states.push([u64::from(is_chained), snapshot, named, both]);
        if !is_killed {
            assert_eq!((states.pop(), at > 15), (Some([1, 2, 2, 2]), true), "{at}");
            break;
        }
        origin.fates(|_, _| Fate::Done);
        bench.put(&origin.url, &all);
        assert_eq!(origin.file("head.waft").bytes, bench.read("head.waft"), "{at}");
        assert_eq!(origin.file("current.waft").bytes, [bench.read("head.waft"), bench.read("2.waft")].concat(), "{at}");
    }
    // One after the other, and what is new stays new.
    states.dedup();
    assert_eq!(states, [[0, 1, 1, 1], [1, 1, 1, 1], [1, 2, 1, 1], [1, 2, 2, 1], [1, 2, 2, 2]]);
}

#[test]
fn at_any_moment_a_folder_has_the_old_or_the_new() {
    let bench = Bench::new();
    bench.publish(1, "site", &[]);
    let (first, second) = (bench.read("1.waft"), bench.read("2.waft"));
    let known = files(&bench.path("site"));
    for round in 0..60 {
        fs::write(bench.path("site/snapshot.waft"), &first).unwrap();
        for new in files(&bench.path("site")).iter().filter(|name| !known.contains(name)) {
            fs::remove_file(bench.path("site").join(new)).unwrap();
        }
        let mut child = bench.start(2, "site", &[]);
        thread::sleep(Duration::from_micros(round * 500));
        child.kill().unwrap();
        child.wait().unwrap();
        let live = bench.read("site/snapshot.waft");
        assert!(live == first || live == second, "{round}");
        let own = files(&bench.path("site")).into_iter().find(|name| name.starts_with("snapshot-2-"));
        assert!(live == first || own.is_some(), "{round}: live before its own file");
        assert!(own.is_none_or(|own| bench.read(&format!("site/{own}")) == second), "{round}: half a file");
    }
    // Whatever was left behind, the next one publishes.
    bench.publish(2, "site", &[]);
    assert_eq!(bench.read("site/snapshot.waft"), second);
}
