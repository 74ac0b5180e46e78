//! The arguments of `waft ramp`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::{Change, Known, run, status};
use crate::exit::Exit;
use crate::host::Host;
use crate::records;
use crate::source::Source;

/// What can be done with ramps.
#[derive(Subcommand)]
#[allow(missing_docs, reason = "what documents a field is its help")]
pub enum Ramp {
    /// Print where ramps are, and what holds their next steps
    Status {
        #[command(flatten)]
        rules: Rules,
        /// A single ramp: FLAG, or FLAG/RULE [default: all]
        ramp: Option<String>,
        #[command(flatten)]
        evidence: Evidence,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Let no further step begin: writes `paused` into the ruleset
    Pause {
        #[command(flatten)]
        rules: Rules,
        /// The ramp: FLAG, or FLAG/RULE
        ramp: String,
    },
    /// Let a paused ramp go on: what was to come comes later by as long as the pause was
    Resume {
        #[command(flatten)]
        rules: Rules,
        /// The ramp: FLAG, or FLAG/RULE
        ramp: String,
    },
    /// Date the next step, if nothing holds it: writes `at` into the ruleset
    Advance {
        #[command(flatten)]
        rules: Rules,
        /// The ramp: FLAG, or FLAG/RULE [default: all whose next step is due]
        ramp: Option<String>,
        #[command(flatten)]
        evidence: Evidence,
        /// When the step begins, in RFC 3339 [default: now]
        #[arg(long, value_name = "TIME", requires = "ramp")]
        at: Option<String>,
        /// Go on although a hold, an approval, a number of units or a guardrail says otherwise; never past a harmed guardrail
        #[arg(long, requires = "ramp")]
        force: bool,
    },
}

/// A ruleset, in one environment or all.
#[derive(Args)]
pub struct Rules {
    #[command(flatten)]
    source: Source,
    /// The environment, where a ramp is written anew for one
    #[arg(long)]
    environment: Option<String>,
}

/// What is known of a ramp beside its rules.
#[derive(Args)]
pub struct Evidence {
    /// What `waft report --format json` printed, at most a day ago: units and guardrails of its environment
    #[arg(long, value_name = "REPORT.json")]
    report: Option<String>,
    /// How many units the ramp has exposed
    #[arg(long, value_name = "N")]
    units: Option<u64>,
    /// A guardrail that is known to be safe, by its metric; may be repeated
    #[arg(long, value_name = "METRIC")]
    safe: Vec<String>,
    /// A guardrail that is known to be harmed; may be repeated
    #[arg(long, value_name = "METRIC")]
    harmed: Vec<String>,
    /// Somebody approved the next step of the ramp
    #[arg(long, requires = "ramp")]
    approved: bool,
    /// The folder of the history of releases, if there is one: holds count from when a step went out
    #[arg(long, value_name = "DIR", default_value = records::FOLDER, value_parser = NonEmptyStringValueParser::new())]
    records: String,
}

impl Rules {
    fn known(self, ramp: Option<String>) -> Known {
        Known { ruleset: self.source.ruleset, environment: self.environment, ramp, ..Known::default() }
    }
}

impl Evidence {
    fn of(self, known: Known) -> Known {
        let Evidence { report, units, safe, harmed, approved, records } = self;
        Known { report, units, safe, harmed, approved, records: Some(records), ..known }
    }
}

impl Ramp {
    /// Where links of the ruleset may lead.
    pub fn roots(&self) -> &[PathBuf] {
        match self {
            Ramp::Status { rules, .. }
            | Ramp::Pause { rules, .. }
            | Ramp::Resume { rules, .. }
            | Ramp::Advance { rules, .. } => &rules.source.roots,
        }
    }

    /// Runs the command.
    pub fn run(self, host: &dyn Host) -> Exit {
        match self {
            Ramp::Status { rules, ramp, evidence, json } => status(&evidence.of(rules.known(ramp)), json, host),
            Ramp::Pause { rules, ramp } => run(&Change::Pause, &rules.known(Some(ramp)), host),
            Ramp::Resume { rules, ramp } => run(&Change::Resume, &rules.known(Some(ramp)), host),
            Ramp::Advance { rules, ramp, evidence, at, force } => {
                run(&Change::Advance { at, force }, &evidence.of(rules.known(ramp)), host)
            }
        }
    }
}
