//! `waft refs` on folders as they are found: what git ignores, links, what is no text, what cannot be read, and much of it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::bench::Bench;

const DOCUMENT: &str = include_str!("../../../../docs/flag-debt.md");

fn out(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The commands of the document, with what follows each if it says so.
fn commands() -> Vec<(&'static str, Option<&'static str>)> {
    let blocks: Vec<&str> = DOCUMENT.split("```").collect();
    let block = |at: usize, language: &str| blocks.get(at).and_then(|block| block.strip_prefix(language));
    let sh = (1..blocks.len()).step_by(2).filter_map(|at| Some((at, block(at, "sh\n")?)));
    sh.map(|(at, command)| (command.trim(), block(at + 2, "text\n"))).collect()
}

#[test]
fn the_commands_of_the_document_print_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let program = std::env::var("WAFT_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_waft").to_owned());
    let commands = commands();
    assert_eq!(commands.len(), 4);
    for (command, expected) in commands {
        let line = format!("waft() {{ $W \"$@\"; }}; {command}");
        let output = Command::new("bash").args(["-c", &line]).current_dir(&root).env("W", &program).output().unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
        if let Some(expected) = expected {
            assert_eq!(out(&output).join("\n"), expected.trim_end(), "{command}");
        }
        if command.contains("--deployed") {
            assert!(out(&output).iter().any(|line| line.contains("[NOT_DEPLOYED]: the flag `express-pay` may come")));
        } else {
            assert!(err(&output).ends_with(" 0 findings\n"), "{command}: {output:?}");
        }
    }
}

#[test]
fn every_example_reads_the_flags_of_its_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let program = std::env::var("WAFT_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_waft").to_owned());
    for example in
        ["next-app", "node-server", "openfeature", "script-tag", "service-worker", "svelte", "vite-react", "vue"]
    {
        let line = format!("$W refs examples/{example} --rules examples/rules --fail-on missing,unused,debt");
        let output = Command::new("bash").args(["-c", &line]).current_dir(&root).env("W", &program).output().unwrap();
        assert!(output.status.success(), "{example}: {output:?}");
    }
}

#[test]
fn links_lead_nowhere_and_nothing_is_waited_for() {
    let bench = Bench::new();
    bench.put("src/a.js", "f('new')");
    bench.done(
        "cd src; ln -s . self; ln -s .. up; ln -s nowhere.js b.js; ln -s c.js c.js; ln -s a.js d.js; ln -s / root
         mkfifo pipe.js; mkdir e; ln -s ../e e/e; ln -s /dev/zero zero.js",
    );
    let output = bench.done("$W refs src --rules rules --list");
    assert_eq!(out(&output)[0], "src/a.js:1:4: new");
    assert!(err(&output).starts_with("1 file searched: 1 reference, 1 flag,"), "{output:?}");
    // A link that is named is followed; one place is searched once.
    let output = bench.done("$W refs src/self/ src src/d.js --rules rules --list");
    assert_eq!(out(&output)[0], "src/self/a.js:1:4: new");
    assert!(err(&output).starts_with("1 file searched:"), "{output:?}");
}

#[test]
fn what_git_ignores_is_left_out_from_wherever_it_is_asked() {
    let bench = Bench::new();
    bench.done("git init -q . && mkdir -p src/dist");
    bench.put(".gitignore", "dist\n");
    bench.put("src/dist/a.js", "f('new')");
    bench.put("src/.gitignore", "*.gen.js\n");
    bench.put("src/b.gen.js", "f('new')");
    bench.put("src/b.js", "f('new')");
    for line in [
        "$W refs . --rules rules --list",
        "$W refs src --rules rules --list",
        "cd src; $W refs . --rules ../rules --list",
    ] {
        let found = out(&bench.done(line));
        let files: Vec<&str> = found.iter().filter_map(|line| line.strip_suffix(":1:4: new")).collect();
        assert!(matches!(files[..], ["src/b.js" | "b.js"]), "{line}: {found:?}");
        // What git itself says.
        let listed = bench.done("git ls-files --others --exclude-standard -- '*.js'");
        assert_eq!(out(&listed), ["src/b.js"]);
    }
}

#[test]
fn what_is_no_text_or_cannot_be_read_is_told() {
    let bench = Bench::new();
    bench.put("src/film.ts", [b"'new'".as_slice(), &[0; 99]].concat());
    bench.put("src/latin.js", b"\xe4 = 'new' // \xff");
    bench.done("truncate -s 1T src/large.js; touch \"$(printf 'src/\\xe4.js')\" \"$(printf 'src/\\xe4.bin')\"");
    let output = bench.sh("$W refs src --rules rules --list");
    assert_eq!(out(&output)[0], "src/latin.js:1:6: new");
    let told = err(&output);
    for expected in [
        "src/film.ts: not searched: not text",
        "src/large.js: not searched: larger than",
        ".js: not searched: a name that is not UTF-8",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    assert!(!told.contains(".bin"), "{told}");
    // Something may be in it.
    assert_eq!(output.status.code(), Some(1));
    bench.done("rm src/*.js; mkdir src/locked; echo > src/secret.js; chmod 0 src/locked src/secret.js");
    let output = bench.sh("$W refs src --rules rules");
    // Root reads everything.
    if fs::read(bench.path("src/secret.js")).is_err() {
        let told = err(&output);
        assert!(
            told.contains("waft: src/locked: not searched: ") && told.contains("waft: src/secret.js: not searched: "),
            "{told}"
        );
        assert_eq!(output.status.code(), Some(1));
    }
    bench.done("chmod 700 src/locked src/secret.js");
}

#[test]
fn a_large_repository_is_searched_to_its_end() {
    let bench = Bench::new();
    // 20,000 files in folders 200 deep, and as many that git ignores. A search takes a second, and on a machine that is busy with other tests a minute perhaps.
    let done = |line: &str| {
        let output = bench.sh_within("300", line);
        assert!(output.status.success(), "{output:?}");
        output
    };
    done(
        "mkdir -p src/dist; echo dist > src/.gitignore; path=src
         for a in {1..200}; do path=$path/f; mkdir $path; for b in {1..100}; do echo \"f('new')\" > $path/$b.js; done; done
         for b in {1..20000}; do : > src/dist/$b.js; done",
    );
    let output = done("$W refs src --rules rules");
    assert!(err(&output).starts_with("20000 files searched: 20000 references"), "{output:?}");
}

#[test]
fn wrong_arguments_say_what_is_expected() {
    let bench = Bench::new();
    for (line, code, told) in [
        ("$W refs", 2, "<SRC>"),
        ("$W refs src", 2, "--rules"),
        ("$W refs src --rules rules", 1, "waft: src: No such file or directory"),
        ("$W refs rules --rules src", 1, "waft: src: "),
        ("$W refs rules --rules rules --fail-on all", 2, "missing, unused, debt, undeployed"),
        ("$W refs rules --rules rules --pattern '('", 1, "waft: --pattern (: "),
        ("$W refs rules --rules rules --against rules/waft.yaml", 1, "waft: rules/waft.yaml: "),
    ] {
        let output = bench.sh(line);
        assert_eq!(output.status.code(), Some(code), "{line}: {output:?}");
        assert!(err(&output).contains(told), "{line}: {output:?}");
    }
}
