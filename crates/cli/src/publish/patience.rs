//! How long something is tried again, and how often.

use std::thread;
use std::time::{Duration, Instant};

use waft_commands::host::Host;

use super::store::Failure;

/// The first pause, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// Tries again until a deadline.
pub(crate) struct Patience<'a> {
    until: Instant,
    /// What is over then.
    end: &'static str,
    host: &'a dyn Host,
}

impl<'a> Patience<'a> {
    pub(crate) fn lasting(time: Duration, host: &'a dyn Host) -> Self {
        Patience { until: Instant::now() + time, end: "until --timeout was over", host }
    }

    /// Where there is no option for it.
    pub(crate) fn of_records(time: Duration, host: &'a dyn Host) -> Self {
        Patience { end: "and the minute for it was over", ..Patience::lasting(time, host) }
    }

    /// Tries until the store is no longer busy. Conflicts are the caller's.
    pub(crate) fn ask<T>(&self, mut attempt: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
        let mut round = 0;
        loop {
            match attempt() {
                Err(Failure::Busy(what)) => {
                    if !self.pause(round) {
                        return Err(Failure::Broken(format!("{what}, {}: try again later", self.end)));
                    }
                    self.host.err(&format!("waft: {what}: trying again"));
                    round += 1;
                }
                done => return done,
            }
        }
    }

    /// Waits before the next round: twice as long after each, and up to half as long again by chance, so that two publishers part.
    /// `false` if the deadline would pass.
    pub(crate) fn pause(&self, round: u32) -> bool {
        let (first, longest) = PAUSES;
        let pause = first.saturating_mul(1 << round.min(16)).min(longest);
        let chance = self.host.random().map_or(0, |bytes| bytes[0]);
        let pause = pause + pause.mul_f64(f64::from(chance) / 512.0);
        if Instant::now() + pause >= self.until {
            return false;
        }
        thread::sleep(pause);
        true
    }
}
