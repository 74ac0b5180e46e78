//! Every command that writes, by every kind of thing that may stand where it writes.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::thread;

use crate::bench::{Bench, has};

/// Commands that write to OUT, and how what they write begins.
const COMMANDS: [(&str, &[u8]); 4] = [
    ("$W build $B --out OUT", &[0xd8, 0x62, 0x84]),
    ("$W report first --environment production --print-sql sqlite --out OUT", b"WITH"),
    ("$W report first --environment production --db waft.db --format html --out OUT", b"<!DOCTYPE html>"),
    ("$W serve --db waft.db --format parquet --export OUT", b"PAR1"),
];

/// A folder with a ruleset of experiments, `first`, and an empty database, `waft.db`.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.done(
        "$W init first; umask 0; $NATIVE serve --db waft.db --port 0 > started & p=$!
         until grep -q listening started; do sleep 0.02; done; kill $p; wait $p",
    );
    bench
}

fn mode(bench: &Bench, name: &str) -> u32 {
    fs::metadata(bench.path(name)).unwrap().mode() & 0o7777
}

#[test]
fn devices_pipes_and_sockets_stay_what_they_are() {
    for (command, begins) in COMMANDS.into_iter().filter(|(command, _)| has(command)) {
        let bench = bench();
        let run = |out: &str| bench.done(&command.replace("OUT", out));
        // Never the machine's own: a node if we may make one, and otherwise a link.
        fs::create_dir(bench.path("dev")).unwrap();
        if !bench.sh("mknod dev/null c 1 3").status.success() {
            bench.link("/dev/null", "dev/null");
        }
        bench.link("dev/null", "link");
        let before = fs::symlink_metadata(bench.path("dev/null")).unwrap();
        run("dev/null");
        run("link");
        let after = fs::symlink_metadata(bench.path("dev/null")).unwrap();
        assert_eq!((after.ino(), after.mode(), after.file_type()), (before.ino(), before.mode(), before.file_type()));
        assert!(fs::metadata(bench.path("link")).unwrap().file_type().is_char_device(), "{command}");
        assert_eq!(fs::read_dir(bench.path("dev")).unwrap().count(), 1, "{command}");
        bench.done("mkfifo pipe; ln -s pipe to-pipe");
        for pipe in ["pipe", "to-pipe"] {
            let read = bench.done(&format!("cat pipe & {}; wait", command.replace("OUT", pipe))).stdout;
            assert!(read.starts_with(begins), "{command} {pipe}");
        }
        assert!(fs::symlink_metadata(bench.path("pipe")).unwrap().file_type().is_fifo());
        let listener = UnixListener::bind(bench.path("socket")).unwrap();
        let received = thread::spawn(move || {
            let mut bytes = Vec::new();
            listener.accept().unwrap().0.read_to_end(&mut bytes).unwrap();
            bytes
        });
        run("socket");
        assert!(received.join().unwrap().starts_with(begins), "{command}");
        assert!(run("/dev/stdout").stdout.starts_with(begins), "{command}");
        assert!(run("/dev/fd/5 5>&1").stdout.starts_with(begins), "{command}");
    }
}

#[test]
fn links_stay_and_what_they_lead_to_is_replaced_with_its_mode() {
    for (command, begins) in COMMANDS.into_iter().filter(|(command, _)| has(command)) {
        let bench = bench();
        let run = |out: &str| bench.done(&command.replace("OUT", out));
        bench.put("real/old", "old");
        fs::set_permissions(bench.path("real/old"), fs::Permissions::from_mode(0o4751)).unwrap();
        fs::hard_link(bench.path("real/old"), bench.path("kept")).unwrap();
        bench.link("real/old", "link");
        bench.link("real/new", "dangling");
        // Names that a program could guess.
        bench.put("victim", "mine");
        for planted in ["real/old.tmp", "real/.old.tmp", "real/old.part", "real/old~"] {
            bench.link("../victim", planted);
        }
        bench.done(&format!("ln -s ../victim real/old.$$.tmp; exec {}", command.replace("OUT", "link")));
        assert!(fs::symlink_metadata(bench.path("link")).unwrap().is_symlink(), "{command}");
        assert!(fs::read(bench.path("real/old")).unwrap().starts_with(begins), "{command}");
        assert_eq!((mode(&bench, "real/old"), fs::read(bench.path("kept")).unwrap()), (0o4751, b"old".to_vec()));
        assert_eq!(fs::read(bench.path("victim")).unwrap(), b"mine", "{command}");
        run("dangling");
        assert!(fs::symlink_metadata(bench.path("dangling")).unwrap().is_symlink(), "{command}");
        assert!(fs::read(bench.path("real/new")).unwrap().starts_with(begins), "{command}");
        bench.link("loop", "loop");
        let before = fs::read_dir(bench.path("real")).unwrap().count();
        for refused in ["loop", "real", "real/", "kept/x", "dangling/x"] {
            let output = bench.sh(&command.replace("OUT", refused));
            assert_eq!(output.status.code(), Some(1), "{command} {refused}");
        }
        assert_eq!(fs::read_dir(bench.path("real")).unwrap().count(), before, "nothing is left of what failed");
    }
}

#[test]
fn an_export_is_for_its_owner_alone_unless_others_could_read_what_was_there() {
    if !has(COMMANDS[3].0) {
        return;
    }
    let bench = bench();
    bench.done("umask 0; $W serve --db waft.db --export new.ndjson; $W serve --db waft.db --export new.parquet");
    assert_eq!(
        (mode(&bench, "waft.db"), mode(&bench, "new.ndjson"), mode(&bench, "new.parquet")),
        (0o600, 0o600, 0o600)
    );
    bench.done("chmod 644 new.ndjson; $W serve --db waft.db --export new.ndjson");
    assert_eq!(mode(&bench, "new.ndjson"), 0o644);
    // What fails leaves what was there.
    bench.put("old", "old");
    assert_eq!(bench.sh("$W serve --db no.db --export old").status.code(), Some(1));
    assert_eq!(fs::read(bench.path("old")).unwrap(), b"old");
}

#[test]
fn the_database_is_not_written_over() {
    if !has(COMMANDS[3].0) {
        return;
    }
    let bench = bench();
    let before = fs::read(bench.path("waft.db")).unwrap();
    bench.link("waft.db", "link");
    for out in ["waft.db", "./waft.db", "link", "waft.db-wal", "./waft.db-journal"] {
        for command in [COMMANDS[2].0, COMMANDS[3].0] {
            let output = bench.sh(&command.replace("OUT", out));
            let message = String::from_utf8(output.stderr).unwrap();
            assert!(
                output.status.code() == Some(1) && message.contains("is the database itself"),
                "{command}: {message}"
            );
        }
    }
    assert_eq!(fs::read(bench.path("waft.db")).unwrap(), before);
}

#[test]
fn a_snapshot_is_signed_where_its_link_leads() {
    let bench = Bench::new();
    bench.done("$W keygen --out key.pem; mkdir real; $W build $B --out real/s.waft; chmod 640 real/s.waft");
    bench.link("real/s.waft", "link");
    bench.link("../key.pem", "real/s.waft.tmp");
    let (key, length) = (fs::read(bench.path("key.pem")).unwrap(), fs::metadata(bench.path("link")).unwrap().len());
    bench.done("$W sign link --key key.pem --role publisher");
    assert!(fs::symlink_metadata(bench.path("link")).unwrap().is_symlink());
    assert!(mode(&bench, "real/s.waft") == 0o640 && fs::metadata(bench.path("link")).unwrap().len() > length);
    assert_eq!(fs::read(bench.path("key.pem")).unwrap(), key);
}

#[test]
fn secrets_that_others_can_read_are_told_by_whoever_reads_them() {
    let bench = Bench::new();
    let trust =
        "$W keygen --out key.pem > key.json; $W build $B --out s.waft; $W sign s.waft --key key.pem --role publisher
        $W keygen --out other.pem > other.json; openssl rand -hex 32 > tokens; chmod 600 tokens";
    bench.done(trust);
    let key =
        |name: &str| -> serde_json::Value { serde_json::from_slice(&fs::read(bench.path(name)).unwrap()).unwrap() };
    let (own, other) = (key("key.json"), key("other.json"));
    let kid = |key: &serde_json::Value| key["kid"].as_str().unwrap().to_owned();
    let trust = serde_json::json!({ "project": "shop", "environment": "production",
        "keys": { kid(&own): own["publicKey"], kid(&other): other["publicKey"] },
        "require": [{ "role": "publisher", "keys": [kid(&own)] }, { "role": "preview", "keys": [kid(&other)] }] });
    bench.put("trust.json", trust.to_string());
    let warns = |line: &str| String::from_utf8(bench.sh(line).stderr).unwrap().contains("others than its owner");
    let token = "$W token s.waft new=on --trust trust.json --key other.pem";
    let serve = "timeout 1 $W serve --db waft.db --port 0 --token-file tokens";
    for (line, file) in [(token, "other.pem"), (serve, "tokens")].into_iter().filter(|(line, _)| has(line)) {
        assert!(!warns(line), "{line}");
        for open in ["640", "604", "602"] {
            assert!(warns(&format!("chmod {open} {file}; {line}")), "{line} {open}");
        }
    }
}

#[test]
fn a_device_without_an_end_is_an_error() {
    let bench = Bench::new();
    for command in ["inspect /dev/zero", "head show /dev/zero", "verify x.waft --trust /dev/zero"] {
        let output = bench.sh(&format!("$NATIVE {command}"));
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{command}: {told}");
        assert!(told.contains("/dev/zero: a device that does not end"), "{command}: {told}");
    }
}

/// As where a variable is not set: `--records "$RECORDS"` would write `/0001.yaml`.
#[test]
fn an_empty_path_is_not_the_root_of_the_file_system() {
    let bench = Bench::new();
    for (command, named) in [
        ("$W init ''", "'[FOLDER]'"),
        ("$W kill a --head head.waft --trust trust.json --key kill.pem --records ''", "'--records <DIR|BUCKET>'"),
        ("$W release history --records=", "'--records <DIR|BUCKET>'"),
        ("$W ramp status rules --records ''", "'--records <DIR>'"),
        ("$W trust init --add root:a=a.json --out ''", "'--out <DIR>'"),
        (
            "$NATIVE publish --kill a --kill-key kill.pem --to site --trust trust.json --records ''",
            "'--records <DIR|BUCKET>'",
        ),
    ] {
        let output = bench.sh(command);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{command}: {told}");
        assert!(told.contains(&format!("a value is required for {named} but none was supplied")), "{command}: {told}");
    }
}
