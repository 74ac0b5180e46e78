//! `GET /api/exposures`: how many exposures are stored, by experiment, phase and variant; and how many events, by name.

use std::time::Duration;

use serde::Serialize;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::store::{Count, Database, Deadline, Kind, Value};

/// How long a count may take.
const COUNTING: Duration = Duration::from_secs(30);
/// How long events may take: no index has their names. Without them, exposures are told all the same.
const NAMING: Duration = Duration::from_secs(2);

/// Reads the counts, beside the writer.
///
/// The connection is opened for each answer (0.2 ms for a file), so that none is left over when the writer closes it.
pub(crate) struct Counter {
    database: Database,
    deadline: Deadline,
    /// One count at a time: more would only take the cores from the writer.
    turn: Mutex<()>,
}

/// The answer.
#[derive(Serialize, Default)]
pub(crate) struct Counts {
    total: i64,
    receipts: i64,
    #[serde(skip_serializing_if = "is_none")]
    contradicted: i64,
    experiments: Vec<Experiment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<Event>,
}

/// What pages tracked by one name.
#[derive(Serialize)]
struct Event {
    name: String,
    events: i64,
}

#[derive(Serialize)]
struct Experiment {
    experiment: String,
    phase: i64,
    variants: Vec<Variant>,
}

#[derive(Serialize)]
struct Variant {
    variant: String,
    exposures: i64,
    receipts: i64,
    #[serde(skip_serializing_if = "is_none")]
    contradicted: i64,
}

/// What serde asks of a number that is left out while there is nothing to tell.
fn is_none(count: &i64) -> bool {
    *count == 0
}

impl Counter {
    /// A counter of what is in this database.
    pub(crate) fn new(database: Database, deadline: &Deadline) -> Self {
        Self { database, deadline: deadline.but_after(COUNTING), turn: Mutex::new(()) }
    }

    /// Counts the exposures of a set (`project/environment`), or of all: whatever was acknowledged before is in.
    pub(crate) async fn count(&self, set: Option<String>) -> Result<Counts, String> {
        // No row has it, and PostgreSQL fails at it.
        if set.as_ref().is_some_and(|set| set.contains('\0')) {
            return Ok(Counts::default());
        }
        let _turn = self.turn.lock().await;
        let (database, deadline) = (self.database.clone(), self.deadline.clone());
        let counted = spawn_blocking(move || {
            let mut reader = database.read(&deadline)?;
            let mut counts = Counts::of(reader.counts(set.as_deref())?);
            drop(reader);
            counts.events = named(&database, &deadline.but_after(NAMING), set.as_deref()).unwrap_or_default();
            Ok(counts)
        });
        counted.await.unwrap_or_else(|error| Err(error.to_string()))
    }
}

fn named(database: &Database, deadline: &Deadline, set: Option<&str>) -> Result<Vec<Event>, String> {
    let mut named = Vec::new();
    let mut each = |row: &[Value<'_>]| {
        if let [Value::Text(name), Value::Integer(events)] = row {
            named.push(Event { name: (*name).to_owned(), events: *events });
        }
        Ok(())
    };
    database.read(deadline)?.rows(&events(set), &[Kind::Text, Kind::Integer], &mut each)?;
    Ok(named)
}

/// Events by name, the most frequent first, without those that the client makes of itself. One without a set is of any.
fn events(set: Option<&str>) -> String {
    let of =
        set.map_or_else(String::new, |set| format!(" AND (set_id = '{}' OR set_id IS NULL)", set.replace('\'', "''")));
    format!(
        "SELECT name, COUNT(*) FROM events WHERE name NOT LIKE 'waft.%'{of} GROUP BY name ORDER BY COUNT(*) DESC, name LIMIT 100"
    )
}

impl Counts {
    fn of(mut counted: Vec<Count>) -> Self {
        counted.sort_by(|a, b| (&a.experiment, a.phase, &a.variant).cmp(&(&b.experiment, b.phase, &b.variant)));
        let mut counts = Self::default();
        for Count { experiment, phase, variant, exposures, receipts, contradicted } in counted {
            counts.total = counts.total.saturating_add(exposures);
            counts.receipts = counts.receipts.saturating_add(receipts);
            counts.contradicted = counts.contradicted.saturating_add(contradicted);
            let variant = Variant { variant, exposures, receipts, contradicted };
            match counts.experiments.last_mut() {
                Some(last) if last.experiment == experiment && last.phase == phase => last.variants.push(variant),
                _ => counts.experiments.push(Experiment { experiment, phase, variants: vec![variant] }),
            }
        }
        counts
    }
}
