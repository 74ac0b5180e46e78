//! `waft kill`, `waft unkill`, `waft head`: what is written is what pages take, and nothing else is written.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;
mod shop;

use serde_json::{Value as Json, json};
use waft_commands::head::kill::{self, Change};
use waft_commands::head::{refresh, show};
use waft_commands::host::Host;
use waft_commands::{Exit, inspect, verify};
use waft_compile::keys;

use host::Memory;
use shop::{RULESET, kill_options, released, shop};

fn changed(host: &Memory, change: Change, flags: &[&str]) -> (Exit, String) {
    let exit = kill::run(&kill_options(change, flags), host);
    (exit, host.said().1.join("\n"))
}

fn refresh_options() -> refresh::Options {
    refresh::Options {
        head: "head.waft".to_owned(),
        snapshot: "s.waft".to_owned(),
        trust: "trust.json".to_owned(),
        trust_documents: Vec::new(),
        key: "freshness.pem".to_owned(),
        trust_number: None,
        expires: None,
    }
}

fn refreshed(host: &Memory, options: &refresh::Options) -> (Exit, String) {
    let exit = refresh::run(options, host);
    (exit, host.said().1.join("\n"))
}

fn verified(host: &Memory, file: &str) -> Json {
    let (snapshot, trust) = (file.to_owned(), "trust.json".to_owned());
    verify::run(&verify::Options { snapshot, trust, seen_version: None, seen_digest: None, now: None }, host);
    serde_json::from_str(&host.said().0[0]).unwrap()
}

#[test]
fn flags_are_killed_and_brought_back_by_lists_of_rising_numbers() {
    let host = shop();
    let (exit, told) = changed(&host, Change::Kill, &["checkout", "a"]);
    assert_eq!(exit, Exit::Done, "{told}");
    assert!(told.contains("kill list 1 kills a, checkout"), "{told}");
    assert_eq!(changed(&host, Change::Kill, &["z"]).0, Exit::Done);
    assert_eq!(changed(&host, Change::Unkill, &["a", "checkout"]).0, Exit::Done);
    // The pointer names what the head has.
    let (exit, told) = refreshed(&host, &refresh_options());
    assert_eq!(exit, Exit::Done, "{told}");
    assert!(told.contains("version 7 is live until 2026-11-25T00:00:00Z, with kill list 3"), "{told}");
    let told = verified(&host, "head.waft");
    assert_eq!((&told["kills"]["number"], &told["kills"]["flags"]), (&json!(3), &json!(["z"])));
    assert_eq!((&told["pointer"]["version"], &told["pointer"]["kills"]), (&json!(7), &json!(3)));
    assert!(host.read("head.waft").unwrap().len() < 700);
    assert_eq!(changed(&host, Change::Unkill, &["z"]).0, Exit::Done);
    assert_eq!(verified(&host, "head.waft")["kills"]["flags"], json!([]));

    assert_eq!(show::run(&show::Options { head: "head.waft".to_owned() }, &host), Exit::Done);
    let shown: Json = serde_json::from_str(&host.said().0[0]).unwrap();
    let documents = shown["documents"].as_array().unwrap();
    assert_eq!(documents.len(), 2);
    assert_eq!((&documents[0]["version"], &documents[0]["kills"]), (&json!(4), &json!([])));
    assert_eq!((&documents[1]["version"], &documents[1]["kills"]), (&json!(7), &json!(3)));
    assert_eq!(documents[0]["signatures"][0]["role"], "kill");
}

/// Between reading and writing the head, somebody else wrote it.
#[test]
fn what_another_wrote_meanwhile_is_not_undone() {
    let host = shop();
    assert_eq!(changed(&host, Change::Kill, &["a"]).0, Exit::Done);
    let theirs = host.read("head.waft").unwrap();
    host.take("head.waft");
    host.take_all("releases/");
    // A kill on their list: its snapshot lacks the flag, which is said before anything is written.
    host.meanwhile("b: version 7 has no such flag", "head.waft", &theirs);
    let options = kill::Options { snapshot: Some("s.waft".to_owned()), ..kill_options(Change::Kill, &["b"]) };
    assert_eq!(kill::run(&options, &host), Exit::Done);
    let told = host.said().1.join("\n");
    assert!(told.contains("kill list 2 kills a, b"), "{told}");
    // A pointer: what is said before it is written is that the list's end is near.
    host.take("head.waft");
    host.take_all("releases/");
    let short =
        kill::Options { expires: Some("2026-11-24T00:00:10Z".to_owned()), ..kill_options(Change::Kill, &["a"]) };
    assert_eq!(kill::run(&short, &host), Exit::Done, "{:?}", host.said());
    host.wait(9);
    let near = host.read("head.waft").unwrap();
    assert_eq!(changed(&host, Change::Kill, &["c"]).0, Exit::Done);
    let theirs = host.read("head.waft").unwrap();
    host.put("head.waft", near);
    host.meanwhile("ends at", "head.waft", &theirs);
    let (exit, told) = refreshed(&host, &refresh_options());
    assert_eq!(exit, Exit::Done, "{told}");
    assert!(told.contains("with kill list 2"), "{told}");
    assert_eq!(verified(&host, "head.waft")["kills"]["flags"], json!(["a", "c"]));
}

#[test]
fn flags_that_are_killed_already_keep_no_other_waiting() {
    let host = shop();
    assert_eq!(changed(&host, Change::Kill, &["checkout"]).0, Exit::Done);
    let (exit, told) = changed(&host, Change::Kill, &["checkout", "search"]);
    assert_eq!((exit, told.contains("kill list 2 kills checkout, search;")), (Exit::Done, true), "{told}");
}

#[test]
fn what_would_not_kill_is_not_written() {
    let host = shop();
    assert_eq!(changed(&host, Change::Kill, &["checkout"]).0, Exit::Done);
    let before = host.read("head.waft").unwrap();
    let with = |change, flags: &[&str], alter: &dyn Fn(&mut kill::Options)| {
        let mut options = kill_options(change, flags);
        alter(&mut options);
        let exit = kill::run(&options, &host);
        (exit, host.said().1.join("\n"))
    };
    type Alter = dyn Fn(&mut kill::Options);
    let nothing: &Alter = &|_| ();
    let many: Vec<String> = (0..200).map(|number| format!("a-long-name-of-a-flag-{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let cases: [(Change, &[&str], &Alter, &str); 11] = [
        (Change::Kill, &["checkout"], nothing, "checkout is killed already"),
        (Change::Unkill, &["other"], nothing, "other is not killed"),
        (
            Change::Kill,
            &many,
            nothing,
            "the list would have 201 flags, and their keys do not fit into 3584 bytes: kill fewer",
        ),
        (Change::Kill, &[""], nothing, "\"\": no flag can have this key"),
        // As somebody in a hurry writes two.
        (Change::Kill, &["search,checkout"], nothing, "\"search,checkout\": no flag can have this key"),
        (Change::Kill, &["search checkout"], nothing, "name each flag by itself"),
        (Change::Kill, &["\u{feff}search"], nothing, "no flag can have this key"),
        (Change::Kill, &["x"], &|options| options.key = "publisher.pem".to_owned(), "in the role kill"),
        (Change::Kill, &["x"], &|options| options.expires = Some("2026-01-01".to_owned()), "pages would refuse"),
        (Change::Kill, &["x"], &|options| options.head = "s.waft".to_owned(), "name the file of the head alone"),
        (Change::Kill, &["x"], &|options| options.head = "a.yaml".to_owned(), "not a head"),
    ];
    for (change, flags, alter, expected) in cases {
        let (exit, told) = with(change, flags, alter);
        assert_eq!(exit, Exit::Failed, "{told}");
        assert!(told.contains(expected), "{told}");
        assert_eq!(host.read("head.waft").unwrap(), before);
    }
    // Named twice in one go, it was told to be killed already, and was not.
    let (exit, told) = with(Change::Kill, &["x", "x"], nothing);
    assert_eq!((exit, told.contains("kill list 2 kills checkout, x;")), (Exit::Done, true), "{told}");
    let (exit, told) = with(Change::Unkill, &["x", "x"], nothing);
    assert_eq!((exit, told.contains("kill list 3 kills checkout;")), (Exit::Done, true), "{told}");
    let (exit, told) = with(Change::Kill, &["chekout"], &|options| options.snapshot = Some("s.waft".to_owned()));
    assert_eq!(exit, Exit::Done);
    assert!(told.contains("warning: chekout: version 7 has no such flag"), "{told}");
}

/// A machine whose clock begins in 1970 signed a list that no page takes, and said that the flag is off.
#[test]
fn no_list_is_signed_that_is_over() {
    let year = 365 * 86_400;
    for (behind, with_pointer, with_snapshot, is_signed) in [
        (56 * year, false, false, false),
        // Within its 400 days, a list is one that pages take.
        (year, true, true, true),
        (2 * year, true, false, false),
        (2 * year, false, true, false),
    ] {
        let host = shop();
        released(&host, 7);
        if with_pointer {
            assert_eq!(refreshed(&host, &refresh_options()).0, Exit::Done);
        }
        let before = host.read("head.waft").ok();
        host.wait(-behind);
        let mut options = kill_options(Change::Kill, &["checkout"]);
        options.snapshot = with_snapshot.then(|| "s.waft".to_owned());
        let exit = kill::run(&options, &host);
        let told = host.said().1.join("\n");
        assert_eq!(exit == Exit::Done, is_signed, "{behind}: {told}");
        assert!(is_signed || told.contains("check the clock of this machine; nothing was written"), "{told}");
        assert_eq!(host.read("head.waft").ok() != before, is_signed, "{behind}");
    }
}

#[test]
fn a_pointer_goes_neither_back_nor_beyond_two_days() {
    let host = shop();
    released(&host, 8);
    assert_eq!(refreshed(&host, &refresh_options()).0, Exit::Done);
    let before = host.read("head.waft").unwrap();
    for expires in ["2026-11-26T00:00:01Z", "2026-11-24T00:00:00Z"] {
        let options = refresh::Options { expires: Some(expires.to_owned()), ..refresh_options() };
        let (exit, told) = refreshed(&host, &options);
        assert_eq!((exit, told.contains("within the next 48 hours")), (Exit::Failed, true), "{told}");
    }
    let options = refresh::Options { key: "kill.pem".to_owned(), ..refresh_options() };
    let (exit, told) = refreshed(&host, &options);
    assert_eq!((exit, told.contains("in the role freshness")), (Exit::Failed, true), "{told}");
    released(&host, 7);
    let (exit, told) = refreshed(&host, &refresh_options());
    assert_eq!((exit, told.contains("pages would refuse the new pointer")), (Exit::Failed, true), "{told}");
    // Two days behind, the pointer would be over for everybody; five minutes are no matter.
    released(&host, 8);
    host.wait(-300);
    assert_eq!(refreshed(&host, &refresh_options()).0, Exit::Done);
    host.put("head.waft", &before);
    host.wait(-2 * 86_400);
    let (exit, told) = refreshed(&host, &refresh_options());
    let expected = "the live snapshot was made at 2026-11-24T00:00:00Z, and it is 2026-11-21T23:55:00Z here";
    assert!(exit == Exit::Failed && told.contains(expected), "{told}");
    assert_eq!(host.read("head.waft").unwrap(), before);
}

#[test]
fn a_head_that_lost_its_list_is_not_started_anew() {
    let host = shop();
    assert_eq!(changed(&host, Change::Kill, &["checkout"]).0, Exit::Done);
    assert_eq!(refreshed(&host, &refresh_options()).0, Exit::Done);
    let head = host.read("head.waft").unwrap();
    let pointer = waft::head::file::Head::read(&head).unwrap().pointer.unwrap().to_vec();
    host.put("head.waft", &pointer);
    let (exit, told) = changed(&host, Change::Kill, &["x"]);
    assert_eq!((exit, told.contains("restore the published head first")), (Exit::Failed, true), "{told}");
    assert_eq!(verified(&host, "head.waft")["code"], "HEAD_INCOMPLETE");
}

#[test]
fn heads_go_on_after_their_keys_were_taken_out() {
    let host = shop();
    assert_eq!(changed(&host, Change::Kill, &["checkout"]).0, Exit::Done);
    assert_eq!(changed(&host, Change::Kill, &["other"]).0, Exit::Done);
    assert_eq!(refreshed(&host, &refresh_options()).0, Exit::Done);
    let replace = |role: &str, seed: u8| {
        let mut trust: Json = serde_json::from_slice(&host.read("trust.json").unwrap()).unwrap();
        let key = keys::from_seed([seed; 32]);
        let kid = keys::to_text(&keys::kid(&key.pk));
        host.put(&format!("{role}.pem"), key.to_pem());
        trust["keys"][&kid] = json!(keys::to_text(key.pk.as_ref()));
        let require = trust["require"].as_array_mut().unwrap();
        require.iter_mut().find(|one| one["role"] == role).unwrap()["keys"] = json!([kid]);
        host.put("trust.json", trust.to_string());
    };
    replace("kill", 13);
    // The flags of a list that pages dropped are told, and its number is not used again.
    let (exit, told) = refreshed(&host, &refresh_options());
    assert_eq!((exit, told.contains("sign the next list with `waft kill`")), (Exit::Failed, true), "{told}");
    let (exit, told) = changed(&host, Change::Kill, &["checkout"]);
    assert_eq!((exit, told.contains("kill list 3 kills checkout;")), (Exit::Done, true), "{told}");
    assert!(told.contains("warning: head.waft: the trust no longer lists the key of its kill list"), "{told}");
    replace("freshness", 12);
    let (exit, told) = refreshed(&host, &refresh_options());
    assert_eq!((exit, told.contains("with kill list 3")), (Exit::Done, true), "{told}");
    let told = verified(&host, "head.waft");
    assert_eq!((&told["kills"]["number"], &told["pointer"]["kills"]), (&json!(3), &json!(3)), "{told}");
}

#[test]
fn a_head_with_its_snapshot_is_verified_together() {
    let host = shop();
    assert_eq!(changed(&host, Change::Kill, &["checkout"]).0, Exit::Done);
    assert_eq!(refreshed(&host, &refresh_options()).0, Exit::Done);
    let (head, snapshot) = (host.read("head.waft").unwrap(), host.read("s.waft").unwrap());
    host.put("current.waft", [&head[..], &snapshot].concat());
    assert_eq!(verified(&host, "current.waft")["snapshot"]["version"], 7);
    // Another build of version 7 is not the one that the pointer names.
    host.put("a.yaml", RULESET.replace("default: on", "default: off"));
    released(&host, 7);
    let other = host.read("s.waft").unwrap();
    host.put("current.waft", [&head[..], &other].concat());
    assert_eq!(verified(&host, "current.waft")["code"], "VERSION_CONFLICT");
    // A snapshot alone is verified as ever.
    assert_eq!(verified(&host, "s.waft")["version"], 7);
    let mut bad = head.clone();
    bad[60] ^= 1;
    host.put("head.waft", bad);
    assert!(verified(&host, "head.waft")["code"].is_string());
}

/// The file of a head, and that of a head with its snapshot: all of it, and not the first document alone.
#[test]
fn all_documents_of_a_head_are_inspected() {
    let host = shop();
    assert_eq!(changed(&host, Change::Kill, &["checkout"]).0, Exit::Done);
    assert_eq!(refreshed(&host, &refresh_options()).0, Exit::Done);
    let inspected = |file: &str| -> Json {
        let exit = inspect::run(&inspect::Options { snapshot: file.to_owned() }, &host);
        let (out, err) = host.said();
        assert_eq!(exit, Exit::Done, "{err:?}");
        serde_json::from_str(&out.join("\n")).unwrap()
    };
    let head = inspected("head.waft");
    let types: Vec<&str> =
        head["documents"].as_array().unwrap().iter().map(|one| one["contentType"].as_str().unwrap()).collect();
    assert_eq!(types.len(), 2, "{head}");
    assert!(head["snapshot"].is_null() && head["snapshotBytes"].is_null(), "{head}");
    assert_eq!(show::run(&show::Options { head: "head.waft".to_owned() }, &host), Exit::Done);
    assert_eq!(serde_json::from_str::<Json>(&host.said().0.join("\n")).unwrap(), head);
    let (snapshot, both) =
        (host.read("s.waft").unwrap(), [host.read("head.waft").unwrap(), host.read("s.waft").unwrap()]);
    host.put("current.waft", both.concat());
    let current = inspected("current.waft");
    assert_eq!(current["documents"], head["documents"]);
    assert_eq!(current["snapshotBytes"], snapshot.len());
    let own = inspected("s.waft");
    assert!(own["flags"].is_object() || own["flags"].is_array(), "{own}");
    assert_eq!(current["snapshot"], own);
}
