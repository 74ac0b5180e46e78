//! The workflows of examples/pipeline: each of their steps runs here as its CI would run it, with a repository and a store of the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

use crate::bench::Bench;
use crate::runs::{deployed, other};

const GITHUB: &str = include_str!("../../../../examples/pipeline/github.yml");
const GITLAB: &str = include_str!("../../../../examples/pipeline/gitlab.yml");

/// A guarded ramp, and what lets it rise.
const RAMP: &str = "  header:
    type: boolean
    whenOff: off
    default: off
    rules:
      - id: up
        ramp: on
        unit: one
        guard: { errors: { worse: 5% } }
        steps:
          - { to: 5%, at: 2026-01-01 }
          - { to: 25%, after: 1s }
metrics: { errors: { conversion: error, better: down } }
";

/// As `waft report --format json` prints it, as far as it is read.
fn report() -> String {
    let second = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let at = waft_ruleset::clock::text_of_seconds(second);
    format!(
        r#"{{"set":"shop/production","asOf":"{at}","studies":[{{"kind":"ramp","name":"header/up","arms":[{{"units":900}}],
        "metrics":[{{"metric":"errors","comparisons":[{{"verdict":"safe"}}]}}]}}]}}"#
    )
}

/// The texts of all steps `run:`, in their order.
fn steps(workflow: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut lines = workflow.lines().peekable();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        if line.trim_start() != "run: |" {
            assert!(!line.contains("run:"), "{line}");
            continue;
        }
        let mut step = String::new();
        while let Some(line) = lines.next_if(|line| line.trim().is_empty() || line.starts_with(&" ".repeat(indent + 2)))
        {
            step += &format!("{}\n", line.trim_start());
        }
        steps.push(step);
    }
    steps
}

/// The items of the lists `before_script` and `script`, in their order.
fn script(pipeline: &str) -> Vec<&str> {
    let mut is_script = false;
    let mut items = Vec::new();
    for line in pipeline.lines() {
        match line.trim_start() {
            "before_script:" | "script:" => is_script = true,
            item if item.starts_with("- ") && line.starts_with("    - ") => items.extend(is_script.then(|| &item[2..])),
            _ => is_script = false,
        }
    }
    items
}

fn git(folder: &Path, line: &str) -> String {
    let git = Command::new("git").args(line.split(' ')).current_dir(folder).output().unwrap();
    assert!(git.status.success(), "git {line}: {git:?}");
    String::from_utf8(git.stdout).unwrap()
}

/// A repository with rules and a trust, the archive of the program, a store, and what a checkout starts with.
struct Team {
    bench: Bench,
    sum: String,
    runs: u32,
}

impl Team {
    fn new() -> Self {
        let bench = deployed();
        let program = Path::new(env!("CARGO_BIN_EXE_waft"));
        // As tools/release.sh packs it: in a folder.
        let mut tar = Command::new("tar");
        tar.args(["-czf", "waft.tar.gz", "--transform", "s,^,waft-1/,", "-C"]).arg(program.parent().unwrap());
        assert!(tar.arg(program.file_name().unwrap()).current_dir(bench.path("")).status().unwrap().success());
        let sum = Sha256::digest(bench.read("waft.tar.gz")).iter().map(|byte| format!("{byte:02x}")).collect();
        git(&bench.path(""), "init -q --bare -b main origin.git");
        // As GitLab's.
        git(&bench.path("origin.git"), "config receive.advertisePushOptions true");
        let team = Team { bench, sum, runs: 0 };
        let work = team.path("work");
        git(&team.path(""), "clone -q origin.git work");
        for file in ["rules", "trust.json"] {
            let from = team.path(file);
            assert!(Command::new("cp").arg("-r").arg(from).arg(&work).status().unwrap().success());
        }
        fs::write(work.join(".gitignore"), "releases/\n").unwrap();
        team.push("rules");
        team
    }

    fn path(&self, name: &str) -> PathBuf {
        self.bench.path(name)
    }

    /// Commits the rules of the bench.
    fn push(&self, why: &str) {
        let work = self.path("work");
        let rules = self.path("rules");
        assert!(Command::new("cp").arg("-r").arg(rules).arg(&work).status().unwrap().success());
        git(&work, "add -A");
        git(&work, &format!("-c user.name=dev -c user.email=dev@invalid commit -q -m {why}"));
        git(&work, "push -q origin HEAD:main");
    }

    /// A fresh machine with a checkout of main.
    fn checkout(&mut self) -> (PathBuf, PathBuf) {
        self.runs += 1;
        let (folder, temp) = (self.path(&format!("checkout-{}", self.runs)), self.path(&format!("temp-{}", self.runs)));
        git(&self.path(""), &format!("clone -q -b main origin.git checkout-{}", self.runs));
        fs::create_dir(&temp).unwrap();
        (folder, temp)
    }

    fn shell(&self, folder: &Path, text: &str) -> Command {
        let mut shell = Command::new("bash");
        shell.args(["-e", "-o", "pipefail", "-c", text]).current_dir(folder);
        shell
            .env("WAFT_ARCHIVE", format!("file://{}", self.path("waft.tar.gz").display()))
            .env("WAFT_SHA256", &self.sum);
        shell.env("WAFT_TO", self.path("site")).env_remove("WAFT_SLACK_URL");
        // What is not set is empty.
        let report = self.path("report.json");
        let url = if report.exists() { format!("file://{}", report.display()) } else { String::new() };
        shell.env("WAFT_REPORT", url);
        shell
    }

    /// Runs a workflow of GitHub Actions, and returns the exit code of the first step that fails.
    fn github(&mut self) -> i32 {
        let (folder, temp) = self.checkout();
        let (paths, outputs) = (temp.join("paths"), temp.join("outputs"));
        fs::write(&paths, "").unwrap();
        fs::write(&outputs, "").unwrap();
        let key = fs::read_to_string(self.path("ci.pem")).unwrap();
        let commit = git(&folder, "rev-parse HEAD");
        for step in steps(GITHUB) {
            let added = fs::read_to_string(&paths).unwrap();
            let path: Vec<&str> = added.lines().collect();
            let code = fs::read_to_string(&outputs).unwrap();
            let code = code.lines().find_map(|line| line.strip_prefix("code=")).unwrap_or_default();
            let mut shell = self.shell(&folder, &step);
            shell.env("PATH", format!("{}:{}", path.join(":"), std::env::var("PATH").unwrap()));
            shell.env("RUNNER_TEMP", &temp).env("GITHUB_PATH", &paths).env("GITHUB_OUTPUT", &outputs);
            shell.env("GITHUB_SHA", commit.trim()).env("WAFT_KEY", key.trim_end()).env("CODE", code);
            let output = shell.output().unwrap();
            println!("{step}{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            if !output.status.success() {
                return output.status.code().unwrap();
            }
        }
        0
    }

    /// Runs the job of GitLab CI: its lines are one script.
    fn gitlab(&mut self) -> i32 {
        let (folder, temp) = self.checkout();
        let lines = script(GITLAB).join("\n").replace("/tmp/", &format!("{}/", temp.display()));
        let mut shell = self.shell(&folder, &lines);
        let key = temp.join("key");
        fs::copy(self.path("ci.pem"), &key).unwrap();
        shell.env("WAFT_KEY_FILE", key).env("WAFT_PUSH_URL", self.path("origin.git"));
        shell.env("CI_COMMIT_SHA", git(&folder, "rev-parse HEAD").trim()).env("CI_DEFAULT_BRANCH", "main");
        let output = shell.output().unwrap();
        println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        output.status.code().unwrap()
    }

    fn live(&self) -> u64 {
        self.bench.adopted(&self.path("site/snapshot.waft"))
    }

    /// The files of the branch of records.
    fn records(&self) -> Vec<String> {
        let files = git(&self.path("origin.git"), "ls-tree --name-only releases");
        files.lines().filter(|name| name.ends_with(".yaml") || name.starts_with('.')).map(str::to_owned).collect()
    }
}

/// A month of one team, by either CI: new rules go out, nights change nothing, what fails stays where it is.
fn plays(run: fn(&mut Team) -> i32) {
    let mut team = Team::new();
    assert_eq!((run(&mut team), team.live()), (0, 1));
    assert_eq!(team.records(), ["0001.yaml", "0002.yaml"]);
    // At night.
    assert_eq!((run(&mut team), team.live(), team.records().len()), (0, 1, 2));
    other(&team.bench);
    team.push("off");
    assert_eq!((run(&mut team), team.live(), team.records().len()), (0, 2, 4));
    // A guarded ramp rises once its report lets it, and the next checkout has the date.
    let rules = fs::read_to_string(team.path("rules/rules.yaml")).unwrap();
    fs::write(team.path("rules/rules.yaml"), format!("{rules}{RAMP}")).unwrap();
    team.push("ramp");
    assert_eq!((run(&mut team), team.live()), (0, 3));
    // Its hold counts from the release before, and is over a second later.
    std::thread::sleep(std::time::Duration::from_secs(1));
    fs::write(team.path("report.json"), report()).unwrap();
    assert_eq!((run(&mut team), team.live()), (0, 4));
    let dated = git(&team.path("origin.git"), "show main:rules/rules.yaml");
    assert!(dated.contains("- { to: 25%, at: 20") && dated.contains(", after: 1s }"), "{dated}");
    assert_eq!((run(&mut team), team.live()), (0, 4));
    git(&team.path("work"), "pull -q --rebase origin main");
    fs::copy(team.path("work/rules/rules.yaml"), team.path("rules/rules.yaml")).unwrap();
    let tests = fs::read_to_string(team.path("rules/rules.test.yaml")).unwrap();
    fs::write(team.path("rules/rules.test.yaml"), tests.replace("new: off", "new: on")).unwrap();
    team.push("wrong");
    assert_eq!((run(&mut team), team.live(), team.records().len()), (1, 4, 8));
}

#[test]
fn workflow_of_github_releases_each_commit_once() {
    assert!(steps(GITHUB).len() == 5, "{:#?}", steps(GITHUB));
    plays(Team::github);
}

#[test]
fn pipeline_of_gitlab_releases_each_commit_once() {
    assert!(script(GITLAB).len() > 12, "{:#?}", script(GITLAB));
    plays(Team::gitlab);
}
