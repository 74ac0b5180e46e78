//! What came of tests.

use waft_ruleset::counted;
use waft_ruleset::finding::{Finding, Place};

/// What came of tests.
#[derive(Clone, Debug, Default)]
pub struct Tested {
    /// How many files of tests there are.
    pub files: usize,
    /// Each case in each of its environments, in the order of the files.
    pub outcomes: Vec<Outcome>,
    /// What is wrong with files of tests.
    pub findings: Vec<Finding>,
}

/// What came of a case in an environment.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The file.
    pub file: String,
    /// Where in it the case is.
    pub place: Place,
    /// The case's name.
    pub name: String,
    /// The environment's.
    pub environment: String,
    /// The moment, in milliseconds since 1970.
    pub at: i64,
    /// What was not as expected.
    pub failures: Vec<Failure>,
}

/// What was not as expected of a flag.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Where that is expected.
    pub place: Place,
    /// The flag's key.
    pub flag: String,
    /// What was expected.
    pub expected: String,
    /// What was decided.
    pub got: String,
    /// Why, as lines.
    pub why: Vec<String>,
}

impl Tested {
    /// Whether nothing was tested: there are no tests, or none of the environment.
    pub fn is_empty(&self) -> bool {
        self.outcomes.is_empty() && self.findings.is_empty()
    }

    /// Whether no case failed, and every file could be read.
    pub fn has_passed(&self) -> bool {
        self.failed() == 0 && self.findings.is_empty()
    }

    pub(super) fn failed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| !outcome.failures.is_empty()).count()
    }

    /// How many cases passed and failed.
    pub fn told(&self) -> String {
        let failed = self.failed();
        let findings = match self.findings.len() {
            0 => String::new(),
            count => format!(", {} in files of tests", counted(count, "error")),
        };
        format!("{} passed, {failed} failed{findings}", self.outcomes.len() - failed)
    }
}
