//! Trust documents that follow the trust of a guard.

use waft::manifest::digest_of;
use waft_commands::Exit;
use waft_commands::delivery::guarded::{self, Outcome};
use waft_commands::delivery::{Place, propose, rollback, run, trust};
use waft_commands::host::Host as _;
use waft_commands::trust::change;

use super::{Memory, alone, done, edit, key, options, place, proposal, publish, release, running, two};

/// The next trust document, with another key in the place of somebody's: signed by root, and in a file.
pub(super) fn rotate(host: &Memory, who: &str) -> String {
    let options = change::Options {
        from: Some("trust.json".to_owned()),
        replace: vec![format!("{who}=next.json")],
        keys: vec!["ruth.pem".to_owned()],
        ..change::Options::default()
    };
    done(host, change::run(&options, host));
    "trust-0001.waft".to_owned()
}

#[test]
fn later_trust_documents_count_at_once() {
    for is_published in [true, false] {
        let host = alone();
        two(&host);
        edit(&host, "default: on }", "default: off }");
        release(&host);
        let document = rotate(&host, "ci");
        if is_published {
            host.put("site/trust-0001.waft", host.read(&document).unwrap());
        } else {
            let options = trust::Options { document, place: place(), why: None };
            done(&host, trust::run(&options, &host));
        }
        // The key that was taken out signs nothing any more; the one that was put in does.
        let flags = ["button".to_owned()];
        let error = guarded::rollback(&options(), &flags, &host).err().unwrap();
        assert!(error.contains("ci.pem: this key counts in no role in the trust"), "{error}");
        assert_eq!(run::run(&running("ci"), &host), Exit::Usage);
        let told = host.said().1.concat();
        assert!(told.contains("lists this key in no role"), "{told}");
        // Pages without it would refuse what its keys sign.
        let warning = "warning: trust document 1 is recorded and not published, and pages do not have it: `waft publish --trust-documents \
                       releases/trust-live-0001.waft --to site`";
        assert_eq!(told.contains(warning), !is_published, "{told}");
        let with = guarded::Options { key: key("next", "publisher"), ..options() };
        let taken = guarded::rollback(&with, &flags, &host).unwrap_or_else(|error| panic!("{error}"));
        assert!(matches!(taken.outcome, Outcome::Published { version: 3, .. }), "{:?}", taken.outcome);
    }
}

/// What pages have counts for whoever proposes, approves and takes back, though nobody recorded it: a key that was taken out signs nothing.
#[test]
fn documents_beside_what_is_live_count_for_proposals() {
    let host = alone();
    release(&host);
    let document = rotate(&host, "ci");
    edit(&host, "default: on }", "default: off }");
    host.put("site/trust-0001.waft", host.read(&document).unwrap());
    for file in ["snapshot.waft", "trust-0001.waft"] {
        host.put(&format!("c#/site/{file}"), host.read(&format!("site/{file}")).unwrap());
    }
    for live in ["site", "site/snapshot.waft", "c#/site"] {
        let with = |name: &str| propose::Options {
            live: Some(live.to_owned()),
            key: Some(key(name, "publisher")),
            ..proposal(&host)
        };
        assert_eq!(propose::run(&with("ci"), &host), Exit::Failed, "{live}");
        let told = host.said().1.concat();
        assert!(told.contains("ci.pem: this key counts in no role in the trust"), "{told}");
        done(&host, propose::run(&with("next"), &host));
        host.wait(60);
    }
    publish(&host);
    let back = |name: &str| {
        let key = Some(key(name, "publisher"));
        rollback::run(&propose::Options { ruleset: String::new(), key, ..proposal(&host) }, None, &host)
    };
    assert_eq!(back("ci"), Exit::Failed);
    host.said();
    done(&host, back("next"));
}

/// As of a site that answers with its start page where it has no such file.
#[test]
fn what_pages_refuse_hides_no_recorded_document() {
    let host = alone();
    release(&host);
    let document = rotate(&host, "ci");
    done(&host, trust::run(&trust::Options { document, place: place(), why: None }, &host));
    edit(&host, "default: on }", "default: off }");
    host.put("site/trust-0001.waft", "<!doctype html>");
    let with = |name: &str| propose::Options {
        live: Some("site".to_owned()),
        key: Some(key(name, "publisher")),
        ..proposal(&host)
    };
    assert_eq!(propose::run(&with("ci"), &host), Exit::Failed);
    let told = host.said().1.concat();
    assert!(told.contains("ci.pem: this key counts in no role in the trust"), "{told}");
    assert!(told.contains("warning: site/trust-0001.waft: is refused by pages"), "{told}");
    assert_eq!(run::run(&running("ci"), &host), Exit::Usage);
    let told = host.said().1.concat();
    assert!(told.contains("is recorded and not published, and pages do not have it"), "{told}");
    done(&host, propose::run(&with("next"), &host));
}

#[test]
fn number_of_a_trust_document_is_taken_once() {
    let host = alone();
    release(&host);
    let first = rotate(&host, "ci");
    let options = |document: &str| trust::Options { document: document.to_owned(), place: place(), why: None };
    // A run that ended before its record, and what it left.
    host.put("releases/trust-live-0001.waft", host.read(&first).unwrap());
    done(&host, trust::run(&options(&first), &host));
    host.take(&first);
    let second = rotate(&host, "oncall");
    assert_eq!(trust::run(&options(&second), &host), Exit::Failed);
    let told = host.said().1.concat();
    assert!(told.contains("another trust document 1 is recorded, in releases/"), "{told}");
    host.take("releases/0003.yaml");
    assert_eq!(trust::run(&options(&second), &host), Exit::Failed);
    let told = host.said().1.concat();
    assert!(told.contains("another document of this number is there, without a record"), "{told}");
}

/// Each has its own document 1, though environments have one name.
#[test]
fn two_projects_share_a_folder_of_records() {
    let host = alone();
    let document = rotate(&host, "ci");
    done(&host, trust::run(&trust::Options { document: document.clone(), place: place(), why: None }, &host));
    host.take(&document);
    let cafe = String::from_utf8(host.read("trust.json").unwrap()).unwrap().replace("\"shop\"", "\"cafe\"");
    host.put("cafe.json", cafe);
    let options = change::Options {
        from: Some("cafe.json".to_owned()),
        replace: vec!["ci=next.json".to_owned()],
        keys: vec!["ruth.pem".to_owned()],
        ..change::Options::default()
    };
    done(&host, change::run(&options, &host));
    let place = Place { trust: "cafe.json".to_owned(), ..place() };
    for _ in 0..2 {
        done(&host, trust::run(&trust::Options { document: document.clone(), place: place.clone(), why: None }, &host));
    }
    assert_eq!(host.read("releases/trust-cafe-live-0001.waft").unwrap(), host.read(&document).unwrap());
    assert_ne!(host.read("releases/trust-live-0001.waft").unwrap(), host.read(&document).unwrap());
}

/// A document of the history that does not verify brings no key back that an earlier one took out.
#[test]
fn recorded_document_that_is_refused_ends_everything() {
    let host = alone();
    two(&host);
    edit(&host, "default: on }", "default: off }");
    release(&host);
    let document = rotate(&host, "ci");
    let options = trust::Options { document, place: place(), why: None };
    done(&host, trust::run(&options, &host));
    let flags = ["button".to_owned()];
    let copy = "releases/trust-live-0001.waft";
    let bytes = host.read(copy).unwrap();
    host.put(copy, &bytes[..bytes.len() - 1]);
    let error = guarded::rollback(&super::options(), &flags, &host).err().unwrap();
    assert!(error.contains("releases/trust-live-0001.waft: is refused"), "{error}");
    assert_eq!(run::run(&running("ci"), &host), Exit::Failed);
    host.put(copy, &bytes);
    // What somebody appends under its number is not asked.
    let (file, record) = host.take("releases/0005.yaml");
    host.put(&file, &record);
    let previous: String = digest_of(&[&record]).iter().map(|byte| format!("{byte:02x}")).collect();
    let junk = String::from_utf8(record).unwrap().replace("trust-live-0001.waft", "junk.waft");
    let junk: Vec<&str> = junk.lines().filter(|line| !line.starts_with("previous: ")).collect();
    let junk = format!("{}\nprevious: \"{previous}\"\n", junk.join("\n"));
    host.put("releases/junk.waft", "junk");
    host.put("releases/0006.yaml", junk);
    let with = guarded::Options { key: key("next", "publisher"), ..super::options() };
    let taken = guarded::rollback(&with, &flags, &host).unwrap_or_else(|error| panic!("{error}"));
    assert!(matches!(taken.outcome, Outcome::Published { version: 3, .. }), "{:?}", taken.outcome);
}
