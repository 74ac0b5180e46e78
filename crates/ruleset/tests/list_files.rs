//! A list's file: either its ids are read, or a finding says what is the matter. Nothing is silently nobody.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_ruleset::source::SourceFile;
use waft_ruleset::{self as ruleset, World};

/// The list's ids, and the codes and messages of its findings.
fn read(column: Option<&str>, bytes: &[u8]) -> (Vec<String>, Vec<(&'static str, String)>) {
    let column = column.map_or(String::new(), |column| format!(", column: \"{column}\""));
    let text = format!(
        "project: lists\nenvironments: {{ test: {{}} }}\nattributes: {{ crewId: string }}\n\
         lists: {{ vip: {{ attribute: crewId, file: vip.csv{column} }} }}\nsegments: {{ vip: {{ list: vip }} }}\n"
    );
    let file = SourceFile { name: "a.yaml".to_owned(), bytes: text.into_bytes() };
    let asset = |_: &str| Ok(bytes.to_vec());
    let (ids, findings) = match ruleset::check(&[file], &World { now: None, asset: &asset }) {
        Ok((ruleset, findings)) => (ruleset.lists[0].item.ids.clone(), findings),
        Err(findings) => (Vec::new(), findings),
    };
    let own = findings.into_iter().filter(|finding| finding.code.name().starts_with("LIST_"));
    (ids, own.map(|finding| (finding.code.name(), finding.message)).collect())
}

#[test]
fn ids_are_read_from_any_sound_file() {
    for (column, bytes) in [
        (None, "a1\na2\n"),
        (None, "\u{feff}a1\r\n\r\na2"),
        (None, "a1\ra2\r"),
        (None, "  a1 \n\n\n a2,x,y\n"),
        (None, "\"a1\"\n\"a2\",\"x\"\n"),
        (Some("id"), "id\na1\na2\n"),
        (Some("id"), "\u{feff}name,id\r\nx,a1\r\n,a2\r\n,\r\n"),
        (Some("id"), "id;name\na1;x, y\na2;\n;;\n"),
        (Some("id"), "name\tid\nx;y\ta1\n\ta2\n"),
        (Some("id"), "note,id\n\"two\nlines, and \"\"more\"\"\",a1\n,a2\n"),
        (Some("the id"), "the id\na1\na2"),
    ] {
        assert_eq!(
            read(column, bytes.as_bytes()),
            (vec!["a1".to_owned(), "a2".to_owned()], vec![]),
            "{column:?} {bytes:?}"
        );
    }
    assert_eq!(read(None, b"\"a;1\"\n\"a,2\"\n").0, ["a,2", "a;1"]);
    // White space is trimmed inside quotes, too; what is left of nothing is skipped; there are no comments.
    assert_eq!(
        read(None, "\" a1 \"\n\u{a0}a2\u{3000}\n\" \"\n \n# a3\na\"4\n\"a\"\"5\"\n".as_bytes()).0,
        ["# a3", "a\"4", "a\"5", "a1", "a2"]
    );
    assert_eq!(read(Some("id"), b"id,note\n\" a1 \",\"a \"\"b\"\", c\"\n a2 ,d\"e\n").0, ["a1", "a2"]);
    assert_eq!(read(None, "m\u{fc}ller\n".as_bytes()).0, ["m\u{fc}ller"]);
}

#[test]
fn what_would_be_nobody_is_a_finding() {
    for (code, column, bytes, says) in [
        ("LIST_SEPARATOR", None, "a1;x\na2;y\n", ":1: `;`"),
        ("LIST_SEPARATOR", None, "a1\na2\tx\n", ":2: a tab"),
        ("LIST_SEPARATOR", None, "id;name\n", ":1:"),
        ("LIST_SEPARATOR", None, "\"a1\";\"x\"\n", ":1: `;`"),
        ("LIST_SEPARATOR", None, "\ta1\n", ":1:"),
        ("LIST_SEPARATOR", Some("id"), "id\na1;x\n", ":2:"),
        ("LIST_SEPARATOR", Some("id"), "id;x\na1,5;y\n", ":2: `,`"),
        ("LIST_QUOTE", None, "a1\n\"a2\na3\n", ":2:"),
        ("LIST_QUOTE", None, "\"a1\na2\"\n", ":1:"),
        ("LIST_QUOTE", None, "\"a1\"x\n", ":1:"),
        ("LIST_QUOTE", None, " \"a1\"\n", ":1:"),
        ("LIST_QUOTE", Some("id"), "note,id\nx,a1\n\"y,a2\nz,a3\n", ":3:"),
        ("LIST_COLUMN", Some("id"), "id,name,id\na1,x,a2\n", "two columns"),
        ("LIST_COLUMN", Some("id"), "name,account\nx,a1\n", "no column"),
        ("LIST_COLUMN", Some("id"), "", "no column"),
        ("LIST_ROWS", Some("id"), "id,name\na1\n", ":2: 1 cell,"),
        // Empty lines count.
        ("LIST_ROWS", Some("id"), "\r\nid,name\r\n\r\na1\r\n", ":4: 1 cell,"),
        ("LIST_ROWS", Some("id"), "name,id\nx,y,a1\n", ":2: 3 cells"),
        ("LIST_ROWS", Some("id"), "name,id\r\nx,a1\r\n\r\nx,y,a2\r\n", ":4: 3 cells"),
        ("LIST_ROWS", Some("id"), "name,id\nx,a1\n\nx,y,a2\n", ":4: 3 cells"),
    ] {
        let (ids, found) = read(column, bytes.as_bytes());
        assert_eq!((ids.len(), found.len(), found[0].0), (0, 1, code), "{column:?} {bytes:?}: {found:?}");
        assert!(found[0].1.starts_with("vip.csv") && found[0].1.contains(says), "{bytes:?}: {found:?}");
    }
}

/// By an audit of 2026: 5,000 ids, of which one is too long, and the file's name is all that was said.
#[test]
fn what_is_wrong_with_an_id_has_its_line() {
    let long = "a".repeat(1_025);
    for (attribute, column, bytes, code, says) in [
        ("crewId: string", None, format!("a1\n\n{long}\n"), "LIST_ID", "vip.csv:3: an id of 1025 bytes"),
        ("crewId: string", Some("id"), format!("id\na1\n{long}\n"), "LIST_ID", "vip.csv:3: an id of 1025 bytes"),
        (
            "crewId: string",
            None,
            "a1\na2\na1\n".to_owned(),
            "LIST_DUPLICATES",
            "vip.csv:3: an id that is listed already",
        ),
        (
            "crewId: string",
            Some("id"),
            "note,id\n\"two\nlines\",a1\n,a2\n,a2\n,a1\n,a1\n".to_owned(),
            "LIST_DUPLICATES",
            "vip.csv:5: an id that is listed already (and 2 more)",
        ),
        (
            "crewId: number",
            None,
            "9\n8\n007\n8.5\n".to_owned(),
            "INVALID_ID",
            "vip.csv:3: `007` is never the id of a number (and 1 more",
        ),
        (
            "crewId: { type: string, enum: [a, b] }",
            None,
            "b\na\nc\n".to_owned(),
            "NOT_IN_ENUM",
            "vip.csv:3: `c` is none of",
        ),
    ] {
        let column = column.map_or(String::new(), |column| format!(", column: {column}"));
        let text = format!(
            "project: lists\nenvironments: {{ test: {{}} }}\nattributes: {{ {attribute} }}\n\
             lists: {{ vip: {{ attribute: crewId, file: vip.csv{column} }} }}\nsegments: {{ vip: {{ list: vip }} }}\n"
        );
        let file = SourceFile { name: "a.yaml".to_owned(), bytes: text.into_bytes() };
        let asset = |_: &str| Ok(bytes.clone().into_bytes());
        let found = ruleset::check(&[file], &World { now: None, asset: &asset });
        let findings = found.map_or_else(|findings| findings, |(_, findings)| findings);
        let finding = findings.iter().find(|finding| finding.code.name() == code);
        assert!(finding.is_some_and(|finding| finding.message.starts_with(says)), "{says}: {findings:?}");
    }
}

#[test]
fn another_encoding_is_named() {
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    for (bytes, like) in [
        (utf16("\u{feff}id\na1\n", u16::to_le_bytes), "UTF-16 (little-endian)"),
        (utf16("id\na1\n", u16::to_le_bytes), "UTF-16 (little-endian)"),
        (utf16("\u{feff}id\na1\n", u16::to_be_bytes), "UTF-16 (big-endian)"),
        (utf16("id\na1\n", u16::to_be_bytes), "UTF-16 (big-endian)"),
        (b"id\nm\xfcller\n".to_vec(), "Windows-1252 (Latin-1)"),
        (b"PK\x03\x04\0\0".to_vec(), "ZIP"),
    ] {
        for column in [None, Some("id")] {
            let (_, found) = read(column, &bytes);
            assert!(
                found.len() == 1 && found[0].0 == "LIST_ENCODING" && found[0].1.contains(like),
                "{like}: {found:?}"
            );
        }
    }
    // Far behind what the encoding is guessed from.
    let late = [b"a1\n".repeat(400_000), b"\xfc\n".to_vec()].concat();
    assert_eq!(read(None, &late).1[0].0, "LIST_ENCODING");
}

#[test]
fn what_nobody_sees_in_an_id_is_a_warning() {
    for (id, named) in [
        // `cat a.csv b.csv`, both saved by Excel.
        ("\u{feff}a2", "U+FEFF"),
        ("a2\u{200b}", "U+200B"),
        ("a\u{ad}2", "U+00AD"),
        ("a\u{2028}2", "U+2028"),
        ("a2\u{1b}[0m", "U+001B"),
        ("a\u{c}2", "U+000C"),
        ("\u{202e}a2", "U+202E"),
    ] {
        let (ids, found) = read(None, format!("a1\n{id}\na3\n").as_bytes());
        let message = format!("vip.csv:2: an id contains {named}, which nobody sees");
        assert_eq!((ids.len(), found), (3, vec![("LIST_INVISIBLE", message)]), "{id:?}");
    }
    // Another script, another form of a letter, and what is around an id.
    for id in ["m\u{fc}ller", "mu\u{308}ller", "\u{416}1", "\u{1f600}", "\u{a0}a2\u{3000}", "auth0|5f7c"] {
        assert!(read(None, format!("a1\n{id}\n").as_bytes()).1.is_empty(), "{id:?}");
    }
}

#[test]
fn a_first_line_that_names_a_column_is_a_warning() {
    for header in ["id", "ID", "crew_id", "crewId,name", "User ID", "e-mail"] {
        let (ids, found) = read(None, format!("{header}\na1\n").as_bytes());
        assert_eq!((ids.len(), found.len(), found[0].0), (2, 1, "LIST_HEADER"), "{header}: {found:?}");
    }
    for id in ["a1", "david", "idaho", "17"] {
        assert!(read(None, format!("{id}\na2\n").as_bytes()).1.is_empty(), "{id}");
    }
}
