//! The records of kills: each has one, whatever ends an earlier run, and what was changed or lost is told.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;
mod shop;

use waft::Trust;
use waft::manifest::digest_of;
use waft_commands::Exit;
use waft_commands::head::kill::{self, Change};
use waft_commands::host::Host;
use waft_commands::records::{History, Told, Trusts};
use waft_compile::keys;
use waft_ruleset::Kill;

use host::{Memory, NOW};
use shop::{kill_options, released, shop};

const FIRST: &str = "releases/0001.yaml";
const SECOND: &str = "releases/0002.yaml";

fn changed(host: &Memory, change: Change, flags: &[&str]) -> String {
    let exit = kill::run(&kill_options(change, flags), host);
    let told = host.said().1.join("\n");
    assert_eq!(exit, Exit::Done, "{told}");
    told
}

fn refused(host: &Memory, options: &kill::Options) -> String {
    let exit = kill::run(options, host);
    let told = host.said().1.join("\n");
    assert_eq!(exit, Exit::Failed, "{told}");
    told
}

fn text(host: &Memory, file: &str) -> String {
    String::from_utf8(host.read(file).unwrap()).unwrap()
}

fn history(host: &Memory) -> History {
    History::read(host, "releases").unwrap()
}

/// Flag, and its first and last second after [`NOW`].
fn spans(kills: &[Kill]) -> Vec<(&str, i64, Option<i64>)> {
    let seconds = |milli: i64| (milli - NOW) / 1_000;
    kills.iter().map(|kill| (kill.flag.as_str(), seconds(kill.at), kill.until.map(seconds))).collect()
}

#[test]
fn each_kill_has_a_record_with_the_digest_of_the_one_before() {
    let host = shop();
    let options =
        kill::Options { why: Some("orders \"fail\" 😱".to_owned()), ..kill_options(Change::Kill, &["b", "a"]) };
    assert_eq!(kill::run(&options, &host), Exit::Done);
    let told = host.said().1.join("\n");
    assert!(told.contains("recorded in releases/0001.yaml"), "{told}");
    host.wait(60);
    changed(&host, Change::Unkill, &["a"]);
    host.wait(60);
    changed(&host, Change::Kill, &["a"]);
    let first = text(&host, FIRST);
    for line in [
        "kind: kill",
        "at: 2026-11-24T00:00:00Z",
        "project: \"shop\"",
        "environment: \"live\"",
        "flags: [\"a\",\"b\"]",
        "list: 1",
        "why: \"orders \\\"fail\\\" 😱\"",
    ] {
        assert!(first.lines().any(|own| own == line), "{line}: {first}");
    }
    assert!(!first.contains("previous:") && text(&host, SECOND).contains("previous: \""), "{first}");
    let history = history(&host);
    let kills = history.kills("shop", "live");
    assert_eq!(spans(&kills), [("a", 0, Some(60)), ("b", 0, None), ("a", 120, None)]);
    assert_eq!((kills[1].why.as_deref(), kills[1].record.as_str()), (Some("orders \"fail\" 😱"), FIRST));
    assert_eq!(history.kills("shop", "staging"), []);
    assert_eq!(history.warnings("shop", "live", host.now()), Vec::<String>::new());
}

#[test]
fn holder_of_the_key_is_named_if_the_trust_names_them() {
    let host = shop();
    changed(&host, Change::Kill, &["a"]);
    let key = history(&host).kills("shop", "live")[0].by.clone();
    let mut trust: serde_json::Value = serde_json::from_str(&text(&host, "trust.json")).unwrap();
    trust["holders"] = serde_json::json!({ &key: "alice" });
    host.put("trust.json", trust.to_string());
    changed(&host, Change::Kill, &["b"]);
    let history = history(&host);
    let by: Vec<String> = history.kills("shop", "live").into_iter().map(|kill| kill.by).collect();
    assert_eq!(by, [key.clone(), "alice".to_owned()]);
    assert!(text(&host, SECOND).contains(&format!("by: {{\"key\":\"{key}\",\"name\":\"alice\"}}")));
}

/// What a crash between list and record leaves, and what kills without a history leave.
#[test]
fn what_was_not_recorded_is_recorded_by_the_next_run_with_its_own_time() {
    let host = shop();
    changed(&host, Change::Kill, &["a"]);
    host.take(FIRST);
    host.wait(600);
    let told = changed(&host, Change::Kill, &["a"]);
    assert!(
        told.contains("a is killed already; recorded in releases/0001.yaml, which an earlier run had not done"),
        "{told}"
    );
    assert_eq!(spans(&history(&host).kills("shop", "live")), [("a", 0, None)]);
    assert!(refused(&host, &kill_options(Change::Kill, &["a"])).contains("a is killed already; nothing was written"));
    // The next kill records it, too, before its own.
    host.take(FIRST);
    let told = changed(&host, Change::Kill, &["b"]);
    assert!(told.contains("recorded in releases/0001.yaml, releases/0002.yaml"), "{told}");
    assert_eq!(spans(&history(&host).kills("shop", "live")), [("a", 0, None), ("b", 600, None)]);
    // So does what takes a flag back.
    host.wait(60);
    changed(&host, Change::Unkill, &["a", "b"]);
    host.take("releases/0003.yaml");
    let told = changed(&host, Change::Unkill, &["b"]);
    assert!(told.contains("b is not killed; recorded in releases/0003.yaml"), "{told}");
    assert_eq!(spans(&history(&host).kills("shop", "live")), [("a", 0, Some(660)), ("b", 600, Some(660))]);
}

#[test]
fn nothing_of_the_history_stops_a_kill() {
    let host = shop();
    changed(&host, Change::Kill, &["a"]);
    let good = text(&host, FIRST);
    host.put(FIRST, good.replace("list: 1", "list: one"));
    host.wait(60);
    let told = refused(&host, &kill_options(Change::Kill, &["b"]));
    assert!(told.contains("kill list 2 kills a, b") && told.contains("has no record of it"), "{told}");
    assert!(told.contains("releases/0001.yaml:7:7: `list`: expected the number of the kill list"), "{told}");
    assert!(told.contains("run the same command again"), "{told}");
    // What is brought back can wait.
    let told = refused(&host, &kill_options(Change::Unkill, &["b"]));
    assert!(told.contains("0001.yaml:7:7") && told.contains("nothing was written"), "{told}");
    host.put(FIRST, good);
    host.wait(60);
    changed(&host, Change::Kill, &["b"]);
    assert_eq!(spans(&history(&host).kills("shop", "live")), [("a", 0, None), ("b", 60, None)]);
}

#[test]
fn stale_head_is_told_and_takes_nothing_back() {
    let host = shop();
    let stale = || host.read("head.waft").unwrap();
    changed(&host, Change::Kill, &["a"]);
    let old = stale();
    changed(&host, Change::Kill, &["b"]);
    host.put("head.waft", old);
    host.wait(60);
    // Once the flag is off: a history that is slow keeps no kill waiting.
    host.meanwhile("has a later one", "head.waft", "whatever is written behind the list");
    let told = changed(&host, Change::Kill, &["c"]);
    assert!(told.contains("its kill list is 1, and releases has a later one"), "{told}");
    assert_eq!(host.read("head.waft").unwrap(), b"whatever is written behind the list");
    assert_eq!(spans(&history(&host).kills("shop", "live")), [("a", 0, None), ("b", 0, None), ("c", 60, None)]);
    // So is one that begins anew, on another machine for example.
    host.take("head.waft");
    let told = changed(&host, Change::Kill, &["c"]);
    assert!(told.contains("it has no kill list, and releases has a later one"), "{told}");
    assert!(told.contains("releases has these flags as they are now: nothing to record"), "{told}");
}

#[test]
fn what_was_changed_or_lost_is_told_with_file_and_remedy() {
    let host = shop();
    for flag in ["a", "b", "c"] {
        changed(&host, Change::Kill, &[flag]);
    }
    let good = ["0001", "0002", "0003"].map(|name| text(&host, &format!("releases/{name}.yaml")));
    let check = |alter: &dyn Fn(), said: &[&str]| {
        alter();
        let told = String::from(History::read(&host, "releases").unwrap_err());
        assert!(said.iter().all(|said| told.contains(said)), "{told}");
        for (name, text) in ["0001", "0002", "0003"].iter().zip(&good) {
            host.put(&format!("releases/{name}.yaml"), text);
        }
    };
    check(&|| drop(host.take(SECOND)), &["releases/0002.yaml: is missing, and releases/0003.yaml", "from git"]);
    check(&|| drop(host.take(FIRST)), &["releases/0001.yaml: is missing"]);
    let edited = good[1].replace("[\"b\"]", "[\"z\"]");
    check(&|| host.put(SECOND, &edited), &["releases/0002.yaml: was changed", "from git"]);
    check(&|| host.put(SECOND, good[1].replace("previous", "before")), &["0002.yaml: does not name the digest of"]);
    check(
        &|| host.put(FIRST, format!("previous: x\n{}", good[0])),
        &["0001.yaml: is the first, and names one before it"],
    );
    check(&|| host.put("releases/00002.yaml", &good[1]), &["00002.yaml: has the number of another record"]);
    host.take("00002.yaml");
    let wrong = |from: &str, to: &str, said: &str| {
        check(&|| host.put(SECOND, good[1].replace(from, to)), &["releases/0002.yaml:", said, "restore the file"]);
    };
    wrong("at: 2026-11-24T00:00:00Z", "at: yesterday", "`at`: expected RFC 3339");
    wrong("flags: [\"b\"]", "flags: []", "`flags`: expected a list");
    wrong("flags: [\"b\"]", "flags: [1]", "`flags`: expected a list");
    wrong("list: 2", "list: -1", "`list`: expected the number");
    wrong("by: {", "from: {", "`by` is missing");
    wrong("kind: kill", "kind: [kill]", "`kind`: expected text");
    wrong("project: \"shop\"", "project: \"shop", "not YAML");
    check(&|| host.put(SECOND, ""), &["releases/0002.yaml:1:1: expected a map"]);
    check(&|| host.put(SECOND, b"\xff"), &["releases/0002.yaml", "UTF-8"]);
    // Not records.
    host.put("releases/log.yaml", "what it likes");
    host.put("releases/drafts/0009.yaml", "what it likes");
    history(&host);
}

#[test]
fn record_of_a_kind_that_is_not_known_is_a_link_of_the_chain() {
    let host = shop();
    changed(&host, Change::Kill, &["a"]);
    let copy = text(&host, FIRST);
    changed(&host, Change::Kill, &["b"]);
    let previous = text(&host, SECOND).lines().find(|line| line.starts_with("previous")).unwrap().to_owned();
    host.put(SECOND, format!("kind: later\n{previous}\nversion: 8\n"));
    host.wait(60);
    let told = changed(&host, Change::Kill, &["c"]);
    assert!(told.contains("releases/0003.yaml"), "{told}");
    host.put(SECOND, format!("kind: later\n{previous}\nversion: 9\n"));
    assert!(String::from(History::read(&host, "releases").unwrap_err()).contains("0002.yaml: was changed"), "{copy}");
}

#[test]
fn times_that_cannot_be_and_lists_without_a_record_are_told() {
    let host = shop();
    changed(&host, Change::Kill, &["a"]);
    host.wait(-60);
    changed(&host, Change::Kill, &["b"]);
    // A kill in the same second as the one before.
    changed(&host, Change::Unkill, &["a"]);
    let late = history(&host);
    // Of the clock that is behind, nothing is before what came before it.
    assert_eq!(spans(&late.kills("shop", "live")), [("a", 0, Some(0)), ("b", 0, None)]);
    let told = late.warnings("shop", "live", NOW - 60_000);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("releases/0001.yaml: its time, 2026-11-24T00:00:00Z, is in the future"), "{told:?}");
    assert!(told[1].starts_with("releases/0002.yaml: its time, 2026-11-23T23:59:00Z, is before"), "{told:?}");
    // A list that was written with another folder.
    let options = kill::Options { records: "elsewhere".to_owned(), ..kill_options(Change::Kill, &["c"]) };
    assert_eq!(kill::run(&options, &host), Exit::Done);
    host.wait(120);
    changed(&host, Change::Unkill, &["c"]);
    changed(&host, Change::Kill, &["d"]);
    let told = history(&host).warnings("shop", "live", host.now());
    assert!(told.iter().all(|told| !told.contains("in the future")), "{told:?}");
    host.take("releases/0005.yaml");
    host.take("releases/0006.yaml");
    changed(&host, Change::Kill, &["e"]);
    let told = history(&host).warnings("shop", "live", host.now()).join("\n");
    assert!(told.contains("what the lists between them changed is not known"), "{told}");
}

/// The trust of a file, as `waft report --trust` reads it.
fn verified(host: &Memory) -> Result<Told, String> {
    history(host).verify(&Trusts::of(trust(host)))
}

fn trust(host: &Memory) -> Trust {
    waft_compile::trust::read(&text(host, "trust.json")).unwrap()
}

/// The history with one record changed, and the digests behind it made to fit: what somebody does who can write the folder.
fn forged(host: &Memory, from: &str, to: &str) {
    let [first, second] = [FIRST, SECOND].map(|file| text(host, file));
    assert!(first.contains(from), "{from}: {first}");
    let forged = first.replace(from, to);
    let digest =
        |text: &str| -> String { digest_of(&[text.as_bytes()]).iter().map(|byte| format!("{byte:02x}")).collect() };
    host.put(SECOND, second.replace(&digest(&first), &digest(&forged)));
    host.put(FIRST, forged);
}

#[test]
fn each_record_has_the_list_that_its_key_signed() {
    let host = shop();
    changed(&host, Change::Kill, &["a", "b"]);
    host.wait(60);
    changed(&host, Change::Unkill, &["b"]);
    let good = [FIRST, SECOND].map(|file| text(&host, file));
    let restore = || {
        for (file, text) in [FIRST, SECOND].iter().zip(&good) {
            host.put(file, text);
        }
    };
    assert_eq!(verified(&host), Ok(Told::default()));
    // What the list itself contradicts is no record.
    let wrong = |from: &str, to: &str| {
        forged(&host, from, to);
        let told = String::from(History::read(&host, "releases").unwrap_err());
        assert!(told.contains("0001.yaml:") && told.contains("`signed`: the list in it is not what"), "{told}");
        restore();
    };
    wrong("list: 1", "list: 2");
    wrong("at: 2026-11-24T00:00:00Z", "at: 2026-11-23T00:00:00Z");
    wrong("project: \"shop\"", "project: \"ship\"");
    wrong("signed: \"", "signed: \"!");
    // Flags that are not on it; and a signature that is none.
    forged(&host, "[\"a\",\"b\"]", "[\"a\",\"c\"]");
    let told = verified(&host).unwrap_err();
    assert!(told.contains("releases/0001.yaml: c is not on its list: restore the record"), "{told}");
    restore();
    let signed = good[0].lines().find_map(|line| line.strip_prefix("signed: \"")?.strip_suffix('"')).unwrap();
    let mut bytes = keys::bytes(signed).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    forged(&host, signed, &keys::to_text(&bytes));
    let told = verified(&host).unwrap_err();
    assert!(told.contains("releases/0001.yaml: its list is refused, "), "{told}");
    restore();
    // Of an earlier version, and of a key that was taken out since, nobody can tell.
    let line = good[0].lines().find(|line| line.starts_with("signed: ")).unwrap();
    forged(&host, &format!("{line}\n"), "");
    let told = verified(&host).unwrap().unknown;
    assert_eq!((told.len(), told[0].contains("0001.yaml: has no signed list")), (1, true), "{told:?}");
    restore();
    revoke(&host);
    let told = verified(&host).unwrap().unknown;
    assert!(told.len() == 2 && told[1].contains("which the trust does not list in the role kill"), "{told:?}");
}

/// Puts another key in the place of the one for lists.
fn revoke(host: &Memory) {
    let mut trust: serde_json::Value = serde_json::from_str(&text(host, "trust.json")).unwrap();
    let key = keys::from_seed([13; 32]);
    let kid = keys::to_text(&keys::kid(&key.pk));
    host.put("kill.pem", key.to_pem());
    trust["keys"][&kid] = serde_json::json!(keys::to_text(key.pk.as_ref()));
    let require = trust["require"].as_array_mut().unwrap();
    require.iter_mut().find(|one| one["role"] == "kill").unwrap()["keys"] = serde_json::json!([kid]);
    host.put("trust.json", trust.to_string());
}

/// As after a theft: pages have dropped the list of the key that was taken out.
#[test]
fn flags_of_a_revoked_list_come_back_in_the_history() {
    let host = shop();
    changed(&host, Change::Kill, &["a", "b"]);
    revoke(&host);
    // Published under a new epoch, whose heads begin anew.
    host.take("head.waft");
    host.wait(60);
    let told = changed(&host, Change::Kill, &["b", "c"]);
    assert!(told.contains("kill list 1 kills b, c") && !told.contains("has a later one"), "{told}");
    assert_eq!(spans(&history(&host).kills("shop", "live")), [("a", 0, Some(60)), ("b", 0, None), ("c", 60, None)]);
    assert_eq!(history(&host).warnings("shop", "live", host.now()), Vec::<String>::new());
}

#[test]
fn reasons_are_one_line() {
    let host = shop();
    for why in ["two\nlines", "\u{1b}[2J", &"x".repeat(1_001)] {
        let options = kill::Options { why: Some(why.to_owned()), ..kill_options(Change::Kill, &["a"]) };
        assert!(refused(&host, &options).contains("--why: expected one line of at most 1000 bytes"));
    }
}

const EXPERIMENT: &str = "project: shop
environments: { live: {} }
units: { visitor: { attribute: id } }
attributes: { id: string }
experiments:
  till:
    unit: visitor
    phases: [{ id: 1, from: 2026-11-01, PHASES]
  other:
    unit: visitor
    phases: [{ id: 1, from: 2026-11-01, split: { on: 50%, off: 50% } }]
flags:
  checkout: { type: boolean, whenOff: off, default: off, rules: [{ id: test, experiment: till }] }
  express: { type: boolean, whenOff: off, default: off, requires: { checkout: on }, rules: [{ id: test, experiment: other }] }
  plain: { type: boolean, whenOff: off, default: off, rules: [{ id: rise, ramp: on, unit: visitor, steps: [{ to: 10%, at: 2026-11-01 }] }] }
";

#[test]
fn experiment_comes_back_with_a_new_phase_and_a_ramp_as_it_is() {
    let host = shop();
    let build = |phases: &str, version| {
        host.put("a.yaml", EXPERIMENT.replace("PHASES", phases));
        released(&host, version);
    };
    let split = "split: { on: 50%, off: 50% } }";
    build(split, 8);
    changed(&host, Change::Kill, &["checkout", "plain"]);
    host.wait(3_600);
    let unkill =
        |flags: &[&str]| kill::Options { snapshot: Some("s.waft".to_owned()), ..kill_options(Change::Unkill, flags) };
    let told = refused(&host, &unkill(&["checkout", "plain"]));
    for said in [
        "checkout: phase 1 of its experiment till began at 2026-11-01T00:00:00Z, before the kill at 2026-11-24T00:00:00Z",
        "release a phase with a new id first",
        "nothing was written",
        "warning: express asks for checkout, and phase 1 of its experiment other began at",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert_eq!(history(&host).kills("shop", "live").len(), 2);
    // A ramp goes on.
    let exit = kill::run(&unkill(&["plain"]), &host);
    let told = host.said().1.join("\n");
    assert_eq!((exit, told.contains("phase")), (Exit::Done, false), "{told}");
    // Later lists do not make the kill a later one.
    host.wait(86_400);
    changed(&host, Change::Kill, &["plain"]);
    build(&format!("to: 2026-11-25T00:00Z, {split}, {{ id: 2, from: 2026-11-25T00:00Z, {split}"), 9);
    let exit = kill::run(&unkill(&["checkout"]), &host);
    assert_eq!((exit, host.said().1.join("\n").contains("of its experiment till")), (Exit::Done, false));
    // Unseen is not unsaid.
    changed(&host, Change::Kill, &["checkout"]);
    let told = changed(&host, Change::Unkill, &["checkout"]);
    assert!(
        told.contains("without --snapshot, it is not checked whether a running phase began before the kill"),
        "{told}"
    );
}

#[test]
fn records_in_a_bucket_need_the_native_program_and_begin_no_folder() {
    let host = Memory::default();
    for read in [History::read, History::open] {
        let told = String::from(read(&host, "s3://bucket/releases").unwrap_err());
        assert_eq!(told, "--records s3://bucket/releases: a bucket needs the native program: use it, or name a folder");
    }
}
