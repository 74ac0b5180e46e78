//! Holdouts: a share of units that is kept out of what a team does, to see what all of it together brings.

use super::condition;
use super::metric;
use super::names::Names;
use super::reader::{self, Fields, describe, instant, share, unit};
use crate::finding::{Code, Findings};
use crate::share::Share;
use crate::source::Entry;
use crate::types::Holdout;

/// `q1: { unit: visitor, share: 5%, from: 2026-11-01T00:00Z, to: ..., except: { segment: staff }, metrics: [revenue] }`.
pub(crate) fn read(entry: &Entry, names: &Names<'_>, findings: &mut Findings) -> Option<Holdout> {
    let mut fields = Fields::of(&entry.value, "holdout", findings)?;
    let of = fields.require("unit", "name the unit that is held out", findings);
    let held = fields.require("share", "say how many are held out, such as 5%", findings);
    let from = fields.require("from", "say when it starts, such as 2026-11-01T00:00Z", findings);
    let (to, except) = (fields.take("to"), fields.take("except"));
    let salt = reader::salt(fields.take("salt"), findings);
    let metrics = fields.take("metrics");
    reader::meta(&mut fields, findings);
    describe(&mut fields, findings);
    fields.finish(findings);

    let unit = unit(of, names.units, findings);
    let share = held.and_then(|field| share(&field.value, "share", findings));
    let from = from.and_then(|field| instant(&field.value, findings));
    let to = match to {
        None => None,
        Some(field) => Some(reader::end(&field.value, findings)?),
    };
    let except = match except {
        None => None,
        Some(field) => Some(condition::read(&field.value, names, findings)?),
    };
    let metrics = match metrics {
        None => Vec::new(),
        Some(field) => metric::names(&field.value, "metrics", findings)?,
    };
    if to.is_some() && to <= from {
        findings.add(entry.place, Code::PhaseOrder, "the holdout ends before it starts", "put `to` after `from`");
    }
    if share.is_some_and(|share| share.0 == 0 || share > Share(500_000)) {
        let message = "a holdout of nobody, or of more than half";
        findings.add(entry.place, Code::HoldoutShare, message, "hold out 1 % to 10 %; never more than 50 %");
    }
    Some(Holdout { unit: unit?, salt, share: share?, from: from?, to, except, metrics })
}
