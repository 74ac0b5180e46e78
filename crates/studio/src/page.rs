//! What a page may ask of a snapshot: texts in, values out. Its TypeScript face is pkg/src/studio.ts, and pkg/src/explanation.ts has
//! the types of what is handed over.

use serde::{Serialize, Serializer as _};
use serde_wasm_bindgen::Serializer;
use waft::{Preview, Program, Refusal, Trust, Verified, verify};
use wasm_bindgen::prelude::*;

use waft_compile::{keys, trust};
use waft_explain::decision::{self, Explanation};
use waft_explain::population::{self, Population};
use waft_explain::{context, segments};

/// A snapshot that the page's trust accepts, ready to be asked about.
#[wasm_bindgen]
pub struct Studio {
    trust: Trust,
    program: Program,
    population: Population,
}

#[wasm_bindgen]
impl Studio {
    /// Verifies a snapshot against TRUST.json's text at a moment (milliseconds since 1970). Throws the code of the
    /// refusal, or what is wrong with the trust.
    #[wasm_bindgen(constructor)]
    pub fn new(snapshot: Vec<u8>, trust: &str, now: f64) -> Result<Studio, String> {
        let trust = trust::read(trust)?;
        verify(snapshot, &trust, now as i64, None)
            .and_then(Verified::whole)
            .and_then(Program::new)
            .map(|program| Studio { population: Population::new(&program), program, trust })
            .map_err(|Refusal { code, .. }| code.name().to_owned())
    }

    /// Every flag for a context (JSON text), to which a preview token is shown unless it is empty: an [`Explanation`] by each flag's
    /// key. Throws the code of the refusal.
    pub fn explain(&self, context: &str, preview: &str, now: f64) -> Result<JsValue, String> {
        let context = context::read(context)?;
        let mut session = context::session(&self.program, &context);
        if !preview.is_empty() {
            let token = keys::bytes(preview).unwrap_or_default();
            let preview =
                verify(token, &self.trust, now as i64, None).and_then(|verified| Preview::new(verified, &self.program));
            session.set_preview(preview.map_err(|refusal| refusal.code.name().to_owned())?);
        }
        let flags = decision::flags(&self.program, None).into_iter();
        let mut explain = |flag| Explanation::of(&self.program, flag, &mut session, &context, now as i64);
        object(flags.map(|(flag, key)| (key, explain(flag))))
    }

    /// Every segment, and whether a context (JSON text) is in it: see [`segments::tell`].
    pub fn segments(&self, context: &str, now: f64) -> Result<JsValue, String> {
        let context = context::read(context)?;
        let mut session = context::session(&self.program, &context);
        value(&segments::tell(&self.program, &mut session, &context, now as i64))
    }

    /// Adds people to the population: see [`Population::add`].
    pub fn add(&mut self, contexts: &str) -> Result<(), String> {
        self.population.add(&self.program, contexts)
    }

    /// For how many people of the population a flag evaluates to each variant: `{variant: people}`, and under an
    /// empty key those for whom it cannot be decided. Throws if there is no such flag.
    pub fn decide(&mut self, flag: &str, now: f64) -> Result<JsValue, String> {
        let index = self.program.find(flag.as_bytes()).ok_or_else(|| format!("no flag is named {flag}"))?;
        let counts = self.population.decide(&self.program, index, now as i64);
        let record = self.program.flag(index);
        let key = |variant| {
            record
                .and_then(|flag| self.program.variant(&flag, variant))
                .map_or("", |variant| self.program.str(variant.key))
        };
        object((0..).zip(counts).map(|(variant, count)| (key(variant), count)))
    }

    /// How many people of a CSV are in each segment: see [`population::count`].
    pub fn preview(&self, csv: &[u8], now: f64) -> Result<JsValue, String> {
        value(&population::count(&self.program, csv, now as i64)?)
    }
}

/// What is told, as `JSON.parse` would make it of its JSON.
fn value(told: &impl Serialize) -> Result<JsValue, String> {
    told.serialize(&Serializer::json_compatible()).map_err(|error| error.to_string())
}

/// An object of named values, likewise.
fn object(told: impl Iterator<Item = (impl Serialize, impl Serialize)>) -> Result<JsValue, String> {
    Serializer::json_compatible().collect_map(told).map_err(|error| error.to_string())
}
