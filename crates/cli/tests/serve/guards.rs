//! `waft guard` as it is run: on what `waft serve` has stored, and on what `waft publish` has published.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use waft_ruleset::clock;

use crate::database::{Database, Kind, on_both};
use crate::records::now;
use crate::reports::{DAY, empty};
use crate::server::Folder;

on_both! {
    harmed_guardrail_turns_its_flag_off
    records_that_are_lost_old_or_refused_are_told
}

/// The rules: a ramp of which half has been reached for five days.
pub(crate) fn rules(then: &str) -> String {
    let (first, second) = (clock::text(now() / DAY * DAY - 5 * DAY), clock::text(now() / DAY * DAY - 4 * DAY));
    format!(
        "project: shop\nenvironments: {{ production: {{}} }}\nattributes: {{ visitorId: string }}\n\
         units: {{ visitor: {{ attribute: visitorId }} }}\nmetrics:\n  error: {{ conversion: js_error, better: down }}\nflags:\n  checkout:\n    \
         type: boolean\n    whenOff: off\n    default: off\n    rules:\n      - id: rise\n        ramp: on\n        unit: visitor\n        \
         guard: {{ error: {{ worse: 10%{then} }} }}\n        steps: [{{ to: 20%, at: {first} }}, {{ to: 50%, at: {second} }}]\n"
    )
}

/// A folder with keys, a trust, rules and a published snapshot with a head; and a database beside it.
pub(crate) struct Watch {
    pub(crate) folder: Folder,
}

impl Watch {
    pub(crate) fn new(kind: Kind, then: &str) -> Self {
        let watch = Watch::of(kind, &["publisher", "kill", "freshness"]);
        watch.write("rules.yaml", &rules(then));
        watch.done(&["build", "rules.yaml", "--environment", "production", "--version", "1", "--out", "1.waft"]);
        watch.done(&["sign", "1.waft", "--key", "publisher.pem", "--role", "publisher"]);
        watch.publish(&["1.waft", "--freshness-key", "freshness.pem"]);
        watch
    }

    /// Keys and a trust that asks for all of them, and nothing that is published.
    pub(crate) fn of(kind: Kind, roles: &[&str]) -> Self {
        let watch = Watch { folder: empty(kind) };
        let mut trust = json!({ "project": "shop", "environment": "production", "keys": {}, "require": [] });
        for role in roles {
            let made = watch.done(&["keygen", "--out", &format!("{role}.pem")]).stdout;
            let made: Value = serde_json::from_slice(&made).unwrap();
            let kid = made["kid"].as_str().unwrap();
            trust["keys"][kid] = made["publicKey"].clone();
            trust["require"].as_array_mut().unwrap().push(json!({ "role": role, "keys": [kid] }));
        }
        watch.write("trust.json", &trust.to_string());
        watch
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.site().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn waft(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_waft"));
        command.args(arguments).current_dir(self.folder.site()).stdin(Stdio::null());
        command
    }

    pub(crate) fn done(&self, arguments: &[&str]) -> Output {
        let output = self.waft(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        output
    }

    fn publish(&self, arguments: &[&str]) {
        self.done(&[&["publish", "--to", "public", "--trust", "trust.json"], arguments].concat());
    }

    /// `waft guard rules.yaml`, with further arguments.
    pub(crate) fn guard(&self, arguments: &[&str]) -> Command {
        let database = self.folder.database.argument();
        let own = ["guard", "rules.yaml", "--environment", "production", "--db", database.to_str().unwrap()];
        self.waft(&[&own[..], arguments].concat())
    }

    /// The same with the published folder and JSON: the exit code, and what was printed.
    pub(crate) fn look(&self, arguments: &[&str]) -> (i32, Value) {
        let own = ["--json", "--to", "public", "--trust", "trust.json"];
        let output = self.guard(&[&own[..], arguments].concat()).output().unwrap();
        let code = output.status.code().unwrap();
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        assert_eq!(told["exitCode"], code, "{told}");
        (code, told)
    }

    pub(crate) fn killed(&self) -> Value {
        let head = self.done(&["verify", "public/head.waft", "--trust", "trust.json"]).stdout;
        serde_json::from_slice::<Value>(&head).unwrap()["kills"]["flags"].clone()
    }

    /// 2,000 visitors of each half: of `on`, one in `one_in` has an error, of the control one in 20.
    pub(crate) fn fill(&self, one_in: u64, first: u64) {
        fill(&self.folder.database, now() - 2 * DAY, one_in, first);
    }
}

fn fill(database: &Database, at: i64, one_in: u64, first: u64) {
    let (mut exposures, mut events) = (String::new(), String::new());
    for number in first..first + 4_000 {
        let (variant, one_in) = if number % 2 == 0 { ("on", one_in) } else { ("control", 20) };
        let end = format!("'shop/production', {at}, {at}, {at}, {at}");
        let unit = format!(r#"'{{"visitor":"v{number}"}}'"#);
        write!(exposures, "('{number:032x}', 'checkout/rise', 1, '{variant}', 'checkout', 'visitor', 'v{number}', {unit}, {end}, 'p{number}', 0, 1), ").unwrap();
        if (number / 2) % one_in == 0 {
            write!(events, "('{number:032x}', 'js_error', {unit}, {end}, 'p{number}', 1), ").unwrap();
        }
    }
    for (columns, rows) in [
        (
            "exposures (id, experiment, phase, variant, flag, unit_kind, unit, units, set_id, time, sent_at, first_received, last_received, \
             page_view, sequence, snapshot_version)",
            exposures,
        ),
        ("events (id, name, units, set_id, time, sent_at, first_received, last_received, page_view, sequence)", events),
    ] {
        let rows = rows.trim_end_matches(", ");
        if !rows.is_empty() {
            database.connect().execute_both(&format!("INSERT INTO {columns} VALUES {rows}"));
        }
    }
}

fn harmed_guardrail_turns_its_flag_off(kind: Kind) {
    let watch = Watch::new(kind, ", then: off");
    watch.fill(4, 0);
    let key = ["--kill-key", "kill.pem"];
    let (code, told) = watch.look(&key);
    let found = &told["found"][0];
    assert_eq!((code, told["found"].as_array().unwrap().len()), (1, 1), "{told}");
    assert_eq!(
        (&found["cause"], &found["study"], &found["metric"], &found["variant"], &found["action"]),
        (&json!("harmed"), &json!("checkout/rise"), &json!("error"), &json!("on"), &json!("killed")),
        "{told}"
    );
    assert!(found["says"].as_str().unwrap().contains("on harms error: +20.00 points"), "{told}");
    assert_eq!(watch.killed(), json!(["checkout"]));
    let record = std::fs::read_to_string(watch.path("releases/0001.yaml")).unwrap();
    assert!(record.contains("why: \"waft guard: checkout/rise (monitored ramp): on harms error"), "{record}");
    // It is off: that is told, and nothing is signed again.
    let head = std::fs::read(watch.path("public/head.waft")).unwrap();
    let (code, told) = watch.look(&key);
    assert_eq!((code, &told["found"][0]["action"]), (1, &json!("off")), "{told}");
    assert_eq!(std::fs::read(watch.path("public/head.waft")).unwrap(), head);
    // Without the published folder, the records say so.
    let output = watch.guard(&[]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("checkout is off"), "{output:?}");
    // Back again, it is judged by who comes from then on.
    watch.publish(&["--unkill", "checkout", "--kill-key", "kill.pem"]);
    let (code, told) = watch.look(&key);
    assert_eq!((code, &told["noData"][0]["cause"], &told["found"]), (0, &json!("no-data"), &json!([])), "{told}");
    assert_eq!(watch.killed(), json!([]));
}

#[test]
fn what_the_guard_has_no_key_for_is_told_as_a_command() {
    let watch = Watch::new(Kind::Sqlite, ", then: rollback");
    watch.fill(4, 0);
    let (code, told) = watch.look(&[]);
    assert_eq!((code, &told["found"][0]["action"]), (3, &json!("waits")), "{told}");
    assert_eq!(watch.killed(), Value::Null);
    let says = told["found"][0]["actionSays"].as_str().unwrap();
    let (_, command) = says.split_once("runs: waft ").unwrap();
    let line = format!("{} {}", env!("CARGO_BIN_EXE_waft"), command.replace("KEY.pem", "kill.pem"));
    let output = Command::new("sh").args(["-c", &line]).current_dir(watch.folder.site()).output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    assert_eq!(watch.killed(), json!(["checkout"]));
    let (code, told) = watch.look(&[]);
    assert_eq!((code, &told["found"][0]["action"]), (1, &json!("off")), "{told}");
    // What is left is for whoever may sign a release. The command is one that there is: here, without a history of releases, it says so.
    let advice = told["found"][0]["advice"].as_str().unwrap();
    let (_, command) = advice.split_once("take the release back: waft ").unwrap();
    let command = command.replace("PUBLISHER.pem", "publisher.pem");
    let output = watch.waft(&command.split(' ').collect::<Vec<_>>()).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("no record of a release before version 1"), "{command}: {message}");
}

#[test]
fn only_what_the_rules_say_is_done() {
    // Of a ramp whose last step has begun, nothing is left to hold.
    for then in ["", ", then: notify", ", then: hold"] {
        let watch = Watch::new(Kind::Sqlite, then);
        watch.fill(4, 0);
        let (code, told) = watch.look(&["--kill-key", "kill.pem"]);
        assert_eq!((code, &told["found"][0]["action"]), (1, &Value::Null), "{told}");
        assert_eq!(watch.killed(), Value::Null);
    }
}

#[test]
fn ramp_is_held_by_its_guard_or_by_somebody() {
    let watch = Watch::new(Kind::Sqlite, ", then: hold");
    watch.fill(4, 0);
    let text = std::fs::read_to_string(watch.path("rules.yaml")).unwrap();
    let (before, _) = text.rsplit_once("{ to: 50%, at: ").unwrap();
    watch.write("rules.yaml", &format!("{before}{{ to: 50%, after: 1d }}]\n"));
    let (code, told) = watch.look(&[]);
    assert_eq!((code, &told["found"][0]["action"]), (1, &json!("held")), "{told}");
    watch.write("rules.yaml", &format!("{before}{{ to: 50%, at: 2099-01-01 }}]\n"));
    let (code, told) = watch.look(&[]);
    assert_eq!((code, &told["found"][0]["action"]), (3, &json!("waits")), "{told}");
    let (_, command) = told["found"][0]["actionSays"].as_str().unwrap().split_once("writes: waft ").unwrap();
    watch.done(&command.split(' ').collect::<Vec<_>>());
    let (code, told) = watch.look(&[]);
    assert_eq!((code, &told["found"][0]["action"]), (1, &json!("held")), "{told}");
}

#[test]
fn next_step_of_a_ramp_is_due_once_nothing_holds_it() {
    let watch = Watch::new(Kind::Sqlite, "");
    let text = std::fs::read_to_string(watch.path("rules.yaml")).unwrap();
    let (before, last) = text.rsplit_once("{ to: 50%, at: ").unwrap();
    let rules = format!("{before}{{ to: 50%, after: 48h, units: 1000 }}] {}", last.split_once("}]").unwrap().1);
    watch.write("rules.yaml", &rules);
    let ramp = |told: &Value| told["ramps"][0].clone();
    let (code, told) = watch.look(&[]);
    assert_eq!((code, &ramp(&told)["next"], &ramp(&told)["to"]), (0, &json!("held"), &json!("50%")), "{told}");
    watch.fill(40, 0);
    let (code, told) = watch.look(&[]);
    assert_eq!((code, &ramp(&told)["next"], &ramp(&told)["safe"]), (0, &json!("due"), &json!(["error"])), "{told}");
    let (_, command) = told["due"][0]["says"].as_str().unwrap().split_once("writes: waft ").unwrap();
    watch.done(&command.split(' ').collect::<Vec<_>>());
    let (code, told) = watch.look(&[]);
    assert_eq!((code, &ramp(&told)["next"], &ramp(&told)["share"]), (0, &json!("done"), &json!("50%")), "{told}");
    let output = watch.guard(&[]).output().unwrap();
    assert!(output.status.success() && !String::from_utf8_lossy(&output.stdout).contains("due"), "{output:?}");
    // Never past a guardrail that is harmed.
    watch.write("rules.yaml", &rules);
    watch.folder.database.connect().execute_both("DELETE FROM events; DELETE FROM exposures");
    watch.fill(4, 0);
    let (code, told) = watch.look(&[]);
    assert_eq!(
        (code, &ramp(&told)["next"], &ramp(&told)["harmed"]),
        (1, &json!("harmed"), &json!(["error"])),
        "{told}"
    );
}

#[test]
fn guardrail_that_is_safe_or_without_data_does_nothing() {
    let watch = Watch::new(Kind::Sqlite, ", then: off");
    let (code, told) = watch.look(&["--kill-key", "kill.pem"]);
    assert_eq!((code, told["noData"].as_array().unwrap().len()), (0, 1), "{told}");
    assert!(told["noData"][0]["says"].as_str().unwrap().contains("the guardrail error has no data for on"), "{told}");
    // Units, and no event at all.
    fill(&watch.folder.database, now() - 2 * DAY, 1_000_000_000, 1);
    watch.folder.database.connect().execute_both("DELETE FROM events");
    let (code, told) = watch.look(&["--kill-key", "kill.pem"]);
    assert!(code == 0 && told["noData"][0]["says"].as_str().unwrap().contains("is the event tracked?"), "{told}");
    let watch = Watch::new(Kind::Sqlite, ", then: off");
    watch.fill(20, 0);
    let output = watch.guard(&[]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("nothing is wrong; running trials: 1"), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn sample_ratio_mismatch_is_told_and_guardrails_wait() {
    let watch = Watch::new(Kind::Sqlite, ", then: off");
    watch.fill(4, 0);
    watch.folder.database.connect().execute_both("DELETE FROM exposures WHERE variant = 'on' AND unit LIKE '%4'");
    let (code, told) = watch.look(&["--kill-key", "kill.pem"]);
    assert_eq!((code, &told["found"][0]["cause"]), (1, &json!("srm")), "{told}");
    assert_eq!(watch.killed(), Value::Null);
}

#[test]
fn pointer_that_nobody_refreshes_is_told() {
    let watch = Watch::new(Kind::Sqlite, "");
    assert_eq!(watch.look(&[]).0, 0);
    std::fs::copy(watch.path("public/head.waft"), watch.path("head.waft")).unwrap();
    // Half of its life is over after some seconds, and then all of it.
    let end = clock::text((now() / 1_000 + 5) * 1_000);
    let arguments = ["--snapshot", "1.waft", "--trust", "trust.json", "--key", "freshness.pem", "--expires", &end];
    watch.done(&[&["head", "refresh", "--head", "head.waft"], &arguments[..]].concat());
    // Of two of one version the one that lasts longer would stay.
    std::fs::remove_file(watch.path("public/head.waft")).unwrap();
    std::fs::remove_file(watch.path("public/current.waft")).unwrap();
    watch.publish(&["--head", "head.waft"]);
    for said in ["over half its life has passed", "it ended at"] {
        let start = Instant::now();
        loop {
            let (code, told) = watch.look(&[]);
            if code == 1 && told["found"][0]["says"].as_str().unwrap().contains(said) {
                assert_eq!(told["found"][0]["cause"], "pointer");
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{said}: {told}");
        }
    }
    std::fs::remove_file(watch.path("public/head.waft")).unwrap();
    let (code, told) = watch.look(&[]);
    assert!(code == 1 && told["found"][0]["says"].as_str().unwrap().contains("there is none"), "{told}");
}

fn records_that_are_lost_old_or_refused_are_told(kind: Kind) {
    let watch = Watch::new(kind, "");
    // Received three hours ago, by versions of which the second is two days old; versions of nobody are not believed.
    fill(&watch.folder.database, now() - 3 * 3_600_000, 20, 0);
    let mut connection = watch.folder.database.connect();
    connection.execute_both(&format!(
        "UPDATE exposures SET snapshot_version = 99, first_received = {} WHERE unit = 'v7'",
        now() - 3 * DAY
    ));
    let (code, told) = watch.look(&[]);
    assert_eq!((code, &told["arrival"]["withGaps"], &told["arrival"]["outdated"]), (0, &json!(0), &json!(0)), "{told}");
    // Events are the second record of their page views: their first is then missing, or has come from an earlier page view.
    connection.execute_both("UPDATE exposures SET page_view = 'earlier', sequence = 0 WHERE unit LIKE '%0' AND page_view IN (SELECT page_view FROM events)");
    let gaps = |told: &Value| told["arrival"]["withGaps"].as_i64().unwrap();
    let lost = gaps(&watch.look(&[]).1);
    assert!(lost > 0);
    connection.execute_both(
        "UPDATE exposures SET again = '[{\"page_view\":\"p' || SUBSTR(unit, 2) || '\",\"sequence\":0,\"received\":' || first_received || '}]' WHERE page_view = 'earlier'",
    );
    assert_eq!(gaps(&watch.look(&[]).1), 0);
    connection.execute_both("UPDATE exposures SET again = NULL");
    connection.execute_both("UPDATE exposures SET snapshot_version = 0 WHERE unit LIKE '%3'");
    connection.execute_both(&format!("UPDATE exposures SET first_received = {} WHERE unit = 'v5'", now() - 3 * DAY));
    connection.execute_both(
        "UPDATE events SET name = 'waft.refused', properties = '{\"code\":\"BAD_SIGNATURE\"}' WHERE id IN (SELECT MIN(id) FROM events UNION SELECT MAX(id) FROM events)",
    );
    let (code, told) = watch.look(&["--max-loss", "1%", "--max-outdated", "1%", "--max-refused", "0%"]);
    let causes: Vec<&Value> = told["found"].as_array().unwrap().iter().map(|found| &found["cause"]).collect();
    assert_eq!((code, causes), (1, vec![&json!("loss"), &json!("outdated"), &json!("refused")]), "{told}");
    assert_eq!(
        (&told["arrival"]["outdated"], &told["arrival"]["refusals"]),
        (&json!(400), &json!({ "BAD_SIGNATURE": 2 })),
        "{told}"
    );
    assert_eq!(watch.look(&["--max-loss", "90%", "--max-outdated", "90%", "--max-refused", "90%"]).0, 0);
}

#[test]
fn what_cannot_be_watched_is_told_by_code_and_remedy() {
    let watch = Watch::new(Kind::Sqlite, ", then: off");
    watch.fill(4, 0);
    let check = |command: &mut Command, code: i32, said: &str| {
        let output = command.output().unwrap();
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.code() == Some(code) && told.contains(said), "{output:?}");
    };
    let to = ["--to", "public", "--trust", "trust.json"];
    check(&mut watch.guard(&[&to[..], &["--kill-key", "publisher.pem"]].concat()), 2, "does not list the key");
    check(&mut watch.guard(&[&to[..], &["--kill-key", "none.pem"]].concat()), 2, "none.pem: No such file");
    // What is wrong is told all the same, with the command for who has the key.
    check(&mut watch.guard(&[&to[..], &["--kill-key", "none.pem"]].concat()), 2, "harmed: checkout/rise");
    check(&mut watch.guard(&["--kill-key", "kill.pem"]), 2, "--to");
    check(&mut watch.guard(&["--every", "soon"]), 2, "expected a duration, such as 60s");
    check(&mut watch.guard(&["--max-loss", "lots"]), 2, "expected a share, such as 5%");
    let nowhere = ["guard", "rules.yaml", "--environment", "production", "--db", "none.db"];
    check(&mut watch.waft(&nowhere), 5, "--db none.db: ");
    // Nor is it waited for that it becomes right.
    check(&mut watch.guard(&["--every", "1s", "--environment", "staging"]), 2, "");
    check(
        &mut watch.waft(&["guard", "none", "--environment", "production", "--db", "none.db", "--every", "1s"]),
        2,
        "none",
    );
    check(&mut watch.guard(&["--records", "none"]), 3, "--records none: does not exist; the first kill makes it");
    check(
        &mut watch.guard(&["--to", "http://127.0.0.1:9/", "--trust", "trust.json"]),
        5,
        "the published head cannot be read",
    );
    // A kill that does not succeed is the store's failure.
    std::fs::remove_dir_all(watch.path("public")).unwrap();
    watch.write("public", "no folder");
    check(&mut watch.guard(&[&to[..], &["--kill-key", "kill.pem"]].concat()), 5, "public");
    watch.write("rules.yaml", "project: shop\nflags: { broken");
    check(&mut watch.guard(&[]), 2, "rules.yaml");
}

#[test]
fn each_exit_code_of_the_guide_is_met() {
    let watch = Watch::new(Kind::Sqlite, ", then: off");
    watch.write("secret", &format!("whsec_{}", "A".repeat(32)));
    let exit = |arguments: &[&str]| {
        let own = ["--to", "public", "--trust", "trust.json"];
        watch.guard(&[&own[..], arguments].concat()).output().unwrap().status.code().unwrap()
    };
    let mut codes = BTreeSet::from([exit(&[])]);
    watch.fill(4, 0);
    codes.extend([exit(&[]), exit(&["--kill-key", "none.pem"]), exit(&["--records", "rules.yaml"])]);
    let deaf = ["--webhook", "http://127.0.0.1:9/", "--webhook-secret-file", "secret", "--notify-timeout", "2"];
    codes.extend([exit(&[&["--kill-key", "kill.pem"][..], &deaf].concat()), exit(&[])]);
    let (_, table) = include_str!("../../../../docs/guard.md").split_once("| code | of one look |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let listed: BTreeSet<i32> = rows.map(|row| row.split('|').nth(1).unwrap().trim().parse().unwrap()).collect();
    assert_eq!(codes, listed);
}

#[test]
fn nothing_of_the_history_keeps_a_flag_on() {
    let watch = Watch::new(Kind::Sqlite, ", then: off");
    watch.fill(4, 0);
    std::fs::create_dir(watch.path("releases")).unwrap();
    watch.write("releases/0001.yaml", "half");
    let (code, told) = watch.look(&["--kill-key", "kill.pem"]);
    assert_eq!((code, watch.killed()), (5, json!(["checkout"])), "{told}");
    let of = |cause: &str| -> Vec<Value> {
        told["found"].as_array().unwrap().iter().filter(|found| found["cause"] == cause).cloned().collect()
    };
    assert_eq!((of("harmed")[0]["action"].as_str(), of("records").len()), (Some("killed"), 2), "{told}");
    // Once it is mended, the next look writes what is missing: also of a guard that was ended between the two.
    std::fs::remove_file(watch.path("releases/0001.yaml")).unwrap();
    let (code, told) = watch.look(&["--kill-key", "kill.pem"]);
    assert_eq!((code, &told["found"][0]["action"]), (1, &json!("off")), "{told}");
    assert!(std::fs::read_to_string(watch.path("releases/0001.yaml")).unwrap().contains("why: \"waft guard: "));
}

#[test]
fn loop_looks_again() {
    let watch = Watch::new(Kind::Sqlite, ", then: off");
    let log = std::fs::File::create(watch.path("guard.log")).unwrap();
    let own = ["--json", "--every", "1s", "--to", "public", "--trust", "trust.json", "--kill-key", "kill.pem"];
    let mut guard = watch.guard(&own).stdout(log).stderr(Stdio::null()).spawn().unwrap();
    let wait = |said: &str| {
        let start = Instant::now();
        while !std::fs::read_to_string(watch.path("guard.log")).unwrap().contains(said) {
            assert!(start.elapsed() < Duration::from_secs(60), "{said}");
        }
    };
    // Rules that are broken meanwhile do not end it.
    wait(r#""exitCode":0"#);
    watch.write("rules.yaml", "project: shop\nflags: { broken");
    wait(r#""exitCode":2"#);
    watch.fill(4, 0);
    watch.write("rules.yaml", &rules(", then: off"));
    wait(r#""action":"killed""#);
    assert_eq!(watch.killed(), json!(["checkout"]));
    guard.kill().unwrap();
    guard.wait().unwrap();
}
