//! What a page may ask of a snapshot: JSON in, JSON out. Its TypeScript face is pkg/src/studio.ts.

use serde_json::{Map, Value as Json, json};
use waft::{Preview, Program, Refusal, Trust, Verified, verify};
use wasm_bindgen::prelude::*;

use waft_compile::{keys, trust};
use waft_explain::population::{self, Population};
use waft_explain::{context, decision, segments};

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

    /// Every flag for a context (JSON text), to which a preview token is shown unless it is empty:
    /// `{flags: {key: {value, variant, reason, rule?, trace, text}}}`. Throws the code of the refusal.
    pub fn explain(&self, context: &str, preview: &str, now: f64) -> Result<String, String> {
        let context = context::read(context)?;
        let mut session = context::session(&self.program, &context);
        if !preview.is_empty() {
            let token = keys::bytes(preview).unwrap_or_default();
            let preview =
                verify(token, &self.trust, now as i64, None).and_then(|verified| Preview::new(verified, &self.program));
            session.set_preview(preview.map_err(|refusal| refusal.code.name().to_owned())?);
        }
        let flags: Map<String, Json> = decision::flags(&self.program, None)
            .into_iter()
            .map(|(flag, key)| (key, decision::decide(&self.program, flag, &mut session, &context, now as i64, true)))
            .collect();
        Ok(json!({ "flags": flags }).to_string())
    }

    /// Every segment, and whether a context (JSON text) is in it: see [`segments::tell`].
    pub fn segments(&self, context: &str, now: f64) -> Result<String, String> {
        let context = context::read(context)?;
        let mut session = context::session(&self.program, &context);
        Ok(Json::from(segments::tell(&self.program, &mut session, &context, now as i64)).to_string())
    }

    /// Adds people to the population: see [`Population::add`].
    pub fn add(&mut self, contexts: &str) -> Result<(), String> {
        self.population.add(&self.program, contexts)
    }

    /// For how many people of the population a flag evaluates to each variant: `{variant: people}`, and under an
    /// empty key those for whom it cannot be decided. Throws if there is no such flag.
    pub fn decide(&mut self, flag: &str, now: f64) -> Result<String, String> {
        let index = self.program.find(flag.as_bytes()).ok_or_else(|| format!("no flag is named {flag}"))?;
        let counts = self.population.decide(&self.program, index, now as i64);
        let record = self.program.flag(index);
        let key = |variant| {
            record.and_then(|flag| self.program.variant(&flag, variant)).map(|variant| self.program.str(variant.key))
        };
        let told: Map<String, Json> = (0..)
            .zip(&counts)
            .map(|(variant, count)| (key(variant).unwrap_or("").to_owned(), Json::from(*count)))
            .collect();
        Ok(Json::Object(told).to_string())
    }

    /// How many people of a CSV are in each segment: see [`population::count`].
    pub fn preview(&self, csv: &[u8], now: f64) -> Result<String, String> {
        population::count(&self.program, csv, now as i64).map(|counts| counts.to_string())
    }
}
