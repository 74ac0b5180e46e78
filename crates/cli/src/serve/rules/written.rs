//! Saving: all files of a draft, or none.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use waft_commands::lint::{self, Format};

use super::draft::Draft;
use super::files::Files;
use super::kept::Rules;
use crate::destination::{self, Destination, Readers};
use crate::serve::desk::{Asked, Refused};

/// Saves a draft that was made of what is there.
pub(super) fn save(rules: &Rules, asked: &Asked, tag: Option<&str>, draft: Draft) -> Result<Json, Refused> {
    let before = rules.unchanged(asked, tag)?;
    let changes = draft.check(rules, &before)?;
    write(&rules.root, &before, &changes).map_err(|error| {
        crate::host::tell(&format!("rules were not saved: {error}"));
        Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "store", &format!("{error}; nothing was saved"))
    })?;
    let (mut written, mut removed, mut after) = (Vec::new(), Vec::new(), before.0);
    for (path, bytes) in changes {
        match bytes {
            Some(bytes) => {
                written.push(path.clone());
                after.insert(path, bytes);
            }
            None => {
                after.remove(&path);
                removed.push(path);
            }
        }
    }
    let told = [("saved", &written), ("deleted", &removed)];
    for (what, paths) in told.into_iter().filter(|(_, paths)| !paths.is_empty()) {
        crate::host::tell(&format!("{what} in {} by a page: {}", rules.folder, paths.join(", ")));
    }
    let findings = rules.findings(asked);
    Ok(json!({ "etag": Files(after).tag(), "written": written, "removed": removed, "findings": findings }))
}

impl Rules {
    /// What `waft lint` says of what is there now. A draft may have errors: it is not released.
    fn findings(&self, asked: &Asked) -> Json {
        let options = lint::Options { ruleset: self.folder.clone(), format: Format::Json, ..lint::Options::default() };
        let quiet = asked.like();
        lint::run(&options, &quiet);
        let mut findings: Json = serde_json::from_str(&quiet.printed().join("\n")).unwrap_or_default();
        for finding in findings.as_array_mut().into_iter().flatten() {
            if let Some(file) = finding["file"].as_str().map(|file| self.relative(file)) {
                finding["file"] = file.into();
            }
        }
        findings
    }
}

/// Writes all files beside their places, and then gives them their names. After a failure all are as they were.
fn write(root: &Path, before: &Files, changes: &BTreeMap<String, Option<Vec<u8>>>) -> Result<(), String> {
    let mut waiting = Vec::new();
    for (path, bytes) in changes {
        let Some(bytes) = bytes else { continue };
        waiting.push((path, beside(&root.join(path), bytes).map_err(|error| format!("{path}: {error}"))?));
    }
    let mut done = Vec::new();
    let renamed = waiting.into_iter().map(|(path, file)| (path, file.commit()));
    let removed = changes.iter().filter(|(_, bytes)| bytes.is_none());
    let removed = removed.map(|(path, _)| (path, fs::remove_file(root.join(path))));
    for (path, ended) in renamed.chain(removed) {
        if let Err(error) = ended {
            let failed = put_back(root, before, &done);
            return Err(format!("{path}: {error}{failed}"));
        }
        done.push(path.as_str());
    }
    Ok(())
}

fn beside(path: &Path, bytes: &[u8]) -> io::Result<Destination> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = Destination::open(path, Readers::Others)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// What could not be put back, for the message.
fn put_back(root: &Path, before: &Files, done: &[&str]) -> String {
    let is_lost = |path: &&&str| {
        let place = root.join(path);
        match before.0.get(**path) {
            Some(bytes) => destination::write(&place, bytes).is_err(),
            None => fs::remove_file(place).is_err(),
        }
    };
    let lost: Vec<&str> = done.iter().filter(is_lost).copied().collect();
    if lost.is_empty() { String::new() } else { format!("; and not as before: {}", lost.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_are_written_or_none() {
        let root = tempfile::tempdir().unwrap();
        let text = |name: &str| fs::read_to_string(root.path().join(name)).ok();
        fs::write(root.path().join("a.yaml"), "a").unwrap();
        let before =
            Files([("a.yaml", "a"), ("gone.yaml", "gone")].map(|(path, text)| (path.to_owned(), text.into())).into());
        let changed = |removed: &str| {
            [("a.yaml", Some("A")), ("flags/new.yaml", Some("new")), (removed, None)]
                .map(|(path, text)| (path.to_owned(), text.map(Vec::from)))
                .into()
        };
        // What is to go is gone already.
        let error = write(root.path(), &before, &changed("gone.yaml")).unwrap_err();
        assert!(error.starts_with("gone.yaml: ") && !error.contains("not as before"), "{error}");
        assert_eq!((text("a.yaml").as_deref(), text("flags/new.yaml")), (Some("a"), None));
        fs::write(root.path().join("b.yaml"), "b").unwrap();
        write(root.path(), &before, &changed("b.yaml")).unwrap();
        assert_eq!(text("a.yaml").as_deref(), Some("A"));
        assert_eq!((text("flags/new.yaml").as_deref(), text("b.yaml")), (Some("new"), None));
        let left = fs::read_dir(root.path()).unwrap().count();
        assert_eq!(left, 2, "no file that was written beside");
    }
}
