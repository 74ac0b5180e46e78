//! What a trial would take.

use wasm_bindgen::prelude::*;

use crate::told::value;
use waft_stats::Question;

/// Days for an effect, or an effect for days: see [`Question`], whose JSON it takes. It asks nothing of rules or people.
#[wasm_bindgen(js_name = planTrial)]
pub fn plan_trial(question: &str) -> Result<JsValue, JsValue> {
    let asked: Question = serde_json::from_str(question).map_err(|error| format!("question: {error}"))?;
    Ok(value(&asked.answer())?)
}
