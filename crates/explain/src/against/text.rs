//! Where in a ruleset's text a trial or a rule is written.

use crate::trials::{At, Kind, Trial};
use waft_ruleset::finding::Place;
use waft_ruleset::{Action, Named, Rule, Ruleset};

/// A ruleset, as it is for one environment.
pub(super) struct Text<'r> {
    pub(super) ruleset: &'r Ruleset,
    pub(super) environment: usize,
}

impl<'r> Text<'r> {
    /// A place of a trial; the start of the ruleset if nothing of the trial is left.
    pub(super) fn place(&self, trial: &Trial, at: At) -> Place {
        let rule = || self.rule(trial).map(|rule| rule.place).or_else(|| self.flag(&trial.flag));
        let place = match (at, trial.kind) {
            (At::Trial, Kind::Experiment) => place_of(&self.ruleset.experiments, &trial.name),
            (At::Trial | At::Rule, Kind::Holdout) => place_of(&self.ruleset.holdouts, &trial.name),
            (At::Trial | At::Rule, Kind::Ramp) | (At::Rule, Kind::Experiment) => rule(),
            (At::Flag(flag), _) => self.flag(flag),
        };
        place.unwrap_or(Place { file: 0, line: 1, column: 1 })
    }

    pub(super) fn flag(&self, name: &str) -> Option<Place> {
        place_of(&self.ruleset.flags, name)
    }

    /// Where a rule is written, by its flag and id.
    pub(super) fn place_of_rule(&self, flag: &str, id: &str) -> Place {
        let named = self.ruleset.flags.iter().find(|named| named.name == flag);
        let rule = named.and_then(|named| place_of(&named.item.within(self.environment).rules, id));
        rule.or_else(|| self.flag(flag)).unwrap_or(Place { file: 0, line: 1, column: 1 })
    }

    fn rule(&self, trial: &Trial) -> Option<&'r Named<Rule>> {
        let flag = self.ruleset.flags.iter().find(|flag| flag.name == trial.flag)?;
        let leads_here = |rule: &&Named<Rule>| match &rule.item.action {
            Action::Experiment(index) => {
                self.ruleset.experiments.get(*index).is_some_and(|experiment| experiment.name == trial.name)
            }
            Action::Ramp(_) => trial.name == format!("{}/{}", trial.flag, rule.name),
            Action::Serve(_) => false,
        };
        flag.item.within(self.environment).rules.iter().find(leads_here)
    }
}

pub(super) fn place_of<T>(list: &[Named<T>], name: &str) -> Option<Place> {
    list.iter().find(|named| named.name == name).map(|named| named.place)
}
