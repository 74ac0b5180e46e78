//! `/api/releases`: a release is approved, published and a flag killed over HTTP, with keys that the server never sees; and whom it refuses.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::guide::commands;
use crate::server::{Answer, Folder, Server};

const RULESET: &str = "project: shop
environments: { production: {} }
attributes: { id: string }
units: { one: { attribute: id } }
flags:
  new: { type: boolean, whenOff: off, default: on }
  old: { type: boolean, whenOff: off, default: off }
";

/// Version 1 is live; version 2 is proposed, with `ci`'s signature, and waits for `alice`.
pub(crate) struct Shop {
    pub(crate) folder: Folder,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Shop::with(&[])
    }

    /// With keys of further roles, and their holders.
    pub(crate) fn with(more: &[(&str, &str)]) -> Self {
        let shop = Shop { folder: Folder::new() };
        fs::write(shop.path("rules.yaml"), RULESET).unwrap();
        fs::write(shop.path("people.csv"), "id\na\nb\nc\n").unwrap();
        let (mut keys, mut holders, mut require) = (json!({}), json!({}), Vec::new());
        let own = [("publisher", "ci"), ("approver", "alice"), ("kill", "oncall"), ("freshness", "robot")];
        for (role, name) in own.iter().chain(more) {
            let made: Value = serde_json::from_str(&shop.waft(&format!("keygen --out {name}.pem"))).unwrap();
            let kid = made["kid"].as_str().unwrap();
            keys[kid] = made["publicKey"].clone();
            holders[kid] = (*name).into();
            require.push(json!({ "role": role, "keys": [kid] }));
        }
        let trust = json!({ "project": "shop", "environment": "production", "keys": keys, "holders": holders, "require": require });
        fs::write(shop.path("trust.json"), trust.to_string()).unwrap();
        shop.waft("release propose rules.yaml --trust trust.json --key ci.pem --why opening");
        shop.approve("");
        shop.waft("release publish --trust trust.json --to site --freshness-key robot.pem");
        shop.propose("default: off", "default: on");
        shop
    }

    /// What is live, changed and proposed.
    fn propose(&self, from: &str, to: &str) {
        let rules = fs::read_to_string(self.path("rules.yaml")).unwrap().replace(from, to);
        fs::write(self.path("rules.yaml"), rules).unwrap();
        self.waft("release propose rules.yaml --trust trust.json --key ci.pem --live site/snapshot.waft --why more");
    }

    /// At the command line.
    fn approve(&self, live: &str) {
        let status: Value = serde_json::from_str(&self.told("release status --trust trust.json --json")).unwrap();
        let digest = status["digest"].as_str().unwrap();
        self.waft(&format!("release approve --trust trust.json --key alice.pem --digest {digest}{live}"));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.site().parent().unwrap().join(name)
    }

    fn told(&self, line: &str) -> String {
        String::from_utf8(run(&self.folder, line).1).unwrap()
    }

    pub(crate) fn waft(&self, line: &str) -> String {
        let (is_done, out) = run(&self.folder, line);
        assert!(is_done, "{line}");
        String::from_utf8(out).unwrap()
    }

    pub(crate) fn start(self, more: &[&str]) -> Server {
        let of = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let [to, trust, records, people, rules] =
            ["site", "trust.json", "releases", "people.csv", "rules.yaml"].map(of);
        let head = format!("{to}/head.waft");
        let key = of("robot.pem");
        let mut arguments =
            vec!["--release-to", &to, "--trust", &trust, "--records", &records, "--population", &people];
        arguments.extend(["--ruleset", &rules, "--environment", "production", "--refresh-head", &head, "--key", &key]);
        arguments.extend(more);
        self.folder.start(&arguments)
    }
}

pub(crate) fn run(folder: &Folder, line: &str) -> (bool, Vec<u8>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waft"));
    command.args(line.split(' ')).current_dir(folder.site().parent().unwrap()).stdin(Stdio::null());
    let output = command.output().unwrap();
    if !output.status.success() {
        eprintln!("{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
    (output.status.success(), output.stdout)
}

/// A key that stays where it is: `openssl`, as a browser's WebCrypto would be.
pub(crate) fn sign(folder: &Folder, key: &str, to_sign: &Value) -> String {
    let home = folder.site().parent().unwrap().to_owned();
    fs::write(home.join("message"), decode(to_sign.as_str().unwrap())).unwrap();
    let mut command = Command::new("openssl");
    command.args(["pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", "message", "-out", "signature"]);
    assert!(command.current_dir(&home).status().unwrap().success());
    encode(&fs::read(home.join("signature")).unwrap())
}

pub(crate) fn public(folder: &Folder, key: &str) -> String {
    let mut command = Command::new("openssl");
    command.args(["pkey", "-pubout", "-outform", "DER", "-in", key]);
    let output = command.current_dir(folder.site().parent().unwrap()).output().unwrap();
    encode(&output.stdout[output.stdout.len() - 32..])
}

fn encode(bytes: &[u8]) -> String {
    waft_compile::keys::to_text(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    waft_compile::keys::bytes(text).unwrap()
}

pub(crate) fn ask(server: &Server, path: &str, body: &Value) -> Answer {
    ask_as(server, path, &[("content-type", "application/json")], body.to_string().as_bytes())
}

fn ask_as(server: &Server, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut request = server.agent.post(format!("http://{}/api/releases{path}", server.address));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.send(body).unwrap())
}

pub(crate) fn state(server: &Server) -> Value {
    let answer = server.get("/api/releases", &[]);
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

/// The status and the code of a refusal, which names its remedy.
pub(crate) fn refused(answer: &Answer) -> (u16, String) {
    let told = answer.json();
    assert!(!told["error"].as_str().unwrap().is_empty(), "{told}");
    assert_eq!(answer.header("cache-control"), "no-store");
    (answer.status, told["code"].as_str().unwrap().to_owned())
}

/// What is to be signed of the open proposal, and its question.
pub(crate) fn question(server: &Server) -> Value {
    let review = server.get("/api/releases/review", &[]).json();
    json!({ "proposal": review["proposal"], "digest": review["digest"], "publicKey": public(&server.folder, "alice.pem") })
}

pub(crate) fn approve(server: &Server) -> Answer {
    let mut question = question(server);
    let to_sign = ask(server, "/to-sign", &question);
    assert_eq!(to_sign.status, 200, "{}", to_sign.json());
    question["signature"] = sign(&server.folder, "alice.pem", &to_sign.json()["toSign"]).into();
    ask(server, "/approve", &question)
}

#[test]
fn release_is_reviewed_signed_elsewhere_and_published() {
    let server = Shop::new().start(&[]);
    let told = state(&server);
    assert_eq!((&told["state"], &told["live"]["version"], &told["version"]), (&"waits".into(), &1.into(), &2.into()));
    assert_eq!(told["live"]["flags"], json!(["new", "old"]));
    assert_eq!((&told["records"], &told["history"][0]["kind"]), (&4.into(), &"propose".into()));
    let review = server.get("/api/releases/review", &[]).json();
    let lines = [review["changes"].to_string(), review["effect"].to_string()];
    assert!(lines[0].contains("old") && lines[1].contains('3'), "{lines:?}: who would be moved, of 3 people");
    let population = &review["diff"]["population"];
    assert_eq!((&population["rows"], &population["flags"][0]["flag"]), (&3.into(), &"old".into()), "the same as data");
    assert_eq!(population["flags"][0]["changed"]["rows"], 3);
    assert_eq!(population["flags"][0]["moves"][0]["examples"], Value::Null, "nobody is named");
    // Not before it is approved.
    let proposal = json!({ "proposal": review["proposal"] });
    assert_eq!(refused(&ask(&server, "/publish", &proposal)), (409, "waits".to_owned()));
    let answer = approve(&server);
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert!(answer.json()["notes"].to_string().contains("version 2 is approved; publish it next"), "{}", answer.json());
    assert_eq!(state(&server)["signed"], json!(["ci (publisher)", "alice (approver)"]));
    let answer = ask(&server, "/publish", &proposal);
    assert_eq!((answer.status, &answer.json()["version"]), (200, &2.into()), "{}", answer.json());
    let told = state(&server);
    assert_eq!(
        (&told["state"], &told["live"]["version"], &told["pointer"]),
        (&"published".into(), &2.into(), &Value::Null)
    );
    // Pages take it, and its pointer; the history is whole.
    let (is_taken, pointer) = run(&server.folder, "verify site/head.waft --trust trust.json");
    assert!(is_taken && String::from_utf8_lossy(&pointer).contains("\"version\":2"));
    assert!(run(&server.folder, "release verify --trust trust.json").0);
    // Again: nothing happens.
    assert_eq!(ask(&server, "/publish", &proposal).status, 200);
    assert_eq!(state(&server)["records"], told["records"]);
}

#[test]
fn draft_is_proposed_without_a_signature_and_a_rule_that_is_wrong_is_not() {
    let shop = Shop::new();
    let rules = shop.path("rules.yaml");
    let server = shop.start(&[]);
    let text = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, text.replace("whenOff: off, default: on }\n  old", "whenOff: on, default: on }\n  old")).unwrap();
    let answer = ask(&server, "/propose", &json!({ "why": "a draft" }));
    assert_eq!(answer.status, 200, "{}", answer.json());
    let told = state(&server);
    assert_eq!((&told["version"], &told["signed"], &told["why"]), (&3.into(), &json!([]), &"a draft".into()));
    fs::write(&rules, "project: shop\n").unwrap();
    let answer = ask(&server, "/propose", &json!({}));
    assert_eq!(refused(&answer), (422, "refused".to_owned()));
    assert_eq!(state(&server)["records"], told["records"]);
}

#[test]
fn signature_that_does_not_verify_changes_nothing() {
    let server = Shop::new().start(&[]);
    let before = state(&server);
    let mut question = question(&server);
    let to_sign = ask(&server, "/to-sign", &question).json()["toSign"].clone();
    let mut check = |name: &str, value: Value, expected: (u16, &str)| {
        let earlier = std::mem::replace(&mut question[name], value);
        let (status, code) = refused(&ask(&server, "/approve", &question));
        assert_eq!((status, code.as_str()), expected, "{name}");
        question[name] = earlier;
    };
    let good = sign(&server.folder, "alice.pem", &to_sign);
    let mut flipped = decode(&good);
    flipped[7] ^= 1;
    check("signature", encode(&flipped).into(), (422, "refused"));
    check("signature", "AAAA".into(), (400, "usage"));
    // Of somebody who may not; over another proposal; of another thing that was looked at.
    check("signature", sign(&server.folder, "ci.pem", &to_sign).into(), (422, "refused"));
    question["signature"] = good.into();
    for (name, value, status) in [
        ("publicKey", public(&server.folder, "ci.pem"), 422),
        ("publicKey", "no key".to_owned(), 422),
        ("digest", "another".to_owned(), 422),
        ("proposal", "0001".to_owned(), 409),
        ("proposal", "../../etc/passwd".to_owned(), 400),
        ("role", "publisher".to_owned(), 422),
    ] {
        let earlier = std::mem::replace(&mut question[name], value.into());
        assert_eq!(refused(&ask(&server, "/approve", &question)).0, status, "{name}");
        question[name] = earlier;
    }
    assert_eq!(state(&server), before);
    let mut unknown = question.clone();
    unknown["file"] = "/etc/passwd".into();
    assert_eq!(refused(&ask(&server, "/approve", &unknown)), (400, "usage".to_owned()));
    // Values in the order of the fields are no body.
    assert_eq!(refused(&ask(&server, "/publish", &json!(["0001"]))), (400, "usage".to_owned()));
}

#[test]
fn approval_lapses_once_something_else_is_live() {
    let shop = Shop::new();
    shop.approve(" --live site/snapshot.waft");
    // Somebody publishes by hand.
    shop.waft("build rules.yaml --environment production --version 7 --out other.waft");
    for (key, role) in [("ci", "publisher"), ("alice", "approver")] {
        shop.waft(&format!("sign other.waft --key {key}.pem --role {role}"));
    }
    shop.waft("publish other.waft --trust trust.json --to site --freshness-key robot.pem");
    let server = shop.start(&[]);
    let told = state(&server);
    assert_eq!((&told["state"], &told["live"]["version"]), (&"lapsed".into(), &7.into()));
    assert_eq!(refused(&server.get("/api/releases/review", &[])), (409, "moved".to_owned()));
    let question = json!({ "proposal": told["proposal"], "digest": told["digest"], "publicKey": public(&server.folder, "alice.pem") });
    assert_eq!(refused(&ask(&server, "/to-sign", &question)), (409, "moved".to_owned()));
    let answer = ask(&server, "/publish", &json!({ "proposal": told["proposal"] }));
    assert_eq!(refused(&answer), (409, "moved".to_owned()));
    assert!(answer.json()["error"].as_str().unwrap().contains("propose again"), "{}", answer.json());
    assert_eq!(state(&server)["live"]["version"], 7);
}

#[test]
fn flag_is_killed_by_a_list_that_is_signed_elsewhere() {
    let server = Shop::new().start(&[]);
    let wanted = |flag: &str, unkill: bool, key: &str| json!({ "flags": [flag], "unkill": unkill, "publicKey": public(&server.folder, key) });
    let signed = |mut wanted: Value, key: &str| {
        let list = ask(&server, "/kills/to-sign", &wanted);
        assert_eq!(list.status, 200, "{}", list.json());
        wanted["document"] = list.json()["document"].clone();
        wanted["signature"] = sign(&server.folder, key, &list.json()["toSign"]).into();
        wanted["why"] = "orders fail".into();
        wanted
    };
    // Of a key that kills nothing: nobody is asked to sign in vain, and what they sign all the same is refused.
    let refusal = ask(&server, "/kills/to-sign", &wanted("new", false, "alice.pem"));
    assert_eq!(refused(&refusal), (422, "refused".to_owned()));
    let told = refusal.json()["error"].as_str().unwrap().to_owned();
    assert!(told.contains("in the role kill: add {\"role\":\"kill\""), "{told}");
    let mut foreign = signed(wanted("new", false, "oncall.pem"), "alice.pem");
    foreign["publicKey"] = public(&server.folder, "alice.pem").into();
    assert_eq!(refused(&ask(&server, "/kills", &foreign)), (422, "refused".to_owned()));
    let mut flipped = signed(wanted("new", false, "oncall.pem"), "oncall.pem");
    let mut document = decode(flipped["document"].as_str().unwrap());
    let at = document.len() - 3;
    document[at] ^= 1;
    flipped["document"] = encode(&document).into();
    assert_eq!(refused(&ask(&server, "/kills", &flipped)).0, 422);
    assert_eq!(state(&server)["killed"], json!([]));

    let kill = signed(wanted("new", false, "oncall.pem"), "oncall.pem");
    let other = signed(wanted("old", false, "oncall.pem"), "oncall.pem");
    let answer = ask(&server, "/kills", &kill);
    assert_eq!(answer.status, 200, "{}", answer.json());
    let told = state(&server);
    assert_eq!((&told["killed"], &told["history"][0]["kind"]), (&json!(["new"]), &"kill".into()));
    assert_eq!((&told["history"][0]["by"], &told["history"][0]["why"]), (&"oncall".into(), &"orders fail".into()));
    // The pointer names the list, so that no page takes a head without it.
    let (_, head) = run(&server.folder, "verify site/head.waft --trust trust.json");
    assert_eq!(serde_json::from_slice::<Value>(&head).unwrap()["pointer"]["kills"], 1);
    // Whoever signed the same number meanwhile starts from the published list.
    assert_eq!(refused(&ask(&server, "/kills", &other)), (409, "moved".to_owned()));
    assert_eq!(state(&server)["killed"], json!(["new"]));
    let answer = ask(&server, "/kills", &signed(wanted("new", true, "oncall.pem"), "oncall.pem"));
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert_eq!(state(&server)["killed"], json!([]));
    assert_eq!(refused(&ask(&server, "/kills/to-sign", &json!({ "flags": [], "publicKey": "" }))).0, 400);
}

#[test]
fn other_sites_other_names_other_machines_and_large_bodies_are_refused() {
    let server = Shop::new().start(&[]);
    let before = state(&server);
    let json = ("content-type", "application/json");
    let (own, body) = (format!("http://{}", server.address), br#"{"why":"forged"}"#);
    for (headers, expected) in [
        (vec![json, ("origin", "https://evil.example")], (403, "origin")),
        (vec![json, ("origin", "null")], (403, "origin")),
        (vec![json, ("origin", "http://localhost:1")], (403, "origin")),
        (vec![json, ("sec-fetch-site", "cross-site")], (403, "origin")),
        // What a form sends without asking.
        (vec![("content-type", "text/plain"), ("origin", own.as_str())], (415, "media")),
        (vec![("origin", own.as_str())], (415, "media")),
        // Through a proxy, from another machine.
        (vec![json, ("x-forwarded-for", "192.0.2.7")], (403, "elsewhere")),
        (vec![json, ("forwarded", "for=192.0.2.7")], (403, "elsewhere")),
    ] {
        let answer = ask_as(&server, "/propose", &headers, body);
        assert_eq!(refused(&answer), (expected.0, expected.1.to_owned()), "{headers:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        if !headers.contains(&json) {
            continue;
        }
        for path in ["/api/releases", "/api/releases/review"] {
            assert_eq!(refused(&server.get(path, &headers[1..])).1, expected.1, "{path} {headers:?}");
        }
    }
    // DNS rebinding: a name of another site that leads here.
    let length = body.len();
    let rebound = server.raw(format!(
        "POST /api/releases/propose HTTP/1.1\r\nhost: rebound.example\r\norigin: http://rebound.example\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{{\"why\":\"forged\"}}"
    ));
    assert!(rebound.starts_with("HTTP/1.1 421 "), "{rebound}");
    let preflight = server.raw(
        "OPTIONS /api/releases/propose HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\norigin: https://evil.example\r\n\
         access-control-request-method: POST\r\naccess-control-request-headers: content-type\r\n\r\n",
    );
    assert!(!preflight.contains("access-control-allow-origin"), "{preflight}");
    let large = format!("{{\"why\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(refused(&ask_as(&server, "/propose", &[json], large.as_bytes())), (413, "too-large".to_owned()));
    for malformed in [&b""[..], b"[]", b"{\"why\":1}", b"{\"why\":\"\\u0000\"}"] {
        assert!(refused(&ask_as(&server, "/propose", &[json], malformed)).0 < 500);
    }
    assert_eq!(state(&server), before);
    // A page of this server.
    assert_eq!(ask_as(&server, "/propose", &[json, ("origin", own.as_str())], b"{}").status, 200);
}

#[test]
fn site_that_may_send_exposures_may_not_release() {
    let server = Shop::new().start(&["--allow-origin", "https://shop.example"]);
    let answer =
        ask_as(&server, "/propose", &[("content-type", "application/json"), ("origin", "https://shop.example")], b"{}");
    assert_eq!(refused(&answer), (403, "origin".to_owned()));
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[test]
fn token_is_needed_by_everybody_once_there_is_one() {
    let shop = Shop::new();
    let token = "0123456789abcdef0123456789abcdef";
    fs::write(shop.path("tokens"), token).unwrap();
    let tokens = shop.path("tokens").to_str().unwrap().to_owned();
    let server = shop.start(&["--release-token-file", &tokens, "--allow-host", "flags.shop.example"]);
    let bearer = format!("Bearer {token}");
    let proxied = [("x-forwarded-for", "192.0.2.7"), ("authorization", bearer.as_str())];
    assert_eq!(server.get("/api/releases", &proxied).status, 200);
    for headers in [
        &[][..],
        &proxied[..1],
        &[("authorization", "Bearer 0123456789abcdef0123456789abcdee")],
        &[("authorization", "Basic YTpi")],
    ] {
        let answer = server.get("/api/releases", headers);
        assert_eq!(refused(&answer), (401, "token".to_owned()), "{headers:?}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    // A token is no key: nothing goes live by it.
    let review = server.get("/api/releases/review", &proxied).json();
    let body = json!({ "proposal": review["proposal"] }).to_string();
    let headers = [("content-type", "application/json"), proxied[1]];
    assert_eq!(refused(&ask_as(&server, "/publish", &headers, body.as_bytes())), (409, "waits".to_owned()));
    assert_eq!(refused(&ask_as(&server, "/publish", &headers[..1], body.as_bytes())), (401, "token".to_owned()));
}

#[test]
fn server_without_a_folder_of_releases_has_no_such_path_and_wrong_options_are_told() {
    let server = Server::start(&[]);
    assert_eq!(server.get("/api/releases", &[]).status, 404);
    let shop = Shop::new();
    let [trust, missing] = ["trust.json", "missing.json"].map(|name| shop.path(name).to_str().unwrap().to_owned());
    for (arguments, expected) in [
        (
            ["--release-to", "https://cdn.example/flags", "--trust", trust.as_str()],
            "expected a folder, such as public/flags",
        ),
        (["--release-to", "site", "--trust", missing.as_str()], "missing.json: "),
    ] {
        let message = shop.folder.fail(&arguments);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn command_of_the_guide_runs() {
    let shop = Shop::new();
    let lines = commands("Over HTTP: a page with a button", &["api"]);
    assert_eq!(lines.len(), 1);
    let path = |word: &str| match word {
        option if option.starts_with("--") => option.to_owned(),
        "freshness.pem" => shop.path("robot.pem").to_str().unwrap().to_owned(),
        other => {
            shop.path(&other.replace("public/flags", "site").replace("public", "site")).to_str().unwrap().to_owned()
        }
    };
    let arguments: Vec<String> = lines[0].split(' ').skip(2).map(path).collect();
    let server = shop.folder.start(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(state(&server)["state"], "waits");
    // There are no rules to draft.
    assert_eq!(refused(&ask(&server, "/propose", &json!({}))), (400, "usage".to_owned()));
}
