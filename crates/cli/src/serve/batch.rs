//! What one commit stores: the rows of many requests, each id once.

use std::collections::HashMap;

use super::moment::{COPIES, Moment};
use super::record::{Event, Exposure, Row, Verdict};

/// Rows sorted by id, each id once with all its receipts.
///
/// Once, because one statement of PostgreSQL cannot touch a row twice; sorted, so that two collectors that write to one
/// database lock rows in one order and never wait for each other in a circle.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) exposures: Vec<Exposure>,
    pub(crate) events: Vec<Event>,
}

/// A row that a database can never store, by its place in the batch, and what the database says of it.
#[derive(Clone, Debug)]
pub(crate) enum Refused {
    Exposure(usize, String),
    Event(usize, String),
}

/// Where the rows of a batch came from.
#[derive(Default)]
pub(crate) struct Origins {
    exposures: Vec<Origin>,
    events: Vec<Origin>,
}

/// The place of a row in the batch, the number of its request, and its place there.
type Origin = (usize, usize, usize);

impl Batch {
    /// The rows of several requests, in the order of their arrival.
    pub(crate) fn of(requests: impl Iterator<Item = Vec<Row>>) -> (Self, Origins) {
        let (mut exposures, mut events) = (Vec::new(), Vec::new());
        for (request, rows) in requests.enumerate() {
            for (at, row) in rows.into_iter().enumerate() {
                match row {
                    Row::Exposure(exposure) => exposures.push((exposure, request, at)),
                    Row::Event(event) => events.push((event, request, at)),
                }
            }
        }
        let (exposures, of_exposures) = once(exposures, |row| &row.id, Exposure::merge);
        let (events, of_events) = once(events, |row| &row.id, Event::merge);
        (Self { exposures, events }, Origins { exposures: of_exposures, events: of_events })
    }
}

impl Origins {
    /// What a database refused, by the request that it came with: its place there, and why.
    pub(crate) fn of(&self, refused: Vec<Refused>) -> HashMap<usize, Vec<(usize, String)>> {
        let mut found: HashMap<usize, Vec<(usize, String)>> = HashMap::new();
        for refused in refused {
            let (origins, row, why) = match refused {
                Refused::Exposure(row, why) => (&self.exposures, row, why),
                Refused::Event(row, why) => (&self.events, row, why),
            };
            for (_, request, at) in origins.iter().filter(|(own, ..)| *own == row) {
                found.entry(*request).or_default().push((*at, why.clone()));
            }
        }
        found
    }
}

/// Sorts by id and makes copies of a record one.
fn once<T>(mut rows: Vec<(T, usize, usize)>, id: fn(&T) -> &str, merge: fn(&mut T, T)) -> (Vec<T>, Vec<Origin>) {
    // Stable, so that the first to arrive stays first.
    rows.sort_by(|(a, ..), (b, ..)| id(a).cmp(id(b)));
    let (mut once, mut origins): (Vec<T>, Vec<Origin>) =
        (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for (row, request, at) in rows {
        match once.last_mut() {
            Some(first) if id(first) == id(&row) => merge(first, row),
            _ => once.push(row),
        }
        origins.push((once.len().saturating_sub(1), request, at));
    }
    (once, origins)
}

impl Exposure {
    /// How well it stands, the better the higher: what contradicts the ruleset, what nothing is known of, what fits, and what a
    /// trusted sender says.
    fn standing(&self) -> u8 {
        match (self.verdict, self.trusted) {
            (Verdict::Contradicted, _) => 0,
            (Verdict::Unchecked, false) => 1,
            (Verdict::Checked, false) => 2,
            (Verdict::Unchecked | Verdict::Checked, true) => 3,
        }
    }

    /// Adds another copy, which takes the place of this one if it stands better, as `Table::upsert` has it.
    fn merge(&mut self, mut later: Self) {
        let (own, new) = (self.standing(), later.standing());
        if new > own {
            std::mem::swap(self, &mut later);
        }
        self.moment.add(&later.moment, new == own);
    }
}

impl Event {
    /// As above.
    fn merge(&mut self, mut later: Self) {
        let (own, new) = (u8::from(self.trusted), u8::from(later.trusted));
        if new > own {
            std::mem::swap(self, &mut later);
        }
        self.moment.add(&later.moment, new == own);
    }
}

impl Moment {
    /// Adds the receipts of another copy of the same record, and its times, if it `counts` and is not too early.
    fn add(&mut self, other: &Self, counts: bool) {
        let tells = other.time < self.time || other.page_view == self.page_view;
        if counts && self.receipts <= COPIES && tells && !other.is_too_early_for(self) {
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
        let mut copy = serde_json::json!({
            "page_view": self.page_view, "sequence": self.sequence, "time": self.time, "sent_at": self.sent_at,
            "forwarded": u8::from(self.forwarded), "received": self.first_received,
        });
        if let (Some(copy), Some(breakdown)) = (copy.as_object_mut(), &self.breakdown) {
            copy.insert("breakdown".to_owned(), breakdown.as_str().into());
        }
        copy
    }
}
