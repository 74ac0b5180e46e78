//! The files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders and files that are not kept: what is installed, built, or written by a tool.
pub const BUILT: &[&str] = &[
    "target",
    "node_modules",
    "examples/node-server/dist",
    "examples/svelte/dist",
    "examples/vite-react/dist",
    "examples/vue/dist",
    "pkg/build",
    "pkg/dist",
    "pkg/engine",
    "pkg/node",
    "pkg/src/engine/engine-wasm.ts",
    "pkg/src/engine/integrity.ts",
    "pkg/studio",
    "pkg/workbench",
    "studio/dist",
    "tests/fuzz/artifacts",
    "tests/fuzz/corpus",
    "tests/fuzz/coverage",
    "waft.d.ts",
    "www/dist",
];

/// A file of the repository.
pub struct File {
    /// From the root, with `/`.
    pub path: String,
    /// Its content.
    pub text: String,
}

impl File {
    /// Without folder and extension.
    pub(crate) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.split('.').next().unwrap_or_default()
    }
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// All paths below a folder, given from the root ("" for all), sorted; what was built or installed is left out.
pub fn paths(folder: &str) -> Vec<String> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = path.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let own = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
            if BUILT.contains(&own.as_str()) || BUILT.contains(&name) {
                continue;
            }
            if !path.is_dir() {
                found.push(own);
            } else if !name.starts_with('.') {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

/// All files below a folder with one of these extensions.
pub fn files(folder: &str, extensions: &[&str]) -> Vec<File> {
    let wanted = |path: &String| path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension));
    let read = |path: String| File { text: fs::read_to_string(root().join(&path)).unwrap(), path };
    paths(folder).into_iter().filter(wanted).map(read).collect()
}
