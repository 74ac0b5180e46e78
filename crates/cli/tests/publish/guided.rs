//! The commands of docs/releases.md, section Publishing, as they are written there.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::bench::Bench;
use crate::guide::commands;
use crate::origin::Origin;

fn run(bench: &Bench, line: &str) {
    let programs = Path::new(env!("CARGO_BIN_EXE_waft")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("bash");
    shell.args(["-c", line]).current_dir(bench.path("")).stdin(Stdio::null());
    let output = shell.env("PATH", path).env("TOKEN", "t").output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
}

#[test]
fn each_command_of_trust_documents_runs() {
    let bench = Bench::with_heads();
    fs::rename(bench.path("1.waft"), bench.path("snapshot.waft")).unwrap();
    // Its key is that of `ci`.
    let mut trust: serde_json::Value = serde_json::from_slice(&bench.read("trust.json")).unwrap();
    let kid = trust["require"][0]["keys"][0].as_str().unwrap().to_owned();
    trust["holders"] = serde_json::json!({ kid: "ci" });
    fs::write(bench.path("trust.json"), trust.to_string()).unwrap();
    fs::write(bench.path("ci-2.json"), bench.done(&["keygen", "--out", "ci-2.pem"]).stdout).unwrap();
    let lines = commands("Publishing", &["trust"]);
    assert!(lines.len() >= 4, "{lines:?}");
    for line in lines {
        // The snapshot has been signed by both.
        if line.contains("head refresh") {
            bench.done(&["sign", "snapshot.waft", "--key", "ci-2.pem", "--role", "publisher"]);
            bench.done(&["publish", "snapshot.waft", "--to", "public/flags", "--trust", "trust.json"]);
        }
        run(&bench, line);
    }
    let told = bench.taken(&bench.path("public/flags/head.waft"));
    assert_eq!(told["pointer"]["trust"], 1, "{told}");
}

#[test]
fn each_command_runs() {
    let (bench, origin) = (Bench::new(), Origin::start());
    fs::rename(bench.path("1.waft"), bench.path("snapshot.waft")).unwrap();
    let lines = commands("Publishing", &["sh"]);
    assert!(lines.len() >= 4, "{lines:?}");
    for line in lines {
        // The site is what was written to the folder, and the server takes what is put.
        if line.contains("https://shop.example/flags/") {
            for entry in fs::read_dir(bench.path("public/flags")).unwrap().map(Result::unwrap) {
                let name = entry.file_name().into_string().unwrap();
                let cache = if name == "snapshot.waft" { "no-cache" } else { "immutable" }.to_owned();
                let bytes = fs::read(entry.path()).unwrap();
                origin.with(|state| {
                    state.files.insert(name, crate::origin::Stored { bytes, cache, content_type: String::new() })
                });
            }
        }
        let line = ["https://shop.example/flags/", "https://upload.example/flags/", "https://cdn.example/flags/"]
            .iter()
            .fold(line.to_owned(), |line, url| line.replace(url, &origin.url));
        run(&bench, &line);
    }
}
