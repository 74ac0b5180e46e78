//! Where `waft release` takes what is live and the sources from: a URL, a published folder, a commit.

use std::fs;
use std::process::Command;

use crate::bench::Bench;
use crate::delivery::{digest, done, edit, release, shop};
use crate::origin::Origin;

fn git(bench: &Bench, arguments: &str) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=ci", "-c", "user.email=ci@shop.example"]).args(arguments.split(' '));
    let output = command.current_dir(bench.path("")).output().unwrap();
    assert!(output.status.success(), "{arguments}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn what_is_live_is_read_where_pages_load_it() {
    let (bench, origin) = (shop(), Origin::start());
    // With a list file, which lies beside the snapshot there, too.
    let list: String = (0..20_000).map(|number| format!("user-{number}\n")).collect();
    fs::write(bench.path("rules/beta.txt"), list).unwrap();
    let rules = String::from_utf8(bench.read("rules/rules.yaml")).unwrap();
    let rules = rules.replace("default: on }", "default: on, rules: [{ id: beta, if: { list: beta }, serve: off }] }");
    fs::write(bench.path("rules/rules.yaml"), rules + "lists: { beta: { file: beta.txt, attribute: id } }\n").unwrap();
    done(&bench, "propose rules --key ci.pem");
    done(&bench, &format!("approve --key alice.pem --digest {}", digest(&bench)));
    done(&bench, &format!("publish --to {}", origin.url));
    assert!(origin.with(|state| state.files.keys().any(|name| name.ends_with(".list"))));
    edit(&bench, "default: on", "default: off");
    edit(&bench, "new: on", "new: off");
    for live in [
        format!("{}/snapshot.waft", origin.url.trim_end_matches('/')),
        format!("{}/", origin.url.trim_end_matches('/')),
    ] {
        let live = format!("--live {live}");
        let text = done(&bench, &format!("propose rules --key ci.pem {live}"));
        assert!(text.contains(" in production is proposed") && text.contains("flag new: changed"), "{text}");
        assert_eq!(release(&bench, &format!("status {live}")).0, 3);
        done(&bench, &format!("approve --key bob.pem {live} --digest {}", digest(&bench)));
    }
    let (exit, text) = release(&bench, &format!("propose rules --key ci.pem --live {}nothing.waft", origin.url));
    assert!(exit == 5 && text.contains("nothing.waft: status 404"), "{exit} {text}");
}

#[test]
fn a_commit_gives_the_bytes_that_are_signed() {
    let bench = shop();
    git(&bench, "init --quiet .");
    git(&bench, "add rules");
    git(&bench, "commit --quiet -m first");
    let first = git(&bench, "rev-parse --short HEAD");
    done(&bench, &format!("propose rules --key ci.pem --source {first}"));
    // The tree goes on; what was proposed is in the commit.
    edit(&bench, "default: on", "default: off");
    edit(&bench, "new: on", "new: off");
    git(&bench, "commit --quiet --all -m second");
    let approve = |sources: &str| {
        release(&bench, &format!("approve --key alice.pem --rebuild {sources} --digest {}", digest(&bench)))
    };
    for (sources, wanted) in [
        ("HEAD:rules", "HEAD:rules: gives other bytes than the proposal has"),
        ("rules", "rules: gives other bytes than the proposal has"),
        ("HEAD:gone", "HEAD:gone: git cat-file: "),
        ("1234567:rules", "1234567:rules: git cat-file: "),
    ] {
        let (exit, text) = approve(sources);
        assert!(exit == 1 && text.contains(wanted), "{sources}: {exit} {text}");
    }
    // Neither the index nor a file of the repository is touched.
    let before = git(&bench, "status --porcelain rules");
    for sources in [format!("{first}:rules"), format!("{first}:rules/rules.yaml"), format!("{first}:./rules")] {
        let (exit, text) = approve(&sources);
        assert!(exit == 0 && text.contains(&format!("{sources}: gives the same bytes")), "{exit} {text}");
    }
    assert_eq!((before.as_str(), git(&bench, "status --porcelain rules").as_str()), ("", ""));
}
