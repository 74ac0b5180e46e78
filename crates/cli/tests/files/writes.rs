//! Writing replaces a regular file, as a whole, and nothing else.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::thread;

use crate::bench::{Bench, has};

fn is_snapshot(bytes: &[u8]) -> bool {
    // COSE_Sign's tag, and an array of four.
    bytes.starts_with(&[0xd8, 0x62, 0x84])
}

#[test]
fn a_device_is_written_into_and_stays() {
    let bench = Bench::new();
    // The node itself takes root; a link to one does not, and was replaced as well.
    let is_root = bench.sh("mknod null c 1 3").status.success();
    if !is_root {
        bench.link("/dev/null", "null");
    }
    let before = fs::symlink_metadata(bench.path("null")).unwrap();
    bench.done("$W build $B --out null");
    let after = fs::symlink_metadata(bench.path("null")).unwrap();
    assert_eq!((after.ino(), after.file_type()), (before.ino(), before.file_type()));
    assert!(fs::metadata(bench.path("null")).unwrap().file_type().is_char_device());
}

#[test]
fn list_files_are_not_left_beside_a_device() {
    let bench = Bench::new();
    let ids: String = (0..5_000).map(|id| format!("a{id}\n")).collect();
    bench.put("rules/ids.csv", ids);
    bench
        .put("rules/list.yaml", "lists: { vip: { file: ids.csv, attribute: id } }\nsegments: { vip: { list: vip } }\n");
    fs::create_dir(bench.path("dev")).unwrap();
    bench.link("/dev/null", "dev/null");
    bench.done("$W build $B --out dev/null");
    assert_eq!(fs::read_dir(bench.path("dev")).unwrap().count(), 1);
    bench.done("$W build $B --out public/s.waft");
    assert_eq!(fs::read_dir(bench.path("public")).unwrap().count(), 2);
}

#[test]
fn pipes_sockets_and_open_descriptors_are_written_into() {
    let bench = Bench::new();
    let output = bench.done("mkfifo pipe; cat pipe & $W build $B --out pipe; wait");
    assert!(is_snapshot(&output.stdout) && fs::metadata(bench.path("pipe")).unwrap().file_type().is_fifo());
    let listener = UnixListener::bind(bench.path("socket")).unwrap();
    let received = thread::spawn(move || {
        let mut bytes = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut bytes).unwrap();
        bytes
    });
    bench.done("$W build $B --out socket");
    assert!(is_snapshot(&received.join().unwrap()));
    assert!(is_snapshot(&bench.done("$W build $B --out /dev/stdout").stdout));
    assert!(is_snapshot(&bench.done("$W build $B --out /dev/fd/5 5>&1").stdout));
    // What was redirected goes on where it is.
    bench.done("(echo first; $W build $B --out /dev/stdout; echo last) > mixed");
    let mixed = fs::read(bench.path("mixed")).unwrap();
    assert!(mixed.starts_with(b"first\n") && mixed.ends_with(b"last\n") && mixed.len() > 100);
    let report = "$W init made && $W report made --environment production --print-sql sqlite --out /dev/stdout";
    assert!(!has(report) || bench.done(report).stdout.len() > 100);
}

#[test]
fn through_a_link_its_target_is_replaced_and_keeps_its_mode() {
    let bench = Bench::new();
    bench.put("real/old.waft", "old");
    fs::set_permissions(bench.path("real/old.waft"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::hard_link(bench.path("real/old.waft"), bench.path("kept")).unwrap();
    bench.link("real/old.waft", "link");
    bench.link("link", "second");
    bench.done("$W build $B --out second");
    assert!(fs::symlink_metadata(bench.path("second")).unwrap().is_symlink());
    assert!(fs::symlink_metadata(bench.path("link")).unwrap().is_symlink());
    assert!(is_snapshot(&fs::read(bench.path("real/old.waft")).unwrap()));
    assert_eq!(fs::metadata(bench.path("real/old.waft")).unwrap().mode() & 0o7777, 0o640);
    // Replaced, not written over: who has the old one open keeps it whole.
    assert_eq!(fs::read(bench.path("kept")).unwrap(), b"old");
    bench.link("real/new.waft", "dangling");
    bench.done("umask 027; $W build $B --out dangling");
    assert_eq!(fs::metadata(bench.path("real/new.waft")).unwrap().mode() & 0o7777, 0o640);
    bench.link("b", "a");
    bench.link("a", "b");
    for refused in ["a", "real", "real/", "kept/x"] {
        assert_eq!(bench.sh(&format!("$W build $B --out {refused}")).status.code(), Some(1), "{refused}");
    }
    assert_eq!(fs::read_dir(bench.path("real")).unwrap().count(), 2, "nothing is left of what failed");
}

#[test]
fn a_planted_link_at_a_temporary_name_is_not_written_through() {
    let bench = Bench::new();
    bench.put("victim", "mine");
    // `exec` keeps the number of the process.
    bench.done("ln -s victim out.waft.$$.tmp; ln -s victim out.waft.part; exec $W build $B --out out.waft");
    assert_eq!(fs::read(bench.path("victim")).unwrap(), b"mine");
}

/// A process that may write no file is killed by its first byte.
#[test]
fn a_new_file_is_whole_even_if_its_writer_is_killed() {
    let bench = Bench::new();
    bench.done("$NATIVE keygen --out root.pem > root.json && $NATIVE keygen --out ci.pem > ci.json");
    let trust =
        "$NATIVE trust init --project shop --environment production --add root:r=root.json --add publisher:ci=ci.json";
    let output = bench.sh(&format!("(ulimit -f 0; exec {trust})"));
    assert_eq!(output.status.code(), Some(128 + 25), "{output:?}");
    assert!(!bench.path("trust-0001.waft").exists());
    bench.done(trust);
    assert!(is_snapshot(&fs::read(bench.path("trust-0001.waft")).unwrap()));
    assert_eq!(bench.sh(trust).status.code(), Some(1));
}

#[test]
fn keys_and_first_rulesets_are_new_files_alone() {
    let bench = Bench::new();
    bench.done("umask 0; $W keygen --out key.pem");
    assert_eq!(fs::metadata(bench.path("key.pem")).unwrap().mode() & 0o7777, 0o600);
    bench.link("elsewhere", "link");
    fs::create_dir(bench.path("made")).unwrap();
    bench.link("../elsewhere", "made/waft.yaml");
    bench.done("mkfifo pipe; mkdir piped; mkfifo piped/waft.yaml");
    for refused in [
        "keygen --out key.pem",
        "keygen --out link",
        "keygen --out pipe",
        "keygen --out /dev/stdout",
        "init made",
        "init piped",
    ] {
        assert_eq!(bench.sh(&format!("$W {refused}")).status.code(), Some(1), "{refused}");
    }
    assert!(!bench.path("elsewhere").exists());
}

#[test]
fn a_key_that_others_can_read_is_told() {
    let bench = Bench::new();
    let warns = |line: &str| String::from_utf8(bench.done(line).stderr).unwrap().contains("others than its owner");
    bench.done("$W keygen --out key.pem; $W build $B --out s.waft");
    assert!(!warns("$W sign s.waft --key key.pem --role publisher"));
    assert!(!warns("$W sign s.waft --key <(cat key.pem) --role publisher"));
    assert!(warns("chmod 640 key.pem; $W sign s.waft --key key.pem --role publisher"));
    assert!(warns("chmod 604 key.pem; $W sign s.waft --key key.pem --role publisher"));
}
