//! What is asked about how records arrive, of all trials together and lately: `waft guard` watches it.

use crate::query::{Dialect, fill};

const ARRIVAL: &str = include_str!("arrival.sql");

/// A page view that began so soon after the window may have begun before it, in milliseconds.
const BEGINNING: i64 = 3_600_000;
/// What a page view records is here so long after it at the latest, in milliseconds: pages wait for up to 5 minutes between attempts.
const SETTLING: i64 = 600_000;
/// How many different refusals are told apart.
const REFUSALS: usize = 100;

/// The event with which pages tell that they refused rules (docs/exposures.md).
pub const REFUSED: &str = "waft.refused";

/// The statement, for what was received from a moment on until now, both in milliseconds since 1970. Its one row has six whole numbers:
/// page views, those that lack a record, those that may seem to; exposures, those by rules that were superseded for over a day; and page
/// views that refused rules. Versions above `live` are nobody's rules.
pub fn arrival_sql(dialect: Dialect, set: &str, [from, now]: [i64; 2], live: Option<u64>) -> String {
    let live = live.and_then(|live| i64::try_from(live).ok()).unwrap_or(i64::MAX);
    fill(
        ARRIVAL,
        &[
            ("{sequence}", dialect.of_copy("sequence")),
            ("{received}", dialect.of_copy("received")),
            ("{again}", dialect.copies().to_owned()),
            ("{from}", from.to_string()),
            ("{begun}", from.saturating_add(BEGINNING).to_string()),
            ("{settled}", now.saturating_sub(SETTLING).to_string()),
            ("{live}", live.to_string()),
            ("{set}", dialect.text(set)),
        ],
    )
}

/// The statement for what pages refused since then: properties of the event, as JSON, and how often, the most frequent first.
pub fn refused_sql(dialect: Dialect, set: &str, from: i64) -> String {
    let set = dialect.text(set);
    format!(
        "SELECT COALESCE(properties, '{{}}') AS properties, COUNT(*) AS times FROM events
WHERE name = '{REFUSED}' AND first_received >= {from} AND (set_id = {set} OR set_id IS NULL)
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {REFUSALS}"
    )
}
