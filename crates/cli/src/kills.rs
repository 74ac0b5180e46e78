//! The kills of a history of releases, as reports take them.

use std::path::Path;

use waft_commands::host::Host;
use waft_commands::records::{self, History};
use waft_compile::trust;
use waft_ruleset::{Kill, Ruleset};

/// Kills of an environment, and what is odd about them, in sentences. Without a folder that was named, `releases` is read if it exists. With a
/// trust, it is verified who signed them.
pub(crate) fn read(
    host: &dyn Host,
    folder: Option<&str>,
    trust: Option<&str>,
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
    if let Some(path) = trust {
        let told = |error: String| format!("{path}: {error}");
        let text = host.read(path).map_err(|error| told(error.to_string()))?;
        let text = String::from_utf8(text).map_err(|_| told("not UTF-8 text".to_owned()))?;
        warnings.extend(history.verify(&trust::read(&text).map_err(told)?)?);
    }
    let unknown = |kill: &&Kill| ruleset.flags.iter().all(|flag| flag.name != kill.flag);
    for Kill { flag, record, .. } in kills.iter().filter(|kill| kill.until.is_none()).filter(unknown) {
        warnings.push(format!(
            "{record}: the ruleset has no flag `{flag}`, so that its kill ends nothing: if it was removed, take it off the list with \
             `waft unkill {flag}`; if it is misspelt, kill the right one"
        ));
    }
    Ok((kills, warnings))
}
