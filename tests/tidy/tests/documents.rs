//! Files and folders that documents and comments name are there.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_tidy::{BUILT, File, files, hold, paths};

/// Extensions of files that are named as ours; a ruleset's files in examples have others.
const EXTENSIONS: &[&str] = &["rs", "ts", "tsx", "mjs", "sh", "py", "sql", "md", "toml"];
/// Folders of the root: what begins with one of these is a path.
const FOLDERS: &[&str] = &["src", "crates", "pkg", "tests", "tools", "www", "studio", "docs", "examples"];

/// What is named and not there.
const EXCEPTIONS: &[(&str, &str)] = &[];

/// Whether a word names a file or folder, and where it would be: from the root, or with the end of a path.
enum Named<'a> {
    File(&'a str),
    Folder(&'a str),
}

/// The paths in a line: words of letters, digits and `_-./`.
fn named(line: &str) -> impl Iterator<Item = Named<'_>> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "_-./*{}<>@:\\$".contains(character);
    line.split(move |character| !is_part(character)).filter_map(|word| {
        let word = word.trim_end_matches(['.', ':', '/']).trim_start_matches("./");
        let word = word.split_once(".rs:").map_or(word, |(file, _)| &word[..file.len() + 3]);
        // Patterns, placeholders (NAME, <file>), addresses and parts of a program are no paths.
        let odd = |character: char| "*{}<>@:\\$".contains(character);
        if word.contains(odd) || word.split(['/', '.', '_']).any(|part| part.len() > 2 && is_placeholder(part)) {
            return None;
        }
        let name = word.rsplit('/').next()?;
        match name.rsplit_once('.') {
            Some((stem, extension)) if EXTENSIONS.contains(&extension) && !stem.is_empty() => Some(Named::File(word)),
            Some(_) => None,
            None => {
                let (first, _) = word.split_once('/')?;
                FOLDERS.contains(&first).then_some(Named::Folder(word))
            }
        }
    })
}

/// Capitals alone: `NAME`. Documents of the root are named so, too.
fn is_placeholder(part: &str) -> bool {
    let documents = ["README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG", "SECURITY", "LICENSE"];
    part.bytes().all(|byte| byte.is_ascii_uppercase()) && !documents.contains(&part)
}

/// The prose of a file: all of a document, comments of a source.
fn prose(file: &File) -> Vec<(usize, &str)> {
    let mark = match file.path.rsplit_once('.').unwrap().1 {
        "md" => "",
        "sql" => "--",
        "sh" | "py" | "toml" => "#",
        _ => "//",
    };
    let mut code = false;
    let mut lines = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        // What stands in a fenced block of a document are a user's files, but for the tours in plain text.
        if mark.is_empty() && line.trim_start().starts_with("```") {
            code = !code && line.trim_start() != "```text" && line.trim_start() != "```";
            continue;
        }
        match line.find(mark) {
            Some(start) if !code => lines.push((at + 1, &line[start..])),
            Some(_) | None => {}
        }
    }
    lines
}

#[test]
fn files_and_folders_that_are_named_are_there() {
    let all = paths("");
    let ends = |path: &str, named: &str| {
        path.strip_suffix(named).is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    let is_there = |named: &Named<'_>| match *named {
        Named::File(file) => {
            let file = file.trim_start_matches("../");
            all.iter().any(|path| ends(path, file)) || BUILT.iter().any(|path| ends(path, file))
        }
        Named::Folder(folder) => {
            let starts = |path: &str, start: &str| {
                path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
            };
            // From the root, or from the crate or package.
            let parts = |path: &str| path.match_indices('/').any(|(at, _)| starts(&path[at + 1..], folder));
            all.iter().any(|path| starts(path, folder) || parts(path))
                || BUILT.iter().any(|built| starts(folder, built))
        }
    };
    let mut found = Vec::new();
    let mut names = 0;
    for file in files("", EXTENSIONS) {
        // A change log names what was there.
        if file.path == "CHANGELOG.md" {
            continue;
        }
        for (line, text) in prose(&file) {
            for named in named(text) {
                names += 1;
                let (Named::File(name) | Named::Folder(name)) = named;
                if !is_there(&named) {
                    found.push((format!("{}: {name}", file.path), format!("line {line}")));
                }
            }
        }
    }
    assert!(names > 200, "{names} paths were read");
    hold(&found, EXCEPTIONS);
}

/// Each attack is answered by a test that runs: what SECURITY.md names as one is in the file that is named before it, or in that of the second table.
#[test]
fn attacks_have_the_tests_that_are_named() {
    let all = files("", EXTENSIONS);
    let ending =
        |name: &str| all.iter().filter(|file| file.path.rsplit('/').next() == name.rsplit('/').next()).collect();
    let text = &all.iter().find(|file| file.path == "SECURITY.md").unwrap().text;
    let (_, attacks) = text.split_once("\n## Attacks\n").unwrap();
    let mut names = 0;
    for row in attacks.split("\n## ").next().unwrap().lines().filter(|line| line.starts_with("| ")) {
        let tests = row.trim_end_matches([' ', '|']).rsplit(" | ").next().unwrap();
        let mut inside: Vec<&File> = ending("stolen.test.mjs");
        for (at, part) in tests.split(['"', '`']).enumerate() {
            // Names stand between quotes.
            if at % 2 == 1 {
                names += 1;
                assert!(inside.iter().any(|file| file.text.contains(part)), "SECURITY.md: no test \"{part}\": {row}");
            } else if let Some(Named::File(file)) = named(part).filter(|one| matches!(one, Named::File(_))).last() {
                inside = ending(file);
                assert!(!inside.is_empty(), "SECURITY.md: no file {file}");
            }
        }
    }
    assert!(names >= 25, "{names} tests are named");
}
