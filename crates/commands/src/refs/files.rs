//! The files that are searched: what git would keep of a folder. Links are not followed, as git does not, so there are no circles.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::rc::Rc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::language;
use crate::host::{EntryKind, Host};

/// Folders that are never searched.
const FOREIGN: [&str; 4] = [".git", ".hg", ".svn", "node_modules"];
const IGNORE: &str = ".gitignore";

/// Files by where they lie, with all links followed, and what is wrong with others.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// As they are shown.
    pub(super) found: BTreeMap<String, String>,
    /// What could not be looked into, and why: what is found may not be all.
    pub(super) unreadable: Vec<(String, String)>,
}

/// What git ignores in a folder and below: its own rules, and then those of the folder above.
struct Rules {
    own: Gitignore,
    /// Of how many bytes the folder's path consists in those of its entries, with the slash behind it.
    prefix: usize,
    above: Option<Rc<Rules>>,
}

/// A folder to look into.
struct Folder {
    /// As it is shown.
    path: String,
    /// From the top of the repository on: empty, or with a slash at its end.
    within: String,
    rules: Option<Rc<Rules>>,
}

impl Files {
    /// Adds the files of a folder and all below it; or a file, whatever its name.
    pub(super) fn add(&mut self, host: &dyn Host, path: &str, also: &[String]) -> Result<(), String> {
        let fail = |error| format!("{path}: {error}");
        let real = host.real(path).map_err(fail)?.replace('\\', "/");
        match host.entries(path) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                self.found.entry(real).or_insert_with(|| path.to_owned());
                return Ok(());
            }
            Err(error) => return Err(fail(error)),
        }
        let shown = match path.trim_end_matches('/') {
            "" => "/",
            "." => "",
            shown => shown,
        };
        let top = top(host, &real);
        let within = match real.strip_prefix(&top).map(|below| below.trim_matches('/')) {
            None | Some("") => String::new(),
            Some(below) => format!("{below}/"),
        };
        let rules = self.rules_above(host, &top, &within);
        let root = within.len();
        let mut waiting = vec![Folder { path: shown.to_owned(), within, rules }];
        while let Some(folder) = waiting.pop() {
            self.enter(host, folder, (&real, root), also, &mut waiting);
        }
        Ok(())
    }

    /// Takes the files of a folder; leaves the folders in it for later.
    fn enter(
        &mut self,
        host: &dyn Host,
        folder: Folder,
        (real, root): (&str, usize),
        also: &[String],
        waiting: &mut Vec<Folder>,
    ) {
        let Folder { path, within, rules } = folder;
        let listed = host.entries(if path.is_empty() { "." } else { &path });
        let entries = match listed {
            Ok(entries) => entries,
            Err(error) => return self.unreadable.push((path, error.to_string())),
        };
        let join = |name: &str| match path.as_str() {
            "" => name.to_owned(),
            folder if folder.ends_with('/') => format!("{folder}{name}"),
            folder => format!("{folder}/{name}"),
        };
        let has_own = entries.iter().any(|entry| entry.name == IGNORE && entry.kind != EntryKind::Folder);
        let rules = if has_own { self.rules(host, &join(IGNORE), within.len(), rules) } else { rules };
        for entry in entries {
            let is_folder = entry.kind == EntryKind::Folder;
            let inner = format!("{within}{}", entry.name);
            let is_searched = match entry.kind {
                EntryKind::Folder => !FOREIGN.contains(&entry.name.as_str()),
                // One without an ending may be a folder.
                EntryKind::NotUtf8 if language::ending(&entry.name).is_none() => true,
                EntryKind::File | EntryKind::Other | EntryKind::NotUtf8 => language::is_searched(&entry.name, also),
            };
            if !is_searched || is_ignored(rules.as_deref(), &inner, is_folder) {
                continue;
            }
            match entry.kind {
                EntryKind::Folder => {
                    waiting.push(Folder { path: join(&entry.name), within: inner + "/", rules: rules.clone() });
                }
                EntryKind::File => {
                    let key = format!("{}/{}", real.trim_end_matches('/'), inner.get(root..).unwrap_or_default());
                    self.found.entry(key).or_insert_with(|| join(&entry.name));
                }
                EntryKind::NotUtf8 => {
                    self.unreadable.push((join(&entry.name), "a name that is not UTF-8: rename it".to_owned()));
                }
                // What links lead to lies elsewhere, or in the folder under its own name. Pipes and devices have no text.
                EntryKind::Other => {}
            }
        }
    }

    /// What the folders above say, from the top of the repository on.
    fn rules_above(&mut self, host: &dyn Host, top: &str, within: &str) -> Option<Rc<Rules>> {
        let mut rules = None;
        let above = within.match_indices('/').map(|(at, _)| at + 1);
        // Not the last: it is what is searched.
        let above = (!within.is_empty()).then_some(0).into_iter().chain(above).filter(|at| *at < within.len());
        for at in above {
            let path = format!("{top}/{}{IGNORE}", within.get(..at).unwrap_or_default());
            rules = self.rules(host, &path, at, rules);
        }
        rules
    }

    fn rules(&mut self, host: &dyn Host, path: &str, prefix: usize, above: Option<Rc<Rules>>) -> Option<Rc<Rules>> {
        let text = match host.read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            // One above may be absent.
            Err(error) if error.kind() == ErrorKind::NotFound => return above,
            Err(error) => {
                self.unreadable.push((path.to_owned(), error.to_string()));
                return above;
            }
        };
        // Without a folder of its own, it takes paths as they are given.
        let mut builder = GitignoreBuilder::new("");
        for line in text.trim_start_matches('\u{feff}').lines() {
            if let Err(error) = builder.add_line(None, line) {
                self.unreadable.push((path.to_owned(), error.to_string()));
            }
        }
        match builder.build() {
            Ok(own) => Some(Rc::new(Rules { own, prefix, above })),
            Err(error) => {
                self.unreadable.push((path.to_owned(), error.to_string()));
                above
            }
        }
    }
}

/// Whether git ignores an entry: the rules of the innermost folder that say something of it decide.
fn is_ignored(mut rules: Option<&Rules>, path: &str, is_folder: bool) -> bool {
    while let Some(Rules { own, prefix, above }) = rules {
        match own.matched(path.get(*prefix..).unwrap_or_default(), is_folder) {
            Match::Ignore(_) => return true,
            Match::Whitelist(_) => return false,
            Match::None => rules = above.as_deref(),
        }
    }
    false
}

/// The top of the repository that a folder lies in; without one, the folder itself.
fn top(host: &dyn Host, real: &str) -> String {
    let mut folder = real.trim_end_matches('/');
    loop {
        let above = if folder.is_empty() { "/" } else { folder };
        if host.entries(above).is_ok_and(|entries| entries.iter().any(|entry| entry.name == ".git")) {
            return folder.to_owned();
        }
        match folder.rsplit_once('/') {
            Some((above, _)) => folder = above,
            None => return real.trim_end_matches('/').to_owned(),
        }
    }
}
