//! When a record happened and arrived. Its times are kept as they were told: clocks are corrected when rows are read
//! (crates/report/src/query/clocks.sql), as one receipt alone does not tell a slow clock from a slow network.

use super::otlp;

/// How many copies of a row keep their times. Later ones are only counted.
pub(crate) const COPIES: i64 = 32;

/// How much earlier than its first receipt a later one may make a row, in milliseconds. A page that was offline for longer had met
/// what it tells now; it is not believed, as anybody can say so of anybody.
pub(crate) const EARLIER_MS: i64 = 30 * 24 * 3_600_000;

/// When it happened, where in its page view, and when it was sent and received; milliseconds since 1970. Of the copy that was
/// received first; `again` has the others.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) page_view: Option<String>,
    pub(crate) sequence: Option<i64>,
    /// By the sender's clock.
    pub(crate) time: i64,
    /// By the sender's clock, too; `None` if it did not say.
    pub(crate) sent_at: Option<i64>,
    /// Whether something stands between the page and here that may have waited.
    pub(crate) forwarded: bool,
    pub(crate) first_received: i64,
    pub(crate) last_received: i64,
    pub(crate) receipts: i64,
    /// Copies that were received later, as the JSON array that is stored.
    pub(crate) again: Option<String>,
    /// What its unit was then, as the JSON object that is stored; of exposures alone.
    pub(crate) breakdown: Option<String>,
}

/// How a request came here.
#[derive(Clone, Copy)]
pub(crate) struct Arrival {
    /// When, in milliseconds since 1970.
    pub(crate) received: i64,
    /// Whether through something that may have waited.
    pub(crate) forwarded: bool,
}

impl Moment {
    /// Whether this copy, received later, would move a row by too much: by the time that it waited on its device, or, where that is
    /// not what counts, by its device's clock. As `Table::upsert` has it.
    pub(crate) fn is_too_early_for(&self, first: &Self) -> bool {
        let waited = self.sent_at.map_or(0, |sent_at| sent_at.saturating_sub(self.time));
        let by_wait = self.first_received.saturating_sub(waited);
        let time = if self.sent_at.is_none() || self.forwarded { by_wait.min(self.time) } else { by_wait };
        time < first.first_received.saturating_sub(EARLIER_MS)
    }

    /// As it was told. What has no time happened when it was sent, and what has neither, when it was received.
    pub(crate) fn of(
        time: Option<otlp::Int>,
        observed: Option<otlp::Int>,
        Arrival { received, forwarded }: Arrival,
    ) -> Self {
        let ms = |nanos: Option<otlp::Int>| nanos.map(|nanos| nanos.0 / 1_000_000).filter(|ms| *ms > 0);
        let (happened, sent_at) = (ms(time), ms(observed));
        Self {
            page_view: None,
            sequence: None,
            time: happened.or(sent_at).unwrap_or(received),
            sent_at,
            forwarded,
            first_received: received,
            last_received: received,
            receipts: 1,
            again: None,
            breakdown: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_kept_as_they_were_told() {
        const RECEIVED: i64 = 1_700_000_000_000;
        let check = |time: i64, observed: i64, expected: (i64, Option<i64>)| {
            let nanos = |ms: i64| Some(otlp::Int(ms.saturating_mul(1_000_000)));
            let arrival = Arrival { received: RECEIVED, forwarded: false };
            let moment = Moment::of(nanos(time), nanos(observed), arrival);
            assert_eq!((moment.time, moment.sent_at), expected, "{time} {observed}");
        };
        check(RECEIVED - 5_000, RECEIVED - 4_000, (RECEIVED - 5_000, Some(RECEIVED - 4_000)));
        check(RECEIVED + 3_600_000, RECEIVED + 3_600_009, (RECEIVED + 3_600_000, Some(RECEIVED + 3_600_009)));
        check(5_000, 9_000, (5_000, Some(9_000))); // a clock that starts in 1970
        check(RECEIVED - 5_000, 0, (RECEIVED - 5_000, None)); // moment of sending unknown
        check(0, RECEIVED - 9, (RECEIVED - 9, Some(RECEIVED - 9))); // time unknown
        check(0, 0, (RECEIVED, None));
        check(i64::MAX, i64::MIN, (i64::MAX / 1_000_000, None));
        check(i64::MIN, i64::MAX, (i64::MAX / 1_000_000, Some(i64::MAX / 1_000_000)));
    }
}
