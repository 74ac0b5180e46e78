//! What is told, as values of JavaScript.

use serde::{Serialize, Serializer as _};
use serde_wasm_bindgen::Serializer;
use waft::Program;
use waft::program::FlagIndex;
use wasm_bindgen::prelude::*;

/// Values as in JSON, but maps are `Map`s, of which pkg/src/studio/told.ts makes objects: `object[key] = value`, as this library sets
/// properties, would lose a key that is `__proto__`.
const SERIALIZER: Serializer = Serializer::json_compatible().serialize_maps_as_objects(false);

pub(crate) fn value(told: &impl Serialize) -> Result<JsValue, String> {
    told.serialize(&SERIALIZER).map_err(|error| error.to_string())
}

/// A map of named values, likewise.
pub(crate) fn map(told: impl Iterator<Item = (impl Serialize, impl Serialize)>) -> Result<JsValue, String> {
    SERIALIZER.collect_map(told).map_err(|error| error.to_string())
}

/// How many people get each variant of a flag, by its key; under an empty key those who get the caller's default.
pub(crate) fn people(program: &Program, flag: FlagIndex, counts: Vec<u32>) -> Result<JsValue, String> {
    let record = program.flag(flag);
    let key = |variant| {
        record.and_then(|flag| program.variant(&flag, variant)).map_or("", |variant| program.str(variant.key))
    };
    let people = (0..).zip(counts).map(|(variant, count)| (key(variant), count));
    let without = people.clone().filter(|(key, _)| key.is_empty()).map(|(_, count)| count).sum();
    map(people.filter(|(key, _)| !key.is_empty()).chain([("", without)]))
}

/// The moment at which a page decides whose clock shows `now`: within the snapshot's time.
pub(crate) fn moment(program: &Program, now: f64) -> f64 {
    let snapshot = program.snapshot();
    let milli = |seconds: u64| seconds as f64 * 1_000.0;
    now.min(milli(snapshot.expires())).max(milli(snapshot.issued()))
}
