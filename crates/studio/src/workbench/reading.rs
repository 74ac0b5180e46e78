//! A file of people, read as a stream.

use js_sys::{Error, Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{AbortSignal, Blob};

use super::{People, Rules, Thrown, Workbench};
use crate::told::value;
use waft_explain::population::{Problem, Reading, Settings};

/// How much of a file is read at a time, in bytes: what a stop waits for, and how often progress is told.
const PART: f64 = 1_048_576.0;
/// How much memory columns take at most, unless said otherwise: with what counting takes, a tab stays below 400 MB.
const MEMORY: usize = 200 << 20;
/// Which people stay of a file that takes more.
const SEED: u64 = 1;

impl From<Problem> for Thrown {
    fn from(Problem { code, message }: Problem) -> Self {
        Thrown { code, message }
    }
}

#[wasm_bindgen]
impl Workbench {
    /// Reads a file for the attributes of the rules in hand, and returns a promise of [`People`], who are to be taken; those of the
    /// file before are given up. `settings` is the JSON
    /// text of [`Settings`], as reading texts is in this module anyhow: reading values would add 15 kB. `progress` is called with the bytes
    /// and the rows that were read; an aborted `signal` stops it. Rejects with `{ code, message }` of what is wrong with the file.
    pub fn read(
        &mut self,
        file: Blob,
        settings: &str,
        progress: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let mut settings: Settings = serde_json::from_str(settings).map_err(|error| format!("settings: {error}"))?;
        settings.memory.get_or_insert(MEMORY);
        if settings.seed == 0 {
            settings.seed = SEED;
        }
        if let (true, Rules::Draft(draft)) = (settings.enums.is_empty(), self.rules()?) {
            settings.enums = draft.enums();
        }
        let reading = Reading::new(&[self.program()?], settings);
        // Both would take twice the memory.
        self.people = None;
        self.kept.clear();
        Ok(future_to_promise(async move {
            let people = whole(reading, file, progress, signal).await?;
            Ok(JsValue::from(people))
        }))
    }

    /// Counts these people from now on. Returns how their file is written, and what came of reading it.
    pub fn take(&mut self, people: People) -> Result<JsValue, JsValue> {
        self.kept.clear();
        let report = value(&people.report)?;
        self.people = Some(people);
        self.prepare();
        Ok(report)
    }
}

async fn whole(
    mut reading: Reading,
    file: Blob,
    progress: Option<Function>,
    signal: Option<AbortSignal>,
) -> Result<People, JsValue> {
    let (mut at, size) = (0.0, file.size());
    while at < size {
        if signal.as_ref().is_some_and(AbortSignal::aborted) {
            return Err(Thrown { code: "CANCELLED", message: "reading was stopped".to_owned() }.into());
        }
        let end = size.min(at + PART);
        let part = bytes(&file, at, end).await.map_err(|error| {
            let error = String::from(error.unchecked_ref::<Error>().message());
            let message = format!("the file cannot be read: {error}; choose it again");
            JsValue::from(Thrown { code: "UNREADABLE", message })
        })?;
        reading.push(&part).map_err(Thrown::from)?;
        at = end;
        if let Some(progress) = &progress {
            progress.call2(&JsValue::NULL, &JsValue::from(at), &JsValue::from(reading.rows() as f64))?;
        }
    }
    let (table, report) = reading.finish().map_err(Thrown::from)?;
    Ok(People { table, report })
}

/// Some bytes of a file. Not by a `FileReader`, which Node has not.
async fn bytes(file: &Blob, from: f64, to: f64) -> Result<Vec<u8>, JsValue> {
    let part = file.slice_with_f64_and_f64(from, to)?;
    let buffer = JsFuture::from(part.array_buffer()).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}
