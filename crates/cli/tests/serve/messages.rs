//! Whom `waft guard` tells, and what.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::database::Kind;
use crate::guards::Watch;
use crate::receiver::{Receiver, Response};

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// A ramp that does harm, and a secret.
fn harmed(then: &str) -> Watch {
    let watch = Watch::new(Kind::Sqlite, then);
    watch.fill(4, 0);
    watch.write("hook.secret", SECRET);
    std::fs::set_permissions(watch.path("hook.secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
    watch
}

fn look(watch: &Watch, receiver: &Receiver, more: &[&str]) -> (i32, Value) {
    watch.look(&[&["--webhook", &receiver.url, "--webhook-secret-file", "hook.secret"], more].concat())
}

/// The signature by OpenSSL, of which the program has no part.
fn signed(id: &str, second: &str, body: &str) -> String {
    let script = format!(
        "printf '%s.%s.%s' \"$1\" \"$2\" \"$3\" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf %s {} | openssl base64 -d -A | od -An -tx1 | tr -d ' \\n') -binary | openssl base64 -A",
        SECRET.trim_start_matches("whsec_")
    );
    let output = Command::new("sh").args(["-c", &script, "sh", id, second, body]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn each_change_is_told_once_and_signed() {
    let (watch, receiver) = (harmed(", then: off"), Receiver::start(&[]));
    let (code, told) = look(&watch, &receiver, &["--kill-key", "kill.pem"]);
    assert_eq!((code, &told["untold"]), (1, &json!([])), "{told}");
    let received = receiver.received();
    let [message] = &received[..] else { panic!("{received:?}") };
    let (id, second) = (message.header("webhook-id"), message.header("webhook-timestamp"));
    assert_eq!(message.header("webhook-signature"), format!("v1,{}", signed(id, second, &message.body)));
    assert!(second.parse::<i64>().unwrap().abs_diff(crate::records::now() / 1_000) < 300, "{second}");
    let body: Value = serde_json::from_str(&message.body).unwrap();
    let data = &body["data"];
    assert_eq!(
        (&body["type"], &data["set"], &data["state"], &data["action"], &data["flags"]),
        (&json!("guard.harmed"), &json!("shop/production"), &json!("off"), &json!("killed"), &json!(["checkout"])),
        "{body}"
    );
    // It is off, as was told.
    look(&watch, &receiver, &["--kill-key", "kill.pem"]);
    assert_eq!(receiver.received().len(), 1);
    // And told once it is over.
    let back = ["publish", "--unkill", "checkout", "--kill-key", "kill.pem", "--to", "public", "--trust", "trust.json"];
    assert!(watch.waft(&back).output().unwrap().status.success());
    for _ in 0..2 {
        assert_eq!(look(&watch, &receiver, &["--kill-key", "kill.pem"]).0, 0);
    }
    let received = receiver.received();
    assert_eq!(received.len(), 2, "{received:?}");
    let body: Value = serde_json::from_str(&received[1].body).unwrap();
    assert_eq!((&body["data"]["state"], &body["data"]["cause"]), (&json!("resolved"), &json!("harmed")), "{body}");
    assert_ne!(received[0].header("webhook-id"), received[1].header("webhook-id"));
}

#[test]
fn message_that_fails_is_sent_again_with_its_id() {
    let busy = [Response::Status(500), Response::Status(429), Response::Status(204)];
    let (watch, receiver) = (harmed(""), Receiver::start(&busy));
    assert_eq!(look(&watch, &receiver, &[]).0, 1);
    let received = receiver.received();
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|message| message.header("webhook-id") == received[0].header("webhook-id")));
    // At the next look, too.
    let (watch, receiver) = (harmed(""), Receiver::start(&[Response::Status(400)]));
    let (code, told) = look(&watch, &receiver, &[]);
    assert_eq!((code, &told["untold"][0]["error"]), (7, &json!("status 400")), "{told}");
    assert_eq!(look(&watch, &receiver, &[]).0, 1);
    let received = receiver.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].header("webhook-id"), received[1].header("webhook-id"));
    // No redirect is followed: it may lead anywhere.
    let (watch, receiver) = (harmed(""), Receiver::start(&[Response::Status(302)]));
    let (code, told) = look(&watch, &receiver, &[]);
    assert!(code == 7 && told["untold"][0]["error"].as_str().unwrap().contains("a redirect"), "{told}");
}

/// A kill comes first, other channels do not wait, and all end by the deadline.
#[test]
fn receiver_that_hangs_keeps_nobody_waiting() {
    for response in [Response::Hangs, Response::Drips] {
        let watch = harmed(", then: off");
        let (slow, fast) = (Receiver::start(&[response; 9]), Receiver::start(&[]));
        let start = Instant::now();
        let more = ["--kill-key", "kill.pem", "--webhook", &fast.url, "--notify-timeout", "3"];
        let (code, told) = look(&watch, &slow, &more);
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        assert_eq!(
            (code, &told["found"][0]["action"], told["untold"].as_array().unwrap().len()),
            (7, &json!("killed"), 1),
            "{told}"
        );
        assert_eq!(fast.received().len(), 1);
        slow.next(&[]);
        assert_eq!(look(&watch, &slow, &more).0, 1);
        assert_eq!(fast.received().len(), 1);
    }
}

#[test]
fn slack_reads_text_and_mail_comes_by_a_command() {
    let (watch, receiver) = (harmed(""), Receiver::start(&[]));
    watch.write("sendmail", "#!/bin/sh\n[ \"$1 $2\" = '-i ops@shop.example' ] && cat > mail.txt\n");
    std::fs::set_permissions(watch.path("sendmail"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = |more: &[&str]| -> Output {
        let mut guard = watch.guard(&[&["--json", "--mail", "./sendmail -i ops@shop.example"], more].concat());
        guard.env("WAFT_SLACK_URL", &receiver.url).output().unwrap()
    };
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let received = receiver.received();
    assert_eq!(received.len(), 1);
    let text = serde_json::from_str::<Value>(&received[0].body).unwrap()["text"].as_str().unwrap().to_owned();
    assert!(text.starts_with("shop/production: harmed: checkout/rise (monitored ramp): on harms error"), "{text}");
    assert_eq!(received[0].header("webhook-signature"), "");
    let mail = std::fs::read_to_string(watch.path("mail.txt")).unwrap();
    let (head, body) = mail.split_once("\n\n").unwrap();
    assert!(head.starts_with("Subject: waft guard shop/production: harmed\nMessage-ID: <msg_"), "{mail}");
    assert_eq!(body.trim_end(), text);
    // A command that fails, and one that is not there, are told.
    for (command, said) in [("false", "exit code 1"), ("./none", "No such file")] {
        let output = watch.guard(&["--json", "--state", "other.json", "--mail", command]).output().unwrap();
        assert_eq!(output.status.code(), Some(7), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains(said), "{output:?}");
    }
    let start = Instant::now();
    let output =
        watch.guard(&["--state", "other.json", "--mail", "sleep 100", "--notify-timeout", "1"]).output().unwrap();
    assert!(output.status.code() == Some(7) && start.elapsed() < Duration::from_secs(20), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("it did not end in time"), "{output:?}");
}

#[test]
fn secrets_are_nowhere_and_what_is_wrong_is_told() {
    let (watch, receiver) = (harmed(""), Receiver::start(&[Response::Status(400); 9]));
    let url = receiver.url.replace("/hook", "/services/T0/B0/tops3cret");
    watch.write("slack.url", &format!("{url}\n"));
    let arguments =
        ["--webhook", &receiver.url, "--webhook-secret-file", "hook.secret", "--slack-url-file", "slack.url"];
    let output = watch.guard(&arguments).output().unwrap();
    let told = format!("{output:?}{}", std::fs::read_to_string(watch.path("waft-guard.json")).unwrap());
    assert!(output.status.code() == Some(7) && told.contains("slack 127.0.0.1"), "{told}");
    assert!(!told.contains("tops3cret") && !told.contains(SECRET), "{told}");
    let check = |arguments: &[&str], said: &str| {
        let output = watch.guard(arguments).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && message.contains(said), "{message}");
        assert!(!message.contains("nosecret"), "{message}");
    };
    check(&["--webhook", &receiver.url], "needs a secret: --webhook-secret-file FILE, or WAFT_WEBHOOK_SECRET");
    watch.write("bad.secret", "nosecret");
    check(
        &["--webhook", &receiver.url, "--webhook-secret-file", "bad.secret"],
        "expected whsec_ and 24 to 64 bytes in base64",
    );
    check(
        &["--webhook", "ftp://x", "--webhook-secret-file", "hook.secret"],
        "--webhook: expected the URL of a receiver",
    );
    check(&["--slack-url-file", "bad.secret"], "--slack-url-file bad.secret: expected the URL of a receiver");
    check(&["--mail", " "], "--mail: expected a command");
    // A state of another environment, or one that is damaged.
    watch.write("waft-guard.json", r#"{"set":"shop/staging","known":{}}"#);
    let (code, told) = look(&watch, &receiver, &[]);
    assert!(code == 7 && told["untold"][0]["error"].as_str().unwrap().contains("is of shop/staging"), "{told}");
    watch.write("waft-guard.json", "{\"set\":");
    receiver.next(&[]);
    assert_eq!(look(&watch, &receiver, &[]).0, 1);
}

/// The commands of docs/guard.md, as they are written there.
#[test]
fn each_command_of_the_guide_runs() {
    let text = include_str!("../../../../docs/guard.md");
    let blocks = |language: &str| {
        let start = format!("```{language}\n");
        let blocks: Vec<&str> = text.split(&start).skip(1).map(|block| block.split("\n```").next().unwrap()).collect();
        blocks.join("\n").lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (watch, receiver) = (harmed(", then: off"), Receiver::start(&[]));
    std::fs::create_dir(watch.path("rules")).unwrap();
    std::fs::rename(watch.path("rules.yaml"), watch.path("rules/rules.yaml")).unwrap();
    std::fs::remove_file(watch.path("hook.secret")).unwrap();
    std::fs::rename(watch.path("public"), watch.path("flags")).unwrap();
    std::fs::create_dir(watch.path("public")).unwrap();
    std::fs::rename(watch.path("flags"), watch.path("public/flags")).unwrap();
    std::fs::rename(watch.folder.db(), watch.path("waft.db")).unwrap();
    watch.write("sendmail", "#!/bin/sh\ncat > mail.txt\n");
    std::fs::set_permissions(watch.path("sendmail"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_waft")).parent().unwrap().display().to_string();
    let path = format!("{programs}:{}:{}", watch.folder.site().display(), std::env::var("PATH").unwrap());
    let shell = |line: &str| {
        let line = line.replace("https://hooks.example/", &receiver.url.replace("hook", ""));
        let mut shell = Command::new("bash");
        shell.args(["-c", &line]).current_dir(watch.folder.site()).stdin(Stdio::null()).env("PATH", &path);
        shell
    };
    let lines = blocks("sh");
    assert!(lines.len() >= 6, "{lines:?}");
    for (at, line) in lines.iter().enumerate() {
        let output = shell(line).output().unwrap();
        // The first has no key; then the flag is off.
        let expected = if at == 0 { 3 } else { i32::from(line.contains("waft guard")) };
        assert_eq!(output.status.code(), Some(expected), "{line}: {output:?}");
    }
    let [line] = &blocks("release")[..] else { panic!("one with the publisher's key") };
    let output = shell(line).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{line}: {output:?}");
    let [line] = &blocks("loop")[..] else { panic!("one loop") };
    let mut guard = shell(&format!("exec {line}")).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(guard.stdout.take().unwrap()), &mut first).unwrap();
    guard.kill().unwrap();
    guard.wait().unwrap();
    assert!(first.starts_with("harmed: "), "{first}");
}
