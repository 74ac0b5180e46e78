//! `/api/rules`: a page reads the files of `--rules` and saves changes; whom it refuses, and what; and the origin that the studio has.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::guide::commands_of;
use crate::releases::Shop;
use crate::server::{Answer, Folder, Server};

const GUIDE: &str = include_str!("../../../../docs/serve.md");
const RULES: &str =
    "project: shop\nenvironments: { production: {} }\nattributes: { id: string }\nunits: { one: { attribute: id } }\n";
const FLAG: &str = "flags:\n  new: { type: boolean, whenOff: off, default: on } # a word\n";
const RAMP: &str = "flags:
  slow:
    type: boolean
    whenOff: off
    default: off
    rules:
      - id: up
        ramp: on
        unit: one
        steps: [{ to: 5%, at: 2026-01-01 }, { to: 50%, after: approval }]
";

/// A folder of rules, and a server that lets pages change them.
fn folder() -> (Folder, PathBuf) {
    let folder = Folder::new();
    let rules = folder.site().parent().unwrap().join("rules");
    fs::create_dir_all(rules.join("flags")).unwrap();
    fs::write(rules.join("waft.yaml"), RULES).unwrap();
    fs::write(rules.join("flags/new.yaml"), FLAG).unwrap();
    fs::write(rules.join("flags/slow.yaml"), RAMP).unwrap();
    fs::write(rules.join("notes.txt"), "no rules").unwrap();
    (folder, rules)
}

fn start(more: &[&str]) -> (Server, PathBuf) {
    let (folder, rules) = folder();
    let named = rules.to_str().unwrap().to_owned();
    (folder.start(&[&["--rules", &named], more].concat()), rules)
}

fn rules(server: &Server) -> Value {
    let answer = server.get("/api/rules", &[]);
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert_eq!(answer.header("etag"), answer.json()["etag"]);
    answer.json()
}

fn tag(server: &Server) -> String {
    rules(server)["etag"].as_str().unwrap().to_owned()
}

fn put_as(server: &Server, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut request = server.agent.put(format!("http://{}/api/rules", server.address));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.send(body).unwrap())
}

fn put(server: &Server, tag: &str, files: Value) -> Answer {
    let headers = [("content-type", "application/json"), ("if-match", tag)];
    put_as(server, &headers, json!({ "files": files }).to_string().as_bytes())
}

fn post(server: &Server, path: &str, tag: &str, body: Value) -> Answer {
    let request = server.agent.post(format!("http://{}/api/rules{path}", server.address));
    let request = request.header("content-type", "application/json").header("if-match", tag);
    Answer::of(request.send(body.to_string().as_bytes()).unwrap())
}

/// The status and the code of a refusal, which names its remedy.
fn refused(answer: &Answer) -> (u16, String) {
    let told = answer.json();
    assert!(!told["error"].as_str().unwrap().is_empty(), "{told}");
    (answer.status, told["code"].as_str().unwrap().to_owned())
}

#[test]
fn rules_are_read_changed_and_read_again() {
    let (server, rules_in) = start(&[]);
    fs::set_permissions(rules_in.join("flags/new.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
    let told = rules(&server);
    assert_eq!(told["files"], json!({ "waft.yaml": RULES, "flags/new.yaml": FLAG, "flags/slow.yaml": RAMP }));
    let before = told["etag"].as_str().unwrap();
    assert_eq!(server.get("/api/rules", &[("if-none-match", before)]).status, 304);
    assert_eq!(server.get("/api/rules", &[("if-none-match", "\"other\"")]).status, 200);
    // Changed, new and gone; line ends and a byte order mark stay as they were sent.
    let changed = FLAG.replace("default: on", "default: off");
    let test = "\u{feff}tests:\r\n  - context: { id: a }\r\n    expect: { new: off }\r\n";
    let files =
        json!({ "flags/new.yaml": changed, "tests/new.test.yaml": test, "flags/slow.yaml": null, "waft.yaml": RULES });
    let answer = put(&server, before, files);
    assert_eq!(answer.status, 200, "{}", answer.json());
    let saved = answer.json();
    assert_eq!(saved["written"], json!(["flags/new.yaml", "tests/new.test.yaml"]));
    assert_eq!((&saved["removed"], &saved["findings"]), (&json!(["flags/slow.yaml"]), &json!([])));
    let read = |name: &str| fs::read_to_string(rules_in.join(name)).ok();
    assert_eq!((read("flags/new.yaml").unwrap(), read("tests/new.test.yaml").unwrap()), (changed, test.to_owned()));
    assert_eq!(read("flags/slow.yaml"), None);
    let mode = fs::metadata(rules_in.join("flags/new.yaml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    let again = rules(&server);
    assert_eq!((&again["etag"], again["etag"] == *before), (&saved["etag"], false));
    assert_eq!(again["files"]["tests/new.test.yaml"], test);
    // Saved as it is: nothing is written.
    let unchanged = put(&server, again["etag"].as_str().unwrap(), again["files"].clone()).json();
    assert_eq!((&unchanged["written"], &unchanged["etag"]), (&json!([]), &again["etag"]));
    // A draft may have errors, which are told where they are.
    let broken = put(
        &server,
        again["etag"].as_str().unwrap(),
        json!({ "flags/new.yaml": "flags: { new: { type: nothing } }\n" }),
    );
    assert_eq!(broken.status, 200);
    let finding = &broken.json()["findings"][0];
    assert_eq!(
        (&finding["file"], &finding["severity"], &finding["line"]),
        (&"flags/new.yaml".into(), &"error".into(), &1.into())
    );
}

#[test]
fn what_others_changed_meanwhile_is_not_lost() {
    let (server, rules_in) = start(&[]);
    let before = tag(&server);
    // In an editor.
    let theirs = FLAG.replace("a word", "another word");
    fs::write(rules_in.join("flags/new.yaml"), &theirs).unwrap();
    let answer = put(&server, &before, json!({ "flags/new.yaml": "mine" }));
    assert_eq!(refused(&answer), (409, "changed".to_owned()));
    let told = answer.json();
    assert_eq!((&told["files"]["flags/new.yaml"], &told["etag"]), (&theirs.clone().into(), &rules(&server)["etag"]));
    assert_eq!(fs::read_to_string(rules_in.join("flags/new.yaml")).unwrap(), theirs);
    // Both together.
    let both = format!("{theirs}# mine\n");
    assert_eq!(put(&server, told["etag"].as_str().unwrap(), json!({ "flags/new.yaml": both })).status, 200);
    let body = json!({ "files": { "flags/new.yaml": "mine" } }).to_string();
    let answer = put_as(&server, &[("content-type", "application/json")], body.as_bytes());
    assert_eq!(refused(&answer), (428, "if-match".to_owned()));
    assert_eq!(fs::read_to_string(rules_in.join("flags/new.yaml")).unwrap(), both);
    // A file that came, or went, changes the tag, too.
    let before = tag(&server);
    fs::write(rules_in.join("more.json"), "{}").unwrap();
    assert_eq!(refused(&put(&server, &before, json!({}))).0, 409);
}

#[test]
fn nothing_is_written_outside_of_the_folder_nor_through_links() {
    let (server, rules_in) = start(&[]);
    let outside = rules_in.parent().unwrap().join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("x.yaml"), "theirs").unwrap();
    symlink(&outside, rules_in.join("linked")).unwrap();
    symlink(outside.join("x.yaml"), rules_in.join("link.yaml")).unwrap();
    symlink(rules_in.join("flags/new.yaml"), rules_in.join("inner.yaml")).unwrap();
    symlink(outside.join("fresh.yaml"), rules_in.join("dangling.yaml")).unwrap();
    let before = tag(&server);
    for path in [
        "../outside/x.yaml",
        "flags/../../outside/x.yaml",
        "/etc/x.yaml",
        "linked/x.yaml",
        "linked/new.yaml",
        "link.yaml",
        "inner.yaml",
        "dangling.yaml",
        "flags/new.yaml/x.yaml",
        ".hidden.yaml",
        "run.sh",
        "flags",
        "flags/",
        "",
        "a\\x.yaml",
        "FLAGS/new.yaml",
        "Waft.yaml",
        "node_modules/x.json",
    ] {
        for text in [json!("mine"), Value::Null] {
            // What is not there is told apart by case only if it were made.
            if text.is_null() && matches!(path, "FLAGS/new.yaml" | "Waft.yaml") {
                continue;
            }
            let answer = put(&server, &before, json!({ "waft.yaml": "changed", path: text }));
            assert_eq!(refused(&answer), (400, "path".to_owned()), "{path} {text}");
            assert_eq!(tag(&server), before, "{path}");
        }
    }
    assert_eq!(fs::read_to_string(outside.join("x.yaml")).unwrap(), "theirs");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    // What is too large, or no text.
    let large = "x".repeat((4 << 20) + 1);
    assert_eq!(refused(&put(&server, &before, json!({ "large.yaml": large }))), (400, "path".to_owned()));
    for body in
        ["", "[]", "{}", r#"{"files":{"a.yaml":1}}"#, r#"{"files":{"a.yaml":"\ud800"}}"#, r#"{"files":{},"more":1}"#]
    {
        let headers = [("content-type", "application/json"), ("if-match", before.as_str())];
        assert_eq!(refused(&put_as(&server, &headers, body.as_bytes())), (400, "usage".to_owned()), "{body}");
    }
    assert_eq!(tag(&server), before);
    fs::write(rules_in.join("latin.yaml"), b"caf\xe9").unwrap();
    let answer = server.get("/api/rules", &[]);
    assert_eq!(refused(&answer), (422, "refused".to_owned()));
    assert!(answer.json()["error"].as_str().unwrap().contains("latin.yaml: not UTF-8"), "{}", answer.json());
}

#[test]
fn other_sites_and_other_machines_neither_read_nor_save() {
    let (server, _) = start(&["--allow-origin", "https://shop.example"]);
    let before = tag(&server);
    let json = ("content-type", "application/json");
    let body = br#"{"files":{"waft.yaml":"forged"}}"#;
    for (headers, expected) in [
        (vec![json, ("origin", "https://shop.example")], (403, "origin")),
        (vec![json, ("origin", "http://localhost:1")], (403, "origin")),
        (vec![json, ("origin", "null")], (403, "origin")),
        (vec![json, ("sec-fetch-site", "same-site")], (403, "origin")),
        (vec![json, ("x-forwarded-for", "192.0.2.7")], (403, "elsewhere")),
        (vec![("content-type", "text/plain")], (415, "media")),
    ] {
        let all = [headers.as_slice(), &[("if-match", before.as_str())]].concat();
        let answer = put_as(&server, &all, body);
        assert_eq!(refused(&answer), (expected.0, expected.1.to_owned()), "{headers:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        if headers.contains(&json) {
            assert_eq!(refused(&server.get("/api/rules", &headers[1..])).1, expected.1, "{headers:?}");
        }
    }
    let preflight = server.raw(
        "OPTIONS /api/rules HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\norigin: https://shop.example\r\n\
         access-control-request-method: PUT\r\naccess-control-request-headers: content-type,if-match\r\n\r\n",
    );
    assert!(!preflight.contains("access-control-allow-origin"), "{preflight}");
    assert_eq!(tag(&server), before);
    let own = format!("http://{}", server.address);
    let headers = [json, ("if-match", before.as_str()), ("origin", own.as_str())];
    assert_eq!(put_as(&server, &headers, br#"{"files":{}}"#).status, 200);
}

#[test]
fn token_is_needed_once_there_is_one() {
    let (folder, rules) = folder();
    let token = "0123456789abcdef0123456789abcdef";
    let tokens = rules.parent().unwrap().join("tokens");
    fs::write(&tokens, token).unwrap();
    let [rules, tokens] = [&rules, &tokens].map(|path| path.to_str().unwrap().to_owned());
    let server = folder.start(&["--rules", &rules, "--release-token-file", &tokens]);
    assert_eq!(refused(&server.get("/api/rules", &[])), (401, "token".to_owned()));
    let bearer = format!("Bearer {token}");
    let proxied = [("x-forwarded-for", "192.0.2.7"), ("authorization", bearer.as_str())];
    assert_eq!(server.get("/api/rules", &proxied).status, 200);
}

#[test]
fn list_files_that_rules_name_are_streamed_and_no_others() {
    let (server, rules_in) = start(&[]);
    fs::create_dir_all(rules_in.join("flags/lists")).unwrap();
    let ids: String = (0..200_000).map(|id| format!("a-{id}\n")).collect();
    let named = "lists:\n  crews: { file: lists/crews.csv, attribute: id }\n  gone: { file: ./lists/a b.csv, attribute: id }\n  out: { file: lists/out.csv, attribute: id }\n";
    for (path, text) in [("flags/lists/crews.csv", &*ids), ("people.csv", "id\nx\n"), ("flags/lists.yaml", named)] {
        fs::write(rules_in.join(path), text).unwrap();
    }
    symlink("/etc/passwd", rules_in.join("flags/lists/out.csv")).unwrap();
    // Also where other rules have errors.
    for rules_with in ["", "segments: { none: 5 }\n"] {
        fs::write(rules_in.join("segments.yaml"), rules_with).unwrap();
        let lists = rules(&server)["lists"].clone();
        assert_eq!(lists, json!(["flags/lists/a b.csv", "flags/lists/crews.csv", "flags/lists/out.csv"]));
    }
    let get = |path: &str, known: &str| server.get(&format!("/api/rules/lists/{path}"), &[("if-none-match", known)]);
    let answer = get("flags/lists/crews.csv", "");
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    assert!(answer.body == ids.as_bytes(), "{} bytes", answer.body.len());
    let tag = answer.header("etag").to_owned();
    let same = get("flags/lists/crews.csv", &tag);
    assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, &*tag));
    fs::write(rules_in.join("flags/lists/crews.csv"), "a-0\n").unwrap();
    assert_eq!(get("flags/lists/crews.csv", &tag).body, b"a-0\n");
    for path in [
        "flags/lists/a%20b.csv",
        "flags/lists/out.csv",
        "people.csv",
        "waft.yaml",
        "notes.txt",
        "flags/lists/..%2F..%2Fpeople.csv",
        "%2Fetc%2Fpasswd",
    ] {
        assert_eq!(refused(&get(path, "")), (404, "list".to_owned()), "{path}");
    }
    // Where a link leads to is not told.
    let told = String::from_utf8(get("flags/lists/out.csv", "").body).unwrap();
    assert!(told.contains("leads out of the folder") && !told.contains("passwd"), "{told}");
    fs::write(rules_in.join("flags/lists/a b.csv"), "a-1\n").unwrap();
    assert_eq!(get("flags/lists/a%20b.csv", "").body, b"a-1\n");
    let proxied = server.get("/api/rules/lists/flags/lists/crews.csv", &[("x-forwarded-for", "192.0.2.7")]);
    assert_eq!(refused(&proxied), (403, "elsewhere".to_owned()));
}

#[test]
fn ramp_is_paused_and_goes_on_in_its_file() {
    let (server, rules_in) = start(&["--environment", "production"]);
    let told = server.get("/api/rules/ramps", &[]).json();
    let (before, ramp) = (told["etag"].as_str().unwrap().to_owned(), &told["ramps"][0]);
    assert_eq!((&ramp["ramp"], &ramp["state"], &ramp["share"]), (&"slow/up".into(), &"held".into(), &"5%".into()));
    assert_eq!(ramp["by"], json!(["waits for an approval"]));
    let which = json!({ "ramp": "slow/up" });
    let answer = post(&server, "/ramps/pause", &before, which.clone());
    assert_eq!(answer.status, 200, "{}", answer.json());
    let paused = answer.json();
    let text = fs::read_to_string(rules_in.join("flags/slow.yaml")).unwrap();
    assert_eq!(paused["files"], json!({ "flags/slow.yaml": text }));
    assert!(text.contains("        ramp: on\n        paused: 20"), "{text}");
    assert_eq!(server.get("/api/rules/ramps", &[]).json()["ramps"][0]["state"], "paused");
    // By who has not seen that; and again.
    let now = paused["etag"].as_str().unwrap();
    assert_eq!(refused(&post(&server, "/ramps/resume", &before, which.clone())), (409, "changed".to_owned()));
    assert_eq!(refused(&post(&server, "/ramps/pause", now, which.clone())), (422, "refused".to_owned()));
    let resumed = post(&server, "/ramps/resume", now, which.clone()).json();
    assert_eq!(fs::read_to_string(rules_in.join("flags/slow.yaml")).unwrap(), RAMP);
    assert_eq!(resumed["etag"], before);
    assert_eq!(refused(&post(&server, "/ramps/advance", &before, which)), (422, "refused".to_owned()));
    let approved = json!({ "ramp": "slow/up", "approved": true });
    let risen = post(&server, "/ramps/advance", &before, approved);
    assert_eq!(risen.status, 200, "{}", risen.json());
    assert!(
        risen.json()["files"]["flags/slow.yaml"].as_str().unwrap().contains("{ to: 50%, at: 20"),
        "{}",
        risen.json()
    );
    let now = tag(&server);
    assert_eq!(
        refused(&post(&server, "/ramps/pause", &now, json!({ "ramp": "nothing" }))),
        (422, "refused".to_owned())
    );
}

/// What is read by `--root` is not written; ramps of other files change all the same.
#[test]
fn ramp_in_a_linked_file_is_changed_where_the_link_leads() {
    let (folder, rules_in) = folder();
    let root = rules_in.parent().unwrap().join("shared");
    fs::create_dir_all(&root).unwrap();
    let [named, shared] = [&rules_in, &root].map(|path| path.to_str().unwrap());
    let server = folder.start(&["--rules", named, "--environment", "production", "--root", shared]);
    let outside = root.join("theirs.yaml");
    let theirs = RAMP.replace("slow", "theirs");
    fs::write(&outside, &theirs).unwrap();
    symlink(&outside, rules_in.join("flags/theirs.yaml")).unwrap();
    for path in ["/ramps/pause", "/ramps/resume", "/ramps/advance"] {
        let answer = post(&server, path, &tag(&server), json!({ "ramp": "theirs/up" }));
        assert_eq!(refused(&answer), (400, "path".to_owned()), "{path}");
        assert!(answer.json()["error"].as_str().unwrap().contains("flags/theirs.yaml"), "{}", answer.json());
    }
    assert_eq!(fs::read_to_string(&outside).unwrap(), theirs);
    let answer = post(&server, "/ramps/pause", &tag(&server), json!({ "ramp": "slow/up" }));
    assert_eq!(answer.status, 200, "{}", answer.json());
}

/// The commands of the guide, and both addresses that it prints.
#[test]
fn studio_has_an_origin_of_its_own() {
    let (folder, rules_in) = folder();
    let home = rules_in.parent().unwrap();
    fs::create_dir_all(home.join("studio")).unwrap();
    fs::write(home.join("studio/index.html"), "<title>studio</title>").unwrap();
    fs::write(folder.site().join("index.html"), "<title>shop</title>").unwrap();
    let line = commands_of(GUIDE, &["studio"])[0].replace("--dir public", "--dir site --port 0 --studio-port 0");
    let released = Shop::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_waft"));
    command.args(line.split(' ').skip(1)).current_dir(home);
    for (option, name) in [("--release-to", "site"), ("--trust", "trust.json"), ("--records", "releases")] {
        command.arg(option).arg(released.path(name));
    }
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(2);
    let lines: Vec<String> = lines.map(Result::unwrap).collect();
    let [shop, studio] =
        [("listening on ", 0), ("studio on ", 1)].map(|(first, at)| lines[at].strip_prefix(first).unwrap());
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let get = |origin: &str, path: &str, from: &str| {
        Answer::of(agent.get(format!("{origin}{path}")).header("origin", from).call().unwrap())
    };
    for (origin, title, status) in [(shop, "shop", 404), (studio, "studio", 200)] {
        let page = get(origin, "/", origin);
        assert_eq!(String::from_utf8(page.body.clone()).unwrap(), format!("<title>{title}</title>"));
        assert!(page.header("content-security-policy").starts_with("default-src 'self'; "));
        for path in ["/api/rules", "/api/releases", "/api/releases/trust"] {
            let answer = get(origin, path, origin);
            assert_eq!(answer.status, status, "{title}, {path}: scripts of the shop change neither rules nor releases");
        }
        assert_eq!(get(origin, "/api/exposures", origin).status, 200);
        assert_eq!(get(origin, "/api/report", origin).status, 200);
        assert_eq!(get(origin, "/healthz", origin).status, 200);
    }
    // The studio shows the shop's pages, and nobody else does.
    let [shop_at, studio_at] = [shop, studio].map(|origin| origin.strip_prefix("http://").unwrap());
    let policy = |origin: &str| get(origin, "/", origin).header("content-security-policy").to_owned();
    assert!(policy(shop).ends_with(&format!("; frame-ancestors 'self' {studio_at}")), "{}", policy(shop));
    assert!(
        policy(studio).ends_with(&format!("; frame-ancestors 'self'; frame-src 'self' {shop_at}")),
        "{}",
        policy(studio)
    );
    assert_eq!(refused(&get(studio, "/api/rules", shop)), (403, "origin".to_owned()));
    let sent = agent.post(format!("{studio}/v1/logs")).header("content-type", "application/json").send("{}").unwrap();
    assert_ne!(sent.status(), 200, "exposures are sent to the shop's own");
    // Both stop in order.
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn rules_that_are_no_folder_are_told_and_without_them_there_is_no_such_path() {
    let server = Server::start(&[]);
    assert_eq!(server.get("/api/rules", &[]).status, 404);
    let (folder, rules) = folder();
    let [file, missing] = ["waft.yaml", "missing"].map(|name| rules.join(name).to_str().unwrap().to_owned());
    for (rules, expected) in [(file, "not a folder"), (missing, "No such file")] {
        let message = folder.fail(&["--rules", &rules]);
        assert!(message.contains(expected), "{message}");
    }
    let message = folder.fail(&["--studio", "/missing/folder"]);
    assert!(message.contains("--studio /missing/folder: "), "{message}");
}
