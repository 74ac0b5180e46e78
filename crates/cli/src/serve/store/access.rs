//! What is asked of a database, whichever it is: to take rows, and to be read.

use super::table::{Kind, Value};
use crate::serve::batch::{Batch, Refused};

/// How many exposures are stored, of one set or of all, in the words that SQLite and PostgreSQL share.
pub(super) const COUNTS: &str = "SELECT experiment, phase, variant,
      CAST(sum(CASE WHEN verdict = 'contradicted' THEN 0 ELSE 1 END) AS BIGINT),
      CAST(sum(CASE WHEN verdict = 'contradicted' THEN 0 ELSE receipts END) AS BIGINT),
      CAST(sum(CASE WHEN verdict = 'contradicted' THEN 1 ELSE 0 END) AS BIGINT)
    FROM exposures WHERE CAST($1 AS TEXT) IS NULL OR set_id = $1 GROUP BY experiment, phase, variant";

/// A database that takes rows. One thread owns it.
pub(crate) trait Store: Send + 'static {
    /// Stores all rows, but for those that it refuses for what they hold, or nothing. When it returns, they are durable. After a
    /// failure it may be asked again.
    fn write(&mut self, batch: &Batch) -> Result<Vec<Refused>, String>;
    /// Gives the exposures of these ids another verdict.
    fn mark(&mut self, ids: &[&str], verdict: &str) -> Result<(), String>;
    /// Leaves the database complete and closes it.
    fn close(self: Box<Self>) -> Result<(), String>;
}

/// A database that is read, beside whoever writes.
pub(crate) trait Reader {
    /// Counts the exposures of a set (`project/environment`), or of all, in no order.
    fn counts(&mut self, set: Option<&str>) -> Result<Vec<Count>, String>;
    /// Calls `each` with every row of a query, all as of one moment; a few are in memory at a time. `kinds` are
    /// those of its columns. Ends with the first failure.
    fn rows(&mut self, query: &str, kinds: &[Kind], each: &mut Each<'_>) -> Result<(), String>;
}

/// What takes the rows that are read.
pub(crate) type Each<'a> = dyn FnMut(&[Value<'_>]) -> Result<(), String> + 'a;

/// The exposures of one variant.
pub(crate) struct Count {
    pub(crate) experiment: String,
    pub(crate) phase: i64,
    pub(crate) variant: String,
    pub(crate) exposures: i64,
    pub(crate) receipts: i64,
    /// Those that contradict the ruleset, which count nowhere else.
    pub(crate) contradicted: i64,
}
