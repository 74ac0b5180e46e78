//! What a page may ask of a snapshot: texts in, values out. Its TypeScript face is pkg/src/studio.ts, and pkg/src/explanation.ts has
//! the types of what is handed over.

use waft::{Preview, Program, Refusal, Trust, Verified, verify};
use wasm_bindgen::prelude::*;

use crate::told::{map, moment, people, value};
use waft_compile::{keys, trust};
use waft_explain::decision::{self, Explanation};
use waft_explain::population::Population;
use waft_explain::{context, segments};

/// A snapshot that the page's trust accepts, ready to be asked about.
#[wasm_bindgen]
pub struct Studio {
    trust: Trust,
    program: Program,
    population: Population,
    /// What a token shows, until it is explained.
    preview: Option<Preview>,
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
            .map(|program| Studio { population: Population::new(&program), program, trust, preview: None })
            .map_err(|Refusal { code, .. }| code.name().to_owned())
    }

    /// The moment at which a page decides whose clock shows `now` (milliseconds since 1970): within the snapshot's time.
    pub fn moment(&self, now: f64) -> f64 {
        moment(&self.program, now)
    }

    /// Takes a preview token for what is explained next. Returns until when it shows something (milliseconds since 1970), or the code
    /// of its refusal; then flags are explained without it, as a page decides them.
    pub fn show(&mut self, token: &str, now: f64) -> JsValue {
        let shown = verify(keys::bytes(token).unwrap_or_default(), &self.trust, now as i64, None)
            .and_then(|verified| Preview::new(verified, &self.program));
        match shown {
            Ok(preview) => JsValue::from_f64(self.preview.insert(preview).until() as f64),
            Err(Refusal { code, .. }) => JsValue::from_str(code.name()),
        }
    }

    /// Every flag for a context (JSON text): an [`Explanation`] by each flag's key.
    pub fn explain(&mut self, context: &str, now: f64) -> Result<JsValue, String> {
        let context = context::read(context)?;
        let mut session = context::session(&self.program, &context);
        if let Some(preview) = self.preview.take() {
            session.set_preview(preview);
        }
        let flags = decision::flags(&self.program, None).into_iter();
        let mut explain = |flag| Explanation::of(&self.program, flag, &mut session, &context, now as i64);
        map(flags.map(|(flag, key)| (key, explain(flag))))
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
    /// empty key those who get the caller's default. Throws if there is no such flag.
    pub fn decide(&mut self, flag: &str, now: f64) -> Result<JsValue, String> {
        let index = self.program.find(flag.as_bytes()).ok_or_else(|| format!("no flag is named {flag}"))?;
        let counts = self.population.decide(&self.program, index, now as i64);
        people(&self.program, index, counts)
    }
}
