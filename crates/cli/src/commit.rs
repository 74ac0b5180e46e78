//! The files of a commit, by git.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::child;

/// How long a command of git may take.
const LONGEST: Duration = Duration::from_secs(60);

/// Calls a function with a copy of what is at `COMMIT:PATH`, as `git show` takes it. The copy is a folder of its own, or a file in one, and is
/// removed afterwards. Neither the index nor the files of the repository change.
pub(crate) fn at(source: &str, seen: &mut dyn FnMut(&str) -> Result<(), String>) -> Result<(), String> {
    let named = |error: String| format!("{source}: {error}");
    let folder = tempfile::tempdir().map_err(|error| named(error.to_string()))?;
    let (index, copy) = (folder.path().join("index"), folder.path().join("rules"));
    let git = |arguments: &[&str]| git(arguments, &index).map_err(named);
    let top = git(&["rev-parse", "--show-toplevel"])?;
    // Of a file, the folder that it lies in: list files do, too.
    let is_file = git(&["cat-file", "-t", source])? == "blob";
    let (tree, file) = match source.rsplit_once(['/', ':']).filter(|_| is_file) {
        Some((tree, file)) if tree.contains(':') => (tree.to_owned(), file),
        Some((commit, file)) => (format!("{commit}:"), file),
        None => (source.to_owned(), ""),
    };
    let tree = git(&["rev-parse", "--verify", "--end-of-options", &tree])?;
    git(&["read-tree", &tree])?;
    let prefix = format!("--prefix={}/", copy.display());
    git(&["-C", &top, "checkout-index", "--all", &prefix])?;
    seen(&copy.join(file).to_string_lossy())
}

/// What git answers, without the line's end; or what it says is wrong. It asks nobody, and fetches nothing.
fn git(arguments: &[&str], index: &Path) -> Result<String, String> {
    let mut command = Command::new("git");
    command.args(arguments).env("GIT_INDEX_FILE", index).env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().map_err(|error| format!("git: {error}"))?;
    let code = child::wait(&mut running, Instant::now() + LONGEST).map_err(|error| format!("git: {error}"))?;
    let said = running.wait_with_output().map_err(|error| format!("git: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    match code {
        Some(0) => Ok(text(&said.stdout)),
        _ => Err(format!("git {}: {}", arguments.first().unwrap_or(&""), text(&said.stderr))),
    }
}
