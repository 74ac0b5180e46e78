//! Ramps of the rules: where they are, and changes of the text by which they stop, go on and rise, as `waft ramp` makes them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use waft_commands::ramp::{self, Change, Known};

use super::files::Files;
use super::kept::Rules;
use crate::serve::desk::{Asked, Refused};

pub(super) fn state(rules: &Rules, asked: &Asked) -> Result<Json, Refused> {
    let tag = rules.files(asked)?.tag();
    asked.done(ramp::status(&rules.known(), true, asked))?;
    let ramps: Json =
        serde_json::from_str(&asked.printed().join("\n")).map_err(|error| Refused::broken(&error.to_string()))?;
    Ok(json!({ "etag": tag, "ramps": ramps }))
}

/// Which ramp is meant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    ramp: String,
    environment: Option<String>,
    /// Somebody approved its next step.
    #[serde(default)]
    approved: bool,
}

pub(super) fn change(
    rules: &Rules,
    asked: &Asked,
    tag: Option<&str>,
    change: &Change,
    which: Which,
) -> Result<Json, Refused> {
    let Which { ramp, environment, approved } = which;
    if approved && !matches!(change, Change::Advance { .. }) {
        return Err(Refused::usage("approved: is for advance alone"));
    }
    let before = rules.unchanged(asked, tag)?;
    let environment = environment.or_else(|| rules.known().environment);
    let known = Known { ramp: Some(ramp), environment, approved, ..rules.known() };
    for file in known.files(asked).map_err(|error| Refused::failed(&error))? {
        rules.check_own(&rules.relative(&file))?;
    }
    asked.done(ramp::run(change, &known, asked))?;
    let Files(after) = rules.files(asked)?;
    let changed: BTreeMap<_, _> = after
        .iter()
        .filter(|(path, bytes)| before.0.get(*path) != Some(bytes))
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect();
    let changed = Files(changed).json()?;
    Ok(json!({ "etag": Files(after).tag(), "files": changed }))
}

impl Rules {
    fn known(&self) -> Known {
        Known {
            ruleset: self.folder.clone(),
            environment: self.environment.clone(),
            records: Some(self.records.clone()),
            ..Known::default()
        }
    }
}
