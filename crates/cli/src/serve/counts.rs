//! `GET /api/exposures`: how many exposures are stored, by experiment, phase and variant.

use std::path::PathBuf;

use serde::Serialize;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::store;

/// Reads the counts, beside the writer.
///
/// The connection is opened for each answer (0.2 ms), so that none is left over when the writer closes the file.
pub(crate) struct Counter {
    path: PathBuf,
    /// One count at a time: more would only take the cores from the writer.
    turn: Mutex<()>,
}

/// The answer.
#[derive(Serialize, Default)]
pub(crate) struct Counts {
    total: i64,
    receipts: i64,
    experiments: Vec<Experiment>,
}

#[derive(Serialize)]
struct Experiment {
    experiment: String,
    phase: u32,
    variants: Vec<Variant>,
}

#[derive(Serialize)]
struct Variant {
    variant: String,
    exposures: i64,
    receipts: i64,
}

impl Counter {
    /// A counter of the SQLite file at `path`.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, turn: Mutex::new(()) }
    }

    /// Counts the exposures of a set (`project/environment`), or of all: whatever was acknowledged before is in.
    pub(crate) async fn count(&self, set: Option<String>) -> Result<Counts, String> {
        let _turn = self.turn.lock().await;
        let path = self.path.clone();
        let counted = spawn_blocking(move || {
            let connection = store::open_for_reading(&path)?;
            let mut query = connection.prepare(
                "SELECT experiment, phase, variant, count(*), sum(receipts) FROM exposures
                 WHERE ?1 IS NULL OR set_id = ?1 GROUP BY experiment, phase, variant ORDER BY 1, 2, 3",
            )?;
            let mut rows = query.query([set])?;
            let mut counts = Counts::default();
            while let Some(row) = rows.next()? {
                let variant = Variant { variant: row.get(2)?, exposures: row.get(3)?, receipts: row.get(4)? };
                counts.add(row.get(0)?, row.get(1)?, variant);
            }
            Ok(counts)
        });
        match counted.await {
            Ok(counts) => counts.map_err(|error: rusqlite::Error| error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Counts {
    /// Adds a variant; those of one phase come one after the other.
    fn add(&mut self, experiment: String, phase: u32, variant: Variant) {
        self.total = self.total.saturating_add(variant.exposures);
        self.receipts = self.receipts.saturating_add(variant.receipts);
        match self.experiments.last_mut() {
            Some(last) if last.experiment == experiment && last.phase == phase => last.variants.push(variant),
            _ => self.experiments.push(Experiment { experiment, phase, variants: vec![variant] }),
        }
    }
}
