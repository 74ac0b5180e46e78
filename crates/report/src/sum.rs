//! The table of sums: what a database answers, or what somebody else has summed. docs/report.md describes it.

use std::collections::HashSet;
use std::fmt::Display;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;

/// What a row is a sum of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
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
    /// The study's name.
    pub experiment: String,
    /// Its phase.
    #[serde(deserialize_with = "integer")]
    pub phase: u32,
    /// Empty where a row is of all variants.
    #[serde(default)]
    pub variant: String,
    /// Empty where a row is of units.
    #[serde(default)]
    pub metric: String,
    /// What it is a sum of.
    pub part: Part,
    /// A day, a version, a browser.
    #[serde(default, deserialize_with = "plain")]
    pub cell: String,
    /// Units, or what is counted.
    #[serde(deserialize_with = "integer")]
    pub units: u64,
    /// Units whose x is not zero.
    #[serde(default, deserialize_with = "integer")]
    pub nonzero: u64,
    /// The sum of x.
    #[serde(default)]
    pub x: f64,
    /// Of its square.
    #[serde(default)]
    pub xx: f64,
    /// Of y.
    #[serde(default)]
    pub y: f64,
    /// Of its square.
    #[serde(default)]
    pub yy: f64,
    /// Of x times y.
    #[serde(default)]
    pub xy: f64,
}

/// An integer, also as the text into which ClickHouse puts 64 bits.
fn integer<'de, D: serde::Deserializer<'de>, T: Deserialize<'de> + FromStr<Err: Display>>(
    from: D,
) -> Result<T, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Integer<T> {
        Number(T),
        Text(String),
    }
    match Integer::deserialize(from)? {
        Integer::Number(number) => Ok(number),
        Integer::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}

/// A text, also of a number.
fn plain<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Plain {
        Number(i64),
        Text(String),
    }
    Ok(match Plain::deserialize(from)? {
        Plain::Number(number) => number.to_string(),
        Plain::Text(text) => text,
    })
}

/// A sum of counts, which stays at the most there can be.
pub(crate) fn total(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}

/// Reads CSV with a line of names, or a JSON object a line. An error names the line, or the row that is there twice.
pub fn read(text: &str) -> Result<Vec<Sum>, String> {
    let sums = rows(text)?;
    let mut seen = HashSet::new();
    for Sum { experiment, phase, variant, metric, part, cell, .. } in &sums {
        if !seen.insert((experiment, phase, variant, metric, part, cell)) {
            return Err(format!(
                "two rows for `{experiment}`, phase {phase}, `{variant}`, `{metric}`, {part:?}: sum them up"
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
