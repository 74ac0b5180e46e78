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
    for (section, least) in [("The head", 3), ("Turning flags off at once", 3)] {
        let lines = commands(section, &["sh"]);
        assert!(lines.len() >= least, "{lines:?}");
        for line in lines {
            bench.done(&line.replacen("waft", "$W", 1));
        }
    }
    let told = bench.done("$W verify head.waft --trust trust.json").stdout;
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!((&told["kills"]["number"], &told["pointer"]["kills"]), (&2.into(), &1.into()), "{told}");
}
