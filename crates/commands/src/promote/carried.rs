//! What is carried, and the texts that it is carried in.

use serde::Serialize;
use serde_json::Value as Json;
use waft_ruleset::finding::Place;
use waft_ruleset::source::{Entry, Node, SourceFile};

/// A byte order mark, which some editors write.
const MARK: &str = "\u{feff}";

/// A key of a flag that differs between the environments.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Carried {
    pub(super) flag: String,
    pub(super) key: String,
    /// As it is for the first environment; absent if the flag's own key counts there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Json>,
    #[serde(skip)]
    pub(super) file: usize,
    /// Where the second environment says otherwise.
    #[serde(skip)]
    pub(super) against: Option<Place>,
}

pub(super) fn child<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.entries()?.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

pub(super) fn entries(node: &Node) -> &[Entry] {
    node.entries().unwrap_or(&[])
}

/// A file's byte order mark, and what is behind it.
pub(super) fn text_of(file: &SourceFile) -> Option<(&'static str, &str)> {
    let text = str::from_utf8(&file.bytes).ok()?;
    Some(text.strip_prefix(MARK).map_or(("", text), |text| (MARK, text)))
}

pub(super) fn with_text(file: &mut SourceFile, mark: &str, text: &str) {
    file.bytes = format!("{mark}{text}").into_bytes();
}
