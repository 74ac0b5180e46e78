//! The kills of a history of releases, as reports take them.

use std::path::Path;

use waft_commands::host::Host;
use waft_commands::records::{self, History, Killed};
use waft_report::Kill;
use waft_ruleset::Ruleset;

/// Kills of an environment, and what is odd about them, in sentences. Without a folder that was named, `releases` is read if it exists.
pub(crate) fn read(
    host: &dyn Host,
    folder: Option<&str>,
    ruleset: &Ruleset,
    environment: &str,
) -> Result<(Vec<Kill>, Vec<String>), String> {
    let history = match folder {
        Some(folder) if !Path::new(folder).is_dir() => return Err(format!("--records {folder}: not a folder")),
        Some(folder) => History::read(host, folder)?,
        None if Path::new(records::FOLDER).is_dir() => History::read(host, records::FOLDER)?,
        None => History::default(),
    };
    let project = ruleset.project.as_str();
    let kills = history.kills(project, environment);
    let mut warnings = history.warnings(project, environment, host.now());
    let unknown = |kill: &&Killed| ruleset.flags.iter().all(|flag| flag.name != kill.flag);
    for Killed { flag, record, .. } in kills.iter().filter(|kill| kill.until.is_none()).filter(unknown) {
        warnings.push(format!(
            "{record}: the ruleset has no flag `{flag}`, so that its kill ends nothing: if it was removed, take it off the list with \
             `waft unkill {flag}`; if it is misspelt, kill the right one"
        ));
    }
    let kill = |Killed { flag, at, until, by, why, record }| Kill { flag, at, until, by, why, record };
    Ok((kills.into_iter().map(kill).collect(), warnings))
}
