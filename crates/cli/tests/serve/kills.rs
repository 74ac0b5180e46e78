//! What `waft report` and `waft serve` say once a flag was killed. The records are written here as `waft kill` writes them, for it
//! knows no time but the present.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use waft::manifest::digest_of;
use waft_ruleset::clock;

use crate::cluster::Cluster;
use crate::database::{Database, Kind, on_both};
use crate::records::now;
use crate::reports::{DAY, digits, empty, fill, json_of, refused, ruleset, told};
use crate::server::Folder;

on_both! {
    kill_in_mid_phase_changes_no_figure_before_it
    page_text_and_json_say_the_same
    phase_begins_when_its_flag_is_back
}

/// A history in a folder of its own.
struct History {
    folder: PathBuf,
    records: Vec<String>,
}

impl History {
    fn new(of: &Folder, name: &str) -> Self {
        let folder = of.site().join(name);
        std::fs::create_dir(&folder).unwrap();
        History { folder, records: Vec::new() }
    }

    /// Adds a record of `kind` at a moment.
    fn add(&mut self, kind: &str, flag: &str, at: i64) {
        let previous = self.records.last().map_or(String::new(), |last| {
            let digest: String = digest_of(&[last.as_bytes()]).iter().map(|byte| format!("{byte:02x}")).collect();
            format!("previous: \"{digest}\"\n")
        });
        let (list, at) = (self.records.len() + 1, clock::text(at));
        let text = format!(
            "kind: {kind}\n{previous}at: {at}\nproject: harbour\nenvironment: production\nflags: [{flag}]\nlist: {list}\ndigest: d\n\
             by: {{ key: k, name: alice }}\nwhy: \"orders <fail>\"\n"
        );
        std::fs::write(self.path(list), &text).unwrap();
        self.records.push(text);
    }

    fn path(&self, number: usize) -> PathBuf {
        self.folder.join(format!("{number:04}.yaml"))
    }

    fn name(&self) -> &str {
        self.folder.to_str().unwrap()
    }
}

fn report(database: &Database, moment: i64, arguments: &[&str]) -> Value {
    json_of(database, &[&["--now", &clock::text(moment), "--study", "till"], arguments].concat())["studies"][0].clone()
}

/// All that is measured.
fn figures(study: &Value) -> Value {
    let mut figures = json!({});
    for field in ["arms", "strangers", "crossed", "isCrossed", "sampleRatio", "arrival", "days"] {
        figures[field] = study[field].clone();
    }
    // Verdicts and plans are about what is still to come.
    figures["metrics"] =
        study["metrics"].as_array().unwrap().iter().map(|metric| json!([metric["arms"], metric["cap"]])).collect();
    let comparisons =
        study["metrics"].as_array().unwrap().iter().flat_map(|metric| metric["comparisons"].as_array().unwrap());
    figures["differences"] = comparisons.map(|own| json!([own["difference"], own["lift"], own["days"]])).collect();
    digits(&figures)
}

fn kill_in_mid_phase_changes_no_figure_before_it(kind: Kind) {
    let folder = empty(kind);
    let moment = now() / DAY * DAY;
    fill(&folder.database, moment);
    let mut state = 3_u64;
    // PostgreSQL takes its time.
    let rounds = if kind == Kind::Sqlite { 0..6 } else { 5..6 };
    for round in rounds {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // In the last days; once at the very moment of an exposure.
        let mut at = moment - (1 + (state >> 33) as i64 % 14_000) * 60_000;
        let mut connection = folder.database.connect();
        if round == 5 {
            let rows = connection.rows("SELECT time FROM exposures WHERE unit = 'v1234'");
            at = rows[0][0].as_i64().unwrap() / 1_000 * 1_000;
        }
        let mut history = History::new(&folder, &format!("records-{round}"));
        history.add("kill", "till", at);
        let whole = report(&folder.database, moment, &["--records", history.name()]);
        assert_eq!(whole["stopped"]["at"], clock::text(at));
        let count = |connection: &mut crate::database::Connection, table: &str| {
            connection.rows(&format!("SELECT COUNT(*) FROM {table} WHERE time >= {at} AND time < {moment}"))[0][0]
                .clone()
        };
        assert_eq!(whole["apart"]["exposures"], count(&mut connection, "exposures"), "{round}");
        assert!(whole["apart"]["events"].as_i64().unwrap() > 0, "{round}");
        // The same moment without a kill, and a database in which nothing has happened since.
        assert_eq!(figures(&whole), figures(&report(&folder.database, at, &[])), "{round}");
        let cut = empty(kind);
        fill(&cut.database, moment);
        for table in ["exposures", "events"] {
            cut.database.connect().execute_both(&format!("DELETE FROM {table} WHERE time >= {at}"));
        }
        let cut = report(&cut.database, moment, &["--records", history.name()]);
        assert_eq!(figures(&whole), figures(&cut), "{round}");
        assert_eq!(cut["apart"], json!({ "exposures": 0, "events": 0 }));
    }
}

fn page_text_and_json_say_the_same(kind: Kind) {
    let folder = empty(kind);
    let moment = now() / DAY * DAY;
    fill(&folder.database, moment);
    let mut history = History::new(&folder, "records");
    history.add("kill", "till", moment - 5 * DAY);
    let records = history.name().to_owned();
    let (database, at) = (folder.database.argument(), clock::text(moment - 5 * DAY));
    let stopped = format!("Stopped by kill at {at}: no winner.");
    let arguments = ["--db", database.to_str().unwrap(), "--records", &records, "--study", "till"];
    for format in ["text", "json", "html"] {
        let told = told(&[&arguments[..], &["--format", format]].concat());
        assert!(told.contains(&stopped), "{format}: {told}");
        assert!(!told.contains("better") || format == "html", "{told}");
    }
}

fn phase_begins_when_its_flag_is_back(kind: Kind) {
    let folder = empty(kind);
    let moment = now() / DAY * DAY;
    fill(&folder.database, moment);
    let opens = moment - 10 * DAY;
    let mut history = History::new(&folder, "records");
    // Before phase 3 began.
    history.add("kill", "till", 1_767_000_000_000);
    history.add("unkill", "till", opens);
    let own = report(&folder.database, moment, &["--records", history.name()]);
    assert_eq!((&own["stopped"], &own["opens"], &own["days"]), (&Value::Null, &json!(clock::text(opens)), &json!(10)));
    let mut connection = folder.database.connect();
    let count = connection.rows(&format!("SELECT COUNT(*) FROM exposures WHERE time < {opens}"))[0][0].clone();
    assert_eq!((&own["apart"]["exposures"], &own["apart"]["events"]), (&count, &json!(0)));
    connection.execute_both(&format!("DELETE FROM exposures WHERE time < {opens}"));
    let rest = report(&folder.database, moment, &["--records", history.name()]);
    assert_eq!((figures(&own), &rest["apart"]["exposures"]), (figures(&rest), &json!(0)));
}

/// A record that comes while it serves is read.
#[test]
fn live_report_follows_the_history() {
    let folder = empty(Kind::Sqlite);
    let moment = now() / DAY * DAY;
    fill(&folder.database, moment);
    let mut history = History::new(&folder, "records");
    history.add("kill", "till", moment - 5 * DAY);
    let records = history.name().to_owned();
    let stopped = format!("Stopped by kill at {}: no winner.", clock::text(moment - 5 * DAY));
    let ruleset = ruleset();
    let start = [
        "--ruleset",
        ruleset.to_str().unwrap(),
        "--environment",
        "production",
        "--records",
        &records,
        "--rate",
        "100000",
    ];
    let server = folder.start(&start);
    let study = || {
        let report: Value = serde_json::from_slice(&server.get("/api/report", &[]).body).unwrap();
        report["studies"].as_array().unwrap().iter().find(|study| study["name"] == "header/rise").unwrap().clone()
    };
    let page = String::from_utf8(server.get("/report", &[]).body).unwrap();
    assert!(page.contains(&stopped) && page.contains("by alice: orders &lt;fail&gt;"), "{page}");
    assert_eq!(study()["stopped"], Value::Null);
    history.add("kill", "header", moment - 4 * DAY);
    let start = std::time::Instant::now();
    while study()["stopped"] == Value::Null {
        assert!(start.elapsed() < std::time::Duration::from_secs(60));
    }
    std::fs::remove_file(history.path(1)).unwrap();
    let start = std::time::Instant::now();
    while server.get("/api/report", &[]).status == 200 {
        assert!(start.elapsed() < std::time::Duration::from_secs(60));
    }
}

#[test]
fn postgresql_says_of_a_kill_what_sqlite_says() {
    if Cluster::shared().is_none() {
        return;
    }
    let moment = now() / DAY * DAY;
    let [own, other] = [Kind::Postgres, Kind::Sqlite].map(|kind| {
        let folder = empty(kind);
        fill(&folder.database, moment);
        let mut history = History::new(&folder, "records");
        history.add("kill", "till", moment - 5 * DAY);
        let mut report = report(&folder.database, moment, &["--records", history.name()]);
        report["stopped"]["record"] = Value::Null;
        report
    });
    assert_eq!(digits(&own), digits(&other));
}

/// Pages hear of a kill one after the other, and of some variants sooner: what they still expose is no sample.
#[test]
fn exposures_after_a_kill_are_no_sample_ratio_mismatch() {
    let folder = empty(Kind::Sqlite);
    let moment = now() / DAY * DAY;
    fill(&folder.database, moment);
    let at = moment - DAY;
    let late = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 900)
         INSERT INTO exposures (id, experiment, phase, variant, flag, unit_kind, unit, units, set_id, time, sent_at, first_received, last_received)
         SELECT 'late ' || n, 'till', 3, 'a', 'f', 'visitor', 'late ' || n, '{{}}', 'harbour/production', {at} + n, {at} + n, {at} + n, {at} + n FROM numbers"
    );
    folder.database.connect().execute_both(&late);
    let mut history = History::new(&folder, "records");
    history.add("kill", "till", at);
    let alarm = |arguments: &[&str]| report(&folder.database, moment, arguments)["sampleRatio"]["alarm"].clone();
    assert_eq!((alarm(&[]), alarm(&["--records", history.name()])), (json!(true), json!(false)));
}

#[test]
fn table_of_a_query_that_did_not_know_of_the_kill_is_refused() {
    let folder = empty(Kind::Sqlite);
    let moment = now() / DAY * DAY;
    fill(&folder.database, moment);
    let mut history = History::new(&folder, "records");
    history.add("kill", "till", moment - 5 * DAY);
    let file = folder.site().join("sums.jsonl");
    let names =
        ["experiment", "phase", "variant", "metric", "part", "cell", "units", "nonzero", "x", "xx", "y", "yy", "xy"];
    let sums = |arguments: &[&str]| {
        let query = told(&[&["--print-sql", "sqlite", "--study", "till"], arguments].concat());
        let line = |row: Value| {
            let cells =
                names.iter().zip(row.as_array().unwrap()).map(|(name, cell)| ((*name).to_owned(), cell.clone()));
            Value::Object(cells.collect()).to_string()
        };
        let lines: Vec<String> = folder.database.connect().rows(&query).into_iter().map(line).collect();
        std::fs::write(&file, lines.join("\n")).unwrap();
    };
    let arguments = ["--stats", file.to_str().unwrap(), "--study", "till", "--records", history.name()];
    sums(&[]);
    let message = refused(&arguments);
    assert!(
        message.contains("till, phase 3") && message.contains("print the query again, with the same --records"),
        "{message}"
    );
    sums(&["--records", history.name()]);
    assert!(told(&arguments).contains("Stopped by kill at"));
    let run = |fail_on: &str| crate::reports::run(&[&arguments[..], &["--fail-on", fail_on]].concat());
    let output = run("worse,srm,killed");
    assert_eq!(output.status.code(), Some(16), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("killed: till, phase 3"), "{output:?}");
    assert_eq!(run("worse,srm,unknown").status.code(), Some(0));
}

/// SQLite refuses a statement with 1,000 cursors when it expands a part of it, "nested too deep"; what is named twice doubles all that it
/// is made of.
#[test]
fn printed_query_with_a_kill_stays_within_sqlites_cursors() {
    let folder = empty(Kind::Sqlite);
    let moment = now() / DAY * DAY;
    let mut history = History::new(&folder, "records");
    history.add("kill", "till", moment - 5 * DAY);
    let query = told(&["--print-sql", "sqlite", "--records", history.name()]);
    let steps = folder.database.connect().rows(&format!("EXPLAIN {query}"));
    let opened = steps.iter().filter(|step| step[1].as_str().unwrap().starts_with("Open"));
    let highest = opened.map(|step| step[2].as_i64().unwrap()).max().unwrap();
    assert!(highest < 1_200, "{highest}");
}

#[test]
fn history_that_cannot_be_is_told_with_file_and_remedy() {
    let folder = empty(Kind::Sqlite);
    let database = folder.database.argument();
    let check = |records: &str, said: &[&str]| {
        let message = refused(&["--db", database.to_str().unwrap(), "--records", records]);
        assert!(said.iter().all(|said| message.contains(said)), "{message}");
    };
    let made = |name: &str| {
        let mut history = History::new(&folder, name);
        for (day, flag) in ["till", "header", "alone"].iter().enumerate() {
            history.add("kill", flag, now() - 9 * DAY + day as i64 * DAY);
        }
        history
    };
    check("nowhere", &["--records nowhere: not a folder"]);
    let gap = made("gap");
    std::fs::remove_file(gap.path(2)).unwrap();
    check(gap.name(), &["0002.yaml: is missing", "restore it, for example from git"]);
    let edited = made("edited");
    std::fs::write(edited.path(2), edited.records[1].replace("flags: [header]", "flags: [other]")).unwrap();
    check(edited.name(), &["0002.yaml: was changed after", "restore it as it was"]);
    let half = made("half");
    std::fs::write(half.path(3), &half.records[2][..20]).unwrap();
    check(half.name(), &["0003.yaml:1:1: ", "restore the file as it was written"]);
    // A server says so before it serves.
    let ruleset = ruleset();
    let arguments = ["--ruleset", ruleset.to_str().unwrap(), "--environment", "production", "--records", half.name()];
    assert!(folder.fail(&arguments).contains("0003.yaml"));
}

#[test]
fn odd_kills_are_warned_of_and_count_as_far_as_they_can() {
    let folder = empty(Kind::Sqlite);
    let report = |history: &History| json_of(&folder.database, &["--records", history.name()]);
    let warnings = |report: &Value| -> Vec<String> {
        report["warnings"].as_array().unwrap().iter().map(|told| told.as_str().unwrap().to_owned()).collect()
    };
    let study = |report: &Value, name: &str, phase: u32| {
        let all = report["studies"].as_array().unwrap();
        all.iter().find(|study| study["name"] == name && study["phase"] == phase).unwrap().clone()
    };
    let mut unknown = History::new(&folder, "unknown");
    unknown.add("kill", "tilll", now() - DAY);
    let told = report(&unknown);
    assert!(
        warnings(&told)[0].contains("0001.yaml: the ruleset has no flag `tilll`, so that its kill ends nothing"),
        "{told}"
    );
    assert!(warnings(&told)[0].contains("waft unkill tilll"), "{told}");
    assert_eq!(study(&told, "till", 3)["stopped"], Value::Null);
    // Before either phase began, and never back.
    let mut before = History::new(&folder, "before");
    before.add("kill", "till", 1_767_000_000_000);
    let told = report(&before);
    for phase in [1, 3] {
        let till = study(&told, "till", phase);
        assert_eq!(
            till["answer"], "Stopped by kill at 2025-12-29T09:20:00Z: no exposures before it, and no winner.",
            "{till}"
        );
        assert_eq!(till["days"], 0);
    }
    // Two in one second, of which the second takes the first back: the phase has ended all the same.
    let mut twice = History::new(&folder, "twice");
    let at = now() / DAY * DAY - DAY;
    twice.add("kill", "till", at);
    twice.add("unkill", "till", at);
    twice.add("kill", "header", at);
    let told = report(&twice);
    assert_eq!(warnings(&told), Vec::<String>::new());
    assert_eq!(study(&told, "till", 3)["stopped"]["until"], clock::text(at));
    assert_eq!(study(&told, "header/rise", 1)["stopped"]["at"], clock::text(at));
    let mut future = History::new(&folder, "future");
    future.add("kill", "till", now() + DAY);
    let told = report(&future);
    assert!(
        warnings(&told)[0].contains("is in the future, and until then it does not count: check the clock"),
        "{told}"
    );
    assert_eq!(study(&told, "till", 3)["stopped"], Value::Null);
    // Somebody else's environment.
    let mut other = History::new(&folder, "other");
    other.add("kill", "till", at);
    std::fs::write(other.path(1), other.records[0].replace("production", "staging")).unwrap();
    let told = report(&other);
    assert_eq!((study(&told, "till", 3)["stopped"].clone(), warnings(&told).len()), (Value::Null, 0));
    // As it is if no folder is named: one called `releases` where it is run.
    assert!(!Path::new("releases").exists());
    assert_eq!(study(&json_of(&folder.database, &[]), "till", 3)["stopped"], Value::Null);
}
