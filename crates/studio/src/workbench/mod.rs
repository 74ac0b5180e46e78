//! The workbench: rules and people in one place, asked by a worker. Rules are a draft, which nobody signs and whose program never leaves as bytes,
//! or a snapshot that a page's trust accepts. Its TypeScript face is pkg/src/workbench.ts.

mod answers;
mod plan;
mod reading;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use waft::{Code, Program, Verified, limits, verify};
use wasm_bindgen::prelude::*;

pub use self::plan::plan_trial;
use crate::told::{self, value};
use waft_compile::trust;
use waft_explain::draft::{Compiled, Draft, Files, Model, Note};
use waft_explain::population::{Kept, Report, Table, declared};

/// Rules, and people to count by them.
#[wasm_bindgen]
#[derive(Default)]
pub struct Workbench {
    rules: Option<Rules>,
    people: Option<People>,
    /// Columns that flags asked for. They are of the attributes that rules declare.
    kept: Kept,
    /// List files that were given, by their paths, or by their names without folders.
    lists: Files,
    /// The list files that the last draft named, whether it compiled or not.
    asked: BTreeSet<String>,
}

/// People of a file.
#[wasm_bindgen]
pub struct People {
    table: Table,
    report: Report,
}

/// Where rules come from.
enum Rules {
    Draft(Box<Draft>),
    Signed(Box<Program>),
}

impl Rules {
    fn program(&self) -> &Program {
        match self {
            Rules::Draft(draft) => draft.program(),
            Rules::Signed(program) => program,
        }
    }
}

/// Why something cannot be done, as it is thrown.
#[derive(Serialize)]
pub(crate) struct Thrown {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> Self {
        value(&thrown).unwrap_or_else(JsValue::from)
    }
}

/// What is wrong with a text of rules, as one error: the first finding.
impl From<Vec<Note>> for Thrown {
    fn from(notes: Vec<Note>) -> Self {
        let Some(Note { code, line, column, message, remedy, .. }) = notes.into_iter().next() else {
            return Thrown { code: "FAILED", message: "nothing was found".to_owned() };
        };
        Thrown { code, message: format!("{line}:{column}: {message}: {remedy}") }
    }
}

/// What came of compiling.
#[derive(Serialize)]
struct Told<'t> {
    findings: Vec<Note>,
    /// Of the last draft without errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'t Model>,
    /// Whether that is this one.
    counted: bool,
}

#[wasm_bindgen]
impl Workbench {
    /// Without rules or people.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Compiles files (JSON text: texts by their paths) at a moment, for an environment or the first that they declare. With errors, the last
    /// good draft stays.
    pub fn compile(&mut self, files: &str, environment: Option<String>, now: f64) -> Result<JsValue, JsValue> {
        let files = self.files(files)?;
        let compiled = Draft::compile(&files, environment.as_deref(), now as i64)?;
        let Compiled { findings, draft, asked } = compiled;
        self.asked = asked;
        let counted = draft.is_some();
        if let Some(draft) = draft {
            self.adopt(Rules::Draft(Box::new(draft)));
        }
        let model = match &self.rules {
            Some(Rules::Draft(draft)) => Some(draft.model()),
            Some(Rules::Signed(_)) | None => None,
        };
        Ok(value(&Told { findings, model, counted })?)
    }

    /// Counts by a snapshot that TRUST.json's text accepts at a moment. Throws the code of its refusal, and what was counted by before stays.
    pub fn open(&mut self, snapshot: Vec<u8>, trust: &str, now: f64) -> Result<(), JsValue> {
        let trust = trust::read(trust)?;
        let verified = verify(snapshot, &trust, now as i64, None).and_then(Verified::whole);
        let program = verified.and_then(Program::new).map_err(|refusal| JsValue::from(refusal.code.name()))?;
        self.adopt(Rules::Signed(Box::new(program)));
        Ok(())
    }

    /// The moment at which a page decides whose clock shows `now`: within a snapshot's time. A draft has none.
    pub fn moment(&self, now: f64) -> f64 {
        match &self.rules {
            Some(Rules::Signed(program)) => told::moment(program, now),
            Some(Rules::Draft(_)) | None => now,
        }
    }

    /// Takes a list file. Of a draft, if it names a file of that path, or one alone of that name in any folder: it is there from the next compilation
    /// on. Of a snapshot, whatever it is named, if its bytes were signed. Returns whether it is one of theirs.
    #[wasm_bindgen(js_name = putList)]
    pub fn put_list(&mut self, name: &str, bytes: Vec<u8>) -> bool {
        self.kept.clear();
        match &mut self.rules {
            Some(Rules::Signed(program)) => {
                let files = (0..limits::LIST_FILES).take_while(|file| program.snapshot().list_digest(*file).is_some());
                let files: Vec<usize> = files.collect();
                let mut puts = files.into_iter().map(|file| program.put_list(file, bytes.clone()));
                // Another's bytes.
                puts.any(|put| !matches!(put, Err(refusal) if refusal.code == Code::DigestMismatch))
            }
            Some(Rules::Draft(_)) | None => {
                let is_asked = self.asked.iter().any(|path| plain(path) == name) || self.is_one(name);
                if is_asked {
                    self.lists.insert(name.to_owned(), bytes);
                }
                is_asked
            }
        }
    }
}

impl Workbench {
    /// Changes rules. What was kept of people stays true if attributes are declared as before.
    fn adopt(&mut self, rules: Rules) {
        let before = self.rules.as_ref().map(|rules| declared(rules.program()));
        if before != Some(declared(rules.program())) {
            self.kept.clear();
        }
        self.rules = Some(rules);
    }

    /// Files as JSON text: texts by their paths. List files that were given are added where rules named them, in any folder.
    fn files(&self, files: &str) -> Result<Files, String> {
        let files: BTreeMap<String, String> = serde_json::from_str(files).map_err(|error| format!("files: {error}"))?;
        let texts = files.into_iter().map(|(path, text)| (path, text.into_bytes()));
        let mut files = Files::new();
        files.extend(texts);
        for path in &self.asked {
            let name = file_name(path);
            let given = self.lists.get(&plain(path)).or_else(|| self.lists.get(name).filter(|_| self.is_one(name)));
            if let Some(bytes) = given.filter(|_| !files.contains_key(path)) {
                files.insert(path.clone(), bytes.clone());
            }
        }
        Ok(files)
    }

    /// Whether the draft names one list file alone of a name: of two in different folders, the name does not tell which is meant.
    fn is_one(&self, name: &str) -> bool {
        let paths = self.asked.iter().filter(|path| file_name(path) == name);
        let mut paths = paths.map(|path| plain(path));
        let first = paths.next();
        first.is_some() && paths.all(|path| Some(path) == first)
    }

    fn rules(&self) -> Result<&Rules, Thrown> {
        let message = "there are no rules yet: compile a draft without errors, or open a snapshot".to_owned();
        self.rules.as_ref().ok_or(Thrown { code: "NO_RULES", message })
    }

    fn program(&self) -> Result<&Program, Thrown> {
        self.rules().map(Rules::program)
    }

    fn draft(&self) -> Result<&Draft, Thrown> {
        match self.rules()? {
            Rules::Draft(draft) => Ok(draft),
            Rules::Signed(_) => {
                let message = "a snapshot is open, which is no draft: compile one".to_owned();
                Err(Thrown { code: "NO_DRAFT", message })
            }
        }
    }

    fn people(&self) -> Result<&People, Thrown> {
        self.rules()?;
        let message = "nobody is to be counted yet: read a file of people".to_owned();
        self.people.as_ref().ok_or(Thrown { code: "NO_PEOPLE", message })
    }
}

/// A path from the folder, as a URL has it: the server names its lists so.
fn plain(path: &str) -> String {
    path.split('/').filter(|part| *part != ".").collect::<Vec<_>>().join("/")
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
