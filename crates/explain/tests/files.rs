//! Files of people as people have them: each separator, quote, encoding, line end and form, and what is said of those that are broken.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use serde_json::json;
use waft::Program;
use waft_compile::{compile, snapshot};
use waft_explain::population::{ColumnReport, Encoding, Problem, Reading, Report, Rows, Settings, Table};
use waft_ruleset::source::SourceFile;
use waft_ruleset::{self as ruleset, World};

const NOW: i64 = 1_800_000_000_000;

fn program() -> Program {
    let text = json!({
        "project": "files", "environments": { "test": {} },
        "attributes": {
            "visitorId": "string", "country": "string", "plan": "string", "orders": "number", "newsletter": "boolean",
            "signedUpAt": "date", "appVersion": "semver", "tags": "list",
        },
        "units": { "visitor": { "attribute": "visitorId" } },
        "segments": {
            "cologne": { "country": { "is": "Köln" } }, "five": { "orders": { "gte": 5 } }, "many": { "orders": { "gt": 1000 } },
            "mail": { "newsletter": { "is": true } }, "late": { "signedUpAt": { "after": "2026-02-01" } },
            "red": { "tags": { "has": "red" } }, "crew": { "plan": { "is": "crew" }, "country": { "exists": true } },
        },
    });
    let file = SourceFile { name: "files.json".to_owned(), bytes: text.to_string().into_bytes() };
    let (ruleset, _) = ruleset::check(&[file], &World::still()).unwrap_or_else(|findings| panic!("{findings:#?}"));
    snapshot::unverified_body("files", "test", &compile(&ruleset, 0).unwrap().body).unwrap()
}

fn read_with(file: &[u8], settings: Settings) -> Result<(Table, Report), Problem> {
    let program = program();
    // In one part, and byte by byte, where that does not take too long.
    let mut whole = Reading::new(&[&program], settings.clone());
    let whole = whole.push(file).and_then(|()| whole.finish());
    if file.len() < 1 << 19 {
        let mut parts = Reading::new(&[&program], settings);
        let parts = file.chunks(1).try_for_each(|byte| parts.push(byte)).and_then(|()| parts.finish());
        match (&whole, parts) {
            (Ok((_, one)), Ok((_, other))) => assert_eq!(*one, other),
            (Err(one), Err(other)) => assert_eq!(*one, other),
            (one, other) => panic!("{one:?}, byte by byte {other:?}"),
        }
    }
    whole
}

fn read(file: impl AsRef<[u8]>) -> (Table, Report) {
    read_with(file.as_ref(), Settings::default()).unwrap()
}

#[track_caller]
fn refused(file: impl AsRef<[u8]>, code: &str, said: &str) {
    let problem = read_with(file.as_ref(), Settings::default()).unwrap_err();
    assert!(problem.code == code && problem.message.contains(said), "{problem:?}");
}

/// How many a segment matches, misses, and does not know.
fn counted(table: &Table, segment: &str) -> [u64; 3] {
    let counted = table.count(&program(), NOW);
    let one = counted.segments.iter().find(|one| one.name == segment).unwrap();
    [one.matches, one.misses, one.unknown]
}

fn column<'r>(report: &'r Report, header: &str) -> &'r ColumnReport {
    report.columns.iter().find(|column| column.header == header).unwrap_or_else(|| panic!("{header}: {report:#?}"))
}

#[test]
fn every_separator_and_line_end_is_found() {
    for separator in [",", ";", "\t", "|"] {
        for line_end in ["\n", "\r\n", "\r"] {
            let lines = [["visitorId", "country", "orders"], ["v1", "Köln", "5"], ["v2", "Bonn", "4"]];
            let file = lines.map(|line| line.join(separator)).join(line_end);
            let (table, report) = read(&file);
            assert_eq!(report.separator, separator.chars().next(), "{file:?}");
            assert_eq!((report.rows, report.skipped.rows), (2, 0), "{file:?}");
            assert_eq!((counted(&table, "cologne"), counted(&table, "five")), ([1, 1, 0], [1, 1, 0]), "{file:?}");
        }
    }
}

#[test]
fn every_encoding_that_spreadsheets_write_is_found() {
    let text = "visitorId;country\r\nv1;Köln\r\nv2;München €\r\n";
    let units = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let (le, be) = (units(u16::to_le_bytes), units(u16::to_be_bytes));
    let single: Vec<u8> = text.chars().map(|char| if char == '€' { 0x80 } else { char as u8 }).collect();
    for (file, encoding) in [
        (text.as_bytes().to_vec(), Encoding::Utf8),
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8),
        ([&b"\xff\xfe"[..], &le].concat(), Encoding::Utf16Le),
        ([&b"\xfe\xff"[..], &be].concat(), Encoding::Utf16Be),
        (le, Encoding::Utf16Le),
        (be, Encoding::Utf16Be),
        (single, Encoding::Windows1252),
    ] {
        let (table, report) = read(&file);
        assert_eq!(report.encoding, encoding);
        assert_eq!(column(&report, "country").examples, ["Köln", "München €"]);
        assert_eq!(counted(&table, "cologne"), [1, 1, 0], "{encoding:?}");
    }
}

#[test]
fn both_quotes_and_what_is_in_them() {
    for quote in ["\"", "'"] {
        let file = format!(
            "{quote}visitorId{quote},{quote}country{quote}\n{quote}v,1{quote},{quote}Kö{quote}{quote}ln\nam Rhein{quote}\n{quote}v2{quote},{quote}=1+1{quote}\n"
        );
        let (_, report) = read(&file);
        assert_eq!(report.quote, quote.chars().next());
        assert_eq!(column(&report, "country").examples, [format!("Kö{quote}ln\nam Rhein"), "=1+1".to_owned()]);
    }
    // An apostrophe is none.
    let (_, report) = read("visitorId,country\nv1,Cote d'Ivoire\nv2,L'Aquila\n");
    assert_eq!((report.quote, report.rows, report.skipped.rows), (Some('"'), 2, 0));
}

#[test]
fn headers_are_matched_but_for_case_spaces_and_signs_and_others_are_proposed() {
    let (_, report) = read("Visitor ID,Country,contry code,PLAN,Umsatz\nv1,DE,x,crew,4\n");
    let told: Vec<_> = report
        .columns
        .iter()
        .map(|column| (column.header.as_str(), column.attribute.as_deref(), column.matched, column.proposed.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("Visitor ID", Some("visitorId"), "alike", None),
            ("Country", Some("country"), "alike", None),
            ("contry code", None, "unknown", None),
            ("PLAN", Some("plan"), "alike", None),
            ("Umsatz", None, "unknown", None),
        ]
    );
    assert_eq!(report.missing, ["appVersion", "newsletter", "orders", "signedUpAt", "tags"]);
    assert_eq!(column(&report, "Umsatz").examples, ["4"]);
    let (_, report) = read("visitorId,contry,country_code,orders total\nv1,DE,DE,3\n");
    let proposed: Vec<_> = report.columns.iter().map(|column| column.proposed.as_deref()).collect();
    assert_eq!(proposed, [None, Some("country"), Some("country"), Some("orders")]);
    // Nothing of what is filled already, and no short word for another.
    let (_, report) = read("Land,contry,COUNTRY\nDE,DE,DE\n");
    assert!(report.columns.iter().all(|column| column.proposed.is_none()), "{report:#?}");
}

#[test]
fn a_column_is_what_was_chosen_for_it() {
    let columns = BTreeMap::from([
        ("Land".to_owned(), Some("country".to_owned())),
        ("country".to_owned(), None),
        ("id".to_owned(), Some("visitorId".to_owned())),
    ]);
    let settings = Settings { columns, ..Settings::default() };
    let (table, report) = read_with("id,Land,country\nv1,Köln,7\n".as_bytes(), settings).unwrap();
    let matched: Vec<_> = report.columns.iter().map(|column| column.matched).collect();
    assert_eq!(matched, ["chosen", "chosen", "left-out"]);
    assert_eq!(counted(&table, "cologne"), [1, 0, 0]);
}

#[test]
fn title_rows_are_skipped_and_told() {
    let (table, report) = read("Customers of May;;\n\nexported;2026-05-31;\nvisitorId;country;plan\nv1;Köln;crew\n");
    assert_eq!(report.titles, ["Customers of May  ", "exported 2026-05-31 "]);
    assert_eq!((report.rows, counted(&table, "crew")), (1, [1, 0, 0]));
    let (_, report) = read("sep=;\nvisitorId;country\nv1;a,b\n");
    assert_eq!((report.separator, report.rows, report.titles), (Some(';'), 1, vec!["sep=".to_owned() + " "]));
}

#[test]
fn bad_rows_are_counted_shown_and_skipped() {
    let (_, report) = read("visitorId,country,plan\nv1,DE,crew\nv2,DE\nv3,DE,crew,x\nv4,DE,crew,,\n\n,,\nv5,FR,crew\n");
    let skipped = &report.skipped;
    assert_eq!((report.rows, skipped.rows, skipped.short, skipped.long, skipped.blank), (3, 3, 1, 1, 1));
    let told: Vec<_> = skipped.examples.iter().map(|row| (row.line, row.problem.as_str(), row.text.as_str())).collect();
    assert_eq!(
        told,
        [
            (3, "2 fields, expected 3 as in the header", "v2 DE"),
            (4, "4 fields, expected 3 as in the header", "v3 DE crew x"),
            (7, "every field is empty", ""),
        ]
    );
}

#[test]
fn a_quote_that_is_not_closed_costs_its_own_line() {
    let (_, report) = read("visitorId,country\nv1,DE\nv2,\"DE\nv3,DE\nv4,DE\n");
    assert_eq!((report.rows, report.skipped.open_quote, report.skipped.rows), (3, 1, 1));
    assert_eq!((report.skipped.examples[0].line, report.skipped.examples[0].text.as_str()), (3, "v2,\"DE"));
    // Also where another one far below seems to close it.
    let (_, report) = read("visitorId,country\nv1,DE\nv2,\"DE\nv3,DE\nv4,\"DE\"\nv5,DE\n");
    assert_eq!((report.rows, report.skipped.rows), (4, 1));
    let rows = "v,\"DE\nv,x\n".repeat(90_000);
    refused(format!("visitorId,country\n{rows}\""), "OPEN_QUOTE", "choose another quote or separator");
}

#[test]
fn two_columns_of_one_name_and_two_of_one_attribute() {
    let (_, report) = read("country,country,Country,,visitorId\nDE,FR,NL,x,v1\n");
    let told: Vec<_> = report.columns.iter().map(|column| (column.header.as_str(), column.matched)).collect();
    assert_eq!(
        told,
        [
            ("country", "exact"),
            ("country (2)", "unknown"),
            ("Country", "twice"),
            ("column 4", "unknown"),
            ("visitorId", "exact")
        ]
    );
}

#[test]
fn numbers_with_a_point_and_with_a_comma() {
    let (table, report) = read("visitorId;orders\nv1;5,5\nv2;4,0\nv3;1.234,5\n");
    assert_eq!(serde_json::to_value(column(&report, "orders").numbers).unwrap(), "comma");
    assert_eq!((counted(&table, "five"), counted(&table, "many")), ([2, 1, 0], [1, 2, 0]));
    let (table, report) = read("visitorId;orders\nv1;5.5\nv2;1,234.5\nv3;12,34\n");
    assert_eq!(serde_json::to_value(column(&report, "orders").numbers).unwrap(), "point");
    assert_eq!((counted(&table, "many"), column(&report, "orders").unread.rows), ([1, 1, 1], 1));
    assert_eq!(column(&report, "orders").unread.examples, ["12,34"]);
    // Where both come to the same, there is nothing to choose.
    let (_, report) = read("visitorId;orders;signedUpAt\nv1;1234;2026-01-31\nv2;5;2026-02-13\n");
    let choices = ["orders", "signedUpAt"].map(|name| column(&report, name).forms.len());
    assert_eq!(choices, [1, 1]);
    // Both can be: a choice.
    let file = b"visitorId;orders\nv1;1,234\nv2;5\n";
    let (table, report) = read(file);
    let forms: Vec<_> = column(&report, "orders").forms.iter().map(|one| (one.form.as_str(), one.rows)).collect();
    assert_eq!((forms, counted(&table, "many")), (vec![("point", 2), ("comma", 2)], [1, 1, 0]));
    let forms = BTreeMap::from([("orders".to_owned(), "comma".to_owned())]);
    let (table, _) = read_with(file, Settings { forms, ..Settings::default() }).unwrap();
    assert_eq!(counted(&table, "many"), [0, 2, 0]);
}

#[test]
fn dates_in_every_form() {
    for (dates, form) in [
        (["2026-01-31", "2026-02-13T00:00Z"], "rfc3339"),
        (["2026-01-31 08:00", "2026-02-13 00:00:01"], "without-offset"),
        (["1769817600000", "1770940800000"], "milliseconds"),
        (["1769817600", "1770940800"], "seconds"),
        (["31.01.2026", "13.2.2026 8:00"], "day-first"),
        (["1/31/2026", "2/13/2026"], "month-first"),
    ] {
        let [one, other] = dates;
        let (table, report) = read(format!("visitorId,signedUpAt\nv1,{one}\nv2,{other}\nv3,soon\nv4,\n"));
        let told = column(&report, "signedUpAt");
        assert_eq!(serde_json::to_value(told.dates).unwrap(), form, "{told:#?}");
        assert_eq!((counted(&table, "late"), told.unread.rows, told.empty), ([1, 1, 2], 1, 1), "{form}");
    }
    let (_, report) = read("visitorId,signedUpAt\nv1,01/02/2026\nv2,03/04/2026\n");
    let forms: Vec<_> = column(&report, "signedUpAt").forms.iter().map(|one| (one.form.as_str(), one.rows)).collect();
    assert_eq!(forms, [("day-first", 2), ("month-first", 2)]);
}

#[test]
fn truths_and_lists() {
    let (table, report) =
        read("visitorId,newsletter,tags\nv1,yes,red|blue\nv2,NO,\"[\"\"blue\"\"]\"\nv3,1,red\nv4,maybe,[3]\n");
    assert_eq!((counted(&table, "mail"), counted(&table, "red")), ([2, 1, 1], [2, 1, 1]));
    let unread = ["newsletter", "tags"].map(|name| column(&report, name).unread.examples.clone());
    assert_eq!(unread, [vec!["maybe"], vec!["[3]"]]);
}

#[test]
fn what_is_not_in_an_enum_is_told_with_its_rows() {
    let enums = BTreeMap::from([("plan".to_owned(), vec!["guest".to_owned(), "crew".to_owned()])]);
    let settings = Settings { enums, ..Settings::default() };
    for file in [
        "visitorId,plan\nv1,crew\nv2,captain\nv3,captain\nv4,\n",
        "{\"visitorId\":1,\"plan\":\"crew\"}\n{\"plan\":\"captain\"}\n{\"plan\":\"captain\"}\n{}\n",
    ] {
        let (_, report) = read_with(file.as_bytes(), settings.clone()).unwrap();
        let outside = &column(&report, "plan").outside;
        assert_eq!(outside.rows, 2);
        assert!(outside.examples[0].contains("captain"));
    }
}

#[test]
fn a_segment_tells_which_columns_it_lacks() {
    let (table, _) = read("visitorId\nv1\nv2\n");
    let counted = table.count(&program(), NOW);
    let crew = counted.segments.iter().find(|one| one.name == "crew").unwrap();
    assert_eq!((crew.matches, crew.misses, crew.unknown), (0, 2, 0), "nobody has a country");
    assert_eq!(crew.lacks, ["country", "plan"]);
    let five = counted.segments.iter().find(|one| one.name == "five").unwrap();
    assert_eq!((five.unknown, five.lacks.as_slice()), (2, &["orders".to_owned()][..]));
}

#[test]
fn json_lines_and_arrays() {
    let lines = "{\"visitorId\":\"v1\",\"country\":\"Köln\",\"orders\":5}\n{\"tags\":[\"red\"],\"orders\":\"5\"}\nnot json\n[1]\n";
    let (table, report) = read(lines);
    assert_eq!((report.format, report.rows, report.skipped.no_object), ("ndjson", 2, 2));
    assert_eq!(report.skipped.examples.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 4]);
    // A text is no number, as in a page.
    assert_eq!(
        (counted(&table, "five"), counted(&table, "red"), column(&report, "orders").unread.rows),
        ([1, 0, 1], [1, 0, 1], 1)
    );
    let (table, report) = read("[\n  { \"visitorId\": \"}\\\"{\", \"country\": \"Köln\" },\n  3,\n  {}\n]\n");
    assert_eq!(
        (report.format, report.rows, report.skipped.rows, counted(&table, "cologne")),
        ("json", 2, 1, [1, 0, 1])
    );
    assert_eq!(report.skipped.examples[0].line, 3);
    let (_, report) = read("[{\"country\": \"DE\"}, {\"country\": ");
    assert_eq!((report.rows, report.skipped.rows), (1, 1));
    // Of another encoding, by whatever is behind the part by which it is found out.
    let settings = serde_json::from_value(json!({ "layout": { "encoding": "utf-8" } })).unwrap();
    let (_, report) = read_with(b"{\"country\":\"DE\"}\n{\"country\":\"K\xf6ln\"}\n", settings).unwrap();
    assert_eq!((report.rows, report.skipped.no_object), (1, 1));
    assert!(report.skipped.examples[0].problem.ends_with("not UTF-8"), "{:?}", report.skipped.examples);
}

#[test]
fn commands_read_utf_8_alone() {
    let program = program();
    let utf16: Vec<u8> = "visitorId,country\nv1,DE\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let late = [b"visitorId,country\n".to_vec(), b"v,DE\n".repeat(100_000), b"v,K\xf6ln\n".to_vec()].concat();
    for (csv, expected) in [
        (
            b"visitorId,country\nv1,K\xf6ln\n".to_vec(),
            "line 2: not UTF-8: it looks like Windows-1252: save it as CSV UTF-8",
        ),
        (
            [b"\xff\xfe".to_vec(), utf16.clone()].concat(),
            "line 1: not UTF-8: it looks like UTF-16: save it as CSV UTF-8",
        ),
        (utf16, "line 1: not UTF-8: it looks like UTF-16: save it as CSV UTF-8"),
        (late, "line 100002: not UTF-8: it looks like Windows-1252: save it as CSV UTF-8"),
    ] {
        assert_eq!(Table::read(&csv, &[&program]).unwrap_err(), expected);
        assert_eq!(Rows::open(&program, &csv).err().unwrap(), expected);
    }
    let sound = "\u{feff}visitorId,country\nv1,K\u{f6}ln\n".as_bytes();
    assert_eq!(Table::read(sound, &[&program]).unwrap().rows(), 1);
    assert!(Rows::open(&program, sound).is_ok());
}

#[test]
fn what_is_no_file_of_people_is_refused_with_a_remedy() {
    refused("", "EMPTY", "it needs a header line");
    refused("\n \n", "EMPTY", "it needs a header line");
    refused(b"PK\x03\x04\x14\0rest", "SPREADSHEET", "Save As, CSV UTF-8");
    refused(b"\xd0\xcf\x11\xe0\xa1\xb1", "SPREADSHEET", "old Excel workbook");
    refused(b"\x1f\x8b\x08\0\0", "COMPRESSED", "unpack it");
    refused(b"PAR1\0\0", "BINARY", "Parquet");
    refused([0u8, 1, 2, 3, 0, 0, 7, 200].repeat(100), "BINARY", "no text");
    let (_, report) = read("visitorId,country");
    assert_eq!((report.rows, report.columns.len()), (0, 2));
}

#[test]
fn five_hundred_columns_and_cells_with_formulas_and_markup() {
    let names: Vec<String> = (0..500).map(|at| format!("c{at}")).chain(["country".to_owned()]).collect();
    let cells: Vec<&str> = (0..500).map(|_| "<b>=cmd()</b>").chain(["Köln"]).collect();
    let (table, report) = read(format!("{}\n{}\n", names.join(","), cells.join(",")));
    assert_eq!((report.columns.len(), report.rows, counted(&table, "cologne")), (501, 1, [1, 0, 0]));
    assert_eq!(report.columns[0].examples, ["<b>=cmd()</b>"]);
}

#[test]
fn a_file_that_takes_too_much_memory_is_sampled_the_same_way_each_time_or_refused() {
    let rows: String =
        (0..200_000).map(|row| format!("v{row},{}\n", if row % 4 == 0 { "crew" } else { "guest" })).collect();
    let file = format!("visitorId,plan\n{rows}");
    let settings = Settings { memory: Some(2 << 20), seed: 1, ..Settings::default() };
    let (table, report) = read_with(file.as_bytes(), settings.clone()).unwrap();
    assert_eq!((report.sampled_from, report.rows as usize), (Some(200_000), table.rows()));
    assert!((10_000..80_000).contains(&report.rows), "{}", report.rows);
    let again = read_with(file.as_bytes(), settings.clone()).unwrap().1;
    assert_eq!(again, report);
    let crew = column(&report, "plan");
    assert_eq!((crew.distinct, column(&report, "visitorId").distinct), (2, report.rows));
    let problem = read_with(file.as_bytes(), Settings { seed: 0, ..settings }).unwrap_err();
    assert!(problem.code == "TOO_LARGE" && problem.message.contains("take a sample"), "{problem:?}");
}

#[test]
fn whatever_the_bytes_reading_ends_and_counts_each_row_once() {
    // SplitMix64.
    let mut state = 149u64;
    let mut below = |limit: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    };
    let pieces: [&[u8]; 24] = [
        b"visitorId",
        b"country",
        b"Country",
        b"orders",
        b",",
        b";",
        b"\t",
        b"|",
        b"\n",
        b"\r\n",
        b"\r",
        b"\"",
        b"\"\"",
        b"'",
        b"{",
        b"}",
        b"[",
        b"]",
        b"{\"country\":\"DE\"}",
        b"\xff",
        b"K\xc3\xb6ln",
        b" ",
        b"1.234,5",
        b"sep=;\n",
    ];
    let (mut read, mut refused) = (0, 0);
    for _ in 0..800 {
        let count = 1 + below(60);
        let file: Vec<u8> = (0..count).flat_map(|_| pieces[below(pieces.len())].to_vec()).collect();
        // Alike in one part and byte by byte: `read_with`.
        match read_with(&file, Settings::default()) {
            Ok((table, report)) => {
                read += 1;
                assert_eq!(table.rows() as u64, report.rows);
                let told = &report.skipped;
                let kinds = told.short + told.long + told.blank + told.open_quote + told.no_object;
                assert_eq!(told.rows, kinds, "{}", String::from_utf8_lossy(&file));
                for one in table.count(&program(), NOW).segments {
                    assert_eq!(one.matches + one.misses + one.unknown, report.rows);
                }
            }
            Err(problem) => {
                refused += 1;
                assert!(!problem.message.is_empty());
            }
        }
    }
    assert!(read > 600 && refused > 0, "{read} read, {refused} refused");
}

#[test]
fn who_is_in_a_list_is_not_known_until_its_file_is_there() {
    let ids: Vec<String> = (0..5_000).map(|id| format!("v{id}")).collect();
    let text = json!({
        "project": "files", "environments": { "test": {} }, "attributes": { "visitorId": "string" },
        "lists": { "vip": { "attribute": "visitorId", "ids": ids } }, "segments": { "vip": { "list": "vip" } },
    });
    let file = SourceFile { name: "files.json".to_owned(), bytes: text.to_string().into_bytes() };
    let (ruleset, _) = ruleset::check(&[file], &World::still()).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let compiled = compile(&ruleset, 0).unwrap();
    let without = snapshot::unverified_body("files", "test", &compiled.body).unwrap();
    let with = snapshot::unverified_compiled("files", "test", compiled).unwrap();
    let (table, _) = read("visitorId\nv1\nv4999\nv5000\n");
    let counted = [&without, &with].map(|program| table.count(program, NOW).segments.remove(0));
    let [unknown, known] = &counted;
    assert_eq!((unknown.matches, unknown.unknown, unknown.absent.as_slice()), (0, 3, &["vip".to_owned()][..]));
    assert_eq!((known.matches, known.misses, known.unknown, known.absent.len()), (2, 1, 0, 0));
}
