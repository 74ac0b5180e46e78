//! For how long flags were killed, as reports need it.

use std::collections::BTreeMap;

use waft_ruleset::{Kill, clock};

use super::history::History;
use super::record::{Change, Killing};

impl History {
    /// All kills of an environment, in the order of their records. Time never goes back: a record that was written on a machine whose
    /// clock is behind counts from the moment of the one before.
    pub fn kills(&self, project: &str, environment: &str) -> Vec<Kill> {
        let (mut kills, mut open, mut moment) = (Vec::<Kill>::new(), BTreeMap::<&str, usize>::new(), i64::MIN);
        for (file, Killing { change, at, flags, key, name, why, .. }) in self.killings(project, environment) {
            moment = moment.max(*at);
            for flag in flags {
                match change {
                    Change::Kill if !open.contains_key(flag.as_str()) => {
                        open.insert(flag, kills.len());
                        kills.push(Kill {
                            flag: flag.clone(),
                            at: moment,
                            until: None,
                            by: name.as_ref().unwrap_or(key).clone(),
                            why: why.clone(),
                            record: file.to_owned(),
                        });
                    }
                    Change::Kill => {}
                    Change::Unkill => {
                        if let Some(kill) = open.remove(flag.as_str()).and_then(|at| kills.get_mut(at)) {
                            kill.until = Some(moment);
                        }
                    }
                }
            }
        }
        kills
    }

    /// What a reader should know of these records: times that cannot be, and lists without a record. `now` is milliseconds since 1970.
    pub fn warnings(&self, project: &str, environment: &str, now: i64) -> Vec<String> {
        let mut warnings = Vec::new();
        let mut last: Option<(&str, &Killing)> = None;
        for (file, killing) in self.killings(project, environment) {
            let at = clock::text(killing.at);
            if killing.at > now {
                warnings.push(format!(
                    "{file}: its time, {at}, is in the future, and until then it does not count: check the clock of this machine and \
                     of the one that signed"
                ));
            }
            let Some((before, earlier)) = last.replace((file, killing)) else { continue };
            if killing.at < earlier.at {
                let earlier = clock::text(earlier.at);
                warnings.push(format!(
                    "{file}: its time, {at}, is before {earlier} of {before}: it counts from then on; check the clocks of the machines \
                     that signed"
                ));
            }
            if killing.list > earlier.list + 1 {
                warnings.push(format!(
                    "{file}: is of kill list {}, and {before} of list {}: what the lists between them changed is not known; were they \
                     written with another --records?",
                    killing.list, earlier.list
                ));
            }
        }
        warnings
    }
}
