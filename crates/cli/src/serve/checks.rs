//! What a row says beside what the ruleset says: whether its point is that of its unit, and its variant that of its point.
//!
//! Anybody can send anything. This finds what contradicts itself; what it finds consistent may be invented all the same, for
//! everybody can compute points.

use std::collections::HashMap;

use waft::buckets::{Bound, Key, Purpose};
use waft_ruleset::{Action, Experiment, FlagBody, Named, Ruleset, Share};

use super::record::{Exposure, Row, Verdict};

/// What is known of the experiments, holdouts and monitored ramps of one environment.
#[derive(Default)]
pub(crate) struct Checks {
    set: String,
    /// By name and phase.
    known: HashMap<(String, i64), Known>,
}

/// One draw.
struct Known {
    unit_kind: String,
    key: Key,
    /// Variants, and the bound below which points have them.
    arms: Vec<(String, Bound)>,
    /// Variants that a unit may have whatever its point, if it may keep one: those of the flag.
    kept: Vec<String>,
}

impl Checks {
    /// Of a ruleset's environment, by its place, and its set (`project/environment`).
    pub(crate) fn of(ruleset: &Ruleset, environment: usize, set: &str) -> Self {
        let mut checks = Self { set: set.to_owned(), known: HashMap::new() };
        let bodies: Vec<(&str, &FlagBody)> =
            ruleset.flags.iter().map(|flag| (flag.name.as_str(), flag.item.within(environment))).collect();
        let salt = |written: &Option<String>, name: &str| {
            written.clone().unwrap_or_else(|| format!("{}/{name}", ruleset.project))
        };
        let kind = |unit: usize| ruleset.units.get(unit).map(|unit| unit.name.clone()).unwrap_or_default();
        for (at, named) in ruleset.experiments.iter().enumerate() {
            let salt = salt(&named.item.salt, &named.name);
            checks.add_experiment(at, named, &kind(named.item.unit), &bodies, &salt);
        }
        for Named { name, item, .. } in &ruleset.holdouts {
            let key = Key::derive(Purpose::Holdout, &[salt(&item.salt, name).as_bytes()]);
            let arms = vec![("held".to_owned(), item.share.bound()), ("not-held".to_owned(), Bound::ALL)];
            checks.add(name, 1, Known { unit_kind: kind(item.unit), key, arms, kept: Vec::new() });
        }
        for (flag, body) in &bodies {
            for rule in &body.rules {
                let Action::Ramp(ramp) = &rule.item.action else { continue };
                let Some((variant, _)) = body.variants.get(ramp.variant).filter(|_| !ramp.guard.is_empty()) else {
                    continue;
                };
                // The halves are the same at every step.
                let name = format!("{flag}/{}", rule.name);
                let key = Key::derive(Purpose::Split, &[salt(&ramp.salt, &name).as_bytes(), b"/1"]);
                let arms = vec![(variant.clone(), Bound(1 << 31)), ("control".to_owned(), Bound::ALL)];
                checks.add(&name, 1, Known { unit_kind: kind(ramp.unit), key, arms, kept: Vec::new() });
            }
        }
        checks
    }

    fn add_experiment(
        &mut self,
        at: usize,
        Named { name, item, .. }: &Named<Experiment>,
        unit_kind: &str,
        bodies: &[(&str, &FlagBody)],
        salt: &str,
    ) {
        let names = |body: &FlagBody| {
            body.rules.iter().any(|rule| matches!(rule.item.action, Action::Experiment(named) if named == at))
        };
        let flags = bodies.iter().filter(|(_, body)| item.sticky && names(body));
        let kept: Vec<String> = flags.flat_map(|(_, body)| body.variants.iter().map(|(key, _)| key.clone())).collect();
        for phase in &item.phases {
            let key = Key::derive(Purpose::Split, &[salt.as_bytes(), format!("/{}", phase.id).as_bytes()]);
            let mut total = 0_u32;
            let arms = phase.split.iter().map(|(variant, share, _)| {
                total = total.saturating_add(share.0);
                (variant.clone(), Share(total).bound())
            });
            let arms = arms.collect();
            self.add(name, phase.id.into(), Known { unit_kind: unit_kind.to_owned(), key, arms, kept: kept.clone() });
        }
    }

    fn add(&mut self, name: &str, phase: i64, known: Known) {
        self.known.insert((name.to_owned(), phase), known);
    }

    /// Marks a row with its verdict and whether its sender is trusted. Returns whether it named another id than its own.
    pub(crate) fn mark(&self, row: &mut Row, trusted: bool) -> bool {
        match row {
            Row::Exposure(exposure) => {
                exposure.verdict = self.verdict(exposure);
                exposure.trusted = trusted;
                exposure.renamed
            }
            Row::Event(event) => {
                event.trusted = trusted;
                false
            }
        }
    }

    /// What there is to say of an exposure.
    fn verdict(&self, row: &Exposure) -> Verdict {
        if row.set_id != self.set {
            return Verdict::Unchecked;
        }
        let Some(known) = self.known.get(&(row.experiment.clone(), row.phase)) else { return Verdict::Unchecked };
        let arm = |point: u32| known.arms.iter().find(|(_, bound)| bound.covers(point)).map(|(variant, _)| variant);
        let told = row.point.and_then(|point| u32::try_from(point).ok());
        let own = known.key.point(row.unit.as_bytes());
        let fits = |point: u32| arm(point) == Some(&row.variant) || known.kept.contains(&row.variant);
        if row.unit_kind != known.unit_kind || told.is_some_and(|point| !fits(point)) {
            return Verdict::Contradicted;
        }
        if told.unwrap_or(own) == own && fits(own) {
            Verdict::Checked
        } else if is_pseudonym(&row.unit) {
            // Its point is that of the unit behind it, which is not told.
            Verdict::Unchecked
        } else {
            Verdict::Contradicted
        }
    }
}

/// Whether a unit looks like a pseudonym (docs/otlp.md).
fn is_pseudonym(unit: &str) -> bool {
    unit.len() == 32 && unit.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
