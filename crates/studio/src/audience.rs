//! A file of people, read as a stream in a worker or a page, and counted. Its TypeScript face is pkg/src/studio.ts.

use gloo_file::{Blob, futures::read_as_bytes};
use js_sys::Function;
use serde::Serialize;
use waft::{Code, Program, Verified, limits, verify};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use crate::page::{moment, people, value};
use waft_compile::trust;
use waft_explain::population::{Kept, Problem, Reading, Report, Settings, Table};

/// How much of a file is read at a time, in bytes: what a stop waits for, and how often progress is told.
const PART: u64 = 1 << 20;
/// How much memory columns take at most, unless said otherwise: with what counting takes, a tab stays below 400 MB.
const MEMORY: usize = 200 << 20;
/// Which people stay of a file that takes more.
const SEED: u64 = 1;

/// People of a file, and the program that they are counted by.
#[wasm_bindgen]
pub struct Audience {
    program: Program,
    table: Table,
    report: Report,
    kept: Kept,
}

/// Why a file cannot be read, as it is thrown.
#[derive(Serialize)]
struct Thrown {
    code: &'static str,
    message: String,
}

impl From<Problem> for Thrown {
    fn from(Problem { code, message }: Problem) -> Self {
        Thrown { code, message }
    }
}

fn thrown(problem: Problem) -> JsValue {
    value(&Thrown::from(problem)).unwrap_or_else(JsValue::from)
}

/// Verifies a snapshot for people to be counted by, with its list files as they are named.
fn program(snapshot: Vec<u8>, trust: &str, now: f64) -> Result<Program, JsValue> {
    let trust = trust::read(trust)?;
    let verified = verify(snapshot, &trust, now as i64, None).and_then(Verified::whole);
    verified.and_then(Program::new).map_err(|refusal| JsValue::from(refusal.code.name()))
}

/// Reads a file for a snapshot that TRUST.json's text accepts. `settings` is the JSON text of [`Settings`], as reading texts is in
/// this module anyhow: reading values would add 15 kB; `progress` is called with the bytes and the rows
/// that were read; an aborted `signal` stops it. Throws `{ code, message }` of what is wrong with the file, or the code of the snapshot's refusal.
#[wasm_bindgen(js_name = readAudience)]
pub async fn read_audience(
    snapshot: Vec<u8>,
    trust: String,
    now: f64,
    file: web_sys::Blob,
    settings: String,
    progress: Option<Function>,
    signal: Option<AbortSignal>,
) -> Result<Audience, JsValue> {
    let program = program(snapshot, &trust, now)?;
    let mut settings: Settings = serde_json::from_str(&settings).map_err(|error| format!("settings: {error}"))?;
    settings.memory.get_or_insert(MEMORY);
    if settings.seed == 0 {
        settings.seed = SEED;
    }
    let file = Blob::from(file);
    let mut reading = Reading::new(&[&program], settings);
    let mut at = 0;
    while at < file.size() {
        if signal.as_ref().is_some_and(AbortSignal::aborted) {
            return Err(thrown(Problem { code: "CANCELLED", message: "reading was stopped".to_owned() }));
        }
        let end = file.size().min(at + PART);
        let part = read_as_bytes(&file.slice(at, end)).await.map_err(|error| {
            let message = format!("the file cannot be read: {error}; choose it again");
            thrown(Problem { code: "UNREADABLE", message })
        })?;
        reading.push(&part).map_err(thrown)?;
        at = end;
        if let Some(progress) = &progress {
            progress.call2(&JsValue::NULL, &JsValue::from(at as f64), &JsValue::from(reading.rows() as f64))?;
        }
    }
    let (table, report) = reading.finish().map_err(thrown)?;
    Ok(Audience { program, table, report, kept: Kept::default() })
}

#[wasm_bindgen]
impl Audience {
    /// How the file is written, and what came of reading it.
    pub fn report(&self) -> Result<JsValue, String> {
        value(&self.report)
    }

    /// See [`crate::Studio::moment`].
    pub fn moment(&self, now: f64) -> f64 {
        moment(&self.program, now)
    }

    /// How many people are in each segment: see [`Table::count`].
    pub fn count(&self, now: f64) -> Result<JsValue, String> {
        value(&self.table.count(&self.program, now as i64))
    }

    /// For how many people a flag evaluates to each variant: see [`crate::Studio::decide`].
    pub fn decide(&mut self, flag: &str, now: f64) -> Result<JsValue, String> {
        let index = self.program.find(flag.as_bytes()).ok_or_else(|| format!("no flag is named {flag}"))?;
        let kept = std::mem::take(&mut self.kept);
        let (counts, kept) = self.table.decide(&self.program, index, now as i64, kept);
        self.kept = kept;
        people(&self.program, index, counts)
    }

    /// Counts by other rules from now on: the file is not read again. Attributes that they have anew have no column.
    pub fn adopt(&mut self, snapshot: Vec<u8>, trust: &str, now: f64) -> Result<(), JsValue> {
        self.program = program(snapshot, trust, now)?;
        self.kept = Kept::default();
        Ok(())
    }

    /// Takes the contents of a list file of the snapshot, whatever it is named. Only bytes that were signed are believed: else the code of
    /// the refusal is thrown.
    #[wasm_bindgen(js_name = putList)]
    pub fn put_list(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.kept = Kept::default();
        let files = (0..limits::LIST_FILES).take_while(|file| self.program.snapshot().list_digest(*file).is_some());
        for file in files.collect::<Vec<_>>() {
            match self.program.put_list(file, bytes.to_vec()) {
                Err(refusal) if refusal.code == Code::DigestMismatch => {}
                taken => return taken.map_err(|refusal| refusal.code.name().to_owned()),
            }
        }
        Err(Code::DigestMismatch.name().to_owned())
    }
}
