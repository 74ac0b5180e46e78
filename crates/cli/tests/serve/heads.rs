//! Heads that are served: streamed to whoever listens, and refreshed.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::changes::Listening;
use crate::server::{Folder, Server};

/// Longer than anything here takes: only a hang reaches it.
const HANG: Duration = Duration::from_secs(60);

const RULESET: &str = "project: shop
environments: { production: {} }
attributes: { id: string }
units: { one: { attribute: id } }
flags:
  new: { type: boolean, whenOff: off, default: on }
";

/// Keys, a trust, and signed snapshots 1 and 2, beside a folder that is served.
struct Shop {
    folder: Folder,
}

impl Shop {
    fn new() -> Self {
        let shop = Shop { folder: Folder::new() };
        fs::write(shop.path("rules.yaml"), RULESET).unwrap();
        let (mut keys, mut require) = (json!({}), Vec::new());
        for role in ["publisher", "freshness", "kill", "root"] {
            let made: Value = serde_json::from_str(&shop.waft(&format!("keygen --out {role}.pem"))).unwrap();
            keys[made["kid"].as_str().unwrap()] = made["publicKey"].clone();
            require.push(json!({ "role": role, "keys": [made["kid"]] }));
        }
        let trust = json!({ "project": "shop", "environment": "production", "keys": keys, "require": require });
        fs::write(shop.path("trust.json"), trust.to_string()).unwrap();
        for version in [1, 2] {
            shop.waft(&format!("build rules.yaml --environment production --version {version} --out {version}.waft"));
            shop.waft(&format!("sign {version}.waft --key publisher.pem --role publisher"));
        }
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.site().parent().unwrap().join(name)
    }

    /// Runs a line of arguments, and returns what it prints.
    fn waft(&self, line: &str) -> String {
        waft(&self.folder, line)
    }

    /// `waft serve` that refreshes the head every second.
    fn start(self) -> Server {
        let [key, trust] = ["freshness.pem", "trust.json"].map(|name| self.path(name).to_str().unwrap().to_owned());
        let head = self.folder.site().join("head.waft").to_str().unwrap().to_owned();
        self.folder.start(&["--refresh-head", &head, "--key", &key, "--trust", &trust, "--refresh-every", "1"])
    }
}

fn waft(folder: &Folder, line: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waft"));
    command.args(line.split(' ')).current_dir(folder.site().parent().unwrap()).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a page takes of the served head.
fn taken(folder: &Folder) -> Value {
    serde_json::from_str(&waft(folder, "verify site/head.waft --trust trust.json")).unwrap()
}

fn until(mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < HANG);
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_is_published_has_its_headers_and_is_streamed() {
    let shop = Shop::new();
    shop.waft("head refresh --head h --snapshot 1.waft --trust trust.json --key freshness.pem");
    shop.waft("trust rotate trust.json --min-version 1 --key root.pem");
    let publish = "publish --to site --trust trust.json --head h";
    shop.waft(&format!("{publish} 1.waft --trust-documents trust-0001.waft"));
    let server = shop.folder.start(&[]);
    let header = |path: &str, name: &str| server.get(path, &[]).header(name).to_owned();
    for path in ["/head.waft", "/current.waft", "/snapshot.waft"] {
        assert_eq!(header(path, "cache-control"), "no-cache", "{path}");
        let tag = header(path, "etag");
        assert_eq!(server.get(path, &[("if-none-match", &tag)]).status, 304, "{path}");
    }
    assert_eq!(header("/trust-0001.waft", "cache-control"), "public, max-age=31536000, immutable");
    // The snapshot goes with the head.
    let told = || {
        let [head, snapshot, current] =
            ["/head.waft", "/snapshot.waft", "/current.waft"].map(|path| header(path, "etag"));
        [format!("{head}, {snapshot}"), current]
    };
    let mut listening = ["head.waft", "current.waft"].map(|path| Listening::to(&server, path));
    assert_eq!(listening.each_mut().map(|one| one.event().unwrap()), told());
    waft(&server.folder, "kill new --head h --trust trust.json --key kill.pem");
    waft(&server.folder, publish);
    assert_eq!(listening.each_mut().map(|one| one.event().unwrap()), told());
    assert_eq!(taken(&server.folder)["kills"]["flags"], json!(["new"]));
}

#[test]
fn a_pointer_is_signed_at_once_and_again() {
    let shop = Shop::new();
    shop.waft("publish 1.waft --to site --trust trust.json");
    let server = shop.start();
    let folder = &server.folder;
    until(|| folder.site().join("current.waft").exists());
    assert_eq!(taken(folder)["pointer"]["version"], 1);
    // What others publish stays, and the next pointer names it.
    waft(folder, "kill new --head h --trust trust.json --key kill.pem");
    waft(folder, "publish 2.waft --to site --trust trust.json --head h");
    until(|| {
        let told = taken(folder);
        assert_eq!(told["kills"]["flags"], json!(["new"]));
        (&told["pointer"]["version"], &told["pointer"]["kills"]) == (&json!(2), &json!(1))
    });
    let before = taken(folder)["pointer"]["expires"].clone();
    until(|| taken(folder)["pointer"]["expires"] != before);
}

#[test]
fn an_encrypted_key_needs_its_passphrase() {
    let shop = Shop::new();
    shop.waft("publish 1.waft --to site --trust trust.json");
    fs::write(shop.path("word"), "correct horse").unwrap();
    let made: Value =
        serde_json::from_str(&shop.waft("keygen --out secret.pem --encrypt --passphrase-file word")).unwrap();
    let mut trust: Value = serde_json::from_slice(&fs::read(shop.path("trust.json")).unwrap()).unwrap();
    trust["keys"][made["kid"].as_str().unwrap()] = made["publicKey"].clone();
    trust["require"][1]["keys"] = json!([made["kid"]]);
    fs::write(shop.path("trust.json"), trust.to_string()).unwrap();
    let [key, trust] = ["secret.pem", "trust.json"].map(|name| shop.path(name).to_str().unwrap().to_owned());
    let head = shop.folder.site().join("head.waft").to_str().unwrap().to_owned();
    let arguments = ["--refresh-head", &head, "--key", &key, "--trust", &trust];
    assert!(shop.folder.fail(&arguments).contains("secret.pem: the key is encrypted: "));
    let mut child = shop.folder.command(&arguments).env("WAFT_PASSPHRASE", "correct horse").spawn().unwrap();
    until(|| shop.folder.site().join("current.waft").exists());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(taken(&shop.folder)["pointer"]["version"], 1);
}

#[test]
fn what_fails_later_is_told_and_tried_again() {
    let mut server = Shop::new().start();
    thread::sleep(Duration::from_millis(500));
    assert!(!server.folder.site().join("head.waft").exists());
    waft(&server.folder, "publish 1.waft --to site --trust trust.json");
    until(|| server.folder.site().join("head.waft").exists());
    server.signal("-TERM");
    let mut message = String::new();
    server.child.stderr.take().unwrap().read_to_string(&mut message).unwrap();
    assert!(message.contains("waft: the head was not refreshed, and will be tried again: "), "{message}");
    assert!(message.contains("no snapshot that pages take is published"), "{message}");
}

#[test]
fn a_key_that_no_page_accepts_stops_the_start() {
    let shop = Shop::new();
    shop.waft("publish 1.waft --to site --trust trust.json");
    fs::write(shop.path("odd.json"), "{}").unwrap();
    let check = |head: &str, key: &str, trust: &str, expected: &str| {
        let [head, key, trust] = [head, key, trust].map(|name| shop.path(name).to_str().unwrap().to_owned());
        let message = shop.folder.fail(&["--refresh-head", &head, "--key", &key, "--trust", &trust]);
        assert!(message.contains(expected), "{message}");
    };
    check("site/head.waft", "none.pem", "trust.json", "none.pem: No such file");
    check("site/head.waft", "trust.json", "trust.json", "trust.json: not an Ed25519 secret key");
    check("site/head.waft", "kill.pem", "trust.json", "kill.pem: the trust does not list the key");
    check("site/head.waft", "freshness.pem", "odd.json", "odd.json: trust.");
    check("site/snapshot.waft", "freshness.pem", "trust.json", "expected the file of a head");
    for missing in [&["--refresh-head", "head.waft"][..], &["--key", "freshness.pem"], &["--refresh-every", "9"]] {
        assert_eq!(shop.folder.command(missing).output().unwrap().status.code(), Some(2), "{missing:?}");
    }
}

#[test]
fn one_that_is_killed_while_it_refreshes_loses_nothing() {
    let mut shop = Shop::new();
    shop.waft("kill new --head h --trust trust.json --key kill.pem");
    shop.waft("publish 1.waft --to site --trust trust.json --head h");
    let before = fs::read(shop.folder.site().join("head.waft")).unwrap();
    let (mut old, mut new) = (0, 0);
    let mut took = Duration::ZERO;
    for round in 0..40 {
        fs::write(shop.folder.site().join("head.waft"), &before).unwrap();
        let started = Instant::now();
        let mut server = shop.start();
        // How long it takes depends on the machine: the first one does all of it, and the others are killed before, meanwhile and after.
        if round == 0 {
            until(|| fs::read(server.folder.site().join("head.waft")).is_ok_and(|head| head != before));
            took = started.elapsed();
        } else {
            thread::sleep((took * round / 30).saturating_sub(started.elapsed()));
        }
        server.child.kill().unwrap();
        server.wait();
        shop = Shop { folder: server.into_folder() };
        // Without a pointer the head of the kill is incomplete, and its list holds.
        let shown: Value = serde_json::from_str(&shop.waft("head show site/head.waft")).unwrap();
        let documents = shown["documents"].as_array().unwrap();
        assert_eq!(documents[0]["kills"], json!(["new"]), "{round}: {shown}");
        match documents.len() {
            1 => old += 1,
            _ => {
                new += 1;
                assert_eq!(taken(&shop.folder)["pointer"]["kills"], 1, "{round}");
            }
        }
    }
    assert!(new > 0, "{old} and {new}");
}
