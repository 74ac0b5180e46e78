//! A folder, and `waft` run in it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A ruleset that builds.
pub(crate) const RULESET: &str = "project: shop
environments: { production: {} }
attributes: { id: string }
units: { one: { attribute: id } }
flags:
  new: { type: boolean, whenOff: off, default: on }
";

/// The program under test: `waft`, or that of the variable, such as `node pkg/bin/waft.mjs` by its whole path.
const PROGRAM: &str = "WAFT_PROGRAM";

/// The program under test, as a line of shell begins.
pub(crate) fn program() -> String {
    std::env::var(PROGRAM).unwrap_or_else(|_| env!("CARGO_BIN_EXE_waft").to_owned())
}

/// Whether the program under test has the command of a line: `npx waft` has neither server nor database.
pub(crate) fn has(line: &str) -> bool {
    std::env::var_os(PROGRAM).is_none()
        || ![" serve ", " publish ", " report ", " guard "].iter().any(|name| format!(" {line} ").contains(name))
}

/// A temporary folder with `rules/waft.yaml`; gone when dropped.
pub(crate) struct Bench(tempfile::TempDir);

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Bench(tempfile::tempdir().unwrap());
        bench.put("rules/waft.yaml", RULESET);
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// A file's text.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn link(&self, to: &str, name: &str) {
        std::os::unix::fs::symlink(to, self.path(name)).unwrap();
    }

    /// Runs a line of shell in the folder, in which `$W` is the program under test, and `$NATIVE` is waft. What hangs is ended after 20 seconds, with code 124.
    pub(crate) fn sh(&self, line: &str) -> Output {
        self.sh_within("20", line)
    }

    /// See [`Bench::sh`]; ended after these seconds.
    pub(crate) fn sh_within(&self, seconds: &str, line: &str) -> Output {
        let mut command = Command::new("timeout");
        let native = env!("CARGO_BIN_EXE_waft");
        command
            .args([seconds, "bash", "-c", line])
            .current_dir(self.0.path())
            .env("W", program())
            .env("NATIVE", native);
        command.env("B", "rules --environment production --version 1").output().unwrap()
    }

    /// See [`Bench::sh`]; it must end well.
    pub(crate) fn done(&self, line: &str) -> Output {
        let output = self.sh(line);
        assert!(output.status.success(), "{line}: {output:?}");
        output
    }

    /// What `waft lint` finds: code and file.
    pub(crate) fn lint(&self, arguments: &str) -> Vec<(String, String)> {
        let output = self.sh(&format!("$W lint {arguments} --format json"));
        let found: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        let text = |one: &serde_json::Value, field: &str| one[field].as_str().unwrap().to_owned();
        found.as_array().unwrap().iter().map(|one| (text(one, "code"), text(one, "file"))).collect()
    }
}
