//! What is said of a file beforehand.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::layout::Said;

/// What is said of a file beforehand; the rest is found out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// How it is written.
    pub layout: Said,
    /// Which attribute a column fills, by its name: null for none.
    pub columns: BTreeMap<String, Option<String>>,
    /// How an attribute's numbers or dates are written.
    pub forms: BTreeMap<String, String>,
    /// All values that attributes should have.
    pub enums: BTreeMap<String, Vec<String>>,
    /// How much memory columns may take, in bytes; no limit if absent.
    pub memory: Option<usize>,
    /// Which people stay of a file that takes more memory. With 0 reading stops.
    pub seed: u64,
}
