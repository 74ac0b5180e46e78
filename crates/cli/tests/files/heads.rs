//! The commands of docs/releases.md, sections The head and Turning flags off at once, as they are written there; and kills that are
//! killed themselves.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::bench::Bench;
use crate::guide::commands;

/// With keys, a trust that lists them, and a signed snapshot.
fn shop() -> Bench {
    let bench = Bench::new();
    let (mut keys, mut require) = (serde_json::json!({}), Vec::new());
    for role in ["publisher", "freshness", "kill"] {
        let told = bench.done(&format!("$W keygen --out {role}.pem")).stdout;
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        keys[told["kid"].as_str().unwrap()] = told["publicKey"].clone();
        require.push(serde_json::json!({ "role": role, "keys": [told["kid"]] }));
    }
    let trust = serde_json::json!({ "project": "shop", "environment": "production", "keys": keys, "require": require });
    bench.put("trust.json", trust.to_string());
    bench.done("$W build $B --out snapshot.waft && $W sign snapshot.waft --key publisher.pem --role publisher");
    bench
}

/// With a key of root, too, and `trust-0001.waft`, in which the keys of lists and pointers are others: `kill-2.pem`, `freshness-2.pem`.
fn rotated() -> Bench {
    let bench = shop();
    let told = bench.done("$W keygen --out root.pem").stdout;
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    let mut trust: serde_json::Value = serde_json::from_str(&bench.read("trust.json")).unwrap();
    trust["keys"][told["kid"].as_str().unwrap()] = told["publicKey"].clone();
    trust["require"].as_array_mut().unwrap().push(serde_json::json!({ "role": "root", "keys": [told["kid"]] }));
    bench.put("trust.json", trust.to_string());
    let old = |at: usize| trust["require"][at]["keys"][0].as_str().unwrap().to_owned();
    bench.done("for role in kill freshness; do $W keygen --out $role-2.pem > $role-2.json; done");
    bench.done(&format!(
        "$W trust rotate trust.json {}=freshness-2.json {}=kill-2.json --key root.pem",
        old(1),
        old(2)
    ));
    bench
}

/// The flags of the head's list; none if there is no head.
fn killed(bench: &Bench) -> Vec<String> {
    if !bench.path("head.waft").exists() {
        return Vec::new();
    }
    let told = bench.done("$W head show head.waft").stdout;
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    told["documents"][0]["kills"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap().to_owned()).collect()
}

/// The names of the records, in their order.
fn records(bench: &Bench) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(bench.path("releases")) else { return Vec::new() };
    let mut names: Vec<String> = folder
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

const KILL: &str = "kill express --head head.waft --trust trust.json --key kill.pem --why late";

#[test]
fn each_command_of_heads_and_kills_runs() {
    let bench = shop();
    for (section, least) in [("The head", 7), ("Turning flags off at once", 9)] {
        let lines = commands(section, &["sh"]);
        assert!(lines.len() >= least, "{lines:?}");
        for line in lines {
            // `npx waft` has no server and no store.
            let program = if line.starts_with("waft publish") { "$NATIVE" } else { "$W" };
            let rest = line.strip_prefix("waft ").map_or(line.to_owned(), |rest| format!("{program} {rest}"));
            bench.done(&rest);
        }
    }
    for line in commands("The head", &["serve"]) {
        bench.done("rm public/flags/head.waft");
        let output = bench.sh_within("5", &line.replacen("waft", "exec $NATIVE", 1).replace("--dir", "--port 0 --dir"));
        assert_eq!(output.status.code(), Some(124), "{output:?}");
        let told = bench.done("$W verify public/flags/head.waft --trust trust.json").stdout;
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert_eq!(told["pointer"]["version"], 1, "{told}");
    }
    let told = bench.done("$W verify head.waft --trust trust.json").stdout;
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!((&told["kills"]["number"], &told["pointer"]["kills"]), (&4.into(), &3.into()), "{told}");
    assert_eq!(records(&bench), ["0001.yaml", "0002.yaml", "0003.yaml", "0004.yaml"]);
    // The digest is what everybody's tools say it is.
    let own = bench.done("grep -o '[0-9a-f]\\{64\\}' releases/0002.yaml").stdout;
    assert_eq!(own, bench.done("sha512sum releases/0001.yaml | cut -c-64").stdout);
    assert!(bench.read("releases/0003.yaml").contains("why: \"orders fail in Safari\""));
}

#[test]
fn kill_that_is_killed_loses_neither_list_nor_record() {
    let bench = shop();
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..60 {
        bench.sh("rm -rf head.waft releases");
        let mut command = Command::new(env!("CARGO_BIN_EXE_waft"));
        command.args(KILL.split(' ')).current_dir(bench.path("")).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        thread::sleep(Duration::from_micros(round * 250));
        child.kill().unwrap();
        child.wait().unwrap();
        let (killed, records) = (killed(&bench), records(&bench));
        assert!(records.is_empty() || killed == ["express"], "{round}: a record of what is not so");
        seen.insert((killed.len(), records.len()));
        // Whatever was left behind, the same command completes it, and once.
        let told = String::from_utf8(bench.sh(&format!("$W {KILL}")).stderr).unwrap();
        assert!(told.contains("recorded in releases/0001.yaml") != (records.len() == 1), "{round}: {told}");
        assert_eq!(
            (self::killed(&bench), self::records(&bench)),
            (vec!["express".to_owned()], vec!["0001.yaml".to_owned()])
        );
        assert!(bench.read("releases/0001.yaml").contains("flags: [\"express\"]"));
    }
    assert!(seen.contains(&(0, 0)), "{seen:?}");
}

/// The moment between list and record, without luck: the folder cannot be written.
#[test]
fn list_is_written_whatever_becomes_of_its_record() {
    let bench = shop();
    bench.put("releases", "no folder");
    let output = bench.sh(&format!("$W {KILL}"));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("kill list 1 kills express") && told.contains("run the same command again, which records it"),
        "{told}"
    );
    assert_eq!(killed(&bench), ["express"]);
    // A deployment's folder, with links that lead nowhere, is none of ours; a record that is one is.
    bench.done("rm releases && mkdir -p releases/20261124 && ln -s gone releases/20261124/log.yaml && ln -s gone releases/0001.yaml");
    let told = String::from_utf8(bench.sh(&format!("$W {KILL}")).stderr).unwrap();
    assert!(told.contains("releases/0001.yaml: a link to gone, which does not exist"), "{told}");
    bench.done(&format!("rm releases/0001.yaml && $W {KILL}"));
    assert_eq!(records(&bench), ["0001.yaml", "20261124"]);
}

#[test]
fn kills_at_the_same_moment_have_a_record_each() {
    let bench = shop();
    let start = |number: usize| {
        let kill =
            KILL.replace("express", &format!("flag-{number}")).replace("head.waft", &format!("head-{number}.waft"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_waft"));
        command.args(kill.split(' ')).current_dir(bench.path("")).stderr(Stdio::piped()).spawn().unwrap()
    };
    for child in (0..6).map(start).collect::<Vec<_>>() {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(records(&bench).len(), 6);
    // Read as a whole, without a gap.
    bench.done("$W unkill flag-0 --head head-0.waft --trust trust.json --key kill.pem");
    let all: String = records(&bench).iter().map(|name| bench.read(&format!("releases/{name}"))).collect();
    for number in 0..6 {
        assert_eq!(all.matches("kind: kill\n").count(), 6);
        assert!(all.contains(&format!("flags: [\"flag-{number}\"]")), "{all}");
    }
}

/// A kill, another one, and the hourly pointer, in one file: whoever comes second starts from what the first has written.
#[test]
fn a_head_that_several_sign_at_once_has_the_work_of_all() {
    let bench = shop();
    let at_once = |lines: &[&str]| {
        let parts: Vec<String> = lines.iter().map(|line| format!("$NATIVE {line} 2>>told & p=\"$p $!\";")).collect();
        let output = bench.sh(&format!("p=; {} for one in $p; do wait $one || exit 1; done", parts.concat()));
        assert!(output.status.success(), "{output:?} {}", bench.read("told"));
    };
    let refresh = "head refresh --head head.waft --snapshot snapshot.waft --trust trust.json --key freshness.pem";
    let other = KILL.replace("express", "new");
    for round in 0..20 {
        bench.done(&format!("rm -rf head.waft releases && $NATIVE {refresh}"));
        at_once(&[refresh, KILL, &other, refresh]);
        let told = bench.done("$NATIVE verify head.waft --trust trust.json").stdout;
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert_eq!(told["kills"]["flags"], serde_json::json!(["express", "new"]), "{round}: {told}");
        assert_eq!(told["pointer"]["version"], 1, "{round}: {told}");
        assert_eq!(records(&bench).len(), 2, "{round}");
    }
    // The first of them makes the folder.
    let [first, second, third] =
        ["express", "new", "later"].map(|flag| KILL.replace("express", flag).replace("head.waft", "heads/head.waft"));
    for round in 0..10 {
        bench.done("rm -rf heads releases");
        at_once(&[&first, &second, &third]);
        let told = bench.done("$NATIVE head show heads/head.waft").stdout;
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert_eq!(told["documents"][0]["kills"], serde_json::json!(["express", "later", "new"]), "{round}: {told}");
    }
    // Nor is a signature lost, where two sign one file.
    bench.done("for one in a b c; do $NATIVE keygen --out $one.pem; done");
    for round in 0..10 {
        bench.done("$NATIVE build $B --out two.waft");
        at_once(
            &["a", "b", "c"]
                .map(|key| format!("sign two.waft --role publisher --key {key}.pem"))
                .each_ref()
                .map(|line| &**line),
        );
        let told = bench.done("$NATIVE inspect two.waft").stdout;
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert_eq!(told["signatures"].as_array().unwrap().len(), 3, "{round}: {told}");
    }
    let left = bench.done("ls -A | grep -c -e lock -e tmp || true").stdout;
    assert_eq!(left, b"0\n", "nothing is left beside the file");
}

#[test]
fn heads_are_signed_by_the_trust_that_documents_lead_to() {
    let bench = rotated();
    let kill = "$W kill express --head head.waft --trust trust.json --key kill-2.pem";
    let told = bench.sh(kill);
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(told.contains("the trust does not list the key") && !bench.path("head.waft").exists(), "{told}");
    bench.done(&format!("{kill} --trust-documents trust-0001.waft"));
    let refresh = "$W head refresh --head head.waft --snapshot snapshot.waft --trust trust.json --key freshness-2.pem";
    bench.done(&format!("{refresh} --trust-documents trust-0001.waft"));
    let told: serde_json::Value = serde_json::from_slice(&bench.done("$W head show head.waft").stdout).unwrap();
    let pointer = &told["documents"][1];
    assert_eq!((&pointer["trust"], &pointer["kills"]), (&1.into(), &1.into()), "{told}");
    // The number that is asked for is one that may be lower.
    bench.done(&format!("cp head.waft other.waft && {} --trust-documents trust-0001.waft --trust-number 1", refresh));
    // Neither has flags: whatever is compared with them would seem to be in order.
    for command in ["lint rules --against", "refs rules --rules rules --against", "diff snapshot.waft"] {
        for document in ["trust-0001.waft", "head.waft"] {
            let output = bench.sh(&format!("$W {command} {document}"));
            let told = String::from_utf8(output.stderr).unwrap();
            let expected = format!("{document}: is no snapshot: name the file that `waft build` wrote");
            assert!(output.status.code() == Some(1) && told.contains(&expected), "{command}: {told}");
        }
    }
    // A document that pages would refuse leads nowhere.
    bench.done("$W trust rotate trust-0001.waft --min-version 1");
    let before = bench.done("sha512sum head.waft").stdout;
    for (documents, expected) in [
        ("trust-0001.waft trust-0002.waft", "trust-0002.waft: refused, "),
        ("trust-0002.waft", "trust-0002.waft: refused, "),
        ("snapshot.waft", "snapshot.waft: not a trust document"),
    ] {
        for line in [kill.replace("kill express", "kill other"), refresh.to_owned()] {
            let output = bench.sh(&format!("{line} --trust-documents {documents}"));
            let told = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.code() == Some(1) && told.contains(expected), "{documents}: {told}");
        }
    }
    assert_eq!(bench.done("sha512sum head.waft").stdout, before);
    // The record names who holds the key, by the document.
    assert!(bench.read("releases/0001.yaml").contains("signed: \""));
}

#[test]
fn an_id_that_looks_like_an_option_is_told() {
    let bench = shop();
    // Of a key that `waft keygen` did not make.
    let made = (1..=u8::MAX).map(|number| {
        let public = waft_compile::keys::from_seed([number; 32]).pk;
        (waft_compile::keys::to_text(&waft_compile::keys::kid(&public)), public.to_pem())
    });
    let (id, pem) = made.into_iter().find(|(id, _)| id.starts_with('-')).unwrap();
    bench.put("odd.pub.pem", pem);
    let told = bench.done(
        "$W keygen --out root.pem > root.json && $W keygen --out new.pem > new.json &&
         $W trust init --from trust.json --add approver:odd=odd.pub.pem --add root:anna=root.json",
    );
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(told.contains(&format!("the id of this key is {id}, which looks like an option")), "{told}");
    bench.done("$W trust rotate trust-0001.waft odd=new.json --key root.pem && rm trust-0002.waft");
    bench.done(&format!("$W trust remove-key --key root.pem -- trust-0001.waft {id}"));
}
