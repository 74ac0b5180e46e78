//! A file of people, read as a stream.

use js_sys::{ArrayBuffer, Error, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::{AbortSignal, Blob};

use super::{People, Rules, Thrown, Workbench};
use crate::told::value;
use waft_explain::population::{Problem, Reading, Settings};

/// How much of a file is read at a time, in bytes: what a stop waits for, and how often progress is told.
const PART: u32 = 1 << 20;
/// How much memory columns take at most, unless said otherwise. Growing, halving and hashing take as much again, so that a tab stays below 400 MB:
/// tests/e2e/large.test.mjs.
const MEMORY: usize = 80 << 20;
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
    let mut parts = Parts::of(file);
    loop {
        if signal.as_ref().is_some_and(AbortSignal::aborted) {
            return Err(Thrown { code: "CANCELLED", message: "reading was stopped".to_owned() }.into());
        }
        let part = parts.next().await.map_err(|error| {
            let error = String::from(error.unchecked_ref::<Error>().message());
            let message = format!("the file cannot be read: {error}; choose it again");
            JsValue::from(Thrown { code: "UNREADABLE", message })
        })?;
        if part.is_empty() {
            break;
        }
        reading.push(part).map_err(Thrown::from)?;
        let at = parts.at;
        if let Some(progress) = &progress {
            progress.call2(&JsValue::NULL, &JsValue::from(at), &JsValue::from(reading.rows() as f64))?;
        }
    }
    let (table, report) = reading.finish().map_err(Thrown::from)?;
    Ok(People { table, report })
}

#[wasm_bindgen]
extern "C" {
    /// What reads a stream into a buffer of whoever asks. js-sys has none, and the one of web-sys does not say that a browser may throw.
    type Reader;
    type Streaming;
    #[wasm_bindgen(method, catch)]
    fn stream(this: &Streaming) -> Result<Streamed, JsValue>;
    type Streamed;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn reader(this: &Streamed, options: &JsValue) -> Result<Reader, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Reader, into: &Uint8Array) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn cancel(this: &Reader) -> Result<Promise, JsValue>;
}

/// A file, part by part.
struct Parts {
    file: Blob,
    /// How many bytes were read.
    at: f64,
    /// All parts come in one buffer, as each one of its own would wait to be collected: hundreds of MB of a large file. None where a browser's files are no
    /// streams of bytes.
    stream: Option<(Reader, ArrayBuffer)>,
    part: Vec<u8>,
}

impl Parts {
    fn of(file: Blob) -> Self {
        let options = Object::new();
        let is_set = Reflect::set(&options, &"mode".into(), &"byob".into());
        let reader =
            is_set.and_then(|_| file.unchecked_ref::<Streaming>().stream()).and_then(|stream| stream.reader(&options));
        let stream = reader.ok().map(|reader| (reader, ArrayBuffer::new(PART)));
        Parts { file, at: 0.0, stream, part: Vec::new() }
    }

    /// The next part; an empty one at the end.
    async fn next(&mut self) -> Result<&[u8], JsValue> {
        let part = match &mut self.stream {
            Some((reader, buffer)) => {
                let told = JsFuture::from(reader.read(&Uint8Array::new(buffer))?).await?;
                let part: Uint8Array = Reflect::get(&told, &"value".into())?.unchecked_into();
                // It was handed over, and is another object now.
                *buffer = part.buffer();
                part
            }
            None => {
                let part = self.file.slice_with_f64_and_f64(self.at, self.at + f64::from(PART))?;
                Uint8Array::new(&JsFuture::from(part.array_buffer()).await?)
            }
        };
        self.part.resize(part.length() as usize, 0);
        part.copy_to(&mut self.part);
        self.at += f64::from(part.length());
        Ok(&self.part)
    }
}

impl Drop for Parts {
    /// Whoever stops reads no further.
    fn drop(&mut self) {
        if let Some(cancelled) = self.stream.as_ref().and_then(|(reader, _)| reader.cancel().ok()) {
            // Of a file that could not be read it says so again.
            spawn_local(async { drop(JsFuture::from(cancelled).await) });
        }
    }
}
