//! What a row says beside what the rules say: whether its point is that of its unit, its variant that of its point, and its unit
//! one that the trial takes.
//!
//! Anybody can send anything. This finds what contradicts the rules; what it finds consistent may be invented all the same, for
//! everybody can compute points.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};
use waft::body::Body;
use waft::envelope::Envelope;
use waft::manifest::{Manifest, digest_of};
use waft::{Program, Refusal};
use waft_commands::host::Host;
use waft_compile::{BREAKDOWN, refusal, snapshot};
use waft_ruleset::Ruleset;

use super::record::{Exposure, Row, Told, Verdict};
use super::trials::Trials;

/// The rules that exposures are compared with.
#[derive(Default)]
pub(crate) struct Checks {
    /// Of `--ruleset`, and the set (`project/environment`) that they are for.
    ruleset: Option<(String, Rules)>,
    /// Of `--snapshot`, by set and version.
    snapshots: HashMap<(String, i64), Shipped>,
    /// Whether a unit of 32 hexadecimal digits may be a pseudonym.
    pseudonyms: bool,
}

/// What one program says.
struct Rules {
    trials: Trials,
    /// What exposures of an experiment may carry, by its name.
    breakdowns: Map<String, Json>,
}

impl Rules {
    fn of(program: &Program) -> Self {
        Self { trials: Trials::of(program), breakdowns: waft_compile::hidden_value(program, BREAKDOWN) }
    }

    fn declares(&self, experiment: &str, breakdown: &str) -> bool {
        self.breakdowns.get(experiment).is_some_and(|names| names.get(breakdown).is_some())
    }
}

/// A snapshot that pages have.
struct Shipped {
    /// In hexadecimal, as exposures name it.
    digest: String,
    rules: Rules,
}

/// What was odd about a row that is stored all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Odd {
    /// It named another id than its own.
    pub(crate) renamed: bool,
    /// How many breakdowns it carried that the rules do not declare. They are not stored: attributes are kept of which the rules say so.
    pub(crate) undeclared: usize,
}

impl Shipped {
    /// A snapshot, with its set and version.
    fn read(bytes: &[u8]) -> Result<((String, i64), Self), Refusal> {
        let envelope = Envelope::read(bytes)?;
        // The digest that exposures name is that of the envelope, which names those of the body.
        let Manifest { length, chunk, digests, .. } = Manifest::read(envelope.payload)?;
        Body::new(envelope.body.to_vec(), length, chunk, digests.to_vec())?.whole()?;
        let program: Program = snapshot::unverified(&envelope)?;
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let set = format!("{}/{}", text(envelope.claims.project), text(envelope.claims.environment));
        let version = i64::try_from(envelope.claims.version).unwrap_or(i64::MAX);
        let digest = digest_of(&[envelope.protected, envelope.payload]);
        let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(((set, version), Self { digest, rules: Rules::of(&program) }))
    }
}

impl Checks {
    /// With nothing to compare with.
    pub(crate) fn new(pseudonyms: bool) -> Self {
        Self { pseudonyms, ..Self::default() }
    }

    /// With the rules of a ruleset's environment, by its index, and their set.
    pub(crate) fn with_ruleset(self, ruleset: &Ruleset, environment: usize, set: &str) -> Result<Self, String> {
        let compiled = waft_compile::compile(ruleset, environment).map_err(|error| error.what)?;
        let name = set.split_once('/').map_or("", |(_, environment)| environment);
        let program = snapshot::unverified_body(&ruleset.project, name, &compiled.body).map_err(refusal::sentence)?;
        Ok(Self { ruleset: Some((set.to_owned(), Rules::of(&program))), ..self })
    }

    /// And with a snapshot's. Its signatures are not verified: like the ruleset, the file is the operator's own, and may have expired.
    pub(crate) fn with_snapshot(mut self, host: &dyn Host, path: &str) -> Result<Self, String> {
        let failed = |error: String| format!("--snapshot {path}: {error}");
        let bytes = host.read(path).map_err(|error| failed(error.to_string()))?;
        let (named, shipped) = Shipped::read(&bytes).map_err(|refused| failed(refusal::sentence(refused)))?;
        let (set, version) = &named;
        let told = format!("another --snapshot is version {version} of {set}, too");
        match self.snapshots.insert(named, shipped) {
            None => Ok(self),
            Some(_) => Err(failed(told)),
        }
    }

    /// Whether there is anything to compare with.
    pub(crate) fn are_given(&self) -> bool {
        self.ruleset.is_some() || !self.snapshots.is_empty()
    }

    /// Marks a row with its verdict and whether its sender is trusted, and takes from it what the rules do not declare.
    pub(crate) fn mark(&self, row: &mut Row, trusted: bool) -> Odd {
        match row {
            Row::Exposure(exposure) => {
                exposure.verdict = self.verdict(&exposure.told());
                exposure.trusted = trusted;
                Odd { renamed: exposure.renamed, undeclared: self.forget_undeclared(exposure) }
            }
            Row::Event(event) => {
                event.trusted = trusted;
                Odd::default()
            }
        }
    }

    /// Takes from an exposure the breakdowns that the rules of its set do not declare, and returns how many. Of a set without rules nothing is
    /// known: its pages send what is declared there.
    fn forget_undeclared(&self, exposure: &mut Exposure) -> usize {
        let Some(carried) = exposure.moment.breakdown.take() else { return 0 };
        let told = exposure.told();
        let rules = match (self.shipped(&told), &self.ruleset) {
            (Some(shipped), _) => Some(&shipped.rules),
            (None, Some((set, rules))) if set == told.set => Some(rules),
            (None, Some(_) | None) => None,
        };
        let Some(rules) = rules else {
            exposure.moment.breakdown = Some(carried);
            return 0;
        };
        // It was written by us, from names and texts.
        let mut all: Map<String, Json> = serde_json::from_str(&carried).unwrap_or_default();
        let before = all.len();
        all.retain(|name, _| rules.declares(told.experiment, name));
        let undeclared = before - all.len();
        exposure.moment.breakdown = (!all.is_empty()).then(|| Json::Object(all).to_string());
        undeclared
    }

    fn shipped(&self, told: &Told<'_>) -> Option<&Shipped> {
        told.snapshot_version.and_then(|version| self.snapshots.get(&(told.set.to_owned(), version)))
    }

    /// The verdict on an exposure: by the snapshot that it names, if that is known, otherwise by the ruleset.
    pub(crate) fn verdict(&self, told: &Told<'_>) -> Verdict {
        if let Some(Shipped { digest, rules }) = self.shipped(told) {
            let is_another = told.snapshot_digest.is_some_and(|told| told != digest);
            return if is_another { Verdict::Contradicted } else { self.by(&rules.trials, told) };
        }
        match &self.ruleset {
            Some((set, rules)) if set == told.set => self.by(&rules.trials, told),
            Some(_) | None => Verdict::Unchecked,
        }
    }

    fn by(&self, trials: &Trials, told: &Told<'_>) -> Verdict {
        let Some(trial) = trials.get(told.experiment, told.phase) else { return Verdict::Unchecked };
        let point = told.point.and_then(|point| u32::try_from(point).ok());
        if point.is_some_and(|point| !trial.allows(told, point)) {
            return Verdict::Contradicted;
        }
        let own = trial.point(told.unit);
        if point.unwrap_or(own) == own && trial.allows(told, own) && trial.takes(told) {
            Verdict::Checked
        } else if self.pseudonyms && is_pseudonym(told.unit) && point.is_some_and(|point| point != own) {
            // Its points are those of the unit behind it, which is not told.
            Verdict::Unchecked
        } else {
            Verdict::Contradicted
        }
    }
}

/// Whether a unit has the form of a pseudonym (docs/otlp.md).
fn is_pseudonym(unit: &str) -> bool {
    unit.len() == 32 && unit.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
