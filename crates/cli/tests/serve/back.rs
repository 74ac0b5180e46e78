//! `/api/releases`: proposals that are rejected, releases that are taken back and unblocked, and trust documents, all signed elsewhere.

use std::fs;

use serde_json::{Value, json};

use crate::releases::{Shop, approve, ask, public, question, refused, run, sign, state};
use crate::server::{Answer, Server};

/// Asks for what is to be signed, signs it, and sends that.
fn signed(server: &Server, path: &str, key: &str, mut body: Value, more: &[(&str, Value)]) -> Answer {
    body["publicKey"] = public(&server.folder, key).into();
    let to_sign = ask(server, &format!("{path}/to-sign"), &body);
    if to_sign.status != 200 {
        return to_sign;
    }
    body["signature"] = sign(&server.folder, key, &to_sign.json()["toSign"]).into();
    more.iter().for_each(|(name, value)| body[*name] = value.clone());
    ask(server, path, &body)
}

/// A proposal is signed in both roles, and published.
fn release(server: &Server) {
    let review = server.get("/api/releases/review", &[]).json();
    for (key, role) in [("ci.pem", "publisher"), ("alice.pem", "approver")] {
        let mut body = json!({ "proposal": review["proposal"], "digest": review["digest"], "role": role });
        body["publicKey"] = public(&server.folder, key).into();
        let to_sign = ask(server, "/to-sign", &body);
        assert_eq!(to_sign.status, 200, "{}", to_sign.json());
        body["signature"] = sign(&server.folder, key, &to_sign.json()["toSign"]).into();
        let answer = ask(server, "/approve", &body);
        assert_eq!(answer.status, 200, "{}", answer.json());
    }
    let answer = ask(server, "/publish", &json!({ "proposal": review["proposal"] }));
    assert_eq!(answer.status, 200, "{}", answer.json());
}

#[test]
fn proposal_is_rejected_by_a_signature() {
    let server = Shop::new().start(&[]);
    let proposal = question(&server)["proposal"].clone();
    let body = json!({ "proposal": proposal });
    let before = state(&server);
    // By a key of another role; with a signature over something else; without a reason.
    let why = [("why", json!("orders fail"))];
    assert_eq!(refused(&signed(&server, "/reject", "oncall.pem", body.clone(), &why)), (422, "refused".to_owned()));
    let forged = json!({ "proposal": proposal, "publicKey": public(&server.folder, "alice.pem"), "signature": "A".repeat(86), "why": "no" });
    assert_eq!(refused(&ask(&server, "/reject", &forged)), (422, "refused".to_owned()));
    assert_eq!(refused(&signed(&server, "/reject", "alice.pem", body.clone(), &[])), (400, "usage".to_owned()));
    assert_eq!(state(&server), before);
    let answer = signed(&server, "/reject", "alice.pem", body.clone(), &why);
    assert_eq!(answer.status, 200, "{}", answer.json());
    let told = state(&server);
    assert_eq!((&told["state"], &told["history"][0]["kind"]), (&"rejected".into(), &"reject".into()));
    assert_eq!(
        (&told["history"][0]["why"], &told["history"][0]["signed"][0]["name"]),
        (&"orders fail".into(), &"alice".into())
    );
    assert_eq!(refused(&signed(&server, "/reject", "alice.pem", body, &why)), (409, "blocked".to_owned()));
    assert!(run(&server.folder, "release verify --trust trust.json").0);
}

#[test]
fn earlier_release_comes_back_and_the_later_one_is_unblocked() {
    let server = Shop::new().start(&[]);
    assert_eq!(approve(&server).status, 200);
    let proposal = state(&server)["proposal"].clone();
    assert_eq!(ask(&server, "/publish", &json!({ "proposal": proposal })).status, 200);
    let told = state(&server);
    assert_eq!((&told["rollback"][0]["version"], &told["rollback"][0]["why"]), (&1.into(), &"opening".into()));
    assert_eq!((&told["blocked"], &told["signs"]), (&json!([]), &json!([])));
    assert_eq!(refused(&ask(&server, "/rollback", &json!({ "to": 7 }))), (422, "refused".to_owned()));
    let answer = ask(&server, "/rollback", &json!({ "why": "orders fail" }));
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert!(answer.json()["changes"].to_string().contains("old"), "{}", answer.json());
    assert!(answer.json()["notes"].to_string().contains("revert in the rules"), "{}", answer.json());
    let told = state(&server);
    assert_eq!((&told["version"], &told["signed"], &told["why"]), (&3.into(), &json!([]), &"orders fail".into()));
    // It is a proposal like others.
    release(&server);
    let told = state(&server);
    assert_eq!((&told["live"]["version"], &told["history"][0]["rulesOf"]), (&3.into(), &1.into()));
    assert_eq!((&told["blocked"][0]["version"], &told["rollback"]), (&2.into(), &json!([])));
    // Its rules may come back once somebody says so.
    let (body, why) = (json!({ "version": 2 }), [("why", json!("mended"))]);
    assert_eq!(refused(&signed(&server, "/unblock", "oncall.pem", body.clone(), &why)), (422, "refused".to_owned()));
    assert_eq!(
        refused(&signed(&server, "/unblock", "alice.pem", json!({ "version": 1 }), &why)),
        (422, "refused".to_owned())
    );
    let answer = signed(&server, "/unblock", "alice.pem", body.clone(), &why);
    assert_eq!(answer.status, 200, "{}", answer.json());
    let told = state(&server);
    assert_eq!((&told["blocked"], &told["history"][0]["kind"]), (&json!([]), &"unblock".into()));
    assert_eq!(refused(&signed(&server, "/unblock", "alice.pem", body, &why)), (422, "refused".to_owned()));
    assert!(run(&server.folder, "release verify --trust trust.json").0);
}

#[test]
fn publisher_signs_here_where_pages_ask_for_somebody_else_too() {
    let shop = Shop::new();
    let key = shop.path("ci.pem").to_str().unwrap().to_owned();
    let server = shop.start(&["--publisher-key", &key]);
    assert_eq!(state(&server)["signs"], json!(["publisher"]));
    let rules = server.folder.site().parent().unwrap().join("rules.yaml");
    let text = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, text.replace("whenOff: off, default: on }\n  old", "whenOff: on, default: on }\n  old")).unwrap();
    assert_eq!(ask(&server, "/propose", &json!({})).status, 200);
    assert_eq!(state(&server)["signed"], json!(["ci (publisher)"]));
    assert_eq!(approve(&server).status, 200);
    let proposal = state(&server)["proposal"].clone();
    assert_eq!(ask(&server, "/publish", &json!({ "proposal": proposal })).status, 200);
    assert_eq!(ask(&server, "/rollback", &json!({})).status, 200);
    assert_eq!(state(&server)["signed"], json!(["ci (publisher)"]));
    // Where its signature were enough, anybody could release; a key of another role signs nothing.
    let shop = Shop::new();
    let mut trust: Value = serde_json::from_slice(&fs::read(shop.path("trust.json")).unwrap()).unwrap();
    trust["require"].as_array_mut().unwrap().retain(|one| one["role"] != "approver");
    fs::write(shop.path("alone.json"), trust.to_string()).unwrap();
    let path = |name: &str| shop.path(name).to_str().unwrap().to_owned();
    for (trust, key, expected) in
        [("alone.json", "ci.pem", "by this signature alone"), ("trust.json", "alice.pem", "not as publisher")]
    {
        let [to, trust, key] = [path("site"), path(trust), path(key)];
        let message = shop.folder.fail(&["--release-to", &to, "--trust", &trust, "--publisher-key", &key]);
        assert!(message.contains(expected), "{message}");
    }
}

fn trust(server: &Server) -> Value {
    let answer = server.get("/api/releases/trust", &[]);
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

#[test]
fn key_is_enrolled_by_a_document_that_root_signs() {
    let shop = Shop::with(&[("root", "owner")]);
    shop.waft("keygen --out bob.pem");
    let server = shop.start(&[]);
    let told = trust(&server);
    assert_eq!((&told["number"], &told["takesDocuments"], &told["proposed"]), (&0.into(), &true.into(), &Value::Null));
    assert_eq!(told["roles"]["approver"]["keys"][0]["holder"], "alice");
    let bob = json!({ "role": "approver", "holder": "Bob", "publicKey": public(&server.folder, "bob.pem") });
    let answer = ask(&server, "/trust/propose", &json!({ "add": [bob], "thresholds": { "approver": 1 } }));
    assert_eq!(answer.status, 200, "{}", answer.json());
    let proposed = answer.json()["proposed"].clone();
    assert_eq!(
        (&proposed["number"], &proposed["signed"], &proposed["isComplete"]),
        (&1.into(), &json!([]), &false.into())
    );
    assert!(
        proposed["changes"].to_string().contains("Bob")
            && proposed["waitsFor"][0]
                .as_str()
                .unwrap()
                .contains("1 signature as root of the trust in effect (owner can sign)"),
        "{proposed}"
    );
    let body = json!({ "digest": proposed["digest"] });
    assert_eq!(refused(&ask(&server, "/trust/publish", &body)), (409, "waits".to_owned()));
    // Nobody but root signs it, and it is the one that was looked at.
    let sign_as = |key: &str, digest: &Value, tamper: bool| {
        let mut body = json!({ "digest": digest, "publicKey": public(&server.folder, key) });
        let to_sign = ask(&server, "/trust/to-sign", &body);
        if to_sign.status != 200 {
            return to_sign;
        }
        let signature = sign(&server.folder, key, &to_sign.json()["toSign"]);
        body["signature"] = if tamper { "A".repeat(86) } else { signature }.into();
        ask(&server, "/trust/sign", &body)
    };
    assert_eq!(refused(&sign_as("alice.pem", &proposed["digest"], false)), (422, "refused".to_owned()));
    assert_eq!(refused(&sign_as("owner.pem", &"another".into(), false)), (409, "moved".to_owned()));
    assert_eq!(refused(&sign_as("owner.pem", &proposed["digest"], true)), (422, "refused".to_owned()));
    let answer = sign_as("owner.pem", &proposed["digest"], false);
    assert_eq!(answer.status, 200, "{}", answer.json());
    let complete = answer.json()["proposed"].clone();
    assert_eq!((&complete["isComplete"], &complete["signed"][0]["holder"]), (&true.into(), &"owner".into()));
    assert_eq!((&complete["waitsFor"], &complete["digest"]), (&json!([]), &proposed["digest"]));
    let answer = ask(&server, "/trust/publish", &json!({ "digest": proposed["digest"], "why": "Bob joins" }));
    assert_eq!(answer.status, 200, "{}", answer.json());
    let told = trust(&server);
    assert_eq!((&told["number"], &told["proposed"]), (&1.into(), &Value::Null));
    assert_eq!(told["roles"]["approver"]["keys"].as_array().unwrap().len(), 2);
    assert!(server.folder.site().join("trust-0001.waft").exists());
    assert_eq!(
        (&state(&server)["history"][0]["kind"], &state(&server)["history"][0]["why"]),
        (&"trust".into(), &"Bob joins".into())
    );
    // Bob approves what was proposed before, and pages take it.
    let mut body = question(&server);
    body["publicKey"] = public(&server.folder, "bob.pem").into();
    let to_sign = ask(&server, "/to-sign", &body).json()["toSign"].clone();
    body["signature"] = sign(&server.folder, "bob.pem", &to_sign).into();
    let answer = ask(&server, "/approve", &body);
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert_eq!(state(&server)["signed"], json!(["ci (publisher)", "Bob (approver)"]));
    assert_eq!(ask(&server, "/publish", &json!({ "proposal": body["proposal"] })).status, 200);
    assert!(run(&server.folder, "release verify --trust trust.json").0);
}

/// Of a run that ends between its record and the publication.
#[test]
fn document_that_is_recorded_and_not_published_keeps_its_number() {
    let shop = Shop::with(&[("root", "owner")]);
    shop.waft("keygen --out bob.pem");
    let server = shop.start(&[]);
    let bob = json!({ "role": "approver", "holder": "Bob", "publicKey": public(&server.folder, "bob.pem") });
    let proposed = ask(&server, "/trust/propose", &json!({ "add": [bob] })).json()["proposed"].clone();
    let body = json!({ "digest": proposed["digest"] });
    let mut signature = json!({ "digest": proposed["digest"], "publicKey": public(&server.folder, "owner.pem") });
    let to_sign = ask(&server, "/trust/to-sign", &signature).json()["toSign"].clone();
    signature["signature"] = sign(&server.folder, "owner.pem", &to_sign).into();
    assert_eq!(ask(&server, "/trust/sign", &signature).status, 200);
    // The folder can be read, and not written.
    let lock = server.folder.site().join(".waft-publish.lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    for _ in 0..2 {
        let answer = ask(&server, "/trust/publish", &body);
        assert_eq!(refused(&answer), (502, "store".to_owned()), "{}", answer.json());
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.starts_with("trust document 1 is recorded, and not published: "), "{error}");
    }
    // Its number is taken: pages or others may have it.
    for (path, body) in [("/trust/withdraw", &body), ("/trust/propose", &json!({ "remove": ["alice"] }))] {
        let answer = ask(&server, path, body);
        assert_eq!(refused(&answer), (409, "moved".to_owned()), "{path}");
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains("trust document 1 is recorded (") && error.contains("publish it"), "{error}");
    }
    assert_eq!(trust(&server)["proposed"]["digest"], proposed["digest"]);
    fs::remove_dir(&lock).unwrap();
    let answer = ask(&server, "/trust/publish", &body);
    assert_eq!((answer.status, &answer.json()["number"]), (200, &1.into()), "{}", answer.json());
    let told = state(&server);
    assert_eq!(told["history"].as_array().unwrap().iter().filter(|one| one["kind"] == "trust").count(), 1);
    assert!(run(&server.folder, "release verify --trust trust.json").0);
    // The next one has the next number.
    let answer = ask(&server, "/trust/propose", &json!({ "remove": ["alice"] }));
    assert_eq!(answer.json()["proposed"]["number"], 2, "{}", answer.json());
    assert_eq!(ask(&server, "/trust/withdraw", &json!({ "digest": answer.json()["proposed"]["digest"] })).status, 200);
}

#[test]
fn document_of_what_is_no_key_or_name_is_not_made_and_one_may_be_withdrawn() {
    let shop = Shop::with(&[("root", "owner")]);
    shop.waft("keygen --out bob.pem");
    let server = shop.start(&[]);
    let told = trust(&server);
    let bob = json!({ "role": "approver", "holder": "Bob", "publicKey": public(&server.folder, "bob.pem") });
    // Names that are none, and a key that has a role already.
    for (name, value, status) in [
        ("role", json!("approver:x=/etc/passwd"), 400),
        ("holder", json!("x=/etc/passwd"), 400),
        ("holder", json!("a\nb"), 400),
        ("publicKey", json!("/etc/passwd"), 422),
        ("publicKey", json!(public(&server.folder, "alice.pem")), 422),
    ] {
        let mut wrong = bob.clone();
        wrong[name] = value;
        assert_eq!(refused(&ask(&server, "/trust/propose", &json!({ "add": [wrong] }))).0, status, "{name}");
    }
    assert_eq!(refused(&ask(&server, "/trust/propose", &json!({}))).0, 422, "nothing changes");
    assert_eq!(trust(&server), told);
    // Out of the way, before anybody signed it.
    let answer = ask(&server, "/trust/propose", &json!({ "remove": ["alice"] })).json();
    assert_eq!(answer["proposed"]["number"], 1, "{answer}");
    let digest = &answer["proposed"]["digest"];
    assert_eq!(refused(&ask(&server, "/trust/withdraw", &json!({ "digest": "another" }))), (409, "moved".to_owned()));
    assert_eq!(ask(&server, "/trust/withdraw", &json!({ "digest": digest })).json()["proposed"], Value::Null);
    assert_eq!(refused(&ask(&server, "/trust/publish", &json!({ "digest": digest }))), (409, "moved".to_owned()));
}

#[test]
fn pages_without_root_take_no_documents() {
    let server = Shop::new().start(&[]);
    assert_eq!(trust(&server)["takesDocuments"], false);
    let answer = ask(&server, "/trust/propose", &json!({ "remove": ["alice"] }));
    assert_eq!(refused(&answer), (422, "refused".to_owned()));
    assert!(answer.json()["error"].as_str().unwrap().contains("no role root"), "{}", answer.json());
}
