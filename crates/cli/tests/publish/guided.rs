//! The commands of docs/releases.md, section Publishing, as they are written there.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::bench::Bench;
use crate::guide::commands;
use crate::origin::Origin;

#[test]
fn each_command_runs() {
    let (bench, origin) = (Bench::new(), Origin::start());
    fs::rename(bench.path("1.waft"), bench.path("snapshot.waft")).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_waft")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
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
        let mut shell = Command::new("bash");
        shell.args(["-c", &line]).current_dir(bench.path("")).stdin(Stdio::null());
        let output = shell.env("PATH", format!("{}:{path}", programs.display())).env("TOKEN", "t").output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
    }
}
