//! What somebody wants saved, and whether it may be: files of rules in the folder, and no others.

use std::collections::BTreeMap;
use std::fs;

use axum::http::StatusCode;
use serde::Deserialize;
use waft_ruleset::escape;

use super::files::{self, Files};
use super::kept::Rules;
use crate::folder;
use crate::serve::desk::Refused;

/// The longest part of a path, in bytes, and how many parts it may have.
const PART_BYTES: usize = 200;
const PARTS: usize = 10;
/// What some systems take for something else in a name.
const ODD: [char; 9] = ['\\', ':', '*', '?', '"', '<', '>', '|', '\u{7f}'];
/// What Windows takes for a device, whatever its ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Files that change: their new text, or nothing for those that are deleted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Draft {
    files: BTreeMap<String, Option<String>>,
}

impl Draft {
    /// What really changes, if all of it may. The text of a file that goes is `None`.
    pub(super) fn check(self, rules: &Rules, before: &Files) -> Result<BTreeMap<String, Option<Vec<u8>>>, Refused> {
        let mut changes = BTreeMap::new();
        let mut after = before.0.clone();
        for (path, text) in self.files {
            rules.check_own(&path)?;
            let bytes = text.map(String::into_bytes);
            if bytes.as_ref() == before.0.get(&path) {
                continue;
            }
            match &bytes {
                Some(bytes) => after.insert(path.clone(), bytes.clone()),
                None => after.remove(&path),
            };
            changes.insert(path, bytes);
        }
        files::check_sizes(&after).map_err(|error| Refused::new(StatusCode::BAD_REQUEST, "path", &error))?;
        // One of them would replace the other on systems that do not tell them apart.
        let mut known = BTreeMap::new();
        for path in after.keys() {
            if let Some(other) = known.insert(path.to_lowercase(), path) {
                return Err(refused(path, &format!("differs from {other} in letter case alone: choose another name")));
            }
        }
        Ok(changes)
    }
}

fn refused(path: &str, what: &str) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "path", &format!("{}: {what}; nothing was saved", escape::text(path)))
}

/// Whether `waft lint` would read a file by this path on every system, in the folder and not elsewhere.
fn check_path(path: &str) -> Result<(), String> {
    let parts: Vec<&str> = path.split('/').collect();
    if parts.len() > PARTS {
        return Err(format!("over {} folders deep", PARTS - 1));
    }
    for part in &parts {
        let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
        if part.is_empty() || part.starts_with('.') {
            return Err(
                "expected a path in the folder, such as flags/banner.yaml: no empty and no hidden part".to_owned()
            );
        }
        if part.len() > PART_BYTES {
            return Err(format!("a name has at most {PART_BYTES} bytes"));
        }
        if part.chars().any(|letter| letter.is_control() || ODD.contains(&letter))
            || part.ends_with(['.', ' '])
            || DEVICES.contains(&stem.as_str())
        {
            return Err("not a name on every system: use letters, digits, - and _".to_owned());
        }
    }
    let (folders, name) = parts.split_at(parts.len().saturating_sub(1));
    if folders.iter().any(|folder| folder::is_foreign(folder)) {
        return Err("a folder that other tools fill, which is not read".to_owned());
    }
    if !name.first().is_some_and(|name| folder::is_ruleset(name.as_ref())) {
        return Err("expected a file of rules: .yaml, .yml or .json".to_owned());
    }
    Ok(())
}

impl Rules {
    /// Refuses to write what is no file of rules in the folder itself.
    pub(super) fn check_own(&self, path: &str) -> Result<(), Refused> {
        check_path(path).and_then(|()| self.check_links(path)).map_err(|what| refused(path, &what))
    }

    /// Nothing is written through a link, wherever it leads, nor in the place of what is no file.
    fn check_links(&self, path: &str) -> Result<(), String> {
        let mut here = self.root.clone();
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            here.push(part);
            let Ok(found) = fs::symlink_metadata(&here) else { return Ok(()) };
            if found.is_symlink() {
                return Err("is a link, or in a linked folder: change it where it leads".to_owned());
            }
            if parts.peek().is_none() != found.is_file() {
                return Err("is not a file, or is in none of the folder's own folders".to_owned());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_of_rules_in_the_folder_alone() {
        for path in ["waft.yaml", "flags/banner.yml", "flags/größe/a b.test.yaml", "x.json"] {
            assert_eq!(check_path(path), Ok(()), "{path}");
        }
        for path in [
            "",
            "/",
            "/etc/x.yaml",
            "../x.yaml",
            "a/../../x.yaml",
            "./x.yaml",
            "a//x.yaml",
            "x.yaml/",
            ".x.yaml",
            ".git/x.yaml",
            "a/.hidden/x.json",
            "C:/x.yaml",
            "a\\..\\x.yaml",
            "x.yaml:stream",
            "a/x.yaml\0",
            "x.yaml ",
            "con.yaml",
            "a/NUL.json",
            "x.txt",
            "x.JSON",
            "x",
            "x.yaml.sh",
            "node_modules/x.json",
            "target/x.yaml",
            "a\nb.yaml",
            "1/2/3/4/5/6/7/8/9/10/x.yaml",
        ] {
            assert!(check_path(path).is_err(), "{path:?}");
        }
        assert!(check_path(&format!("{}.yaml", "x".repeat(PART_BYTES))).is_err());
    }
}
