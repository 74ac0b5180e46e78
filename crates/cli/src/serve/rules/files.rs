//! The files of a folder of rules, as they are now: those that `waft lint` reads there, and rule tests.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use waft_ruleset::source::FILE_BYTES;

use crate::serve::desk::Refused;

/// How many files there may be, and how large they may be together.
pub(super) const MOST_FILES: usize = 2_000;
pub(super) const TOTAL_BYTES: usize = 16 << 20;

/// Files by their paths in the folder, with `/` in between.
pub(super) struct Files(pub(super) BTreeMap<String, Vec<u8>>);

/// Refuses what is more than a page takes, and commands.
pub(super) fn check_sizes(files: &BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    if let Some((path, _)) = files.iter().find(|(_, bytes)| bytes.len() > FILE_BYTES) {
        return Err(format!("{path}: over {FILE_BYTES} bytes: a ruleset's file has no more"));
    }
    let total: usize = files.values().map(Vec::len).sum();
    if files.len() > MOST_FILES || total > TOTAL_BYTES {
        let is = format!("{} files with {total} bytes", files.len());
        return Err(format!(
            "{is}: at most {MOST_FILES} with {TOTAL_BYTES} are edited in a page: name the ruleset's own folder"
        ));
    }
    Ok(())
}

impl Files {
    /// A strong ETag: half a SHA-256 of all names and contents.
    pub(super) fn tag(&self) -> String {
        let mut hash = Sha256::new();
        for (path, bytes) in &self.0 {
            for part in [path.as_bytes(), bytes] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        let digits: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("\"{digits}\"")
    }

    /// As texts. What is none would be lost by being edited.
    pub(super) fn json(&self) -> Result<Json, Refused> {
        let mut texts = BTreeMap::new();
        for (path, bytes) in &self.0 {
            let text = std::str::from_utf8(bytes)
                .map_err(|_| Refused::failed(&format!("{path}: not UTF-8 text: save it as UTF-8")))?;
            texts.insert(path.as_str(), text);
        }
        Ok(json!(texts))
    }
}
