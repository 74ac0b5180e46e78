//! The table of sums: what a database answers, or what somebody else has summed. docs/report.md describes it.

use std::collections::HashSet;
use std::fmt::Display;
use std::str::FromStr;

use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};

/// What a row is a sum of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum Part {
    /// All units of a metric without a covariate: x, and y of a ratio.
    #[serde(rename = "all")]
    All,
    /// Units with a history: x, and y before.
    #[serde(rename = "known")]
    Known,
    /// Units without one: x.
    #[serde(rename = "new")]
    New,
    /// Where x was cut off.
    #[serde(rename = "cap")]
    Cap,
    /// Where y was.
    #[serde(rename = "cap of y")]
    CapOfY,
    /// x of one whole day since units entered; `cell` says which.
    #[serde(rename = "day since")]
    DaySince,
    /// Units of a variant.
    #[serde(rename = "units")]
    Units,
    /// Units that entered on a day since 1970.
    #[serde(rename = "units by day")]
    UnitsByDay,
    /// Units that entered with a version of the rules.
    #[serde(rename = "units by version")]
    UnitsByVersion,
    /// Units that entered with a browser.
    #[serde(rename = "units by browser")]
    UnitsByBrowser,
    /// Units that met more than one variant, and count nowhere else.
    #[serde(rename = "crossed")]
    Crossed,
    /// Exposures.
    #[serde(rename = "exposures")]
    Exposures,
    /// How often they arrived.
    #[serde(rename = "receipts")]
    Receipts,
    /// Exposures that waited over an hour.
    #[serde(rename = "late")]
    Late,
    /// Exposures of devices whose clock was more than a minute off.
    #[serde(rename = "skewed")]
    Skewed,
    /// Exposures by rules that had been superseded for over a day.
    #[serde(rename = "outdated")]
    Outdated,
    /// Exposures that contradict the ruleset, and count nowhere else.
    #[serde(rename = "contradicted")]
    Contradicted,
    /// Exposures of which nobody knows when they were sent or received, so that a wrong clock stays wrong.
    #[serde(rename = "uncorrected")]
    Uncorrected,
    /// Exposures that a kill keeps from counting: `cell` says when it ended the trial, or when the flag came back after the start, in
    /// milliseconds since 1970.
    #[serde(rename = "apart")]
    Apart,
    /// Events after that, of units that count and of names that are asked about.
    #[serde(rename = "events apart")]
    EventsApart,
    /// Units of a variant by what they were when they entered: `cell` is `plan=pro`, `segment/eu-pro=in`, `plan=` where that is not known,
    /// or `plan` for all values together that are not told apart.
    #[serde(rename = "units by value")]
    UnitsByValue,
    /// [`Part::All`] of these, of metrics that decide.
    #[serde(rename = "all by value")]
    AllByValue,
    /// [`Part::Known`] of these.
    #[serde(rename = "known by value")]
    KnownByValue,
    /// [`Part::New`] of these.
    #[serde(rename = "new by value")]
    NewByValue,
    /// How many values of the breakdown `cell` are not told apart.
    #[serde(rename = "more values")]
    MoreValues,
    /// What a list is cut short by: `cell` says which list (variants, versions, browsers, studies), `units` by how many lines, and
    /// `nonzero` how many units are in them.
    #[serde(rename = "more")]
    More,
}

impl Part {
    /// By its name in the table.
    pub fn named(name: &str) -> Option<Self> {
        let name: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
        Self::deserialize(name).ok()
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Sum {
    /// The trial's name.
    pub experiment: String,
    /// Its phase.
    #[serde(deserialize_with = "number")]
    pub phase: u32,
    /// Empty where a row is of all variants.
    #[serde(default, deserialize_with = "plain")]
    pub variant: String,
    /// Empty where a row is of units.
    #[serde(default, deserialize_with = "plain")]
    pub metric: String,
    /// What it is a sum of.
    pub part: Part,
    /// A day, a version, a browser.
    #[serde(default, deserialize_with = "plain")]
    pub cell: String,
    /// Units, or what is counted.
    #[serde(default, deserialize_with = "number")]
    pub units: u64,
    /// Units whose x is not zero.
    #[serde(default, deserialize_with = "number")]
    pub nonzero: u64,
    /// The sum of x.
    #[serde(default, deserialize_with = "number")]
    pub x: f64,
    /// Of its square.
    #[serde(default, deserialize_with = "number")]
    pub xx: f64,
    /// Of y.
    #[serde(default, deserialize_with = "number")]
    pub y: f64,
    /// Of its square.
    #[serde(default, deserialize_with = "number")]
    pub yy: f64,
    /// Of x times y.
    #[serde(default, deserialize_with = "number")]
    pub xy: f64,
}

/// A number, also as the text into which ClickHouse puts 64 bits. What is empty or null is 0, as a column that is not there.
fn number<'de, D: serde::Deserializer<'de>, T: Deserialize<'de> + FromStr<Err: Display> + Default>(
    from: D,
) -> Result<T, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Cell<T> {
        Number(T),
        Text(String),
        Nothing(()),
    }
    // serde would name the enum.
    let cell = Cell::deserialize(from)
        .map_err(|_| serde::de::Error::custom("expected a number; counts are whole and not negative"))?;
    match cell {
        Cell::Number(number) => Ok(number),
        Cell::Text(text) if text.trim().is_empty() => Ok(T::default()),
        Cell::Text(text) => text.trim().parse().map_err(serde::de::Error::custom),
        Cell::Nothing(()) => Ok(T::default()),
    }
}

/// A text, also of a number. Null is empty.
fn plain<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Plain {
        Number(i64),
        Text(String),
        Nothing(()),
    }
    Ok(match Plain::deserialize(from)? {
        Plain::Number(number) => number.to_string(),
        Plain::Text(text) => text,
        Plain::Nothing(()) => String::new(),
    })
}

/// A sum of counts, which stays at the most there can be.
pub(crate) fn total(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}

/// Reads CSV with a line of names, or a JSON object a line. An error names the line, or the row that is there twice.
pub fn read(text: &str) -> Result<Vec<Sum>, String> {
    let sums = rows(text)?;
    if sums.is_empty() {
        return Err("it has no rows: did the query end with an error?".to_owned());
    }
    let name = |part: &Part| serde_json::to_string(part).unwrap_or_default();
    let broken = |sum: &&Sum| ![sum.x, sum.xx, sum.y, sum.yy, sum.xy].iter().all(|number| number.is_finite());
    if let Some(Sum { experiment, metric, part, .. }) = sums.iter().find(broken) {
        return Err(format!("`{experiment}`, `{metric}`, part {}: a sum is not a number", name(part)));
    }
    let mut seen = HashSet::new();
    for Sum { experiment, phase, variant, metric, part, cell, .. } in &sums {
        if !seen.insert((experiment, phase, variant, metric, part, cell)) {
            return Err(format!(
                "two rows for `{experiment}`, phase {phase}, `{variant}`, `{metric}`, part {}: add them up",
                name(part)
            ));
        }
    }
    Ok(sums)
}

fn rows(text: &str) -> Result<Vec<Sum>, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        return lines
            .map(|(number, line)| serde_json::from_str(line).map_err(|error| format!("line {number}: {error}")))
            .collect();
    }
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut sums = Vec::new();
    for sum in reader.deserialize() {
        sums.push(sum.map_err(|error: csv::Error| error.to_string())?);
    }
    Ok(sums)
}
