//! docs/releases.md, section Keys: each of its commands is run, as it is written.

use std::path::Path;
use std::process::Command;

use crate::bench::Bench;
use crate::guide::commands;

/// The lines of the section's blocks of some languages.
fn blocks(languages: &[&str]) -> String {
    commands("Keys", languages).join("\n")
}

fn run(lines: &str, before: &str) -> String {
    let bench = Bench::new();
    let output = bench.sh_within("120", &format!("set -e; waft() {{ $W \"$@\"; }}\n{before}\n{lines}"));
    assert!(output.status.success(), "{lines}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_commands_of_the_section_keys_do_what_it_says() {
    let told = run(&blocks(&["sh"]), "");
    assert!(told.lines().any(|line| line == "signed by alice, bob" || line == "signed by bob, alice"), "{told}");
    let last = told.lines().last().unwrap();
    assert!(last.starts_with("{") && last.contains("\"epoch\":1") && last.contains("\"number\":7"), "{last}");
}

#[test]
fn a_key_in_a_token_signs() {
    let modules = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"];
    let module = modules.iter().find(|path| Path::new(path).exists());
    let has_tool = Command::new("pkcs11-tool").arg("--help").output().is_ok();
    let (Some(module), true) = (module, has_tool) else {
        eprintln!("keys: there is no softhsm2 or no pkcs11-tool; `tools/prepare.sh signers` installs both on Debian");
        return;
    };
    let before = format!(
        "export PKCS11_MODULE={module} SOFTHSM2_CONF=$PWD/softhsm2.conf; mkdir tokens
         printf 'directories.tokendir = %s\\nobjectstore.backend = file\\n' \"$PWD/tokens\" > softhsm2.conf"
    );
    let told = run(&blocks(&["sh", "pkcs11"]), &before);
    let last = told.lines().last().unwrap();
    assert!(last.contains("\"number\":9"), "{last}");
}

#[test]
fn an_encrypted_key_needs_its_passphrase() {
    let bench = Bench::new();
    bench.done("umask 077; $W build $B --out s.waft; echo right > right; echo wrong > wrong; printf '' > empty");
    bench.done("umask 077; printf 'right\\nwrong\\n' > lines; printf 'right\\r\\n\\r\\n' > spaced");
    bench
        .done("$W keygen --out k.pem --encrypt --passphrase-file right && grep -q 'BEGIN ENCRYPTED PRIVATE KEY' k.pem");
    bench.done("! grep -q 'BEGIN PRIVATE KEY' k.pem && sed 's/^M/N/' k.pem > damaged.pem && cp s.waft before.waft");
    let cases = [
        ("--key k.pem", "--passphrase-file FILE, or in WAFT_PASSPHRASE"),
        ("--key k.pem --passphrase-file wrong", "the passphrase is not that of the key"),
        ("--key k.pem --passphrase-file empty", "the passphrase is empty"),
        // Of which OpenSSL would take the first.
        ("--key k.pem --passphrase-file lines", "the passphrase has several lines: write one"),
        ("--key k.pem --passphrase-file missing", "missing"),
        ("--key damaged.pem --passphrase-file right", "damaged.pem"),
    ];
    for (options, expected) in cases {
        let output = bench.sh(&format!("$W sign s.waft --role publisher {options}"));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && told.contains(expected), "{options}: {output:?}");
    }
    assert_eq!(bench.sh("$W keygen --out l.pem --encrypt").status.code(), Some(1));
    bench.done("cmp s.waft before.waft && [ ! -e l.pem ] && $W sign s.waft --role publisher --key k.pem --passphrase-file spaced");
    bench.done("WAFT_PASSPHRASE=right $W sign before.waft --role publisher --key k.pem && cmp s.waft before.waft");
}

#[test]
fn a_signature_that_came_from_elsewhere_must_match() {
    let bench = Bench::new();
    bench.done("$W build $B --out s.waft; openssl genpkey -algorithm ed25519 -out k.pem; openssl pkey -in k.pem -pubout -out pub.pem");
    bench.done("$W sign s.waft --role publisher --external pub.pem --to-sign message");
    bench.done("openssl pkeyutl -sign -rawin -inkey k.pem -in message -out good; cp s.waft unsigned.waft");
    bench.done("head -c 63 good > short; printf x | cat good - > long; head -c 64 /dev/zero > zero");
    for file in ["short", "long", "zero", "message", "missing"] {
        let output = bench.sh(&format!("$W sign s.waft --role publisher --external pub.pem --signature {file}"));
        assert_eq!(output.status.code(), Some(1), "{file}: {output:?}");
    }
    let wrong_role = bench.sh("$W sign s.waft --role approver --external pub.pem --signature good");
    assert_eq!(wrong_role.status.code(), Some(1), "{wrong_role:?}");
    let alone = bench.sh("$W sign s.waft --role publisher --external pub.pem");
    assert_eq!(alone.status.code(), Some(1), "{alone:?}");
    bench.done("cmp s.waft unsigned.waft && $W sign s.waft --role publisher --external pub.pem --signature good");
    // The same bytes as with the key at hand: Ed25519 is deterministic.
    bench.done("$W sign unsigned.waft --role publisher --key k.pem && cmp s.waft unsigned.waft");
}
