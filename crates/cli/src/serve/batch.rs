//! What one commit stores: the rows of many requests, each id once.

use super::record::{Event, Exposure, Moment, Row};
use super::store::COPIES;

/// Rows sorted by id, each id once with all its receipts.
///
/// Once, because one statement of PostgreSQL cannot touch a row twice; sorted, so that two collectors that write to one
/// database lock rows in one order and never wait for each other in a circle.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) exposures: Vec<Exposure>,
    pub(crate) events: Vec<Event>,
}

impl Batch {
    /// The rows of several requests, in the order of their arrival.
    pub(crate) fn of(rows: impl Iterator<Item = Row>) -> Self {
        let (mut exposures, mut events) = (Vec::new(), Vec::new());
        for row in rows {
            match row {
                Row::Exposure(exposure) => exposures.push(exposure),
                Row::Event(event) => events.push(event),
            }
        }
        Self {
            exposures: once(exposures, |row| &row.id, |row| &mut row.moment),
            events: once(events, |row| &row.id, |row| &mut row.moment),
        }
    }
}

/// Sorts by id and makes copies of a record one, with the receipts of all.
fn once<T>(mut rows: Vec<T>, id: fn(&T) -> &str, moment: fn(&mut T) -> &mut Moment) -> Vec<T> {
    // Stable, so that the first to arrive stays first.
    rows.sort_by(|a, b| id(a).cmp(id(b)));
    rows.dedup_by(|next, first| {
        let again = id(next) == id(first);
        if again {
            moment(first).add(moment(next));
        }
        again
    });
    rows
}

impl Moment {
    /// Adds the receipts of another copy of the same record.
    fn add(&mut self, other: &Self) {
        if self.receipts <= COPIES && (other.time < self.time || other.page_view == self.page_view) {
            let before = self
                .again
                .as_deref()
                .map(|again| again.trim_end_matches(']'))
                .map_or("[".to_owned(), |again| format!("{again},"));
            self.again = Some(format!("{before}{}]", other.copy()));
        }
        self.last_received = self.last_received.max(other.last_received);
        self.receipts = self.receipts.saturating_add(other.receipts);
    }

    /// A copy as `again` has it: the columns that may differ from the first.
    fn copy(&self) -> serde_json::Value {
        serde_json::json!({
            "page_view": self.page_view, "sequence": self.sequence, "time": self.time, "sent_at": self.sent_at,
            "forwarded": u8::from(self.forwarded), "received": self.first_received,
        })
    }
}
