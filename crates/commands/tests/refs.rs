//! `waft refs`: what it finds in code, what it says of the rules, and how it ends.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use std::time::Duration;

use host::Memory;
use serde_json::Value as Json;
use waft_commands::refs::{self, Kind, Options};
use waft_commands::{Exit, lint};

/// Flags of each state, at the moment of the tests: 2026-11-24.
const RULES: &str = "project: shop
environments: { production: {}, staging: {} }
attributes: { id: string, country: string }
units: { visitor: { attribute: id } }
experiments:
  past: { unit: visitor, phases: [{ id: 1, from: 2026-10-01, to: 2026-11-01T00:00Z, split: { off: 50%, on: 50% } }] }
flags:
  live: { type: boolean, whenOff: off, rules: [{ id: de, if: { country: { is: DE } }, serve: on }], default: off }
  asked: { type: boolean, whenOff: off, rules: [{ id: de, if: { country: { is: DE } }, serve: on }], default: off }
  asks: { type: boolean, whenOff: off, requires: { asked: on }, default: on }
  late:
    type: boolean
    meta: { removeBy: 2026-11-01 }
    whenOff: off
    rules: [{ id: de, if: { country: { is: DE } }, serve: on }]
    default: off
  full:
    type: boolean
    whenOff: off
    rules: [{ id: r, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-10-01 }, { to: 100%, at: 2026-11-01 }] }]
    default: off
  decided:
    type: boolean
    whenOff: off
    rules: [{ id: t, experiment: past }]
    default: on
  switch: { type: boolean, meta: { purpose: ops }, whenOff: off, default: on }
";

/// Code that reads all of them but `asked`.
const CODE: &str = "for (const key of ['live', 'asks', 'late', 'full', 'decided', 'switch']) read(key);\n";

fn options(change: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options { sources: vec!["src".to_owned()], rules: "rules.yaml".to_owned(), ..Options::default() };
    change(&mut options);
    options
}

fn world(files: &[(&str, &str)]) -> Memory {
    let host = Memory::with(files);
    host.put("rules.yaml", RULES);
    host
}

/// Code, file, line and message of each finding; and the references, `file:line:column flag how`.
fn found(host: &Memory, options: &Options) -> (Vec<String>, Vec<String>, Json) {
    refs::run(&Options { format: lint::Format::Json, ..options.clone() }, host);
    let (out, err) = host.said();
    let told: Json = serde_json::from_str(&out.join("\n")).unwrap_or_else(|_| panic!("{err:?}"));
    let findings = told["findings"].as_array().unwrap().iter().map(|finding| {
        let text = |name: &str| finding[name].as_str().unwrap().to_owned();
        format!("{} {}:{} {}", text("code"), text("file"), finding["line"], text("message"))
    });
    let mut references = Vec::new();
    for flag in told["flags"].as_array().unwrap() {
        for reference in flag["references"].as_array().unwrap() {
            references.push(format!(
                "{}:{}:{} {} {}",
                reference["file"].as_str().unwrap(),
                reference["line"],
                reference["column"],
                flag["flag"].as_str().unwrap(),
                reference["how"].as_str().unwrap()
            ));
        }
    }
    (findings.collect(), references, told.clone())
}

/// What is found in one file: `column flag how` of each reference on its first line, in order of flags.
fn in_file(name: &str, text: &str) -> Vec<String> {
    let host = world(&[(&format!("src/{name}"), text)]);
    let (_, references, _) = found(&host, &options(|_| {}));
    references.iter().map(|reference| reference.replace(&format!("src/{name}:"), "")).collect()
}

fn check(name: &str, text: &str, expected: &[&str]) {
    assert_eq!(in_file(name, text), expected, "{name}: {text}");
}

#[test]
fn calls_of_getters_name_flags_whether_or_not_there_are_any() {
    check("a.js", "client.getBooleanValue('live', false)", &["1:25 live call"]);
    check("a.js", "client.getStringDetails(\"none.such\", '')", &["1:26 none.such call"]);
    check("a.ts", "client?.getObjectValue?.<Map<string, () => void>>(\n  'none', {})", &["2:4 none call"]);
    check("a.tsx", "const on = useFlag(`none`, true);", &["1:21 none call"]);
    check("a.jsx", "return useExperiment('none', 'a') === 'b' ? <A /> : <B />", &["1:23 none call"]);
    check("a.vue", "<template><p v-if=\"client.getBooleanValue('none', false)\" /></template>", &["1:44 none call"]);
    check(
        "a.svelte",
        "<script>const a = peek('none')</script>{getStringValue('two', '')}",
        &["1:25 none call", "1:57 two call"],
    );
    check(
        "a.html",
        "<p data-flag=\"none\"><p data-flag=two><p data-waft-flag = 'three'>",
        &["1:15 none attribute", "1:59 three attribute", "1:34 two attribute"],
    );
    check("a.jsx", "<Feature is={true}\n flag=\"none\">x</Feature><Country flag=\"de\" />", &["2:8 none attribute"]);
    // A key that is no flag's name is none, too; of functions that others have as well, it is something else.
    check(
        "a.js",
        "useFlag('a key'); bus.expose('a key'); queue.peek(); expose({ a }); useFlag('')",
        &["1:78  call", "1:10 a key call"],
    );
    check("a.js", "function useFlag(key) {} const myuseFlag = 1; myuseFlag('none'); useFlags('none')", &[]);
    // Only JavaScript has these getters.
    check("a.py", "client.getBooleanValue('none', False)", &[]);
}

#[test]
fn elsewhere_a_text_counts_if_it_is_a_flags_name() {
    check("a.js", "const LIVE = 'live', none = 'none', longer = 'live-2', part = 'live or late'", &["1:15 live text"]);
    check("a.py", "KEYS = [\"live\", r'late']", &["1:19 late text", "1:10 live text"]);
    check("a.go", "flags := []string{\"live\", `late`}", &["1:28 late text", "1:20 live text"]);
    check("a.rb", "puts 'live' # 'late'", &["1:7 live text"]);
    check("a.md", "`live`", &[]);
    check("live.js", "live.live(live)", &[]);
}

#[test]
fn comments_are_not_code() {
    check(
        "a.js",
        "a('live'); // useFlag('late')\n/* 'full'\n 'full' */ b('decided')",
        &["3:15 decided text", "1:4 live text"],
    );
    check("a.js", "fetch('https://x'); a('live')", &["1:24 live text"]);
    check("a.js", "const glob = 'src/*'; a('live'); // */ 'late'", &["1:26 live text"]);
    check("a.js", "x.replace(/\\/*'/, ''); a('live'); /[/'*]/.test(b('late'))", &["1:51 late text", "1:27 live text"]);
    check("a.js", "`${a ? `//${b('live')}` : ''} /*`; c('late') // */", &["1:39 late text", "1:16 live text"]);
    check("a.jsx", "<p>Don't</p>; a('live') // it's 'late'", &["1:18 live text"]);
    check("a.jsx", "<a>http://x {useFlag('live')}</a>", &["1:23 live call"]);
    check("a.jsx", "<b>1</b><i>{useFlag('live')}</i> {/* 'late' */}", &["1:22 live call"]);
    check(
        "a.html",
        "<!-- data-flag=\"late\" --><p data-flag=\"live\"><a href=//x>'full'</a>",
        &["1:59 full text", "1:40 live attribute"],
    );
    check(
        "a.vue",
        "<script setup>\n// 'late'\na('live')\n</script>\n<style>a { background: url(//x) } /* 'full' */</style>",
        &["3:4 live text"],
    );
    check("a.astro", "---\n// 'late'\n---\n<!-- 'full' --><p>{useFlag('live')}</p>", &["4:29 live call"]);
    check("a.php", "<?php # 'late'\n// 'full'\nf('live');", &["3:4 live text"]);
    // What does not end hides nothing.
    check("a.js", "a /* 'live'", &["1:7 live text"]);
    check("a.html", "<!-- 'live'", &["1:7 live text"]);
}

#[test]
fn a_key_that_is_no_literal_is_told() {
    let host = world(&[(
        "src/a.ts",
        "useFlag(key, 0);\nuseFlag('a' + b);\nuseFlag(`a${b}`);\n{ useFlag(key: string): void; useFlag(key?: Key) }\npeek(key)",
    )]);
    let (_, _, told) = found(&host, &options(|_| {}));
    let lines: Vec<_> = told["dynamic"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["line"].as_u64().unwrap(), one["getter"].as_str().unwrap()))
        .collect();
    assert_eq!(lines, [(1, "useFlag"), (2, "useFlag"), (3, "useFlag")]);
    refs::run(&options(|options| options.list = true), &host);
    let (out, err) = host.said();
    assert!(out.iter().any(|line| line == "src/a.ts:1:1: useFlag(...), whose key is no literal"), "{out:?}");
    assert_eq!(
        err.last().unwrap(),
        "1 file searched: 0 references, 7 flags, 3 getters with a key that is no literal, 10 findings"
    );
}

#[test]
fn patterns_find_what_is_the_projects_own() {
    let host = world(&[("src/a.kt", "if (flags.isOn(Flag.NONE)) a() // flags.isOn(Flag.TWO)\nfeature<live>()")]);
    let patterns = vec![r"isOn\(Flag\.(\w+)\)".to_owned(), r"feature<(?:(?<flag>[a-z]+)|\d)>".to_owned()];
    let (findings, references, _) = found(&host, &options(|options| options.patterns = patterns));
    assert_eq!(references, ["src/a.kt:2:9 live pattern", "src/a.kt:1:21 NONE pattern"]);
    assert!(findings[0].starts_with("MISSING_FLAG src/a.kt:1 "), "{findings:?}");
    let wrong = options(|options| options.patterns = vec!["feature<[a-z]+>".to_owned()]);
    assert_eq!(refs::run(&wrong, &host), Exit::Failed);
    let told = "waft: --pattern feature<[a-z]+>: has no group: put parentheses around the key of the flag";
    assert_eq!(host.said().1, [told]);
    let wrong = options(|options| options.patterns = vec!["(".to_owned()]);
    assert_eq!(refs::run(&wrong, &host), Exit::Failed);
    assert_eq!(host.said().1, ["waft: --pattern (: unclosed group"]);
}

#[test]
fn each_side_lacks_something_of_the_other() {
    let host =
        world(&[("src/a.js", "useFlag('live', 0); useFlag('lvie', 0); useFlag('new', 0)"), ("src/b/c.ts", CODE)]);
    let (findings, ..) = found(&host, &options(|_| {}));
    let missing: Vec<_> = findings.iter().filter(|finding| finding.starts_with("MISSING")).collect();
    assert_eq!(
        missing,
        [
            "MISSING_FLAG src/a.js:1 the rules have no flag `lvie`: the code's own default is used",
            "MISSING_FLAG src/a.js:1 the rules have no flag `new`: the code's own default is used",
        ]
    );
    // A flag that others ask for is used.
    assert!(!findings.iter().any(|finding| finding.starts_with("UNUSED_FLAG")), "{findings:#?}");
    host.put("src/b/c.ts", "");
    let (findings, ..) = found(&host, &options(|_| {}));
    let unused: Vec<_> =
        findings.iter().filter_map(|finding| finding.strip_prefix("UNUSED_FLAG rules.yaml:")).collect();
    assert_eq!(unused.len(), 5, "{findings:#?}");
    assert_eq!(unused[0], "10 no code reads the flag `asks`");
    // Each kind fails where it is asked for.
    for (kinds, expected) in
        [(vec![], Exit::Done), (vec![Kind::Missing], Exit::Failed), (vec![Kind::Unused], Exit::Failed)]
    {
        assert_eq!(refs::run(&options(|options| options.fail_on = kinds.clone()), &host), expected, "{kinds:?}");
    }
    host.put("src/a.js", CODE);
    let both = options(|options| options.fail_on = vec![Kind::Missing, Kind::Unused]);
    assert_eq!(refs::run(&both, &host), Exit::Done);
    host.said();
}

#[test]
fn flags_that_are_over_are_told_with_where_they_are_read() {
    let host = world(&[("src/a.js", CODE), ("src/b.js", "f('late'); f('late'); f('late')")]);
    let (findings, ..) = found(&host, &options(|_| {}));
    assert_eq!(
        findings,
        [
            "EXPERIMENT_OVER rules.yaml:6 all phases of the experiment `past` are over; read at src/a.js:1",
            "OVERDUE rules.yaml:13 the flag `late` was to be removed by now; read at src/a.js:1, src/b.js:1, src/b.js:1 and 1 more",
            "RAMP_OVER rules.yaml:20 the ramp `r` has reached everybody; read at src/a.js:1",
            "ONE_VALUE rules.yaml:22 everybody gets true of the flag `decided`, in every environment; read at src/a.js:1",
        ]
    );
    assert_eq!(refs::run(&options(|options| options.fail_on = vec![Kind::Debt]), &host), Exit::Failed);
    host.said();
}

#[test]
fn a_value_is_everybodys_if_nothing_now_or_later_gives_another() {
    let one = |flag: &str| {
        let rules = format!(
            "{}  flag: {{ type: boolean, whenOff: off, {flag} }}\n",
            RULES.split("  live:").next().unwrap().replace(
                "  past:",
                "  now: { unit: visitor, phases: [{ id: 1, from: 2026-10-01, split: { off: 100% } }] }\n  past:"
            )
        );
        let host = Memory::with(&[("src/a.js", "f('flag')"), ("rules.yaml", &rules)]);
        let (findings, ..) = found(&host, &options(|_| {}));
        findings.iter().any(|finding| finding.starts_with("ONE_VALUE"))
    };
    for flag in [
        "default: on",
        "enabled: false, default: on",
        "default: on, in: { staging: { rules: [] } }",
        "rules: [{ id: a, if: { country: { is: DE } }, serve: on }], default: on",
        "rules: [{ id: a, serve: on }], default: off",
        "rules: [{ id: a, to: 2026-11-01T00:00Z, serve: on }], default: off",
        "rules: [{ id: a, experiment: now }], default: off",
        "meta: { purpose: release }, default: on",
    ] {
        assert!(one(flag), "{flag}");
    }
    for flag in [
        "default: on, in: { staging: { default: off } }",
        "rules: [{ id: a, if: { country: { is: DE } }, serve: on }], default: off",
        "rules: [{ id: a, from: 2026-12-01, serve: on }], default: off",
        "rules: [{ id: a, if: { country: { is: DE } }, onUnknown: stop, serve: on }], default: on",
        "rules: [{ id: a, experiment: now }], default: on",
        "rules: [{ id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-12-01 }] }], default: off",
        "targets: { on: { visitor: [v1] } }, default: off",
        "meta: { removeBy: 2026-12-01 }, default: on",
        "meta: { purpose: permission }, default: on",
    ] {
        assert!(!one(flag), "{flag}");
    }
}

#[test]
fn a_flag_that_is_read_cannot_be_removed() {
    let host = world(&[("src/a.js", "useFlag('live', 0)"), ("src/b.js", "const B = 'live', C = 'asks'")]);
    host.build("rules.yaml", "production", "live.waft");
    let without = |name: &str, rules: &str| {
        rules
            .lines()
            .filter(|line| !line.starts_with(&format!("  {name}:")))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let against = options(|options| options.against = Some("live.waft".to_owned()));
    assert_eq!(refs::run(&against, &host), Exit::Done);
    host.put("rules.yaml", without("live", RULES));
    assert_eq!(refs::run(&against, &host), Exit::Failed);
    let (out, _) = host.said();
    let referenced: Vec<_> = out.iter().filter(|line| line.contains("[REFERENCED]")).collect();
    assert_eq!(
        referenced,
        [
            "src/a.js:1:10: error[REFERENCED]: the flag `live`, which is live, was removed, and is read here: put it back; deploy the code without it first, and remove it then",
            "src/b.js:1:12: warning[REFERENCED]: the flag `live`, which is live, was removed, and a text here is its name: deploy the code without it first, if it reads the flag",
        ]
    );
    // A text may be about something else: it is told, and stops nothing.
    host.put("src/a.js", "");
    assert_eq!(refs::run(&against, &host), Exit::Done);
    assert!(host.said().0.iter().any(|line| line.contains("warning[REFERENCED]")));
    host.put("src/b.js", "");
    assert_eq!(refs::run(&against, &host), Exit::Done);
    assert!(!host.said().0.iter().any(|line| line.contains("[REFERENCED]")));
    // One of another project says nothing of this.
    host.put("rules.yaml", RULES.replace("project: shop", "project: shed"));
    assert_eq!(refs::run(&against, &host), Exit::Failed);
    assert_eq!(host.said().1, ["waft: --against live.waft: a snapshot of the project `shop`, not `shed`"]);
}

#[test]
fn a_flag_whose_code_is_nowhere_is_told() {
    let rules = RULES
        .replace("country: string }", "country: string, app: semver, build: number }")
        .replace("  live: { type: boolean,", "  live: { type: boolean, needs: { app: { gte: 4.2.0 }, country: { isNot: XX } },")
        .replace("  asked: { type: boolean,", "  asked: { type: boolean, needs: { build: { gte: 7 } }, in: { staging: { needs: { build: { gte: 9 } } } },")
        .replace("  asks: {", "  off: { type: boolean, needs: { app: { gte: 9.0.0 } }, whenOff: off, enabled: false, default: on }\n  asks: {");
    let told = |deployed: &[&str]| {
        let host = Memory::with(&[("src/a.js", CODE), ("rules.yaml", &rules)]);
        let deployed = deployed.iter().map(|text| (*text).to_owned()).collect();
        let (findings, ..) = found(&host, &options(|options| options.deployed = deployed));
        findings.into_iter().filter(|finding| finding.starts_with("NOT_DEPLOYED")).collect::<Vec<_>>()
    };
    assert_eq!(
        told(&["app=4.1.0"]),
        [
            "NOT_DEPLOYED rules.yaml:8 the flag `live` may come to people, and no deployed version has its code: app=4.1.0"
        ]
    );
    // One version is enough; a pre-release is below it; what is said of something else says nothing.
    assert_eq!(told(&["app=4.1.0", "app=4.2.0"]).len(), 0);
    assert_eq!(told(&["app=4.1.0", "app=4.2.0-rc.1"]).len(), 1);
    assert_eq!(told(&["country=DE"]).len(), 0);
    assert_eq!(told(&[]).len(), 0);
    // In staging, another one is needed.
    let builds = [6, 7, 8, 9].map(|build| told(&[&format!("build={build}")]).len());
    assert_eq!(builds, [1, 1, 1, 0]);
    let host = Memory::with(&[("src/a.js", CODE), ("rules.yaml", &rules)]);
    let failing = options(|options| {
        options.deployed = vec!["app=4.1.0".to_owned()];
        options.fail_on = vec![Kind::Undeployed];
    });
    assert_eq!(refs::run(&failing, &host), Exit::Failed);
    host.said();
    for (text, expected) in [
        ("app", "waft: --deployed app: expected ATTRIBUTE=VALUE, such as appVersion=4.1.0"),
        ("build=many", "waft: --deployed build=many: expected ATTRIBUTE=VALUE, such as appVersion=4.1.0"),
        ("ap=4.1.0", "waft: --deployed ap=4.1.0: the ruleset has no attribute `ap`: did you mean `app`?"),
    ] {
        assert_eq!(refs::run(&options(|options| options.deployed = vec![text.to_owned()]), &host), Exit::Failed);
        assert_eq!(host.said().1, [expected]);
    }
}

#[test]
fn what_git_ignores_is_not_searched() {
    let host = world(&[
        (".git/HEAD", ""),
        (".gitignore", "dist/\n*.min.js\n/src/only-here.js\n# a comment\n\\#odd.js"),
        ("src/a.js", "useFlag('one')"),
        ("src/a.min.js", "useFlag('no')"),
        ("src/only-here.js", "useFlag('no')"),
        ("src/deep/only-here.js", "useFlag('two')"),
        ("src/dist/a.js", "useFlag('no')"),
        ("src/deep/.gitignore", "*.ts\n!keep.ts\n!b.min.js"),
        ("src/deep/a.ts", "useFlag('no')"),
        ("src/deep/keep.ts", "useFlag('three')"),
        ("src/deep/b.min.js", "useFlag('four')"),
        ("src/deep/er/a.ts", "useFlag('no')"),
        ("src/#odd.js", "useFlag('no')"),
        ("src/node_modules/x/a.js", "useFlag('no')"),
        ("src/.github/a.js", "useFlag('five')"),
    ]);
    let (_, references, _) = found(&host, &options(|_| {}));
    let files: Vec<_> = references.iter().map(|reference| reference.split(':').next().unwrap()).collect();
    assert_eq!(
        files,
        ["src/.github/a.js", "src/deep/b.min.js", "src/a.js", "src/deep/keep.ts", "src/deep/only-here.js"]
    );
    // The same from within, and from the top.
    let deep = options(|options| options.sources = vec!["src/deep".to_owned(), "src/deep/keep.ts".to_owned()]);
    assert_eq!(found(&host, &deep).2["files"], 3);
    let top = options(|options| options.sources = vec![".".to_owned()]);
    assert_eq!(found(&host, &top).1, references);
    // What is named is searched.
    let named = options(|options| options.sources = vec!["src/dist".to_owned(), "src/only-here.js".to_owned()]);
    assert_eq!(found(&host, &named).1.len(), 2);
}

#[test]
fn what_is_no_code_is_told_or_asked_for() {
    let host = world(&[
        ("src/a.json", "[\"live\"]"),
        ("src/rules.yaml", "'live'"),
        ("src/types.ts", "// Written by `waft codegen`. Do not edit\n'live'"),
    ]);
    let mut bytes = b"useFlag('live')".to_vec();
    bytes.extend([0, 0]);
    host.put("src/film.ts", bytes);
    host.put("src/large.js", vec![b' '; (4 << 20) + 1]);
    host.put("src/latin.js", b"\xfc\xff f('live')");
    let (_, references, told) = found(&host, &options(|_| {}));
    assert_eq!(references, ["src/latin.js:1:7 live text"]);
    let skipped: Vec<_> = told["skipped"].as_array().unwrap().iter().map(|one| one["file"].as_str().unwrap()).collect();
    assert_eq!(skipped, ["src/film.ts", "src/large.js", "src/types.ts"]);
    let also = options(|options| options.also = vec!["JSON".to_owned()]);
    assert_eq!(found(&host, &also).1, ["src/a.json:1:3 live text", "src/latin.js:1:7 live text"]);
    // The ruleset names its own flags.
    let own = options(|options| {
        options.also = vec!["yaml".to_owned()];
        options.sources = vec![".".to_owned()];
    });
    assert_eq!(found(&host, &own).1, ["src/latin.js:1:7 live text", "src/rules.yaml:1:2 live text"]);
    // What is absent, and rules that cannot be read.
    assert_eq!(refs::run(&options(|options| options.sources = vec!["absent".to_owned()]), &host), Exit::Failed);
    host.put("rules.yaml", "flags: []");
    assert_eq!(refs::run(&options(|_| {}), &host), Exit::Failed);
    assert!(host.said().1.iter().any(|line| line.starts_with("waft: rules.yaml: ")));
}

#[test]
fn a_hostile_file_takes_no_more_than_its_length() {
    for piece in ["'", "/*", "`${", "\\'", "=/[", "<!--", "useFlag<", "useFlag('", "<Feature flag"] {
        for name in ["src/a.js", "src/a.vue", "src/a.astro"] {
            let host = world(&[(name, &piece.repeat((1 << 18) / piece.len()))]);
            let start = worked();
            found(&host, &options(|_| {}));
            assert!((worked() - start).as_secs() < 5, "{piece} in {name}");
        }
    }
}

/// How long the processor has worked for this thread: what else runs on the machine does not count.
fn worked() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
}
