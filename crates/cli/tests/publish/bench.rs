//! A folder with a key, a trust and signed snapshots.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

const RULESET: &str = "project: shop
environments: { production: {} }
attributes: { id: string }
units: { one: { attribute: id } }
flags:
  new: { type: boolean, whenOff: off, default: on }
";

/// A temporary folder with `key.pem`, `trust.json` and `1.waft` to `3.waft`, of versions 1 to 3; gone when dropped.
pub(crate) struct Bench(tempfile::TempDir);

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Bench(tempfile::tempdir().unwrap());
        fs::write(bench.path("rules.yaml"), RULESET).unwrap();
        let made = bench.done(&["keygen", "--out", "key.pem"]);
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let kid = made["kid"].as_str().unwrap();
        let trust = json!({
            "project": "shop", "environment": "production", "keys": { kid: made["publicKey"] },
            "require": [{ "role": "publisher", "keys": [kid] }],
        });
        fs::write(bench.path("trust.json"), trust.to_string()).unwrap();
        for version in 1..=3 {
            bench.snapshot(version, &format!("{version}.waft"));
        }
        bench
    }

    /// With keys for all that is in a head, and for trust documents: `freshness.pem`, `kill.pem`, `root.pem`.
    pub(crate) fn with_heads() -> Self {
        let bench = Bench::new();
        let mut trust = bench.trust();
        for role in ["freshness", "kill", "root"] {
            let made = bench.done(&["keygen", "--out", &format!("{role}.pem")]).stdout;
            let made: Value = serde_json::from_slice(&made).unwrap();
            let kid = made["kid"].as_str().unwrap();
            trust["keys"][kid] = made["publicKey"].clone();
            trust["require"].as_array_mut().unwrap().push(json!({ "role": role, "keys": [kid] }));
        }
        fs::write(bench.path("trust.json"), trust.to_string()).unwrap();
        bench
    }

    /// What TRUST.json says.
    pub(crate) fn trust(&self) -> Value {
        serde_json::from_slice(&self.read("trust.json")).unwrap()
    }

    /// Signs a pointer to a version, in a head's file.
    pub(crate) fn point(&self, head: &str, version: u64, more: &[&str]) {
        let snapshot = format!("{version}.waft");
        let arguments = ["head", "refresh", "--head", head, "--snapshot", &snapshot, "--trust", "trust.json"];
        self.done(&[&arguments[..], &["--key", "freshness.pem"], more].concat());
    }

    /// Signs the next kill list, in a head's file: `kill` or `unkill`.
    pub(crate) fn kill(&self, command: &str, flag: &str, head: &str) {
        self.done(&[command, flag, "--head", head, "--trust", "trust.json", "--key", "kill.pem"]);
    }

    /// `waft publish --to TO ARGUMENTS`, which must succeed: what was printed.
    pub(crate) fn put(&self, to: &str, arguments: &[&str]) -> Value {
        let output = self.done(&[&["publish", "--to", to, "--trust", "trust.json"], arguments].concat());
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The same, which must fail: the message.
    pub(crate) fn refuse_put(&self, to: &str, arguments: &[&str]) -> String {
        let output = self.waft(&["publish", "--to", to, "--trust", "trust.json"]).args(arguments).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"".as_slice()), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// The same, started.
    pub(crate) fn start_put(&self, to: &str, arguments: &[&str]) -> Child {
        let mut command = self.waft(&["publish", "--to", to, "--trust", "trust.json"]);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// What a page takes of a head, alone or with a snapshot behind it: as `waft verify` prints it.
    pub(crate) fn taken(&self, file: &Path) -> Value {
        let output = self.done(&["verify", file.to_str().unwrap(), "--trust", "trust.json"]);
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Builds and signs the rules.
    pub(crate) fn snapshot(&self, version: u64, file: &str) {
        let version = version.to_string();
        self.done(&["build", "rules.yaml", "--environment", "production", "--version", &version, "--out", file]);
        self.done(&["sign", file, "--key", "key.pem", "--role", "publisher"]);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn waft(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_waft"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command.env_remove("WAFT_PUBLISH_AUTHORIZATION");
        command
    }

    pub(crate) fn done(&self, arguments: &[&str]) -> Output {
        let output = self.waft(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        output
    }

    /// `waft publish N.waft --to TO`, with further arguments.
    pub(crate) fn publisher(&self, version: u64, to: &str, more: &[&str]) -> Command {
        let file = format!("{version}.waft");
        let mut command = self.waft(&["publish", &file, "--to", to, "--trust", "trust.json"]);
        command.args(more);
        command
    }

    /// What was printed as JSON.
    pub(crate) fn publish(&self, version: u64, to: &str, more: &[&str]) -> Value {
        let output = self.publisher(version, to, more).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The message of a publisher that fails.
    pub(crate) fn refuse(&self, version: u64, to: &str, more: &[&str]) -> String {
        let output = self.publisher(version, to, more).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"".as_slice()), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    pub(crate) fn start(&self, version: u64, to: &str, more: &[&str]) -> Child {
        self.publisher(version, to, more).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The version of a file that a page with the trust adopts.
    pub(crate) fn adopted(&self, file: &Path) -> u64 {
        let output = self.done(&["verify", file.to_str().unwrap(), "--trust", "trust.json"]);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["version"].as_u64().unwrap()
    }
}

/// The files of a folder, sorted, without those that nobody is served.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}
