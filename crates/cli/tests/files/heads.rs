//! The commands of docs/releases.md, sections The head and Turning flags off at once, as they are written there.

use crate::bench::Bench;
use crate::guide::commands;

#[test]
fn each_command_of_heads_and_kills_runs() {
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
}
