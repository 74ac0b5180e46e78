//! `waft release verify`, and reports: a kill counts if the trust of its time listed its key.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;
mod shop;

use host::Memory;
use serde_json::{Value as Json, json};
use waft_commands::Exit;
use waft_commands::delivery::{Place, trust, verify};
use waft_commands::head::kill::{self, Change};
use waft_commands::host::Host as _;
use waft_commands::records::History;
use waft_commands::trust::change;
use waft_compile::keys;

use shop::{kill_options, shop};

/// The shop, whose trust has a root, and another key for kills to come.
fn rooted() -> Memory {
    let host = shop();
    let mut trust: Json = serde_json::from_slice(&host.read("trust.json").unwrap()).unwrap();
    let (root, next) = (keys::from_seed([4; 32]), keys::from_seed([13; 32]));
    let kid = keys::to_text(&keys::kid(&root.pk));
    trust["keys"][&kid] = json!(keys::to_text(root.pk.as_ref()));
    trust["require"].as_array_mut().unwrap().push(json!({ "role": "root", "keys": [kid] }));
    host.put("trust.json", trust.to_string());
    host.put("root.pem", root.to_pem());
    host.put("next.pem", next.to_pem());
    host.put("next.json", json!({ "publicKey": keys::to_text(next.pk.as_ref()) }).to_string());
    host
}

fn killed(host: &Memory, flag: &str, key: &str, documents: &[&str]) {
    let trust_documents = documents.iter().map(|path| (*path).to_owned()).collect();
    let options = kill::Options { key: key.to_owned(), trust_documents, ..kill_options(Change::Kill, &[flag]) };
    assert_eq!(kill::run(&options, host), Exit::Done, "{:?}", host.said());
    host.said();
    host.wait(60);
}

/// The next trust document, in which `next.json` kills in the place of `kill.pem`.
fn rotate(host: &Memory) {
    let old = keys::to_text(&keys::kid(&keys::from_seed([3; 32]).pk));
    let options = change::Options {
        from: Some("trust.json".to_owned()),
        replace: vec![format!("{old}=next.json")],
        keys: vec!["root.pem".to_owned()],
        ..change::Options::default()
    };
    assert_eq!(change::run(&options, host), Exit::Done, "{:?}", host.said());
    host.said();
    host.wait(60);
}

fn verified(host: &Memory, documents: &[&str]) -> (Exit, String) {
    let trust_documents = documents.iter().map(|path| (*path).to_owned()).collect();
    let options = verify::Options { records: "releases".to_owned(), trust: "trust.json".to_owned(), trust_documents };
    let exit = verify::run(&options, host);
    (exit, host.said().1.join("\n"))
}

/// Flags whose kills count, and the sentences of those that do not.
fn counted(host: &Memory) -> (Vec<String>, usize) {
    let mut history = History::read(host, "releases").unwrap();
    let options = verify::Options {
        records: "releases".to_owned(),
        trust: "trust.json".to_owned(),
        trust_documents: vec!["trust-0001.waft".to_owned()],
    };
    let told = history.verify(&verify::known(&options, host, &history).unwrap()).unwrap();
    let late = told.late.len();
    history.ignore(told.late.into_iter().map(|(file, _)| file));
    (history.kills("shop", "live").into_iter().map(|kill| kill.flag).collect(), late)
}

const DOCUMENT: &[&str] = &["trust-0001.waft"];

#[test]
fn kill_counts_if_the_trust_of_its_time_lists_its_key_and_a_later_one_does_not() {
    for is_recorded in [false, true] {
        let host = rooted();
        killed(&host, "checkout", "kill.pem", &[]);
        let stolen = host.read("head.waft").unwrap();
        rotate(&host);
        if is_recorded {
            let place = Place { records: "releases".to_owned(), trust: "trust.json".to_owned() };
            let options = trust::Options { document: "trust-0001.waft".to_owned(), place, why: None };
            assert_eq!(trust::run(&options, &host), Exit::Done, "{:?}", host.said());
        }
        host.take("head.waft");
        killed(&host, "search", "next.pem", DOCUMENT);
        let (exit, told) = verified(&host, DOCUMENT);
        assert!(exit == Exit::Done && !told.contains("warning"), "{told}");
        assert_eq!(counted(&host), (vec!["checkout".to_owned(), "search".to_owned()], 0));
        // Who has the old key, and the folder: what he adds fits the chain of digests.
        host.put("head.waft", stolen);
        killed(&host, "theme", "kill.pem", &[]);
        let (exit, told) = verified(&host, DOCUMENT);
        assert!(exit == Exit::Failed && told.contains("which the trust of its time, "), "{told}");
        assert!(told.contains("did not list in the role kill: it counts for nothing"), "{told}");
        let (flags, late) = counted(&host);
        assert!(!flags.contains(&"theme".to_owned()) && late >= 1, "{flags:?} {late}");
        // Without the document nobody knows of the theft, but of the key that came then.
        let (exit, told) = verified(&host, &[]);
        let is_known = is_recorded == (exit == Exit::Failed);
        assert!(is_known && (is_recorded || told.contains("give --trust the trust of that time")), "{told}");
    }
}
