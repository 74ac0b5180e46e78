//! The kills of a history of releases, as reports take them.

use std::path::Path;

use waft_commands::delivery::verify;
use waft_commands::host::Host;
use waft_commands::records::{self, History};
use waft_ruleset::{Kill, Ruleset};

/// Files of the trust that pages are built with, and of the documents that follow it, in order of their numbers.
pub(crate) struct Trusts {
    pub(crate) first: String,
    pub(crate) documents: Vec<String>,
}

/// Kills of an environment, and what is odd about them, in sentences. Without a folder that was named, `releases` is read if it exists. With a
/// trust, it is verified who signed them, by the trust of each time; what a key signed that was out by then does not count.
pub(crate) fn read(
    host: &dyn Host,
    folder: Option<&str>,
    trust: Option<&Trusts>,
    ruleset: &Ruleset,
    environment: &str,
) -> Result<(Vec<Kill>, Vec<String>), String> {
    let mut history = match folder {
        Some(folder) if !records::is_bucket(folder) && !Path::new(folder).is_dir() => {
            return Err(format!("--records {folder}: not a folder"));
        }
        Some(folder) => History::read(host, folder)?,
        None if Path::new(records::FOLDER).is_dir() => History::read(host, records::FOLDER)?,
        None => History::default(),
    };
    let project = ruleset.project.as_str();
    let mut warnings = Vec::new();
    if let Some(trust) = trust {
        let records = folder.unwrap_or(records::FOLDER).to_owned();
        let options = verify::Options { records, trust: trust.first.clone(), trust_documents: trust.documents.clone() };
        let told = history.verify(&verify::known(&options, host, &history)?)?;
        warnings.extend(told.unknown);
        let (files, late): (Vec<_>, Vec<_>) = told.late.into_iter().unzip();
        warnings.extend(late);
        history.ignore(files);
    }
    let kills = history.kills(project, environment);
    warnings.extend(history.warnings(project, environment, host.now()));
    let unknown = |kill: &&Kill| ruleset.flags.iter().all(|flag| flag.name != kill.flag);
    for Kill { flag, record, .. } in kills.iter().filter(|kill| kill.until.is_none()).filter(unknown) {
        warnings.push(format!(
            "{record}: the ruleset has no flag `{flag}`, so that its kill ends nothing: if it was removed, take it off the list with \
             `waft unkill {flag}`; if it is misspelt, kill the right one"
        ));
    }
    Ok((kills, warnings))
}
