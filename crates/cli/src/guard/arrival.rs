//! How records arrive: what is lost on the way, whose rules are old, and which rules pages refuse.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use waft_report::{arrival_sql, refused_sql};
use waft_ruleset::Share;

use super::condition::{Cause, Condition};
use super::options::Options;
use crate::serve::{Column, Database, Deadline, Value, dialect};

/// Fewer page views or exposures than this say nothing of a share.
const LEAST: i64 = 100;

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Arrival {
    /// Page views of which everything should be here.
    views: i64,
    /// Those of them that lack a record.
    gaps: i64,
    exposures: i64,
    /// Those of them that were decided by rules which had been superseded for over a day.
    outdated: i64,
    /// Page views that told that they refused rules.
    refused: i64,
    /// How often, by code.
    codes: BTreeMap<String, i64>,
}

/// Counts what was received since a moment, in milliseconds since 1970.
pub(crate) fn read(
    database: &Database,
    deadline: &Deadline,
    set: &str,
    [from, now]: [i64; 2],
    live: Option<u64>,
) -> Result<Arrival, String> {
    let mut arrival = Arrival::default();
    let mut reader = database.read(deadline)?;
    let numbers = [Column::Integer; 6];
    reader.rows(&arrival_sql(dialect(database), set, [from, now], live), &numbers, &mut |row| {
        let number = |at: usize| match row.get(at) {
            Some(Value::Integer(number)) => *number,
            Some(Value::Null | Value::Real(_) | Value::Text(_)) | None => 0,
        };
        arrival.views = number(0);
        arrival.gaps = number(1).saturating_sub(number(2)).max(0);
        (arrival.exposures, arrival.outdated, arrival.refused) = (number(3), number(4), number(5));
        Ok(())
    })?;
    reader.rows(&refused_sql(dialect(database), set, from), &[Column::Text, Column::Integer], &mut |row| {
        if let [Value::Text(properties), Value::Integer(times)] = row {
            let properties: Json = serde_json::from_str(properties).unwrap_or_default();
            let code = properties["code"].as_str().unwrap_or("without a code").to_owned();
            *arrival.codes.entry(code).or_default() += times;
        }
        Ok(())
    })?;
    Ok(arrival)
}

impl Arrival {
    /// What is wrong with it.
    pub(crate) fn conditions(&self, options: &Options) -> Vec<Condition> {
        let Arrival { views, gaps, exposures, outdated, refused, codes } = self;
        let mut found = Vec::new();
        let mut check = |cause, part: i64, whole: i64, most: Share, says: &dyn Fn(&str) -> String| {
            let share = part as f64 / whole.max(1) as f64;
            if whole >= LEAST && share > f64::from(most.0) / 1e6 {
                found.push(Condition::of(cause, says(&format!("{:.1} %, at most {most} is allowed", share * 100.0))));
            }
        };
        check(Cause::Loss, *gaps, *views, options.max_loss, &|share| {
            format!(
                "{gaps} of {views} page views lack a record, so that exposures or events are lost on the way: {share}"
            )
        });
        check(Cause::Outdated, *outdated, *exposures, options.max_outdated, &|share| {
            format!(
                "{outdated} of {exposures} exposures are by rules that were superseded for over a day, so that pages do not get new \
                 ones: {share}"
            )
        });
        let whole = (*views).max(*refused);
        check(Cause::Refused, *refused, whole, options.max_refused, &|share| {
            let codes: Vec<String> = codes.iter().map(|(code, times)| format!("{code} {times} times")).collect();
            format!("{refused} of {whole} page views refused rules ({}): {share}", codes.join(", "))
        });
        found
    }

    pub(crate) fn json(&self) -> Json {
        let Arrival { views, gaps, exposures, outdated, refused, codes } = self;
        json!({
            "pageViews": views, "withGaps": gaps, "exposures": exposures, "outdated": outdated, "refused": refused, "refusals": codes,
        })
    }
}
