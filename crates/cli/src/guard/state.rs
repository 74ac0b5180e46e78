//! What people know: a small file, replaced as a whole.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use serde::{Deserialize, Serialize};
use waft_commands::host::Host;

/// All conditions that somebody was told of, or is to be.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// `project/environment`.
    pub(crate) set: String,
    /// By the condition's key.
    pub(crate) known: BTreeMap<String, Known>,
}

/// A condition.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Known {
    /// As it was at the last look: `found`, `waits`, `off`, `failed` or, once it is over, `resolved`.
    pub(crate) state: String,
    /// Since when, in milliseconds since 1970. The message's id is made of it, so that one which is sent again is the same.
    pub(crate) since: i64,
    /// In a sentence.
    pub(crate) says: String,
    /// The last state that each channel was told of.
    pub(crate) told: BTreeMap<String, String>,
}

impl State {
    /// Reads the file. One that does not exist, or cannot be read as one, is as none: people are rather told twice than not at all.
    pub(crate) fn read(host: &dyn Host, path: &str) -> Result<Self, String> {
        match host.read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(State::default()),
            Err(error) => Err(format!("--state {path}: {error}")),
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                host.err(&format!(
                    "waft: warning: --state {path}: {error}: begun anew, so that people may be told again"
                ));
                State::default()
            })),
        }
    }

    pub(crate) fn write(&self, host: &dyn Host, path: &str) -> Result<(), String> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| error.to_string())?;
        host.write(path, &bytes).map_err(|error| format!("--state {path}: {error}: people will be told again"))
    }
}
