//! What the workbench is asked of its rules and people. Moments are milliseconds since 1970.

use wasm_bindgen::prelude::*;

use super::{Rules, Thrown, Workbench};
use crate::told::{self, people, value};
use waft_explain::decision::{self, Explanation};
use waft_explain::draft::{Draft, Note};
use waft_explain::population::{Kind, Truths};
use waft_explain::{context, segments};

#[wasm_bindgen]
impl Workbench {
    /// How many people are in each segment; of a draft, in each part of its condition, too.
    pub fn count(&self, now: f64) -> Result<JsValue, JsValue> {
        let table = &self.people()?.table;
        Ok(match self.rules()? {
            Rules::Draft(draft) => value(&draft.count(table, now as i64)),
            Rules::Signed(program) => value(&table.count(program, now as i64)),
        }?)
    }

    /// For how many people a condition of a draft's language holds, and each of its parts.
    #[wasm_bindgen(js_name = countCondition)]
    pub fn count_condition(&self, yaml: &str, now: f64) -> Result<JsValue, JsValue> {
        let counted = self.draft()?.count_condition(yaml, &self.people()?.table, now as i64).map_err(Thrown::from)?;
        Ok(value(&counted)?)
    }

    /// A segment's people by their value of an attribute.
    pub fn breakdown(&self, segment: &str, attribute: &str, now: f64) -> Result<JsValue, JsValue> {
        let truths = self.truths(segment, now)?;
        Ok(value(&self.people()?.table.breakdown(self.program()?, &truths, attribute))?)
    }

    /// How many are in both, one or neither of two segments.
    pub fn overlap(&self, one: &str, other: &str, now: f64) -> Result<JsValue, JsValue> {
        let (one, other) = (self.truths(one, now)?, self.truths(other, now)?);
        Ok(value(&self.people()?.table.overlap(&one, &other))?)
    }

    /// Some of those who match a segment, do not, or of whom it is not known.
    #[wasm_bindgen(js_name = people)]
    pub fn rows(&self, segment: &str, kind: &str, from: usize, count: usize, now: f64) -> Result<JsValue, JsValue> {
        let kind = Kind::named(kind).ok_or_else(|| format!("{kind}: expected matches, others or unknown"))?;
        let truths = self.truths(segment, now)?;
        Ok(value(&self.people()?.table.people(self.program()?, &truths, kind, from, count))?)
    }

    /// The values of an attribute that begin with a text.
    pub fn values(&self, attribute: &str, prefix: &str, limit: usize) -> Result<JsValue, JsValue> {
        Ok(value(&self.people()?.table.values(self.program()?, attribute, prefix, limit))?)
    }

    /// For how many people a flag evaluates to each variant: `{variant: people}`, and under an
    /// empty key those who get the caller's default.
    pub fn decide(&mut self, flag: &str, now: f64) -> Result<JsValue, JsValue> {
        let kept = std::mem::take(&mut self.kept);
        let (program, table) = (self.program()?, &self.people()?.table);
        let index = program.find(flag.as_bytes()).ok_or_else(|| format!("no flag is named {flag}"))?;
        let (counts, kept) = table.decide(program, index, now as i64, kept);
        let counted = people(program, index, counts)?;
        self.kept = kept;
        Ok(counted)
    }

    /// How far people come with a rule of a flag that names a trial; with an attribute that is a date, how many come a day, too.
    pub fn trial(&mut self, flag: &str, rule: &str, date: Option<String>, now: f64) -> Result<JsValue, JsValue> {
        let kept = std::mem::take(&mut self.kept);
        let (program, table) = (self.program()?, &self.people()?.table);
        let (counted, kept) = table.trial(program, [flag, rule], date.as_deref(), now as i64, kept);
        let counted = counted.ok_or_else(|| format!("no rule {rule} of the flag {flag} names a trial"))?;
        let counted = value(&counted)?;
        self.kept = kept;
        Ok(counted)
    }

    /// Every flag for a context (JSON text): an [`Explanation`] by each flag's key.
    pub fn explain(&self, context: &str, now: f64) -> Result<JsValue, JsValue> {
        let program = self.program()?;
        let context = context::read(context)?;
        let mut session = context::session(program, &context);
        let flags = decision::flags(program, None).into_iter();
        let mut explain = |flag| Explanation::of(program, flag, &mut session, &context, now as i64);
        Ok(told::map(flags.map(|(flag, key)| (key, explain(flag))))?)
    }

    /// Every segment, and whether a context (JSON text) is in it: see [`segments::tell`].
    pub fn segments(&self, context: &str, now: f64) -> Result<JsValue, JsValue> {
        let program = self.program()?;
        let context = context::read(context)?;
        let mut session = context::session(program, &context);
        Ok(value(&segments::tell(program, &mut session, &context, now as i64))?)
    }

    /// What a draft changes of other files (JSON text, as of `compile`), and who gets something else if people were read.
    pub fn diff(&self, files: &str, now: f64) -> Result<JsValue, JsValue> {
        let (draft, base) = self.both(files, now)?;
        let table = self.people.as_ref().map(|people| &people.table);
        Ok(value(&draft.diff(base.program(), table, now as i64)?)?)
    }

    /// What a draft changes of what has started in other files, and may not: findings, as `waft lint --against` has them.
    pub fn against(&self, files: &str, now: f64) -> Result<JsValue, JsValue> {
        let (draft, base) = self.both(files, now)?;
        Ok(value(&draft.against(base.program(), now as i64))?)
    }
}

impl Workbench {
    /// The draft, and that of other files for the same environment.
    fn both(&self, files: &str, now: f64) -> Result<(&Draft, Box<Draft>), JsValue> {
        let draft = self.draft()?;
        let environment = draft.model().environment.as_str();
        let base = Draft::compile(&self.files(files)?, Some(environment), now as i64)?;
        let errors = base.findings.into_iter().filter(|note| note.severity == "error").collect::<Vec<Note>>();
        Ok((draft, base.draft.map(Box::new).ok_or_else(|| Thrown::from(errors))?))
    }

    fn truths(&self, segment: &str, now: f64) -> Result<Truths, JsValue> {
        let truths = self.people()?.table.truths(self.program()?, segment, now as i64);
        Ok(truths.ok_or_else(|| format!("no segment is named {segment}"))?)
    }

    /// Prepares everybody's units, which the first flag would wait for.
    pub(super) fn prepare(&mut self) {
        let kept = std::mem::take(&mut self.kept);
        if let (Some(rules), Some(people)) = (&self.rules, &self.people) {
            self.kept = people.table.prepare(rules.program(), kept);
        }
    }
}
