//! Which file uses which, inside a crate or the package.

use std::collections::{BTreeMap, BTreeSet};

use crate::rust::Names;
use crate::source::{File, files};
use crate::typescript;

/// Modules by their path below `src`: `serve/store/table`, and for `mod.rs` its folder: `serve/store`. `lib` is `lib` or `main`.
pub struct Graph {
    /// Module -> the modules that it uses.
    pub edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// Of a crate: its folder, from the root.
    pub fn of_crate(folder: &str) -> Self {
        let source = format!("{folder}/src").trim_start_matches('/').to_owned();
        let modules: BTreeMap<String, Names> =
            files(&source, &["rs"]).iter().map(|file| (module(file, &source), Names::of(&file.text))).collect();
        let of = |(own, names): (&String, &Names)| {
            let uses = names.uses.values().flatten();
            let used = uses.chain(&names.paths).filter_map(|path| resolve(&modules, own, path, 0));
            (own.clone(), used.filter(|used| used != own).collect())
        };
        Self { edges: modules.iter().map(of).collect() }
    }

    /// Of TypeScript below a folder.
    pub fn of_typescript(folder: &str) -> Self {
        let of = |file: &File| {
            let own = file.path[folder.len() + 1..].trim_end_matches(".ts").to_owned();
            let used = typescript::imports(&file.text).into_iter().filter_map(|path| relative(&own, path));
            (own.clone(), used.filter(|used| *used != own).collect())
        };
        Self { edges: files(folder, &["ts"]).iter().map(of).collect() }
    }

    /// Groups of modules that all use each other, by whatever way.
    pub fn circles(&self) -> Vec<Vec<String>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.edges.keys().map(|from| (from.as_str(), self.reached(from))).collect();
        let circle = |from: &&str| -> Vec<String> {
            reached[from].iter().filter(|to| reached[**to].contains(from)).map(|to| (*to).to_owned()).collect()
        };
        let circles: BTreeSet<Vec<String>> = reached.keys().map(circle).filter(|circle| circle.len() > 1).collect();
        circles.into_iter().collect()
    }

    fn reached(&self, from: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut next = vec![from];
        while let Some(at) = next.pop() {
            for to in self.edges.get(at).into_iter().flatten() {
                // What is generated has no file here.
                if self.edges.contains_key(to) && reached.insert(to.as_str()) {
                    next.push(to);
                }
            }
        }
        reached
    }
}

/// The name of a file's module.
fn module(file: &File, source: &str) -> String {
    let path = &file.path[source.len() + 1..];
    match (file.stem(), path.rsplit_once('/')) {
        ("mod", Some((folder, _))) => folder.to_owned(),
        ("lib" | "main", None) => "lib".to_owned(),
        _ => path.trim_end_matches(".rs").to_owned(),
    }
}

/// The module in which what a path names is defined; `None` if it is of another crate, or a module as such. Names that a module
/// only passes on (`pub use`) are those of where they come from.
fn resolve(modules: &BTreeMap<String, Names>, own: &str, path: &[String], depth: usize) -> Option<String> {
    let child = |of: &str, name: &str| {
        let child = if of == "lib" { name.to_owned() } else { format!("{of}/{name}") };
        modules.contains_key(&child).then_some(child)
    };
    let parent = |of: &str| of.rsplit_once('/').map_or("lib", |(parent, _)| parent).to_owned();
    let (first, mut rest) = path.split_first()?;
    let mut at = match first.as_str() {
        "crate" => "lib".to_owned(),
        "self" => own.to_owned(),
        "super" => parent(own),
        name => match child(own, name) {
            Some(child) => child,
            None => return imported(modules, own, path, depth),
        },
    };
    while let Some((name, after)) = rest.split_first() {
        if name == "super" {
            at = parent(&at);
        } else if name == "*" {
            return Some(at);
        } else if let Some(child) = child(&at, name) {
            at = child;
        } else {
            return imported(modules, &at, rest, depth).or(Some(at));
        }
        rest = after;
    }
    None
}

/// Follows a name that a module has from a `use`.
fn imported(modules: &BTreeMap<String, Names>, module: &str, path: &[String], depth: usize) -> Option<String> {
    let (name, rest) = path.split_first()?;
    let mut found = modules[module].uses.get(name)?.iter().filter(|used| *used != path && depth < 8);
    found.find_map(|used| resolve(modules, module, &[used, rest].concat(), depth + 1))
}

/// An import as a module of the same folder's graph.
fn relative(own: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = own.split('/').collect();
    parts.pop();
    for part in path.trim_end_matches(".js").trim_end_matches(".ts").split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}
