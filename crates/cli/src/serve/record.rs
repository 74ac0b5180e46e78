//! What is kept of a log record: an exposure or an event.

use std::ops::RangeInclusive;

use super::attributes::{Attributes, TEXT_BYTES, UNIT_NAME_BYTES, properties_of};
use super::moment::{Arrival, Moment};
use super::otlp;

/// The digits of an id, and of a digest.
const ID: RangeInclusive<usize> = 32..=32;
const DIGEST: RangeInclusive<usize> = 2..=128;
/// The longest name, in bytes: a ruleset has no longer ones. Two of them, and what is between, are a project and its environment
/// (`shop/production`), or a ramp's flag and rule. PostgreSQL's indexes hold no more than 2,704 bytes of a row.
const NAME_BYTES: usize = 100;
const NAMES_BYTES: usize = 2 * NAME_BYTES + 1;
/// The longest properties of an event, in bytes of JSON.
const PROPERTIES_BYTES: usize = 8_192;

/// A row to store.
pub(crate) enum Row {
    Exposure(Exposure),
    Event(Event),
}

/// A unit met a randomised variant. The columns are described in schema.sql.
pub(crate) struct Exposure {
    pub(crate) id: String,
    pub(crate) experiment: String,
    pub(crate) phase: i64,
    pub(crate) variant: String,
    pub(crate) rule: Option<String>,
    pub(crate) flag: String,
    pub(crate) unit_kind: String,
    pub(crate) unit: String,
    pub(crate) units: String,
    pub(crate) set_id: String,
    pub(crate) snapshot_version: Option<i64>,
    pub(crate) snapshot_digest: Option<String>,
    pub(crate) point: Option<i64>,
    pub(crate) browser: Option<String>,
    pub(crate) moment: Moment,
    pub(crate) verdict: Verdict,
    pub(crate) trusted: bool,
    /// Whether it named another id.
    pub(crate) renamed: bool,
}

/// What of an exposure is compared with the rules.
pub(crate) struct Told<'a> {
    pub(crate) experiment: &'a str,
    pub(crate) phase: i64,
    pub(crate) variant: &'a str,
    pub(crate) unit_kind: &'a str,
    pub(crate) unit: &'a str,
    /// `project/environment`.
    pub(crate) set: &'a str,
    pub(crate) snapshot_version: Option<i64>,
    /// In hexadecimal.
    pub(crate) snapshot_digest: Option<&'a str>,
    pub(crate) point: Option<i64>,
}

/// What an exposure says, beside what the rules say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Point or variant is another than the rules give, or they do not take the unit: set apart, and counted nowhere else.
    Contradicted,
    /// Nothing to compare it with: the snapshot, the experiment or its phase is unknown, or its unit is a pseudonym.
    #[default]
    Unchecked,
    /// Point and variant are those that the rules give.
    Checked,
}

impl Verdict {
    /// As it is stored.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Contradicted => "contradicted",
            Self::Unchecked => "unchecked",
            Self::Checked => "checked",
        }
    }
}

/// Something happened that a metric counts.
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) value: Option<f64>,
    pub(crate) properties: Option<String>,
    pub(crate) units: String,
    pub(crate) set_id: Option<String>,
    pub(crate) moment: Moment,
    pub(crate) trusted: bool,
}

impl Row {
    /// What is kept of a record. `None` if it is neither an exposure nor an event; what is wrong with it, if it cannot be
    /// stored.
    pub(crate) fn of(record: otlp::Record, arrival: Arrival) -> Result<Option<Row>, String> {
        let mut moment = Moment::of(record.time_unix_nano, record.observed_time_unix_nano, arrival);
        let mut attributes = Attributes(record.attributes.unwrap_or_default());
        moment.page_view = attributes.text("waft.page_view.id", NAME_BYTES)?;
        moment.sequence = attributes.integer("waft.sequence", waft::limits::VERSION)?;
        if let Some(id) = attributes.hex(otlp::EXPOSURE_ID, ID)? {
            Exposure::read(id, attributes, moment).map(|exposure| Some(Row::Exposure(exposure)))
        } else if let Some(id) = attributes.hex(otlp::EVENT_ID, ID)? {
            Event::read(id, attributes, moment).map(|event| Some(Row::Event(event)))
        } else if record.event_name.as_deref() == Some("waft.track") {
            Err(format!("{}: missing: send it as stringValue", otlp::EVENT_ID))
        } else {
            Ok(None)
        }
    }
}

impl Exposure {
    fn read(named: String, mut from: Attributes, mut moment: Moment) -> Result<Self, String> {
        moment.breakdown = from.breakdown()?;
        let unit_kind = from.required("waft.unit.kind", UNIT_NAME_BYTES)?;
        let snapshot_version = match from.integer("waft.snapshot.version", waft::limits::VERSION)? {
            Some(version) => Some(version),
            None => {
                let version =
                    from.text("feature_flag.version", NAME_BYTES)?.and_then(|version| version.parse::<u64>().ok());
                version.filter(|version| *version <= waft::limits::VERSION).and_then(|version| version.try_into().ok())
            }
        };
        let mut exposure = Self {
            id: String::new(),
            experiment: from.required("waft.experiment", NAMES_BYTES)?,
            phase: from.integer("waft.phase", u32::MAX.into())?.ok_or("waft.phase: missing: send it as intValue")?,
            variant: from.required("feature_flag.result.variant", NAME_BYTES)?,
            rule: from.text("waft.rule", NAME_BYTES)?,
            flag: from.required("feature_flag.key", NAME_BYTES)?,
            unit: from.required("feature_flag.context.id", TEXT_BYTES)?,
            set_id: from.required("feature_flag.set.id", NAMES_BYTES)?,
            snapshot_version,
            snapshot_digest: from.hex("waft.snapshot.digest", DIGEST)?,
            point: from.integer("waft.point", u32::MAX.into())?,
            browser: from.text("user_agent.name", NAME_BYTES)?,
            units: from.units()?,
            unit_kind,
            moment,
            verdict: Verdict::default(),
            trusted: false,
            renamed: false,
        };
        let window = from.text("waft.window", NAME_BYTES)?.unwrap_or_default();
        exposure.id = exposure.own_id(&window)?;
        exposure.renamed = exposure.id != named;
        Ok(exposure)
    }

    pub(crate) fn told(&self) -> Told<'_> {
        Told {
            experiment: &self.experiment,
            phase: self.phase,
            variant: &self.variant,
            unit_kind: &self.unit_kind,
            unit: &self.unit,
            set: &self.set_id,
            snapshot_version: self.snapshot_version,
            snapshot_digest: self.snapshot_digest.as_deref(),
            point: self.point,
        }
    }

    /// The id that its parts make, whatever it says: who could name one could take the place of another's row.
    fn own_id(&self, window: &str) -> Result<String, String> {
        let names = self.set_id.split_once('/').filter(|(_, environment)| !environment.contains('/'));
        let (project, environment) = names.ok_or("feature_flag.set.id: expected project/environment")?;
        let phase = self.phase.to_string();
        let parts =
            [project, environment, &self.experiment, &phase, &self.unit_kind, &self.unit, &self.variant, window];
        let id = waft::exposure::id(&parts.map(str::as_bytes));
        Ok(String::from_utf8_lossy(&id).into_owned())
    }
}

impl Event {
    fn read(id: String, mut from: Attributes, moment: Moment) -> Result<Self, String> {
        let properties = from.text("waft.event.properties", PROPERTIES_BYTES)?;
        let properties = properties.map(|text| properties_of(&text)).transpose()?;
        Ok(Self {
            id,
            name: from.required("waft.event.name", TEXT_BYTES)?,
            value: from.number("waft.event.value")?,
            properties,
            set_id: from.text("feature_flag.set.id", NAMES_BYTES)?,
            units: from.units()?,
            moment,
            trusted: false,
        })
    }
}
