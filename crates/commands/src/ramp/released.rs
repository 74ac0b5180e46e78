//! When steps of ramps went out, by the history of releases: a date that pages got later than that counts from then on.

use waft::envelope::Envelope;
use waft_ruleset::Ramp;
use waft_ruleset::ramp::Out;

use super::proposed::Proposed;
use crate::host::Host;
use crate::input;
use crate::records::{History, Stage, Step, unsigned};
use waft_compile::snapshot;

/// The releases of an environment.
pub struct Released<'h> {
    host: &'h dyn Host,
    folder: &'h str,
    /// Each with its record's file, in their order.
    releases: Vec<(String, Step)>,
}

impl<'h> Released<'h> {
    /// Of a folder of records; none, if there is no such folder.
    pub fn read(host: &'h dyn Host, folder: &'h str, (project, environment): (&str, &str)) -> Result<Self, String> {
        let history = History::open(host, folder)?;
        let releases = history.steps(project, environment).filter(|(_, step)| step.stage == Stage::Release);
        Ok(Released { host, folder, releases: releases.map(|(file, step)| (file.to_owned(), step.clone())).collect() })
    }

    /// Whether the step that a ramp has by its dates is in pages, and since when. A snapshot that is gone from the folder tells nothing.
    #[must_use]
    pub fn of(&self, name: &str, ramp: &Ramp, now: u32) -> Out {
        let Some((share, at)) = ramp.reached(now) else { return Out::Unknown };
        // What was released before the date was in pages when it came.
        let is_early = |step: &Step| input::seconds(step.at) <= at.into();
        let first = self.releases.iter().rposition(|(_, step)| is_early(step)).unwrap_or(0);
        let mut out = Out::Unknown;
        for (file, step) in self.releases.iter().skip(first).rev() {
            match self.steps(file, step) {
                Some(steps) if steps.has(name, share, at) => {
                    out = Out::Since(u32::try_from(input::seconds(step.at)).unwrap_or(u32::MAX));
                }
                Some(_) if out == Out::Unknown => return Out::NotYet,
                Some(_) => return out,
                None => {}
            }
        }
        out
    }

    fn steps(&self, file: &str, step: &Step) -> Option<Proposed> {
        let bytes = unsigned::read(self.host, self.folder, file, step).ok()?;
        let program = Envelope::read(&bytes).and_then(|envelope| snapshot::unverified(&envelope)).ok()?;
        Some(Proposed::of(&program))
    }
}
