//! Of a ruleset's folder, what lies in it is read, and no more; nothing is waited for.

use crate::bench::{Bench, RULESET, has};

fn is(found: &[(String, String)], expected: &[(&str, &str)]) {
    let found: Vec<(&str, &str)> = found.iter().map(|(code, file)| (code.as_str(), file.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_other_tools_put_there_is_not_read() {
    let bench = Bench::new();
    for name in [
        "node_modules/a/package.json",
        "sub/node_modules/b.json",
        "target/c.yaml",
        ".git/d.yaml",
        "sub/.e/f.json",
        ".g.yaml",
    ] {
        bench.put(&format!("rules/{name}"), "flags: nonsense");
    }
    bench.put("rules/x.yaml/waft.yml", "segments: {}");
    is(&bench.lint("rules"), &[]);
    // What is named itself is.
    is(
        &bench.lint("rules/target"),
        &[("MISSING_FIELD", "rules/target/c.yaml"), ("EXPECTED_MAP", "rules/target/c.yaml")],
    );
}

#[test]
fn what_is_no_file_is_a_finding_about_its_path() {
    let bench = Bench::new();
    bench.link("nowhere.yaml", "rules/dangling.yaml");
    bench.link("../nowhere", "rules/folder");
    bench.link("b.yaml", "rules/a.yaml");
    bench.link("a.yaml", "rules/b.yaml");
    bench.done(
        "mkdir rules/deep; ln -s .. rules/deep/up; ln -s /dev/null rules/null.yaml; mkfifo rules/pipe.yml rules/pipe",
    );
    let _socket = std::os::unix::net::UnixListener::bind(bench.path("rules/socket.json")).unwrap();
    is(
        &bench.lint("rules"),
        &[
            ("LINK_CIRCLE", "rules/a.yaml"),
            ("LINK_CIRCLE", "rules/b.yaml"),
            ("LINK_BROKEN", "rules/dangling.yaml"),
            ("LINK_CIRCLE", "rules/deep/up"),
            ("LINK_BROKEN", "rules/folder"),
            ("NOT_A_FILE", "rules/null.yaml"),
            ("NOT_A_FILE", "rules/pipe"),
            ("NOT_A_FILE", "rules/pipe.yml"),
            ("NOT_A_FILE", "rules/socket.json"),
        ],
    );
    for command in [
        "build $B --out s.waft",
        "layer allocate rules --layer x --share 5%",
        "report rules --environment production --print-sql sqlite",
    ] {
        if !has(command) {
            continue;
        }
        assert_eq!(bench.sh(&format!("$W {command}")).status.code(), Some(1), "{command}");
    }
}

#[test]
fn folders_that_link_to_each_other_are_a_circle_and_read_once() {
    let bench = Bench::new();
    bench.done("mkdir -p rules/a rules/b; ln -s ../b rules/a/x; ln -s ../a rules/b/y");
    let found = bench.lint("rules");
    assert!(!found.is_empty() && found.iter().all(|(code, _)| code == "LINK_CIRCLE"), "{found:?}");
    // Twelve folders, each with a link to every other: 12! ways through them.
    let bench = Bench::new();
    bench.done("cd rules; for a in {1..12}; do mkdir f$a; for b in {1..12}; do ln -s ../f$b f$a/l$b; done; done");
    assert!(bench.lint("rules").iter().all(|(code, _)| code == "LINK_CIRCLE"));
}

#[test]
fn links_may_lead_within_the_folder_and_where_it_is_allowed() {
    let bench = Bench::new();
    bench.put("rules/shared/segments.yaml", "segments: { one: { id: { is: a } } }\n");
    bench.put(
        "rules/.data/more.yaml",
        "segments: { two: { id: { is: b } } }\nlists: { l: { file: ids.csv, attribute: id } }\n",
    );
    bench.put("rules/.data/ids.csv", "a\n");
    bench.link("shared", "rules/same");
    bench.link("shared/segments.yaml", "rules/again.yaml");
    bench.link(".data", "rules/data");
    let codes = |found: Vec<(String, String)>| -> Vec<String> { found.into_iter().map(|(code, _)| code).collect() };
    let unused = ["UNUSED_LIST", "UNUSED_SEGMENT", "UNUSED_SEGMENT"].map(str::to_owned);
    let mut found = codes(bench.lint("rules"));
    found.sort();
    assert_eq!(found, unused);
    // Out of it: a file, a folder, the file of a list.
    bench.put("other/flags.yaml", "segments: { three: { id: { is: c } } }\n");
    bench.put("other/list.csv", "a\n");
    bench.link("../other/flags.yaml", "rules/file.yaml");
    bench.link("../other", "rules/folder");
    bench.link("../other/list.csv", "rules/ids.csv");
    is(&bench.lint("rules"), &[("LINK_OUTSIDE", "rules/file.yaml"), ("LINK_OUTSIDE", "rules/folder")]);
    let text = String::from_utf8(bench.sh("$W lint rules").stdout).unwrap();
    assert!(text.contains("`--root"), "{text}");
    bench.put("rules/list.yaml", "lists: { l2: { file: ids.csv, attribute: id } }\n");
    let found = codes(bench.lint("rules --root other"));
    assert!(found.iter().all(|code| code.starts_with("UNUSED_")), "{found:?}");
    bench.done("rm rules/file.yaml rules/folder");
    is(&bench.lint("rules")[..1], &[("LIST_FILE", "rules/list.yaml")]);
    assert_eq!(bench.sh("$W lint rules --root missing").status.code(), Some(1));
}

#[test]
fn no_message_prints_a_line_of_what_is_no_ruleset() {
    let bench = Bench::new();
    let secret = "root:s3cr3t:19000:0:99999:7:::\n";
    bench.put("elsewhere/shadow", secret);
    bench.put("elsewhere/map", "s3cr3t: 1\nother: s3cr3t\n");
    bench.done("mkfifo rules/ids");
    let list = |file: &str| format!("lists: {{ l: {{ file: {file}, column: id, attribute: id }} }}\n");
    bench.link("../elsewhere/shadow", "rules/shadow.csv");
    bench.put("rules/copied.csv", secret);
    bench.put("rules/plain.csv", "s3cr3t\n");
    for (name, rules) in
        [("a", list("shadow.csv")), ("b", list("copied.csv")), ("c", list("plain.csv")), ("d", list("ids"))]
    {
        bench.put(&format!("rules/{name}.yaml"), rules.replace("l:", &format!("{name}:")));
    }
    let lines = [
        "$W lint rules",
        "$W lint rules --root elsewhere",
        "$W lint elsewhere/shadow",
        "$W lint elsewhere/map",
        "ln -s ../elsewhere/map rules/z.yaml; $W lint rules --root elsewhere; $W lint rules",
        "$W sign elsewhere/shadow --key elsewhere/shadow --role publisher",
        "$W verify rules --trust elsewhere/map",
        "$W inspect elsewhere/shadow",
        "$W report rules/waft.yaml --environment production --stats elsewhere/shadow",
    ];
    for line in lines.into_iter().filter(|line| has(line)) {
        let output = bench.sh(line);
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert!(!said.is_empty() && !said.contains("s3cr3t"), "{line}: {said}");
    }
}

#[test]
fn names_and_sizes_of_any_kind_are_findings() {
    use std::os::unix::ffi::OsStrExt;
    let bench = Bench::new();
    let name = std::ffi::OsStr::from_bytes(b"m\xfcller.yaml");
    std::fs::write(bench.path("rules").join(name), RULESET).unwrap();
    let found = bench.lint("rules");
    assert_eq!(found.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), ["PATH_NAME"]);
    std::fs::remove_file(bench.path("rules").join(name)).unwrap();
    // A terabyte of nothing.
    bench.done("truncate -s 1T rules/large.yaml");
    is(&bench.lint("rules"), &[("FILE_TOO_LARGE", "rules/large.yaml")]);
    // What is named itself is read whatever it is.
    bench.done("$W lint <(cat rules/waft.yaml)");
}
