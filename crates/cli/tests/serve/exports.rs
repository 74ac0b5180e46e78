//! What `--export` writes of what was stored.

use std::path::Path;
use std::process::Output;

use parquet::basic::{ConvertedType, Repetition};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Value, json};

use crate::database::{Kind, on_both};
use crate::records::{exposure, exposure_id, id, request, text};
use crate::server::{Folder, Server, peak_memory};

on_both! {
    lines_have_every_column_of_every_row
    parquet_has_the_same_rows_as_the_lines
    export_runs_beside_the_server
    large_export_takes_no_more_memory_than_a_small_one
}

fn export(folder: &Folder, arguments: &[&str]) -> Output {
    folder.command(arguments).output().unwrap()
}

fn lines(folder: &Folder, arguments: &[&str]) -> Vec<Value> {
    let output = export(folder, arguments);
    assert!(output.status.success(), "{output:?}");
    let mut lines: Vec<Value> = output
        .stdout
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    lines.sort_by_key(|line| line["id"].to_string());
    lines
}

/// Three exposures, one of them twice and one without what may be missing, and an event.
fn filled(kind: Kind) -> Folder {
    let server = Server::with(kind);
    let mut bare = exposure(3, "quote \" and \u{1f980}");
    let optional =
        ["waft.rule", "waft.snapshot", "feature_flag.version", "waft.point", "waft.page_view.id", "waft.sequence"];
    let is_kept = |attribute: &Value| !optional.iter().any(|name| attribute["key"].as_str().unwrap().starts_with(name));
    bare["attributes"].as_array_mut().unwrap().retain(is_kept);
    let value = json!({ "key": "waft.event.value", "value": { "doubleValue": 0.1 } });
    let event = [
        text("waft.event.id", &id(9)),
        text("waft.event.name", "buy"),
        value,
        text("waft.event.properties", r#"{"n":[1]}"#),
    ];
    let mut told = exposure(1, "bold");
    told["attributes"].as_array_mut().unwrap().push(text("waft.breakdown.plan", "pro"));
    let records = [told, exposure(2, "plain"), bare, exposure(1, "bold"), json!({ "attributes": event })];
    assert_eq!(server.post(request(&records)).json(), json!({}));
    server.stored().1
}

fn lines_have_every_column_of_every_row(kind: Kind) {
    let folder = filled(kind);
    let mut rows = lines(&folder, &["--export", "-"]);
    rows.sort_by_key(|row| row["unit"].to_string());
    let mut row = rows[0].clone();
    let take = |row: &mut Value, names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| row.as_object_mut().unwrap().remove(*name).unwrap()).collect()
    };
    let again = take(&mut row, &["again"]);
    assert_eq!(again[0][0]["page_view"], "p1", "{again:?}");
    let times = take(&mut row, &["time", "sent_at", "first_received", "last_received"]);
    assert!(times.iter().all(Value::is_i64), "{times:?}");
    assert_eq!(
        row,
        json!({ "id": exposure_id(1, "bold"), "experiment": "cta-copy", "phase": 2, "variant": "bold", "rule": "copy-test", "flag": "cta",
            "unit_kind": "visitor", "unit": "v1", "units": { "account": "a1", "visitor": "v1" }, "set_id": "shop/production",
            "snapshot_version": 7, "snapshot_digest": "ab".repeat(32), "point": 4_294_967_295_u32, "page_view": "p1",
            "sequence": 3, "browser": "Firefox", "breakdown": { "plan": "pro" }, "forwarded": 0, "receipts": 2, "verdict": "unchecked", "trusted": 0 })
    );
    let bare = &rows[2];
    assert_eq!(
        (&bare["variant"], &bare["rule"], &bare["snapshot_version"]),
        (&json!("quote \" and \u{1f980}"), &Value::Null, &Value::Null)
    );
    assert_eq!(rows.len(), 3);
    let events = lines(&folder, &["--export", "-", "--rows", "events"]);
    let event = &events[0];
    assert_eq!(
        (events.len(), &event["value"], &event["properties"], &event["units"]),
        (1, &json!(0.1), &json!({ "n": [1] }), &json!({}))
    );
}

/// A row of a Parquet file as its line would be.
fn as_line(row: &parquet::record::Row) -> Value {
    row.get_column_iter()
        .map(|(name, field)| {
            let value = match field {
                Field::Null => Value::Null,
                Field::Str(text) if ["units", "properties", "breakdown", "again"].contains(&name.as_str()) => {
                    serde_json::from_str(text).unwrap()
                }
                Field::Str(text) => json!(text),
                Field::Long(integer) | Field::TimestampMillis(integer) => json!(integer),
                Field::Double(real) => json!(real),
                other => panic!("{other}"),
            };
            (name.clone(), value)
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn parquet_has_the_same_rows_as_the_lines(kind: Kind) {
    let folder = filled(kind);
    for rows in ["exposures", "events"] {
        let file = folder.site().join(format!("{rows}.parquet"));
        let written = export(&folder, &["--rows", rows, "--export", file.to_str().unwrap()]);
        assert!(written.status.success() && written.stdout.is_empty(), "{written:?}");
        let reader = SerializedFileReader::new(std::fs::File::open(&file).unwrap()).unwrap();
        let mut found: Vec<Value> = reader.get_row_iter(None).unwrap().map(|row| as_line(&row.unwrap())).collect();
        found.sort_by_key(|line| line["id"].to_string());
        assert_eq!(found, lines(&folder, &["--rows", rows, "--export", "-"]));
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let time = schema.columns().iter().find(|column| column.name() == "time").unwrap().clone();
        assert_eq!(time.converted_type(), ConvertedType::TIMESTAMP_MILLIS);
        assert_eq!(time.self_type().get_basic_info().repetition(), Repetition::REQUIRED);
    }
}

fn export_runs_beside_the_server(kind: Kind) {
    let server = Server::with(kind);
    let out = server.folder.site().join("rows.ndjson");
    for number in 1..4_usize {
        assert_eq!(server.post(request(&[exposure(number as u64, "bold")])).json(), json!({}));
        let rows = if number == 1 { "row" } else { "rows" };
        let exported = export(&server.folder, &["--export", out.to_str().unwrap()]);
        assert!(
            String::from_utf8(exported.stderr)
                .unwrap()
                .contains(&format!("waft: {number} {rows} of exposures written to"))
        );
        assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), number);
    }
}

fn large_export_takes_no_more_memory_than_a_small_one(kind: Kind) {
    let folder = filled(kind);
    // 150,000 rows of about 600 bytes: 90 MB, five groups of a Parquet file.
    let mut database = folder.database.connect();
    let columns =
        "experiment, phase, variant, rule, flag, unit_kind, unit, units, set_id, snapshot_version, snapshot_digest,
        point, page_view, sequence, time, sent_at, first_received, last_received, receipts";
    let padded = columns.replace("page_view", "page_view || $pad").replace("unit, units", "unit || n, units");
    let fill = |numbers: &str, id: &str, pad: &str| {
        let padded = padded.replace("$pad", pad);
        format!(
            "INSERT INTO exposures (id, {columns}) SELECT {id}, {padded} FROM exposures, {numbers} WHERE variant = 'bold'"
        )
    };
    database.execute(
        &format!(
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 150000) {}",
            fill("numbers", "hex(randomblob(16))", "hex(randomblob(150))")
        ),
        &fill("generate_series(1, 150000) AS n", "md5(n::text)", "repeat(md5(n::text), 9)"),
    );
    for (name, most) in [("rows.ndjson", 40_000), ("rows.parquet", 110_000)] {
        let file = folder.site().join(name);
        let mut child = folder.command(&["--export", file.to_str().unwrap()]).spawn().unwrap();
        let mut peak = 0;
        while child.try_wait().unwrap().is_none() {
            peak = peak.max(peak_memory(child.id()));
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(child.wait().unwrap().success());
        assert!((1..most).contains(&peak), "{name}: {peak} kB");
        if name.ends_with("parquet") {
            let reader = SerializedFileReader::new(std::fs::File::open(&file).unwrap()).unwrap();
            assert_eq!((reader.metadata().file_metadata().num_rows(), reader.num_row_groups()), (150_003, 5));
        } else {
            assert_eq!(std::fs::read(&file).unwrap().iter().filter(|byte| **byte == b'\n').count(), 150_003);
        }
    }
}

#[test]
fn empty_table_is_an_empty_file_of_its_columns() {
    let folder = Server::start(&[]).stored().1;
    let file = folder.site().join("nothing.parquet");
    assert!(export(&folder, &["--export", file.to_str().unwrap()]).status.success());
    let reader = SerializedFileReader::new(std::fs::File::open(&file).unwrap()).unwrap();
    let metadata = reader.metadata().file_metadata();
    assert_eq!((metadata.num_rows(), metadata.schema_descr().num_columns()), (0, 26));
    let piped = export(&folder, &["--export", "-", "--format", "parquet"]);
    assert_eq!(piped.stdout, std::fs::read(&file).unwrap());
    assert_eq!(lines(&folder, &["--export", "-"]), Vec::<Value>::new());
}

#[test]
fn export_that_fails_leaves_no_file() {
    let folder = Folder::new();
    let out = folder.site().join("rows.ndjson");
    let to = out.to_str().unwrap();
    assert!(folder.fail(&["--export", to]).contains("does its folder exist"));
    assert!(!out.exists() && !folder.db().exists());
    let folder = Server::start(&[]).stored().1;
    assert!(folder.fail(&["--export", "no/such/folder/rows.ndjson"]).contains("--export no/such/folder/rows.ndjson: "));
    assert!(!Path::new("no").exists());
}
