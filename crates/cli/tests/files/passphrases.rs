//! Passphrases that are typed: at a terminal, which is `script`'s, without being shown there.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::bench::{Bench, program};

/// Longer than anything here takes: only a hang reaches it.
const HANG: Duration = Duration::from_secs(20);

/// What was shown, and the exit code.
struct Session {
    shown: String,
    code: i32,
}

/// Runs a line at a terminal of its own, and types an answer to each question, once the terminal no longer shows what is typed.
fn at_terminal(bench: &Bench, line: &str, answers: &[(&str, &str)]) -> Session {
    let script = format!("tty > terminal; {line}; echo \"code $?\"");
    let mut command = Command::new("script");
    command.args(["-qefc", &script, "/dev/null"]).current_dir(bench.path("")).env("W", program());
    command.env("NATIVE", env!("CARGO_BIN_EXE_waft")).env_remove("WAFT_PASSPHRASE").env("SHELL", "/bin/sh");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut shown = String::new();
    let mut more = |shown: &mut String| {
        let mut bytes = [0; 4_096];
        let length = stdout.read(&mut bytes).unwrap();
        shown.push_str(&String::from_utf8_lossy(&bytes[..length]));
        length > 0
    };
    for (question, answer) in answers {
        while !shown.contains(question) {
            assert!(more(&mut shown), "{question}: {shown}");
        }
        wait_for_silence(&bench.path("terminal"));
        writeln!(stdin, "{answer}").unwrap();
    }
    while more(&mut shown) {}
    drop(stdin);
    child.wait().unwrap();
    let code = shown.rsplit("code ").next().unwrap().trim().parse().unwrap();
    Session { shown, code }
}

/// Until the terminal that a file names does not echo.
fn wait_for_silence(file: &Path) {
    let start = Instant::now();
    loop {
        let terminal = std::fs::read_to_string(file).unwrap();
        let told = Command::new("stty").args(["-a", "-F", terminal.trim()]).output().unwrap();
        if String::from_utf8_lossy(&told.stdout).split_whitespace().any(|word| word == "-echo") {
            return;
        }
        assert!(start.elapsed() < HANG, "{told:?}");
        thread::sleep(Duration::from_millis(2));
    }
}

const WORD: &str = "correct horse";

/// With a snapshot, and a key that is encrypted.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.put("word", WORD);
    bench.done("$W build $B --out s.waft && $NATIVE keygen --out key.pem --encrypt --passphrase-file word");
    bench
}

const SIGN: &str = "$W sign s.waft --key key.pem --role publisher";

#[test]
fn passphrase_is_asked_for_and_not_shown() {
    let bench = bench();
    let Session { shown, code } = at_terminal(&bench, SIGN, &[("Passphrase of key.pem: ", WORD)]);
    assert_eq!((code, shown.contains(WORD)), (0, false), "{shown}");
    let wrong = at_terminal(&bench, SIGN, &[("Passphrase of key.pem: ", "another")]);
    assert!(wrong.code == 1 && wrong.shown.contains("the passphrase is not that of the key"), "{}", wrong.shown);
    assert!(!wrong.shown.contains("another"), "{}", wrong.shown);
    // What was typed wrong is taken back: by the letter, and by the line.
    let typed = format!("x\u{15}{WORD}y\u{7f}");
    let mended = at_terminal(&bench, SIGN, &[("Passphrase of key.pem: ", &typed)]);
    assert_eq!(mended.code, 0, "{}", mended.shown);
    let empty = at_terminal(&bench, SIGN, &[("Passphrase of key.pem: ", "")]);
    assert!(empty.code == 1 && empty.shown.contains("the passphrase is empty"), "{}", empty.shown);
    // Ctrl-C ends it, and the terminal shows again what is typed.
    let line = format!("sh -c 'trap : INT; {SIGN}; stty -a > after'");
    at_terminal(&bench, &line, &[("Passphrase of key.pem: ", "\u{3}")]);
    let after = bench.read("after");
    assert!(after.split_whitespace().any(|word| word == "echo"), "{after}");
    // What has a file or the variable is not asked for.
    for line in [format!("{SIGN} --passphrase-file word"), format!("WAFT_PASSPHRASE='{WORD}' {SIGN}")] {
        let Session { shown, code } = at_terminal(&bench, &line, &[]);
        assert_eq!((code, shown.contains("Passphrase")), (0, false), "{shown}");
    }
}

#[test]
fn new_passphrase_is_asked_for_twice() {
    let bench = bench();
    let keygen = "$W keygen --encrypt --out new.pem";
    let (first, again) = ("New passphrase for new.pem: ", "Once more: ");
    let differs = at_terminal(&bench, keygen, &[(first, WORD), (again, "correct house")]);
    assert!(
        differs.code == 1 && differs.shown.contains("the two passphrases differ; nothing was written"),
        "{}",
        differs.shown
    );
    assert!(!bench.path("new.pem").exists());
    let Session { shown, code } = at_terminal(&bench, keygen, &[(first, WORD), (again, WORD)]);
    assert_eq!((code, shown.contains(WORD)), (0, false), "{shown}");
    bench.done("$NATIVE sign s.waft --key new.pem --role publisher --passphrase-file word");
}

#[test]
fn nobody_is_asked_where_stdin_is_no_terminal() {
    let bench = bench();
    let line = format!("echo '{WORD}' | {SIGN}");
    let Session { shown, code } = at_terminal(&bench, &line, &[]);
    assert!(
        code == 1 && shown.contains("give its passphrase with --passphrase-file FILE, or in WAFT_PASSPHRASE"),
        "{shown}"
    );
    let output = bench.sh(&format!("{SIGN} < /dev/null"));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("the key is encrypted: give its passphrase"), "{told}");
}

/// Waits for a server, and has it sign a proposal with the key whose passphrase was typed at its start: the status, and the answer.
fn propose(bench: &Path) -> (u16, String) {
    let start = Instant::now();
    let address = loop {
        let told = std::fs::read_to_string(bench.join("told")).unwrap_or_default();
        if let Some(address) = told.strip_prefix("listening on ").and_then(|line| line.split_once('\n')) {
            break address.0.to_owned();
        }
        assert!(start.elapsed() < HANG * 3, "{told}");
        thread::sleep(Duration::from_millis(2));
    };
    let agent = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(HANG)).build();
    let request = ureq::Agent::from(agent).post(format!("{address}/api/releases/propose"));
    let mut answer = request.header("content-type", "application/json").send("{}").unwrap();
    let told = (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap());
    let pid = std::fs::read_to_string(bench.join("pid")).unwrap();
    assert!(Command::new("kill").arg(pid.trim()).status().unwrap().success());
    told
}

/// A server asks for the passphrase of its publisher's key once, at its start; where nobody can be asked it does not start.
#[test]
fn server_signs_with_the_key_that_was_opened_at_its_start() {
    if !crate::bench::has("waft serve") {
        return;
    }
    let bench = bench();
    bench.done("$NATIVE keygen --out ci.pem --encrypt --passphrase-file word > ci.json");
    bench.done("$NATIVE keygen --out alice.pem > alice.json && mkdir site releases");
    let mut trust = serde_json::json!({ "project": "shop", "environment": "production", "keys": {}, "require": [] });
    for (name, role) in [("ci", "publisher"), ("alice", "approver")] {
        let made: serde_json::Value = serde_json::from_str(&bench.read(&format!("{name}.json"))).unwrap();
        let kid = made["kid"].as_str().unwrap();
        trust["keys"][kid] = made["publicKey"].clone();
        trust["require"].as_array_mut().unwrap().push(serde_json::json!({ "role": role, "keys": [kid] }));
    }
    bench.put("trust.json", trust.to_string());
    let serve = "$NATIVE serve --dir site --port 0 --db waft.db --release-to site --trust trust.json --records releases --ruleset rules \
                 --environment production --publisher-key ci.pem";
    let folder = bench.path("");
    let asking = thread::spawn(move || propose(&folder));
    let line = format!("sh -c 'echo $$ > pid; exec {serve} > told'");
    let Session { shown, .. } = at_terminal(&bench, &line, &[("Passphrase of ci.pem: ", WORD)]);
    let (status, told) = asking.join().unwrap();
    assert_eq!((status, shown.contains(WORD)), (200, false), "{told}\n{shown}");
    let record = bench.read("releases/0001.yaml");
    assert!(record.contains("kind: propose") && record.contains("\"role\":\"publisher\""), "{record}");
    let output = bench.sh(&format!("{serve} < /dev/null"));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && told.contains("--publisher-key ci.pem: the key is encrypted"), "{told}");
    assert!(told.contains("in WAFT_PASSPHRASE"), "{told}");
}
